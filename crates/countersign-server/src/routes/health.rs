//! Whether the server lives, and whether it can do its work.

use axum::extract::State;
use serde_json::json;

use crate::{App, error::ApiError, reply::Reply};

/// `GET /healthz`: the process answers.
pub(crate) async fn live() -> Result<Reply, ApiError> {
    Reply::ok(&json!({ "status": "ok" }))
}

/// `GET /readyz`: the store answers too.
pub(crate) async fn ready(State(app): State<App>) -> Result<Reply, ApiError> {
    app.store().ping().await?;
    Reply::ok(&json!({ "status": "ok" }))
}

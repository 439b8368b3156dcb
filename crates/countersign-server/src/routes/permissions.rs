//! `GET /api/v2/permissions`: the catalogue, unpaged, as clients of the public service expect.

use axum::extract::State;
use jsonapi_model::ListDocument;

use crate::{App, error::ApiError, reply::Reply, wire};

pub(crate) async fn list(State(app): State<App>) -> Result<Reply, ApiError> {
    let all = app.catalogue().all().iter().map(wire::permission).collect();
    Reply::ok(&ListDocument::<_>::new(all))
}

//! What a handler needs to record a change in the audit log, and the record of refused ones.

use std::borrow::Cow;

use auth_model::{AuditEvent, AuditEventId, AuditOutcome, OrgId, Purpose, UserId};
use axum::{
    extract::FromRequestParts,
    http::{Method, StatusCode, request::Parts},
};

use crate::{
    App,
    caller::Caller,
    endpoint::RouteInfo,
    error::{ApiError, chain},
    middleware::Arrival,
};

/// The name of the route that a request has taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Action(pub(crate) &'static str);

/// A change that a user's request is about to make: named like its route.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    action: &'static str,
    arrival: Arrival,
    org: OrgId,
    user: UserId,
}

impl Change {
    /// The change's audit event, to be completed and handed to the store along with the change.
    pub(crate) fn event(&self, app: &App) -> Result<AuditEvent, ApiError> {
        let id = AuditEventId::new(app.clock(), app.randomness())?;
        let mut event = AuditEvent::change(id, app.clock().now(), self.org, self.action);
        event.user = Some(self.user);
        event.source = self.arrival.source;
        event.request_id = self.arrival.request_id.clone();
        Ok(event)
    }

    /// The same, with a few words on what is changed.
    pub(crate) fn of(&self, app: &App, detail: impl Into<String>) -> Result<AuditEvent, ApiError> {
        let mut event = self.event(app)?;
        event.detail = detail.into();
        Ok(event)
    }
}

impl FromRequestParts<App> for Change {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let arrival = Arrival::from_request_parts(parts, app).await?;
        let action = parts.extensions.get::<Action>().map_or("change", |action| action.0);
        Ok(Self { action, arrival, org: caller.org(), user: caller.user() })
    }
}

/// Whether a refusal belongs into the organization's audit log: whoever tried to change something, and whoever lacked a permission.
pub(crate) fn is_recorded(route: &RouteInfo, status: StatusCode) -> bool {
    let changes = route.method != Method::GET;
    status == StatusCode::FORBIDDEN
        || changes && (status.is_client_error() || status.is_server_error())
}

/// Records that a known caller was refused. A log that can't be written changes nothing for one who gets nothing anyway.
pub(crate) async fn record_refusal(
    app: &App,
    action: &'static str,
    (org, user): (OrgId, UserId),
    arrival: &Arrival,
    error: &ApiError,
) {
    let Ok(id) = AuditEventId::new(app.clock(), app.randomness()) else { return };
    let outcome = match error.status.is_server_error() {
        true => AuditOutcome::Failed,
        false => AuditOutcome::Refused,
    };
    let purpose = Purpose::Change(Cow::Borrowed(action));
    let mut event = AuditEvent::new(id, app.clock().now(), purpose, outcome);
    event.org = Some(org);
    event.user = Some(user);
    event.source = arrival.source;
    event.request_id = arrival.request_id.clone();
    event.reason = Cow::Borrowed(reason(error.status));
    event.detail = error.detail.as_deref().map(shortened).unwrap_or_default();
    if let Err(error) = app.store().record(&event).await {
        tracing::error!(error = %chain(&error), "a refusal could not be recorded");
    }
}

/// A word for programs.
fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::CONFLICT => "conflict",
        StatusCode::TOO_MANY_REQUESTS => "throttled",
        status if status.is_server_error() => "failed",
        _ => "invalid",
    }
}

/// What callers sent may stand in an error's words; the log keeps little of it.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_DETAIL).collect()
}

const MAX_DETAIL: usize = 300;

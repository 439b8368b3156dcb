//! Errors on their way to HTTP. What form they take is the endpoint's to say; see `reply`.

use std::{borrow::Cow, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use mapping_store::StoreError;
use single_sign_on::Refusal;

/// An answer other than success. Boxed, because it travels in many results and is rare in all of them.
#[derive(Clone, Debug)]
pub(crate) struct ApiError(Box<Answer>);

/// What the answer says.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Short and the same for every error of its kind. Empty: the status's own words.
    pub(crate) title: Cow<'static, str>,
    /// What is wrong with this request, and what to change.
    pub(crate) detail: Option<String>,
    /// Which part of the body it is about, as a JSON pointer.
    pub(crate) pointer: Option<String>,
    /// Which query parameter it is about.
    pub(crate) parameter: Option<String>,
    /// More for programs.
    pub(crate) meta: Option<serde_json::Value>,
    /// What OAuth calls it, where the status does not say.
    pub(crate) oauth: Option<&'static str>,
    /// The public service leaves `status` out of some of its error objects; clients compare.
    pub(crate) without_status_member: bool,
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let mut error = Self::bare(status);
        error.detail = Some(detail.into());
        error
    }

    /// Without detail, where there is nothing to say that the status does not.
    pub(crate) fn bare(status: StatusCode) -> Self {
        Self(Box::new(Answer {
            status,
            title: Cow::Borrowed(""),
            detail: None,
            pointer: None,
            parameter: None,
            meta: None,
            oauth: None,
            without_status_member: false,
            retry_after: None,
        }))
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found() -> Self {
        Self::bare(StatusCode::NOT_FOUND)
    }

    /// The form of the public service's own rule violations: titled alike, without a status member.
    pub(crate) fn generic(status: StatusCode, detail: impl Into<String>) -> Self {
        let mut error = Self::new(status, detail).titled("Generic Error");
        error.without_status_member = true;
        error
    }

    pub(crate) fn titled(mut self, title: &'static str) -> Self {
        self.title = Cow::Borrowed(title);
        self
    }

    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    pub(crate) fn parameter(mut self, name: impl Into<String>) -> Self {
        self.parameter = Some(name.into());
        self
    }

    /// Whose code in OAuth's form is another than that of its status.
    pub(crate) fn oauth(mut self, code: &'static str) -> Self {
        self.oauth = Some(code);
        self
    }

    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Our own fault: logged here with its cause, answered without it.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %chain(error), "a request failed for a reason of our own");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal error; the log has the cause under this answer's `x-request-id`",
        )
    }

    pub(crate) fn title(&self) -> &str {
        if self.title.is_empty() {
            self.status.canonical_reason().unwrap_or("Error")
        } else {
            &self.title
        }
    }
}

impl std::ops::Deref for ApiError {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

impl std::ops::DerefMut for ApiError {
    fn deref_mut(&mut self) -> &mut Answer {
        &mut self.0
    }
}

impl From<auth_model::RandomnessError> for ApiError {
    fn from(error: auth_model::RandomnessError) -> Self {
        Self::internal(&error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::error!(error = %chain(&error), "the store is unavailable");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store is unavailable; try again")
                    .retry_after(Duration::from_secs(1))
            }
            StoreError::Duplicate { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            StoreError::Missing { .. } | StoreError::Nul { .. } => {
                Self::bad_request(error.to_string())
            }
            StoreError::LastAdmin | StoreError::Full { .. } => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            StoreError::AccountNotIntegrated => Self::generic(
                StatusCode::BAD_REQUEST,
                "AWS Account Id is not integrated with this Datadog account",
            ),
            _ => Self::internal(&error),
        }
    }
}

impl From<Refusal> for ApiError {
    /// Where nobody signs in, nobody is refused: what is left is our own fault.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            other => Self::internal(&other),
        }
    }
}

impl From<jsonapi_model::QueryError> for ApiError {
    fn from(error: jsonapi_model::QueryError) -> Self {
        Self::bad_request(error.to_string()).parameter(error.parameter)
    }
}

impl IntoResponse for ApiError {
    /// The error travels in the response's extensions until the endpoint's layer gives it its form.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |e| (*e).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

//! Errors, in both forms that the public service has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// JSON:API error objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorObjects {
    /// At least one.
    pub errors: Vec<ErrorObject>,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorObject {
    /// The HTTP status, as a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The same for every error of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is wrong with this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ErrorSource>,
    /// More for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<serde_json::Value>,
}

/// Where in a request an error is. One of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorSource {
    /// A JSON pointer into the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// A query parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

/// Errors as plain strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorStrings {
    /// At least one.
    pub errors: Vec<String>,
}

/// An error of OAuth's endpoints (RFC 6749 §5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OauthError {
    /// One of the registered codes, such as `invalid_request`.
    pub error: String,
    /// What is wrong, in printable ASCII without `"` and `\`.
    pub error_description: String,
}

/// Either form, for those who read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum WireErrors {
    /// Plain strings.
    Strings(ErrorStrings),
    /// Error objects.
    Objects(ErrorObjects),
}

impl WireErrors {
    /// What the errors say, one by one.
    pub fn messages(&self) -> Vec<&str> {
        match self {
            Self::Strings(body) => body.errors.iter().map(String::as_str).collect(),
            Self::Objects(body) => body
                .errors
                .iter()
                .filter_map(|error| error.detail.as_deref().or(error.title.as_deref()))
                .collect(),
        }
    }
}

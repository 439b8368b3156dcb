//! The lines to paste into a shell, so that real clients work at once.

use serde_json::{Value, json};
use sts_emulator::Credentials;

use super::{self_check::Report, shown, state::FirstUser};

/// What the lines say.
pub(crate) struct Lines<'a> {
    pub(crate) url: &'a str,
    pub(crate) sts: &'a str,
    pub(crate) first: &'a FirstUser,
    pub(crate) persona: &'a Credentials,
    pub(crate) intake: &'a Credentials,
}

impl Lines<'_> {
    fn variables(&self) -> Vec<(String, String)> {
        let FirstUser { org, api_key, app_key } = self.first;
        let mut all = vec![
            ("DD_HOST".to_owned(), self.url.to_owned()),
            ("DD_API_KEY".to_owned(), api_key.clone()),
            ("DD_APP_KEY".to_owned(), app_key.clone()),
            ("DD_ORG_UUID".to_owned(), org.clone()),
        ];
        all.extend(aws("", self.persona));
        // The older AWS tools read the second name only.
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            all.push((name.to_owned(), "us-east-1".to_owned()));
        }
        all.push(("AWS_ENDPOINT_URL_STS".to_owned(), self.sts.to_owned()));
        all.extend(aws("AGENT_", self.intake));
        all
    }

    /// `export NAME=value` lines. No value needs quotes.
    pub(crate) fn text(&self) -> String {
        let lines = self.variables().into_iter();
        lines.map(|(name, value)| format!("export {name}={value}\n")).collect()
    }

    /// The same, with what the self-check saw, for programs.
    pub(crate) fn json(&self, report: &Report) -> Value {
        let environment: serde_json::Map<_, _> =
            self.variables().into_iter().map(|(name, value)| (name, value.into())).collect();
        json!({
            "url": self.url,
            "sts_url": self.sts,
            "environment": environment,
            "self_check": {
                "access_token": {
                    "caller": report.persona_arn,
                    "acts_as": report.acts_as,
                    "seconds": report.token_seconds,
                },
                "managed_key": { "caller": report.intake_arn, "last4": report.key_ends_with },
            },
        })
    }
}

/// The usual names of AWS credentials.
fn aws(prefix: &str, credentials: &Credentials) -> Vec<(String, String)> {
    let token = credentials.session_token.as_ref();
    let mut variables = vec![
        (format!("{prefix}AWS_ACCESS_KEY_ID"), credentials.access_key_id.clone()),
        (
            format!("{prefix}AWS_SECRET_ACCESS_KEY"),
            shown(&credentials.secret_access_key).to_owned(),
        ),
    ];
    variables.extend(token.map(|t| (format!("{prefix}AWS_SESSION_TOKEN"), shown(t).to_owned())));
    variables
}

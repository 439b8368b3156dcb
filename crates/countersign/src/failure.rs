//! How a command fails: a message that says what to do, and an exit code.

use std::process::ExitCode;

use countersign_client::ClientError;

use crate::{cli::Output, output};

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: 2, error: error.into() }
    }

    /// The same, with what was going on.
    pub(crate) fn context(self, what: &'static str) -> Self {
        Self { error: self.error.context(what), ..self }
    }

    /// The same, with more at the end of what it says.
    pub(crate) fn adding(self, more: &str) -> Self {
        Self { error: anyhow::anyhow!("{:#}{more}", self.error), ..self }
    }

    /// Whether trying again may help.
    pub(crate) fn may_pass(&self) -> bool {
        self.code == 4
    }

    /// What it says, on one line or several.
    pub(crate) fn sentence(&self) -> String {
        format!("{:#}", self.error)
    }

    /// Says it on standard error, in the form asked for.
    pub(crate) fn report(self, form: Output) -> ExitCode {
        output::failed(form, &self.sentence(), self.code);
        ExitCode::from(self.code)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let code = error.downcast_ref::<ClientError>().map_or(1, code_of);
        Self { code, error }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self { code: code_of(&error), error: error.into() }
    }
}

fn code_of(error: &ClientError) -> u8 {
    match (error.status(), error) {
        (Some(status), _) if status == 429 || status >= 500 => 4,
        (Some(_), _) => 3,
        (None, ClientError::Unreachable { .. }) => 4,
        (None, _) => 1,
    }
}

//! How invitations reach those who are invited: by a program that the operator names, otherwise by a line in the log.

use std::{process::Stdio, sync::Arc, time::Duration};

use auth_model::{Invitation, User};
use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::config;

/// The way that invitations go.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    /// A line in the log, with ids and no address.
    Log,
    /// The program is started for each, with the invitation as JSON on its standard input.
    Program(Arc<[String]>),
}

impl Delivery {
    pub(crate) fn configured(settings: &config::Invitations) -> Self {
        match settings.delivery_command.as_slice() {
            [] => Self::Log,
            command => Self::Program(command.into()),
        }
    }

    /// Sends it on its way. What comes of it is in the log: whoever invited has the invitation either way.
    pub(crate) fn send(&self, invitation: Invitation, user: User, url: String) {
        tracing::info!(
            invitation.id = %invitation.id, user.id = %invitation.user, org.id = %invitation.org,
            "a user is invited; `invitations.delivery_command` delivers invitations"
        );
        if let Self::Program(command) = self {
            let command = Arc::clone(command);
            tokio::spawn(async move {
                let id = invitation.id;
                if let Err(error) = run(&command, &invitation, &user, &url).await {
                    tracing::error!(invitation.id = %id, %error, "the invitation was not delivered");
                }
            });
        }
    }
}

async fn run(
    command: &[String],
    invitation: &Invitation,
    user: &User,
    url: &str,
) -> std::io::Result<()> {
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    let message = json!({
        "invitation_id": invitation.id.to_string(),
        "org_id": invitation.org.to_string(),
        "user_id": user.id.to_string(),
        "email": user.email,
        "name": user.name,
        "expires_at": jsonapi_model::time::zulu_micros(invitation.expires_at.unix_micros()),
        "url": url,
    });
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let finished = async {
        if let Some(mut input) = child.stdin.take() {
            input.write_all(message.to_string().as_bytes()).await?;
        }
        child.wait().await
    };
    match tokio::time::timeout(PATIENCE, finished).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(std::io::Error::other(format!("the program ended with {status}"))),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(std::io::Error::other("the program took more than 30 s and was ended")),
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

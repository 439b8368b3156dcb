//! `countersign login`

use auth_model::Clock;

use crate::{
    cli::{Connection, Output},
    connection,
    failure::Failure,
    output,
};

pub(crate) async fn run(args: &Connection, form: Output) -> Result<(), Failure> {
    let client = connection::client(args).await?;
    let token = client.access_token().await?;
    let seconds = token.expires_at().since(auth_model::SystemClock.now()).as_secs();
    match form {
        Output::Token => output::line(token.expose()),
        Output::Env => {
            output::line(&format!("export DD_BEARER_TOKEN={}", token.expose()));
            output::line(&format!("export DD_HOST={}", args.url));
        }
        Output::Json => output::json(&serde_json::json!({
            "access_token": token.expose(),
            "expires": token.expires_at().unix_seconds(),
            "expires_in": seconds,
        }))?,
        Output::Table => {
            output::line(token.expose());
            output::note(&format!(
                "Valid for {seconds} s. `eval \"$(countersign login --output env)\"` puts it into the environment."
            ));
        }
    }
    Ok(())
}

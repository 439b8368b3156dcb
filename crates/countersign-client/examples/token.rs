//! Prints until when a token is good that the AWS credentials of this machine obtain; the token itself with `--show`.
//!
//! `DD_HOST=https://countersign.example DD_ORG_UUID=… cargo run -p countersign-client --example token`

use std::{env, error::Error, process::ExitCode, sync::Arc};

use auth_model::SystemClock;
use countersign_client::{AwsChain, AwsChainOptions, Client, ClientConfig, Url};

#[tokio::main]
#[expect(clippy::print_stderr, reason = "an example's output")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example's output")]
async fn run() -> Result<(), Box<dyn Error>> {
    let chain = AwsChain::load(AwsChainOptions::default()).await;
    let mut config =
        ClientConfig::new(Url::parse(&env::var("DD_HOST")?)?, env::var("DD_ORG_UUID")?.parse()?);
    config.region = chain.region().map(str::to_owned);

    let client = Client::new(config, Arc::new(chain), Arc::new(SystemClock))?;
    let token = client.access_token().await?;
    if env::args().any(|argument| argument == "--show") {
        println!("{}", token.expose());
    } else {
        println!("good until {} (Unix seconds)", token.expires_at().unix_seconds());
    }
    Ok(())
}

//! Sends with a managed API key that is never written down: a request each ten seconds, whose `DD-API-KEY` follows the
//! keeper's channel, and a nudge where the key is refused.
//!
//! `DD_HOST=https://countersign.example DD_ORG_UUID=… cargo run -p countersign-client --example rotating_key`

use std::{env, error::Error, process::ExitCode, sync::Arc, time::Duration};

use auth_model::{OsRandomness, SystemClock};
use countersign_client::{
    AwsChain, AwsChainOptions, Client, ClientConfig, CurrentKey, KeeperSettings, KeyKeeper,
    StatusCode, Url,
};
use reqwest::{header::HeaderValue, redirect};
use tokio::sync::watch;

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
    let server = Url::parse(&env::var("DD_HOST")?)?;
    let chain = AwsChain::load(AwsChainOptions::default()).await;
    let config = ClientConfig::new(server.clone(), env::var("DD_ORG_UUID")?.parse()?);
    let client = Arc::new(Client::new(config, Arc::new(chain), Arc::new(SystemClock))?);

    let (clock, randomness) = (Arc::new(SystemClock), Arc::new(OsRandomness));
    let keeper = KeyKeeper::start(client, KeeperSettings::default(), clock, randomness).await;
    println!("{:#?}", keeper.status());

    // A key is not to follow a redirect to somebody else.
    let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build()?;
    let intake = Sender { http, url: server.join("api/v1/validate")?, keys: keeper.keys() };
    loop {
        match intake.send().await? {
            Some(StatusCode::FORBIDDEN) => {
                println!("refused; asking for a fresh key");
                keeper.nudge();
            }
            Some(status) => println!("status {status} with {:?}", keeper.key()),
            None => println!("no key yet: {:?}", keeper.status().last_error),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(10)) => {}
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    keeper.stop().await;
    Ok(())
}

/// Knows the key's channel, not who fills it.
struct Sender {
    http: reqwest::Client,
    url: Url,
    keys: watch::Receiver<Option<CurrentKey>>,
}

impl Sender {
    /// The status, if there was a key to send with.
    async fn send(&self) -> Result<Option<StatusCode>, Box<dyn Error>> {
        let Some(key) = self.keys.borrow().clone() else { return Ok(None) };
        let mut value = HeaderValue::from_str(key.expose())?;
        value.set_sensitive(true);
        let answer = self.http.get(self.url.clone()).header("dd-api-key", value).send().await?;
        Ok(Some(answer.status()))
    }
}

//! Sends a request with the bearer on it, and asks the API whom it acts as.
//!
//! `DD_HOST=https://countersign.example DD_ORG_UUID=… cargo run -p countersign-client --example authenticated_request`

use std::{env, error::Error, process::ExitCode, sync::Arc};

use auth_model::SystemClock;
use countersign_client::{
    ApiClient, AuthenticatedClient, AwsChain, AwsChainOptions, Client, ClientConfig, Method, Url,
};

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
    let chain = Arc::new(AwsChain::load(AwsChainOptions::default()).await);
    let config =
        ClientConfig::new(Url::parse(&env::var("DD_HOST")?)?, env::var("DD_ORG_UUID")?.parse()?);
    let client = Arc::new(Client::new(config, chain, Arc::new(SystemClock))?);

    let http = AuthenticatedClient::new(Arc::clone(&client));
    let request = http.request(Method::GET, "/api/v2/current_user")?.header("accept", "*/*");
    println!("status {}", http.send(request).await?.status());

    let me = ApiClient::of(client).current_user().await?;
    println!("acting as {}", me.data.attributes.handle);
    Ok(())
}

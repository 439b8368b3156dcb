//! Requests with a bearer that is put on and kept fresh, and the API's own calls over the same exchange:
//! `DD_HOST=… DD_ORG_UUID=… cargo run --example reqwest_layer`.

use std::env;

use countersign_client::{ApiClient, AuthenticatedClient, AwsChain, Exchange};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = env::var("DD_HOST")?.parse()?;
    let org = env::var("DD_ORG_UUID")?.parse()?;
    let exchange = Exchange::builder(server, org, AwsChain::load().await).build()?;

    // Any request; the token is fetched now, and again when it has to be.
    let client = AuthenticatedClient::new(exchange.clone());
    for path in ["/api/v2/current_user", "/api/v2/cloud_auth/aws/persona_mapping"] {
        let answer = client.get(path).send().await?;
        say(&format!("{path}: {}", answer.status()));
    }

    // Typed calls; clones of an exchange share the token.
    let user = ApiClient::over(exchange).current_user().await?;
    say(&format!("acting as {} with roles {:?}", user.attributes.handle, user.roles));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example is there to show something")]
fn say(line: &str) {
    println!("{line}");
}

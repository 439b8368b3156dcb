//! Prints what this machine's AWS credentials are worth: `DD_HOST=… DD_ORG_UUID=… cargo run --example token`.

use std::env;

use countersign_client::{AwsChain, Exchange};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let chain = AwsChain::load().await;
    let region = chain.region().map(str::to_owned);
    let server = env::var("DD_HOST")?.parse()?;
    let mut builder = Exchange::builder(server, env::var("DD_ORG_UUID")?.parse()?, chain);
    if let Some(region) = region {
        builder = builder.region(region);
    }
    let token = builder.build()?.access_token().await?;
    say(&format!(
        "a token of {} bytes, good until {} (unix seconds)",
        token.expose().len(),
        token.expires_at().unix_seconds()
    ));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example is there to show something")]
fn say(line: &str) {
    println!("{line}");
}

//! `countersign sts`: the local STS alone.

use anyhow::Context;
use auth_model::OsRandomness;
use sts_emulator::{Fixture, StsEmulator};

use crate::{
    cli::{Output, Sts},
    failure::Failure,
    output, signals,
};

pub(crate) async fn run(args: Sts, form: Output) -> Result<(), Failure> {
    let mut builder = StsEmulator::builder()
        .listen(args.listen)
        .fresh_seed(&OsRandomness)
        .context("no random bytes")?;
    if let Some(path) = &args.fixture {
        builder = builder.fixture(read(path).map_err(Failure::usage)?);
    }
    if let (Some(certificate), Some(key)) = (&args.tls_certificate, &args.tls_private_key) {
        let [certificate, key] = [bytes(certificate)?, bytes(key)?];
        builder = builder.tls(&certificate, &key).map_err(Failure::usage)?;
    }
    let emulator = builder.start().await.context("the local STS did not start")?;
    let url = emulator.url();
    let sentence = format!(
        "The local STS listens on {url}\n\n\
         export AWS_ENDPOINT_URL_STS={url}\n\n\
         Make credentials:   curl -X POST {url}/_control/credentials -H 'Content-Type: application/json' \\\n\
         {space}-d '{{\"account\":\"123456789012\",\"principal\":{{\"user\":{{\"name\":\"alice\"}}}}}}'\n\
         See what it received: curl {url}/_control/requests\n\
         Stop it with Ctrl-C.",
        space = " ".repeat(20),
    );
    output::done(form, &sentence, &serde_json::json!({ "url": url }))?;
    output::flush();
    signals::stop().await.context("can't wait for signals")?;
    emulator.shutdown().await;
    Ok(())
}

fn bytes(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .with_context(|| format!("can't read `{}`", path.display()))
        .map_err(Failure::usage)
}

fn read(path: &std::path::Path) -> anyhow::Result<Fixture> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("can't read the fixture `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is no fixture", path.display()))
}

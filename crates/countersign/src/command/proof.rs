//! `countersign proof`

use std::io::Read;

use anyhow::Context;
use auth_model::{Clock, SystemClock};
use sts_proof::{ProofPolicy, UnverifiedProof};

use crate::{
    cli::{Connection, Output, ProofCommand},
    connection,
    failure::Failure,
    output,
};

pub(crate) async fn run(args: ProofCommand, form: Output) -> Result<(), Failure> {
    match args {
        ProofCommand::Make(connection) => make(&connection, form).await,
        ProofCommand::Inspect { proof } => inspect(&proof, form),
    }
}

async fn make(args: &Connection, form: Output) -> Result<(), Failure> {
    let proof = connection::client(args).await?.proof().await?;
    let header = format!("Delegated {}", proof.expose());
    output::done(form, &header, &serde_json::json!({ "authorization": header }))?;
    if form == Output::Table {
        output::note(
            "Send it as `Authorization` of POST /api/v2/delegated-token or /api/v2/intake-key. It is a secret until it is too old.",
        );
    }
    Ok(())
}

fn inspect(given: &str, form: Output) -> Result<(), Failure> {
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        std::io::stdin().read_to_string(&mut text).context("can't read standard input")?;
    }
    let text = text.trim();
    let text = text.strip_prefix("Authorization:").map_or(text, str::trim);
    let parsed = if text.starts_with("Delegated ") {
        UnverifiedProof::parse_authorization(text)
    } else {
        UnverifiedProof::parse(text)
    };
    let proof = parsed.context("this is no proof that a server would take")?;
    let now = SystemClock.now();
    let age = (now.unix_seconds() - proof.signed_at().unix_seconds()).to_string();
    let signed_at = jsonapi_model::time::zulu_micros(proof.signed_at().unix_micros());
    let facts = [
        ("organization", proof.claimed_org().to_string()),
        ("access key id", proof.access_key_id().to_owned()),
        ("STS host", proof.host_name().to_owned()),
        ("signed at", signed_at),
        ("age in seconds", age),
        ("hash", hex(&proof.hash())),
    ];
    let verdict = match proof.check(&ProofPolicy::default(), now) {
        Ok(_) => "acceptable: a server would ask STS whether the signature is right".to_owned(),
        Err(error) => format!("would be refused: {error}"),
    };
    if form == Output::Json {
        let mut object: serde_json::Map<_, _> =
            facts.map(|(name, value)| (name.replace(' ', "_"), value.into())).into_iter().collect();
        object.insert("verdict".to_owned(), verdict.into());
        return Ok(output::json(&object)?);
    }
    let mut rows: Vec<_> = facts.map(|(name, value)| vec![name.to_owned(), value]).into();
    rows.push(vec!["verdict".to_owned(), verdict]);
    output::table(&["", "claimed by the proof, not verified"], rows, "");
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

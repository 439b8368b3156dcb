//! `countersign dev`: the main job on one machine, with nothing installed.

mod lines;
mod population;
mod self_check;
mod state;

use anyhow::Context;
use auth_model::{ExposeSecret, OsRandomness, SystemClock};
use countersign_client::Url;
use countersign_server::{Bootstrap, Config, Running, config::LogFormat, load_master_key, start};
use sts_emulator::{AccountFixture, Fixture, RoleFixture, SessionFixture, StsEmulator};

use self::state::{DataFolder, Secrets};
use crate::{
    cli::{Dev, Output},
    failure::Failure,
    logging, output, signals,
};

/// The AWS account that exists in the local STS and is integrated.
const ACCOUNT: &str = "123456789012";
/// The role whose sessions act as the service account.
const PERSONA_ROLE: &str = "terraform-runner";
/// The role whose sessions may have the managed key.
const INTAKE_ROLE: &str = "DatadogAgentRole";

pub(crate) async fn run(args: Dev, form: Output) -> Result<(), Failure> {
    logging::set_up(&args.log, LogFormat::Text).map_err(Failure::usage)?;
    let folder = DataFolder::open(args.data.as_deref())?;
    let mut secrets = folder.secrets()?;
    let emulator = start_sts(&args, &secrets).await?;
    let running = start_server(&args, &folder, &emulator).await?;
    let url: Url = format!("http://{}", running.address())
        .parse()
        .context("the server's own address is no URL")?;

    let app = running.app().clone();
    let bootstrap = Bootstrap::new(app.store(), app.catalogue(), &SystemClock, &OsRandomness);
    if secrets.first_user.is_none() {
        secrets.first_user = Some(population::first_user(bootstrap).await?);
        folder.keep(&secrets)?;
    }
    let first = secrets.first_user.as_ref().context("there is no first user")?;
    population::over_the_api(&url, first).await?;

    let [persona, intake] = credentials(&emulator)?;
    let report = self_check::run(&url, first, persona, intake).await?;
    let url = url.as_str().trim_end_matches('/');
    let lines = lines::Lines { url, sts: &emulator.url(), first, persona, intake };
    match form {
        Output::Json => output::json(&lines.json(&report))?,
        _ => {
            report.show(url, &emulator.url(), &folder);
            output::line(&lines.text());
        }
    }
    output::flush();
    if let Some(path) = &args.env_file {
        private_file::write(path, lines.text().as_bytes(), None)
            .with_context(|| format!("can't write `{}`", path.display()))?;
    }
    if !args.once {
        output::note("Ready. Paste the lines above into another shell; stop with Ctrl-C.");
        signals::stop().await.context("can't wait for signals")?;
    }
    running.shut_down().await.context("the server did not stop cleanly")?;
    emulator.shutdown().await;
    Ok(())
}

async fn start_sts(args: &Dev, secrets: &Secrets) -> anyhow::Result<StsEmulator> {
    let role = |name: &str, session: &str| RoleFixture {
        name: name.to_owned(),
        sessions: vec![SessionFixture { name: session.to_owned(), ..SessionFixture::default() }],
        ..RoleFixture::default()
    };
    let account = AccountFixture {
        id: ACCOUNT.to_owned(),
        roles: vec![role(PERSONA_ROLE, "run-1"), role(INTAKE_ROLE, "i-0abc123def456")],
        ..AccountFixture::default()
    };
    StsEmulator::builder()
        .listen(args.sts_listen)
        .seed(secrets.sts_seed)
        .fixture(Fixture { accounts: vec![account] })
        .start()
        .await
        .with_context(|| {
            format!(
                "the local STS did not start on {}; `--sts-listen` takes another port",
                args.sts_listen
            )
        })
}

/// The two sessions of the fixture, in its order.
fn credentials(emulator: &StsEmulator) -> anyhow::Result<[&sts_emulator::Credentials; 2]> {
    match emulator.credentials() {
        [persona, intake] => Ok([persona, intake]),
        others => anyhow::bail!("the local STS made {} credentials instead of two", others.len()),
    }
}

async fn start_server(
    args: &Dev,
    folder: &DataFolder,
    emulator: &StsEmulator,
) -> anyhow::Result<Running> {
    let toml = format!(
        "listen = {listen}\nstore = {store}\npermissions_file = {permissions}\n[tokens]\nttl_seconds = {ttl}\n\
         [sts]\nendpoint_override = {sts}\n\
         [limits]\nexchanges_per_source = 0\nexchanges_per_access_key = 0\n",
        listen = toml_string(&args.listen.to_string()),
        store = toml_string(&format!("sqlite:{}", folder.database().display())),
        permissions = toml_string(&folder.permissions()?.display().to_string()),
        ttl = args.token_ttl,
        sts = toml_string(&emulator.url()),
    );
    let mut config = Config::parse(&toml, &Vec::new())?;
    // Not through the text: a server for more than looking at would refuse to rotate so often.
    config.managed_keys.rotate_every_seconds = args.managed_key_rotation;
    let master_key = load_master_key(None, Some(&folder.master_key()?))?;
    start(config, master_key)
        .await
        .context("the server did not start; `--listen` takes another port")
}

fn toml_string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The text of a secret that is about to be printed: that is what `dev` is for.
fn shown(secret: &auth_model::SecretString) -> &str {
    secret.expose_secret()
}

//! What all questions share: a certificate, a local STS that speaks TLS, and a filled database.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use arn_pattern::CallerArn;
use auth_model::OrgId;
use bench_suite::{arn_data::Data, fill};
use mapping_store::Store;
use mapping_store_sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    load::Load,
    process::{Outcome, Running, free_port, on_servers_core},
    proofs::Sts,
};

/// The account that holds most mappings of [`Data`].
pub(crate) const ACCOUNT: &str = "100000000000";

/// Opens the seals of the database.
const MASTER_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) product: PathBuf,
    /// Of the servers and of STS: both are `localhost`.
    pub(crate) certificate_pem: String,
    pub(crate) sts: Sts,
    pub(crate) org: OrgId,
    pub(crate) mappings: usize,
    /// Bytes of the patterns without their `*`.
    pub(crate) literal_bytes: usize,
    /// Callers in random order that each have a mapping. Taken as they are needed.
    callers: Mutex<std::vec::IntoIter<CallerArn>>,
}

/// A running server of ours.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Running,
    pub(crate) port: u16,
}

impl World {
    pub(crate) fn new(product: &Path, mappings: usize) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let certificate_pem = made.cert.pem();
        fs::write(folder.path().join("cert.pem"), &certificate_pem)?;
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem())?;
        let data = Data::new(mappings, 40_000)?;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.path().join("bench.db"))?);
        let org = Runtime::new()?.block_on(async {
            let (org, user) = fill::organization(store.as_ref()).await?;
            fill::mappings(&store, org, user, &data.patterns).await?;
            Outcome::Ok(org)
        })?;
        let sts = Sts::start(product, folder.path(), &certificate_pem)?;
        Ok(Self {
            product: product.to_owned(),
            certificate_pem,
            sts,
            org,
            mappings,
            literal_bytes: data.literal_bytes(),
            callers: Mutex::new(mapped(&data).into_iter()),
            folder,
        })
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("bench.db")
    }

    /// A caller that has a mapping, another one each time.
    pub(crate) fn caller(&self) -> Outcome<CallerArn> {
        let mut callers = self.callers.lock().map_err(|_| "poisoned")?;
        Ok(callers.next().ok_or("all callers are used up")?)
    }

    /// A server on the filled database: `tls` or `plain` towards its clients, TLS towards STS. Audit is on, and so are
    /// rate limits, out of reach.
    pub(crate) fn serve(&self, way: &str) -> Outcome<Server> {
        let store = format!("sqlite:{}", self.database().display());
        let (mut command, port, log) = self.command(way, &store)?;
        let process = Running::listening(&mut command, port, &log)?;
        Ok(Server { process, port })
    }

    /// The same on another store, not yet started; with its port and its log.
    pub(crate) fn command(
        &self,
        way: &str,
        store: &str,
    ) -> Outcome<(std::process::Command, u16, PathBuf)> {
        let port = free_port()?;
        let path = |name: &str| self.folder.path().join(name);
        let tls = match way {
            "tls" => {
                format!(
                    "[tls]\ncertificate = {:?}\nprivate_key = {:?}\n",
                    path("cert.pem"),
                    path("key.pem")
                )
            }
            _ => String::new(),
        };
        let config = path("countersign.toml");
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\nstore = \"{store}\"\npublic_url = \"https://countersign.example\"\n\
             [log]\nfilter = \"error\"\n\
             [sts]\nendpoint_override = \"{sts}\"\nca_certificates = {authority:?}\n\
             [limits]\nexchanges_per_source = 1000000\nexchanges_per_access_key = 1000000\n{tls}",
            sts = self.sts.url,
            authority = path("cert.pem"),
        );
        fs::write(&config, text)?;
        let mut command = on_servers_core(&self.product);
        command.args(["serve", "--config"]).arg(&config).env("COUNTERSIGN_MASTER_KEY", MASTER_KEY);
        Ok((command, port, path("countersign.log")))
    }

    /// Clients of a server on this port.
    pub(crate) fn load(&self, scheme: &str, port: u16) -> Outcome<Load> {
        Load::new(&format!("{scheme}://localhost:{port}"), &self.certificate_pem)
    }
}

fn mapped(data: &Data) -> Vec<CallerArn> {
    let answers = data.answers(data.callers.len());
    let with = data
        .callers
        .iter()
        .zip(answers)
        .filter(|(caller, answer)| answer.is_some() && caller.account().as_str() == ACCOUNT);
    with.map(|(caller, _)| caller.clone()).collect()
}

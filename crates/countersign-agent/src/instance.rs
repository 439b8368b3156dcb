//! One key: its keeper, and the task that hands over what that has.

use std::{collections::HashMap, sync::Arc, time::Duration};

use auth_model::{ExposeSecret, OsRandomness, SecretString, SystemClock};
use countersign_client::{
    AwsChain, AwsChainOptions, Client, ClientConfig, ClientError, FileCache, KeeperSettings,
    KeyCache, KeyKeeper,
};
use private_file::Lock;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::{
    config::{ConfigError, Instance},
    delivery::{AGAIN, Delivery, Shown},
    output::Outputs,
    seal::CacheSeal,
};

/// One whose settings can be used.
pub(crate) struct Prepared {
    instance: Instance,
    client: Arc<Client>,
    settings: KeeperSettings,
    outputs: Outputs,
    locks: Option<Vec<Lock>>,
}

/// One at work.
pub(crate) struct Running {
    seen: Arc<Seen>,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

/// One as others see it.
pub(crate) struct Seen {
    instance: Instance,
    shown: watch::Receiver<Shown>,
}

/// What instances have in common, and what is most of each: where they look for credentials, and connections with the
/// certificates that they trust.
#[derive(Default)]
pub(crate) struct Shared {
    chains: HashMap<Places, Arc<AwsChain>>,
    clients: Vec<Arc<Client>>,
}

type Places = (Option<String>, Option<String>, bool);

impl Shared {
    async fn chain(&mut self, instance: &Instance) -> Arc<AwsChain> {
        let places = (instance.profile.clone(), instance.region.clone(), instance.imds_v1);
        if let Some(chain) = self.chains.get(&places) {
            return Arc::clone(chain);
        }
        let options = AwsChainOptions {
            profile: instance.profile.clone(),
            region: instance.region.clone(),
            imds_v1: instance.imds_v1,
            region_from_imds: true,
            ..AwsChainOptions::default()
        };
        let chain = Arc::new(AwsChain::load(options).await);
        self.chains.insert(places, Arc::clone(&chain));
        chain
    }

    fn client(
        &mut self,
        config: ClientConfig,
        chain: Arc<AwsChain>,
    ) -> Result<Arc<Client>, ClientError> {
        let clock = Arc::new(SystemClock);
        if let Some(known) = self.clients.iter().find(|known| known.speaks_like(&config)) {
            return Ok(Arc::new(known.sibling(config, chain, clock)?));
        }
        let client = Arc::new(Client::new(config, chain, clock)?);
        self.clients.push(Arc::clone(&client));
        Ok(client)
    }
}

impl Prepared {
    pub(crate) async fn new(instance: Instance, shared: &mut Shared) -> Result<Self, ConfigError> {
        let wrong = |problem: String| {
            ConfigError::Wrong(format!("the instance `{}`: {problem}", instance.name()))
        };
        let chain = shared.chain(&instance).await;
        let url = instance.url.parse();
        // Not the text itself, here and below: it may hold a password.
        let url = url.map_err(|error| wrong(format!("`url` is no URL: {error}")))?;
        let org = instance.org.parse().map_err(|error| wrong(format!("`org`: {error}")))?;
        let mut config = ClientConfig::new(url, org);
        config.region = chain.region().map(ToOwned::to_owned);
        if let Some(proxy) = &instance.proxy {
            let proxy = proxy.0.expose_secret().parse();
            config.proxy =
                Some(proxy.map_err(|error| wrong(format!("`proxy` is no URL: {error}")))?);
        }
        if let Some(path) = &instance.trusted_roots_file {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
            config.trusted_roots_pem = Some(text);
        }
        let client = shared.client(config, chain).map_err(|error| wrong(error.to_string()))?;
        let (settings, outputs) = (settings(&instance)?, Outputs::new(&instance)?);
        Ok(Self { instance, client, settings, outputs, locks: None })
    }

    /// Takes the instance's files now rather than when it starts. The file that another agent has, if one has.
    pub(crate) fn lock(&mut self) -> Result<(), String> {
        self.locks = Some(locks(&self.instance)?);
        Ok(())
    }

    /// `changed` is told whenever there is something to show.
    pub(crate) fn start(self, changed: &Arc<Notify>) -> Running {
        let (sender, shown) = watch::channel(Shown::default());
        let stop = Arc::new(Notify::new());
        let seen = Arc::new(Seen { instance: self.instance.clone(), shown });
        let name = self.instance.name().to_owned();
        let delivery = Delivery::new(name, self.outputs, sender, Arc::clone(changed));
        let work = Work { delivery, instance: self.instance, stop: Arc::clone(&stop) };
        let task = tokio::spawn(work.run(self.client, self.settings, self.locks));
        Running { seen, stop, task }
    }
}

impl Running {
    pub(crate) fn seen(&self) -> &Arc<Seen> {
        &self.seen
    }

    /// Ends them side by side; a delivery under way is finished.
    pub(crate) async fn stop_all(running: &mut [Self]) {
        running.iter().for_each(|one| one.stop.notify_one());
        for one in running {
            // It can only have ended.
            let _ = (&mut one.task).await;
        }
    }
}

impl Seen {
    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    pub(crate) fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    pub(crate) fn nudge(&self) {
        self.shown.borrow().nudge();
    }
}

/// What its task owns.
struct Work {
    delivery: Delivery,
    instance: Instance,
    stop: Arc<Notify>,
}

impl Work {
    async fn run(
        mut self,
        client: Arc<Client>,
        settings: KeeperSettings,
        locks: Option<Vec<Lock>>,
    ) {
        let stop = Arc::clone(&self.stop);
        let _locks = tokio::select! {
            biased;
            () = stop.notified() => return,
            locks = self.locked(locks) => locks,
        };
        let (clock, randomness) = (Arc::new(SystemClock), Arc::new(OsRandomness));
        let keeper = tokio::select! {
            biased;
            () = stop.notified() => return,
            keeper = KeyKeeper::start(client, settings, clock, randomness) => keeper,
        };
        self.delivery.follow(&keeper, &stop).await;
        keeper.stop().await;
    }

    /// The locks of its files, once no other agent has them.
    async fn locked(&self, held: Option<Vec<Lock>>) -> Vec<Lock> {
        if let Some(locks) = held {
            return locks;
        }
        loop {
            let problem = match locks(&self.instance) {
                Ok(locks) => return locks,
                Err(problem) => problem,
            };
            let name = self.instance.name();
            tracing::warn!(instance = name, problem, "the instance waits for its files");
            self.delivery.show(|shown| shown.output_error = Some(problem));
            sleep_until(Instant::now() + AGAIN).await;
        }
    }
}

fn settings(instance: &Instance) -> Result<KeeperSettings, ConfigError> {
    let mut settings = KeeperSettings::default();
    if let Some(minutes) = instance.refresh_interval_mins {
        settings.refresh_interval = Duration::from_secs(u64::from(minutes) * 60);
    }
    settings.fallback = match &instance.fallback_key_file {
        Some(path) => Some(key_of(path)?),
        None => instance.fallback_key.as_ref().map(|key| key.0.clone()),
    };
    if let Some(path) = &instance.cache_file {
        let mut cache = FileCache::new(path);
        if let Some(key) = &instance.cache_key_file {
            cache = cache.sealed(Arc::new(CacheSeal::load(key)?));
        }
        settings.cache = Some(Arc::new(cache) as Arc<dyn KeyCache>);
    }
    Ok(settings)
}

/// The key in a file, without the line break after it.
pub(crate) fn key_of(path: &std::path::Path) -> Result<SecretString, ConfigError> {
    let text = private_file::read(path, MAX_KEY_FILE_BYTES)?;
    match text.trim() {
        "" => Err(ConfigError::Wrong(format!("there is no key in `{}`", path.display()))),
        key => Ok(key.into()),
    }
}

fn locks(instance: &Instance) -> Result<Vec<Lock>, String> {
    instance
        .own_files()
        .map(|path| match Lock::take(path) {
            Ok(Some(lock)) => Ok(lock),
            Ok(None) => Err(format!(
                "another agent writes `{}`: stop it, or take another file",
                path.display()
            )),
            Err(error) => Err(format!("can't lock `{}`: {error}", path.display())),
        })
        .collect()
}

const MAX_KEY_FILE_BYTES: u64 = 64 * 1024;

//! What the one indexed query of an exchange costs in a store, beside a primary-key lookup of the same store and
//! beside the index in memory (E6). Wall time, because the stores work on threads of their own.
//!
//! PostgreSQL is measured where `COUNTERSIGN_TEST_POSTGRES_URL` names a server.

use std::{error::Error, hint::black_box, sync::Arc, time::Instant};

use arn_pattern::{AccountId, ArnPattern, CallerArn, PatternIndex};
use auth_model::{MappingId, MappingKind, OrgId};
use bench_suite::{fill, goals::Goal, options::Options};
use mapping_store::{Resolve, Store};
use mapping_store_postgres::PostgresStore;
use mapping_store_sqlite::SqliteStore;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ACCOUNT: &str = "123456789012";
const QUERIES: usize = 1_000;

fn main() -> Outcome<()> {
    let options = Options::read();
    let rows = match (options.measure, options.full) {
        (false, _) => 100,
        (true, false) => 20_000,
        (true, true) => 200_000,
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let sqlite = Arc::new(SqliteStore::open(folder.path().join("bench.db"))?);
    let bench = runtime.block_on(Bench::fill(sqlite, rows))?;
    bench.measure(&runtime, options.measure, ["E6", "E6i"])?;
    match std::env::var("COUNTERSIGN_TEST_POSTGRES_URL") {
        Ok(url) => {
            let store = Arc::new(runtime.block_on(PostgresStore::connect(&url))?);
            let bench = runtime.block_on(Bench::fill(store, rows))?;
            bench.measure(&runtime, options.measure, ["E6p", "E6pi"])
        }
        Err(_) => {
            let why = "COUNTERSIGN_TEST_POSTGRES_URL is not set";
            goal("E6p", 2.0, "the same in PostgreSQL").not_run(why);
            goal("E6pi", f64::INFINITY, "the same in PostgreSQL").not_run(why);
            Ok(())
        }
    }
}

fn goal(id: &'static str, at_most: f64, what: &'static str) -> Goal {
    Goal { id, at_most, what }
}

/// A filled store, the same mappings in memory, and callers that each match one of them.
struct Bench {
    store: Arc<dyn Store>,
    index: PatternIndex<MappingId>,
    org: OrgId,
    callers: Vec<CallerArn>,
}

impl Bench {
    async fn fill(store: Arc<dyn Store>, rows: usize) -> Outcome<Self> {
        let (org, user) = fill::organization(store.as_ref()).await?;
        let patterns = (0..rows).map(|n| {
            format!("arn:aws:sts::{ACCOUNT}:assumed-role/team-{}-service-{n}/*", n % 100).parse()
        });
        let patterns: Vec<ArnPattern> = patterns.collect::<Result<_, _>>()?;
        let ids = fill::mappings(&store, org, user, &patterns).await?;
        let mut index = PatternIndex::new();
        for (pattern, id) in patterns.iter().zip(ids) {
            index.insert(org.0.as_u128(), pattern, id);
        }
        let callers = (0..QUERIES).map(|n| {
            let n = n * 7_919 % rows;
            format!(
                "arn:aws:sts::{ACCOUNT}:assumed-role/team-{}-service-{n}/i-0abc123def456",
                n % 100
            )
            .parse()
        });
        Ok(Self { store, index, org, callers: callers.collect::<Result<_, _>>()? })
    }

    fn measure(
        &self,
        runtime: &tokio::runtime::Runtime,
        measure: bool,
        [store_id, index_id]: [&'static str; 2],
    ) -> Outcome<()> {
        for caller in &self.callers {
            let found = runtime.block_on(self.resolve(caller))?;
            let expected = self.index.lookup(self.org.0.as_u128(), caller).copied();
            if found != expected || found.is_none() {
                return Err(format!("store and index disagree on {caller}").into());
            }
        }
        if !measure {
            return Ok(());
        }
        let resolve = || self.each(|caller| runtime.block_on(self.resolve(caller)).is_ok());
        let primary = || self.each(|_| runtime.block_on(self.store.organization(self.org)).is_ok());
        let scope = self.org.0.as_u128();
        let memory = || self.each(|caller| self.index.lookup(scope, caller).is_some());
        goal(store_id, 2.0, "match in the store / primary-key lookup").compare(resolve, primary);
        goal(index_id, f64::INFINITY, "match in the store / in-memory index")
            .compare(resolve, memory);
        Ok(())
    }

    async fn resolve(
        &self,
        caller: &CallerArn,
    ) -> Result<Option<MappingId>, mapping_store::StoreError> {
        let patterns: Vec<String> = caller.candidates().collect();
        let account: AccountId = caller.account();
        let question = Resolve {
            org: self.org,
            kind: MappingKind::Persona,
            account,
            partition: caller.partition(),
            patterns: &patterns,
        };
        Ok(self.store.resolve(question).await?.candidates.first().map(|c| c.mapping))
    }

    /// Wall nanoseconds for each caller.
    fn each<T>(&self, mut work: impl FnMut(&CallerArn) -> T) -> f64 {
        let start = Instant::now();
        for caller in &self.callers {
            black_box(work(caller));
        }
        start.elapsed().as_secs_f64() * 1e9 / QUERIES as f64
    }
}

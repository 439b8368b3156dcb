//! What a page of a list (L1 to L5), and who makes a request (L6, L7), cost in an organization with many rows, beside one with a
//! hundred, on each database. Wall time, because the stores work on threads of their own; the middle one of many.
//!
//! The first page is what has a goal. The last one is printed beside it: a page far back costs a walk along an index.
//! PostgreSQL is measured where `COUNTERSIGN_TEST_POSTGRES_URL` names a server.

use std::{error::Error, future::Future, pin::Pin, sync::Arc, time::Instant};

use arn_pattern::Partition;
use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, AuditEventId, AwsAccount, AwsAccountConfigId,
    AwsAuth, KeyCategory, KeyHash, MappingId, OrgId, Organization, OsRandomness, PermissionSet,
    PersonaMapping, Randomness, Role, RoleId, SystemClock, Team, TeamId, TeamLook, Timestamp, User,
    UserId, permissions,
};
use bench_suite::{
    goals::{Goal, median, say},
    options::Options,
};
use mapping_store::{
    ApiKeyQuery, AppKeyQuery, RoleQuery, Slice, Store, StoreError, TeamQuery, UserQuery,
};
use mapping_store_postgres::PostgresStore;
use mapping_store_sqlite::SqliteStore;

type Outcome<T> = Result<T, Box<dyn Error>>;
/// How many rows came.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<usize, StoreError>> + Send + 'a>>;

const FEW: usize = 100;
const PAGE: u64 = 10;
const PAGES: usize = 200;

/// How something is asked of an organization.
type Ask = for<'a> fn(&'a dyn Store, &'a Filled, Slice) -> Answer<'a>;

/// Id, name, and how a part of the list is asked for.
type List = (&'static str, &'static str, Ask);

const LISTS: [List; 5] = [
    ("L1", "users", |store, Filled { org, .. }, slice| {
        Box::pin(async move {
            Ok(store.users(*org, &UserQuery { slice, ..UserQuery::default() }).await?.rows.len())
        })
    }),
    ("L2", "roles", |store, Filled { org, .. }, slice| {
        Box::pin(async move {
            Ok(store.roles(*org, &RoleQuery { slice, ..RoleQuery::default() }).await?.rows.len())
        })
    }),
    ("L3", "API keys", |store, Filled { org, .. }, slice| {
        Box::pin(async move {
            let query = ApiKeyQuery { slice, ..ApiKeyQuery::default() };
            Ok(store.api_keys(*org, &query).await?.rows.len())
        })
    }),
    ("L4", "application keys", |store, Filled { org, .. }, slice| {
        Box::pin(async move {
            let query = AppKeyQuery { slice, ..AppKeyQuery::default() };
            Ok(store.app_keys(*org, &query).await?.rows.len())
        })
    }),
    ("L5", "teams", |store, Filled { org, .. }, slice| {
        Box::pin(async move {
            Ok(store.teams(*org, &TeamQuery { slice, ..TeamQuery::default() }).await?.rows.len())
        })
    }),
];

/// The same for both ways of saying who makes a request; the part does not matter.
const AUTHENTICATIONS: [List; 2] = [
    ("L6", "authenticate by key pair", |store, filled, _| {
        Box::pin(async move {
            let found = store.by_key_pair(filled.api_key, filled.app_key).await?;
            Ok(usize::from(found.is_some()))
        })
    }),
    ("L7", "authenticate by mapping", |store, filled, _| {
        Box::pin(async move {
            let found = store.by_mapping(filled.org, filled.mapping, filled.user).await?;
            Ok(usize::from(found.is_some()))
        })
    }),
];

/// An organization, and what its middle user signs in with.
struct Filled {
    org: OrgId,
    user: UserId,
    api_key: KeyHash,
    app_key: KeyHash,
    mapping: MappingId,
}

fn main() -> Outcome<()> {
    let options = Options::read();
    let many = match (options.measure, options.full) {
        (false, _) => FEW,
        (true, false) => 20_000,
        (true, true) => 100_000,
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let sqlite = Arc::new(SqliteStore::open(folder.path().join("bench.db"))?);
    runtime.block_on(measure(sqlite, "SQLite", "s", many, options.measure))?;
    match std::env::var("COUNTERSIGN_TEST_POSTGRES_URL") {
        Ok(url) => {
            let postgres = Arc::new(runtime.block_on(PostgresStore::connect(&url))?);
            runtime.block_on(measure(postgres, "PostgreSQL", "p", many, options.measure))
        }
        Err(_) => {
            for (id, name, _) in LISTS.into_iter().chain(AUTHENTICATIONS) {
                goal(id, name, "PostgreSQL", "p", many)
                    .not_run("COUNTERSIGN_TEST_POSTGRES_URL is not set");
            }
            Ok(())
        }
    }
}

fn goal(id: &str, name: &str, database: &str, suffix: &str, many: usize) -> Goal {
    // A few dozen short texts, for as long as the program runs.
    let id: &'static str = format!("{id}{suffix}").leak();
    let what = format!("{name}: {many} rows / {FEW} rows ({database})").leak();
    Goal { id, at_most: 2.0, what }
}

async fn measure(
    store: Arc<dyn Store>,
    database: &str,
    suffix: &str,
    many: usize,
    measures: bool,
) -> Outcome<()> {
    let small = fill(store.as_ref(), FEW).await?;
    let large = fill(store.as_ref(), many).await?;
    let first = Slice { offset: 0, limit: PAGE };
    let last = Slice { offset: many as u64 - PAGE, limit: PAGE };
    let lists = LISTS.into_iter().map(|list| (list, 10));
    for ((id, name, ask), rows) in lists.chain(AUTHENTICATIONS.into_iter().map(|ask| (ask, 1))) {
        for (filled, slice) in [(&small, first), (&large, first), (&large, last)] {
            let came = ask(store.as_ref(), filled, slice).await?;
            if came != rows {
                return Err(format!("{name}: {came} rows instead of {rows}").into());
            }
        }
        if !measures {
            continue;
        }
        // Rounds in turn, so that the machine's moods meet both sides.
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..=bench_suite::goals::ROUNDS {
            ours.push(middle(store.as_ref(), ask, &large, first).await?);
            theirs.push(middle(store.as_ref(), ask, &small, first).await?);
        }
        let (mut ours, mut theirs) = (ours.into_iter(), theirs.into_iter());
        let next = |times: &mut std::vec::IntoIter<f64>| times.next().unwrap_or(f64::NAN);
        goal(id, name, database, suffix, many).compare(|| next(&mut ours), || next(&mut theirs));
        if rows > 1 {
            let deep = middle(store.as_ref(), ask, &large, last).await?;
            say(format_args!("the last page of {many} {name} takes {deep:.0} µs ({database})"));
        }
    }
    Ok(())
}

/// Microseconds of the middle one of many equal questions.
async fn middle(store: &dyn Store, ask: Ask, filled: &Filled, slice: Slice) -> Outcome<f64> {
    let count = if slice.offset == 0 { PAGES } else { 20 };
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        ask(store, filled, slice).await?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(&times))
}

/// A new organization with so many rows of each kind.
async fn fill(store: &dyn Store, rows: usize) -> Outcome<Filled> {
    let now = Timestamp::from_unix_seconds(1_790_000_000);
    let org = OrgId::random(&OsRandomness)?;
    let organization = Organization {
        id: org,
        // Any number will do as long as nobody else has it.
        number: i64::try_from(org.0.as_u128() >> 66)?,
        name: "bench".to_owned(),
        disabled: false,
        created_at: now,
        modified_at: now,
    };
    store.insert_organization(&organization, &event(org)?).await?;
    let account = AwsAccount {
        id: AwsAccountConfigId::random(&OsRandomness)?,
        org,
        account: "123456789012".parse()?,
        partition: Partition::Aws,
        auth: AwsAuth::Role { role_name: "r".to_owned(), external_id: "0".repeat(32) },
        settings: "{}".to_owned(),
        created_at: now,
        modified_at: now,
    };
    store.insert_aws_account(&account, &event(org)?).await?;
    let numbers: Vec<usize> = (0..rows).collect();
    let mut filled = None;
    for some in numbers.chunks(500) {
        let added = some.iter().map(|n| add(store, org, *n, now));
        let added = futures_util::future::try_join_all(added).await?;
        filled = filled.or(added.into_iter().nth(FEW / 2));
    }
    filled.ok_or_else(|| "no row was added".into())
}

/// The n-th row of each kind, each a user's own. Names are in no order.
async fn add(store: &dyn Store, org: OrgId, n: usize, now: Timestamp) -> Outcome<Filled> {
    let name = format!("{:06}", n * 7_919 % 1_000_003);
    let role = Role {
        id: RoleId::random(&OsRandomness)?,
        org,
        name: name.clone(),
        managed: false,
        permissions: PermissionSet::from([permissions::USER_ACCESS_READ.id]),
        created_at: now,
        modified_at: now,
    };
    store.insert_role(&role, &event(org)?).await?;
    let user = User {
        id: UserId::random(&OsRandomness)?,
        org,
        email: format!("{name}@example.com"),
        name: name.clone(),
        title: String::new(),
        service_account: false,
        disabled: false,
        verified: true,
        roles: vec![role.id],
        created_at: now,
        modified_at: now,
    };
    store.insert_user(&user, &event(org)?).await?;
    let api_key = ApiKey {
        id: ApiKeyId::random(&OsRandomness)?,
        org,
        name: name.clone(),
        hash: hash()?,
        last4: "0000".to_owned(),
        category: KeyCategory::Made,
        remote_config_read_enabled: false,
        created_by: Some(user.id),
        modified_by: Some(user.id),
        created_at: now,
        modified_at: now,
        last_used_at: None,
    };
    store.insert_api_key(&api_key, u64::MAX, &event(org)?).await?;
    let app_key = AppKey {
        id: AppKeyId::random(&OsRandomness)?,
        org,
        owner: user.id,
        name: name.clone(),
        hash: hash()?,
        last4: "0000".to_owned(),
        scopes: None,
        created_at: now,
        last_used_at: None,
    };
    store.insert_app_key(&app_key, u64::MAX, &event(org)?).await?;
    let mapping = PersonaMapping {
        id: MappingId::random(&OsRandomness)?,
        org,
        pattern: format!("arn:aws:sts::123456789012:assumed-role/{name}/*").parse()?,
        target: user.id,
        created_by: None,
        created_at: now,
    };
    store.insert_persona_mapping(&mapping, &event(org)?).await?;
    let team = Team {
        id: TeamId::random(&OsRandomness)?,
        org,
        name: name.clone(),
        handle: name,
        look: TeamLook::default(),
        created_at: now,
        modified_at: now,
    };
    store.insert_team(&team, &event(org)?).await?;
    Ok(Filled {
        org,
        user: user.id,
        api_key: api_key.hash,
        app_key: app_key.hash,
        mapping: mapping.id,
    })
}

fn hash() -> Outcome<KeyHash> {
    let mut hash = [0; 32];
    OsRandomness.fill(&mut hash)?;
    Ok(KeyHash(hash))
}

fn event(org: OrgId) -> Outcome<AuditEvent> {
    let id = AuditEventId::new(&SystemClock, &OsRandomness)?;
    Ok(AuditEvent::change(id, Timestamp::from_unix_seconds(1_790_000_000), org, "bench"))
}

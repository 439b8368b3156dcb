//! What is looked for in lists, and how the rows are counted.

use std::time::Duration;

use auth_model::{ApiKey, AppKey, OrgId, Role, Team, User, UserChange, UserStatus};

use super::fixtures::{World, role_pattern};
use crate::{
    ApiKeyQuery, AppKeyQuery, KeyOrder, RoleQuery, Slice, Store, TeamMemberQuery, TeamQuery,
    TimeRange, UserOrder, UserQuery,
};

/// Names with what is looked for in them, and what is not found though it looks like it.
#[rustfmt::skip]
const SEARCHES: [(&str, &[&str], &[&str]); 14] = [
    // looked for   found in                                  not in
    ("ada",         &["Ada", "ADA LOVELACE", "x ada"],        &["ad a", "da"]),
    ("ÄÖ",          &["äö", "ÄÖ", "Äö b"],                    &["ao", "a\u{308}o\u{308}", "ä ö"]),
    ("äö",          &["äö", "ÄÖ"],                            &["ao"]),
    ("ДЖ",          &["джо"],                                 &["dzh"]),
    ("%",           &["100%", "%"],                           &["100", "_"]),
    ("_",           &["a_b"],                                 &["ab", "a%b"]),
    ("a%b",         &["xA%by"],                               &["a1b", "ab"]),
    ("*",           &["*"],                                   &["a"]),
    ("'",           &["o'neill"],                             &["oneill"]),
    ("\"",          &["say \"x\""],                           &["say x"]),
    ("\\",          &["a\\b"],                                &["ab", "a/b"]),
    ("' OR '1'='1", &["' or '1'='1"],                         &["1"]),
    (" ",           &["a b"],                                 &["ab"]),
    ("💥",          &["a💥"],                                 &["a"]),
];

/// The names that were found, one after the other.
async fn assert_found(
    make: impl AsyncFn(usize, &str),
    find: impl AsyncFn(&str) -> (Vec<String>, u64, u64),
) {
    let (mut all, mut number) = (Vec::new(), 0);
    for (_, found, others) in SEARCHES {
        for name in found.iter().chain(others) {
            if !all.contains(name) {
                make(number, name).await;
                all.push(*name);
                number += 1;
            }
        }
    }
    for (text, found, others) in SEARCHES {
        let (names, total, filtered) = find(text).await;
        assert_eq!(total, u64::try_from(number).unwrap(), "{text}");
        assert_eq!(filtered, u64::try_from(names.len()).unwrap(), "{text}");
        let has = |name: &&str| names.iter().any(|other| other == *name);
        let missing: Vec<_> = found.iter().filter(|name| !has(name)).collect();
        assert!(missing.is_empty(), "{text} is in {missing:?}");
        let wrong: Vec<_> = others.iter().filter(|name| has(name)).collect();
        assert!(wrong.is_empty(), "{text} is not in {wrong:?}");
    }
    let (names, total, filtered) = find("").await;
    assert_eq!((names.len(), total), (number, filtered));
}

/// In any case, and no character means anything but itself.
pub async fn roles_are_found_by_a_part_of_the_name(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let make = async |_, name: &str| {
        let role = Role { name: name.to_owned(), ..world.role(org, &[]) };
        store.insert_role(&role, &world.event(org)).await.unwrap();
    };
    assert_found(make, async |text| {
        let query = RoleQuery { text: text.to_owned(), ..RoleQuery::default() };
        let listed = store.roles(org, &query).await.unwrap();
        let names = listed.rows.into_iter().map(|row| row.role.name).collect();
        (names, listed.total, listed.filtered)
    })
    .await;
}

/// By name or handle.
pub async fn teams_are_found_by_a_part_of_the_name(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let make = async |n: usize, name: &str| {
        let handle = format!("h{n}-x");
        let team = Team { name: name.to_owned(), handle, ..world.team(org) };
        store.insert_team(&team, &world.event(org)).await.unwrap();
    };
    let find = async |text: &str| {
        let query = TeamQuery { text: text.to_owned(), ..TeamQuery::default() };
        let listed = store.teams(org, &query).await.unwrap();
        let names: Vec<String> = listed.rows.into_iter().map(|row| row.team.name).collect();
        (names, listed.total, listed.filtered)
    };
    assert_found(make, find).await;
    assert_eq!(find("H3-X").await.2, 1);
}

/// Those that people made.
pub async fn keys_are_found_by_a_part_of_the_name(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let make = async |_, name: &str| {
        let key = ApiKey { name: name.to_owned(), ..world.api_key(org) };
        store.insert_api_key(&key, 1_000, &world.event(org)).await.unwrap();
        let key = AppKey { name: name.to_owned(), ..world.app_key(org, home.user.id) };
        store.insert_app_key(&key, 1_000, &world.event(org)).await.unwrap();
    };
    assert_found(make, async |text| {
        let query = ApiKeyQuery { text: text.to_owned(), ..ApiKeyQuery::default() };
        let api = store.api_keys(org, &query).await.unwrap();
        let query = AppKeyQuery { text: text.to_owned(), ..AppKeyQuery::default() };
        let app = store.app_keys(org, &query).await.unwrap();
        let names: Vec<String> = api.rows.into_iter().map(|row| row.name).collect();
        let others: Vec<String> = app.rows.into_iter().map(|row| row.name).collect();
        assert_eq!((&names, api.total, api.filtered), (&others, app.total, app.filtered));
        (names, api.total, api.filtered)
    })
    .await;
    // A changed name is found by what it has become.
    let row = world.api_key_added(org).await;
    let change =
        auth_model::ApiKeyChange { name: Some("ZÜRICH".to_owned()), ..Default::default() };
    store.change_api_key(org, row.id, &change, &world.event(org)).await.unwrap().unwrap();
    let query = ApiKeyQuery { text: "zürich".to_owned(), ..ApiKeyQuery::default() };
    assert_eq!(store.api_keys(org, &query).await.unwrap().filtered, 1);
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    world.managed_key_added(&mapping, 7).await;
    let text = format!("KEY 7 of mapping {}", mapping.id.to_string().to_uppercase());
    let query = ApiKeyQuery { text, ..ApiKeyQuery::default() };
    assert_eq!(store.api_keys(org, &query).await.unwrap().filtered, 1);
}

/// By name, and members of a team as well.
pub async fn users_are_found_by_a_part_of_the_name(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let team = world.team_added(org).await;
    let make = async |n: usize, name: &str| {
        let email = format!("u{n}@x.org");
        let user = User { name: name.to_owned(), email, ..world.user(org, &[]) };
        store.insert_user(&user, &world.event(org)).await.unwrap();
        world.member_added(&team, user.id).await;
    };
    assert_found(make, async |text| {
        let query = UserQuery { text: text.to_owned(), ..UserQuery::default() };
        let users = store.users(org, &query).await.unwrap();
        let query = TeamMemberQuery { text: text.to_owned(), ..TeamMemberQuery::of(team.id) };
        let members = store.team_members(org, &query).await.unwrap();
        let others: Vec<User> = members.rows.into_iter().map(|(_, user)| user).collect();
        assert_eq!(
            (&users.rows, users.total, users.filtered),
            (&others, members.total, members.filtered)
        );
        let names = users.rows.into_iter().map(|user| user.name).collect();
        (names, users.total, users.filtered)
    })
    .await;
}

/// A person by the e-mail address, a service account by its id as well; each as it has become.
pub async fn users_are_found_by_email_and_handle(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let person = world.user_added(org, &[]).await;
    let machine = User { service_account: true, name: "Deploy".to_owned(), ..world.user(org, &[]) };
    store.insert_user(&machine, &world.event(org)).await.unwrap();
    let found = async |text: &str| {
        let query = UserQuery { text: text.to_owned(), ..UserQuery::default() };
        let listed = store.users(org, &query).await.unwrap();
        assert_eq!(listed.total, 2);
        listed.rows.into_iter().map(|user| user.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&person.email.to_uppercase()).await, [person.id]);
    assert_eq!(found(&person.id.to_string()).await, []);
    assert_eq!(found(&machine.id.to_string().to_uppercase()).await, [machine.id]);
    assert_eq!(found(&machine.email).await, [machine.id]);
    assert_eq!(found("DEPLOY").await, [machine.id]);
    // The title is not looked in.
    assert_eq!(found("engineer").await, []);
    // Nor from the end of one text into the next.
    assert_eq!(found("deployuser").await, []);
    let change = UserChange { name: Some("Élan".to_owned()), ..UserChange::default() };
    store.change_user(org, person.id, &change, &world.event(org)).await.unwrap().unwrap();
    assert_eq!(found("éLAN").await, [person.id]);
    assert_eq!(found("ada").await, []);
}

/// Any set of the three; with a text both hold.
pub async fn users_are_found_by_status(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let mut rows = Vec::new();
    for n in 0..8 {
        let (disabled, verified) = (n % 4 > 1, n % 2 == 0);
        let name = if n < 4 { "first" } else { "second" }.to_owned();
        let row = User { disabled, verified, name, ..world.user(org, &[]) };
        store.insert_user(&row, &world.event(org)).await.unwrap();
        rows.push(row);
    }
    let [active, pending, disabled] = UserStatus::ALL;
    for statuses in [
        vec![],
        vec![active],
        vec![pending],
        vec![disabled],
        vec![active, pending],
        vec![disabled, active],
        vec![pending, disabled, pending],
        vec![active, pending, disabled],
    ] {
        for text in ["", "SECOND"] {
            let query = UserQuery {
                statuses: statuses.clone(),
                text: text.to_owned(),
                order: UserOrder::CreatedAt,
                ..UserQuery::default()
            };
            let listed = store.users(org, &query).await.unwrap();
            let mut expected = rows.clone();
            expected.retain(|user| {
                (statuses.is_empty() || statuses.contains(&user.status()))
                    && (text.is_empty() || user.name == "second")
            });
            assert_eq!(listed.filtered, u64::try_from(expected.len()).unwrap());
            assert_eq!((listed.rows, listed.total), (expected, 8), "{statuses:?} {text}");
        }
    }
}

/// By category, times and the setting, each alone and together; ends of times as in the audit log.
pub async fn keys_are_found_by_what_they_are(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let managed = world.managed_key_added(&mapping, 1).await;
    let at = |n| managed.created_at.plus(Duration::from_secs(n));
    for n in 1..5 {
        let row = ApiKey {
            created_at: at(n),
            modified_at: at(2 * n),
            remote_config_read_enabled: n % 2 == 0,
            ..world.api_key(org)
        };
        store.insert_api_key(&row, 10, &world.event(org)).await.unwrap();
        let row = AppKey { created_at: at(n), ..world.app_key(org, home.user.id) };
        store.insert_app_key(&row, 10, &world.event(org)).await.unwrap();
    }
    let between = |from, to| TimeRange { from: Some(at(from)), to: Some(at(to)) };
    let (from, to) =
        (TimeRange { from: Some(at(3)), to: None }, TimeRange { from: None, to: Some(at(3)) });
    let all = ApiKeyQuery { order: KeyOrder::CreatedAt, ..ApiKeyQuery::default() };
    #[rustfmt::skip]
    let cases = [
        (ApiKeyQuery { managed: Some(true), ..all.clone() },                     vec![0]),
        (ApiKeyQuery { managed: Some(false), ..all.clone() },                    vec![1, 2, 3, 4]),
        (ApiKeyQuery { created: between(1, 3), ..all.clone() },                  vec![1, 2]),
        (ApiKeyQuery { created: from, ..all.clone() },                           vec![3, 4]),
        (ApiKeyQuery { created: to, ..all.clone() },                             vec![0, 1, 2]),
        (ApiKeyQuery { created: between(3, 3), ..all.clone() },                  vec![]),
        (ApiKeyQuery { modified: between(4, 7), ..all.clone() },                 vec![2, 3]),
        (ApiKeyQuery { modified: from, created: to, ..all.clone() },             vec![2]),
        (ApiKeyQuery { remote_config_read_enabled: Some(true), ..all.clone() },  vec![2, 4]),
        (ApiKeyQuery { remote_config_read_enabled: Some(false), ..all.clone() }, vec![0, 1, 3]),
        (ApiKeyQuery { managed: Some(false), created: between(0, 3),
            remote_config_read_enabled: Some(false), text: "KEY".to_owned(), ..all.clone() }, vec![1]),
        (all,                                                                    vec![0, 1, 2, 3, 4]),
    ];
    for (query, expected) in cases {
        let listed = store.api_keys(org, &query).await.unwrap();
        let found: Vec<_> = listed.rows.iter().map(|row| row.created_at).collect();
        let times: Vec<_> = expected.iter().map(|n| at(*n)).collect();
        assert_eq!(found, times, "{query:?}");
        assert_eq!((listed.total, listed.filtered), (5, u64::try_from(times.len()).unwrap()));
    }
    let query =
        AppKeyQuery { created: between(2, 4), order: KeyOrder::Last4, ..AppKeyQuery::default() };
    let listed = store.app_keys(org, &query).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total, listed.filtered), (2, 4, 2));
    let query = AppKeyQuery { owner: Some(world.id()), ..query };
    let listed = store.app_keys(org, &query).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total, listed.filtered), (0, 0, 0));
}

/// Users, roles, teams, invitations, API keys, application keys.
async fn totals(store: &dyn Store, org: OrgId) -> [u64; 6] {
    let users = store.users(org, &UserQuery::default()).await.unwrap();
    let roles = store.roles(org, &RoleQuery::default()).await.unwrap();
    let teams = store.teams(org, &TeamQuery::default()).await.unwrap();
    let invitations = store.invitations(org, Slice::ALL).await.unwrap();
    let api = store.api_keys(org, &ApiKeyQuery::default()).await.unwrap();
    let app = store.app_keys(org, &AppKeyQuery::default()).await.unwrap();
    let rows = [
        users.rows.len(),
        roles.rows.len(),
        teams.rows.len(),
        invitations.rows.len(),
        api.rows.len(),
        app.rows.len(),
    ];
    let totals = [users.total, roles.total, teams.total, invitations.total, api.total, app.total];
    assert_eq!(totals, rows.map(|rows| u64::try_from(rows).unwrap()));
    totals
}

/// Also of those that go with another row, and of changes that fail.
pub async fn every_change_of_rows_is_counted(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let org = home.org;
    assert_eq!(totals(store, world.id()).await, [0; 6]);
    assert_eq!(totals(store, org).await, [1, 1, 0, 0, 0, 0]);
    let role = world.role_added(org, &[]).await;
    let user = world.user_added(org, &[role.id]).await;
    let team = world.team_added(org).await;
    world.member_added(&team, user.id).await;
    world.invitation_added(org, user.id).await;
    let api = world.api_key_added(org).await;
    let app = world.app_key_added(org, user.id).await;
    assert_eq!(totals(store, org).await, [2, 2, 1, 1, 1, 1]);
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    for generation in 1..4 {
        world.managed_key_added(&mapping, generation).await;
    }
    assert_eq!(totals(store, org).await, [2, 2, 1, 1, 4, 1]);
    // What fails is not counted.
    let event = world.event(org);
    store.insert_user(&user, &event).await.unwrap_err();
    store.insert_role(&role, &event).await.unwrap_err();
    store.insert_team(&team, &event).await.unwrap_err();
    store.insert_api_key(&world.api_key(org), 4, &event).await.unwrap_err();
    store.insert_app_key(&world.app_key(org, user.id), 1, &event).await.unwrap_err();
    assert_eq!(totals(store, org).await, [2, 2, 1, 1, 4, 1]);
    let expired = world.now().plus(Duration::from_secs(1_000));
    assert_eq!(store.sweep_managed_keys(expired).await.unwrap(), 3);
    assert_eq!(totals(store, org).await, [2, 2, 1, 1, 1, 1]);
    world.managed_key_added(&mapping, 4).await;
    world.managed_key_added(&mapping, 5).await;
    assert_eq!(totals(store, org).await, [2, 2, 1, 1, 3, 1]);
    assert!(store.delete_intake_mapping(org, mapping.id, &world.event(org)).await.unwrap());
    assert_eq!(totals(store, org).await, [2, 2, 1, 1, 1, 1]);
    assert!(store.delete_api_key(org, api.id, &world.event(org)).await.unwrap());
    assert!(store.delete_app_key(org, app.id, &world.event(org)).await.unwrap());
    assert!(store.delete_team(org, team.id, &world.event(org)).await.unwrap());
    assert!(store.delete_role(org, role.id, &world.event(org)).await.unwrap());
    assert_eq!(totals(store, org).await, [2, 1, 0, 1, 0, 0]);
    assert_eq!(totals(store, other.org).await, [1, 1, 0, 0, 0, 0]);
}

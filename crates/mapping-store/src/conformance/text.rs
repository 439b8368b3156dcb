//! Texts and numbers that databases trip over.

use auth_model::{
    ApiKey, ApiKeyChange, AppKey, AppKeyChange, AuditEvent, AwsAccount, AwsAuth, IdpMetadata,
    ManagedKey, Organization, Purpose, Role, RoleChange, SamlChange, SignInRequest, Team,
    TeamChange, TeamLook, Timestamp, User, UserChange,
};

use super::fixtures::{World, role_pattern};
use crate::{
    ApiKeyQuery, AppKeyQuery, RoleQuery, SignIn, Store, StoreError, TeamMemberQuery, TeamQuery,
    UserQuery,
};

/// Byte by byte, without normalization or trimming.
pub async fn unicode_is_kept(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    for name in [
        "é",
        "e\u{301}",
        "ﬁ",
        "日本語",
        "👩‍👩‍👧",
        "\u{202E}abc",
        "\u{FEFF}",
        " x ",
        "\u{1}\u{7F}",
        "İi",
        "\r\n",
    ] {
        let role = Role { name: name.to_owned(), ..world.role(org, &[]) };
        store.insert_role(&role, &world.event(org)).await.unwrap();
        let user = User { name: name.to_owned(), ..world.user(org, &[]) };
        let user = User { email: format!("{name}@example.com"), ..user };
        store.insert_user(&user, &world.event(org)).await.unwrap();
        assert_eq!(store.role(org, role.id).await.unwrap(), Some(role));
        assert_eq!(store.users_by_email(org, &user.email).await.unwrap(), [user]);
    }
}

#[track_caller]
fn assert_nul<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Nul { .. })), "{outcome:?}");
}

/// PostgreSQL has none in its text, so nobody takes it.
pub async fn nul_is_refused_everywhere(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, world.event(home.org));
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let nul = || "a\0b".to_owned();
    let organization = Organization { name: nul(), ..home.organization.clone() };
    assert_nul(store.insert_organization(&organization, &event).await);
    assert_nul(store.update_organization(&organization, &event).await);
    let role = Role { name: nul(), ..home.role.clone() };
    assert_nul(store.insert_role(&role, &event).await);
    let change = RoleChange { name: Some(nul()), ..RoleChange::default() };
    assert_nul(store.change_role(org, home.role.id, &change, &event).await);
    for user in [
        User { email: nul(), ..home.user.clone() },
        User { name: nul(), ..home.user.clone() },
        User { title: nul(), ..home.user.clone() },
    ] {
        assert_nul(store.insert_user(&user, &event).await);
    }
    for change in [
        UserChange { email: Some(nul()), ..UserChange::default() },
        UserChange { name: Some(nul()), ..UserChange::default() },
        UserChange { title: Some(nul()), ..UserChange::default() },
    ] {
        assert_nul(store.change_user(org, home.user.id, &change, &event).await);
    }
    let team = world.team_added(org).await;
    let look = || TeamLook { hidden_modules: vec![nul()], ..TeamLook::default() };
    for row in [
        Team { name: nul(), ..world.team(org) },
        Team { handle: nul(), ..world.team(org) },
        Team { look: look(), ..world.team(org) },
    ] {
        assert_nul(store.insert_team(&row, &event).await);
    }
    for change in [
        TeamChange { name: Some(nul()), ..TeamChange::default() },
        TeamChange { handle: Some(nul()), ..TeamChange::default() },
        TeamChange { look: Some(look()), ..TeamChange::default() },
    ] {
        assert_nul(store.change_team(org, team.id, &change, &event).await);
    }
    let keys = AwsAuth::Keys { access_key_id: nul(), sealed_secret: None };
    for account in [
        AwsAccount { settings: nul(), ..home.account.clone() },
        AwsAccount { auth: keys, ..home.account.clone() },
    ] {
        assert_nul(store.insert_aws_account(&account, &event).await);
        assert_nul(store.update_aws_account(&account, &event).await);
    }
    let key = ApiKey { name: nul(), ..world.api_key(org) };
    assert_nul(store.insert_api_key(&key, u64::MAX, &event).await);
    let change = ApiKeyChange { name: Some(nul()), ..ApiKeyChange::default() };
    assert_nul(store.change_api_key(org, world.id(), &change, &event).await);
    let key = AppKey { name: nul(), ..world.app_key(org, home.user.id) };
    assert_nul(store.insert_app_key(&key, u64::MAX, &event).await);
    let change = AppKeyChange { name: Some(nul()), ..AppKeyChange::default() };
    assert_nul(store.change_app_key(org, world.id(), &change, &event).await);
    let key = ManagedKey { last4: nul(), ..world.managed_key(&mapping, 1) };
    assert_nul(store.insert_managed_key(&key).await);
    assert_nul(store.settle(&nul(), "value").await);
    assert_nul(store.settle("name", &nul()).await);
    for event in [
        AuditEvent { detail: nul(), ..event.clone() },
        AuditEvent { caller_arn: Some(nul()), ..event.clone() },
        AuditEvent { purpose: Purpose::Change(nul().into()), ..event.clone() },
    ] {
        assert_nul(store.record(&event).await);
        assert_nul(store.delete_intake_mapping(org, mapping.id, &event).await);
    }
    assert!(!world.has_event(&event).await);
    assert_eq!(store.organizations().await.unwrap(), [home.organization]);
    assert_eq!(store.intake_mappings(org).await.unwrap(), [mapping]);
}

/// In every text of a configuration, a request and a sign-in; sealed bytes may hold any.
pub async fn nul_is_refused_in_sign_ins(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, world.event(home.org));
    let nul = || "a\0b".to_owned();
    let before = world.picture(org).await;
    let metadata = IdpMetadata { xml: nul(), uploaded_at: world.now() };
    for change in [
        SamlChange { email_attribute: Some(Some(nul())), ..SamlChange::default() },
        SamlChange { metadata: Some(metadata), ..SamlChange::default() },
        SamlChange { autocreate_domains: Some(vec![nul()]), ..SamlChange::default() },
        SamlChange {
            autocreate_domains: Some(vec!["example.com".to_owned(), nul()]),
            ..SamlChange::default()
        },
    ] {
        assert_nul(store.change_saml_configuration(org, &change, &event).await);
    }
    for request in [
        SignInRequest { request_id: nul(), ..world.sign_in_request(org) },
        SignInRequest { return_to: nul(), ..world.sign_in_request(org) },
    ] {
        assert_nul(store.insert_sign_in_request(&request).await);
        let (handle, browser) = (request.handle, request.browser);
        let taken = store.take_sign_in_request(org, handle, browser, world.now()).await;
        assert_eq!(taken.unwrap(), None);
    }
    for sign_in in [world.sign_in(&home.user), world.first_sign_in(org, &[home.role.id])] {
        let user = &sign_in.user;
        for refused in [
            SignIn { name: Some(nul()), ..sign_in.clone() },
            SignIn { user: User { email: nul(), ..user.clone() }, ..sign_in.clone() },
            SignIn { user: User { name: nul(), ..user.clone() }, ..sign_in.clone() },
            SignIn { user: User { title: nul(), ..user.clone() }, ..sign_in.clone() },
        ] {
            assert_nul(store.sign_in(&refused, &event).await);
        }
        assert!(!world.has_session(&sign_in.session).await);
    }
    let hostile = AuditEvent { detail: nul(), ..event.clone() };
    assert_nul(store.sign_in(&world.sign_in(&home.user), &hostile).await);
    assert_nul(store.end_session(org, world.id(), &hostile).await);
    assert_nul(store.end_sessions_of(org, home.user.id, &hostile).await);
    assert!(!world.has_event(&event).await);
    assert_eq!(world.picture(org).await, before);
}

/// What can't be there is not found, rather than an error.
pub async fn nul_is_found_nowhere(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    for email in ["\0".to_owned(), format!("{}\0", home.user.email)] {
        assert_eq!(store.users_by_email(home.org, &email).await.unwrap(), []);
    }
    let text = || "\0".to_owned();
    let team = world.team_added(home.org).await;
    world.member_added(&team, home.user.id).await;
    world.api_key_added(home.org).await;
    world.app_key_added(home.org, home.user.id).await;
    let users = UserQuery { text: text(), ..UserQuery::default() };
    let roles = RoleQuery { text: text(), ..RoleQuery::default() };
    let api = ApiKeyQuery { text: text(), ..ApiKeyQuery::default() };
    let app = AppKeyQuery { text: text(), ..AppKeyQuery::default() };
    let teams = TeamQuery { text: text(), ..TeamQuery::default() };
    let members = TeamMemberQuery { text: text(), ..TeamMemberQuery::of(team.id) };
    let empty = |rows: usize, total, filtered| assert_eq!((rows, total, filtered), (0, 1, 0));
    let found = store.users(home.org, &users).await.unwrap();
    empty(found.rows.len(), found.total, found.filtered);
    let found = store.roles(home.org, &roles).await.unwrap();
    empty(found.rows.len(), found.total, found.filtered);
    let found = store.api_keys(home.org, &api).await.unwrap();
    empty(found.rows.len(), found.total, found.filtered);
    let found = store.app_keys(home.org, &app).await.unwrap();
    empty(found.rows.len(), found.total, found.filtered);
    let found = store.teams(home.org, &teams).await.unwrap();
    empty(found.rows.len(), found.total, found.filtered);
    let found = store.team_members(home.org, &members).await.unwrap();
    empty(found.rows.len(), found.total, found.filtered);
}

/// A megabyte of settings, say.
pub async fn long_texts_are_kept(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let settings = "ü".repeat(500_000);
    let row = AwsAccount { settings, ..world.account(org, "123456789012") };
    store.insert_aws_account(&row, &world.event(org)).await.unwrap();
    assert_eq!(store.aws_account(org, row.id).await.unwrap(), Some(row));
}

/// Never a part of a statement.
pub async fn hostile_text_is_only_text(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    for text in ["'; DROP TABLE users; --", "\"", "\\", "%", "$1", "?1", "{a,b}", "NULL", "\\N"] {
        let user = User { email: text.to_owned(), ..world.user(org, &[]) };
        store.insert_user(&user, &world.event(org)).await.unwrap();
        assert_eq!(store.users_by_email(org, text).await.unwrap(), [user]);
    }
}

/// As far as the types go.
pub async fn extreme_numbers_are_kept(store: &dyn Store) {
    let world = World::new(store);
    for (number, micros) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (0, 0)] {
        let time = Timestamp::from_unix_micros(micros);
        let row =
            Organization { number, created_at: time, modified_at: time, ..world.organization() };
        store.insert_organization(&row, &world.event(row.id)).await.unwrap();
        assert_eq!(store.organization(row.id).await.unwrap(), Some(row));
    }
}

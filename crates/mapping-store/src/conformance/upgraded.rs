//! A database that the first migration made and an earlier version filled, after the later migrations. The tests of each
//! adapter write these rows with statements of their own.

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AuditEvent, AuditEventId, AuthnTarget, KeyCategory, KeyHash,
    ManagedKey, OrgId, Timestamp, User, permissions,
};
use uuid::Uuid;

use super::{
    chain::verified,
    fixtures::{World, as_api_key, role_pattern},
};
use crate::{ApiKeyQuery, AuthnMappingQuery, HeldKey, RoleQuery, Store, StoreError, UserQuery};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + n)
}

fn time(n: i64) -> Timestamp {
    Timestamp::from_unix_micros(n)
}

/// Everything is there, is found by what is new, and goes on as if it had been made today.
pub async fn nothing_is_lost(store: &dyn Store) {
    let world = World::new(store);
    let (org, ada) = (OrgId(id(1)), auth_model::UserId(id(21)));
    let manages = permissions::USER_ACCESS_MANAGE.id;
    let roles = [auth_model::RoleId(id(11)), auth_model::RoleId(id(12))];

    let person = User {
        id: ada,
        org,
        email: "ada@example.com".to_owned(),
        name: "ÄDA".to_owned(),
        title: "Countess".to_owned(),
        service_account: false,
        disabled: false,
        verified: true,
        roles: roles.to_vec(),
        created_at: time(1),
        modified_at: time(2),
    };
    let machine = User {
        id: auth_model::UserId(id(22)),
        email: "ops@example.com".to_owned(),
        name: String::new(),
        title: String::new(),
        service_account: true,
        disabled: true,
        roles: vec![roles[0]],
        created_at: time(3),
        modified_at: time(3),
        ..person.clone()
    };
    assert_eq!(world.users(org).await, [person.clone(), machine.clone()]);
    for (text, user) in
        [("äda\nADA@", &person), ("ops", &machine), (&*machine.id.to_string(), &machine)]
    {
        let query = UserQuery { text: text.to_owned(), ..UserQuery::default() };
        let listed = store.users(org, &query).await.unwrap();
        assert_eq!(listed.rows, std::slice::from_ref(user));
        assert_eq!((listed.total, listed.filtered), (2, 1));
    }
    assert_eq!([world.holders(org, roles[0]).await, world.holders(org, roles[1]).await], [2, 1]);
    let query = RoleQuery { text: "ÜB".to_owned(), ..RoleQuery::default() };
    let listed = store.roles(org, &query).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total), (1, 2));
    assert!(listed.rows[0].role.permissions.contains(&manages));

    let made = ApiKey {
        id: ApiKeyId(id(31)),
        org,
        name: "CI".to_owned(),
        hash: KeyHash([31; 32]),
        last4: "beef".to_owned(),
        category: KeyCategory::Made,
        remote_config_read_enabled: false,
        created_by: Some(ada),
        modified_by: Some(ada),
        created_at: time(4),
        modified_at: time(5),
        last_used_at: None,
    };
    let managed = ManagedKey {
        id: auth_model::ManagedKeyId(id(41)),
        org,
        mapping: auth_model::MappingId(id(61)),
        generation: 1,
        hash: KeyHash([41; 32]),
        sealed: vec![1, 2, 3],
        last4: "f00d".to_owned(),
        created_at: time(6),
        rotate_at: time(100),
        expires_at: time(200),
    };
    assert_eq!(world.api_keys(org).await, [made.clone(), as_api_key(&managed)]);
    let query = ApiKeyQuery { text: "MANAGED".to_owned(), ..ApiKeyQuery::default() };
    assert_eq!(store.api_keys(org, &query).await.unwrap().filtered, 1);
    assert_eq!(store.managed_key(org, managed.mapping).await.unwrap().as_ref(), Some(&managed));
    let held = async |hash| store.by_api_key(hash, time(50)).await.unwrap().unwrap().key;
    assert_eq!(held(made.hash).await, HeldKey::Made(made.id));
    let expected = HeldKey::Managed { id: managed.id, mapping: managed.mapping };
    assert_eq!(held(managed.hash).await, expected);
    let app = AppKey {
        id: auth_model::AppKeyId(id(51)),
        org,
        owner: ada,
        name: "Laptop".to_owned(),
        hash: KeyHash([51; 32]),
        last4: "cafe".to_owned(),
        scopes: None,
        created_at: time(7),
        last_used_at: None,
    };
    assert_eq!(world.app_keys(org).await, std::slice::from_ref(&app));
    let authority = store.by_key_pair(made.hash, app.hash).await.unwrap().unwrap();
    assert_eq!((authority.user, authority.permissions), (person.clone(), [manages].into()));

    // The chain is unbroken, and goes on.
    let event = |n, org| AuditEvent {
        org,
        request_id: "old".to_owned(),
        source: Some([192, 0, 2, 1].into()),
        proof_hash: Some([7; 32]),
        ..AuditEvent::new(
            AuditEventId(id(n)),
            time(i64::try_from(90 - n).unwrap()),
            auth_model::Purpose::AccessToken,
            auth_model::AuditOutcome::Granted,
        )
    };
    let stranger = OrgId(id(9));
    let old = [event(71, Some(org)), event(72, Some(org)), event(73, Some(org))];
    assert_eq!(world.events(org).await, old);
    assert_eq!(verified(store, Some(org)).await, old);
    assert_eq!(verified(store, None).await, [event(74, None)]);
    assert_eq!(verified(store, Some(stranger)).await, [event(75, Some(stranger))]);
    let new = world.event(org);
    store.record(&new).await.unwrap();
    assert_eq!(verified(store, Some(org)).await.last(), Some(&new));

    // What is new works on what is old.
    let mapping = world.authn_mapping_added(org, "k", "v", AuthnTarget::Role(roles[1])).await;
    world.authn_mapping_added(org, "k", "v", AuthnTarget::Role(roles[0])).await;
    let query = AuthnMappingQuery { text: "EMPTY".to_owned(), ..AuthnMappingQuery::default() };
    let listed = store.authn_mappings(org, &query).await.unwrap();
    assert_eq!((listed.rows, listed.total), (vec![mapping], 2));
    let event = world.event(org);
    let last = store.delete_role(org, roles[0], &event).await;
    assert!(matches!(last, Err(StoreError::LastAdmin)), "{last:?}");
    assert!(store.remove_role_holder(org, roles[1], ada, &event).await.unwrap());
    assert!(store.delete_api_key(org, made.id, &world.event(org)).await.unwrap());
    let home_event = world.event(org);
    assert!(store.delete_intake_mapping(org, managed.mapping, &home_event).await.unwrap());
    let listed = store.api_keys(org, &ApiKeyQuery::default()).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total), (0, 0));
    assert_eq!(store.intake_mappings(org).await.unwrap(), []);
    assert_eq!(store.persona_mappings(org).await.unwrap()[0].pattern.as_str(), role_pattern("ci"));
    verified(store, Some(org)).await;
}

/// A team that was made before there were authN mappings: these are found by its name, and not by its handle.
pub async fn mappings_are_found_by_the_names_of_old_teams(store: &dyn Store) {
    let world = World::new(store);
    let (org, team) = (OrgId(id(1)), auth_model::TeamId(id(81)));
    let mapping = world.authn_mapping_added(org, "k", "v", AuthnTarget::Team(team)).await;
    for (text, rows) in [("Ä\nö", vec![mapping]), ("ops", vec![])] {
        let query = AuthnMappingQuery { text: text.to_owned(), ..AuthnMappingQuery::default() };
        let listed = store.authn_mappings(org, &query).await.unwrap();
        assert_eq!((listed.rows, listed.total), (rows, 1), "{text}");
    }
    assert!(store.delete_team(org, team, &world.event(org)).await.unwrap());
    let listed = store.authn_mappings(org, &AuthnMappingQuery::default()).await.unwrap();
    assert_eq!((listed.rows, listed.total), (vec![], 0));
}

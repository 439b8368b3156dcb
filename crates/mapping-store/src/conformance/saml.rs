//! What organizations have decided about sign-in by SAML.

use auth_model::{
    Enforcement, IdpMetadata, KeptAssertion, OrgId, SamlChange, SamlConfiguration, Session,
    UnmatchedUsers, User,
};

use super::fixtures::{World, assert_duplicate, assert_missing};
use crate::Store;

/// Texts that a statement or an array might take for something else.
const HOSTILE: [&str; 9] =
    ["example.com", "", "{a,b}", "\"", "\\", "NULL", "'; DROP TABLE users; --", "ü", " x "];

fn metadata(world: &World<'_>, xml: &str) -> IdpMetadata {
    IdpMetadata { xml: xml.to_owned(), uploaded_at: world.now() }
}

fn domains(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// Sessions of both kinds and an assertion, while all of them are allowed.
async fn signed_in(world: &World<'_>, user: &User) -> (Session, Session, KeptAssertion) {
    world.sign_ins_allowed(user.org).await;
    let (saml, keys) = (world.session_added(user).await, world.key_session_added(user).await);
    let kept = world.kept_added(world.kept(user)).await;
    (saml, keys, kept)
}

/// What is there of them.
async fn left(
    world: &World<'_>,
    (saml, keys, kept): &(Session, Session, KeptAssertion),
) -> (bool, bool, bool) {
    (world.has_session(saml).await, world.has_session(keys).await, world.has_kept(kept).await)
}

/// Also in an organization that there is not.
pub async fn who_has_decided_nothing_signs_in_by_no_saml(store: &dyn Store) {
    let world = World::new(store);
    for org in [world.organization_added().await.id, world.id()] {
        let expected = SamlConfiguration::new(org);
        assert_eq!(store.saml_configuration(org).await.unwrap(), expected);
        assert!(!expected.enabled);
    }
}

/// All of it at once, and all of it otherwise.
pub async fn a_saml_configuration_comes_back_as_it_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let long = format!("<EntityDescriptor a=\"1\">\r\n{}\u{FEFF}", "ü'\\".repeat(100_000));
    for change in [
        SamlChange {
            enabled: Some(true),
            strict: Some(true),
            idp_initiated: Some(true),
            autocreate_domains: domains(&HOSTILE),
            autocreate_role: Some(Some(home.role.id)),
            unmatched_users: Some(UnmatchedUsers::Refuse),
            keep_assertions: Some(true),
            email_attribute: Some(Some("urn:oid:0.9.2342.19200300.100.1.3".to_owned())),
            enforcement: Some(Enforcement::On),
            metadata: Some(metadata(&world, &long)),
        },
        SamlChange {
            enabled: Some(false),
            strict: Some(false),
            idp_initiated: Some(false),
            autocreate_domains: domains(&[]),
            autocreate_role: Some(None),
            unmatched_users: Some(UnmatchedUsers::SignIn),
            keep_assertions: Some(false),
            email_attribute: Some(None),
            enforcement: Some(Enforcement::Forced),
            metadata: Some(metadata(&world, "")),
        },
    ] {
        let mut expected = SamlConfiguration::new(org);
        change.apply(&mut expected);
        assert_eq!(world.saml_changed(org, &change).await, expected);
        assert_eq!(store.saml_configuration(org).await.unwrap(), expected);
    }
}

/// One thing after another; its answer is the configuration as it is then.
pub async fn a_change_of_a_saml_configuration_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let attribute = |text: &str| Some(Some(text.to_owned()));
    let mut row = SamlConfiguration::new(org);
    for change in [
        SamlChange::default(),
        SamlChange { enabled: Some(true), ..SamlChange::default() },
        SamlChange { strict: Some(true), ..SamlChange::default() },
        SamlChange { idp_initiated: Some(true), ..SamlChange::default() },
        SamlChange { autocreate_domains: domains(&["b.org", "a.org"]), ..SamlChange::default() },
        SamlChange { autocreate_role: Some(Some(home.role.id)), ..SamlChange::default() },
        SamlChange { unmatched_users: Some(UnmatchedUsers::Refuse), ..SamlChange::default() },
        SamlChange { keep_assertions: Some(true), ..SamlChange::default() },
        SamlChange { email_attribute: attribute("mail"), ..SamlChange::default() },
        SamlChange { email_attribute: attribute(""), ..SamlChange::default() },
        SamlChange { enforcement: Some(Enforcement::Forced), ..SamlChange::default() },
        SamlChange { metadata: Some(metadata(&world, "<a/>")), ..SamlChange::default() },
        SamlChange { metadata: Some(metadata(&world, "<b/>")), ..SamlChange::default() },
        SamlChange::default(),
        SamlChange { email_attribute: Some(None), ..SamlChange::default() },
        SamlChange { autocreate_role: Some(None), ..SamlChange::default() },
        SamlChange { autocreate_domains: domains(&[]), ..SamlChange::default() },
        SamlChange { strict: Some(false), enabled: Some(false), ..SamlChange::default() },
        SamlChange { enforcement: Some(Enforcement::Off), ..SamlChange::default() },
    ] {
        change.apply(&mut row);
        assert_eq!(world.saml_changed(org, &change).await, row, "{change:?}");
        assert_eq!(store.saml_configuration(org).await.unwrap(), row, "{change:?}");
    }
}

/// Its own organization's role; otherwise nothing of the change is made, and nothing ends.
pub async fn a_saml_configuration_needs_its_organization_and_role(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let there = signed_in(&world, &home.user).await;
    let before = world.picture(home.org).await;
    let event = world.event(home.org);
    for role in [world.id(), other.role.id] {
        let change = SamlChange {
            enabled: Some(false),
            strict: Some(true),
            keep_assertions: Some(false),
            autocreate_role: Some(Some(role)),
            ..SamlChange::default()
        };
        let outcome = store.change_saml_configuration(home.org, &change, &event).await;
        assert_missing(outcome, "role");
    }
    assert_eq!(world.picture(home.org).await, before);
    assert_eq!(left(&world, &there).await, (true, true, true));
    let (nowhere, change): (OrgId, _) = (world.id(), SamlChange::default());
    let event = world.event(nowhere);
    let outcome = store.change_saml_configuration(nowhere, &change, &event).await;
    assert_missing(outcome, "organization");
    assert!(!world.has_event(&event).await);
}

/// Which sign-ins then do without; what is not given is not looked for.
pub async fn a_saml_configuration_outlives_its_role(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let role = world.role_added(org, &[]).await.id;
    let change = SamlChange { autocreate_role: Some(Some(role)), ..SamlChange::default() };
    let row = world.saml_changed(org, &change).await;
    assert!(store.delete_role(org, role, &world.event(org)).await.unwrap());
    assert_eq!(store.saml_configuration(org).await.unwrap(), row);
    let enable = SamlChange { enabled: Some(true), ..SamlChange::default() };
    let expected = SamlConfiguration { enabled: true, ..row };
    assert_eq!(world.saml_changed(org, &enable).await, expected);
    let event = world.event(org);
    let again = store.change_saml_configuration(org, &change, &event).await;
    assert_missing(again, "role");
}

/// Each change ends what it no longer allows, in its organization, and nothing else.
pub async fn what_a_saml_configuration_no_longer_allows_ends(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let bob = world.user_added(home.org, &[]).await;
    let others = signed_in(&world, &other.user).await;
    for (change, expected) in [
        (SamlChange::default(), (true, true, true)),
        (SamlChange { strict: Some(true), ..SamlChange::default() }, (true, false, true)),
        (SamlChange { enabled: Some(false), ..SamlChange::default() }, (false, true, true)),
        (SamlChange { keep_assertions: Some(false), ..SamlChange::default() }, (true, true, false)),
        (
            SamlChange { enforcement: Some(Enforcement::Forced), ..SamlChange::default() },
            (true, true, true),
        ),
        (
            SamlChange {
                enabled: Some(false),
                strict: Some(true),
                keep_assertions: Some(false),
                ..SamlChange::default()
            },
            (false, false, false),
        ),
    ] {
        let (adas, bobs) = (signed_in(&world, &home.user).await, signed_in(&world, &bob).await);
        world.saml_changed(home.org, &change).await;
        assert_eq!(left(&world, &adas).await, expected, "{change:?}");
        assert_eq!(left(&world, &bobs).await, expected, "{change:?}");
    }
    assert_eq!(left(&world, &others).await, (true, true, true));
}

/// What ended does not come back when it is allowed again.
pub async fn what_ended_with_a_saml_configuration_is_gone(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let there = signed_in(&world, &home.user).await;
    let change = |allowed| SamlChange {
        enabled: Some(allowed),
        strict: Some(!allowed),
        keep_assertions: Some(allowed),
        ..SamlChange::default()
    };
    world.saml_changed(home.org, &change(false)).await;
    world.saml_changed(home.org, &change(true)).await;
    assert_eq!(left(&world, &there).await, (false, false, false));
}

/// An event that can't be kept takes the change back, and what would have ended goes on.
pub async fn a_saml_configuration_and_its_event_go_together(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let there = signed_in(&world, &home.user).await;
    let used = world.event(home.org);
    store.record(&used).await.unwrap();
    let before = world.picture(home.org).await;
    let change = SamlChange {
        enabled: Some(false),
        strict: Some(true),
        keep_assertions: Some(false),
        metadata: Some(metadata(&world, "<a/>")),
        ..SamlChange::default()
    };
    let outcome = store.change_saml_configuration(home.org, &change, &used).await;
    assert_duplicate(outcome, "an audit event");
    assert_eq!(world.picture(home.org).await, before);
    assert_eq!(left(&world, &there).await, (true, true, true));
}

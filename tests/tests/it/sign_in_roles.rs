//! What becomes of people's roles and teams when they sign in, with mappings enforced and not.

use std::collections::BTreeSet;

use auth_model::{RoleId, User, permissions as p};
use integration::{
    AUTHN_MAPPINGS, Browser, Claim, PREFERENCES, ROLES, SAML, TEAMS, USERS, World, bodies,
};
use serde_json::json;

use crate::sign_in::{URL, configure};

const EMAIL: &str = "ann@corp.example";

struct Scene {
    world: World,
    /// Mapped from group `dev`.
    dev: String,
    /// Mapped from group `boss`; holds `user_access_manage`.
    boss: String,
    /// Mapped from group `core`.
    team: String,
    /// Nothing leads there.
    other_team: String,
}

impl Scene {
    async fn start(settings: serde_json::Value) -> Self {
        let world = World::start().await;
        configure(&world, settings).await;
        let (client, keys) = (world.client(), world.keys());
        let role = async |name, holds: &[auth_model::Permission]| {
            client.post(ROLES, keys, &bodies::role(name, holds)).await.expect(200).id()
        };
        let dev = role("Developers", &[]).await;
        let boss = role("Bosses", &[p::USER_ACCESS_MANAGE]).await;
        let team = client.post(TEAMS, keys, &bodies::team("core")).await.expect(201).id();
        let other_team = client.post(TEAMS, keys, &bodies::team("choir")).await.expect(201).id();
        for (group, target) in [("dev", &dev), ("boss", &boss)] {
            let body = bodies::authn_mapping("groups", group, target);
            client.post(AUTHN_MAPPINGS, keys, &body).await.expect(200);
        }
        let body = json!({"data": {"type": "authn_mappings",
            "attributes": {"attribute_key": "groups", "attribute_value": "core"},
            "relationships": {"team": {"data": {"type": "team", "id": team}}}}});
        client.post(AUTHN_MAPPINGS, keys, &body).await.expect(200);
        Self { world, dev, boss, team, other_team }
    }

    fn claim(&self, email: &str, groups: &[&str]) -> Claim {
        Claim::of(self.world.org.id, URL, email, groups)
    }

    async fn sign_in(&self, email: &str, groups: &[&str]) -> Browser {
        let mut browser = Browser::new(self.world.client());
        browser.sign_in(self.claim(email, groups)).await.expect(303);
        browser
    }

    async fn user(&self, email: &str) -> Option<User> {
        let users = self.world.server.store().users_by_email(self.world.org.id, email).await;
        users.unwrap().into_iter().find(|user| !user.service_account)
    }

    async fn roles(&self, email: &str) -> BTreeSet<String> {
        let user = self.user(email).await.unwrap();
        user.roles.iter().map(RoleId::to_string).collect()
    }

    async fn teams(&self, email: &str) -> BTreeSet<String> {
        let user = self.user(email).await.unwrap();
        let members = self.world.server.store().memberships(user.org, user.id).await.unwrap();
        members.iter().map(|member| member.team.to_string()).collect()
    }

    async fn enforce(&self, on: bool, force: bool) -> integration::Answer {
        let body = bodies::enforcement(on, force);
        self.world.client().post(PREFERENCES, self.world.keys(), &body).await
    }

    /// The detail of the latest event.
    async fn detail(&self) -> String {
        self.world.events().await[0].detail.clone()
    }
}

fn set<const N: usize>(ids: [&String; N]) -> BTreeSet<String> {
    ids.into_iter().cloned().collect()
}

#[tokio::test]
async fn while_mappings_are_not_enforced_roles_stay_and_what_would_be_is_recorded() {
    let scene = Scene::start(json!({})).await;
    let person = scene.world.server.bootstrap();
    let standard = &scene.world.org.first.standard;
    person.user(standard, EMAIL, "", false).await.unwrap();
    scene.sign_in(EMAIL, &["dev", "core"]).await;
    assert_eq!(scene.roles(EMAIL).await, set([&standard.id.to_string()]));
    assert!(scene.teams(EMAIL).await.is_empty());
    let detail = scene.detail().await;
    let mappings = scene.world.client().get(AUTHN_MAPPINGS, scene.world.keys()).await.json();
    let by = mappings["data"][0]["id"].as_str().unwrap();
    assert!(detail.contains("not enforced"), "{detail}");
    assert!(detail.contains(&format!("role {} by mapping {by}", scene.dev)), "{detail}");
    assert!(detail.contains(&format!("without role {}", standard.id)), "{detail}");
    assert!(scene.user(EMAIL).await.unwrap().verified, "whoever signs in is not pending any more");
}

#[tokio::test]
async fn m_01_with_mappings_enforced_roles_are_the_union_of_what_matches_and_nothing_else() {
    let scene = Scene::start(json!({})).await;
    let (world, keys) = (&scene.world, scene.world.keys());
    let standard = &world.org.first.standard;
    let ann = world.server.bootstrap().user(standard, EMAIL, "", false).await.unwrap();
    for team in [&scene.team, &scene.other_team] {
        let body = bodies::member(&ann.id.to_string(), None);
        world.client().post(&format!("{TEAMS}/{team}/memberships"), keys, &body).await.expect(200);
    }
    scene.enforce(true, true).await.expect(200);
    let mut browser = scene.sign_in(EMAIL, &["dev", "boss", "Dev", "dev "]).await;
    assert_eq!(scene.roles(EMAIL).await, set([&scene.dev, &scene.boss]));
    // The team that a mapping leads to is set as roles are; the other one is nobody's business.
    assert_eq!(scene.teams(EMAIL).await, set([&scene.other_team]));
    let detail = scene.detail().await;
    assert!(detail.contains("are enforced"), "{detail}");
    assert!(detail.contains(&format!("without role {}", standard.id)), "{detail}");
    let page = browser.get("/account").await.text();
    assert!(page.contains("Developers") && page.contains("Bosses"), "{page}");
    assert!(page.contains("by <code>groups</code> = <code>dev</code>"), "{page}");
    // At once, for what the session may do.
    browser.get(ROLES).await.expect(200);

    scene.sign_in(EMAIL, &["core"]).await;
    assert!(scene.roles(EMAIL).await.is_empty());
    assert_eq!(scene.teams(EMAIL).await, set([&scene.team, &scene.other_team]));
    browser.get(PREFERENCES).await.expect(200);
    let send = |r: reqwest::RequestBuilder| {
        r.json(&bodies::enforcement(false, false)).header("origin", URL)
    };
    browser.send(reqwest::Method::POST, PREFERENCES, send).await.expect(403);

    scene.enforce(false, false).await.expect(200);
    scene.sign_in(EMAIL, &["dev"]).await;
    assert!(scene.roles(EMAIL).await.is_empty(), "switched off, nothing is given either");
}

#[tokio::test]
async fn people_of_the_named_domains_are_made_users_when_they_first_sign_in() {
    let scene = Scene::start(json!({ "autocreate_domains": ["Corp.Example"] })).await;
    let claim = scene.claim("Ann@CORP.example", &["dev"]).with("displayName", "Ann Ant");
    let mut browser = Browser::new(scene.world.client());
    browser.sign_in(claim).await.expect(303);
    let ann = scene.user(EMAIL).await.unwrap();
    assert_eq!((ann.name.as_str(), ann.verified, ann.roles.len()), ("Ann Ant", true, 0));
    assert!(scene.detail().await.starts_with("user created"));
    // Once: whoever comes again is the same, with the name that the identity provider has for them now.
    let claim = scene.claim(EMAIL, &[]).with("givenName", "Ann").with("sn", "Bee");
    browser.sign_in(claim).await.expect(303);
    let again = scene.user(EMAIL).await.unwrap();
    assert_eq!((again.id, again.name.as_str()), (ann.id, "Ann Bee"));

    let role = json!({ "autocreate_role": scene.dev });
    let body = bodies::saml_configuration(role);
    scene.world.client().patch(SAML, scene.world.keys(), &body).await.expect(200);
    scene.sign_in("bob@corp.example", &["boss"]).await;
    assert_eq!(scene.roles("bob@corp.example").await, set([&scene.dev]));
    scene.enforce(true, true).await.expect(200);
    scene.sign_in("cem@corp.example", &["boss"]).await;
    assert_eq!(scene.roles("cem@corp.example").await, set([&scene.boss]));

    for stranger in ["eve@evil.example", "eve@corp.example.evil.example", "eve@sub.corp.example"] {
        Browser::new(scene.world.client())
            .sign_in(scene.claim(stranger, &["boss"]))
            .await
            .expect(403);
        assert_eq!(scene.world.events().await[0].reason, "unknown_user", "{stranger}");
        assert_eq!(scene.user(stranger).await, None);
    }
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_user() {
    let scene = Scene::start(json!({ "autocreate_domains": ["corp.example"] })).await;
    let one = async || {
        let mut browser = Browser::new(scene.world.client());
        browser.sign_in(scene.claim(EMAIL, &[])).await.expect(303);
    };
    tokio::join!(one(), one(), one(), one());
    let path = format!("{USERS}?filter={EMAIL}");
    let users = scene.world.client().get(&path, scene.world.keys()).await.json();
    assert_eq!(users["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whom_no_mapping_matches_is_let_in_without_roles_or_refused_and_told_what_arrived() {
    let scene = Scene::start(json!({ "autocreate_domains": ["corp.example"] })).await;
    scene.enforce(true, true).await.expect(200);
    let mut browser = scene.sign_in(EMAIL, &["unknown-group"]).await;
    assert!(scene.roles(EMAIL).await.is_empty());
    assert!(browser.get("/account").await.text().contains("unknown-group"));

    let body = bodies::saml_configuration(json!({ "unmatched_users": "refuse" }));
    scene.world.client().patch(SAML, scene.world.keys(), &body).await.expect(200);
    let mut browser = Browser::new(scene.world.client());
    let claim = scene.claim("new@corp.example", &["unknown-group"]);
    let page = browser.sign_in(claim).await.expect(403).text();
    assert!(page.contains("id=\"arrived\"") && page.contains("unknown-group"), "{page}");
    assert_eq!(scene.world.events().await[0].reason, "no_mapping");
    assert!(!scene.detail().await.contains("unknown-group"), "values stay out of the log");
    assert_eq!(scene.user("new@corp.example").await, None, "nobody is made of whom is refused");
    browser.sign_in(scene.claim("new@corp.example", &["dev"])).await.expect(303);
}

#[tokio::test]
async fn m_02_the_last_who_manages_access_goes_on_managing_it() {
    let scene = Scene::start(json!({ "keep_assertions": true })).await;
    let admin = "admin@example.com";
    let before = scene.roles(admin).await;
    // Nobody was seen: who would be left can't be known.
    let refused = scene.enforce(true, false).await.expect(409);
    assert!(refused.detail().contains("user_access_manage"), "{}", refused.detail());
    scene.sign_in(admin, &["dev"]).await;
    let refused = scene.enforce(true, false).await.expect(409);
    assert!(refused.detail().contains("of the 1 people"), "{}", refused.detail());
    let off = scene.world.client().get(PREFERENCES, scene.world.keys()).await.json();
    assert_eq!(off["data"]["attributes"]["preference_data"], false);

    scene.sign_in(admin, &["boss"]).await;
    scene.enforce(true, false).await.expect(200);
    scene.sign_in(admin, &["boss"]).await;
    assert_eq!(scene.roles(admin).await, set([&scene.boss]));
    // Nobody else manages access, so what lets this one is kept.
    scene.sign_in(admin, &["dev"]).await;
    assert_eq!(scene.roles(admin).await, set([&scene.dev, &scene.boss]));
    assert!(
        scene.detail().await.contains("nobody else manages access"),
        "{}",
        scene.detail().await
    );
    // Forced, it is not.
    scene.enforce(true, true).await.expect(200);
    scene.sign_in(admin, &["dev"]).await;
    assert_eq!(scene.roles(admin).await, set([&scene.dev]));
    assert!(!before.contains(&scene.dev));
}

#[tokio::test]
async fn i_14_the_email_address_comes_from_where_the_organization_says_and_from_one_value() {
    let scene =
        Scene::start(json!({ "email_attribute": "mail", "autocreate_domains": ["corp.example"] }))
            .await;
    let subject = || scene.claim("f3a9-opaque", &[]);
    let mut browser = Browser::new(scene.world.client());
    browser.sign_in(subject()).await.expect(403);
    browser
        .sign_in(subject().with("mail", EMAIL).with("mail", "admin@example.com"))
        .await
        .expect(403);
    browser.sign_in(subject().with("mail", "not an address")).await.expect(403);
    browser.sign_in(scene.claim("admin@example.com", &[])).await.expect(403);
    let reasons: Vec<String> =
        scene.world.events().await.iter().take(4).map(|e| e.reason.to_string()).collect();
    assert_eq!(reasons, ["email"; 4]);
    browser.sign_in(subject().with("mail", EMAIL)).await.expect(303);
    assert!(scene.user(EMAIL).await.is_some());
}

#[tokio::test]
async fn a_service_account_of_the_same_address_is_nobody_who_signs_in() {
    let scene = Scene::start(json!({})).await;
    let mut browser = Browser::new(scene.world.client());
    let claim = scene.claim("terraform@example.com", &["boss"]);
    browser.sign_in(claim).await.expect(403);
    assert_eq!(scene.world.events().await[0].reason, "unknown_user");
}

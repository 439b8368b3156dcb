//! For every route a request that is right in everything: ids of things that are there, and a body that is taken.

use std::collections::BTreeMap;

use auth_model::{User, permissions as p};
use countersign_server::RouteInfo;
use integration::{
    IDP, IdpKey, World, aws_account, bodies, idp_metadata, intake_mapping, persona_mapping,
};
use serde_json::{Value, json};

/// Makes what routes are asked about, as the admin and when it is needed.
pub(crate) struct Things<'w> {
    world: &'w World,
    /// Holds no more than a mapping's maker must.
    target: User,
    made: BTreeMap<&'static str, String>,
    count: u64,
}

impl<'w> Things<'w> {
    pub(crate) async fn of(world: &'w World) -> Self {
        let holds = [p::CLOUD_AUTH_CONFIG_WRITE];
        let role = world.server.role(world.org.id, "Mapped", &holds).await;
        let bootstrap = world.server.bootstrap();
        let target = bootstrap.user(&role, "mapped@example.com", "Mapped", true).await.unwrap();
        Self { world, target, made: BTreeMap::new(), count: 0 }
    }

    /// What was made may have been changed or removed: everything is made anew from here on.
    pub(crate) fn forget(&mut self) {
        self.made.clear();
    }

    /// A path and a body that a caller with every permission is let in with.
    pub(crate) async fn request(&mut self, route: &RouteInfo) -> (String, Option<Value>) {
        let mut path = route.path.to_owned();
        for (prefix, placeholder, kind) in PLACEHOLDERS {
            if route.path.contains(prefix) && path.contains(placeholder) {
                let id = self.id(kind).await;
                path = path.replace(placeholder, &id);
            }
        }
        assert!(!path.contains('{'), "say in `PLACEHOLDERS` what `{}` is about", route.path);
        if route.name == "arn.explain" {
            path.push_str(&format!("?arn=arn:aws:sts::{}:assumed-role/x/y", integration::ACCOUNT));
        }
        let body = self.body(route.name).await;
        (path, body)
    }

    /// Another name.
    fn next(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what}-{}", self.count)
    }

    fn pattern(&mut self) -> String {
        let role = self.next("role");
        format!("arn:aws:sts::{}:assumed-role/{role}/*", integration::ACCOUNT)
    }

    fn account_number(&mut self) -> String {
        self.count += 1;
        format!("{:012}", 100_000_000_000 + self.count)
    }

    /// The id of a thing of this kind.
    async fn id(&mut self, kind: &'static str) -> String {
        if let Some(id) = self.made.get(kind) {
            return id.clone();
        }
        let (path, body) = match kind {
            "org" => return self.world.org.id.to_string(),
            "requirements" => return "permission=teams_read".to_owned(),
            "path" => return "some/page".to_owned(),
            "persona" => {
                let pattern = self.pattern();
                (
                    integration::PERSONAS.to_owned(),
                    persona_mapping(&pattern, &self.target.id.to_string()),
                )
            }
            "intake" => {
                let pattern = self.pattern();
                (integration::INTAKES.to_owned(), intake_mapping(&pattern))
            }
            "aws_account" => {
                let number = self.account_number();
                (integration::ACCOUNTS.to_owned(), aws_account(&number))
            }
            "role" => {
                ("/api/v2/roles".to_owned(), bodies::role(&self.next("Role"), &[p::TEAMS_MANAGE]))
            }
            "user" => ("/api/v2/users".to_owned(), bodies::user(&self.email(), &[])),
            "handle" => {
                let email = self.email();
                self.make("/api/v2/users", &bodies::user(&email, &[])).await;
                self.made.insert(kind, email.clone());
                return email;
            }
            "account" => {
                ("/api/v2/service_accounts".to_owned(), bodies::service_account(&self.email(), &[]))
            }
            "authn_mapping" => {
                let role = Box::pin(self.id("role")).await;
                let value = self.next("value");
                (integration::AUTHN_MAPPINGS.to_owned(), bodies::authn_mapping("k", &value, &role))
            }
            "api_key" => {
                ("/api/v2/api_keys".to_owned(), bodies::named("api_keys", &self.next("key")))
            }
            "own_key" => {
                let scopes = Some([p::USER_APP_KEYS].as_slice());
                ("/api/v2/current_user/application_keys".to_owned(), bodies::app_key("key", scopes))
            }
            "account_key" => {
                let account = Box::pin(self.id("account")).await;
                let path = format!("/api/v2/service_accounts/{account}/application_keys");
                (path, bodies::app_key("key", None))
            }
            "team" => ("/api/v2/team".to_owned(), bodies::team(&self.next("team"))),
            "member" => {
                let (team, user) =
                    (Box::pin(self.id("team")).await, Box::pin(self.id("user")).await);
                let path = format!("/api/v2/team/{team}/memberships");
                self.make(&path, &bodies::member(&user, None)).await;
                self.made.insert(kind, user.clone());
                return user;
            }
            "invitation" => {
                let user = Box::pin(self.id("user")).await;
                let body = bodies::invitations(&[&user]);
                let made = self.make("/api/v2/user_invitations", &body).await;
                let id = made["data"][0]["id"].as_str().unwrap().to_owned();
                self.made.insert(kind, id.clone());
                return id;
            }
            other => panic!("what is `{other}`?"),
        };
        let id = self.make(&path, &body).await["data"]["id"].as_str().unwrap().to_owned();
        self.made.insert(kind, id.clone());
        id
    }

    fn email(&mut self) -> String {
        format!("{}@example.com", self.next("person"))
    }

    async fn make(&self, path: &str, body: &Value) -> Value {
        let answer = self.world.client().post(path, self.world.keys(), body).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        answer.json()
    }

    /// A request with the body that [`Self::request`] has given: JSON, a file, or a form.
    pub(crate) fn with_body(
        request: reqwest::RequestBuilder,
        body: &Option<Value>,
    ) -> reqwest::RequestBuilder {
        match body {
            Some(Value::String(text)) => {
                let kind = match text.starts_with('<') {
                    true => "application/xml",
                    false => "application/x-www-form-urlencoded",
                };
                request.header("content-type", kind).body(text.clone())
            }
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// The body of the route of this name.
    async fn body(&mut self, name: &str) -> Option<Value> {
        let renamed = self.next("Renamed");
        let of = |kind: &str, id: String| json!({"data": {"type": kind, "id": id, "attributes": {"name": renamed}}});
        Some(match name {
            "persona_mapping.create" => {
                persona_mapping(&self.pattern(), &self.target.id.to_string())
            }
            "intake_mapping.create" => intake_mapping(&self.pattern()),
            "aws_account.create" => aws_account(&self.account_number()),
            "aws_account.update" => {
                json!({"data": {"type": "account", "attributes": {"account_tags": ["a:b"]}}})
            }
            "role.create" => bodies::role(&renamed, &[]),
            "role.clone" => bodies::named("roles", &renamed),
            "role.update" => of("roles", self.id("role").await),
            "role_permission.grant" => {
                json!({"data": {"type": "permissions", "id": p::AUDIT_LOGS_READ.id.to_string()}})
            }
            "role_permission.revoke" => {
                json!({"data": {"type": "permissions", "id": p::TEAMS_MANAGE.id.to_string()}})
            }
            "role_user.add" => json!({"data": {"type": "users", "id": self.id("user").await}}),
            "role_user.remove" => {
                let (role, user) = (self.id("role").await, self.id("user").await);
                let link = json!({"data": {"type": "users", "id": user}});
                self.make(&format!("{}/{role}/users", integration::ROLES), &link).await;
                link
            }
            "user.create" => bodies::user(&self.email(), &[]),
            "service_account.create" => bodies::service_account(&self.email(), &[]),
            "user.update" => of("users", self.id("user").await),
            "invitation.create" => bodies::invitations(&[&self.id("user").await]),
            "legacy_user.create" => json!({"email": self.email(), "access_role": null}),
            "legacy_user.update" => json!({"name": renamed}),
            "api_key.create" => bodies::named("api_keys", &renamed),
            "api_key.update" => of("api_keys", self.id("api_key").await),
            "app_key.update" | "own_app_key.update" => {
                of("application_keys", self.id("own_key").await)
            }
            "own_app_key.create" => bodies::app_key(&renamed, Some(&[p::USER_APP_KEYS])),
            "account_app_key.create" => {
                bodies::app_key(&renamed, Some(&[p::SERVICE_ACCOUNT_WRITE]))
            }
            "account_app_key.update" => of("application_keys", self.id("account_key").await),
            "team.create" => bodies::team(&renamed),
            "team.update" => {
                json!({"data": {"type": "team", "attributes": {"name": renamed, "handle": renamed}}})
            }
            "team_member.add" => bodies::member(&self.id("user").await, Some("admin")),
            "team_member.update" => {
                json!({"data": {"type": "team_memberships", "attributes": {"role": "admin"}}})
            }
            "authn_mapping.create" => {
                bodies::authn_mapping("memberOf", &renamed, &self.id("role").await)
            }
            "authn_mapping.update" => json!({"data": {"type": "authn_mappings",
                "id": self.id("authn_mapping").await, "attributes": {"attribute_value": renamed}}}),
            "authn_preview.show" => json!({"data": {"type": "authn_mapping_previews",
                "attributes": {"attributes": {}, "user": self.id("user").await}}}),
            "saml_configuration.update" => {
                bodies::saml_configuration(json!({ "keep_assertions": true }))
            }
            "saml_configuration.upload" => idp_metadata(IDP, &[IdpKey::IDP]).into(),
            "org_preference.update" => bodies::enforcement(false, false),
            "audit.search" => json!({}),
            // A form, not JSON.
            "token.introspect" => "token=x".into(),
            _ => return None,
        })
    }
}

/// Routes that take a body to ask by, and change nothing.
pub(crate) const ONLY_ASK: [&str; 2] = ["audit.search", "authn_preview.show"];

/// In which paths which placeholder stands for what.
#[rustfmt::skip]
const PLACEHOLDERS: [(&str, &str, &str); 18] = [
    ("/auth/verify/",                      "{requirements}", "requirements"),
    ("/auth/verify/",                      "{*path}", "path"),
    ("/saml/",                              "{org}",  "org"),
    ("/api/v2/authn_mappings/",             "{id}",   "authn_mapping"),
    ("/persona_mapping/",                   "{id}",   "persona"),
    ("/intake_mapping/",                    "{id}",   "intake"),
    ("/aws/accounts/",                      "{id}",   "aws_account"),
    ("/api/v2/roles/",                      "{id}",   "role"),
    ("/api/v2/users/",                      "{id}",   "user"),
    ("/api/v2/user_invitations/",           "{id}",   "invitation"),
    ("/api/v1/user/",                       "{id}",   "handle"),
    ("/api/v2/api_keys/",                   "{id}",   "api_key"),
    ("/api/v2/application_keys/",           "{id}",   "own_key"),
    ("/api/v2/current_user/",               "{id}",   "own_key"),
    ("/application_keys/{key}",             "{key}",  "account_key"),
    ("/api/v2/service_accounts/",           "{id}",   "account"),
    ("/memberships/{user}",                 "{user}", "member"),
    ("/api/v2/team/",                       "{id}",   "team"),
];

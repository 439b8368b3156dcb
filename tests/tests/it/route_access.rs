//! Who gets into which route: every route of the table as every kind of caller, against `tests/vectors/route_access.toml`.
//!
//! The requests are right in everything but their caller: ids of things that are there, bodies that would be taken. So `in` means
//! that it was done, and anything else is the status of a refusal.

use std::collections::BTreeMap;

use auth_model::{ExposeSecret, permissions as p};
use countersign_server::{Family, Need, RouteInfo, route_table};
use integration::{Answer, Auth, Browser, KeyPair, PERSONAS, World};
use reqwest::Method;
use serde_json::json;

use crate::{
    sign_in::{self, URL, configure},
    things::Things,
};

/// Each kind of caller, in the order of the table's columns.
const CALLERS: [&str; 17] = [
    "none", "wrong", "api", "intake", "scope-", "scope+", "norole", "off", "other", "ro", "std",
    "admin", "t-adm", "t-ro", "t-gone", "s-adm", "s-site",
];

const TABLE: &str = include_str!("../../vectors/route_access.toml");

/// What callers prove themselves with.
struct Callers {
    keys: BTreeMap<&'static str, KeyPair>,
    tokens: BTreeMap<&'static str, String>,
    api_key: String,
    /// Keys of the admin, each narrowed to one permission.
    scoped: BTreeMap<&'static str, KeyPair>,
    /// The cookie of a session of the admin's.
    session: String,
}

impl Callers {
    async fn of(world: &World) -> Self {
        let (server, org) = (&world.server, &world.org);
        let person = async |role, email| {
            server.bootstrap().user(role, email, "Person", false).await.unwrap()
        };
        let mut keys = BTreeMap::new();
        let admin = world.keys();
        let unknown = "0123456789abcdef0123456789abcdef";
        keys.insert("wrong", KeyPair { api: unknown.into(), app: unknown.into() });
        let managed = world.managed_key().await;
        keys.insert("intake", KeyPair { api: managed.into(), app: admin.app.clone() });
        let nothing = server.person(org.id, "none@example.com", &[]).await;
        keys.insert("norole", nothing.1);
        let disabled = person(&org.first.admin, "disabled@example.com").await;
        keys.insert("off", server.keys_of(&disabled).await);
        server.set_disabled(&disabled, true).await;
        keys.insert("other", server.tenant("Other").await.keys);
        let reader = person(&org.first.read_only, "reader@example.com").await;
        keys.insert("ro", server.keys_of(&reader).await);
        let standard = person(&org.first.standard, "standard@example.com").await;
        keys.insert("std", server.keys_of(&standard).await);
        keys.insert("admin", admin.clone());

        let pattern = |role| format!("arn:aws:sts::{}:assumed-role/{role}/*", integration::ACCOUNT);
        let mut tokens = BTreeMap::new();
        for (name, role, target) in [
            ("t-adm", "as-admin", org.admin.id),
            ("t-ro", "as-reader", reader.id),
            ("t-gone", "as-nobody", org.admin.id),
        ] {
            let mapping = world.map(&pattern(role), &target.to_string()).await;
            let session = world.sts.add_session(integration::ACCOUNT, role, "run-1").unwrap();
            tokens.insert(name, world.token_of(&session).await);
            if name == "t-gone" {
                let path = format!("{PERSONAS}/{mapping}");
                world.client().delete(&path, admin).await.expect(204);
            }
        }
        let mut scoped = BTreeMap::new();
        for permission in p::ALL {
            scoped.insert(permission.name, world.scoped(&[*permission]).await);
        }
        configure(world, json!({})).await;
        let mut browser = Browser::new(world.client());
        browser.sign_in(sign_in::admin(world)).await.expect(303);
        let session = browser.session().unwrap().to_owned();
        Self { keys, tokens, api_key: admin.api.expose_secret().to_owned(), scoped, session }
    }

    fn auth<'a>(&'a self, caller: &str, route: &RouteInfo) -> Auth<'a> {
        let needed = match route.need {
            Need::AnyOf(permissions) => permissions,
            _ => &[p::AUDIT_LOGS_READ],
        };
        let elsewhere = p::ALL.iter().find(|known| !needed.contains(known)).unwrap();
        match caller {
            "none" => Auth::Nothing,
            "api" => Auth::ApiKey(&self.api_key),
            "s-adm" => Auth::Session(&self.session, URL),
            "s-site" => Auth::Session(&self.session, "https://elsewhere.example"),
            "scope-" => Auth::Keys(&self.scoped[elsewhere.name]),
            "scope+" => Auth::Keys(&self.scoped[needed[0].name]),
            other => match self.tokens.get(other) {
                Some(token) => Auth::Bearer(token),
                None => Auth::Keys(&self.keys[other]),
            },
        }
    }
}

/// The table's rows, by `METHOD /path`: one word for each caller.
fn expected() -> BTreeMap<String, Vec<String>> {
    let table: BTreeMap<String, String> = toml::from_str(TABLE).unwrap();
    let words = |row: &str| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut rows: BTreeMap<_, _> =
        table.iter().map(|(key, row)| (key.clone(), words(row))).collect();
    assert_eq!(rows.remove("callers").unwrap(), CALLERS, "the table's columns");
    for (route, row) in &rows {
        assert_eq!(row.len(), CALLERS.len(), "`{route}` has one word for each caller");
    }
    rows
}

fn key(route: &RouteInfo) -> String {
    format!("{} {}", route.method, route.path)
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let rows = expected();
    let routes: Vec<String> = route_table().iter().map(key).collect();
    for route in &routes {
        assert!(
            rows.contains_key(route),
            "`{route}` is new: add a row for it to tests/vectors/route_access.toml, which says of each kind of caller whether it gets in, \
             and to tests/tests/it/things.rs what a right request to it is"
        );
    }
    for row in rows.keys() {
        assert!(routes.contains(row), "there is no route `{row}` any more: take its row out");
    }
}

/// What must hold of every row, whatever the handlers do: so that a slip in the table is no hole in the test.
#[test]
fn the_table_lets_nobody_in_whom_the_need_does_not() {
    let rows = expected();
    for route in route_table() {
        let row = &rows[&key(&route)];
        let at = |caller| row[CALLERS.iter().position(|known| *known == caller).unwrap()].as_str();
        let user = [
            ("none", "401"),
            ("wrong", "403"),
            ("api", "401"),
            ("intake", "403"),
            ("off", "403"),
            ("t-gone", "401"),
        ];
        match route.need {
            Need::User | Need::AnyOf(_) => {
                for (caller, status) in user {
                    assert_eq!(at(caller), status, "{} as {caller}", key(&route));
                }
            }
            Need::ApiKey => assert_eq!((at("none"), at("wrong")), ("403", "403")),
            Need::Proof => assert!(row.iter().all(|word| word != "in"), "{}", key(&route)),
            // A page may want something that no credential here is, such as an assertion; the same of everybody.
            Need::Nothing if route.family == Family::Page => {}
            // The gate looks itself, by what its path asks for.
            Need::Nothing if route.name.starts_with("gate.") => {}
            Need::Nothing => assert!(row.iter().all(|word| word == "in"), "{}", key(&route)),
        }
        if matches!(route.need, Need::User | Need::AnyOf(_)) {
            assert_eq!(at("s-adm"), at("admin"), "{}", key(&route));
            let elsewhere = if route.method == Method::GET { at("admin") } else { "403" };
            assert_eq!(at("s-site"), elsewhere, "{}", key(&route));
        }
        if let Need::AnyOf(needed) = route.need {
            assert_eq!(at("scope-"), "403", "{}", key(&route));
            let restricted = needed.iter().any(|permission| permission.restricted);
            assert!(restricted || at("norole") == "403", "{}", key(&route));
            assert_eq!(at("admin"), "in", "{}", key(&route));
            assert_eq!(at("t-adm"), "in", "{}", key(&route));
        }
        if route.path.contains('{') && matches!(route.need, Need::AnyOf(_)) {
            assert_eq!(at("other"), "404", "{}: our ids are none of theirs", key(&route));
        }
    }
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says() {
    let world = World::start().await;
    let callers = Callers::of(&world).await;
    let mut things = Things::of(&world).await;
    let rows = expected();
    let mut differ = Vec::new();
    let mut routes = route_table();
    // Whoever signs out is nobody afterwards.
    routes.sort_by_key(|route| route.name == "session.end");
    for route in routes {
        let mut seen = Vec::with_capacity(CALLERS.len());
        for caller in CALLERS {
            let (path, body) = things.request(&route).await;
            let request =
                world.client().request(route.method.clone(), &path, callers.auth(caller, &route));
            let answer = Answer::of(Things::with_body(request, &body)).await;
            let is_in = answer.status.is_success() || answer.status.is_redirection();
            if is_in && route.method != Method::GET {
                things.forget();
            }
            seen.push(match is_in {
                true => "in".to_owned(),
                false => answer.status.as_str().to_owned(),
            });
        }
        let row = rows.get(&key(&route)).cloned().unwrap_or_default();
        if row != seen {
            let cells: String = seen.iter().map(|word| format!("{word:<7}")).collect();
            differ.push(format!(
                "{:<68}= \"{}\"",
                format!("\"{}\"", key(&route)),
                cells.trim_end()
            ));
        }
    }
    assert!(
        differ.is_empty(),
        "the server's answers differ from the table:\n{}",
        differ.join("\n")
    );
}

//! What is wrong with a request: each writing route refuses it with a status and a sentence that says what to change, writes nothing,
//! and leaves one refusal in the audit log.

use countersign_server::{Family, Need, RouteInfo, route_table};
use integration::{AUDIT, Answer, World};
use reqwest::Method;
use serde_json::{Value, json};

use crate::things::{ONLY_ASK, Things};

const UNKNOWN: &str = "11111111-2222-4333-8444-555555555555";

/// The routes that take a body and change something.
fn writing() -> Vec<RouteInfo> {
    let writes = |route: &RouteInfo| {
        matches!(route.need, Need::AnyOf(_))
            && route.method != Method::GET
            && !ONLY_ASK.contains(&route.name)
    };
    route_table().into_iter().filter(writes).collect()
}

/// A world, and what is wrong in it.
struct Bad<'w> {
    world: &'w World,
    things: Things<'w>,
}

impl<'w> Bad<'w> {
    async fn of(world: &'w World) -> Self {
        Self { world, things: Things::of(world).await }
    }

    /// A right request to the route, to be made wrong; `None` if it takes no JSON.
    async fn right(&mut self, route: &RouteInfo) -> Option<(String, Value)> {
        let (path, body) = self.things.request(route).await;
        Some((path, body.filter(Value::is_object)?))
    }

    async fn newest(&self) -> Vec<Value> {
        let path = format!("{AUDIT}?page[limit]=2");
        let list = self.world.client().get(&path, self.world.keys()).await.expect(200).json();
        list["data"].as_array().unwrap().clone()
    }

    fn request(&self, route: &RouteInfo, path: &str) -> reqwest::RequestBuilder {
        self.world.client().request(route.method.clone(), path, self.world.keys().into())
    }

    /// Sends it and holds the answer against the rules of all refusals; gives the error's words.
    async fn refused(
        &self,
        route: &RouteInfo,
        request: reqwest::RequestBuilder,
        status: u16,
        rule: &str,
    ) -> String {
        let before = self.newest().await;
        let answer = Answer::of(request).await;
        let rule = format!("{} {}, {rule}: {answer:?}", route.method, route.path);
        assert_eq!(answer.status.as_u16(), status, "{rule}");
        let error = &answer.json()["errors"][0];
        let words = match route.family {
            Family::Plain => error.as_str().unwrap_or_else(|| panic!("{rule}")).to_owned(),
            // Here the place stands apart from the words; put together they can be looked at alike.
            _ => {
                let detail =
                    error["detail"].as_str().unwrap_or_else(|| error["title"].as_str().unwrap());
                format!("{detail} (at {})", error["source"]["pointer"].as_str().unwrap_or_default())
            }
        };
        assert!(words.len() > 3, "{rule}");
        for word in ["struct", "serde", "Option<", "panicked", "internal"] {
            assert!(!words.contains(word), "{rule}");
        }
        let after = self.newest().await;
        let event = &after[0]["attributes"]["attributes"];
        assert_eq!(
            (&event["action"], &event["outcome"]),
            (&json!(route.name), &json!("refused")),
            "{rule}"
        );
        assert_eq!(after[1]["id"], before[0]["id"], "one refusal and nothing else: {rule}");
        words
    }
}

#[tokio::test]
async fn what_is_no_json_document_is_refused() {
    let world = World::start().await;
    let mut bad = Bad::of(&world).await;
    for route in writing() {
        let Some((path, body)) = bad.right(&route).await else { continue };
        let text = body.to_string();
        let cut = text.strip_suffix('}').unwrap().to_owned();
        let twice = format!("{text}{text}");
        for (rule, text) in [
            ("empty", ""),
            ("cut short", &cut),
            ("twice", &twice),
            ("a list", "[]"),
            ("null", "null"),
            ("a string", "\"x\""),
            ("a number", "17"),
        ] {
            let request = bad.request(&route, &path).header("content-type", "application/json");
            bad.refused(&route, request.body(text.to_owned()), 400, rule).await;
        }
        let form =
            bad.request(&route, &path).header("content-type", "application/x-www-form-urlencoded");
        let words = bad.refused(&route, form.body(text), 415, "a form").await;
        assert!(words.contains("application/json"), "{words}");
        let long = bad.request(&route, &path).header("content-type", "application/json");
        bad.refused(&route, long.body(" ".repeat(300_000)), 413, "too long").await;
    }
}

/// Every place of a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    if !at.is_empty() {
        out.push(at.to_owned());
    }
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), out));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, value)| places(value, &format!("{at}/{n}"), out));
        }
        _ => {}
    }
}

fn same_kind(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_with_its_place() {
    let world = World::start().await;
    let mut bad = Bad::of(&world).await;
    for route in writing() {
        let Some((path, body)) = bad.right(&route).await else { continue };
        let mut all = Vec::new();
        places(&body, "", &mut all);
        // Kept as they are, whatever they are.
        all.retain(|place| !place.contains("account_tags"));
        for place in all {
            for wrong in [json!(17), json!([]), json!(["a"]), json!({}), json!(true), json!("x")] {
                let mut body = body.clone();
                let value = body.pointer_mut(&place).unwrap();
                // A member that may be null may be anything that the next version makes of it; here it is one of the others.
                if same_kind(value, &wrong) || value.is_null() && wrong.is_string() {
                    continue;
                }
                *value = wrong.clone();
                let words = bad
                    .refused(
                        &route,
                        bad.request(&route, &path).json(&body),
                        400,
                        &format!("{wrong} at {place}"),
                    )
                    .await;
                assert!(words.contains("(at /"), "{}: {wrong} at {place}: {words}", route.name);
            }
        }
    }
}

#[tokio::test]
async fn members_that_are_not_known_are_ignored() {
    let world = World::start().await;
    let mut bad = Bad::of(&world).await;
    for route in writing() {
        let Some((path, mut body)) = bad.right(&route).await else { continue };
        let mut all = vec![String::new()];
        places(&body, "", &mut all);
        for place in all {
            if let Some(members) = body.pointer_mut(&place).and_then(Value::as_object_mut) {
                members.insert("of_next_year".to_owned(), json!({"deep": [1, null, "é"]}));
            }
        }
        let answer = Answer::of(bad.request(&route, &path).json(&body)).await;
        assert!(answer.status.is_success(), "{}: {answer:?}", route.name);
        bad.things.forget();
    }
}

#[tokio::test]
async fn another_type_of_resource_is_refused_by_name() {
    let world = World::start().await;
    let mut bad = Bad::of(&world).await;
    for route in writing() {
        let Some((path, mut body)) = bad.right(&route).await else { continue };
        let Some(kind) = body.pointer_mut("/data/type") else { continue };
        *kind = "dashboards".into();
        bad.refused(&route, bad.request(&route, &path).json(&body), 400, "another type").await;
    }
}

#[tokio::test]
async fn an_id_that_names_nothing_is_404_whatever_it_looks_like() {
    let world = World::start().await;
    let mut bad = Bad::of(&world).await;
    for route in writing().into_iter().filter(|route| route.path.contains('{')) {
        let (right, body) = bad.things.request(&route).await;
        let last =
            route.path.split('/').zip(right.split('/')).filter(|(part, _)| part.starts_with('{'));
        let ids: Vec<String> = last.map(|(_, id)| id.to_owned()).collect();
        for given in &ids {
            let long = "a".repeat(2_000);
            // In the path, and what it is once decoded.
            let cases = [
                (UNKNOWN, UNKNOWN),
                ("not-a-uuid", "not-a-uuid"),
                ("0", "0"),
                ("%20", " "),
                ("%00", "\0"),
                ("..%2f..", "../.."),
                (&long, &long),
            ];
            for (id, decoded) in cases {
                let path = right.replace(given.as_str(), id);
                let mut body = body.clone();
                if let Some(in_body) = body.as_mut().and_then(|body| body.pointer_mut("/data/id"))
                    && in_body == given
                {
                    *in_body = decoded.into();
                }
                let request = bad.request(&route, &path);
                let request = Things::with_body(request, &body);
                // The public service tells the two apart here.
                let status =
                    if route.path.contains("/aws/accounts/") && id != UNKNOWN { 400 } else { 404 };
                bad.refused(&route, request, status, &format!("id `{:.20}`", id)).await;
            }
        }
    }
}

#[tokio::test]
async fn an_id_in_the_body_that_is_not_the_paths_is_422() {
    let world = World::start().await;
    let mut bad = Bad::of(&world).await;
    let mut count = 0;
    for route in writing().into_iter().filter(|route| route.method == Method::PATCH) {
        let Some((path, mut body)) = bad.right(&route).await else { continue };
        let Some(id) = body.pointer_mut("/data/id") else { continue };
        *id = UNKNOWN.into();
        let words =
            bad.refused(&route, bad.request(&route, &path).json(&body), 422, "another id").await;
        assert!(words.contains("match") || words.contains("not that of the path"), "{words}");
        count += 1;
    }
    assert!(count >= 6, "{count}");
}

//! The API as an OpenAPI 3.1 document, made from the table of routes and the wire types, so that it can't say other than the code.
//!
//! What a route needs, its path and the form of its errors come from the table; what it takes and answers from
//! [`operations`]; the schemas from the types' own attributes and comments (OpenAPI 3.1's schemas are JSON Schema 2020-12).

mod operations;

use std::sync::LazyLock;

use axum::http::Method;
use jsonapi_model::{ErrorObjects, ErrorStrings, JSON, OauthError, VND_API_JSON};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::endpoint::{Family, Need, RouteInfo, route_table};

use operations::{Operation, Parameter};

/// The document as text. It is the same for every server of a version.
pub fn text() -> String {
    TEXT.clone()
}

static TEXT: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n");

fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    // Pages are for people, and OpenAPI has no paths of any length.
    let mut routes = route_table();
    routes.retain(|route| route.family != Family::Page && !route.path.contains("{*"));
    let mut paths: Map<String, Value> = Map::new();
    let mut refusals: Map<String, Value> = Map::new();
    for route in &routes {
        let operation = operation(route, &routes, &mut generator, &mut refusals);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.as_str().to_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Keyless sign-in for workloads, and who may do what.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": refusals,
            "securitySchemes": {
                "api_key": { "type": "apiKey", "in": "header", "name": "DD-API-KEY" },
                "application_key": { "type": "apiKey", "in": "header", "name": "DD-APPLICATION-KEY" },
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "proof": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "`Delegated PROOF`: a signed AWS STS GetCallerIdentity request, unsent.",
                },
            },
        },
    })
}

fn operation(
    route: &RouteInfo,
    routes: &[RouteInfo],
    generator: &mut SchemaGenerator,
    refusals: &mut Map<String, Value>,
) -> Value {
    let described = operations::of(route.name);
    let mut operation = json!({
        "operationId": id(route),
        "tags": [route.name.split('.').next().unwrap_or_default()],
        "summary": described.summary,
        "description": needs(route.need),
        "security": security(route.need),
        "responses": responses(route, &described, routes, generator, refusals),
    });
    let parameters: Vec<Value> =
        path_parameters(route.path).chain(described.parameters.iter().map(parameter)).collect();
    if !parameters.is_empty() {
        insert(&mut operation, "parameters", json!(parameters));
    }
    if let Some(request) = described.request {
        let schema = of_kind(request(generator).to_value(), operations::kinds(route.name));
        let mut media = json!({ "schema": schema });
        if let Some(example) = operations::example(route.name) {
            insert(&mut media, "example", example);
        }
        let content = json!({ JSON: media, VND_API_JSON: media });
        insert(&mut operation, "requestBody", json!({ "required": true, "content": content }));
    }
    if described.telemetry {
        // Of any type and encoding: nobody looks inside.
        insert(&mut operation, "requestBody", json!({ "content": { JSON: { "schema": {} } } }));
    }
    if let Some(field) = described.file {
        let file = json!({ "type": "string", "contentMediaType": "application/xml" });
        let form = json!({ "type": "object", "required": [field], "properties": { field: file } });
        let content = json!({
            "multipart/form-data": { "schema": form },
            "application/xml": { "schema": file },
        });
        insert(&mut operation, "requestBody", json!({ "required": true, "content": content }));
    }
    if let Some(field) = described.form {
        let text = json!({ "type": "string" });
        let schema =
            json!({ "type": "object", "required": [field], "properties": { field: text } });
        let content = json!({ "application/x-www-form-urlencoded": { "schema": schema } });
        insert(&mut operation, "requestBody", json!({ "required": true, "content": content }));
    }
    operation
}

/// The same schema with the one type that the request's resource may have.
fn of_kind(schema: Value, kinds: &[&str]) -> Value {
    if kinds.is_empty() {
        return schema;
    }
    let kind = json!({ "properties": { "type": { "enum": kinds } } });
    json!({ "allOf": [schema, { "properties": { "data": kind } }] })
}

/// Two routes may do the same under two paths; ids are unique.
fn id(route: &RouteInfo) -> String {
    let second = route.path.starts_with("/api/v2/wif/");
    if second { format!("{}.wif", route.name) } else { route.name.to_owned() }
}

fn needs(need: Need) -> String {
    match need {
        Need::Nothing => "Needs nothing.".to_owned(),
        Need::Proof => "Needs a proof in `Authorization: Delegated`.".to_owned(),
        Need::ApiKey => "Needs an API key of any kind.".to_owned(),
        Need::User => "Needs a user: a key pair or an access token.".to_owned(),
        Need::AnyOf(permissions) => {
            let names: Vec<String> =
                permissions.iter().map(|known| format!("`{}`", known.name)).collect();
            format!("Needs a user who holds {}.", names.join(" or "))
        }
    }
}

fn security(need: Need) -> Value {
    match need {
        Need::Nothing => json!([]),
        Need::Proof => json!([{ "proof": [] }]),
        Need::ApiKey => json!([{ "api_key": [] }]),
        Need::User | Need::AnyOf(_) => {
            json!([{ "api_key": [], "application_key": [] }, { "token": [] }])
        }
    }
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    })
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.meaning,
        "schema": (parameter.schema)(),
    })
}

fn responses(
    route: &RouteInfo,
    described: &Operation,
    routes: &[RouteInfo],
    generator: &mut SchemaGenerator,
    refusals: &mut Map<String, Value>,
) -> Value {
    let mut success = json!({ "description": "Done." });
    if let Some(answer) = described.answer {
        let media = match route.family {
            Family::JsonApi => VND_API_JSON,
            Family::Plain | Family::Exchange | Family::Page | Family::Oauth => described.media_type,
        };
        insert(&mut success, "content", json!({ media: { "schema": answer(generator) } }));
    }
    let links = links(route, routes);
    if !links.is_empty() {
        insert(&mut success, "links", Value::Object(links));
    }
    let mut responses = Map::from_iter([(described.status.to_string(), success)]);
    for (status, meaning) in errors(route, described) {
        let asked = if described.refuses { "Gate" } else { asked_for(route.need) };
        let name = format!("{:?}{asked}{status}", route.family);
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        refusals.entry(name).or_insert_with(|| refusal(route.family, status, meaning, generator));
        responses.insert(status.to_string(), reference);
    }
    Value::Object(responses)
}

/// What of a need decides how a refusal is worded.
fn asked_for(need: Need) -> &'static str {
    match need {
        Need::Nothing => "",
        Need::Proof => "Proof",
        Need::ApiKey => "Key",
        Need::User | Need::AnyOf(_) => "User",
    }
}

fn refusal(family: Family, status: u16, meaning: &str, generator: &mut SchemaGenerator) -> Value {
    let schema = match family {
        Family::JsonApi | Family::Exchange if status != 429 => {
            generator.subschema_for::<ErrorObjects>()
        }
        // Before the route is known, errors are strings.
        Family::Oauth if status != 431 => generator.subschema_for::<OauthError>(),
        _ => generator.subschema_for::<ErrorStrings>(),
    };
    let media = match family {
        Family::JsonApi => VND_API_JSON,
        Family::Plain | Family::Exchange | Family::Page | Family::Oauth => JSON,
    };
    json!({ "description": meaning, "content": { media: { "schema": schema } } })
}

fn errors(route: &RouteInfo, described: &Operation) -> Vec<(u16, &'static str)> {
    let mut errors = Vec::new();
    match route.need {
        Need::Nothing if described.refuses => errors.extend([
            (400, "The proxy asks for what makes no sense."),
            (401, "There are no credentials, or the token is refused."),
            (403, "The credentials are refused, or are not what is needed."),
        ]),
        Need::Nothing => return errors,
        Need::Proof => errors.extend([
            (400, "The proof is malformed."),
            (401, "The proof is refused, or leads nowhere."),
            (413, "The body is too long; none is needed."),
            (429, "Too many exchanges; wait as long as `Retry-After` says."),
        ]),
        Need::ApiKey => {
            errors
                .extend([(400, "A header comes twice."), (403, "The key is missing or refused.")]);
        }
        Need::User | Need::AnyOf(_) => errors.extend([
            (400, "Something in the request is wrong; the error says what."),
            (401, "There are no credentials, or the token is refused."),
            (403, "The keys are refused, or a permission is missing."),
        ]),
    }
    if route.path.contains('{') || described.may_miss {
        errors.push((404, "The organization has none of this id."));
    }
    if route.method != Method::GET && !matches!(route.need, Need::Proof | Need::ApiKey) {
        errors.push((409, "It is taken, or something would be lost that must not be."));
    }
    if described.form.is_some() || described.telemetry {
        errors.push((413, "The body is too long."));
    }
    if described.request.is_some() || described.file.is_some() {
        errors.extend([
            (413, "The body is too long."),
            (415, "The body is not declared to be JSON."),
            (422, "The body is about another resource than the path."),
        ]);
    }
    errors.extend([(431, "A header is too long."), (503, "Not now; try again.")]);
    errors
}

/// From what was made to what can be done with it.
fn links(route: &RouteInfo, routes: &[RouteInfo]) -> Map<String, Value> {
    let Some(kind) = route.name.strip_suffix(".create") else { return Map::new() };
    let below = format!("{}/{{", route.path);
    let of_it = |other: &&RouteInfo| {
        other.path.starts_with(&below)
            && other.path.matches('{').count() == route.path.matches('{').count() + 1
            && other.name.split('.').next().is_some_and(|name| name == kind)
    };
    let link = |other: &RouteInfo| {
        let last = path_parameters(other.path).last();
        let name = last.and_then(|p| Some(p.get("name")?.as_str()?.to_owned())).unwrap_or_default();
        let mut parameters = Map::from_iter([(name, json!("$response.body#/data/id"))]);
        if route.path.contains('{') {
            parameters.insert("id".to_owned(), json!("$request.path.id"));
        }
        (id(other), json!({ "operationId": id(other), "parameters": parameters }))
    };
    routes.iter().filter(of_it).map(link).collect()
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

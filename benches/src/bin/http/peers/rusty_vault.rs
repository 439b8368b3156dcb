//! RustyVault: a login by AppRole, storage in files, over plain HTTP.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    exchange::Side,
    load::{Call, Load},
    process::{Outcome, Running, free_port, on_servers_core},
    world::World,
};

pub(crate) fn start<'a>(world: &'a World, program: &Path) -> Outcome<Side<'a>> {
    let port = free_port()?;
    let folder = world.folder.path().join("rusty_vault");
    fs::create_dir_all(folder.join("data"))?;
    let config = folder.join("config.hcl");
    let text = format!(
        "storage \"file\" {{\n  path = {:?}\n}}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_disable = \"true\"\n}}\napi_addr = \"http://127.0.0.1:{port}\"\nlog_level = \"error\"\npid_file = {:?}\nwork_dir = {:?}\n",
        folder.join("data"),
        folder.join("pid"),
        folder,
    );
    fs::write(&config, text)?;
    let mut command = on_servers_core(program);
    command.args(["server", "--config"]).arg(&config);
    let process = Running::listening(&mut command, port, &folder.join("log"))?;
    let load = world.load("http", port)?;
    let body = log_in(&load)?.to_string();
    let call = Call { path: "/v1/auth/approle/login", headers: json_headers(None), body };
    Ok(Side {
        process: Some(process),
        load,
        calls: Box::new(move |count| Ok(vec![call.clone(); count])),
        good: |body| body.contains("client_token"),
        count: 2_000,
    })
}

/// Unseals it and makes a role; gives back what one logs in with.
fn log_in(load: &Load) -> Outcome<Value> {
    let ask = |method: Method, path: &'static str, token: Option<&str>, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = load.ask(method, Call { path, headers: json_headers(token), body })?;
        if status >= 300 {
            return Err(format!("{path} answered {status}: {text}").into());
        }
        Outcome::Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let text = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or("unexpected answer")
    };
    let init = json!({ "secret_shares": 1, "secret_threshold": 1 });
    let keys = ask(Method::PUT, "/v1/sys/init", None, init)?;
    let root = text(&keys, "/root_token")?;
    let unseal = json!({ "key": text(&keys, "/keys/0")? });
    ask(Method::PUT, "/v1/sys/unseal", None, unseal)?;
    let root = Some(root.as_str());
    ask(Method::POST, "/v1/sys/auth/approle", root, json!({ "type": "approle" }))?;
    let role = json!({ "token_ttl": "15m", "token_type": "service" });
    ask(Method::POST, "/v1/auth/approle/role/bench", root, role)?;
    let id = ask(Method::GET, "/v1/auth/approle/role/bench/role-id", root, Value::Null)?;
    let secret = ask(Method::POST, "/v1/auth/approle/role/bench/secret-id", root, json!({}))?;
    Ok(
        json!({ "role_id": text(&id, "/data/role_id")?, "secret_id": text(&secret, "/data/secret_id")? }),
    )
}

fn json_headers(token: Option<&str>) -> Vec<(String, String)> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let token = token.map(|token| header("x-vault-token", token));
    [header("content-type", "application/json")].into_iter().chain(token).collect()
}

//! A host that has a telemetry Agent's `datadog.yaml` already.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::{
    common::{assert_fails, countersign},
    dev::Dev,
    process::{Agent, ORG, as_agent, folder, until},
};

/// With a global section, a product's own organization, and dual shipping; anchors and words unknown among them.
fn yaml(url: &str, org: &str) -> String {
    format!(
        "api_key: &key 0123456789abcdef0123456789abcdef\n\
         dd_url: {url}\n\
         delegated_auth: &auth\n  org_uuid: {org}\n  provider: aws\n  refresh_interval_mins: 5\n  aws: {{region: us-east-1}}\n  orguuid: x\n\
         logs_config:\n  delegated_auth:\n    org_uuid: {ORG}\n\
         additional_endpoints:\n  {other}:\n  - *key\n  - DELA({org}, aws, fallback=fedcba9876543210fedcba9876543210)\n",
        other = url.replace("127.0.0.1", "localhost"),
    )
}

#[test]
fn every_section_of_it_gets_its_key_and_its_fallback() {
    let data = folder();
    let dev = Dev::start(data.path());
    let find = |name: &str| dev.environment.iter().find(|(n, _)| n == name).unwrap().1.clone();
    let folder = folder();
    let file = folder.path().join("datadog.yaml");
    fs::write(&file, yaml(&find("DD_HOST"), &find("DD_ORG_UUID"))).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::create_dir(folder.path().join("keys")).unwrap();
    let mut command = as_agent(&dev);
    command
        // Such variables come before the file.
        .env_remove("DD_API_KEY")
        .env_remove("DD_HOST")
        .env_remove("DD_ORG_UUID")
        .args(["agent", "--state-file", "state.json"])
        .args(["--datadog-yaml", "datadog.yaml", "--key-folder", "keys"]);
    let mut agent = Agent::spawn(command, folder);
    let told = agent.until("all have asked", |told| {
        let all = told["instances"].as_array();
        all.is_some_and(|all| all.len() == 3 && all.iter().all(|one| one["state"] != "pending"))
    });
    let state = |name: &str| -> Value {
        let all = told["instances"].as_array().unwrap().iter();
        all.clone().find(|one| one["name"].as_str().unwrap().starts_with(name)).unwrap().clone()
    };
    assert_eq!(state("main")["state"], "active");
    assert_eq!(
        (&state("main")["refresh_interval_mins"], &state("main")["region"]),
        (&5.into(), &"us-east-1".into())
    );
    assert_eq!(state("additional_endpoints localhost")["state"], "active");
    assert_eq!(state("logs_config")["state"], "fallback", "nobody maps it in that organization");
    let refusal = state("logs_config")["last_error"].as_str().unwrap().to_owned();
    assert!(!refusal.is_empty());
    let managed = until("the key", || Some(agent.read("keys/main")).filter(|key| !key.is_empty()));
    assert_ne!(managed, "0123456789abcdef0123456789abcdef");
    until("the fallback", || {
        (agent.read("keys/logs_config") == "0123456789abcdef0123456789abcdef").then_some(())
    });
    let names: Vec<_> = fs::read_dir(agent.path("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    assert!(
        names.iter().any(|name| name.starts_with("additional_endpoints-localhost")),
        "{names:?}"
    );
    agent.stop();
    let log = agent.read("log");
    assert!(
        log.contains("unknown key `orguuid`") && log.contains("did you mean `org_uuid`"),
        "{log}"
    );
    assert!(log.contains("everybody on this machine may read"), "{log}");
    for secret in ["0123456789abcdef0123456789abcdef", "fedcba9876543210", &managed] {
        assert!(!log.contains(secret) && !agent.read("state.json").contains(secret));
    }
}

#[test]
fn one_that_can_not_be_used_says_what_is_wrong_and_shows_no_key() {
    let folder = folder();
    let key = "0123456789abcdef0123456789abcdef";
    #[rustfmt::skip]
    let cases = [
        ("tabs",               format!("api_key: {key}\ndelegated_auth:\n\torg_uuid: {ORG}\n"),                  "tab"),
        ("a template",         format!("api_key: {key}\ndelegated_auth:\n  org_uuid: '{{{{ .Org }}}}'\n"),       "template"),
        ("not switched on",    format!("api_key: {key}\n"),                                                      "delegated_auth.org_uuid"),
        ("another cloud",      format!("api_key: {key}\ndelegated_auth:\n  org_uuid: {ORG}\n  provider: gcp\n"), "aws"),
        ("no certificates",    format!("skip_ssl_verification: true\ndelegated_auth:\n  org_uuid: {ORG}\n"),     "refused"),
        ("plain text to another machine", format!("dd_url: http://c.example\ndelegated_auth:\n  org_uuid: {ORG}\n"), "http"),
    ];
    for (rule, text, words) in cases {
        fs::write(folder.path().join("datadog.yaml"), text).unwrap();
        let args =
            ["agent", "--datadog-yaml", "datadog.yaml", "--key-folder", ".", "--state-file", "s"];
        let output = countersign().args(args).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains(key), "{rule}: {said}");
        assert_fails(&output, 2, words);
    }
    fs::remove_file(folder.path().join("datadog.yaml")).unwrap();
    let args = ["agent", "--datadog-yaml", "datadog.yaml", "--state-file", "s"];
    let output = countersign().args(args).current_dir(folder.path()).output().unwrap();
    assert_fails(&output, 2, "datadog.yaml");
}

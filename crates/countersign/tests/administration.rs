//! An organization from nothing, and all that its admin does, by the command line alone.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may panic too")]

mod common;
mod installation;

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use common::{assert_fails, countersign, text};
use installation::{Installation, id};

#[test]
fn bootstrap_makes_one_organization_and_shows_its_keys_once() {
    let installation = Installation::new();
    let new = ["bootstrap", "--org", "Acme", "--admin-email", "ann@acme.example"];
    assert_fails(&installation.run(&["org", "list"]), 2, "countersign bootstrap");
    assert!(!PathBuf::from(installation.path("countersign.db")).exists(), "looking makes nothing");
    assert_fails(&installation.run(&[&new[..3], &["--admin-email", "ann"]].concat()), 2, "one `@`");
    assert_fails(
        &installation.run(&["bootstrap", "--org", " ", "--admin-email", "a@b.example"]),
        2,
        "organization's name",
    );

    let made = installation.run(&[&new[..], &["--output", "env"]].concat());
    let lines = text(&made.stdout);
    let names: Vec<_> = lines.lines().map(|l| l.split_once('=').unwrap().0).collect();
    let expected = ["DD_HOST", "DD_ORG_UUID", "DD_API_KEY", "DD_APP_KEY"];
    assert_eq!(names, expected.map(|name| format!("export {name}")));
    assert!(text(&made.stderr).contains("shown this once"));

    assert_fails(&installation.run(&new), 2, "countersign org create");
    assert_fails(&installation.run(&[&new[..], &["--output", "token"]].concat()), 2, "`login`");
    let config = installation.path("c.toml");
    let in_memory = countersign()
        .args(new)
        .args(["--config", &config])
        .env("COUNTERSIGN_STORE", "memory")
        .output()
        .unwrap();
    assert_fails(&in_memory, 2, "memory");
    let key = lines.lines().nth(2).unwrap().split_once('=').unwrap().1;
    assert!(!text(&installation.run(&["org", "list"]).stdout).contains(key));

    let table =
        installation.run(&["org", "create", "--org", "Other", "--admin-email", "a@b.example"]);
    assert!(text(&table.stdout).contains("DD_APP_KEY"), "{}", text(&table.stdout));
    let listed = installation.json(&["org", "list"]);
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|o| &o["name"]).collect();
    assert_eq!(names, ["Acme", "Other"]);
}

#[test]
fn the_whole_life_of_an_organization() {
    let installation = Installation::new();
    let admin = installation.bootstrap();
    let server = installation.serve(&admin);

    server.says(&["user", "list"], "ann@acme.example");
    server.says(&["role", "list"], "Datadog Standard Role");
    server.says(&["role", "permissions"], "cloud_auth_config_write");
    let role =
        server.json(&["role", "create", "Deployer", "--permission", "cloud_auth_config_read"]);
    let account = server.json(&[
        "user",
        "create",
        "CI@acme.example",
        "--service-account",
        "--name",
        "CI",
        "--role",
        "deployer",
    ]);
    assert_eq!(account["attributes"]["email"], "ci@acme.example");
    server.says(&["user", "show", "ci@acme.example"], "Deployer");
    server.says(
        &["role", "grant", "Deployer", "cloud_auth_config_write", "api_keys_read"],
        "api_keys_read",
    );
    let held = server.json(&["role", "revoke", id(&role), "api_keys_read"]);
    assert!(held.as_array().unwrap().iter().all(|p| p["attributes"]["name"] != "api_keys_read"));
    server.says(&["role", "show", "Deployer"], "ci@acme.example");
    server.says(&["role", "clone", "Deployer", "Second"], "`Second`");
    server.says(&["role", "add-user", "Second", "ci@acme.example"], "ci@acme.example");
    server.says(&["role", "remove-user", "Second", id(&account)], "ci@acme.example");
    server.says(&["role", "delete", "Second"], "Deleted");

    // A key of the service account acts as it, and stops when either is taken away.
    let by_account = ["--service-account", "ci@acme.example"];
    let scope = ["--scope", "cloud_auth_config_read", "--scope", "user_access_read"];
    let made = server.run(&[&["key", "app", "create", "deploy"], &by_account[..], &scope].concat());
    let as_account = server.with_keys(
        text(&server.run(&["key", "api", "create", "deploy"]).stdout).trim(),
        text(&made.stdout).trim(),
    );
    assert!(text(&made.stderr).contains("shown this once"));
    assert!(as_account.run(&["mapping", "persona", "list"]).status.success());
    assert_fails(&as_account.run(&["role", "create", "Mine"]), 3, "user_access_manage");
    let keys = server.json(&[&["key", "app", "list"], &by_account[..]].concat());
    assert_eq!(keys[0]["attributes"]["scopes"].as_array().unwrap().len(), 2);
    assert!(!keys.to_string().contains(text(&made.stdout).trim()));
    assert!(server.run(&["user", "disable", "ci@acme.example"]).status.success());
    assert_fails(&as_account.run(&["mapping", "persona", "list"]), 3, "Forbidden");
    assert!(server.run(&["user", "enable", "ci@acme.example"]).status.success());
    assert!(as_account.run(&["mapping", "persona", "list"]).status.success());
    server.says(&[&["key", "app", "delete", id(&keys[0])], &by_account[..]].concat(), "Deleted");
    let keys = server.json(&["key", "api", "list", "--filter", "DEPLOY"]);
    server.says(&["key", "api", "delete", id(&keys[0])], "Deleted");
    assert_fails(&as_account.run(&["mapping", "persona", "list"]), 3, "Forbidden");

    server.says(&["user", "create", "bob@acme.example", "--name", "Bob"], "user invite");
    server.says(&["user", "invite", "bob@acme.example"], "Invited bob@acme.example");
    let part = server.run(&["user", "list", "--limit", "1"]);
    assert!(text(&part.stderr).contains("1 of 3"), "{}", text(&part.stderr));

    server.says(&["audit", "tail", "--query", "action:user.* outcome:granted"], "ann@acme.example");
    let last = server.run(&["audit", "tail", "--output", "json", "--limit", "2"]);
    let last: Vec<Value> =
        text(&last.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions = [0, 1].map(|n: usize| last[n]["attributes"]["attributes"]["action"].as_str());
    assert_eq!(actions, [Some("user.create"), Some("invitation.create")], "newest last");

    let org = admin["organization"]["id"].as_str().unwrap();
    assert!(installation.json(&["audit", "verify"])["unbroken"].as_bool().unwrap());
    let disabled = installation.run(&["org", "disable", org]);
    assert!(text(&disabled.stdout).contains("org enable"), "{}", text(&disabled.stdout));
    assert_fails(&server.run(&["user", "list"]), 3, "Forbidden");
    assert_eq!(installation.json(&["org", "disable", org])["changed"], false);
    assert_eq!(installation.json(&["org", "enable", org])["changed"], true);
    assert!(server.run(&["user", "list"]).status.success());
    for action in ["organization.disable", "organization.enable"] {
        server.says(&["audit", "tail", "--query", &format!("action:{action}")], "the installation");
    }
}

#[test]
fn authn_mappings_are_made_previewed_and_removed() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    let role = server.json(&["role", "create", "Operators"]);
    server.says(&["authn-mapping", "list"], "authn-mapping create");
    let new = ["authn-mapping", "create", "memberOf=cn=ops,dc=acme", "--role", "operators"];
    let mapping = server.json(&new);
    assert_eq!(mapping["attributes"]["attribute_key"], "memberOf");
    assert_eq!(mapping["attributes"]["attribute_value"], "cn=ops,dc=acme");
    assert_eq!(mapping["relationships"]["role"]["data"]["id"], role["id"]);
    server.says(&["authn-mapping", "list"], "role Operators");
    server.says(&["authn-mapping", "list", "--filter", "nothing"], "No authN mappings");

    let preview = |user: &[&str]| {
        let asked = ["authn-mapping", "preview", "memberOf=cn=ops,dc=acme", "memberOf=x", "a=b"];
        text(&server.run(&[&asked[..], user].concat()).stdout)
    };
    let said = preview(&[]);
    for words in ["gives", "role Operators", "`x`", "`b`"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = preview(&["--user", "ann@acme.example"]);
    for words in ["gains", "loses", "role Datadog Admin Role", "no mapping gives it"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let json = server.json(&["authn-mapping", "preview", "memberOf=cn=ops,dc=acme"]);
    assert_eq!(json["then"][0]["mappings"][0]["id"], mapping["id"]);

    assert_fails(&server.run(&new), 3, "there is a mapping of this");
    assert_fails(&server.run(&new[..3]), 2, "--role");
    assert_fails(&server.run(&[&new[..], &["--team", "x"]].concat()), 2, "cannot be used with");
    assert_fails(&server.run(&["authn-mapping", "preview", "=x"]), 2, "NAME=VALUE");
    server.says(&["authn-mapping", "delete", id(&mapping)], "Deleted");
    assert_fails(&server.run(&["authn-mapping", "delete", id(&mapping)]), 3, "not found");
}

#[test]
fn mistakes_say_what_to_do() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    for name in ["one", "two"] {
        let new = ["user", "create", "ci@acme.example", "--service-account", "--name", name];
        assert!(server.run(&new).status.success());
    }
    assert!(server.run(&["role", "create", "Deployer"]).status.success());
    let ambiguous = server.run(&["role", "add-user", "Deployer", "ci@acme.example"]);
    let all = server.json(&["user", "list", "--filter", "ci@acme.example"]);
    assert_fails(&ambiguous, 2, id(&all[0]));
    assert_fails(&ambiguous, 2, id(&all[1]));
    #[rustfmt::skip]
    let cases: [(&[&str], i32, &str); 16] = [
        (&["role", "show", "Deploy"],                                      2, "is it `Deployer`?"),
        (&["role", "show", "3fa85f64-5717-4562-b3fc-2c963f66afa6"],        3, "not found"),
        (&["role", "create", "Deployer"],                                  3, "already exists"),
        (&["role", "grant", "Deployer", "cloud_auth"],                     2, "is it `cloud_auth_config_read`"),
        (&["role", "revoke", "Deployer", "teams_read"],                    3, "comes with every role"),
        (&["role", "delete", "Datadog Admin Role"],                        3, "managed role"),
        (&["role", "add-user", "Deployer", "nobody@acme.example"],         2, "countersign user list"),
        (&["role", "remove-user", "Datadog Admin Role", "ann@acme.example"], 3, "nobody would be left"),
        (&["user", "create", "ann"],                                       3, "one `@`"),
        (&["user", "create", "ann@acme.example"],                          3, "already exists"),
        (&["user", "create", "x@acme.example", "--role", "None"],          2, "countersign role list"),
        (&["user", "disable", "ann@acme.example"],                         3, "nobody would be left"),
        (&["user", "invite", "nobody@acme.example"],                       2, "countersign user list"),
        (&["key", "app", "create", "k", "--scope", "nonsense"],            3, "no permission `nonsense`"),
        (&["key", "app", "list", "--service-account", "ann@acme.example"], 2, "no service account"),
        (&["audit", "tail", "--query", "colour:red"],                      3, "the fields are"),
    ];
    for (args, code, words) in cases {
        assert_fails(&server.run(args), code, words);
    }
    let unknown = ["org", "disable", "3fa85f64-5717-4562-b3fc-2c963f66afa6"];
    assert_fails(&installation.run(&unknown), 2, "countersign org list");
    assert_fails(&installation.run(&["org", "enable", "Acme"]), 2, "UUID");
}

#[test]
#[cfg(unix)]
fn tail_follows_until_it_is_interrupted() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    let mut child = server
        .command(&["audit", "tail", "--follow", "--output", "json", "--limit", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut action = || {
        let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        event["attributes"]["attributes"]["action"].as_str().unwrap().to_owned()
    };
    assert_eq!(action(), "organization.enable");
    assert!(server.run(&["role", "create", "Deployer"]).status.success());
    assert_eq!(action(), "role.create", "and nothing that was left out before");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn verify_is_fine_until_an_anchor_says_otherwise() {
    let installation = Installation::new();
    let admin = installation.bootstrap();
    let other = ["org", "create", "--org", "Other", "--admin-email", "a@b.example"];
    assert!(installation.run(&other).status.success());
    let table = text(&installation.run(&["audit", "verify"]).stdout);
    assert!(
        table.contains("Acme") && table.contains("Other") && table.contains("unbroken"),
        "{table}"
    );

    let file = installation.path("anchors.json");
    let written = installation.run(&["audit", "verify", "--write-anchors", &file]);
    assert!(text(&written.stderr).contains("--anchors"), "{}", text(&written.stderr));
    assert!(installation.run(&["audit", "verify", "--anchors", &file]).status.success());
    // Only somebody who has checked against them replaces them.
    let again = ["audit", "verify", "--write-anchors", &file];
    assert_fails(&installation.run(&again), 2, "exists");
    assert!(installation.run(&[&again[..], &["--anchors", &file]].concat()).status.success());

    let org = admin["organization"]["id"].as_str().unwrap();
    let report = installation.json(&["audit", "verify", "--org", org]);
    assert_eq!(report["chains"].as_array().unwrap().len(), 1);
    let hash = report["chains"][0]["heads"][0]["hash"].as_str().unwrap();
    let forged = std::fs::read_to_string(&file).unwrap().replace(hash, &"0".repeat(64));
    let forged_file = installation.path("forged.json");
    std::fs::write(&forged_file, forged).unwrap();
    let broken = installation.run(&["audit", "verify", "--anchors", &forged_file]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        text(&broken.stdout).contains("rewritten: lane 0, place 8"),
        "{}",
        text(&broken.stdout)
    );
    let new = installation.path("new.json");
    let unwritten =
        installation.run(&["audit", "verify", "--anchors", &forged_file, "--write-anchors", &new]);
    assert_eq!(unwritten.status.code(), Some(1));
    assert!(!PathBuf::from(new).exists());

    std::fs::write(&forged_file, "{}").unwrap();
    assert_fails(
        &installation.run(&["audit", "verify", "--anchors", &forged_file]),
        2,
        "no file of anchors",
    );
    let unknown = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    assert_fails(&installation.run(&["audit", "verify", "--org", unknown]), 2, "no audit log");
}

//! The configuration: every key documented, every mistake named.

use countersign_server::{
    Config,
    config::{KEYS, reference},
};

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::parse(text, &environment).map_err(|error| error.to_string())
}

#[test]
fn the_reference_parses_and_means_the_defaults() {
    let from_reference = Config::parse(&reference(), &Vec::new()).unwrap();
    let defaults = Config::parse("", &Vec::new()).unwrap();
    assert_eq!(format!("{from_reference:?}"), format!("{defaults:?}"));
}

#[test]
fn every_documented_key_exists() {
    for key in KEYS {
        let value = match key.path {
            // Only together; below.
            "tls.certificate" | "tls.private_key" => continue,
            "saml.request_key" | "saml.request_certificate" => continue,
            "intake.upstream" | "intake.upstream_api_key_file" => continue,
            "metrics.listen" => "\"127.0.0.1:9464\"",
            "sts.extra_hosts" => "[{ name = \"sts.x\", region = \"x\", partition = \"aws\" }]",
            _ if key.default.is_empty() => "\"http://127.0.0.1:1\"",
            _ => key.default,
        };
        let text = match key.path.split_once('.') {
            Some((table, name)) => format!("[{table}]\n{name} = {value}"),
            None => format!("{} = {value}", key.path),
        };
        assert!(parse(&text, &[]).is_ok(), "{text}: {:?}", parse(&text, &[]));
        let variable = key.variable();
        assert!(parse("", &[(&variable, value)]).is_ok(), "{variable}");
    }
    let tls = "[tls]\ncertificate = \"a\"\nprivate_key = \"b\"";
    assert!(parse(tls, &[]).is_ok());
    let saml = "[saml]\nrequest_key = \"a\"\nrequest_certificate = \"b\"";
    assert!(parse(saml, &[]).is_ok());
    assert!(parse("[saml]\nrequest_key = \"a\"", &[]).is_err());
    let intake = "[intake]\nupstream = \"https://a.example\"\nupstream_api_key_file = \"a\"";
    assert!(parse(intake, &[]).is_ok());
}

#[test]
fn every_key_that_exists_is_documented() {
    // The derived Debug names every field, so it serves as the list.
    let tls = "[tls]\ncertificate = \"a\"\nprivate_key = \"b\"";
    let shown = format!("{:#?}", parse(tls, &[]).unwrap());
    let mut table = String::new();
    for line in shown.lines().skip(1) {
        let indent = line.len() - line.trim_start().len();
        let Some((name, rest)) = line.trim().split_once(": ") else {
            if indent == 4 {
                table.clear()
            }
            continue;
        };
        if indent == 4 && (rest.ends_with('{') || rest == "Some(") {
            table = format!("{name}.");
            continue;
        }
        if indent == 4 {
            table.clear()
        }
        let path = format!("{table}{name}");
        assert!(KEYS.iter().any(|key| key.path == path), "`{path}` is not documented");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "[tokens]\nttl_seconds = 600";
    let config = parse(file, &[("COUNTERSIGN_TOKENS_TTL_SECONDS", "120")]).unwrap();
    assert_eq!(config.tokens.ttl_seconds, 120);
    let config = parse(file, &[("COUNTERSIGN_STORE", "postgres://u:secret@h/d")]).unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn counts_are_read_on_loopback_or_a_private_address_or_nowhere() {
    assert_eq!(parse("", &[]).unwrap().metrics.listen, None);
    let addresses = [
        "127.0.0.1:9464",
        "[::1]:9464",
        "10.1.2.3:8400",
        "172.16.0.1:1",
        "100.64.0.1:1",
        "[fd00::1]:1",
    ];
    for address in addresses {
        let config = parse("", &[("COUNTERSIGN_METRICS_LISTEN", address)]).unwrap();
        assert_eq!(config.metrics.listen, Some(address.parse().unwrap()));
    }
    // A free port is another one each time.
    assert!(parse("listen = \"127.0.0.1:0\"\n[metrics]\nlisten = \"127.0.0.1:0\"", &[]).is_ok());
}

#[test]
fn mistakes_are_named_with_what_to_do() {
    #[rustfmt::skip]
    let cases = [
        // file                                                             environment                         words
        ("lisen = \"x\"",                                                   vec![],                             "unknown field `lisen`"),
        ("listen = 7",                                                      vec![],                             "line 1: `listen`: invalid type: integer"),
        ("[tokens]\nttl_seconds = 5000",                                    vec![],                             "`tokens.ttl_seconds` is from 60 to 900"),
        ("[tokens]\nalgorithm = \"HS256\"",                                 vec![],                             "`ES256`, `EdDSA`, `RS256`"),
        ("listen = \"0.0.0.0:1\"",                                          vec![],                             "without TLS"),
        ("listen = \"0.0.0.0:1\"\nplain_http = \"behind_proxy\"\n[sts]\nendpoint_override = \"http://x\"", vec![], "sign in as anybody"),
        ("public_url = \"auth.example.com\"",                               vec![],                             "`public_url`"),
        ("[managed_keys]\noverlap_seconds = 60",                            vec![],                             "8100"),
        ("[intake]\nupstream = \"https://a.example\"",                        vec![],                             "go together"),
        ("[intake]\nupstream = \"http://a.example\"\nupstream_api_key_file = \"a\"", vec![],                  "loopback address only"),
        ("[intake]\nupstream = \"http://127.0.0.1:8400\"\nupstream_api_key_file = \"a\"", vec![],             "this server itself"),
        ("[intake]\ntimeout_ms = 30000\nupstream = \"https://a.example\"\nupstream_api_key_file = \"a\"", vec![], "less than `limits.request_timeout_ms`"),
        ("[intake]\nin_flight = 0",                                         vec![],                             "`intake.in_flight` at least 1"),
        ("[metrics]\nlisten = \"0.0.0.0:9464\"",                              vec![],                             "`metrics.listen` is neither loopback nor a private address"),
        ("[metrics]\nlisten = \"[::]:9464\"",                                 vec![],                             "neither loopback"),
        ("[metrics]\nlisten = \"192.0.2.1:9464\"",                            vec![],                             "neither loopback"),
        ("[metrics]\nlisten = \"100.128.0.1:9464\"",                          vec![],                             "neither loopback"),
        ("[metrics]\nlisten = \"[2001:db8::1]:9464\"",                        vec![],                             "neither loopback"),
        ("[metrics]\nlisten = \"127.0.0.1:8400\"",                            vec![],                             "where the API is"),
        ("[metrics]\nlisten = \"[::ffff:127.0.0.1]:8400\"",                   vec![],                             "where the API is"),
        ("listen = \"0.0.0.0:9464\"\nplain_http = \"behind_proxy\"\n[metrics]\nlisten = \"10.1.2.3:9464\"", vec![], "where the API is"),
        ("[metrics]\nlisten = \"9464\"",                                      vec![],                             "socket address"),
        ("[proofs]\nreplay = \"maybe\"",                                    vec![],                             "line 2: `proofs.replay`: unknown variant"),
        ("",                                                                vec![("COUNTERSIGN_PROOFS_REPLAY", "maybe")], "`proofs.replay`: unknown variant"),
        ("",                                                                vec![("COUNTERSIGN_TYPO", "1")],    "COUNTERSIGN_TYPO"),
    ];
    for (file, environment, words) in cases {
        let error = parse(file, &environment).unwrap_err();
        assert!(error.contains(words), "{file} {environment:?}: {error}");
    }
}

#[test]
fn no_value_is_shown_in_saying_what_is_wrong() {
    let store = "store = \"postgres://countersign:hush@db.example/countersign\"";
    for file in [
        format!("{store}\nlisen = 1"),
        store.trim_end_matches('"').to_owned(),
        "master_key = \"hush\"".to_owned(),
        "trusted_proxies = \"hush\"".to_owned(),
    ] {
        let error = parse(&file, &[]).unwrap_err();
        assert!(!error.contains("hush"), "{error}");
    }
    let error = parse("", &[("COUNTERSIGN_TOKENS_TTL_SECONDS", "hush")]).unwrap_err();
    assert!(error.contains("`tokens.ttl_seconds`") && !error.contains("hush"), "{error}");
}

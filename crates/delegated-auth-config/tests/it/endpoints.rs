//! Directives among the keys of further endpoints.

use std::time::Duration;

use delegated_auth_config::Provider;

use crate::support::{KEY, ORG, OTHER, bad, chain, good, names, notes, org, places, shown, with};

#[test]
fn all_four_settings_are_searched() {
    let settings = good(&format!(
        "
delegated_auth: {{refresh_interval_mins: 3, aws: {{region: eu-west-1}}}}
additional_endpoints:
  https://app.datadoghq.eu: [{KEY}, 'DELA({ORG}, aws)']
  https://plain.example: {KEY}
apm_config:
  additional_endpoints:
    https://trace.agent.us3.datadoghq.com: ['DELA({ORG}, aws, region=eu-west-2)']
  profiling_additional_endpoints:
    https://intake.profile.ddog-gov.com/api/v2/profile: ['DELA({ORG}, aws, fallback={KEY})']
logs_config:
  additional_endpoints:
    - {{api_key: {KEY}, Host: logs.example, port: 443}}
    - {{api_key: 'DELA({OTHER}, aws)', Host: logs.example, port: 8443, is_reliable: true}}
    - {{Host: keyless.example}}
"
    ));
    assert_eq!(
        names(&settings),
        [
            "additional_endpoints app.datadoghq.eu",
            "apm_config.additional_endpoints trace.agent.us3.datadoghq.com",
            "apm_config.profiling_additional_endpoints intake.profile.ddog-gov.com",
            "logs_config.additional_endpoints logs.example:8443",
        ]
    );
    let servers: Vec<_> = settings.instances.iter().map(|one| one.server.as_str()).collect();
    assert_eq!(
        servers,
        [
            "https://api.datadoghq.eu",
            "https://api.us3.datadoghq.com",
            "https://api.ddog-gov.com",
            "https://logs.example:8443",
        ]
    );
    let [infra, traces, profiles, logs] = &settings.instances[..] else { panic!() };
    assert_eq!(infra.provider, Provider::Aws);
    assert_eq!(infra.region, None, "the root's region is for the root's server");
    assert_eq!(infra.refresh_interval, Duration::from_secs(180));
    assert_eq!(traces.region.as_deref(), Some("eu-west-2"));
    assert_eq!(shown(profiles.fallback.as_ref()), Some(KEY));
    assert_eq!(logs.org, org(OTHER));
    assert_eq!(places(logs), ["logs_config.additional_endpoints logs.example:8443"]);
    assert_eq!(settings.server, "https://api.datadoghq.com");
    assert!(settings.notes.is_empty(), "{:?}", settings.notes);
}

#[test]
fn variables_replace_the_settings() {
    let yaml = format!("additional_endpoints:\n  https://file.example: ['DELA({OTHER}, aws)']\n");
    let maps = format!(r#"{{"https:\/\/env.example": ["{KEY}", "DELA({ORG}, aws)"]}}"#);
    let list =
        format!(r#"[{{"api_key": "DELA({ORG}, aws)", "Host": "logs.example", "Port": 443}}]"#);
    let settings = with(
        &yaml,
        &[
            ("DD_ADDITIONAL_ENDPOINTS", &maps),
            ("DD_APM_ADDITIONAL_ENDPOINTS", &maps.replace("env", "apm")),
            ("DD_APM_PROFILING_ADDITIONAL_ENDPOINTS", &maps.replace("env", "prof")),
            ("DD_LOGS_CONFIG_ADDITIONAL_ENDPOINTS", &list),
        ],
    )
    .unwrap();
    assert_eq!(
        names(&settings),
        [
            "additional_endpoints env.example",
            "apm_config.additional_endpoints apm.example",
            "apm_config.profiling_additional_endpoints prof.example",
            "logs_config.additional_endpoints logs.example",
        ]
    );
    assert_eq!(settings.instances[3].server, "https://logs.example");
}

#[test]
fn a_bad_variable_is_named() {
    let broken = format!(r#"{{"https://env.example": ["DELA({ORG}, aws, fallback={KEY})""#);
    let cases = [
        ("DD_ADDITIONAL_ENDPOINTS", broken.as_str(), "JSON"),
        ("DD_ADDITIONAL_ENDPOINTS", "[1]", "a mapping from addresses"),
        ("DD_LOGS_CONFIG_ADDITIONAL_ENDPOINTS", "{\"a\": 1}", "a list of endpoints"),
        ("DD_LOGS_CONFIG_ADDITIONAL_ENDPOINTS", "[1]", "a list of mappings"),
    ];
    for (variable, value, words) in cases {
        let error = chain(&with("", &[(variable, value)]).unwrap_err());
        assert!(error.contains(variable) && error.contains(words), "{value}: {error}");
        assert!(!error.contains(KEY), "{error}");
    }
}

#[test]
fn names_are_unique_and_stable() {
    let third = "00000000-0000-4000-8000-000000000001";
    let yaml = format!(
        "
additional_endpoints:
  https://keys.example: ['DELA({ORG}, aws)', 'DELA({OTHER}, aws)', 'DELA({ORG}, aws, region=eu-west-1)']
  https://keys.example/below: ['DELA({OTHER}, aws)', 'DELA({third}, aws)']
  http://keys.example: ['DELA({OTHER}, aws)']
"
    );
    let wanted = [
        "additional_endpoints keys.example".to_owned(),
        format!("additional_endpoints keys.example {OTHER}"),
        format!("additional_endpoints keys.example {OTHER} 2"),
        format!("additional_endpoints keys.example {third}"),
        format!("additional_endpoints keys.example {OTHER} 3"),
    ];
    for _ in 0..2 {
        let settings = good(&yaml);
        assert_eq!(names(&settings), wanted);
        assert_eq!(places(&settings.instances[0]).len(), 2, "one organization, one server");
        assert_eq!(notes(&settings).len(), 2, "the two below a path");
    }
}

#[test]
fn a_handle_or_placeholder_as_fallback_is_none() {
    for (fallback, words) in [("ENC[x]", "secret backend"), ("${KEY}", "no API key")] {
        let settings = good(&format!(
            "additional_endpoints:\n  https://a.example:\n    - DELA({ORG}, aws, fallback={fallback})\n"
        ));
        assert_eq!(shown(settings.instances[0].fallback.as_ref()), None);
        let notes = notes(&settings);
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains(words) && notes[0].contains("line 2"), "{notes:?}");
    }
}

#[test]
fn what_is_wrong_with_an_endpoint_is_said() {
    let map = |lines: &str| format!("additional_endpoints:\n{lines}");
    let list = |item: &str| format!("logs_config:\n  additional_endpoints:\n    - {item}\n");
    let dela = format!("DELA({ORG}, aws)");
    let cases = [
        (map(&format!("  - '{dela}'")), "a mapping from addresses to lists of keys"),
        (
            map(&format!("  keys.example: ['{dela}']")),
            "line 2 is no address of a server: it does not begin",
        ),
        (
            map(&format!("  https://a: ['{dela}']\n  https://a: []")),
            "`additional_endpoints` is given on line 2 and again on line 3",
        ),
        (map("  https://a: ['DELA(x, aws)']"), "`DELA(…)` that cannot be read: its first part"),
        (map("  https://a: ['DELA({{ .Org }}, aws)']"), "placeholder `{{ .Org }}`"),
        (map("  https://a: ['DELA(x, aws, fallback=<secret>)']"), "its first part"),
        (map(&format!("  https://<HOST>: ['{dela}']")), "placeholder `<HOST>`"),
        (list(&format!("{{api_key: '{dela}'}}")), "given a `host`"),
        (list(&format!("{{api_key: '{dela}', host: a, port: x}}")), "`port` from 1"),
        (list(&format!("{{api_key: '{dela}', host: a, port: 0}}")), "`port` from 1"),
        (list(&format!("{{api_key: '{dela}', host: a, port: [1]}}")), "one value"),
        (
            list(&format!("{{api_key: '{dela}', host: a, Host: b}}")),
            "`logs_config.additional_endpoints.host` is given on line 3 and again",
        ),
        (list(&format!("{{api_key: '{dela}', host: 'a/b'}}")), "its host"),
        (list("x"), "a list of mappings"),
        ("logs_config: {additional_endpoints: {}}".to_owned(), "a list of endpoints"),
    ];
    for (yaml, words) in cases {
        let error = bad(&yaml);
        assert!(error.contains(words), "{yaml}\n{error}");
    }
}

#[test]
fn a_list_may_give_a_whole_address() {
    let settings = good(&format!(
        "logs_config:\n  additional_endpoints:\n    - {{api_key: 'DELA({ORG}, aws)', host: 'http://127.0.0.1', port: 8080}}\n"
    ));
    assert_eq!(settings.instances[0].server, "http://127.0.0.1:8080");
}

#[test]
fn what_a_mapping_says_itself_hides_what_it_merges() {
    let settings = good(&format!(
        "
x: &x {{https://a.example: ['DELA({OTHER}, aws)'], https://b.example: ['DELA({OTHER}, aws)']}}
additional_endpoints:
  <<: *x
  https://a.example: ['DELA({ORG}, aws)']
"
    ));
    assert_eq!(
        names(&settings),
        ["additional_endpoints a.example", "additional_endpoints b.example"]
    );
    assert_eq!(settings.instances[0].org, org(ORG));
    assert_eq!(settings.instances[0].places.len(), 1);
}

#[test]
fn too_many_directives_are_refused() {
    let keys = format!("  - DELA({ORG}, aws)\n").repeat(257);
    let error = bad(&format!("additional_endpoints:\n  https://a.example:\n{keys}"));
    assert!(error.contains("one `DELA(…)` too many: 256"), "{error}");
}

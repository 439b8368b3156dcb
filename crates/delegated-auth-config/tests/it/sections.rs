//! The root section, the products, what they inherit, and the environment before the file.

use std::time::Duration;

use delegated_auth_config::Provider;

use crate::support::{KEY, ORG, OTHER, OTHER_KEY, good, names, notes, org, places, shown, with};

#[test]
fn an_organization_alone_is_enough() {
    let settings = good(&format!("delegated_auth:\n  org_uuid: {ORG}\n"));
    assert_eq!(names(&settings), ["main"]);
    let main = &settings.instances[0];
    assert_eq!(main.org, org(ORG));
    assert_eq!(main.server, "https://api.datadoghq.com");
    assert_eq!(settings.server, main.server);
    assert_eq!(main.provider, Provider::Auto);
    assert_eq!(main.region, None);
    assert_eq!(main.refresh_interval, Duration::from_secs(3600));
    assert_eq!(shown(main.fallback.as_ref()), None);
    assert!(main.proxy.is_none());
    assert!(!settings.skip_ssl_verification);
    assert!(settings.notes.is_empty());
    assert_eq!(places(main), ["api_key"]);
}

#[test]
fn products_inherit_what_they_do_not_say() {
    let settings = good(&format!(
        "
delegated_auth:
  org_uuid: {ORG}
  provider: aws
  aws: {{region: eu-west-1}}
  refresh_interval_mins: 5
logs_config:
  delegated_auth:
    org_uuid: {OTHER}
remote_configuration:
  delegated_auth:
    org_uuid: 00000000-0000-4000-8000-000000000001
    provider: auto
    aws:
      region: us-gov-west-1
    refresh_interval_mins: 7
"
    ));
    assert_eq!(names(&settings), ["main", "logs_config", "remote_configuration"]);
    let [main, logs, remote] = &settings.instances[..] else { panic!() };
    assert_eq!((main.provider, main.region.as_deref()), (Provider::Aws, Some("eu-west-1")));
    assert_eq!((logs.provider, logs.region.as_deref()), (Provider::Aws, Some("eu-west-1")));
    assert_eq!(logs.refresh_interval, Duration::from_secs(5 * 60));
    assert_eq!(
        (remote.provider, remote.region.as_deref()),
        (Provider::Auto, Some("us-gov-west-1"))
    );
    assert_eq!(remote.refresh_interval, Duration::from_secs(7 * 60));
}

#[test]
fn a_product_may_be_the_only_one() {
    for product in ["logs_config", "remote_configuration", "evp_proxy_config", "ol_proxy_config"] {
        let settings = good(&format!(
            "delegated_auth:\n  provider: aws\n{product}:\n  delegated_auth:\n    org_uuid: {ORG}\n"
        ));
        assert_eq!(names(&settings), [product]);
        assert_eq!(settings.instances[0].provider, Provider::Aws);
        assert_eq!(places(&settings.instances[0]), [format!("{product}.api_key")]);
    }
}

#[test]
fn one_organization_at_one_server_is_one_instance() {
    let settings = good(&format!(
        "
delegated_auth: {{org_uuid: {ORG}}}
logs_config:
  delegated_auth: {{org_uuid: {ORG}}}
  additional_endpoints:
    - api_key: DELA({ORG}, aws)
      host: agent-http-intake.logs.datadoghq.com
evp_proxy_config:
  delegated_auth: {{org_uuid: {OTHER}}}
"
    ));
    assert_eq!(names(&settings), ["main", "evp_proxy_config"]);
    assert_eq!(
        places(&settings.instances[0]),
        [
            "api_key",
            "logs_config.api_key",
            "logs_config.additional_endpoints agent-http-intake.logs.datadoghq.com"
        ]
    );
}

#[test]
fn the_environment_comes_before_the_file() {
    let yaml = format!(
        "
api_key: {KEY}
delegated_auth: {{org_uuid: {OTHER}, provider: gcp, refresh_interval_mins: x, aws: {{region: '?'}}}}
logs_config: {{api_key: {KEY}, delegated_auth: {{org_uuid: {OTHER}}}}}
"
    );
    let third = "00000000-0000-4000-8000-000000000001";
    let settings = with(
        &yaml,
        &[
            ("DD_API_KEY", OTHER_KEY),
            ("DD_DELEGATED_AUTH_ORG_UUID", ORG),
            ("DD_DELEGATED_AUTH_PROVIDER", "aws"),
            ("DD_DELEGATED_AUTH_AWS_REGION", "eu-west-1"),
            ("DD_DELEGATED_AUTH_REFRESH_INTERVAL_MINS", "2"),
            ("DD_LOGS_CONFIG_DELEGATED_AUTH_ORG_UUID", third),
            ("DD_LOGS_CONFIG_DELEGATED_AUTH_AWS_REGION", "eu-west-2"),
            ("DD_LOGS_CONFIG_API_KEY", "of-logs"),
            ("DD_OL_PROXY_CONFIG_DELEGATED_AUTH_ORG_UUID", OTHER),
        ],
    )
    .unwrap();
    assert_eq!(names(&settings), ["main", "logs_config", "ol_proxy_config"]);
    let [main, logs, _] = &settings.instances[..] else { panic!() };
    assert_eq!((main.org, main.region.as_deref()), (org(ORG), Some("eu-west-1")));
    assert_eq!(main.refresh_interval, Duration::from_secs(120));
    assert_eq!(shown(main.fallback.as_ref()), Some(OTHER_KEY));
    assert_eq!((logs.org, logs.region.as_deref()), (org(third), Some("eu-west-2")));
    assert_eq!(shown(logs.fallback.as_ref()), Some("of-logs"));
}

#[test]
fn variables_alone_are_enough_and_empty_ones_are_none() {
    for yaml in ["", "# nothing\n", "---\n", "\u{feff}"] {
        let settings = with(yaml, &[("DD_DELEGATED_AUTH_ORG_UUID", ORG)]).unwrap();
        assert_eq!(names(&settings), ["main"]);
    }
    let yaml = format!("delegated_auth:\n  org_uuid: {ORG}\n");
    let settings = with(&yaml, &[("DD_DELEGATED_AUTH_ORG_UUID", " ")]).unwrap();
    assert_eq!(settings.instances[0].org, org(ORG));
}

#[test]
fn fallbacks() {
    let cases = [
        // settings of the file beside the section           fallback     note
        ("", None, None),
        ("api_key:", None, None),
        ("api_key: ''", None, None),
        ("api_key: null", None, None),
        ("api_key: ' 0123456789abcdef0123456789abcdef '", Some(KEY), None),
        // What a reader of numbers would spoil.
        (
            "api_key: 00123456789012345678901234567890",
            Some("00123456789012345678901234567890"),
            None,
        ),
        (
            "api_key: 12e45678901234567890123456789012",
            Some("12e45678901234567890123456789012"),
            None,
        ),
        ("api_key: 0x1", Some("0x1"), None),
        ("api_key: ENC[handle]", None, Some("secret backend")),
        ("api_key: <YOUR_API_KEY>", None, Some("no API key")),
        ("api_key: two words", None, Some("no API key")),
        ("api_key: |\n  0123456789abcdef0123456789abcdef\n", Some(KEY), None),
    ];
    for (line, fallback, note) in cases {
        let settings = good(&format!("{line}\ndelegated_auth:\n  org_uuid: {ORG}\n"));
        assert_eq!(shown(settings.instances[0].fallback.as_ref()), fallback, "{line}");
        let notes = notes(&settings);
        assert_eq!(notes.len(), usize::from(note.is_some()), "{line}: {notes:?}");
        assert!(notes.iter().all(|text| text.contains(note.unwrap_or_default())), "{notes:?}");
        assert!(notes.iter().all(|text| text.contains("`api_key` on line 1")), "{notes:?}");
    }
}

#[test]
fn a_product_falls_back_to_the_roots_key_only_without_its_own() {
    let logs = |key: &str| {
        let yaml = format!(
            "api_key: {KEY}\nlogs_config:\n  {key}\n  delegated_auth: {{org_uuid: {ORG}}}\n"
        );
        let settings = good(&yaml);
        shown(settings.instances[0].fallback.as_ref()).map(str::to_owned)
    };
    assert_eq!(logs("").as_deref(), Some(KEY));
    assert_eq!(logs(&format!("api_key: {OTHER_KEY}")).as_deref(), Some(OTHER_KEY));
    assert_eq!(logs("api_key: ENC[x]"), None);
}

#[test]
fn different_fallbacks_of_one_instance_are_noted() {
    let settings = good(&format!(
        "
api_key: {KEY}
delegated_auth: {{org_uuid: {ORG}}}
logs_config: {{api_key: {OTHER_KEY}, delegated_auth: {{org_uuid: {ORG}}}}}
"
    ));
    assert_eq!(names(&settings), ["main"]);
    assert_eq!(shown(settings.instances[0].fallback.as_ref()), Some(KEY));
    assert_eq!(
        notes(&settings),
        ["the sections of `main` have different API keys: the first is the fallback of all"]
    );
}

#[test]
fn intervals() {
    for (text, minutes) in [("1", 1), ("60", 60), ("'15'", 15), ("0", 60), ("-3", 60), ("", 60)] {
        let settings =
            good(&format!("delegated_auth:\n  org_uuid: {ORG}\n  refresh_interval_mins: {text}\n"));
        let wanted = &settings.instances[0];
        assert_eq!(wanted.refresh_interval, Duration::from_secs(minutes * 60), "{text}");
        assert_eq!(notes(&settings).len(), usize::from(matches!(text, "0" | "-3")), "{text}");
    }
}

#[test]
fn unknown_keys_are_noted_with_the_nearest_word() {
    let settings = good(&format!(
        "
unheard_of: [1, 2]
delegated_auth:
  org_uuid: {ORG}
  refresh_interval_min: 5
  zzz: 1
  aws:
    regoin: eu-west-1
logs_config:
  orguuid: x
  delegated_auth:
    org_id: {ORG}
"
    ));
    assert_eq!(
        notes(&settings),
        [
            "unknown key `refresh_interval_min` in `delegated_auth` on line 5 is ignored: did you mean `refresh_interval_mins`?",
            "unknown key `zzz` in `delegated_auth` on line 6 is ignored",
            "unknown key `regoin` in `delegated_auth.aws` on line 8 is ignored: did you mean `region`?",
            "unknown key `org_id` in `logs_config.delegated_auth` on line 12 is ignored: did you mean `org_uuid`?",
        ]
    );
}

#[test]
fn only_so_many_unknown_keys_are_noted() {
    let keys: String = (0..1000).map(|key| format!("k{key}: 1, ")).collect();
    let settings = good(&format!("delegated_auth: {{{keys}org_uuid: {ORG}}}\n"));
    assert_eq!(settings.notes.len(), 16);
    let error = with(&format!("delegated_auth: {{{keys}}}\n"), &[]).unwrap_err().to_string();
    assert_eq!(error.matches("is ignored").count(), 3, "{error}");
}

#[test]
fn what_yaml_can_do_is_understood() {
    let forms = [
        format!("delegated_auth: {{org_uuid: {ORG}, aws: {{region: eu-west-1}}}}"),
        format!(
            "{{\"delegated_auth\": {{\"org_uuid\": \"{ORG}\", \"aws\": {{\"region\": \"eu-west-1\"}}}}}}"
        ),
        format!(
            "%YAML 1.2\n---\ndelegated_auth:\n  org_uuid: '{ORG}'\n  aws:\n    region: \"eu-west-1\"\n...\n"
        ),
        format!(
            "\u{feff}delegated_auth:\r\n  org_uuid: {ORG}  # ours\r\n  aws:\r\n    region: eu-west-1\r\n"
        ),
        format!(
            "x: &o {ORG}\ndelegated_auth:\n  org_uuid: *o\n  aws: {{region: &r eu-west-1}}\ny: *r\n"
        ),
        format!(
            "x: &base\n  org_uuid: {ORG}\n  aws: {{region: eu-west-1}}\ndelegated_auth:\n  <<: *base\n"
        ),
        format!(
            "a: &a {{org_uuid: {ORG}, provider: auto}}\nb: &b {{org_uuid: {OTHER}, aws: {{region: eu-west-1}}}}\ndelegated_auth:\n  <<: [*a, *b]\n"
        ),
        format!(
            "a: &a {{org_uuid: {OTHER}}}\ndelegated_auth:\n  <<: *a\n  org_uuid: {ORG}\n  aws: {{region: eu-west-1}}\n"
        ),
        format!("Delegated_Auth:\n  ORG_UUID: {ORG}\n  aws: {{Region: eu-west-1}}\n"),
        format!(
            "? delegated_auth\n: org_uuid: !!str {ORG}\n  aws: {{region: eu-west-1}}\n? [1, 2]\n: 3\n"
        ),
    ];
    for yaml in forms {
        let settings = good(&yaml);
        assert_eq!(settings.instances[0].org, org(ORG), "{yaml}");
        assert_eq!(settings.instances[0].region.as_deref(), Some("eu-west-1"), "{yaml}");
        assert!(settings.notes.is_empty(), "{yaml}: {:?}", settings.notes);
    }
}

#[test]
fn verification_that_is_switched_off_is_told() {
    let yaml = |line: &str| format!("{line}\ndelegated_auth:\n  org_uuid: {ORG}\n");
    for (value, skipped) in [
        ("true", true),
        ("'1'", true),
        ("yes", true),
        ("false", false),
        ("off", false),
        ("", false),
    ] {
        let settings = good(&yaml(&format!("skip_ssl_verification: {value}")));
        assert_eq!(settings.skip_ssl_verification, skipped, "{value}");
    }
    let settings = with(&yaml(""), &[("DD_SKIP_SSL_VERIFICATION", "true")]).unwrap();
    assert!(settings.skip_ssl_verification);
}

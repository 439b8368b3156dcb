//! Files that cannot be read, each with the words that help.

use crate::support::{KEY, ORG, bad, good, names};

/// Each file with the words of its error.
pub(crate) fn corpus() -> Vec<(String, &'static str)> {
    let mut cases = written_badly();
    cases.extend(templates());
    cases.extend(wrong_values());
    cases
}

fn written_badly() -> Vec<(String, &'static str)> {
    vec![
        (
            format!("api_key: {KEY}\ndelegated_auth:\n\torg_uuid: {ORG}\n"),
            "line 3 is indented by a tab: YAML has no tabs there",
        ),
        (
            format!("api_key: {KEY}\ndelegated_auth:\n  org_uuid: {ORG}\n\tprovider: aws\n"),
            "line 4 is indented by a tab",
        ),
        (
            format!("api_key: \"{KEY}\ndelegated_auth:\n  org_uuid: {ORG}\n"),
            "a quoted text is not closed",
        ),
        (format!("api_key: '{KEY}' {KEY}\n"), "something follows a quoted text"),
        (format!("api_key: {{{KEY}\n"), "line"),
        (format!("api_key: [{KEY}\n"), "a `[` or `{` is not closed"),
        (format!("api_key: {KEY}]\nx: ]\n"), "line 2"),
        (format!("api_key: {KEY}: {KEY}\n"), "line 1: a key stands where none can"),
        (format!("api_key: \"\\q{KEY}\"\n"), "unknown escape"),
        (format!("api_key {KEY}\nsite: x\n"), "line"),
        (format!("api_key: {KEY}\n  site: x\n"), "line 2"),
        (format!("a:\n    b: {KEY}\n  c: 1\n"), "line 3"),
        ("a: *b\n".to_owned(), "line 1: an alias names an anchor that does not stand before it"),
        ("a: &a [*a]\n".to_owned(), "line 1: an alias stands inside the value"),
        (format!("a: {{<<: {KEY}}}\n"), "line 1: `<<` takes a mapping"),
        ("a: 1\n---\nb: 2\n".to_owned(), "a second document begins on line 2"),
        ("---\na: 1\n...\n---\nb: 2\n".to_owned(), "a second document begins on line 4"),
        (format!("- api_key: {KEY}\n"), "has to be a mapping of settings"),
        (KEY.to_owned(), "has to be a mapping of settings"),
        (
            "delegated_auth: {}\nx: 1\nDelegated_auth: {}\n".to_owned(),
            "`delegated_auth` is given on line 1 and again on line 3",
        ),
        (
            format!("delegated_auth:\n  org_uuid: {ORG}\n  org_uuid: {ORG}\n"),
            "`delegated_auth.org_uuid` is given on line 2 and again on line 3",
        ),
        (
            format!("api_key: {KEY}\napi_key: {KEY}\ndelegated_auth: {{org_uuid: {ORG}}}"),
            "`api_key` is given on line 1 and again on line 2",
        ),
    ]
}

fn templates() -> Vec<(String, &'static str)> {
    let org = |text: &str| format!("api_key: {KEY}\ndelegated_auth:\n  org_uuid: {text}\n");
    vec![
        (org("{{ .OrgUUID }}"), "placeholder `{{ .OrgUUID }}`: render the template"),
        (org("{{ .Values.org | quote }}"), "placeholder `{{ .Values.org …"),
        (
            org("'{{ .OrgUUID }}'"),
            "`delegated_auth.org_uuid` on line 3 holds the placeholder `{{ .OrgUUID }}`",
        ),
        (org("%%env_ORG%%"), "placeholder `%%env_ORG%%`"),
        (org("\"%%env_ORG%%\""), "placeholder `%%env_ORG%%`"),
        (org("${ORG_UUID}"), "placeholder `${ORG_UUID}`"),
        (org("$ORG_UUID"), "placeholder `$ORG_UUID`"),
        (org(&format!("${{ORG:-{KEY}}}")), "placeholder `${ORG…}`"),
        (org(&format!("{{{{ {KEY} }}}}")), "placeholder `{{ … }}`"),
        (org("{{ fedcba9876543210fedcba9876543210 }}"), "placeholder `{{ … }}`"),
        (org("<YOUR_ORG_UUID>"), "placeholder `<YOUR_ORG_UUID>`"),
        (
            format!("api_key: {KEY}\n{{{{- if .Values.delegated }}}}\ndelegated_auth: {{}}\n"),
            "line 2 holds the placeholder `{{ if .Values.delegated }}`",
        ),
        (org("ENC[org]"), "`delegated_auth.org_uuid` on line 3 is a handle of a secret backend"),
    ]
}

fn wrong_values() -> Vec<(String, &'static str)> {
    let section = |lines: &str| format!("delegated_auth:\n  org_uuid: {ORG}\n  {lines}\n");
    vec![
        (String::new(), "delegated authentication is not enabled: set delegated_auth.org_uuid"),
        (format!("api_key: {KEY}\n"), "is not enabled"),
        ("delegated_auth:\n".to_owned(), "is not enabled"),
        (
            format!("delegated_auth:\n  org_uid: {ORG}\n"),
            "; unknown key `org_uid` in `delegated_auth` on line 2 is ignored: did you mean `org_uuid`?",
        ),
        (
            format!("delegated_auth: {{org_uuid: {KEY}}}"),
            "`delegated_auth.org_uuid` on line 1 has to be a UUID such as `3fa85f64-5717-4562-b3fc-2c963f66afa6`: 32 digits without hyphens are an API key",
        ),
        ("delegated_auth: {org_uuid: 12}".to_owned(), "has to be a UUID"),
        (format!("delegated_auth: {{org_uuid: '{{{ORG}}}'}}"), "has to be a UUID"),
        (format!("delegated_auth: {{org_uuid: [{ORG}]}}"), "has to be one value"),
        (
            format!("delegated_auth: {KEY}"),
            "`delegated_auth` on line 1 has to be a mapping of settings",
        ),
        ("delegated_auth: true".to_owned(), "has to be a mapping of settings"),
        ("logs_config: []".to_owned(), "`logs_config` on line 1 has to be a mapping of settings"),
        (
            section("provider: gcp"),
            "`delegated_auth.provider` on line 3 asks for the provider `gcp`: only `aws` is known",
        ),
        (section(&format!("provider: {KEY}")), "asks for another provider"),
        (section("provider: abcdefabcdefabcdefabcdefabcdefab"), "asks for another provider"),
        (section("provider: {name: aws}"), "one value"),
        (section("aws: eu-west-1"), "`delegated_auth.aws` on line 3 has to be a mapping"),
        (section("aws: {region: 'x.evil.example/'}"), "a region of AWS"),
        (section("aws: {region: <AWS_REGION>}"), "placeholder `<AWS_REGION>`"),
        (section("refresh_interval_mins: 1h"), "a whole number of minutes"),
        (section("refresh_interval_mins: 1.5"), "a whole number of minutes"),
        (section("refresh_interval_mins: 99999999999999999999"), "a whole number of minutes"),
        (section("refresh_interval_mins: 999999999"), "of a year at most"),
        (section(&format!("aws: {{}}\nskip_ssl_verification: {KEY}")), "`true` or `false`"),
    ]
}

#[test]
fn each_is_refused_in_words_that_help() {
    for (yaml, words) in corpus() {
        let error = bad(&yaml);
        assert!(error.contains(words), "{yaml}\n-> {error}");
        assert!(!error.contains('\n') && !error.ends_with('.'), "{error}");
    }
}

#[test]
fn what_is_none_of_our_business_is_not_looked_at() {
    let settings = good(&format!(
        "
delegated_auth: {{org_uuid: {ORG}}}
tags: ['<YOUR_TAG>', '${{TAG}}', 'ENC[x]']
process_config: &p {{a: 1, a: 2}}
logs_config: {{processing_rules: [1, 1], 7: 8, true: false}}
x: *p
"
    ));
    assert_eq!(names(&settings), ["main"]);
    assert!(settings.notes.is_empty(), "{:?}", settings.notes);
}

#[test]
fn aliases_that_stand_for_too_much_are_refused() {
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        laughs.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let error = bad(&laughs);
    assert!(error.contains("with its aliases the file has more than 100000 values"), "{error}");

    let keys: String = (0..1000).map(|key| format!("k{key}: 1, ")).collect();
    let merges = "  - {<<: *m}\n".repeat(1000);
    let error = bad(&format!("m: &m {{{keys}}}\nl:\n{merges}"));
    let hundredth = "line 103: with its aliases the file has more than 100000 values";
    assert_eq!(error, hundredth, "before the rest is copied");

    let chain: String = (1..2000).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect();
    let error = bad(&format!("a0: &a0 []\n{chain}"));
    assert!(error.contains("more than 64 deep"), "{error}");
}

#[test]
fn nesting_is_bounded() {
    let flow = format!("x: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    let block: String = (0..500).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    let dashes = format!("x:\n{}1\n", "- ".repeat(5000));
    for yaml in [flow, block, dashes] {
        let error = bad(&yaml);
        assert!(error.contains("more than 64 deep"), "{error}");
    }
    let deep = format!("x: {}{}\n", "[".repeat(60), "]".repeat(60));
    good(&format!("{deep}delegated_auth: {{org_uuid: {ORG}}}\n"));
}

#[test]
fn size_is_bounded() {
    let section = format!("delegated_auth: {{org_uuid: {ORG}}}\n");
    let comment = |bytes: usize| format!("{section}#{}", "x".repeat(bytes - section.len() - 1));
    good(&comment(1 << 20));
    let error = bad(&comment((1 << 20) + 1));
    assert_eq!(error, "the file has 1048577 bytes, more than the 1048576 that are read");
    let error = bad(&format!("x: [{}]\n{section}", "1,".repeat(100_000)));
    assert!(error.contains("more than 100000 values"), "{error}");
}

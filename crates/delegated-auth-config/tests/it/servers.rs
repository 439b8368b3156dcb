//! Which server hands out the keys.

use crate::support::{ORG, bad, good, notes, with};

fn section() -> String {
    format!("delegated_auth:\n  org_uuid: {ORG}\n")
}

#[test]
fn addresses_and_sites() {
    let cases = [
        ("", "https://api.datadoghq.com"),
        ("site: datadoghq.eu", "https://api.datadoghq.eu"),
        ("site: us5.datadoghq.com", "https://api.us5.datadoghq.com"),
        ("site: ' Example.COM. '", "https://api.example.com"),
        ("dd_url: http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("dd_url: http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("dd_url: https://[::1]:8443///", "https://[::1]:8443"),
        ("dd_url: HTTPS://Keys.Example.com", "https://keys.example.com"),
        ("dd_url: ''\nsite: datadoghq.eu", "https://api.datadoghq.eu"),
        ("dd_url: https://keys.example.com\nsite: datadoghq.eu", "https://keys.example.com"),
        // Known hosts are forced to TLS and lose port and path.
        ("dd_url: https://app.datadoghq.com", "https://api.datadoghq.com"),
        ("dd_url: http://app.datadoghq.eu:8080/x/y", "https://api.datadoghq.eu"),
        ("dd_url: https://app.us3.datadoghq.com.", "https://api.us3.datadoghq.com"),
        ("dd_url: https://7-80-0-app.agent.ap1.datadoghq.com", "https://api.ap1.datadoghq.com"),
        ("dd_url: https://app.datad0g.com", "https://api.datad0g.com"),
        ("dd_url: https://app.ddog-gov.com", "https://api.ddog-gov.com"),
        ("dd_url: https://datadoghq.com", "https://api.datadoghq.com"),
        // `agent` is no region: two letters at least, one or two digits.
        ("dd_url: https://a1.datadoghq.com", "https://api.datadoghq.com"),
        ("dd_url: https://us123.datadoghq.com", "https://api.datadoghq.com"),
        // Only at the border of a label.
        ("dd_url: https://notdatadoghq.com", "https://notdatadoghq.com"),
        ("dd_url: https://app.datadoghq.com.example.com", "https://app.datadoghq.com.example.com"),
    ];
    for (line, server) in cases {
        let settings = good(&format!("{line}\n{}", section()));
        assert_eq!(settings.server, server, "{line}");
        assert_eq!(settings.instances[0].server, server, "{line}");
        assert!(settings.notes.is_empty(), "{line}: {:?}", settings.notes);
    }
}

#[test]
fn variables_come_first() {
    let yaml = format!("dd_url: https://file.example.com\nsite: file.example\n{}", section());
    let server = |variables: &[(&str, &str)]| with(&yaml, variables).unwrap().server;
    assert_eq!(server(&[("DD_SITE", "env.example")]), "https://file.example.com");
    assert_eq!(server(&[("DD_URL", "https://b.example")]), "https://b.example");
    let both = [("DD_URL", "https://b.example"), ("DD_DD_URL", "https://a.example")];
    assert_eq!(server(&both), "https://a.example");
    let site = with(&section(), &[("DD_SITE", "datad0g.eu")]).unwrap();
    assert_eq!(site.server, "https://api.datad0g.eu");
}

#[test]
fn a_path_is_kept_and_noted() {
    let settings = good(&format!("dd_url: https://keys.example.com/intake/\n{}", section()));
    assert_eq!(settings.server, "https://keys.example.com/intake");
    assert_eq!(
        notes(&settings),
        ["`dd_url` on line 1 has a path: keys are asked for below it, which is seldom meant"]
    );
}

#[test]
fn what_is_no_address_is_refused() {
    let cases = [
        ("dd_url: keys.example.com", "it does not begin with `https://`"),
        ("dd_url: ftp://keys.example.com", "it does not begin with `https://`"),
        ("dd_url: https://", "its host"),
        ("dd_url: https://a b.example", "a blank"),
        ("dd_url: https://ä.example", "its host"),
        ("dd_url: https://a..example", "its host"),
        ("dd_url: https://[::1", "its host"),
        ("dd_url: https://[::1]x", "its host"),
        ("dd_url: https://a.example:0", "its port"),
        ("dd_url: https://a.example:65536", "its port"),
        ("dd_url: 'https://a.example:'", "its port"),
        ("dd_url: https://a.example/?api_key=5ec2e7", "a query"),
        ("dd_url: https://user:5ec2e7@a.example", "a password before an `@`"),
        ("site: https://a.example", "only a domain"),
        ("site: a.example/x", "only a domain"),
        ("site: a.example:80", "only a domain"),
        ("site: '[::1]'", "only a domain"),
        ("site: {{ .Site }}", "placeholder `{{ .Site }}`"),
        ("dd_url: https://<HOST>", "placeholder `<HOST>`"),
    ];
    for (line, words) in cases {
        let error = bad(&format!("{line}\n{}", section()));
        assert!(error.contains(words), "{line}: {error}");
        assert!(error.contains("line 1"), "{line}: {error}");
        assert!(!error.contains("5ec2e7"), "{line}: {error}");
    }
}

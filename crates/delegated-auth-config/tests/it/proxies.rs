//! The proxy before each server.

use crate::support::{ORG, OTHER, bad, good, shown, with};

fn yaml(proxy: &str) -> String {
    format!(
        "
proxy: {proxy}
delegated_auth: {{org_uuid: {ORG}}}
additional_endpoints:
  http://10.1.2.3:8080: ['DELA({ORG}, aws)']
  https://keys.eu.example.com: ['DELA({OTHER}, aws)']
"
    )
}

/// The proxies of the main server, of `10.1.2.3` and of `keys.eu.example.com`.
fn proxies(proxy: &str, variables: &[(&str, &str)]) -> [Option<String>; 3] {
    let settings = with(&yaml(proxy), variables).unwrap();
    let [main, plain, eu] = &settings.instances[..] else { panic!("{:?}", settings.instances) };
    [main, plain, eu].map(|one| shown(one.proxy.as_ref()).map(str::to_owned))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn by_scheme_and_without_exceptions() {
    let (tls, plain) = ("http://user:p@ss@proxy.example:3128", "http://plain.example:3128");
    assert_eq!(proxies("", &[]), [None, None, None]);
    let both = format!("{{https: '{tls}', http: '{plain}'}}");
    assert_eq!(proxies(&both, &[]), [some(tls), some(plain), some(tls)]);
    assert_eq!(proxies(&format!("{{https: '{tls}'}}"), &[]), [some(tls), None, some(tls)]);
}

#[test]
fn exceptions_are_exact_unless_told_otherwise() {
    let p = "http://p.example:1";
    let all = [some(p), some(p), some(p)];
    let cases: [(&str, &str, [Option<String>; 3]); 9] = [
        ("[]", "", all.clone()),
        ("[api.datadoghq.com]", "", [None, some(p), some(p)]),
        ("api.datadoghq.com 10.1.2.3", "", [None, None, some(p)]),
        ("['10.1.2.3:8080']", "", [some(p), None, some(p)]),
        ("[example.com, 10.0.0.0/8, '*']", "", all.clone()),
        ("[example.com]", "true", [some(p), some(p), None]),
        ("[.EXAMPLE.com, 10.0.0.0/8]", "true", [some(p), None, None]),
        ("[ample.com, 10.2.0.0/16, 0.0.0.0/33]", "true", all),
        ("['*']", "true", [None, None, None]),
    ];
    for (except, loosely, wanted) in cases {
        let proxy = format!("{{https: '{p}', http: '{p}', no_proxy: {except}}}");
        let found = proxies(&proxy, &[("DD_NO_PROXY_NONEXACT_MATCH", loosely)]);
        assert_eq!(found, wanted, "{except} {loosely}");
    }
}

#[test]
fn variables_come_first_also_when_empty() {
    let file = "{https: 'http://file.example:1', no_proxy: [10.1.2.3]}";
    let https = |variables: &[(&str, &str)]| {
        let [main, _, _] = proxies(file, variables);
        main
    };
    assert_eq!(https(&[]), some("http://file.example:1"));
    assert_eq!(https(&[("https_proxy", "http://c.example:1")]), some("http://c.example:1"));
    let three = [
        ("https_proxy", "http://c.example:1"),
        ("HTTPS_PROXY", "http://b.example:1"),
        ("DD_PROXY_HTTPS", "http://a.example:1"),
    ];
    assert_eq!(https(&three), some("http://a.example:1"));
    assert_eq!(https(&three[..2]), some("http://b.example:1"));
    assert_eq!(https(&[("DD_PROXY_HTTPS", "")]), None);
    assert_eq!(https(&[("DD_PROXY_NO_PROXY", "x.example api.datadoghq.com")]), None);
    assert_eq!(https(&[("NO_PROXY", "x.example,api.datadoghq.com")]), None);
}

#[test]
fn what_is_no_proxy_is_refused_without_its_password() {
    for proxy in ["proxy.example:3128", "http://u:5ec2e7@", "http://u:5ec2e7@a:99999", "gopher://a"]
    {
        let error = bad(&yaml(&format!("{{https: '{proxy}'}}")));
        assert!(error.contains("`proxy.https` on line 2 is no address"), "{error}");
        assert!(!error.contains("5ec2e7"), "{error}");
    }
    for (proxy, words) in [
        ("http://u:<secret>@<HOST>:1", "placeholder `<HOST>`"),
        ("$PROXY", "placeholder `$PROXY`"),
        ("u:${secret}@", "is no address"),
        ("ENC[secret]", "a handle of a secret backend"),
    ] {
        let error = bad(&yaml(&format!("{{https: '{proxy}'}}")));
        assert!(error.contains(words) && !error.contains("secret>"), "{error}");
        assert!(!error.contains("{secret"), "{error}");
    }
    let debug = format!("{:?}", good(&yaml("{https: 'http://u:5ec2e7@a:1'}")));
    assert!(!debug.contains("5ec2e7"));
}

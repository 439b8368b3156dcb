//! The layers and the places, as data, and the judgement of one edge.

use super::Edge;

/// Our crates. An edge goes to a smaller number only.
pub(super) const LAYERS: &[(&str, u8)] = &[
    ("arn-pattern", 0),
    ("jsonapi-model", 0),
    ("private-file", 0),
    ("toml-settings", 0),
    ("auth-model", 1),
    ("sts-proof", 2),
    ("token-issuer", 2),
    ("saml-sp", 2),
    ("role-mapping", 2),
    ("delegated-auth-config", 2),
    ("mapping-store", 2),
    ("sts-emulator", 3),
    ("sts-http", 3),
    ("intake-forward", 3),
    ("mapping-store-sqlite", 3),
    ("mapping-store-postgres", 3),
    ("exchange", 3),
    ("single-sign-on", 3),
    ("countersign-server", 4),
    ("countersign-client", 4),
    ("countersign-agent", 5),
    ("countersign", 6),
];

/// Members that stand beside the product: they may use all of it, and nothing may use them.
pub(super) const TOOLS: &[&str] = &["xtask", "integration", "bench-suite"];

/// From this layer up not even a test of a lower crate may look.
const RIM: u8 = 4;

/// A third-party crate, and the only ones of ours that may build on it.
const PLACES: &[(&str, &[&str])] = &[
    ("axum", &["countersign-server"]),
    ("axum-server", &["countersign-server"]),
    ("maud", &["countersign-server", "countersign-agent"]),
    ("hyper", &["countersign-server", "countersign-agent", "sts-emulator"]),
    ("hyper-util", &["countersign-server", "countersign-agent", "sts-emulator"]),
    ("rusqlite", &["mapping-store-sqlite"]),
    ("tokio-postgres", &["mapping-store-postgres"]),
    ("deadpool-postgres", &["mapping-store-postgres"]),
    ("tokio-postgres-rustls", &["mapping-store-postgres"]),
    ("reqwest", &["sts-http", "intake-forward", "countersign-client", "countersign-agent"]),
    ("jsonwebtoken", &["token-issuer"]),
    ("aws-lc-rs", &["sts-proof", "token-issuer", "saml-sp", "sts-emulator", "mapping-store"]),
    ("aws-sigv4", &["sts-proof", "sts-emulator"]),
    ("aws-config", &["countersign-client"]),
    ("nix", &["private-file"]),
    ("sd-notify", &["countersign-agent"]),
    ("aws-smithy-http-client", &["countersign-client"]),
    ("bergshamra-dsig", &["saml-sp"]),
    ("bergshamra-keys", &["saml-sp"]),
    ("uppsala", &["saml-sp"]),
    ("miniz_oxide", &["saml-sp"]),
    ("granit-parser", &["delegated-auth-config"]),
];

/// What a crate may not know although its layer would allow it.
const STRANGERS: &[(&str, &[&str], &str)] = &[
    (
        "arn-pattern",
        &["tokio", "async-trait", "serde", "serde_json", "time", "regex"],
        "patterns are pure: no IO, no async, no serde, no clock",
    ),
    ("auth-model", &["http", "tokio", "serde"], "values know neither the wire nor a runtime"),
    (
        "role-mapping",
        &["uppsala", "quick-xml", "tokio", "async-trait", "serde", "serde_json", "time"],
        "roles are computed from values: no XML, no IO, no clock",
    ),
    (
        "delegated-auth-config",
        &[
            "jsonapi-model",
            "arn-pattern",
            "tokio",
            "async-trait",
            "http",
            "reqwest",
            "serde",
            "serde_json",
            "time",
            "getrandom",
        ],
        "a file's text in, settings out: no IO, no runtime, no clock, and of ours only the ids and secrets",
    ),
    (
        "saml-sp",
        &["http", "tokio", "async-trait", "axum", "reqwest", "getrandom"],
        "a service provider is values in and values out: no HTTP, no runtime, randomness is an argument",
    ),
    (
        "single-sign-on",
        &["http", "axum", "reqwest", "tokio", "sts-proof", "jsonapi-model"],
        "signing people in knows neither HTTP nor the wire, and nothing of proofs",
    ),
    (
        "jsonapi-model",
        &["tokio", "http", "auth-model", "arn-pattern"],
        "wire documents know no domain type",
    ),
    (
        "countersign-client",
        &[
            "mapping-store",
            "sts-http",
            "intake-forward",
            "exchange",
            "token-issuer",
            "mapping-store-sqlite",
            "mapping-store-postgres",
        ],
        "the client knows neither the server's side nor storage",
    ),
];

/// The layer of one of our crates.
pub(super) fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

/// The rule that an edge breaks.
pub(super) fn broken(edge: &Edge<'_>) -> Option<String> {
    if TOOLS.contains(&edge.to) {
        return Some("nothing may use a tool of the workspace".to_owned());
    }
    if TOOLS.contains(&edge.from) {
        let ours = edge.from == "xtask" && layer(edge.to).is_some();
        return ours.then(|| "xtask stays quick to build: it uses no crate of ours".to_owned());
    }
    match (layer(edge.from), layer(edge.to)) {
        (Some(from), Some(to)) if edge.dev => upward_in_tests(from, to),
        (Some(from), Some(to)) => not_down(from, to).or_else(|| stranger(edge)),
        _ if edge.dev => None,
        _ => out_of_place(edge).or_else(|| stranger(edge)),
    }
}

fn not_down(from: u8, to: u8) -> Option<String> {
    let way = if to == from { "sideways" } else { "up" };
    (to >= from)
        .then(|| format!("an edge goes down only, this one goes {way} (layer {from} to {to})"))
}

fn upward_in_tests(from: u8, to: u8) -> Option<String> {
    (to >= RIM && to >= from).then(|| {
        format!("tests of layer {from} may not reach into layer {to}: put the test into `tests/`")
    })
}

fn out_of_place(edge: &Edge<'_>) -> Option<String> {
    let (_, homes) = PLACES.iter().find(|(name, _)| *name == edge.to)?;
    (!homes.contains(&edge.from))
        .then(|| format!("`{}` belongs only in {}", edge.to, homes.join(", ")))
}

fn stranger(edge: &Edge<'_>) -> Option<String> {
    let (_, _, rule) = STRANGERS
        .iter()
        .find(|(name, strangers, _)| *name == edge.from && strangers.contains(&edge.to))?;
    Some((*rule).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Edge, broken};

    #[test]
    fn each_edge_is_judged_by_its_rule() {
        #[rustfmt::skip]
        let cases = [
            // from                  to                        dev    words of the broken rule
            ("exchange",            "mapping-store",           false, None),
            ("exchange",            "sts-http",                false, Some("sideways")),
            ("auth-model",          "sts-proof",               false, Some("goes up")),
            ("mapping-store",       "token-issuer",            true,  None),
            ("sts-http",            "sts-emulator",            true,  None),
            ("exchange",            "countersign-server",      true,  Some("put the test into")),
            ("countersign-client",  "countersign-server",      true,  Some("put the test into")),
            ("countersign-client",  "mapping-store",           false, Some("nor storage")),
            ("countersign-server",  "axum",                    false, None),
            ("exchange",            "axum",                    false, Some("belongs only in")),
            ("exchange",            "axum",                    true,  None),
            ("countersign",         "reqwest",                 false, Some("belongs only in")),
            ("arn-pattern",         "serde",                   false, Some("pure")),
            ("arn-pattern",         "thiserror",               false, None),
            ("role-mapping",        "saml-sp",                 false, Some("sideways")),
            ("saml-sp",             "role-mapping",            false, Some("sideways")),
            ("saml-sp",             "bergshamra-dsig",         false, None),
            ("saml-sp",             "tokio",                   false, Some("no HTTP")),
            ("countersign-server",  "uppsala",                 false, Some("belongs only in")),
            ("role-mapping",        "uppsala",                 false, Some("belongs only in")),
            ("delegated-auth-config", "granit-parser",         false, None),
            ("delegated-auth-config", "sts-proof",             false, Some("sideways")),
            ("delegated-auth-config", "tokio",                 false, Some("no IO")),
            ("countersign",         "granit-parser",           false, Some("belongs only in")),
            ("intake-forward",      "reqwest",                 false, None),
            ("intake-forward",      "sts-http",                false, Some("sideways")),
            ("integration",         "reqwest",                 false, None),
            ("integration",         "countersign-server",      false, None),
            ("countersign",         "integration",             true,  Some("a tool")),
            ("xtask",               "arn-pattern",             false, Some("quick to build")),
        ];
        for (from, to, dev, words) in cases {
            let edge = Edge { from, to, dev };
            match (broken(&edge), words) {
                (None, None) => {}
                (Some(rule), Some(words)) => assert!(rule.contains(words), "{edge}: {rule}"),
                (rule, _) => panic!("{edge}: {rule:?}"),
            }
        }
    }
}

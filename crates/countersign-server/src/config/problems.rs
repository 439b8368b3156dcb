//! What is wrong with values that are each well-formed.

use std::net::IpAddr;

use super::{Config, PlainHttp};

/// A sentence for each problem: the key, what is wrong, what to do.
pub(super) fn of(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |fine: bool, sentence: &str| {
        if !fine {
            found.push(sentence.to_owned());
        }
    };
    let loopback = config.listen.ip().is_loopback();
    check(
        loopback || config.tls.is_some() || config.plain_http == PlainHttp::BehindProxy,
        "`listen` is beyond loopback without TLS: set `tls.certificate` and `tls.private_key`, or `plain_http = \"behind_proxy\"` if a proxy terminates TLS",
    );
    check(
        config.sts.endpoint_override.is_none() || loopback || config.sts.insecure_endpoint_override,
        "`sts.endpoint_override` on a server that listens beyond loopback lets whoever answers there sign in as anybody: remove it, or set `sts.insecure_endpoint_override = true` if that is meant",
    );
    check(
        url_or_empty(&config.public_url),
        "`public_url` is not an http or https URL without path, such as `https://auth.example.com`",
    );
    check(
        config.tokens.algorithm.parse::<auth_model::SigningAlgorithm>().is_ok(),
        "`tokens.algorithm` is one of `ES256`, `EdDSA`, `RS256`",
    );
    check(
        (60..=900).contains(&config.tokens.ttl_seconds),
        "`tokens.ttl_seconds` is from 60 to 900",
    );
    check(
        config.tokens.publish_ahead_seconds >= 60
            && config.tokens.rotate_every_seconds > config.tokens.publish_ahead_seconds,
        "`tokens.publish_ahead_seconds` is at least 60 and less than `tokens.rotate_every_seconds`",
    );
    check(
        config.managed_keys.overlap_seconds >= 8_100
            && config.managed_keys.rotate_every_seconds >= config.managed_keys.overlap_seconds,
        "`managed_keys.overlap_seconds` is at least 8100 and at most `managed_keys.rotate_every_seconds`: an agent may not ask for 2 h 15 min",
    );
    check(
        (1..=900).contains(&config.proofs.max_age_seconds)
            && config.proofs.max_future_seconds <= 300,
        "`proofs.max_age_seconds` is from 1 to 900 and `proofs.max_future_seconds` at most 300: STS refuses what is further off",
    );
    check(
        (60..=30 * 86_400).contains(&config.invitations.valid_seconds),
        "`invitations.valid_seconds` is from 60 to 2592000 (30 days)",
    );
    check(
        config.saml.clock_allowance_seconds <= saml_sp::MAX_CLOCK_ALLOWANCE_SECONDS,
        "`saml.clock_allowance_seconds` is at most 180",
    );
    check(
        config.saml.request_key.is_some() == config.saml.request_certificate.is_some(),
        "`saml.request_key` and `saml.request_certificate` go together",
    );
    check(
        (1_800..=config.saml.session_seconds).contains(&config.saml.session_idle_seconds)
            && config.saml.session_seconds <= 30 * 86_400,
        "`saml.session_idle_seconds` is at least 1800 and at most `saml.session_seconds`, which is at most 2592000 (30 days)",
    );
    let intake = &config.intake;
    if let Some(upstream) = &intake.upstream {
        check(
            upstream.parse::<intake_forward::Upstream>().is_ok(),
            "`intake.upstream` is `https://HOST` or `https://HOST:PORT` alone; plain `http` goes to a loopback address only, such as `http://127.0.0.1:8080`",
        );
        check(
            upstream.trim_end_matches('/') != config.issuer(),
            "`intake.upstream` is this server itself",
        );
        check(
            intake.timeout_ms < config.limits.request_timeout_ms,
            "`intake.timeout_ms` is less than `limits.request_timeout_ms`",
        );
    }
    check(
        intake.upstream.is_some() == intake.upstream_api_key_file.is_some(),
        "`intake.upstream` and `intake.upstream_api_key_file` go together",
    );
    check(
        intake.body_bytes >= 4_096 && intake.in_flight > 0 && intake.timeout_ms >= 100,
        "`intake.body_bytes` is at least 4096, `intake.in_flight` at least 1, `intake.timeout_ms` at least 100",
    );
    check(config.limits.sts_in_flight > 0, "`limits.sts_in_flight` is at least 1");
    check(config.limits.body_bytes >= 4_096, "`limits.body_bytes` is at least 4096");
    check(config.limits.request_timeout_ms >= 100, "`limits.request_timeout_ms` is at least 100");
    for host in &config.sts.extra_hosts {
        check(
            host.partition.parse::<arn_pattern::Partition>().is_ok(),
            &format!("`sts.extra_hosts`: `{}` is no AWS partition, such as `aws`", host.partition),
        );
    }
    found.extend(of_metrics(config).map(str::to_owned));
    found
}

fn of_metrics(config: &Config) -> Option<&'static str> {
    let metrics = config.metrics.listen?;
    let ip = config.listen.ip();
    // Port 0 is another one each time.
    let same_port = metrics.port() == config.listen.port() && metrics.port() != 0;
    if !is_private(metrics.ip()) {
        Some(
            "`metrics.listen` is neither loopback nor a private address: whoever reaches it may read; take one of those, such as `127.0.0.1:9464`, not `0.0.0.0`, which is all there are",
        )
    } else if same_port && (ip.is_unspecified() || ip.to_canonical() == metrics.ip().to_canonical())
    {
        Some("`metrics.listen` is where the API is, by `listen`: take another port")
    } else {
        None
    }
}

/// Loopback, or an address that is routed nowhere beyond an operator's own networks: RFC 1918, 6598, 4193.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_loopback() || v4.is_private() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

fn url_or_empty(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        let host = host.trim_end_matches('/');
        !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])
    })
}

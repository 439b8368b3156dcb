//! Programs that we did not write, against a running server: the scripts in `tests/clients/`.

use std::cell::OnceCell;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::counts::Counts;
use super::needs::Needs;
use super::report::{Ran, Report};
use super::server::{self, DevServer};
use crate::{cargo, process};

/// The row's name, and the script.
const SCRIPTS: [(&str, &str); 15] = [
    ("clients: proofs of datadog-api-client", "test_proof.py"),
    ("clients: delegated login", "test_delegated_login.py"),
    ("clients: mapping management", "test_mappings.py"),
    ("clients: roles, users, keys and teams", "test_identity.py"),
    ("clients: aws and boto3 on the local STS", "test_local_sts.py"),
    ("clients: PyJWT on our tokens", "test_tokens.py"),
    ("clients: moto as a second STS", "test_moto_sts.py"),
    ("clients: AWS credentials, beside boto3", "test_aws_credentials.py"),
    ("clients: sign-in at pysaml2 and SimpleSAMLphp", SAML),
    ("clients: attacks on sign-in by SAML", SAML_ATTACKS),
    ("clients: sign-in in Chromium", SAML_BROWSER),
    ("clients: what the agent serves", AGENT),
    ("clients: nginx, Envoy and Traefik at the gate", GATE),
    ("clients: prometheus_client on our counts", "test_metrics.py"),
    // Last, for it fills the server with whatever it can make.
    ("clients: schemathesis on our OpenAPI document", "test_openapi.py"),
];

const AGENT: &str = "test_agent.py";
const GATE: &str = "test_gate.py";
const SAML: &str = "test_saml.py";
const SAML_ATTACKS: &str = "test_saml_attacks.py";
const SAML_BROWSER: &str = "test_saml_browser.py";

/// Runs every script, all against one server.
pub(super) fn run(needs: &Needs, report: &mut Report) {
    let server = OnceCell::new();
    for (name, script) in SCRIPTS {
        report.suite(name, |log| {
            let server = server.get_or_init(|| {
                server::start(needs, &needs.logs().join("clients-server.log"))
                    .map_err(|cause| format!("{cause:#}"))
            });
            let server = server.as_ref().map_err(|cause| anyhow!("{cause}"))?;
            run_script(needs, server, script, log)
        });
    }
}

fn run_script(needs: &Needs, server: &DevServer, script: &str, log: &Path) -> Result<Ran> {
    let mut python = needs.venv()?.python();
    python.arg(cargo::root().join("tests/clients").join(script));
    python.envs(server.exports().iter().map(|(name, value)| (name, value)));
    python.env("COUNTERSIGN_TEST_BIN", needs.product()?);
    if [SAML, SAML_ATTACKS, SAML_BROWSER].contains(&script) {
        python.envs(needs.providers()?.exports());
    }
    if script == GATE {
        python.env("COUNTERSIGN_TEST_NGINX", needs.nginx()?);
    }
    let pictures = match script {
        SAML_BROWSER => Some("sign-in-pages"),
        AGENT => Some("agent-page"),
        _ => None,
    };
    if let Some(folder) = pictures {
        python.env("COUNTERSIGN_TEST_CHROMIUM", needs.browser()?);
        python.env("COUNTERSIGN_TEST_SCREENSHOTS", needs.logs().join(folder));
    }
    let status = process::logged(&mut python, log)?;
    let counts = Counts::of_last_line(&String::from_utf8_lossy(&std::fs::read(log)?));
    let mut counts =
        counts.with_context(|| format!("`{script}` ended without a count ({status})"))?;
    if !status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(Ran::Counted(counts))
}

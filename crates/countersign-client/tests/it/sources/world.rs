//! What surrounds a case: its files, its process, and the services that its environment names.

use std::{fs, process::Command};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::{any, get, put},
};
use tempfile::TempDir;

use super::*;

/// A folder with the files, and the services behind one address.
pub(super) struct World {
    folder: TempDir,
    host: String,
}

impl World {
    pub(super) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        for (name, content) in FILES {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content.replace("SECRET", SECRET)).unwrap();
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, services()).await });
        Self { folder, host }
    }

    /// In the order of the cases, all at once.
    pub(super) async fn ask_all(&self, cases: &'static [Case]) -> Vec<Said> {
        let running: Vec<_> = cases
            .iter()
            .map(|case| {
                let mut command = self.command(case);
                tokio::task::spawn_blocking(move || said(case, &command.output().unwrap()))
            })
            .collect();
        let mut all = Vec::new();
        for one in running {
            all.push(one.await.unwrap());
        }
        all
    }

    fn command(&self, case: &Case) -> Command {
        let folder = self.folder.path().to_str().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "sources::child", "--nocapture"]).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", folder).env("AWS_CONFIG_FILE", format!("{folder}/config"));
        // Nothing is asked that the case does not name.
        command.env(IMDS, "http://127.0.0.1:1").env(CHILD, case.options);
        for (name, value) in case.env {
            command.env(name, value.replace(HOST, &self.host).replace(FOLDER, folder));
        }
        command
    }
}

fn said(case: &Case, output: &std::process::Output) -> Said {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix(MARK));
    assert!(line.is_some(), "{}: {text} {output:?}", case.rule);
    serde_json::from_str(line.unwrap()).unwrap()
}

fn services() -> Router {
    let mut routes = Router::new().route("/silent/{*rest}", any(std::future::pending::<&str>));
    for code in [
        "AccessDenied",
        "InvalidIdentityToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "SomethingElse",
    ] {
        let text = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{SECRET}</Message></Error></ErrorResponse>"
        );
        let answer = any(move || async move { (StatusCode::FORBIDDEN, text) });
        routes = routes.route(&format!("/sts-{code}"), answer.clone());
        routes = routes.route(&format!("/sts-{code}/"), answer);
    }
    routes = routes
        .route("/sts-ok", any(|| async { ASSUMED }))
        .route("/sts-ok/", any(|| async { ASSUMED }));
    routes = routes.route("/container", get(container));
    for status in [200_u16, 401, 404] {
        let answer = get(move || async move { (StatusCode::from_u16(status).unwrap(), SECRET) });
        routes = routes.route(&format!("/status-{status}"), answer);
    }
    let token = put(|| async { ([("x-aws-ec2-metadata-token-ttl-seconds", "60")], SECRET) });
    let broken = get(|| async { (StatusCode::BAD_REQUEST, SECRET) });
    let tokens = |name: &str| (format!("/{name}/latest/api/token"), token.clone());
    let roles = |name: &str| format!("/{name}/latest/meta-data/iam/security-credentials/");
    for name in ["imds", "imds-broken", "imds-no-role", "imds-odd"] {
        let (path, token) = tokens(name);
        routes = routes.route(&path, token);
    }
    routes
        .route(&roles("imds-broken"), broken)
        .merge(instance("imds", "ASIAV2", "eu-central-2"))
        .merge(instance("imds-v1", "ASIAV1", "eu-central-1"))
        .merge(instance("imds-odd", "ASIAODD", "x.evil.example"))
}

/// An access key id that tells which token came.
async fn container(headers: HeaderMap) -> String {
    let token = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
    page(&format!("ASIA{token}"))
}

fn page(id: &str) -> String {
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{id}","SecretAccessKey":"{SECRET}","Token":"{SECRET}","Expiration":"2036-01-01T00:00:00Z"}}"#
    )
}

/// What is below `meta-data` of an instance with a role.
fn instance(name: &str, id: &str, region: &'static str) -> Router {
    let page = page(id);
    let base = format!("/{name}/latest/meta-data");
    Router::new()
        .route(&format!("{base}/iam/security-credentials/"), get(|| async { "ci" }))
        .route(&format!("{base}/iam/security-credentials/ci"), get(move || async move { page }))
        .route(&format!("{base}/placement/region"), get(move || async move { region }))
}

const ASSUMED: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>k</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/ci/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>";

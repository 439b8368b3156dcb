//! What each source of the AWS chain says when it fails, and which of them wins. Each case runs in a process of its own, whose
//! environment is the case: what the SDK reads there is read for real.

use std::fs;

use countersign_client::{AwsChain, AwsChainOptions, CredentialSource};

use self::{log::Log, world::World};

mod log;
mod world;

/// In tokens, what processes write, what servers answer: never in a message.
const SECRET: &str = "s3cr3t-that-no-message-may-show";
/// The fake service's address, and the case's folder.
const HOST: &str = "HOST";
const FOLDER: &str = "FOLDER";
const CHILD: &str = "COUNTERSIGN_TEST_CHAIN";
const MARK: &str = "@@";

/// One environment, and what the chain says in it.
struct Case {
    rule: &'static str,
    /// Words for the options: `imds_v1`, `region`, `profile=NAME`; `rotate` asks twice, with another token the second time.
    options: &'static str,
    env: &'static [(&'static str, &'static str)],
    tried: &'static str,
    problem: &'static str,
    check: &'static str,
}

/// The files of every case. `SECRET` stands for itself.
const FILES: &[(&str, &str)] = &[
    ("token", "SECRET"),
    ("rotated", "ONE"),
    ("token-with-line-break", "SECRET\n"),
    (
        "config",
        "[profile no-keys]\nregion = eu-west-1\n\
         [profile half]\naws_access_key_id = AKIAHALF\n\
         [profile exits]\ncredential_process = echo SECRET; echo SECRET >&2; exit 1\n\
         [profile absent-program]\ncredential_process = /no/such/program SECRET\n\
         [profile garbage]\ncredential_process = echo SECRET\n\
         [profile incomplete]\ncredential_process = echo '{\"Version\":1,\"SecretAccessKey\":\"SECRET\"}'\n\
         [profile no-sign-in]\nsso_session = none\nsso_account_id = 123456789012\nsso_role_name = ci\n\
         [sso-session none]\nsso_region = eu-west-1\nsso_start_url = https://none.example/start\n\
         [profile old-sign-in]\nsso_session = old\nsso_account_id = 123456789012\nsso_role_name = ci\n\
         [sso-session old]\nsso_region = eu-west-1\nsso_start_url = https://old.example/start\n\
         [profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = SECRET\n\
         [profile takes-role]\nrole_arn = arn:aws:iam::123456789012:role/ci\nsource_profile = keys\n\
         [profile no-source]\nrole_arn = arn:aws:iam::123456789012:role/ci\nsource_profile = nobody\n\
         [profile console]\nlogin_session = arn:aws:iam::123456789012:user/ada\n",
    ),
    ("broken", "[profile it\nSECRET\n"),
    // Named by the SHA-1 of `old`.
    (
        ".aws/sso/cache/c00dbbc9dadfbe1e232e93a729dd4752fade0abf.json",
        "{\"accessToken\":\"SECRET\",\"expiresAt\":\"2020-01-01T00:00:00Z\",\"region\":\"eu-west-1\",\"startUrl\":\"https://old.example/start\"}",
    ),
];

const ROLE: (&str, &str) = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci");
const TOKEN: (&str, &str) = ("AWS_WEB_IDENTITY_TOKEN_FILE", "FOLDER/token");
const PROFILE: &str = "AWS_PROFILE";
const STS: &str = "AWS_ENDPOINT_URL_STS";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const AUTH: (&str, &str) = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", SECRET);
const AUTH_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const IMDS: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const ALL: &str =
    "environment variables, profile `default`, web identity, the container's endpoint, IMDS";

#[rustfmt::skip]
const FAILURES: &[Case] = &[
    Case { rule: "a key id alone", options: "", env: &[("AWS_ACCESS_KEY_ID", "AKIA")],
        tried: "environment variables", problem: "AWS_SECRET_ACCESS_KEY is not", check: "set both" },
    Case { rule: "a key alone", options: "", env: &[("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_EC2_METADATA_DISABLED", "true")],
        tried: ALL, problem: "there are none; environment variables: AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not; IMDS: it is turned off by AWS_EC2_METADATA_DISABLED", check: "set both" },
    Case { rule: "no such profile, by variable", options: "", env: &[(PROFILE, "absent")],
        tried: "profile `absent`", problem: "there is no such profile", check: "check ~/.aws/config for `[profile absent]`" },
    Case { rule: "no such profile, by option", options: "profile=absent", env: &[],
        tried: "profile `absent`", problem: "there is no such profile", check: "check ~/.aws/config for `[profile absent]`" },
    Case { rule: "a profile without credentials", options: "profile=no-keys", env: &[],
        tried: "profile `no-keys`", problem: "it holds no credentials", check: "`[profile no-keys]`" },
    Case { rule: "half a profile", options: "", env: &[(PROFILE, "half")],
        tried: "profile `half`", problem: "aws_secret_access_key", check: "`[profile half]`" },
    Case { rule: "a broken file", options: "", env: &[("AWS_CONFIG_FILE", "FOLDER/broken")],
        tried: "profile `default`", problem: "the shared files can not be read", check: "AWS_CONFIG_FILE" },
    Case { rule: "a process that fails", options: "", env: &[(PROFILE, "exits")],
        tried: "profile `exits`", problem: "exit status: 1", check: "run the credential_process of `[profile exits]` by hand" },
    Case { rule: "a process that is not there", options: "", env: &[(PROFILE, "absent-program")],
        tried: "profile `absent-program`", problem: "exit status: 127", check: "is there and may be run" },
    Case { rule: "a process that prints garbage", options: "", env: &[(PROFILE, "garbage")],
        tried: "profile `garbage`", problem: "printed something else than credentials", check: "Version 1, AccessKeyId and SecretAccessKey" },
    Case { rule: "a process that prints half", options: "", env: &[(PROFILE, "incomplete")],
        tried: "profile `incomplete`", problem: "printed something else than credentials", check: "by hand" },
    Case { rule: "nobody signed in to SSO", options: "", env: &[(PROFILE, "no-sign-in")],
        tried: "profile `no-sign-in`", problem: "nobody has signed in to SSO", check: "aws sso login --profile no-sign-in" },
    Case { rule: "a sign-in to SSO that is over", options: "", env: &[(PROFILE, "old-sign-in")],
        tried: "profile `old-sign-in`", problem: "the sign-in to SSO has expired", check: "aws sso login --profile old-sign-in" },
    Case { rule: "a role that may not be taken", options: "", env: &[(PROFILE, "takes-role"), (STS, "HOST/sts-AccessDenied")],
        tried: "profile `takes-role`", problem: "STS says AccessDenied", check: "the role's trust policy" },
    Case { rule: "a role with old credentials", options: "", env: &[(PROFILE, "takes-role"), (STS, "HOST/sts-ExpiredToken")],
        tried: "profile `takes-role`", problem: "STS says ExpiredToken", check: "renew what source_profile" },
    Case { rule: "a source profile that is not there", options: "", env: &[(PROFILE, "no-source")],
        tried: "profile `no-source`", problem: "`nobody`", check: "`[profile no-source]`" },
    Case { rule: "a sign-in to the console", options: "", env: &[(PROFILE, "console")],
        tried: "profile `console`", problem: "of a kind that only AWS's own tools know", check: "aws configure export-credentials --profile console" },
    Case { rule: "a token without a role", options: "", env: &[TOKEN],
        tried: "web identity", problem: "AWS_ROLE_ARN is not", check: "set AWS_ROLE_ARN" },
    Case { rule: "a token that is not there", options: "", env: &[ROLE, ("AWS_WEB_IDENTITY_TOKEN_FILE", "FOLDER/absent")],
        tried: "web identity", problem: "the file that AWS_WEB_IDENTITY_TOKEN_FILE names can not be read: No such file", check: "the token is mounted" },
    Case { rule: "a role that is not the token's", options: "", env: &[ROLE, TOKEN, (STS, "HOST/sts-AccessDenied")],
        tried: "web identity", problem: "STS says AccessDenied", check: "sts:AssumeRoleWithWebIdentity" },
    Case { rule: "an issuer that nobody knows", options: "", env: &[ROLE, TOKEN, (STS, "HOST/sts-InvalidIdentityToken")],
        tried: "web identity", problem: "STS says InvalidIdentityToken", check: "IAM OIDC provider" },
    Case { rule: "a token that is expired", options: "", env: &[ROLE, TOKEN, (STS, "HOST/sts-ExpiredTokenException")],
        tried: "web identity", problem: "STS says ExpiredToken", check: "the token file is renewed" },
    Case { rule: "a refusal that we do not know", options: "", env: &[ROLE, TOKEN, (STS, "HOST/sts-SomethingElse")],
        tried: "web identity", problem: "STS says SomethingElse", check: "AWS_ROLE_ARN" },
    Case { rule: "no STS", options: "", env: &[ROLE, TOKEN, (STS, "http://127.0.0.1:1")],
        tried: "web identity", problem: "STS can not be reached", check: "AWS_ENDPOINT_URL_STS" },
    Case { rule: "a container's token that is refused", options: "", env: &[(FULL_URI, "HOST/status-401"), AUTH],
        tried: "the container's endpoint", problem: "status 401", check: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" },
    Case { rule: "a container without a role", options: "", env: &[(FULL_URI, "HOST/status-404"), AUTH],
        tried: "the container's endpoint", problem: "status 404", check: "the task or pod has a role" },
    Case { rule: "a container's endpoint that says something else", options: "", env: &[(FULL_URI, "HOST/status-200"), AUTH],
        tried: "the container's endpoint", problem: "something else than credentials", check: "the task or pod has a role" },
    Case { rule: "a host that must not be asked", options: "", env: &[(FULL_URI, "http://192.0.2.1/?key=s3cr3t-that-no-message-may-show"), AUTH],
        tried: "the container's endpoint", problem: "the host of AWS_CONTAINER_CREDENTIALS_FULL_URI is not asked", check: "169.254.170.23" },
    Case { rule: "nobody at the container's endpoint", options: "", env: &[(FULL_URI, "http://127.0.0.1:1/"), AUTH],
        tried: "the container's endpoint", problem: "can not be reached", check: "Pod Identity Agent" },
    Case { rule: "no token for the container's endpoint", options: "", env: &[(FULL_URI, "HOST/status-200"), (AUTH_FILE, "FOLDER/absent")],
        tried: "the container's endpoint", problem: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names can not be read", check: "the token is mounted" },
    Case { rule: "a token with a line break", options: "", env: &[(FULL_URI, "HOST/status-200"), (AUTH_FILE, "FOLDER/token-with-line-break")],
        tried: "the container's endpoint", problem: "no header's value", check: "no line break" },
    Case { rule: "an instance without a role", options: "", env: &[(IMDS, "HOST/imds-no-role")],
        tried: ALL, problem: "; IMDS: the instance has no role", check: "attach an IAM role" },
    Case { rule: "no IMDS", options: "", env: &[(IMDS, "http://127.0.0.1:1")],
        tried: ALL, problem: "; IMDS: it does not answer", check: "the metadata service is enabled" },
    Case { rule: "a hop too many", options: "", env: &[(IMDS, "HOST/silent")],
        tried: ALL, problem: "; IMDS: it takes requests but does not answer them", check: "hop limit" },
    Case { rule: "IMDS that is broken", options: "", env: &[(IMDS, "HOST/imds-broken")],
        tried: "IMDS", problem: "it answers with status 400", check: "the instance has a role" },
    Case { rule: "version 1 only, which is not allowed", options: "", env: &[(IMDS, "HOST/imds-v1")],
        tried: "IMDS", problem: "version 1 only, which is not allowed", check: "imds_v1" },
    Case { rule: "version 1, which is turned off", options: "imds_v1", env: &[(IMDS, "HOST/imds-v1"), ("AWS_EC2_METADATA_V1_DISABLED", "true")],
        tried: "IMDS", problem: "AWS_EC2_METADATA_V1_DISABLED turns off", check: "enable version 2" },
    Case { rule: "version 2 is asked first, also where version 1 is allowed", options: "imds_v1", env: &[(IMDS, "HOST/imds-no-role")],
        tried: ALL, problem: "; IMDS: the instance has no role", check: "attach an IAM role" },
];

/// What the chain said, in the process of the case.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct Said {
    id: Option<String>,
    session: bool,
    source: String,
    region: Option<String>,
    tried: String,
    problem: String,
    check: String,
    log: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_names_its_source_and_what_to_check() {
    let world = World::start().await;
    let mut wrong = Vec::new();
    for (case, said) in FAILURES.iter().zip(world.ask_all(FAILURES).await) {
        let good = said.id.is_none()
            && said.tried == case.tried
            && said.problem.contains(case.problem)
            && said.check.contains(case.check)
            && !format!("{said:?}").contains(SECRET);
        wrong.extend((!good).then(|| format!("{}: {said:?}", case.rule)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What wins where: `tried` is the source, `problem` the access key id, `check` the Region.
#[rustfmt::skip]
const SUCCESSES: &[Case] = &[
    Case { rule: "version 1 where it is allowed", options: "imds_v1", env: &[(IMDS, "HOST/imds-v1")],
        tried: "IMDS", problem: "ASIAV1", check: "" },
    Case { rule: "version 2 where both are spoken", options: "imds_v1", env: &[(IMDS, "HOST/imds")],
        tried: "IMDS", problem: "ASIAV2", check: "" },
    Case { rule: "the Region of IMDS", options: "region", env: &[(IMDS, "HOST/imds")],
        tried: "IMDS", problem: "ASIAV2", check: "eu-central-2" },
    Case { rule: "the Region of version 1", options: "imds_v1 region", env: &[(IMDS, "HOST/imds-v1")],
        tried: "IMDS", problem: "ASIAV1", check: "eu-central-1" },
    Case { rule: "the environment's Region comes before that of IMDS", options: "region", env: &[(IMDS, "HOST/imds"), ("AWS_REGION", "eu-west-3")],
        tried: "IMDS", problem: "ASIAV2", check: "eu-west-3" },
    Case { rule: "and so does the profile's", options: "region", env: &[(IMDS, "HOST/imds"), (PROFILE, "no-keys")],
        tried: "IMDS", problem: "ASIAV2", check: "eu-west-1" },
    Case { rule: "IMDS that is turned off is not asked for the Region", options: "region", env: &[(IMDS, "HOST/imds"), ("AWS_EC2_METADATA_DISABLED", "true"), (PROFILE, "keys")],
        tried: "profile `keys`", problem: "AKIAKEYS", check: "" },
    Case { rule: "a silent IMDS leaves the Region open", options: "region", env: &[(IMDS, "HOST/silent"), (PROFILE, "keys")],
        tried: "profile `keys`", problem: "AKIAKEYS", check: "" },
    Case { rule: "what is no Region's name is none", options: "region", env: &[(IMDS, "HOST/imds-odd"), (PROFILE, "keys")],
        tried: "profile `keys`", problem: "AKIAKEYS", check: "" },
    Case { rule: "a user's keys have no session", options: "", env: &[("AWS_ACCESS_KEY_ID", "AKIAUSER"), ("AWS_SECRET_ACCESS_KEY", SECRET)],
        tried: "environment variables", problem: "AKIAUSER", check: "" },
    Case { rule: "the environment comes before a missing profile", options: "", env: &[("AWS_ACCESS_KEY_ID", "AKIAUSER"), ("AWS_SECRET_ACCESS_KEY", SECRET), (PROFILE, "absent")],
        tried: "environment variables", problem: "AKIAUSER", check: "" },
    Case { rule: "a role needs no Region", options: "", env: &[(PROFILE, "takes-role"), (STS, "HOST/sts-ok")],
        tried: "profile `takes-role`", problem: "ASIAROLE", check: "" },
    Case { rule: "the container's token is read each time", options: "rotate", env: &[(FULL_URI, "HOST/container"), (AUTH_FILE, "FOLDER/rotated")],
        tried: "the container's endpoint", problem: "ASIATWO", check: "" },
    Case { rule: "no proxy is between here and a container's endpoint", options: "", env: &[(FULL_URI, "HOST/container"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "ONE"), ("HTTP_PROXY", "http://127.0.0.1:1")],
        tried: "the container's endpoint", problem: "ASIAONE", check: "" },
    Case { rule: "nor to IMDS", options: "region", env: &[(IMDS, "HOST/imds"), ("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1")],
        tried: "IMDS", problem: "ASIAV2", check: "eu-central-2" },
    Case { rule: "nor to its version 1", options: "imds_v1 region", env: &[(IMDS, "HOST/imds-v1"), ("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1")],
        tried: "IMDS", problem: "ASIAV1", check: "eu-central-1" },
    Case { rule: "a key that was left over stops nobody", options: "", env: &[("AWS_SECRET_ACCESS_KEY", SECRET), (IMDS, "HOST/imds")],
        tried: "IMDS", problem: "ASIAV2", check: "" },
];

#[tokio::test(flavor = "multi_thread")]
async fn the_first_that_has_credentials_wins_with_the_region_that_is_named() {
    let world = World::start().await;
    let mut wrong = Vec::new();
    for (case, said) in SUCCESSES.iter().zip(world.ask_all(SUCCESSES).await) {
        let good = said.id.as_deref() == Some(case.problem)
            && said.source == case.tried
            && said.region.as_deref().unwrap_or_default() == case.check
            && said.session == case.problem.starts_with("ASIA");
        wrong.extend((!good).then(|| format!("{}: {said:?}", case.rule)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In the process of a case. Otherwise it does nothing.
#[tokio::test]
async fn child() {
    let Ok(options) = std::env::var(CHILD) else { return };
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let words: Vec<&str> = options.split_whitespace().collect();
    let chain = AwsChain::load(AwsChainOptions {
        profile: words.iter().find_map(|word| word.strip_prefix("profile=")).map(str::to_owned),
        imds_v1: words.contains(&"imds_v1"),
        region_from_imds: words.contains(&"region"),
        ..AwsChainOptions::default()
    });
    let chain = chain.await;
    let mut said = Said {
        id: None,
        session: false,
        source: String::new(),
        region: chain.region().map(str::to_owned),
        tried: String::new(),
        problem: String::new(),
        check: String::new(),
        log: String::new(),
    };
    if words.contains(&"rotate") {
        chain.credentials().await.unwrap();
        fs::write(std::env::var(AUTH_FILE).unwrap(), "TWO").unwrap();
    }
    match chain.credentials().await {
        Ok(found) => {
            said.id = Some(found.credentials.access_key_id);
            said.session = found.credentials.session_token.is_some();
            said.source = found.source;
        }
        Err(error) => {
            (said.tried, said.problem, said.check) = (error.tried, error.problem, error.check)
        }
    }
    said.log = log.text();
    println!("\n{MARK}{}", serde_json::to_string(&said).unwrap());
}

//! What the failures of web identity mean, and those of STS in general.

use super::trouble::{Causes, Trouble};

pub(super) const CHECK: &str =
    "check AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and the role's trust policy";

pub(super) fn trouble(causes: &Causes<'_>) -> Option<Trouble> {
    if let Some(error) = causes.unread_file() {
        let problem =
            format!("the file that AWS_WEB_IDENTITY_TOKEN_FILE names can not be read: {error}");
        return Some(Trouble::new(
            problem,
            "check that the path is right and that the token is mounted there; on EKS that the pod runs as the annotated service account",
        ));
    }
    if causes.say("not valid UTF-8") {
        let problem = "the file that AWS_WEB_IDENTITY_TOKEN_FILE names holds no token";
        return Some(Trouble::new(problem, "check that it is a JWT and nothing else"));
    }
    let (meaning, check) = match refusal(causes)?.as_str() {
        "AccessDenied" => (
            "the role may not be taken with this token",
            "check AWS_ROLE_ARN, and that the role's trust policy allows sts:AssumeRoleWithWebIdentity for the token's `sub` and `aud`",
        ),
        "InvalidIdentityToken" => (
            "the token's issuer is not known",
            "check that the role's account has an IAM OIDC provider for the token's issuer, with `sts.amazonaws.com` as audience",
        ),
        "ExpiredToken" => (
            "the token is expired",
            "check that the token file is renewed, and the clock of this machine",
        ),
        "ValidationError" => {
            ("a parameter is wrong", "check that AWS_ROLE_ARN is the ARN of a role")
        }
        UNREACHABLE => return Some(unreachable(causes)),
        _ => ("the request is refused", CHECK),
    };
    Some(Trouble::new(refused(causes, meaning), check))
}

/// `AccessDenied`, for an assumed role.
pub(super) fn assumed_role(name: &str, causes: &Causes<'_>) -> Option<Trouble> {
    let code = refusal(causes)?;
    if code == UNREACHABLE {
        return Some(unreachable(causes));
    }
    let (meaning, check) = match code.as_str() {
        "AccessDenied" => (
            "the role may not be taken",
            format!(
                "check the role_arn of `[profile {name}]`, and that the role's trust policy allows whom source_profile or credential_source names"
            ),
        ),
        "ExpiredToken" | "InvalidClientTokenId" => (
            "the credentials that take the role are not good",
            format!("renew what source_profile or credential_source of `[profile {name}]` names"),
        ),
        _ => ("the request is refused", super::profile::check(name)),
    };
    Some(Trouble::new(refused(causes, meaning), check))
}

/// The code of the other side's refusal, one of [`KNOWN`] if possible. Its message is left out: it may repeat what was sent.
fn refusal(causes: &Causes<'_>) -> Option<String> {
    if causes.unreachable() {
        return Some(UNREACHABLE.to_owned());
    }
    let known = KNOWN.iter().find(|code| causes.say(code));
    known.map(|code| (*code).to_owned()).or_else(|| code(causes))
}

fn code(causes: &Causes<'_>) -> Option<String> {
    causes.word_after("code: \"").or_else(|| causes.say("service error").then(|| "?".to_owned()))
}

fn refused(causes: &Causes<'_>, meaning: &str) -> String {
    match refusal(causes).filter(|code| code != "?") {
        Some(code) => format!("STS says {code}: {meaning}"),
        None => format!("STS refuses: {meaning}"),
    }
}

fn unreachable(causes: &Causes<'_>) -> Trouble {
    let problem = format!("STS can not be reached: {}", causes.innermost());
    Trouble::new(
        problem,
        "check the network to STS, its proxy, and AWS_ENDPOINT_URL_STS if it is set",
    )
}

const UNREACHABLE: &str = "-";
const KNOWN: [&str; 5] = [
    "InvalidIdentityToken",
    "ExpiredToken",
    "AccessDenied",
    "InvalidClientTokenId",
    "ValidationError",
];

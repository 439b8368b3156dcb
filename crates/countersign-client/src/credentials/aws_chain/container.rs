//! What the failures of a container's endpoint (ECS, EKS Pod Identity) mean.

use super::trouble::{Causes, Trouble};

pub(super) const CHECK: &str =
    "check that the task or pod has a role, and AWS_CONTAINER_CREDENTIALS_FULL_URI if it is set";

pub(super) fn trouble(causes: &Causes<'_>) -> Option<Trouble> {
    if let Some(error) = causes.unread_file() {
        let problem = format!(
            "the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names can not be read: {error}"
        );
        return Some(Trouble::new(
            problem,
            "check that the path is right and that the token is mounted there; on EKS that the Pod Identity Agent runs",
        ));
    }
    let (problem, check) = if causes.say("auth token could not be used") {
        (
            "the authorization token is no header's value".to_owned(),
            "check that AWS_CONTAINER_AUTHORIZATION_TOKEN or the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE has no line break in it, not even at its end",
        )
    } else if causes.say("invalid full URI") {
        (
            "the host of AWS_CONTAINER_CREDENTIALS_FULL_URI is not asked".to_owned(),
            "over http only loopback addresses, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are; check the address, or use https",
        )
    } else if causes.say("invalid relative URI") {
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path".to_owned(), "leave it as ECS sets it")
    } else if let Some(status) = causes.word_after("StatusCode(") {
        let check = match status.as_str() {
            "401" | "403" => {
                "check the token in AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN; on EKS also the Pod Identity association of the service account"
            }
            "404" => CHECK,
            _ => {
                "try again; if it stays so see the log of the ECS agent or the EKS Pod Identity Agent"
            }
        };
        (format!("it answers with status {status}"), check)
    } else if causes.unreachable() {
        (
            format!("it can not be reached: {}", causes.innermost()),
            "check AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; on EKS that the Pod Identity Agent runs",
        )
    } else {
        ("it answers with something else than credentials".to_owned(), CHECK)
    };
    Some(Trouble::new(problem, check))
}

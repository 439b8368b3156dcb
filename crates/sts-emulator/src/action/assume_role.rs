//! `AssumeRole`: a session of a role, for a caller whom the role trusts.

use arn_pattern::AccountId;

use super::{Call, check::Check};
use crate::{
    directory::Role,
    error::StsError,
    principal::{Principal, PrincipalKind},
    render::{Tree, Value},
};

pub(super) fn perform(mut call: Call<'_>) -> Result<Tree, StsError> {
    let mut check = Check::new(call.parameters);
    let arn = check.text("RoleArn", 20, 2048);
    let session = check.name("RoleSessionName", 2, 64);
    let seconds = check.number("DurationSeconds", 900, 43_200);
    check.done()?;
    if !arn.starts_with("arn:") || arn.splitn(6, ':').count() != 6 {
        return Err(StsError::validation(format!("{arn} is invalid")));
    }
    let denied = || {
        StsError::access_denied(format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            call.caller.arn()
        ))
    };
    if call.caller.kind == PrincipalKind::Root {
        return Err(StsError::access_denied("Roles may not be assumed by root accounts."));
    }
    let (partition, account, role) = call.directory.role(arn).ok_or_else(denied)?;
    if call.caller.partition != partition || !trusts(role, account, &call.caller) {
        return Err(denied());
    }
    let chained = matches!(call.caller.kind, PrincipalKind::AssumedRole { .. });
    let seconds = duration(seconds, role, chained)?;
    let kind = PrincipalKind::AssumedRole {
        role: role.name.clone(),
        role_id: role.unique_id.clone(),
        session: session.to_owned(),
    };
    let principal = Principal { partition, account, kind };
    let user = vec![("AssumedRoleId", principal.user_id().into()), ("Arn", principal.arn().into())];
    let credentials = call.issue(principal, seconds)?;
    Ok(vec![("AssumedRoleUser", Value::Tree(user)), ("Credentials", credentials)])
}

/// An hour if nothing is asked for; at most the role's own limit, and an hour for a role from a role.
fn duration(asked: Option<u32>, role: &Role, chained: bool) -> Result<u32, StsError> {
    let seconds = asked.unwrap_or(3600);
    if chained && seconds > 3600 {
        return Err(StsError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    if seconds > role.max_session_seconds {
        return Err(StsError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

fn trusts(role: &Role, account: AccountId, caller: &Principal) -> bool {
    let Some(trusted) = &role.trusted else { return caller.account == account };
    let Principal { partition, account, kind } = caller;
    let own = caller.arn();
    let anybody = format!("arn:{partition}:iam::{account}:root");
    trusted.iter().any(|arn| {
        *arn == own
            || *arn == anybody
            || match kind {
                // The ARN of a role stands for all of its sessions, whatever the role's path.
                PrincipalKind::AssumedRole { role, .. } => arn
                    .strip_prefix(&format!("arn:{partition}:iam::{account}:role/"))
                    .is_some_and(|name| name.rsplit('/').next() == Some(role)),
                _ => false,
            }
    })
}

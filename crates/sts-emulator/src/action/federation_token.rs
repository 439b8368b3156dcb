//! `GetFederationToken`: temporary credentials under a name that the caller chooses.

use super::{Call, check::Check};
use crate::{
    error::StsError,
    principal::{Principal, PrincipalKind},
    render::{Tree, Value},
};

pub(super) fn perform(mut call: Call<'_>) -> Result<Tree, StsError> {
    let mut check = Check::new(call.parameters);
    let name = check.name("Name", 2, 32);
    let seconds = check.number("DurationSeconds", 900, 129_600);
    check.done()?;
    if call.temporary {
        return Err(StsError::access_denied(
            "Cannot call GetFederationToken with session credentials",
        ));
    }
    let most = if call.caller.kind == PrincipalKind::Root { 3600 } else { 129_600 };
    let kind = PrincipalKind::FederatedUser { name: name.to_owned() };
    let principal = Principal { kind, ..call.caller.clone() };
    let user =
        vec![("FederatedUserId", principal.user_id().into()), ("Arn", principal.arn().into())];
    let credentials = call.issue(principal, seconds.unwrap_or(43_200).min(most))?;
    Ok(vec![("Credentials", credentials), ("FederatedUser", Value::Tree(user))])
}

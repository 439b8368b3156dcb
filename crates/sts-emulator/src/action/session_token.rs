//! `GetSessionToken`: temporary credentials of the user who asks.

use super::{Call, check::Check};
use crate::{error::StsError, principal::PrincipalKind, render::Tree};

pub(super) fn perform(mut call: Call<'_>) -> Result<Tree, StsError> {
    let mut check = Check::new(call.parameters);
    let seconds = check.number("DurationSeconds", 900, 129_600);
    check.done()?;
    if call.temporary {
        return Err(StsError::access_denied(
            "Cannot call GetSessionToken with session credentials",
        ));
    }
    let most = if call.caller.kind == PrincipalKind::Root { 3600 } else { 129_600 };
    let principal = call.caller.clone();
    let credentials = call.issue(principal, seconds.unwrap_or(43_200).min(most))?;
    Ok(vec![("Credentials", credentials)])
}

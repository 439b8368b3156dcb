//! What both kinds of mapping ask of a pattern before it is written.

use arn_pattern::ArnPattern;
use auth_model::{MappingKind, OrgId};
use axum::http::StatusCode;
use mapping_store::StoreError;

use crate::{App, error::ApiError};

/// The place of the pattern in a request.
const POINTER: &str = "/data/attributes/arn_pattern";

/// A pattern that may be written: it reads well, its account is the organization's, and no mapping of the other kind
/// stands against it. The store decides once more when it writes, and on duplicates.
pub(crate) async fn accept(
    app: &App,
    org: OrgId,
    text: &str,
    kind: MappingKind,
) -> Result<ArnPattern, ApiError> {
    let pattern = parse(app, text)?;
    check_account(app, org, &pattern).await?;
    check_conflict(app, org, &pattern, kind).await?;
    Ok(pattern)
}

fn parse(app: &App, text: &str) -> Result<ArnPattern, ApiError> {
    ArnPattern::parse(text, &app.exchange().settings().patterns).map_err(|error| {
        ApiError::bad_request(error.to_string()).titled("Invalid ARN pattern").at(POINTER)
    })
}

/// Either prefix takes the types of both.
pub(crate) fn check_type(given: &str, accepted: [&str; 2]) -> Result<(), ApiError> {
    if accepted.contains(&given) {
        return Ok(());
    }
    let [a, b] = accepted;
    Err(ApiError::bad_request(format!("the type is `{a}` or `{b}`")).at("/data/type"))
}

async fn check_account(app: &App, org: OrgId, pattern: &ArnPattern) -> Result<(), ApiError> {
    let accounts = app.store().aws_accounts(org, Some(pattern.account())).await?;
    if accounts.iter().any(|account| account.partition == pattern.partition()) {
        return Ok(());
    }
    Err(StoreError::AccountNotIntegrated.into())
}

/// With `patterns.strict_conflicts`, a pattern stands in one kind of mapping only.
async fn check_conflict(
    app: &App,
    org: OrgId,
    pattern: &ArnPattern,
    kind: MappingKind,
) -> Result<(), ApiError> {
    if !app.config().patterns.strict_conflicts {
        return Ok(());
    }
    let text = pattern.as_str();
    let (other, taken) = match kind {
        MappingKind::Persona => {
            let others = app.store().intake_mappings(org).await?;
            ("an intake", others.iter().any(|m| m.pattern.as_str() == text))
        }
        MappingKind::Intake => {
            let others = app.store().persona_mappings(org).await?;
            ("a persona", others.iter().any(|m| m.pattern.as_str() == text))
        }
    };
    if taken {
        let detail =
            format!("{other} mapping has this pattern, and `patterns.strict_conflicts` is on");
        return Err(ApiError::new(StatusCode::CONFLICT, detail).at(POINTER));
    }
    Ok(())
}

pub(crate) fn warnings(pattern: &ArnPattern) -> Vec<String> {
    pattern.warnings().iter().map(ToString::to_string).collect()
}

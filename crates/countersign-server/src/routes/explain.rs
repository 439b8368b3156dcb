//! `GET …/explain?arn=…`: what an ARN is mapped to, and why not to something else.

use arn_pattern::CallerArn;
use axum::extract::State;
use jsonapi_model::{Document, resources::ARN_EXPLANATION};

use crate::{App, caller::Caller, error::ApiError, reply::Reply, request::QueryPairs, wire};

pub(crate) async fn explain(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let text = query.get("arn").ok_or_else(|| {
        ApiError::bad_request(
            "say which ARN: `?arn=arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`",
        )
        .parameter("arn")
    })?;
    let arn: CallerArn =
        text.parse().map_err(|e| ApiError::bad_request(format!("{e}")).parameter("arn"))?;
    let rules = &app.exchange().settings().patterns;
    let org = caller.org();
    let explanation = exchange::explain(app.store(), org, &arn, rules).await?;
    let attributes = wire::explanation(&arn, explanation);
    Reply::ok(&Document::<_>::new(ARN_EXPLANATION, Some(arn.as_str().to_owned()), attributes))
}

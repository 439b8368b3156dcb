//! `GET /api/v2/saml_configurations/assertions`: the assertions that are kept, newest first.

use axum::extract::State;
use jsonapi_model::{
    ListDocument, Resource,
    resources::{SAML_ASSERTIONS, SamlAssertionAttributes},
};

use crate::{App, caller::Caller, error::ApiError, list, reply::Reply, request::QueryPairs, wire};

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let (org, now) = (caller.org(), app.clock().now());
    let listed = app.store().kept_assertions(org, list::slice(&query)?, now).await?;
    let ids: Vec<_> = listed.rows.iter().map(|kept| kept.user).collect();
    let users = app.store().users_by_ids(org, &ids).await?;
    let mut rows = Vec::with_capacity(listed.rows.len());
    for kept in &listed.rows {
        let told = app.single_sign_on().kept_told(kept)?;
        let user = users.iter().find(|user| user.id == kept.user);
        rows.push(Resource::<SamlAssertionAttributes> {
            id: Some(kept.id.to_string()),
            kind: SAML_ASSERTIONS.to_owned(),
            attributes: SamlAssertionAttributes {
                received_at: wire::offset(kept.received_at),
                user_id: kept.user.to_string(),
                email: user.map(|user| user.email.clone()).unwrap_or_default(),
                issuer: told.issuer,
                name_id: told.name_id,
                attributes: told.attributes,
            },
            relationships: None,
        });
    }
    Reply::ok(&ListDocument::<_>::new(rows).with_counts(listed.total, listed.filtered))
}

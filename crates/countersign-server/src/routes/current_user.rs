//! `GET /api/v2/current_user`: whom the caller acts as; with a token, the mapping's target.

use axum::extract::State;
use jsonapi_model::{
    Document, Linkage, Relationship, Resource, ToMany,
    resources::{CurrentUserRelationships, ORGS, ROLES, USERS, UserAttributes},
};

use crate::{App, caller::Caller, error::ApiError, reply::Reply, wire};

pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Result<Reply, ApiError> {
    let authority = &caller.authority;
    let roles = app.store().roles_by_ids(caller.org(), &authority.user.roles).await?;
    let mut included = Vec::new();
    for held in &roles {
        included.push(wire::included(&wire::role(held))?);
    }
    for known in app.catalogue().all().iter().filter(|known| caller.may(known)) {
        included.push(wire::included(&wire::permission(known))?);
    }
    included.push(wire::included(&wire::organization(&authority.organization))?);

    let document: Document<UserAttributes, CurrentUserRelationships> = Document {
        data: Resource {
            id: Some(authority.user.id.to_string()),
            kind: USERS.to_owned(),
            attributes: wire::user_attributes(&authority.user),
            relationships: Some(CurrentUserRelationships {
                roles: ToMany {
                    data: roles.iter().map(|role| Linkage::new(ROLES, role.id)).collect(),
                },
                org: Relationship { data: Linkage::new(ORGS, caller.org()) },
                team_roles: ToMany::default(),
            }),
        },
        meta: None,
        included,
    };
    Reply::ok(&document)
}

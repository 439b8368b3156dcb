//! AuthN mappings.

use auth_model::{AuthnMapping, AuthnTarget};
use jsonapi_model::{
    Linkage, Relationship, Resource,
    resources::{self as wire, AUTHN_MAPPINGS, ROLES, TEAM},
};

use super::offset;

pub(crate) fn authn_mapping(
    mapping: &AuthnMapping,
) -> Resource<wire::AuthnMappingAttributes, wire::AuthnMappingRelationships> {
    let mut relationships = wire::AuthnMappingRelationships::default();
    match mapping.target {
        AuthnTarget::Role(role) => {
            relationships.role = Some(Relationship { data: Linkage::new(ROLES, role) });
        }
        AuthnTarget::Team(team) => {
            relationships.team = Some(Relationship { data: Linkage::new(TEAM, team) });
        }
    }
    Resource {
        id: Some(mapping.id.to_string()),
        kind: AUTHN_MAPPINGS.to_owned(),
        attributes: wire::AuthnMappingAttributes {
            attribute_key: mapping.key.clone(),
            attribute_value: mapping.value.clone(),
            created_at: offset(mapping.created_at),
            modified_at: offset(mapping.modified_at),
        },
        relationships: Some(relationships),
    }
}

//! What the routes take and answer that decide how people sign in.

use jsonapi_model::{
    Document, ListDocument,
    resources::{
        AuthnMappingAttributes, AuthnMappingInput, AuthnMappingRelationships, AuthnMappingUpdate,
        AuthnPreview, AuthnPreviewInput, OrgPreferenceDocument, SamlAssertionAttributes,
        SamlConfigurationAttributes, SamlConfigurationUpdate,
    },
};

use super::{Operation, SORT, text, undescribed};

type Configuration = Document<SamlConfigurationAttributes>;

pub(super) fn of(kind: &str, verb: &str) -> Operation {
    type O = Operation;
    match (kind, verb) {
        ("authn_mapping", _) => authn_mappings(verb),
        ("authn_preview", "list") => O::answers::<ListDocument<AuthnPreview>>(
            "Say what the last attributes of everybody would give",
            200,
        )
        .paged(),
        ("authn_preview", _) => {
            O::answers::<Document<AuthnPreview>>("Say what attributes would give", 200)
                .takes::<Document<AuthnPreviewInput>>()
                .may_miss()
        }
        ("saml_configuration", "show") => {
            O::answers::<Configuration>("Show how people sign in by SAML", 200)
        }
        ("saml_configuration", "upload") => {
            O::answers::<Configuration>("Upload the metadata of the identity provider", 200)
                .takes_file("idp_file")
        }
        ("saml_configuration", _) => {
            O::answers::<Configuration>("Change how people sign in by SAML", 200)
                .takes::<Document<SamlConfigurationUpdate>>()
        }
        ("saml_assertion", _) => O::answers::<ListDocument<SamlAssertionAttributes>>(
            "List the assertions that are kept",
            200,
        )
        .paged(),
        ("org_preference", "show") => {
            O::answers::<OrgPreferenceDocument>("Say whether mappings are enforced", 200)
        }
        (_, _) => O::answers::<OrgPreferenceDocument>("Switch the mappings' enforcement", 200)
            .takes::<OrgPreferenceDocument>(),
    }
}

fn authn_mappings(verb: &str) -> Operation {
    type O = Operation;
    type One = Document<AuthnMappingAttributes, AuthnMappingRelationships>;
    match verb {
        "list" => {
            type Many = ListDocument<AuthnMappingAttributes, AuthnMappingRelationships>;
            O::answers::<Many>("List mappings of attributes to roles and teams", 200).paged().asks(
                [
                    SORT,
                    text("filter", "Part of a key, a value, or the name of a role or team."),
                    text("resource_type", "`role` or `team`."),
                ],
            )
        }
        "create" => O::answers::<One>("Let an attribute give a role or team", 200)
            .takes::<Document<AuthnMappingInput, AuthnMappingRelationships>>()
            .may_miss(),
        "show" => O::answers::<One>("Show a mapping of an attribute", 200),
        "update" => O::answers::<One>("Change a mapping of an attribute", 200)
            .takes::<Document<AuthnMappingUpdate, AuthnMappingRelationships>>(),
        "delete" => O::silent("Delete a mapping of an attribute", 204),
        _ => undescribed(),
    }
}

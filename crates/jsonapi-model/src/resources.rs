//! The resources, one file each.

mod audit;
mod authn_mapping;
mod aws_account;
mod credentials;
mod explanation;
mod key;
mod legacy_user;
mod mappings;
mod role;
mod saml;
mod team;
mod user;
mod validation;

pub use audit::{
    AUDIT, AuditAttributes, AuditDetails, AuditSearch, AuditSearchFilter, AuditSearchPage,
};
pub use authn_mapping::{
    AUTHN_MAPPINGS, AUTHN_PREVIEWS, AuthnMappingAttributes, AuthnMappingInput,
    AuthnMappingRelationships, AuthnMappingUpdate, AuthnPreview, AuthnPreviewInput,
    PreviewedMapping, PreviewedTarget, UnmatchedAttribute, Verification,
};
pub use aws_account::{AWS_ACCOUNT, AuthConfig, AwsAccountAttributes, AwsAccountInput};
pub use credentials::{DELEGATED_TOKEN, DelegatedToken, INTAKE_API_KEY, IntakeApiKey};
pub use explanation::{
    ARN_EXPLANATION, ExplainedMapping, ExplainedNearMiss, Explanation, KindExplanation,
};
pub use key::{
    API_KEYS, APPLICATION_KEYS, ApiKeyAttributes, ApiKeyInput, ApiKeyRelationships, ApiKeyUpdate,
    AppKeyAttributes, AppKeyInput, AppKeyRelationships, AppKeyUpdate,
};
pub use legacy_user::{
    LegacyUser, LegacyUserDisabled, LegacyUserDocument, LegacyUserInput, LegacyUserList,
    LegacyUserUpdate,
};
pub use mappings::{
    IntakeMapping, IntakeMappingInput, PersonaMapping, PersonaMappingInput, Prefix,
};
pub use role::{
    PERMISSIONS, PermissionAttributes, ROLES, RoleAttributes, RoleInput, RoleInputRelationships,
    RoleRelationships, RoleUpdate,
};
pub use saml::{
    ORG_PREFERENCES, OrgPreference, OrgPreferenceAttributes, OrgPreferenceDocument,
    SAML_ASSERTIONS, SAML_AUTHN_MAPPING_ROLES, SAML_CONFIGURATIONS, SamlAssertionAttributes,
    SamlCertificate, SamlConfigurationAttributes, SamlConfigurationUpdate, SamlIdp, SamlSp,
};
pub use team::{
    MemberAttributes, MembershipAttributes, MembershipInput, MembershipInputRelationships,
    MembershipRelationships, RelatedLinks, RelatedMany, RelatedOne, TEAM, TEAM_MEMBERSHIPS,
    TeamAttributes, TeamInput, TeamLookInput, TeamRelationships, TeamUpdate,
};
pub use user::{
    CurrentUserRelationships, InvitationAttributes, InvitationInput, InvitationRelationships,
    InvitationsInput, ORGS, OrgAttributes, USER_INVITATIONS, USERS, UserAttributes, UserInput,
    UserInputRelationships, UserRelationships, UserUpdate,
};
pub use validation::{IntrospectedToken, Introspection, KeysValid, VALIDATE_V2, Valid, ValidKey};

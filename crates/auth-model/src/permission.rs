//! Permissions, and the built-in part of their catalogue.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::PermissionId;

/// The permissions that a role holds, or a key is narrowed to.
pub type PermissionSet = BTreeSet<PermissionId>;

/// Whether a permission lets its holder look or change; shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look.
    Read,
    /// Change.
    Write,
    /// Neither in particular.
    Other,
}

/// An entry of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The same in every installation, as in the public service.
    pub id: PermissionId,
    /// For programs, such as `user_access_manage`.
    pub name: &'static str,
    /// For people.
    pub display_name: &'static str,
    /// For people.
    pub description: &'static str,
    /// For people.
    pub group: &'static str,
    /// Look or change.
    pub access: Access,
    /// Comes with every role and can't be taken away.
    pub restricted: bool,
}

const fn id(text: &str) -> PermissionId {
    match Uuid::try_parse(text) {
        Ok(uuid) => PermissionId(uuid),
        // A typing error in the table below; in a constant it stops the build.
        #[expect(clippy::panic, reason = "evaluated by the compiler only")]
        Err(_) => panic!("not a UUID"),
    }
}

macro_rules! catalogue {
    ($($const:ident $name:literal $id:literal $access:ident $restricted:literal $group:literal $display:literal $description:literal)*) => {
        /// The permissions that our own routes ask for, each under its name.
        pub mod permissions {
            use super::{Access, Permission, id};

            $(
                #[doc = concat!("`", $name, "`: ", $description)]
                pub const $const: Permission = Permission {
                    id: id($id),
                    name: $name,
                    display_name: $display,
                    description: $description,
                    group: $group,
                    access: Access::$access,
                    restricted: $restricted,
                };
            )*

            /// Every built-in permission.
            pub const ALL: &[Permission] = &[$($const),*];
        }
    };
}

#[rustfmt::skip]
catalogue! {
    USER_ACCESS_READ "user_access_read" "68d1ed9e-33ad-11ed-8a72-da7ad0900002" Read true "Access Management"
        "User Access Read" "View users and their roles and settings."
    USER_ACCESS_MANAGE "user_access_manage" "9de604d8-e707-11ea-aa2d-93f1a783b3a3" Write false "Access Management"
        "User Access Manage" "Disable users, manage roles, and map identity provider attributes to roles."
    USER_ACCESS_INVITE "user_access_invite" "9ac1d8cc-e707-11ea-aa2d-73d37e989a9d" Write false "Access Management"
        "User Access Invite" "Create users and invite them."
    SERVICE_ACCOUNT_WRITE "service_account_write" "a42e94b2-1476-11eb-bd08-efda28c04248" Write false "Access Management"
        "Service Account Write" "Create, change, disable and use service accounts."
    API_KEYS_READ "api_keys_read" "372896c4-f923-11ea-adbc-4fecd107156d" Read false "API and Application Keys"
        "API Keys Read" "List and view the organization's API keys."
    API_KEYS_WRITE "api_keys_write" "3e4d4d28-f923-11ea-adbc-e3565938c12e" Write false "API and Application Keys"
        "API Keys Write" "Create and rename API keys."
    API_KEYS_DELETE "api_keys_delete" "7850e390-20da-11ee-bed6-da7ad0900002" Write false "API and Application Keys"
        "API Keys Delete" "Delete API keys."
    USER_APP_KEYS "user_app_keys" "46a301da-ec5c-11ea-aa9f-73bedeab67ee" Write false "API and Application Keys"
        "User App Keys" "View and manage one's own application keys."
    ORG_APP_KEYS_READ "org_app_keys_read" "46a301db-ec5c-11ea-aa9f-2fe72193d60e" Read false "API and Application Keys"
        "Org App Keys Read" "View everybody's application keys."
    ORG_APP_KEYS_WRITE "org_app_keys_write" "46a301dc-ec5c-11ea-aa9f-13b33f8f46ea" Write false "API and Application Keys"
        "Org App Keys Write" "Manage everybody's application keys."
    ORG_MANAGEMENT "org_management" "7df222b6-a45c-11eb-a0af-da7ad0900002" Write false "Access Management"
        "Org Management" "Change the organization's settings, single sign-on among them."
    AUDIT_LOGS_READ "audit_logs_read" "2fbdac76-f923-11ea-adbc-07f3823e2b43" Read false "Compliance"
        "Audit Logs Read" "View the audit log: every change, every sign-in, every refusal."
    AWS_CONFIGURATIONS_MANAGE "aws_configurations_manage" "7b1f5086-c59e-11ec-aa32-da7ad0900002" Write false "Cloud Integrations"
        "AWS Configurations Manage" "Add and remove integrated AWS accounts."
    AWS_CONFIGURATION_READ "aws_configuration_read" "f5f4e8fc-0197-11ef-be21-da7ad0900002" Read false "Cloud Integrations"
        "AWS Configuration Read" "View integrated AWS accounts."
    AWS_CONFIGURATION_EDIT "aws_configuration_edit" "e2310daa-08a9-11ef-8653-da7ad0900002" Write false "Cloud Integrations"
        "AWS Configuration Edit" "Change the settings of integrated AWS accounts."
    TEAMS_READ "teams_read" "1d772c7e-9771-11ed-9c30-da7ad0900002" Read true "Teams"
        "Teams Read" "View teams and their members."
    TEAMS_MANAGE "teams_manage" "1d76ecfa-9771-11ed-9c2f-da7ad0900002" Write false "Teams"
        "Teams Manage" "Create, change and delete teams."
    CLOUD_AUTH_CONFIG_READ "cloud_auth_config_read" "4d4297d4-f9ff-11ef-8bbd-da7ad0900002" Read false "Access Management"
        "Cloud Auth Config Read" "View the mappings of AWS principals to users and telemetry, and explain them."
    CLOUD_AUTH_CONFIG_WRITE "cloud_auth_config_write" "4d4213c2-f9ff-11ef-8bbc-da7ad0900002" Write false "Access Management"
        "Cloud Auth Config Write" "Create and delete the mappings of AWS principals to users and telemetry."
    WORKLOAD_IDENTITY_FEDERATION_READ "workload_identity_federation_read" "159f321a-5f84-11f1-8294-da7ad0900002" Read false "Access Management"
        "Workload Identity Federation Read" "The newer name of the permission to view mappings."
    WORKLOAD_IDENTITY_FEDERATION_WRITE "workload_identity_federation_write" "159e34e6-5f84-11f1-8293-da7ad0900002" Write false "Access Management"
        "Workload Identity Federation Write" "The newer name of the permission to create and delete mappings."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_unique() {
        let ids: BTreeSet<_> = permissions::ALL.iter().map(|p| p.id).collect();
        let names: BTreeSet<_> = permissions::ALL.iter().map(|p| p.name).collect();
        assert_eq!(ids.len(), permissions::ALL.len());
        assert_eq!(names.len(), permissions::ALL.len());
    }
}

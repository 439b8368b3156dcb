//! Users, roles, permissions, organizations, invitations.

use auth_model::{
    Access, CountedRole, Invitation, Organization, Permission, Role, Timestamp, User, UserStatus,
};
use jsonapi_model::{
    Linkage, Relationship, Resource, ToMany,
    resources::{self as wire, ORGS, PERMISSIONS, ROLES, USER_INVITATIONS, USERS},
};

use super::{offset, resource};

pub(crate) fn user(user: &User) -> Resource<wire::UserAttributes, wire::UserRelationships> {
    let roles = user.roles.iter().map(|role| Linkage::new(ROLES, role)).collect();
    Resource {
        id: Some(user.id.to_string()),
        kind: USERS.to_owned(),
        attributes: user_attributes(user),
        relationships: Some(wire::UserRelationships {
            roles: ToMany { data: roles },
            org: Relationship { data: Linkage::new(ORGS, user.org) },
        }),
    }
}

pub(crate) fn user_attributes(user: &User) -> wire::UserAttributes {
    wire::UserAttributes {
        uuid: user.id.to_string(),
        name: some(&user.name),
        handle: user.handle(),
        created_at: offset(user.created_at),
        modified_at: offset(user.modified_at),
        email: user.email.clone(),
        icon: String::new(),
        title: some(&user.title),
        verified: user.verified,
        service_account: user.service_account,
        disabled: user.disabled,
        allowed_login_methods: Vec::new(),
        status: user.status().as_str().to_owned(),
        last_login_time: None,
    }
}

/// A user as the first version of the API has it. `managed` holds the names of its managed roles.
pub(crate) fn legacy_user(user: &User, managed: &[&str]) -> wire::LegacyUser {
    let access_role = managed.iter().find_map(|name| wire_access_role(name));
    wire::LegacyUser {
        handle: user.handle(),
        email: user.email.clone(),
        name: some(&user.name),
        title: some(&user.title),
        icon: String::new(),
        access_role: access_role.map(str::to_owned),
        role: None,
        is_admin: access_role == Some("adm"),
        disabled: user.status() == UserStatus::Disabled,
        verified: user.verified,
    }
}

fn wire_access_role(name: &str) -> Option<&'static str> {
    let roles = crate::bootstrap::MANAGED_ROLES;
    roles.iter().find(|role| role.name == name).map(|role| role.legacy)
}

/// A role as an answer to its change shows it.
pub(crate) fn role(role: &Role) -> Resource<wire::RoleAttributes, wire::RoleRelationships> {
    let permissions = role.permissions.iter().map(|id| Linkage::new(PERMISSIONS, id));
    Resource {
        id: Some(role.id.to_string()),
        kind: ROLES.to_owned(),
        attributes: wire::RoleAttributes {
            name: role.name.clone(),
            managed: role.managed,
            created_at: offset(role.created_at),
            modified_at: offset(role.modified_at),
            user_count: None,
        },
        relationships: Some(wire::RoleRelationships {
            permissions: ToMany { data: permissions.collect() },
        }),
    }
}

/// A role as it is shown where it is read.
pub(crate) fn role_in_list(
    counted: &CountedRole,
) -> Resource<wire::RoleAttributes, wire::RoleRelationships> {
    let mut shown = role(&counted.role);
    shown.attributes.user_count = Some(counted.user_count);
    shown
}

pub(crate) fn permission(permission: &Permission) -> Resource<wire::PermissionAttributes> {
    let attributes = wire::PermissionAttributes {
        name: permission.name.to_owned(),
        name_aliases: Vec::new(),
        display_name: permission.display_name.to_owned(),
        description: permission.description.to_owned(),
        created: offset(Timestamp::default()),
        group_name: permission.group.to_owned(),
        display_type: match permission.access {
            Access::Read => "read",
            Access::Write => "write",
            Access::Other => "other",
        }
        .to_owned(),
        restricted: permission.restricted,
    };
    resource(PERMISSIONS, permission.id.to_string(), attributes)
}

pub(crate) fn organization(organization: &Organization) -> Resource<wire::OrgAttributes> {
    let attributes = wire::OrgAttributes {
        public_id: organization.id.to_string(),
        name: organization.name.clone(),
        description: String::new(),
        sharing: "none".to_owned(),
        url: None,
        disabled: organization.disabled,
        created_at: offset(organization.created_at),
        modified_at: offset(organization.modified_at),
    };
    resource(ORGS, organization.id.to_string(), attributes)
}

pub(crate) fn invitation(
    invitation: &Invitation,
) -> Resource<wire::InvitationAttributes, wire::InvitationRelationships> {
    Resource {
        id: Some(invitation.id.to_string()),
        kind: USER_INVITATIONS.to_owned(),
        attributes: wire::InvitationAttributes {
            uuid: invitation.id.to_string(),
            login_method: None,
            invite_type: "basic_invite".to_owned(),
            created_at: offset(invitation.created_at),
            expires_at: offset(invitation.expires_at),
        },
        relationships: Some(wire::InvitationRelationships {
            user: Relationship { data: Linkage::new(USERS, invitation.user) },
        }),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

//! Teams and who is in them.

use auth_model::{CountedTeam, TeamMember, User};
use jsonapi_model::{
    Linkage, Relationship, Resource,
    resources::{self as wire, TEAM, TEAM_MEMBERSHIPS, USERS},
};

use super::{identity::user_attributes, offset, resource};

pub(crate) fn team(
    counted: &CountedTeam,
) -> Resource<wire::TeamAttributes, wire::TeamRelationships> {
    let team = &counted.team;
    let look = team.look.clone();
    let related =
        |what: &str| wire::RelatedLinks { related: format!("/api/v2/team/{}/{what}", team.id) };
    Resource {
        id: Some(team.id.to_string()),
        kind: TEAM.to_owned(),
        attributes: wire::TeamAttributes {
            name: team.name.clone(),
            handle: team.handle.clone(),
            summary: look.summary,
            description: look.description,
            avatar: look.avatar,
            // Clients of the public service count on a picture.
            banner: Some(look.banner.unwrap_or(1)),
            visible_modules: look.visible_modules,
            hidden_modules: look.hidden_modules,
            created_at: offset(team.created_at),
            modified_at: offset(team.modified_at),
            user_count: counted.user_count,
            link_count: 0,
            is_managed: false,
        },
        relationships: Some(wire::TeamRelationships {
            team_links: wire::RelatedMany { data: Vec::new(), links: related("links") },
            user_team_permissions: wire::RelatedOne {
                data: None,
                links: related("permission-settings"),
            },
        }),
    }
}

pub(crate) fn membership(
    member: &TeamMember,
) -> Resource<wire::MembershipAttributes, wire::MembershipRelationships> {
    Resource {
        id: Some(format!("TeamMembership-{}-{}", member.team, member.user)),
        kind: TEAM_MEMBERSHIPS.to_owned(),
        attributes: wire::MembershipAttributes {
            role: member.admin.then(|| "admin".to_owned()),
            provisioned_by: None,
            provisioned_by_id: member.added_by.map(|user| user.to_string()),
        },
        relationships: Some(wire::MembershipRelationships {
            team: Relationship { data: Linkage::new(TEAM, member.team) },
            user: Relationship { data: Linkage::new(USERS, member.user) },
        }),
    }
}

/// Who a member is.
pub(crate) fn member(user: &User) -> Resource<wire::MemberAttributes> {
    let shown = user_attributes(user);
    let attributes = wire::MemberAttributes {
        name: shown.name,
        handle: shown.handle,
        email: shown.email,
        icon: shown.icon,
        disabled: shown.disabled,
        service_account: shown.service_account,
        status: shown.status,
    };
    resource(USERS, user.id.to_string(), attributes)
}

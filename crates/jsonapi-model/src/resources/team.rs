//! Teams and who is in them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Linkage, Relationship};

/// The type of teams.
pub const TEAM: &str = "team";
/// The type of places in teams.
pub const TEAM_MEMBERSHIPS: &str = "team_memberships";

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TeamAttributes {
    /// Unique in the organization.
    pub name: String,
    /// Unique in the organization.
    pub handle: String,
    /// May be null.
    pub summary: Option<String>,
    /// May be null.
    pub description: Option<String>,
    /// May be null.
    pub avatar: Option<String>,
    /// The number of a picture.
    pub banner: Option<i64>,
    /// Parts of a page that are shown.
    pub visible_modules: Vec<String>,
    /// Parts of a page that are not.
    pub hidden_modules: Vec<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
    /// How many members it has.
    pub user_count: u64,
    /// 0: teams have no links here.
    pub link_count: u64,
    /// False: nothing else manages it.
    pub is_managed: bool,
}

/// What a team refers to: addresses of the public service, of which nothing is served here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TeamRelationships {
    /// None.
    pub team_links: RelatedMany,
    /// None.
    pub user_team_permissions: RelatedOne,
}

/// A reference to many resources by address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelatedMany {
    /// Which.
    pub data: Vec<Linkage>,
    /// Where.
    pub links: RelatedLinks,
}

/// A reference to one resource by address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelatedOne {
    /// Which; null for none.
    pub data: Option<Linkage>,
    /// Where.
    pub links: RelatedLinks,
}

/// The address of what is referred to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelatedLinks {
    /// A path.
    pub related: String,
}

/// A team to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TeamInput {
    /// Unique in the organization.
    pub name: String,
    /// Unique in the organization.
    pub handle: String,
    /// How it looks.
    #[serde(flatten)]
    pub look: TeamLookInput,
}

/// What is to become of a team; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TeamUpdate {
    /// Unique in the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Unique in the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// How it looks.
    #[serde(flatten)]
    pub look: TeamLookInput,
}

/// How a team looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TeamLookInput {
    /// A sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The number of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner: Option<i64>,
    /// Parts of a page that are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_modules: Option<Vec<String>>,
    /// Parts of a page that are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_modules: Option<Vec<String>>,
}

/// A user's place in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipAttributes {
    /// `admin`, or null for a plain member.
    pub role: Option<String>,
    /// Null: nothing else manages it.
    pub provisioned_by: Option<String>,
    /// Who added them; null for the installation itself.
    pub provisioned_by_id: Option<String>,
}

/// What a place in a team refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipRelationships {
    /// The team.
    pub team: Relationship,
    /// The user.
    pub user: Relationship,
}

/// A place in a team to be made or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipInput {
    /// `admin`, or null for a plain member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Who is to be in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipInputRelationships {
    /// The user.
    pub user: Relationship,
}

/// What a list of members shows of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberAttributes {
    /// May be null.
    pub name: Option<String>,
    /// A person's e-mail address, a service account's id.
    pub handle: String,
    /// Lower case.
    pub email: String,
    /// The address of a picture; empty where there is none.
    pub icon: String,
    /// Whether it can do nothing.
    pub disabled: bool,
    /// Whether it acts for a machine.
    pub service_account: bool,
    /// `Active`, `Pending` or `Disabled`.
    pub status: String,
}

//! Every list without anything looked for, as the plan tests of the adapters need it.

use auth_model::OrgId;

use crate::{
    ApiKeyQuery, AppKeyQuery, AuditQuery, AuthnMappingOrder, AuthnMappingQuery, Direction,
    KeyOrder, RoleOrder, RoleQuery, Slice, TeamOrder, TeamQuery, UserOrder, UserQuery,
    backend::lists::{self, List},
};

/// Whose columns a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Users.
    Users,
    /// Roles.
    Roles,
    /// Teams.
    Teams,
    /// Invitations.
    Invitations,
    /// API keys.
    ApiKeys,
    /// Application keys.
    AppKeys,
    /// AuthN mappings.
    AuthnMappings,
}

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// The first page of each list in each order that has an index.
pub fn first_pages(org: OrgId) -> Vec<(Kind, List)> {
    let slice = Slice { offset: 0, limit: 50 };
    let mut all = vec![(Kind::Invitations, lists::invitations(org, slice))];
    for direction in BOTH {
        for order in
            [UserOrder::Name, UserOrder::Email, UserOrder::CreatedAt, UserOrder::ModifiedAt]
        {
            let query = UserQuery { order, direction, slice, ..UserQuery::default() };
            all.push((Kind::Users, lists::users(org, &query)));
        }
        for order in [RoleOrder::Name, RoleOrder::ModifiedAt, RoleOrder::UserCount] {
            let query = RoleQuery { order, direction, slice, ..RoleQuery::default() };
            all.push((Kind::Roles, lists::roles(org, &query)));
        }
        for order in [TeamOrder::Name, TeamOrder::UserCount] {
            let query = TeamQuery { order, direction, slice, ..TeamQuery::default() };
            all.push((Kind::Teams, lists::teams(org, &query)));
        }
        for order in
            [AuthnMappingOrder::CreatedAt, AuthnMappingOrder::Key, AuthnMappingOrder::Value]
        {
            let query = AuthnMappingQuery { order, direction, slice, ..Default::default() };
            all.push((Kind::AuthnMappings, lists::authn_mappings(org, &query)));
        }
        for order in [KeyOrder::Name, KeyOrder::CreatedAt, KeyOrder::ModifiedAt, KeyOrder::Last4] {
            let query = ApiKeyQuery { order, direction, slice, ..ApiKeyQuery::default() };
            all.push((Kind::ApiKeys, lists::api_keys(org, &query)));
            let query = AppKeyQuery { order, direction, slice, ..AppKeyQuery::default() };
            all.push((Kind::AppKeys, lists::app_keys(org, &query)));
        }
    }
    all
}

/// Both ways through the audit log, from its end and from a place in it.
pub fn event_queries(after: (auth_model::Timestamp, auth_model::AuditEventId)) -> Vec<AuditQuery> {
    let mut all = Vec::new();
    for direction in BOTH {
        for after in [None, Some(after)] {
            all.push(AuditQuery { after, direction, ..AuditQuery::newest(50) });
        }
    }
    all
}

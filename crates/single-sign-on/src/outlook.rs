//! What the mappings make of somebody's attributes: the one place where it is computed, for sign-ins and for previews.

use std::collections::BTreeSet;

use auth_model::{AuthnMapping, AuthnTarget, OrgId, TeamId, User};
use mapping_store::{Store, StoreError, backend::broken};
use role_mapping::{Attributes, Difference, MappingIndex, MappingRule};

/// What the mappings make of somebody's attributes.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The mappings that match.
    pub mappings: Vec<AuthnMapping>,
    /// What the user has and what they would have. Of teams only those that some mapping leads to: no sign-in touches others.
    pub difference: Difference,
}

/// Holds the attributes against the organization's mappings, and the outcome against what the user has; against nothing without one.
///
/// Costs a few indexed queries, however many mappings there are.
pub async fn outlook(
    store: &dyn Store,
    org: OrgId,
    user: Option<&User>,
    attributes: &Attributes,
) -> Result<Outlook, StoreError> {
    let pairs: Vec<(String, String)> =
        attributes.pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mappings = store.authn_mappings_of(org, &pairs).await?;
    let rules = mappings.iter().map(MappingRule::of).collect::<Result<Vec<_>, _>>();
    let index = rules.and_then(MappingIndex::new);
    let index = index.map_err(|error| broken("reading the mappings of attributes", error))?;
    let now = match user {
        Some(user) => held(store, user).await?,
        None => BTreeSet::new(),
    };
    let difference = Difference::between(&now, &index.evaluate(attributes));
    Ok(Outlook { mappings, difference })
}

/// The roles that a user has, and those of their teams that sign-ins set.
async fn held(store: &dyn Store, user: &User) -> Result<BTreeSet<AuthnTarget>, StoreError> {
    let memberships = store.memberships(user.org, user.id).await?;
    let teams: Vec<TeamId> = memberships.into_iter().map(|member| member.team).collect();
    let teams = match teams.is_empty() {
        true => BTreeSet::new(),
        false => store.mapped_teams(user.org, &teams).await?,
    };
    let roles = user.roles.iter().copied().map(AuthnTarget::Role);
    Ok(roles.chain(teams.into_iter().map(AuthnTarget::Team)).collect())
}

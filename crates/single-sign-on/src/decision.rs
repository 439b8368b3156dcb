//! What a sign-in changes, and what the audit log says of it.

use std::{fmt::Write as _, time::Duration};

use auth_model::{
    AuthnTarget, Enforcement, KeptAssertion, KeptAssertionId, RoleId, Session, TeamId,
    UnmatchedUsers, User, UserId, is_hidden, permissions,
};
use mapping_store::SignIn;

use crate::{
    Outlook, Refusal, SingleSignOn, by_assertion::Accepted, person::Person, use_case::Enabled,
};

/// Everything that a decision rests on.
pub(crate) struct Decision<'a> {
    pub(crate) enabled: &'a Enabled,
    pub(crate) accepted: &'a Accepted,
    pub(crate) outlook: &'a Outlook,
    /// Nobody else manages access, so the user keeps what lets them.
    pub(crate) keeps_power: bool,
}

impl SingleSignOn {
    /// The user as they are, or as they are made: whose e-mail domain the organization has named.
    pub(crate) async fn user_to_be(
        &self,
        decision: &Decision<'_>,
        known: Option<User>,
    ) -> Result<(User, bool), Refusal> {
        let Decision { enabled, accepted, outlook, .. } = decision;
        let configuration = &enabled.configuration;
        let enforced = configuration.enforcement.is_on();
        if enforced
            && configuration.unmatched_users == UnmatchedUsers::Refuse
            && outlook.difference.then().is_empty()
        {
            return Err(Refusal::Unmatched { told: Box::new(accepted.told.clone()) });
        }
        if let Some(user) = known {
            return Ok((user, false));
        }
        let Person { email, name } = &accepted.person;
        if !configuration.autocreate_domains.iter().any(|known| known == accepted.person.domain()) {
            return Err(Refusal::UnknownUser { domain: shown(accepted.person.domain()) });
        }
        let now = self.now();
        let org = configuration.org;
        let roles = match (enforced, configuration.autocreate_role) {
            (true, _) => granted(outlook).0,
            (false, None) => Vec::new(),
            // It may have been deleted since it was chosen.
            (false, Some(role)) => {
                let found = self.parts.store.roles_by_ids(org, &[role]).await?;
                found.into_iter().map(|role| role.id).collect()
            }
        };
        let user = User {
            id: UserId::new(self.parts.clock.as_ref(), self.parts.randomness.as_ref())?,
            org,
            email: email.clone(),
            name: name.clone().unwrap_or_default(),
            title: String::new(),
            service_account: false,
            disabled: false,
            verified: false,
            roles,
            created_at: now,
            modified_at: now,
        };
        Ok((user, true))
    }

    /// What the sign-in changes, and what is said of it. Roles and teams are named by their ids, with the mappings that give them.
    pub(crate) async fn decide(
        &self,
        decision: &Decision<'_>,
        (user, new): (User, bool),
        session: Session,
    ) -> Result<(SignIn, String), Refusal> {
        let Decision { enabled, accepted, outlook, keeps_power } = decision;
        let enforcement = enabled.configuration.enforcement;
        let mut detail = if new { "user created; " } else { "" }.to_owned();
        detail.push_str(match enforcement.is_on() {
            true => "mappings are enforced; ",
            false => "mappings are not enforced; they would leave: ",
        });
        detail.push_str(&self::detail(outlook));
        let (mut roles, teams) = granted(outlook);
        if *keeps_power {
            let kept = self.powerful(&user).await?;
            let _ = write!(detail, "; kept, because nobody else manages access: {}", ids(&kept));
            roles.extend(kept);
        }
        let name = accepted.person.name.clone().filter(|name| *name != user.name);
        let kept = self.kept(decision, &user)?;
        let left = outlook.difference.lost().filter_map(team).collect();
        let (roles, joined, left) = match enforcement.is_on() {
            true => (Some(roles), teams, left),
            false => (None, Vec::new(), Vec::new()),
        };
        let may_strip_last_admin = enforcement == Enforcement::Forced;
        let sign_in = SignIn {
            user,
            new,
            name,
            roles,
            joined,
            left,
            may_strip_last_admin,
            enforcement,
            session,
            kept,
        };
        Ok((sign_in, detail))
    }

    /// Those of a user's roles that let them manage access.
    async fn powerful(&self, user: &User) -> Result<Vec<RoleId>, Refusal> {
        let roles = self.parts.store.roles_by_ids(user.org, &user.roles).await?;
        let manages = permissions::USER_ACCESS_MANAGE.id;
        Ok(roles.iter().filter(|r| r.permissions.contains(&manages)).map(|r| r.id).collect())
    }

    fn kept(&self, decision: &Decision<'_>, user: &User) -> Result<Option<KeptAssertion>, Refusal> {
        if !decision.enabled.configuration.keep_assertions {
            return Ok(None);
        }
        let id = KeptAssertionId::new(self.parts.clock.as_ref(), self.parts.randomness.as_ref())?;
        let received_at = self.now();
        Ok(Some(KeptAssertion {
            id,
            org: user.org,
            user: user.id,
            received_at,
            keep_until: received_at.plus(KEPT_FOR),
            sealed: self.seal_told(&decision.accepted.told, user.org, &id.to_string())?,
        }))
    }
}

/// The roles and teams that the mappings give.
fn granted(outlook: &Outlook) -> (Vec<RoleId>, Vec<TeamId>) {
    let then = outlook.difference.then();
    let role = |target| match target {
        AuthnTarget::Role(role) => Some(role),
        AuthnTarget::Team(_) => None,
    };
    (then.targets().filter_map(role).collect(), then.targets().filter_map(team).collect())
}

fn team(target: AuthnTarget) -> Option<TeamId> {
    match target {
        AuthnTarget::Team(team) => Some(team),
        AuthnTarget::Role(_) => None,
    }
}

/// Such as `role 1 by mapping 2, 3; team 4 by mapping 5; without role 6`.
fn detail(outlook: &Outlook) -> String {
    let mut parts = Vec::new();
    for (target, mappings) in outlook.difference.then().iter() {
        let by: Vec<String> = mappings.iter().map(ToString::to_string).collect();
        parts.push(format!("{} by mapping {}", named(target), by.join(", ")));
    }
    parts.extend(outlook.difference.lost().map(|target| format!("without {}", named(target))));
    if parts.is_empty() { "no role and no team".to_owned() } else { parts.join("; ") }
}

fn named(target: AuthnTarget) -> String {
    match target {
        AuthnTarget::Role(role) => format!("role {role}"),
        AuthnTarget::Team(team) => format!("team {team}"),
    }
}

fn ids(roles: &[RoleId]) -> String {
    roles.iter().map(|role| format!("role {role}")).collect::<Vec<_>>().join(", ")
}

/// A domain that a stranger may have written, for a log.
fn shown(domain: &str) -> String {
    domain.chars().filter(|c| !is_hidden(*c)).take(128).collect()
}

/// How long an assertion is kept for previews.
const KEPT_FOR: Duration = Duration::from_secs(30 * 86_400);

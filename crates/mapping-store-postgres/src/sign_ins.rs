//! Sign-ins of people, from the request to the session.

use async_trait::async_trait;
use auth_model::{AuditEvent, KeyHash, OrgId, SignInRequest, Timestamp, User};
use mapping_store::{
    SignIn, SignIns, StoreError,
    backend::{Storable, is_as_read},
};

use crate::{
    PostgresStore,
    admins::Admins,
    change::Change,
    columns::{Columns, number, one},
    kept_assertions, saml, sessions,
    store::Values,
    teams, users,
};

#[async_trait]
impl SignIns for PostgresStore {
    async fn insert_sign_in_request(&self, request: &SignInRequest) -> Result<(), StoreError> {
        request.storable()?;
        let SignInRequest { org, handle, browser, request_id, return_to, expires_at } = request;
        let (handle, browser) = (handle.0.as_slice(), browser.0.as_slice());
        let values: Values<'_> =
            &[&org.0, &handle, &browser, request_id, return_to, &expires_at.unix_micros()];
        self.rows(INSERT_REQUEST, values).await.map(drop)
    }

    async fn take_sign_in_request(
        &self,
        org: OrgId,
        handle: KeyHash,
        browser: KeyHash,
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, StoreError> {
        let (handle, browser) = (handle.0.as_slice(), browser.0.as_slice());
        let values: Values<'_> = &[&org.0, &handle, &browser, &now.unix_micros()];
        one(self.row(TAKE_REQUEST, values).await?.as_ref(), request)
    }

    async fn sign_in(
        &self,
        sign_in: &SignIn,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError> {
        sign_in.storable()?;
        self.change(Some(event), async |change| {
            // Whoever needs the organization alone takes it so at once: two that share it would wait for each other.
            let admins = match may_take_power(sign_in) {
                true => Some(Admins::before(change, sign_in.user.org).await?),
                false => None,
            };
            if !saml::allows(change, sign_in).await? {
                return Ok(None);
            }
            let user = match sign_in.new {
                true => Some(add(change, sign_in).await?),
                false => renew(change, sign_in, admins).await?,
            };
            let Some(user) = user else { return Ok(None) };
            teams::sign_in(change, sign_in).await?;
            sessions::insert(change, &sign_in.session).await?;
            if let Some(kept) = &sign_in.kept {
                kept_assertions::insert(change, kept).await?;
            }
            Ok(Some(user))
        })
        .await
    }

    async fn sweep_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError> {
        let row = self.row(SWEEP, &[&now.unix_micros()]).await?;
        one(row.as_ref(), number).map(Option::unwrap_or_default)
    }
}

/// Adds the user. That gives power and takes none.
async fn add(change: &Change<'_>, sign_in: &SignIn) -> Result<User, StoreError> {
    let user = sign_in.outcome();
    users::insert(change, &user).await?;
    Ok(user)
}

fn may_take_power(sign_in: &SignIn) -> bool {
    let other_roles = sign_in.outcome().roles != sign_in.user.roles;
    !sign_in.new && other_roles && !sign_in.may_strip_last_admin
}

/// Changes the user who is there, if they are still as they were read.
async fn renew(
    change: &Change<'_>,
    sign_in: &SignIn,
    admins: Option<Admins>,
) -> Result<Option<User>, StoreError> {
    let (org, id) = (sign_in.user.org, sign_in.user.id);
    let roles = sign_in.outcome().roles;
    if roles != sign_in.user.roles {
        users::lock_some_roles(change, org, &[&*sign_in.user.roles, &roles].concat()).await?;
    }
    let now = users::locked(change, org, id).await?;
    let Some(now) = now.filter(|now| is_as_read(now, &sign_in.user)) else { return Ok(None) };
    let user = sign_in.outcome_of(&now);
    users::sign_in(change, &now, &user).await?;
    if let Some(admins) = admins {
        admins.after(change).await?;
    }
    Ok(Some(user))
}

fn request(columns: &mut Columns<'_>) -> Result<SignInRequest, StoreError> {
    Ok(SignInRequest {
        org: OrgId(columns.take()?),
        handle: columns.hash()?,
        browser: columns.hash()?,
        request_id: columns.take()?,
        return_to: columns.take()?,
        expires_at: columns.time()?,
    })
}

const INSERT_REQUEST: &str = "
    INSERT INTO sign_in_requests (org_id, handle, browser, request_id, return_to, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";

/// One statement, so that of several calls one has it.
pub(crate) const TAKE_REQUEST: &str = "
    DELETE FROM sign_in_requests WHERE org_id = $1 AND handle = $2 AND browser = $3 AND expires_at > $4
    RETURNING org_id, handle, browser, request_id, return_to, expires_at";

/// What somebody else is ending is left to them, so that a sweep waits for nobody. By the places of the rows, because a plan that does not
/// know how few these are would look for them in all.
macro_rules! sweep {
    ($table:literal, $end:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE ctid = ANY(ARRAY(SELECT ctid FROM ",
            $table,
            " WHERE ",
            $end,
            " <= $1 FOR UPDATE SKIP LOCKED)) RETURNING 1"
        )
    };
}

pub(crate) const SWEEP: &str = concat!(
    "WITH requests AS (",
    sweep!("sign_in_requests", "expires_at"),
    "), ended AS (",
    sweep!("sessions", "expires_at"),
    "), forgotten AS (",
    sweep!("kept_assertions", "keep_until"),
    ")
    SELECT (SELECT count(*) FROM requests) + (SELECT count(*) FROM ended) + (SELECT count(*) FROM forgotten)"
);

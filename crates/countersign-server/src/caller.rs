//! Who makes a request: authentication by key pair or by token, and what they may do.

use auth_model::{
    Catalogue, OrgId, Permission, PermissionId, PermissionSet, SecretString, UserId, permissions,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use mapping_store::{Authority, UsedKey};
use single_sign_on::CheckedSession;
pub(crate) use single_sign_on::Renewal;
use token_issuer::Claims;

use crate::{
    App,
    cookies::{Origin, origin},
    endpoint::Need,
    error::ApiError,
    middleware::Arrival,
    routes::account,
};

/// A user who may act, as things stood when the request came in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Whom, and what they may do.
    pub(crate) authority: Authority,
    /// How they proved it.
    pub(crate) credential: Credential,
    /// What the browser is to hold of its session from now on, if that has changed.
    pub(crate) renewed: Option<SecretString>,
}

/// How a caller proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// An API key and an application key.
    Keys,
    /// An access token.
    Token,
    /// A browser's session.
    Session,
}

impl Caller {
    /// The user's id.
    pub(crate) fn user(&self) -> UserId {
        self.authority.user.id
    }

    /// The organization's id.
    pub(crate) fn org(&self) -> OrgId {
        self.authority.organization.id
    }

    /// Whether the caller holds this permission: through a role, and within the key's scopes if it has any.
    pub(crate) fn may(&self, permission: &Permission) -> bool {
        self.holds(permission.id)
    }

    /// Lets a caller make or strengthen a credential or a user that can do this much, or says why not: nobody hands out what they
    /// do not hold, but those who manage access, who could give it to themselves.
    pub(crate) fn may_hand_out(
        &self,
        catalogue: &Catalogue,
        permissions: &PermissionSet,
    ) -> Result<(), ApiError> {
        // A key that was narrowed is not freed of it by one of the permissions that it was left.
        let free = self.authority.scopes.is_none();
        if free && self.may(&permissions::USER_ACCESS_MANAGE) {
            return Ok(());
        }
        let lacking = self.lacking(catalogue, permissions);
        if lacking.is_empty() {
            return Ok(());
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!(
                "you can't hand out what you don't hold: {}; ask somebody who holds `user_access_manage`, by a key without scopes",
                lacking.join(", ")
            ),
        ))
    }

    /// Lets a caller decide how people sign in, or says why not: whoever chooses the identity provider can be anybody.
    pub(crate) fn may_become_anybody(&self, catalogue: &Catalogue) -> Result<(), ApiError> {
        let everything = catalogue.all().iter().map(|known| known.id).collect();
        self.may_hand_out(catalogue, &everything)
    }

    /// The names of those permissions that the caller does not hold.
    pub(crate) fn lacking(
        &self,
        catalogue: &Catalogue,
        permissions: &PermissionSet,
    ) -> Vec<String> {
        let name = |id: &PermissionId| match catalogue.get(*id) {
            Some(known) => format!("`{}`", known.name),
            None => format!("`{id}`"),
        };
        permissions.iter().filter(|id| !self.holds(**id)).map(name).collect()
    }

    /// The same, by the permission's id.
    pub(crate) fn holds(&self, permission: PermissionId) -> bool {
        let Authority { permissions, scopes, .. } = &self.authority;
        permissions.contains(&permission)
            && scopes.as_ref().is_none_or(|scopes| scopes.contains(&permission))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    /// The endpoint's layer has put it there; on a route that needs no user there is none, and a handler
    /// that asks for one is wired wrongly.
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::internal(&NoCaller))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the route's need does not provide a caller")]
struct NoCaller;

/// Why a request is not let in, and whose it is if that is known.
pub(crate) struct NotAdmitted {
    pub(crate) who: Option<(OrgId, UserId)>,
    pub(crate) error: ApiError,
}

/// Lets a request in, with its caller where the need is one, or says why not.
pub(crate) async fn admit(
    app: &App,
    need: Need,
    request: &Parts,
) -> Result<Option<Caller>, NotAdmitted> {
    let any_of: &[Permission] = match need {
        Need::Nothing | Need::Proof | Need::ApiKey => return Ok(None),
        Need::User => &[],
        Need::AnyOf(permissions) => permissions,
    };
    let stranger = |error| NotAdmitted { who: None, error };
    let caller = authenticate(app, request, Renewal::IfDue).await.map_err(stranger)?;
    if any_of.is_empty() || any_of.iter().any(|permission| caller.may(permission)) {
        return Ok(Some(caller));
    }
    let names: Vec<_> = any_of.iter().map(|permission| format!("`{}`", permission.name)).collect();
    let error = ApiError::new(
        StatusCode::FORBIDDEN,
        format!("this needs the permission {}", names.join(" or ")),
    );
    Err(NotAdmitted { who: Some((caller.org(), caller.user())), error })
}

/// Who makes a request, by the first of token, keys and session that it brings.
pub(crate) async fn authenticate(
    app: &App,
    request: &Parts,
    renewal: Renewal,
) -> Result<Caller, ApiError> {
    let headers = &request.headers;
    if let Some(token) = bearer(headers)? {
        return by_token(app, token).await;
    }
    let (Some(api), Some(app_key)) = (single(headers, API_KEY)?, single(headers, APP_KEY)?) else {
        if let Some(caller) = by_session(app, request, renewal).await? {
            return Ok(caller);
        }
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "send `Authorization: Bearer TOKEN`, or both `DD-API-KEY` and `DD-APPLICATION-KEY`",
        ));
    };
    let (api, app_key) = (token_issuer::hash_key(api), token_issuer::hash_key(app_key));
    match app.store().by_key_pair(api, app_key).await? {
        Some(authority) => {
            if let Some((api, app_key)) = authority.keys {
                let (org, now) = (authority.organization.id, app.clock().now());
                app.uses().note(org, UsedKey::Api(api), now);
                app.uses().note(org, UsedKey::App(app_key), now);
            }
            Ok(Caller { authority, credential: Credential::Keys, renewed: None })
        }
        None => Err(ApiError::new(StatusCode::FORBIDDEN, "Forbidden")),
    }
}

/// A session in force. It comes along with whatever a browser is made to send, so a change is taken from our own pages only
/// (cross-site request forgery).
async fn by_session(
    app: &App,
    request: &Parts,
    renewal: Renewal,
) -> Result<Option<Caller>, ApiError> {
    let headers = &request.headers;
    let Some(arrival) = request.extensions.get::<Arrival>() else { return Ok(None) };
    let Some(checked) = account::session(app, headers, arrival, renewal).await? else {
        return Ok(None);
    };
    if !request.method.is_safe() && origin(app, headers) != Origin::Ours {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!("a session changes things with `Origin: {}` only", app.config().issuer()),
        ));
    }
    let CheckedSession { authority, renewed, .. } = checked;
    Ok(Some(Caller { authority, credential: Credential::Session, renewed }))
}

/// The signature says who was meant; the store says whether that still holds.
async fn by_token(app: &App, token: &str) -> Result<Caller, ApiError> {
    let claims = app.verify(token).await.map_err(|error| {
        ApiError::new(StatusCode::UNAUTHORIZED, format!("the access token is refused: {error}"))
            .oauth("invalid_token")
    })?;
    let Claims { org, mapping, sub, .. } = *claims;
    match app.store().by_mapping(org, mapping, sub).await? {
        Some(authority) => Ok(Caller { authority, credential: Credential::Token, renewed: None }),
        None => Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "the access token is no longer valid: its mapping, AWS account, user or organization was removed or disabled",
        )
        .oauth("invalid_token")),
    }
}

/// The token of `Authorization: Bearer`. It goes before keys: some clients send it in an application key's place as well.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = single(headers, header::AUTHORIZATION.as_str())? else {
        return Ok(None);
    };
    match scheme(value) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token)),
        _ => Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "this takes `Authorization: Bearer TOKEN`; `Delegated` proofs go to `/api/v2/delegated-token` and `/api/v2/intake-key`",
        )),
    }
}

/// The scheme's word and what follows its one space.
pub(crate) fn scheme(value: &str) -> Option<(&str, &str)> {
    value.split_once(' ')
}

/// A header that may come once at most: two of a kind are two stories.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ApiError> {
    let mut values = headers.get_all(name).into_iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let wrong = |what| ApiError::bad_request(format!("the header `{name}` {what}"));
    if values.next().is_some() {
        return Err(wrong("comes more than once"));
    }
    value.to_str().map(Some).map_err(|_| wrong("holds bytes that are not printable ASCII"))
}

/// Names what the caller may do for one organization.
pub(crate) const API_KEY: &str = "dd-api-key";
/// Names who the caller is.
pub(crate) const APP_KEY: &str = "dd-application-key";

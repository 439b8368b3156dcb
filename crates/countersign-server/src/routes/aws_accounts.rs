//! Integrated AWS accounts: what an organization has declared its own. Only their principals can be mapped.

use arn_pattern::{AccountId, Partition};
use auth_model::{AwsAccount, AwsAccountConfigId, AwsAuth};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument,
    resources::{AWS_ACCOUNT, AuthConfig, AwsAccountInput},
};
use mapping_store::StoreError;
use serde_json::json;
use token_issuer::{SealContext, SealPurpose};

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, PathId, QueryPairs, check_type},
    text, wire,
};

/// `GET …/accounts`, of one account id if `aws_account_id` is given.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let account = match query.get("aws_account_id") {
        None | Some("") => None,
        Some(text) => Some(
            text.parse::<AccountId>()
                .map_err(|e| ApiError::bad_request(e.to_string()).parameter("aws_account_id"))?,
        ),
    };
    let accounts = app.store().aws_accounts(caller.org(), account).await?;
    Reply::ok(&ListDocument::<_>::new(accounts.iter().map(wire::aws_account).collect()))
}

/// `POST …/accounts`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<AwsAccountInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, AWS_ACCOUNT)?;
    let id = AwsAccountConfigId::random(app.randomness())?;
    let row = row(&app, &caller, id, request.data.attributes, None)?;
    let event = event(&app, &change, &row)?;
    app.store().insert_aws_account(&row, &event).await.map_err(|error| match error {
        StoreError::Duplicate { .. } => {
            ApiError::new(StatusCode::CONFLICT, "AWS account with provided id already exists")
                .titled("Account already exists")
        }
        error => error.into(),
    })?;
    answer(&row)
}

/// `GET …/accounts/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    answer(&find(&app, &caller, &id).await?)
}

/// `PATCH …/accounts/{id}`: attributes that are not given stay as they are.
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<AwsAccountInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, AWS_ACCOUNT)?;
    let before = find(&app, &caller, &id).await?;
    let row = row(&app, &caller, before.id, request.data.attributes, Some(before))?;
    let event = event(&app, &change, &row)?;
    if app.store().update_aws_account(&row, &event).await? { answer(&row) } else { Err(absent()) }
}

/// `DELETE …/accounts/{id}`: tokens and managed keys of its principals stop working at once.
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let row = find(&app, &caller, &id).await?;
    let event = event(&app, &change, &row)?;
    if app.store().delete_aws_account(row.org, row.id, &event).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(absent())
    }
}

fn answer(row: &AwsAccount) -> Result<Reply, ApiError> {
    Reply::ok(&Document { data: wire::aws_account(row), meta: None, included: Vec::new() })
}

async fn find(app: &App, caller: &Caller, id: &PathId) -> Result<AwsAccount, ApiError> {
    let id = id.parse(|| {
        ApiError::bad_request(
            "invalid parameter \"aws_account_config_id\" in \"path\"; expected type \"uuid\"",
        )
        .titled("Invalid Parameter")
    })?;
    let found = app.store().aws_account(caller.org(), id).await?;
    found.ok_or_else(absent)
}

fn absent() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "AWS account with provided id is not integrated")
        .titled("Account not found")
}

fn event(app: &App, change: &Change, row: &AwsAccount) -> Result<auth_model::AuditEvent, ApiError> {
    let mut event = change.event(app)?;
    event.account = Some(row.account);
    Ok(event)
}

/// The row that a request asks for; `before` is the one it changes, which keeps what the request leaves out.
fn row(
    app: &App,
    caller: &Caller,
    id: AwsAccountConfigId,
    input: AwsAccountInput,
    before: Option<AwsAccount>,
) -> Result<AwsAccount, ApiError> {
    let org = caller.org();
    let now = app.clock().now();
    let account = account(input.aws_account_id, before.as_ref())?;
    let partition = partition(input.aws_partition, before.as_ref())?;
    let (old_auth, created_at, mut settings) = match before {
        Some(b) => {
            (Some(b.auth), b.created_at, serde_json::from_str(&b.settings).unwrap_or_default())
        }
        None => (None, now, serde_json::Map::new()),
    };
    // Named by the server, whatever a client sends back of them.
    settings.extend(
        input.settings.into_iter().filter(|(k, _)| k != "created_at" && k != "modified_at"),
    );
    let auth = match (input.auth_config, old_auth) {
        (None, Some(old)) => old,
        (given, old) => auth(app, org, id, given.unwrap_or_default(), old)?,
    };
    let settings = serde_json::to_string(&settings).map_err(|e| ApiError::internal(&e))?;
    Ok(AwsAccount { id, org, account, partition, auth, settings, created_at, modified_at: now })
}

fn account(given: Option<String>, before: Option<&AwsAccount>) -> Result<AccountId, ApiError> {
    let at = |error: ApiError| error.at("/data/attributes/aws_account_id");
    match (given, before) {
        (Some(text), _) => text.parse().map_err(|e| at(invalid("aws_account_id", format!("{e}")))),
        (None, Some(before)) => Ok(before.account),
        (None, None) => Err(at(ApiError::bad_request("say which account: 12 digits"))),
    }
}

fn partition(given: Option<String>, before: Option<&AwsAccount>) -> Result<Partition, ApiError> {
    match (given, before) {
        (Some(text), _) => {
            text.parse().map_err(|_| invalid("aws_partition", format!("invalid partition: {text}")))
        }
        (None, Some(before)) => Ok(before.partition),
        (None, None) => Err(ApiError::bad_request("say which partition: `aws`, say")
            .at("/data/attributes/aws_partition")),
    }
}

/// The public service's form for a value that is not one of those it takes.
fn invalid(field: &str, what: String) -> ApiError {
    let mut error = ApiError::bad_request("invalid value");
    error.meta = Some(json!({ field: what }));
    error
}

fn auth(
    app: &App,
    org: auth_model::OrgId,
    id: AwsAccountConfigId,
    given: AuthConfig,
    old: Option<AwsAuth>,
) -> Result<AwsAuth, ApiError> {
    let AuthConfig { role_name, external_id, access_key_id, secret_access_key } = given;
    let role_name = visible(role_name, "role_name")?;
    let external_id = visible(external_id.filter(|id| !id.is_empty()), "external_id")?;
    let access_key_id = visible(access_key_id, "access_key_id")?;
    match (role_name, access_key_id, old) {
        (Some(_), None, Some(AwsAuth::Keys { .. }))
        | (None, Some(_), Some(AwsAuth::Role { .. })) => {
            let detail = "cannot switch between role and key based auth";
            Err(ApiError::generic(StatusCode::BAD_REQUEST, detail))
        }
        (Some(role_name), None, old) => {
            let kept = match old {
                Some(AwsAuth::Role { external_id, .. }) => Some(external_id),
                _ => None,
            };
            let external_id = match external_id.or(kept) {
                Some(external_id) => external_id,
                None => new_external_id(app)?,
            };
            Ok(AwsAuth::Role { role_name, external_id })
        }
        (None, Some(access_key_id), old) => {
            let sealed_secret = match (secret_access_key, old) {
                (Some(secret), _) => Some(seal(app, org, id, &secret)?),
                (None, Some(AwsAuth::Keys { sealed_secret, .. })) => sealed_secret,
                (None, _) => None,
            };
            Ok(AwsAuth::Keys { access_key_id, sealed_secret })
        }
        _ => Err(ApiError::bad_request(
            "`auth_config` holds either `role_name` or `access_key_id` with `secret_access_key`",
        )
        .at("/data/attributes/auth_config")),
    }
}

/// These end up in the settings of other systems: what can't be seen is none of them.
fn visible(text: Option<String>, member: &str) -> Result<Option<String>, ApiError> {
    let pointer = format!("/data/attributes/auth_config/{member}");
    let what = format!("`{member}`");
    text.map(|text| text::name_up_to(MAX_EXTERNAL_ID, &text, &what, &pointer)).transpose()
}

/// The longest of them: IAM's `sts:ExternalId`.
const MAX_EXTERNAL_ID: usize = 1_224;

/// 32 hexadecimal digits, as the public service's.
fn new_external_id(app: &App) -> Result<String, ApiError> {
    let id = AwsAccountConfigId::random(app.randomness())?;
    Ok(id.to_string().replace('-', ""))
}

fn seal(
    app: &App,
    org: auth_model::OrgId,
    id: AwsAccountConfigId,
    secret: &str,
) -> Result<Vec<u8>, ApiError> {
    let row = id.to_string();
    let context =
        SealContext { purpose: SealPurpose::AwsSecretAccessKey, org: Some(org), row: &row };
    app.master_key()
        .seal(app.randomness(), &context, secret.as_bytes())
        .map_err(|e| ApiError::internal(&e))
}

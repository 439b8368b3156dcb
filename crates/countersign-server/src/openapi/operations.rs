//! What each route takes and answers, by its name.

mod people;

use jsonapi_model::{
    Document, JSON, ListDocument, Relationship,
    resources::{
        API_KEYS, APPLICATION_KEYS, AUTHN_MAPPINGS, AUTHN_PREVIEWS, AWS_ACCOUNT, ApiKeyAttributes,
        ApiKeyInput, ApiKeyRelationships, ApiKeyUpdate, AppKeyAttributes, AppKeyInput,
        AppKeyRelationships, AppKeyUpdate, AuditAttributes, AuditSearch, AwsAccountAttributes,
        AwsAccountInput, CurrentUserRelationships, DelegatedToken, Explanation, IntakeApiKey,
        IntakeMapping, IntakeMappingInput, Introspection, InvitationAttributes,
        InvitationRelationships, InvitationsInput, KeysValid, LegacyUserDisabled,
        LegacyUserDocument, LegacyUserInput, LegacyUserList, LegacyUserUpdate,
        MembershipAttributes, MembershipInput, MembershipInputRelationships,
        MembershipRelationships, ORG_PREFERENCES, PERMISSIONS, PermissionAttributes,
        PersonaMapping, PersonaMappingInput, ROLES, RoleAttributes, RoleInput,
        RoleInputRelationships, RoleRelationships, RoleUpdate, SAML_CONFIGURATIONS, TEAM,
        TEAM_MEMBERSHIPS, TeamAttributes, TeamInput, TeamRelationships, TeamUpdate, USERS,
        UserAttributes, UserInput, UserInputRelationships, UserRelationships, UserUpdate, Valid,
        ValidKey,
    },
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// Adds a type to the document and refers to it.
type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What a route takes and answers.
pub(super) struct Operation {
    pub(super) summary: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) request: Option<Describe>,
    pub(super) status: u16,
    pub(super) answer: Option<Describe>,
    /// The field of a form that is a file, where the request is one.
    pub(super) file: Option<&'static str>,
    /// The field of a browser's form, where the request is one.
    pub(super) form: Option<&'static str>,
    /// Refuses callers although the table says that it needs nothing of them.
    pub(super) refuses: bool,
    /// Of routes whose family is plain.
    pub(super) media_type: &'static str,
    /// Takes telemetry, in whatever form it comes.
    pub(super) telemetry: bool,
    /// Answers 404 although there is no id in its path.
    pub(super) may_miss: bool,
}

/// A parameter of the query, or a header.
pub(super) struct Parameter {
    /// `query` or `header`.
    pub(super) place: &'static str,
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) required: bool,
    pub(super) schema: fn() -> Value,
}

impl Operation {
    fn answers<A: JsonSchema>(summary: &'static str, status: u16) -> Self {
        Self { answer: Some(SchemaGenerator::subschema_for::<A>), ..Self::silent(summary, status) }
    }

    fn silent(summary: &'static str, status: u16) -> Self {
        Self {
            summary,
            parameters: Vec::new(),
            request: None,
            status,
            answer: None,
            file: None,
            form: None,
            refuses: false,
            media_type: JSON,
            telemetry: false,
            may_miss: false,
        }
    }

    fn takes<T: JsonSchema>(mut self) -> Self {
        self.request = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    fn takes_file(mut self, field: &'static str) -> Self {
        self.file = Some(field);
        self
    }

    fn takes_form(mut self, field: &'static str) -> Self {
        self.form = Some(field);
        self
    }

    fn asks<const N: usize>(mut self, parameters: [Parameter; N]) -> Self {
        self.parameters.extend(parameters);
        self
    }

    fn paged(self) -> Self {
        self.asks([
            whole("page[size]", "At most so many, 1 to 5000; 10 unless told."),
            whole("page[number]", "Which page, from 0."),
        ])
    }

    fn may_miss(mut self) -> Self {
        self.may_miss = true;
        self
    }
}

const fn text(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter {
        place: "query",
        name,
        meaning,
        required: false,
        schema: || json!({ "type": "string" }),
    }
}

const fn whole(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { schema: || json!({ "type": "integer", "minimum": 0 }), ..text(name, meaning) }
}

const fn flag(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { schema: || json!({ "type": "boolean" }), ..text(name, meaning) }
}

const SORT: Parameter = text("sort", "A name, with `-` in front to turn the order round.");
const FILTER: Parameter = text("filter", "Part of a name, in any case.");

type RoleDocument = Document<RoleAttributes, RoleRelationships>;
type Permissions = ListDocument<PermissionAttributes>;
type UserDocument = Document<UserAttributes, UserRelationships>;
type Users = ListDocument<UserAttributes, UserRelationships>;
type ApiKeyDocument = Document<ApiKeyAttributes, ApiKeyRelationships>;
type AppKeyDocument = Document<AppKeyAttributes, AppKeyRelationships>;
type AppKeys = ListDocument<AppKeyAttributes, AppKeyRelationships>;
type TeamDocument = Document<TeamAttributes, TeamRelationships>;
type Membership = Document<MembershipAttributes, MembershipRelationships>;
type Memberships = ListDocument<MembershipAttributes, MembershipRelationships>;
type AccountDocument = Document<AwsAccountAttributes>;
type AuditEvents = ListDocument<AuditAttributes>;

/// The types of resource that a route's request may be about; none where the request is about none, or about many.
pub(super) fn kinds(name: &str) -> &'static [&'static str] {
    match name {
        "role.create" | "role.clone" | "role.update" => &[ROLES],
        "role_permission.grant" | "role_permission.revoke" => &[PERMISSIONS],
        "role_user.add" | "role_user.remove" => &[USERS],
        "user.create" | "user.update" | "service_account.create" => &[USERS],
        "api_key.create" | "api_key.update" => &[API_KEYS],
        "app_key.update" | "own_app_key.create" | "own_app_key.update" => &[APPLICATION_KEYS],
        "account_app_key.create" | "account_app_key.update" => &[APPLICATION_KEYS],
        "team.create" | "team.update" => &[TEAM],
        "team_member.add" | "team_member.update" => &[TEAM_MEMBERSHIPS],
        "authn_mapping.create" | "authn_mapping.update" => &[AUTHN_MAPPINGS],
        "authn_preview.show" => &[AUTHN_PREVIEWS],
        "saml_configuration.update" => &[SAML_CONFIGURATIONS],
        "org_preference.update" => &[ORG_PREFERENCES],
        "persona_mapping.create" => &["aws_cloud_auth_config", "aws_wif_config"],
        "intake_mapping.create" => &["aws_cloud_auth_intake_mapping", "aws_wif_intake_mapping"],
        "aws_account.create" | "aws_account.update" => &[AWS_ACCOUNT],
        _ => &[],
    }
}

/// A request that an organization without anything of that name takes; for readers, and for programs that try the API.
pub(super) fn example(name: &str) -> Option<Value> {
    let named = |kind: &str, name: &str| json!({ "type": kind, "attributes": { "name": name } });
    let data = match name {
        "role.create" => named(ROLES, "Deployers"),
        "user.create" => json!({ "type": USERS, "attributes": { "email": "ann@example.com" } }),
        "service_account.create" => json!({
            "type": USERS,
            "attributes": { "email": "ci@example.com", "name": "CI", "service_account": true },
        }),
        "api_key.create" => named(API_KEYS, "agents"),
        "own_app_key.create" => named(APPLICATION_KEYS, "terraform"),
        "team.create" => {
            json!({ "type": TEAM, "attributes": { "name": "Core", "handle": "core" } })
        }
        "aws_account.create" => json!({
            "type": AWS_ACCOUNT,
            "attributes": {
                "aws_account_id": "112233445566",
                "aws_partition": "aws",
                "auth_config": { "role_name": "Integration" },
            },
        }),
        _ => return None,
    };
    Some(json!({ "data": data }))
}

/// The one of this name. A route that is not described has an empty description, which a test refuses.
pub(super) fn of(name: &str) -> Operation {
    let (kind, verb) = name.split_once('.').unwrap_or((name, ""));
    match kind {
        "role" | "role_permission" | "role_user" | "permission" => roles(kind, verb),
        "user" | "user_sessions" | "service_account" | "invitation" | "legacy_user" => {
            users(kind, verb)
        }
        "api_key" | "app_key" | "own_app_key" | "account_app_key" | "keys" => keys(kind, verb),
        "team" | "team_member" => teams(kind, verb),
        "authn_mapping" | "authn_preview" | "saml_configuration" | "saml_assertion"
        | "org_preference" => people::of(kind, verb),
        "persona_mapping" | "intake_mapping" | "aws_account" | "arn" => mappings(kind, verb),
        _ => others(name),
    }
}

fn roles(kind: &str, verb: &str) -> Operation {
    type O = Operation;
    match (kind, verb) {
        ("permission", _) => O::answers::<Permissions>("List the catalogue of permissions", 200),
        ("role", "list") => {
            O::answers::<ListDocument<RoleAttributes, RoleRelationships>>("List roles", 200)
                .paged()
                .asks([SORT, FILTER, text("filter[id]", "Ids, separated by commas.")])
        }
        ("role", "create") => O::answers::<RoleDocument>("Make a role", 200)
            .takes::<Document<RoleInput, RoleInputRelationships>>(),
        ("role", "show") => O::answers::<RoleDocument>("Show a role", 200),
        ("role", "update") => O::answers::<RoleDocument>("Change a role", 200)
            .takes::<Document<RoleUpdate, RoleInputRelationships>>(),
        ("role", "delete") => O::silent("Delete a role; its holders lose it", 204),
        ("role", "clone") => {
            O::answers::<RoleDocument>("Make another role that holds the same", 200)
                .takes::<Document<RoleInput>>()
        }
        ("role_permission", "list") => O::answers::<Permissions>("List what a role holds", 200),
        ("role_permission", "grant") => {
            O::answers::<Permissions>("Give a role a permission", 200).takes::<Relationship>()
        }
        ("role_permission", "revoke") => {
            O::answers::<Permissions>("Take a permission from a role", 200).takes::<Relationship>()
        }
        ("role_user", "list") => {
            O::answers::<Users>("List who holds a role", 200).paged().asks([SORT, FILTER])
        }
        ("role_user", "add") => {
            O::answers::<Users>("Give a user a role", 200).paged().takes::<Relationship>()
        }
        ("role_user", "remove") => {
            O::answers::<Users>("Take a role from a user", 200).paged().takes::<Relationship>()
        }
        _ => undescribed(),
    }
}

fn users(kind: &str, verb: &str) -> Operation {
    type O = Operation;
    type Invitations = ListDocument<InvitationAttributes, InvitationRelationships>;
    match (kind, verb) {
        ("user", "list") => {
            O::answers::<Users>("List users and service accounts", 200).paged().asks([
                SORT,
                text("sort_dir", "`asc` or `desc`."),
                FILTER,
                text("filter[status]", "`Active`, `Pending`, `Disabled`, separated by commas."),
            ])
        }
        ("user", "create") => O::answers::<UserDocument>("Make a user", 201)
            .takes::<Document<UserInput, UserInputRelationships>>(),
        ("service_account", _) => O::answers::<UserDocument>("Make a service account", 201)
            .takes::<Document<UserInput, UserInputRelationships>>(),
        ("user", "show") => O::answers::<UserDocument>("Show a user", 200),
        ("user", "update") => O::answers::<UserDocument>("Change a user, or enable one again", 200)
            .takes::<Document<UserUpdate>>(),
        ("user", "disable") => O::silent("Disable a user", 204),
        ("user", "permissions") => O::answers::<Permissions>("List what a user may do", 200),
        ("user", "orgs") => O::answers::<UserDocument>("Show a user with their organization", 200),
        ("user_sessions", _) => O::silent("End the sessions of a user", 204),
        ("user", "memberships") => O::answers::<Memberships>("List a user's places in teams", 200),
        ("invitation", "list") => O::answers::<Invitations>("List invitations", 200).paged(),
        ("invitation", "create") => {
            O::answers::<Invitations>("Invite users", 201).takes::<InvitationsInput>().may_miss()
        }
        ("invitation", "show") => {
            type One = Document<InvitationAttributes, InvitationRelationships>;
            O::answers::<One>("Show an invitation", 200)
        }
        ("legacy_user", "list") => O::answers::<LegacyUserList>("List users, in the old form", 200),
        ("legacy_user", "create") => {
            O::answers::<LegacyUserDocument>("Make a user, in the old form", 200)
                .takes::<LegacyUserInput>()
        }
        ("legacy_user", "show") => {
            O::answers::<LegacyUserDocument>("Show a user, in the old form", 200)
        }
        ("legacy_user", "update") => {
            O::answers::<LegacyUserDocument>("Change a user, in the old form", 200)
                .takes::<LegacyUserUpdate>()
        }
        ("legacy_user", "disable") => {
            O::answers::<LegacyUserDisabled>("Disable a user, in the old form", 200)
        }
        _ => undescribed(),
    }
}

fn keys(kind: &str, verb: &str) -> Operation {
    type O = Operation;
    match (kind, verb) {
        ("keys", _) => O::answers::<KeysValid>("Check a key pair or a token", 200),
        ("api_key", "validate") => O::answers::<Valid>("Check an API key", 200)
            .asks([text("api_key", "The key, where no header can carry it.")]),
        ("api_key", "identify") => O::answers::<Document<ValidKey>>("Say which API key it is", 200)
            .asks([text("api_key", "The key, where no header can carry it.")]),
        ("api_key", "list") => {
            type Keys = ListDocument<ApiKeyAttributes, ApiKeyRelationships>;
            O::answers::<Keys>("List API keys, managed ones among them", 200).paged().asks([
                SORT,
                FILTER,
                text("filter[category]", "`default` or `managed_intake`."),
                text("filter[created_at][start]", "RFC 3339."),
                text("filter[created_at][end]", "RFC 3339."),
                text("filter[modified_at][start]", "RFC 3339."),
                text("filter[modified_at][end]", "RFC 3339."),
                flag("filter[remote_config_read_enabled]", "Only those for which it is so."),
            ])
        }
        ("api_key", "create") => {
            O::answers::<ApiKeyDocument>("Make an API key; only this answer shows it", 201)
                .takes::<Document<ApiKeyInput>>()
        }
        ("api_key", "show") => O::answers::<ApiKeyDocument>("Show an API key", 200),
        ("api_key", "update") => {
            O::answers::<ApiKeyDocument>("Change an API key", 200).takes::<Document<ApiKeyUpdate>>()
        }
        ("api_key", "delete") => O::silent("Revoke an API key", 204),
        (_, "list") => O::answers::<AppKeys>("List application keys", 200).paged().asks([
            SORT,
            FILTER,
            text("filter[created_at][start]", "RFC 3339."),
            text("filter[created_at][end]", "RFC 3339."),
        ]),
        (_, "create") => {
            O::answers::<AppKeyDocument>("Make an application key; only this answer shows it", 201)
                .takes::<Document<AppKeyInput>>()
        }
        (_, "show") => O::answers::<AppKeyDocument>("Show an application key", 200),
        (_, "update") => O::answers::<AppKeyDocument>("Change an application key", 200)
            .takes::<Document<AppKeyUpdate>>(),
        (_, "delete") => O::silent("Revoke an application key", 204),
        _ => undescribed(),
    }
}

fn teams(kind: &str, verb: &str) -> Operation {
    type O = Operation;
    match (kind, verb) {
        ("team", "list") => {
            O::answers::<ListDocument<TeamAttributes, TeamRelationships>>("List teams", 200)
                .paged()
                .asks([
                    whole("page[offset]", "So many are left out; instead of pages."),
                    whole("page[limit]", "At most so many, 1 to 5000; 100 unless told."),
                    SORT,
                    text("filter[keyword]", "Part of a name or handle, in any case."),
                    flag("filter[me]", "Only those that the caller is in."),
                ])
        }
        ("team", "create") => {
            O::answers::<TeamDocument>("Make a team", 201).takes::<Document<TeamInput>>()
        }
        ("team", "show") => O::answers::<TeamDocument>("Show a team", 200),
        ("team", "update") => {
            O::answers::<TeamDocument>("Change a team", 200).takes::<Document<TeamUpdate>>()
        }
        ("team", "delete") => O::silent("Delete a team", 204),
        ("team_member", "list") => O::answers::<Memberships>("List who is in a team", 200)
            .paged()
            .asks([SORT, text("filter[keyword]", "Part of a name, in any case.")]),
        ("team_member", "add") => O::answers::<Membership>("Add a user to a team", 200)
            .takes::<Document<MembershipInput, MembershipInputRelationships>>(),
        ("team_member", "update") => {
            O::answers::<Membership>("Change a user's place in a team", 200)
                .takes::<Document<MembershipInput>>()
        }
        ("team_member", "remove") => O::silent("Remove a user from a team", 204),
        _ => undescribed(),
    }
}

fn mappings(kind: &str, verb: &str) -> Operation {
    type O = Operation;
    type Personas = ListDocument<PersonaMapping>;
    match (kind, verb) {
        ("persona_mapping", "list") => O::answers::<Personas>("List persona mappings", 200),
        ("persona_mapping", "create") => {
            O::answers::<Document<PersonaMapping>>("Let AWS principals act as a user", 201)
                .takes::<Document<PersonaMappingInput>>()
        }
        ("persona_mapping", "show") => {
            O::answers::<Document<PersonaMapping>>("Show a persona mapping", 200)
        }
        ("persona_mapping", "delete") => {
            O::silent("Delete a persona mapping; its tokens stop", 204)
        }
        ("intake_mapping", "list") => {
            O::answers::<ListDocument<IntakeMapping>>("List intake mappings", 200)
        }
        ("intake_mapping", "create") => {
            O::answers::<Document<IntakeMapping>>("Let AWS principals have the managed key", 201)
                .takes::<Document<IntakeMappingInput>>()
        }
        ("intake_mapping", "show") => {
            O::answers::<Document<IntakeMapping>>("Show an intake mapping", 200)
        }
        ("intake_mapping", "delete") => O::silent("Delete an intake mapping; its keys stop", 204),
        ("arn", "explain") => {
            O::answers::<Document<Explanation>>("Say what an ARN is mapped to, and why", 200)
                .asks([Parameter { required: true, ..text("arn", "The ARN of a caller.") }])
        }
        ("aws_account", "list") => {
            type Accounts = ListDocument<AwsAccountAttributes>;
            O::answers::<Accounts>("List integrated AWS accounts", 200)
                .asks([text("aws_account_id", "Only this one: 12 digits.")])
        }
        ("aws_account", "create") => O::answers::<AccountDocument>("Integrate an AWS account", 200)
            .takes::<Document<AwsAccountInput>>(),
        ("aws_account", "show") => {
            O::answers::<AccountDocument>("Show an integrated AWS account", 200)
        }
        ("aws_account", "update") => {
            O::answers::<AccountDocument>("Change an integrated AWS account", 200)
                .takes::<Document<AwsAccountInput>>()
        }
        ("aws_account", "delete") => {
            O::silent("Remove an integrated AWS account; its principals' credentials stop", 204)
        }
        _ => undescribed(),
    }
}

fn others(name: &str) -> Operation {
    type O = Operation;
    match name {
        "delegated_token.create" => {
            O::answers::<Document<DelegatedToken>>("Exchange a proof for an access token", 200)
        }
        "intake_key.create" => {
            let since = "Since when the caller has used a fallback key: whole seconds since the Unix epoch. Noted in the audit log if the exchange succeeds; nonsense is ignored.";
            let since = text("X-Countersign-Fallback-Since", since);
            O::answers::<Document<IntakeApiKey>>("Exchange a proof for the managed API key", 200)
                .asks([Parameter { place: "header", ..since }])
        }
        _ if name.starts_with("telemetry.") => O {
            telemetry: true,
            ..O::answers::<Value>("Submit telemetry; it is handed on as it is, or dropped", 202)
                .asks([text("api_key", "The API key, where it is in no header.")])
        },
        "current_user.show" => {
            type Own = Document<UserAttributes, CurrentUserRelationships>;
            O::answers::<Own>("Show whom the caller acts as", 200)
        }
        "gate.verify" | "gate.verify_with" => O {
            refuses: true,
            ..O::silent("Say whether a request may pass, for a proxy in front of a service", 200)
        },
        "token.introspect" => {
            O::answers::<Introspection>("Say whether a token counts now (RFC 7662)", 200)
                .takes_form("token")
        }
        "audit.list" => O::answers::<AuditEvents>("List audit events", 200).asks([
            text("filter[query]", "Terms, all of which must hold."),
            text("filter[from]", "RFC 3339, milliseconds, or `now-15m`, which is the default."),
            text("filter[to]", "The same; now unless told."),
            text("sort", "`timestamp` or `-timestamp`, which is the default."),
            text("page[cursor]", "`meta.page.after` of the page before."),
            whole("page[limit]", "At most so many, 1 to 1000; 10 unless told."),
        ]),
        "audit.search" => {
            O::answers::<AuditEvents>("Search audit events", 200).takes::<AuditSearch>()
        }
        "jwks.show" => O {
            media_type: "application/jwk-set+json",
            ..O::answers::<Value>("The keys that verify access tokens", 200)
        },
        "discovery.show" => O::answers::<Value>("Where the keys are", 200),
        "openapi.show" => O::answers::<Value>("This document", 200),
        "health.live" => O::answers::<Value>("Whether the process answers", 200),
        "health.ready" => O::answers::<Value>("Whether the store answers too", 200),
        _ => undescribed(),
    }
}

fn undescribed() -> Operation {
    Operation::silent("", 200)
}

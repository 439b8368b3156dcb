//! `countersign user`

use std::collections::HashMap;

use countersign_client::{ApiClient, ListOptions, User};
use jsonapi_model::resources::UserInput;
use serde_json::{Value, json};

use crate::{
    cli::{NewUser, Output, Part, UserCommand},
    connection,
    failure::Failure,
    lookup::{self, id},
    output,
};

pub(crate) async fn run(args: UserCommand, form: Output) -> Result<(), Failure> {
    match args {
        UserCommand::List { part, api } => {
            let users = connection::api(&api).await?.users(&options(&part)).await?;
            if form == Output::Json {
                return Ok(output::json(&users.data)?);
            }
            let names = role_names(&users.included);
            table(&users.data, &names);
            output::rest(users.data.len(), users.meta.as_ref());
        }
        UserCommand::Show { user, api } => {
            let api = connection::api(&api).await?;
            let found = lookup::user(&api, &user).await?;
            let document = api.user(&id(&found.id)).await?;
            if form == Output::Json {
                return Ok(output::json(&document.data)?);
            }
            show(&document.data, &role_names(&document.included));
        }
        UserCommand::Create(args) => create(args, form).await?,
        UserCommand::Invite { user, api } => {
            let api = connection::api(&api).await?;
            let user = lookup::user(&api, &user).await?;
            let invitation = api.invite_user(&id(&user.id)).await?;
            let sentence = format!(
                "Invited {} until {}. What the server's `invitations.delivery_command` names delivers it; without one it is in the server's log.",
                user.attributes.email,
                output::moment(&invitation.attributes.expires_at)
            );
            output::done(form, &sentence, &invitation)?;
        }
        UserCommand::Disable { user, api } => {
            let api = connection::api(&api).await?;
            let user = lookup::user(&api, &user).await?;
            let user = api.set_user_disabled(&id(&user.id), true).await?;
            let sentence = format!(
                "Disabled {}. Its keys, tokens and mappings stopped working; `countersign user enable {}` takes it back.",
                described(&user),
                id(&user.id)
            );
            output::done(form, &sentence, &user)?;
        }
        UserCommand::SignOut { user, api } => {
            sign_out(&connection::api(&api).await?, &user, form).await?;
        }
        UserCommand::Enable { user, api } => {
            let api = connection::api(&api).await?;
            let user = lookup::user(&api, &user).await?;
            let user = api.set_user_disabled(&id(&user.id), false).await?;
            let sentence =
                format!("Enabled {}. Its keys and mappings work again.", described(&user));
            output::done(form, &sentence, &user)?;
        }
    }
    Ok(())
}

async fn sign_out(api: &ApiClient, given: &str, form: Output) -> Result<(), Failure> {
    let user = lookup::user(api, given).await?;
    let user_id = id(&user.id);
    api.end_user_sessions(&user_id).await?;
    let sentence = format!(
        "Signed {} out everywhere. Keys and tokens go on; `countersign user disable {user_id}` stops those too.",
        described(&user)
    );
    Ok(output::done(form, &sentence, &json!({ "signed_out": user_id }))?)
}

async fn create(args: NewUser, form: Output) -> Result<(), Failure> {
    let api = connection::api(&args.api).await?;
    let roles = lookup::role_ids(&api, &args.roles).await?;
    let input = UserInput {
        email: args.email,
        name: args.name,
        title: args.title,
        service_account: Some(args.service_account),
    };
    let user = api.create_user(input, &roles).await?;
    let user_id = id(&user.id);
    let mut next = Vec::new();
    if roles.is_empty() {
        next.push(format!(
            "It has no role yet: `countersign role add-user ROLE {user_id}` gives it one."
        ));
    }
    next.push(if args.service_account {
        format!(
            "Next: `countersign mapping persona create --account {user_id} --arn-pattern ARN` lets AWS principals act as it."
        )
    } else {
        format!("Next: `countersign user invite {user_id}`.")
    });
    let sentence = format!("Created {}.\n{}", described(&user), next.join("\n"));
    Ok(output::done(form, &sentence, &user)?)
}

/// What a list of users looks like.
pub(super) fn table(users: &[User], roles: &HashMap<String, String>) {
    let rows = users.iter().map(|user| {
        let a = &user.attributes;
        vec![
            a.email.clone(),
            a.name.clone().unwrap_or_default(),
            kind(user).to_owned(),
            a.status.clone(),
            names_of(user, roles).join("\n"),
            id(&user.id),
        ]
    });
    output::table(
        &["e-mail", "name", "kind", "status", "roles", "id"],
        rows.collect(),
        "No users. `countersign user create` makes one.",
    );
}

fn show(user: &User, roles: &HashMap<String, String>) {
    let a = &user.attributes;
    let rows = [
        ("e-mail", a.email.clone()),
        ("id", id(&user.id)),
        ("handle", a.handle.clone()),
        ("name", a.name.clone().unwrap_or_default()),
        ("title", a.title.clone().unwrap_or_default()),
        ("kind", kind(user).to_owned()),
        ("status", a.status.clone()),
        ("roles", names_of(user, roles).join("\n")),
        ("made", output::moment(&a.created_at)),
        ("changed", output::moment(&a.modified_at)),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    output::table(&["user", ""], rows.into(), "");
}

fn described(user: &User) -> String {
    format!("{} {} ({})", kind(user), user.attributes.email, id(&user.id))
}

fn kind(user: &User) -> &'static str {
    if user.attributes.service_account { "service account" } else { "person" }
}

/// The names of the roles among what a document includes, by id.
pub(super) fn role_names(included: &[Value]) -> HashMap<String, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let roles = included.iter().filter(|resource| resource.get("type") == Some(&"roles".into()));
    roles
        .filter_map(|role| {
            let name = role.pointer("/attributes/name").and_then(text)?;
            Some((role.get("id").and_then(text)?, name))
        })
        .collect()
}

fn names_of(user: &User, roles: &HashMap<String, String>) -> Vec<String> {
    let links = user.relationships.iter().flat_map(|all| &all.roles.data);
    links.map(|link| roles.get(&link.id).unwrap_or(&link.id).clone()).collect()
}

/// What the client is asked for.
pub(super) fn options(part: &Part) -> ListOptions {
    let limit = part.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    ListOptions { filter: part.filter.clone().unwrap_or_default(), limit }
}

//! `countersign role`

use countersign_client::{ApiClient, ListOptions, Permission, Role};
use serde_json::json;

use super::user::options;
use crate::{
    cli::{Output, RoleCommand},
    connection,
    failure::Failure,
    lookup::{self, id},
    output,
};

pub(crate) async fn run(args: RoleCommand, form: Output) -> Result<(), Failure> {
    match args {
        RoleCommand::List { part, api } => {
            let roles = connection::api(&api).await?.roles(&options(&part)).await?;
            if form == Output::Json {
                return Ok(output::json(&roles.data)?);
            }
            let rows = roles.data.iter().map(row).collect();
            output::table(
                &["name", "kind", "users", "permissions", "id"],
                rows,
                "No roles. `countersign role create` makes one.",
            );
            output::rest(roles.data.len(), roles.meta.as_ref());
        }
        RoleCommand::Show { role, api } => show(&connection::api(&api).await?, &role, form).await?,
        RoleCommand::Permissions(api) => {
            let all = connection::api(&api).await?.permissions().await?;
            if form == Output::Json {
                return Ok(output::json(&all)?);
            }
            permissions(&all);
        }
        RoleCommand::Create { name, permissions, api } => {
            let api = connection::api(&api).await?;
            let ids = lookup::permission_ids(&api, &permissions).await?;
            let role = api.create_role(&name, &ids).await?;
            output::done(form, &made("Created", &role), &role)?;
        }
        RoleCommand::Clone { role, name, api } => {
            let api = connection::api(&api).await?;
            let original = lookup::role(&api, &role).await?;
            let role = api.clone_role(&id(&original.id), &name).await?;
            output::done(form, &made("Cloned", &role), &role)?;
        }
        RoleCommand::Delete { role, api } => {
            let api = connection::api(&api).await?;
            let role = lookup::role(&api, &role).await?;
            let role_id = id(&role.id);
            api.delete_role(&role_id).await?;
            let sentence = format!("Deleted {}. Its holders have lost it.", described(&role));
            output::done(form, &sentence, &json!({ "deleted": role_id }))?;
        }
        RoleCommand::Grant { role, permissions, api } => {
            let api = connection::api(&api).await?;
            let role = lookup::role(&api, &role).await?;
            let mut held = Vec::new();
            for permission in lookup::permission_ids(&api, &permissions).await? {
                held = api.grant_permission(&id(&role.id), &permission).await?;
            }
            changed(&role, &held, form)?;
        }
        RoleCommand::Revoke { role, permissions, api } => {
            let api = connection::api(&api).await?;
            let role = lookup::role(&api, &role).await?;
            let mut held = Vec::new();
            for permission in lookup::permission_ids(&api, &permissions).await? {
                held = api.revoke_permission(&id(&role.id), &permission).await?;
            }
            changed(&role, &held, form)?;
        }
        RoleCommand::AddUser { role, users, api } => {
            let api = connection::api(&api).await?;
            let (role, users) = both(&api, &role, &users).await?;
            for (user, _) in &users {
                api.add_role_user(&id(&role.id), user).await?;
            }
            let sentence = format!("Gave {} to {}.", described(&role), names(&users));
            output::done(form, &sentence, &holders("added", &role, &users))?;
        }
        RoleCommand::RemoveUser { role, users, api } => {
            let api = connection::api(&api).await?;
            let (role, users) = both(&api, &role, &users).await?;
            for (user, _) in &users {
                api.remove_role_user(&id(&role.id), user).await?;
            }
            let sentence = format!("Took {} from {}.", described(&role), names(&users));
            output::done(form, &sentence, &holders("removed", &role, &users))?;
        }
    }
    Ok(())
}

async fn show(api: &ApiClient, given: &str, form: Output) -> Result<(), Failure> {
    let found = lookup::role(api, given).await?;
    let role = api.role(&id(&found.id)).await?;
    let held = api.role_permissions(&id(&role.id)).await?;
    let users = api.role_users(&id(&role.id), &ListOptions::default()).await?;
    if form == Output::Json {
        let value = json!({ "role": role, "permissions": held, "users": users.data });
        return Ok(output::json(&value)?);
    }
    output::line(&format!("{}: {}", described(&role), kind(&role)));
    permissions(&held);
    let rows = users.data.iter().map(|user| {
        vec![user.attributes.email.clone(), user.attributes.status.clone(), id(&user.id)]
    });
    let empty = format!(
        "Nobody holds it. `countersign role add-user '{}' USER` gives it to somebody.",
        role.attributes.name
    );
    output::table(&["held by", "status", "id"], rows.collect(), &empty);
    Ok(())
}

fn row(role: &Role) -> Vec<String> {
    let held = role.relationships.as_ref().map_or(0, |all| all.permissions.data.len());
    vec![
        role.attributes.name.clone(),
        kind(role).to_owned(),
        role.attributes.user_count.unwrap_or_default().to_string(),
        held.to_string(),
        id(&role.id),
    ]
}

fn permissions(all: &[Permission]) {
    let rows = all.iter().map(|permission| {
        let a = &permission.attributes;
        let note = if a.restricted { " Comes with every role." } else { "" };
        vec![a.name.clone(), format!("{}{note}", a.description)]
    });
    output::table(
        &["permission", "what for"],
        rows.collect(),
        "It holds no permission. `countersign role grant` adds some.",
    );
}

/// After a role was made.
fn made(verb: &str, role: &Role) -> String {
    let held = role.relationships.as_ref().map_or(0, |all| all.permissions.data.len());
    format!(
        "{verb} {}, which holds {held} permissions.\n\
         Next: `countersign role add-user '{}' USER`.",
        described(role),
        role.attributes.name
    )
}

/// After what a role holds was changed.
fn changed(role: &Role, held: &[Permission], form: Output) -> Result<(), Failure> {
    if form == Output::Json {
        return Ok(output::json(&held)?);
    }
    output::line(&format!("{} holds now:", described(role)));
    permissions(held);
    Ok(())
}

/// A role, and users with what they are called.
async fn both(
    api: &ApiClient,
    role: &str,
    users: &[String],
) -> Result<(Role, Vec<(String, String)>), Failure> {
    let role = lookup::role(api, role).await?;
    let mut found = Vec::with_capacity(users.len());
    for user in users {
        let user = lookup::user(api, user).await?;
        found.push((id(&user.id), user.attributes.email));
    }
    Ok((role, found))
}

fn names(users: &[(String, String)]) -> String {
    let names: Vec<_> = users.iter().map(|(id, email)| format!("{email} ({id})")).collect();
    names.join(", ")
}

fn holders(done: &str, role: &Role, users: &[(String, String)]) -> serde_json::Value {
    let users: Vec<&str> = users.iter().map(|(id, _)| id.as_str()).collect();
    json!({ "role": role.id, done: users })
}

fn described(role: &Role) -> String {
    format!("role `{}` ({})", role.attributes.name, id(&role.id))
}

fn kind(role: &Role) -> &'static str {
    if role.attributes.managed { "managed" } else { "own" }
}

//! From what people call things to their ids.

use anyhow::anyhow;
use countersign_client::{ApiClient, ListOptions, Permission, Role, User};

use crate::failure::Failure;

/// The role of this name or id.
pub(crate) async fn role(api: &ApiClient, given: &str) -> Result<Role, Failure> {
    if is_id(given) {
        return Ok(api.role(given).await?);
    }
    let roles = api.roles(&ListOptions::filter(given)).await?.data;
    let exact = roles.iter().find(|role| role.attributes.name == given);
    if let Some(role) = exact {
        return Ok(role.clone());
    }
    let alike = |role: &&Role| role.attributes.name.to_lowercase() == given.to_lowercase();
    let found: Vec<&Role> = roles.iter().filter(alike).collect();
    let name = |role: &Role| format!("`{}`", role.attributes.name);
    let one = one(&found, "role", given, "countersign role list", name, |role| role.id.as_deref());
    one.cloned().map_err(|failure| match found.is_empty() {
        true => with_suggestion(failure, roles.iter().map(name)),
        false => failure,
    })
}

/// The ids of roles.
pub(crate) async fn role_ids(api: &ApiClient, given: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::with_capacity(given.len());
    for given in given {
        ids.push(id(&role(api, given).await?.id));
    }
    Ok(ids)
}

/// The user of this id, handle or e-mail address.
pub(crate) async fn user(api: &ApiClient, given: &str) -> Result<User, Failure> {
    if is_id(given) {
        return Ok(api.user(given).await?.data);
    }
    among(api, given, "user", |_| true).await
}

/// The service account of this id or e-mail address.
pub(crate) async fn service_account(api: &ApiClient, given: &str) -> Result<String, Failure> {
    if is_id(given) {
        return Ok(given.to_owned());
    }
    let found =
        among(api, given, "service account", |user| user.attributes.service_account).await?;
    Ok(id(&found.id))
}

async fn among(
    api: &ApiClient,
    given: &str,
    what: &str,
    fits: impl Fn(&User) -> bool,
) -> Result<User, Failure> {
    let users = api.users(&ListOptions::filter(given)).await?.data;
    let wanted = given.to_lowercase();
    let is = |user: &&User| {
        let a = &user.attributes;
        fits(user) && (a.email.to_lowercase() == wanted || a.handle.to_lowercase() == wanted)
    };
    let found: Vec<&User> = users.iter().filter(is).collect();
    let name = |user: &User| {
        let kind = if user.attributes.service_account { "service account" } else { "person" };
        let name = user.attributes.name.as_deref().unwrap_or_default();
        format!("{kind} {name}").trim_end().to_owned()
    };
    one(&found, what, given, "countersign user list", name, |user| user.id.as_deref()).cloned()
}

/// The ids of permissions.
pub(crate) async fn permission_ids(
    api: &ApiClient,
    given: &[String],
) -> Result<Vec<String>, Failure> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let all = api.permissions().await?;
    let find = |given: &String| {
        let known = all.iter().find(|known| {
            known.attributes.name == *given || known.id.as_ref().is_some_and(|id| id == given)
        });
        let known = known.ok_or_else(|| {
            let failure = none("permission", given, "countersign role permissions");
            let alike = |known: &&Permission| {
                known.attributes.name.contains(given.as_str())
                    || given.contains(&known.attributes.name)
            };
            let alike = all.iter().filter(alike);
            with_suggestion(failure, alike.map(|known| format!("`{}`", known.attributes.name)))
        })?;
        Ok(id(&known.id))
    };
    given.iter().map(find).collect()
}

/// The id of a resource that the server has sent, which has one.
pub(crate) fn id(id: &Option<String>) -> String {
    id.clone().unwrap_or_default()
}

/// The only one found; otherwise what to say instead.
fn one<'r, R>(
    found: &[&'r R],
    what: &str,
    given: &str,
    lists: &str,
    name: impl Fn(&R) -> String,
    id: impl Fn(&R) -> Option<&str>,
) -> Result<&'r R, Failure> {
    match found {
        [one] => Ok(one),
        [] => Err(none(what, given, lists)),
        many => {
            let lines = many
                .iter()
                .map(|one| format!("\n  {}  {}", id(one).unwrap_or_default(), name(one)));
            Err(Failure::usage(anyhow!(
                "`{given}` is {} {what}s; say which by its id:{}",
                many.len(),
                lines.collect::<String>()
            )))
        }
    }
}

fn none(what: &str, given: &str, lists: &str) -> Failure {
    Failure::usage(anyhow!("there is no {what} `{given}`; `{lists}` shows which there are"))
}

fn with_suggestion(failure: Failure, names: impl Iterator<Item = String>) -> Failure {
    let names: Vec<String> = names.take(3).collect();
    if names.is_empty() {
        failure
    } else {
        failure.adding(&format!("; is it {}?", names.join(" or ")))
    }
}

/// A UUID in its usual form.
fn is_id(text: &str) -> bool {
    text.parse::<auth_model::UserId>().is_ok()
}

//! `countersign account`

use anyhow::Context;

use crate::{
    cli::{Account, Output},
    connection,
    failure::Failure,
    output,
};

pub(crate) async fn run(args: Account, form: Output) -> Result<(), Failure> {
    match args {
        Account::List(api) => {
            let accounts = connection::api(&api).await?.aws_accounts().await?;
            if form == Output::Json {
                return Ok(output::json(&accounts)?);
            }
            let rows = accounts.iter().map(|account| {
                let a = &account.attributes;
                let role = a.auth_config.role_name.clone().or(a.auth_config.access_key_id.clone());
                vec![
                    a.aws_account_id.clone(),
                    a.aws_partition.clone(),
                    role.unwrap_or_default(),
                    a.created_at.clone(),
                    account.id.clone().unwrap_or_default(),
                ]
            });
            output::table(
                &["AWS account", "partition", "role or key", "added", "configuration id"],
                rows.collect(),
                "No AWS accounts. `countersign account add ACCOUNT` adds one.",
            );
        }
        Account::Add { account_id, partition, role_name, api } => {
            let api = connection::api(&api).await?;
            let account = api.add_aws_account(&account_id, &partition, &role_name).await?;
            let sentence =
                format!("Added AWS account {account_id}. Its principals can be mapped now.");
            output::done(form, &sentence, &account)?;
        }
        Account::Remove { account, api } => {
            let api = connection::api(&api).await?;
            let accounts = api.aws_accounts().await?;
            let found = accounts.iter().find(|known| {
                known.attributes.aws_account_id == account || known.id.as_deref() == Some(&account)
            });
            let id = found.and_then(|known| known.id.as_deref()).with_context(|| {
                format!(
                    "`{account}` is not integrated; `countersign account list` shows those that are"
                )
            })?;
            api.remove_aws_account(id).await?;
            let sentence = format!(
                "Removed AWS account {account}. Tokens and keys of its principals stopped working."
            );
            output::done(form, &sentence, &serde_json::json!({ "removed": id }))?;
        }
    }
    Ok(())
}

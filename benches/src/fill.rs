//! A store filled as a large installation's: one organization, one service account, many persona mappings to it.

use std::{collections::HashSet, error::Error, sync::Arc};

use arn_pattern::{AccountId, ArnPattern, Partition};
use auth_model::{
    AuditEvent, AuditEventId, AwsAccount, AwsAccountConfigId, AwsAuth, MappingId, OrgId,
    OsRandomness, PersonaMapping, SystemClock, Timestamp, UserId,
};
use countersign_server::Bootstrap;
use mapping_store::Store;

/// Why it could not be filled.
pub type Cause = Box<dyn Error>;

/// How many inserts are under way at once: stores write what comes together in one transaction.
const AT_ONCE: usize = 2_000;

/// An organization with a service account.
///
/// # Errors
/// Whatever the store says.
pub async fn organization(store: &dyn Store) -> Result<(OrgId, UserId), Cause> {
    let catalogue = auth_model::Catalogue::default();
    let bootstrap = Bootstrap::new(store, &catalogue, &SystemClock, &OsRandomness);
    let first = bootstrap.organization("bench").await?;
    let user = bootstrap.user(&first.standard, "bench@bench.example", "bench", true).await?;
    Ok((first.organization.id, user.id))
}

/// Integrates every account of the patterns, and makes a persona mapping of each, in their order; gives back their ids.
///
/// # Errors
/// Whatever the store says.
pub async fn mappings(
    store: &Arc<dyn Store>,
    org: OrgId,
    target: UserId,
    patterns: &[ArnPattern],
) -> Result<Vec<MappingId>, Cause> {
    let accounts: HashSet<AccountId> = patterns.iter().map(ArnPattern::account).collect();
    for number in accounts {
        let account = AwsAccount {
            id: AwsAccountConfigId::random(&OsRandomness)?,
            org,
            account: number,
            partition: Partition::Aws,
            auth: AwsAuth::Role { role_name: "r".to_owned(), external_id: "0".repeat(32) },
            settings: "{}".to_owned(),
            created_at: NOW,
            modified_at: NOW,
        };
        store.insert_aws_account(&account, &event(org)?).await?;
    }
    let mut ids = Vec::with_capacity(patterns.len());
    for some in patterns.chunks(AT_ONCE) {
        let added = some.iter().map(|pattern| {
            let store = store.clone();
            async move {
                let id = MappingId::random(&OsRandomness)?;
                let mapping = PersonaMapping {
                    id,
                    org,
                    pattern: pattern.clone(),
                    target,
                    created_by: None,
                    created_at: NOW,
                };
                store.insert_persona_mapping(&mapping, &event(org)?).await?;
                Ok::<_, Cause>(id)
            }
        });
        ids.extend(futures_util::future::try_join_all(added).await?);
    }
    Ok(ids)
}

fn event(org: OrgId) -> Result<AuditEvent, Cause> {
    let id = AuditEventId::new(&SystemClock, &OsRandomness)?;
    Ok(AuditEvent::change(id, NOW, org, "bench"))
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_790_000_000);

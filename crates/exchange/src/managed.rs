//! The managed key of an intake mapping: the same for every caller, replaced in time.

use auth_model::{MappingId, OrgId, SecretString};
use mapping_store::StoreError;
use token_issuer::{
    ManagedKeyPolicy, ManagedKeyStep as Step, managed_key_step, mint_managed_key, open_managed_key,
};

use crate::{Parts, Refusal};

/// How often another replica may be first before something is wrong.
const TRIES: usize = 3;

/// The current key's text; a new generation is made when the newest is due to be replaced.
pub(crate) async fn current(
    parts: &Parts,
    policy: &ManagedKeyPolicy,
    org: OrgId,
    mapping: MappingId,
) -> Result<SecretString, Refusal> {
    for _ in 0..TRIES {
        let newest = parts.store.managed_key(org, mapping).await?;
        let generation = match (managed_key_step(newest.as_ref(), parts.clock.now()), &newest) {
            (Step::HandOut, Some(key)) => {
                return open_managed_key(&parts.master_key, key).map_err(Refusal::issue);
            }
            (Step::Rotate { next_generation }, _) => next_generation,
            (Step::HandOut, None) => 1,
        };
        let (key, text) = mint_managed_key(
            &parts.master_key,
            parts.randomness.as_ref(),
            parts.clock.as_ref(),
            org,
            mapping,
            generation,
            policy,
        )
        .map_err(Refusal::issue)?;
        match parts.store.insert_managed_key(&key).await {
            Ok(()) => return Ok(text),
            // Another replica made this generation: hand out the one it made.
            Err(StoreError::Duplicate { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::issue(Contended))
}

/// Generation after generation was made by others and none could be read.
#[derive(Debug, thiserror::Error)]
#[error("the managed key is replaced again and again")]
struct Contended;

//! The rest of the third step: the names of teams, in which lists of authN mappings look.

use mapping_store::StoreError;
use tokio_postgres::Transaction;

use super::identity::fold;

pub(super) async fn finish(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    fold(transaction, TEAMS, FOLD_TEAMS).await
}

const TEAMS: &str = "SELECT org_id, id, name FROM teams";

const FOLD_TEAMS: &str = "
    UPDATE teams t SET folded_name = f.folded
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS f (org_id, id, folded)
    WHERE t.org_id = f.org_id AND t.id = f.id";

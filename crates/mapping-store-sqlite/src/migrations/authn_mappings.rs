//! The rest of the third step: the names of teams, in which lists of authN mappings look.

use rusqlite::Connection;

use super::identity::fold;
use crate::fault::Fault;

pub(super) fn finish(connection: &Connection) -> Result<(), Fault> {
    fold(connection, TEAMS, FOLD_TEAM)
}

const TEAMS: &str = "SELECT org_id, id, name FROM teams";

const FOLD_TEAM: &str = "UPDATE teams SET folded_name = ?3 WHERE org_id = ?1 AND id = ?2";

//! Where data of this user is kept between runs.

use std::path::PathBuf;

/// `$XDG_STATE_HOME/countersign`, or `~/.local/state/countersign` (XDG Base Directory Specification).
pub(crate) fn state_folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    Some(state?.join("countersign"))
}

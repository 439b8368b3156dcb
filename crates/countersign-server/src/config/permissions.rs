//! The file with permissions beyond the built-in catalogue.

use std::path::{Path, PathBuf};

use auth_model::{Access, Catalogue, CatalogueError, IdError, NewPermission};
use serde::Deserialize;

/// Why the permissions of the installation can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PermissionsError {
    /// The file can't be read.
    #[error("can't read the permissions file `{}`", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not as it should be.
    #[error("the permissions file `{}` is wrong: {message}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where and what.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    permission: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    access: EntryAccess,
    #[serde(default)]
    restricted: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EntryAccess {
    Read,
    Write,
    #[default]
    Other,
}

#[derive(Debug, thiserror::Error)]
enum EntryError {
    #[error("the id of `{name}`: {source}")]
    Id { name: String, source: IdError },
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// The built-in catalogue, and what the file adds, if one is named.
///
/// # Errors
/// If the file can't be read, or a permission in it can't be added.
pub fn catalogue(file: Option<&Path>) -> Result<Catalogue, PermissionsError> {
    let mut catalogue = Catalogue::default();
    let Some(path) = file else { return Ok(catalogue) };
    let text = std::fs::read_to_string(path)
        .map_err(|source| PermissionsError::Unreadable { path: path.to_owned(), source })?;
    let malformed = |message| PermissionsError::Malformed { path: path.to_owned(), message };
    let file: File = toml_settings::read(&text).map_err(|error| malformed(error.to_string()))?;
    for entry in file.permission {
        add(&mut catalogue, entry).map_err(|error| malformed(error.to_string()))?;
    }
    Ok(catalogue)
}

fn add(catalogue: &mut Catalogue, entry: Entry) -> Result<(), EntryError> {
    let Entry { id, name, display_name, description, group, access, restricted } = entry;
    let id = id.parse().map_err(|source| EntryError::Id { name: name.clone(), source })?;
    let display_name = if display_name.is_empty() { name.clone() } else { display_name };
    let access = match access {
        EntryAccess::Read => Access::Read,
        EntryAccess::Write => Access::Write,
        EntryAccess::Other => Access::Other,
    };
    let new = NewPermission { id, name, display_name, description, group, access, restricted };
    Ok(catalogue.add(new)?)
}

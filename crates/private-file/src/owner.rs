//! Whose a file is.

use std::{fs::File, io, path::Path, str::FromStr};

/// A user, a group, or both, as `chown` writes them: `user`, `user:group`, `:group`; names or numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    user: Option<u32>,
    group: Option<u32>,
}

/// Why a text names no owner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// Nothing is in it.
    #[error("an owner is `USER`, `USER:GROUP` or `:GROUP`, by name or number")]
    Empty,
    /// This machine has none of that name.
    #[error("there is no user `{0}` on this machine")]
    User(String),
    /// This machine has none of that name.
    #[error("there is no group `{0}` on this machine")]
    Group(String),
}

impl FromStr for Owner {
    type Err = OwnerError;

    /// Asks the system what names mean, once.
    fn from_str(text: &str) -> Result<Self, OwnerError> {
        let (user, group) = text.split_once(':').unwrap_or((text, ""));
        let (user, group) = (user.trim(), group.trim());
        if user.is_empty() && group.is_empty() {
            return Err(OwnerError::Empty);
        }
        let find = |name: &str, look_up: fn(&str) -> Option<u32>| match name {
            "" => Some(None),
            name => name.parse().ok().or_else(|| look_up(name)).map(Some),
        };
        Ok(Self {
            user: find(user, user_id).ok_or_else(|| OwnerError::User(user.to_owned()))?,
            group: find(group, group_id).ok_or_else(|| OwnerError::Group(group.to_owned()))?,
        })
    }
}

impl Owner {
    /// Whether it names a group, whose members may then be let in.
    pub fn has_group(self) -> bool {
        self.group.is_some()
    }
}

#[cfg(unix)]
impl Owner {
    /// Makes theirs what is no file, such as a socket.
    pub fn give_path(self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::lchown(path, self.user, self.group)
    }

    /// Makes the file theirs.
    pub(super) fn give(self, file: &File) -> io::Result<()> {
        std::os::unix::fs::fchown(file, self.user, self.group)
    }
}

#[cfg(unix)]
fn user_id(name: &str) -> Option<u32> {
    nix::unistd::User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
}

#[cfg(unix)]
fn group_id(name: &str) -> Option<u32> {
    nix::unistd::Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}

#[cfg(not(unix))]
impl Owner {
    /// Makes theirs what is no file.
    pub fn give_path(self, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn give(self, _: &File) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(unix))]
fn user_id(_: &str) -> Option<u32> {
    None
}

#[cfg(not(unix))]
fn group_id(_: &str) -> Option<u32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn owners_are_users_groups_or_both_by_name_or_number() {
        let owner = |user, group| Ok(Owner { user, group });
        #[rustfmt::skip]
        let cases = [
            ("root",             owner(Some(0), None)),
            ("root:root",        owner(Some(0), Some(0))),
            (":root",            owner(None, Some(0))),
            ("1000:0",           owner(Some(1000), Some(0))),
            ("",                 Err(OwnerError::Empty)),
            (":",                Err(OwnerError::Empty)),
            ("no-such-user",     Err(OwnerError::User("no-such-user".to_owned()))),
            ("0:no-such-group",  Err(OwnerError::Group("no-such-group".to_owned()))),
            ("-1",               Err(OwnerError::User("-1".to_owned()))),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Owner>(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_file_is_given_to_its_owner_or_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let own = std::fs::metadata(folder.path()).unwrap();
        let me = Owner { user: Some(own.uid()), group: Some(own.gid()) };
        crate::write(&path, b"k", Some(me)).unwrap();
        let other = Owner { user: Some(own.uid() + 1), group: None };
        let given = crate::write(&path, b"k2", Some(other));
        let now = std::fs::metadata(&path).unwrap().uid();
        // Only root may give files away.
        assert_eq!(now, if own.uid() == 0 { 1 } else { own.uid() });
        assert_eq!(given.is_ok(), own.uid() == 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

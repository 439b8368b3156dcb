//! Every pattern text that could match one caller, for stores that look patterns up by equality.

use std::iter::FusedIterator;

use crate::anatomy::ResourceType;
use crate::caller::CallerArn;

/// Iterator over candidate pattern texts, most specific first. See [`CallerArn::candidates`].
#[derive(Clone, Debug)]
pub struct Candidates<'a> {
    caller: &'a CallerArn,
    next: Step,
}

/// What comes next. Lengths count bytes of the caller's text that stand before the `*`.
#[derive(Clone, Copy, Debug)]
enum Step {
    Exact,
    BareRole,
    SessionPrefix(usize),
    UserPath(usize),
    Done,
}

impl<'a> Candidates<'a> {
    pub(crate) const fn new(caller: &'a CallerArn) -> Self {
        Self { caller, next: Step::Exact }
    }

    /// The first `len` bytes of the caller ARN, then `end`.
    fn text(&self, len: usize, end: &str) -> String {
        let literal = self.caller.as_str().get(..len).unwrap_or_default();
        [literal, end].concat()
    }

    /// Where the last segment begins, and whether there are segments before it.
    fn last_at(&self) -> (usize, bool) {
        let anatomy = self.caller.anatomy();
        (usize::from(anatomy.last_at), anatomy.last_at > anatomy.name_at)
    }

    fn after_exact(&self) -> Step {
        match (self.caller.anatomy().resource, self.last_at()) {
            (ResourceType::AssumedRole, (_, true)) => Step::BareRole,
            (ResourceType::User, (last_at, true)) => Step::UserPath(last_at),
            _ => Step::Done,
        }
    }

    /// The next shorter path, if one is left: `user/a/b/` is followed by `user/a/`.
    fn shorter_path(&self, len: usize) -> Step {
        let name_at = usize::from(self.caller.anatomy().name_at);
        let path = self.caller.as_str().get(name_at..len.saturating_sub(1)).unwrap_or_default();
        path.rfind('/').map_or(Step::Done, |slash| Step::UserPath(name_at + slash + 1))
    }
}

impl Iterator for Candidates<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let (last_at, _) = self.last_at();
        let (text, next) = match self.next {
            Step::Exact => (self.caller.as_str().to_owned(), self.after_exact()),
            Step::BareRole => (
                self.text(last_at.saturating_sub(1), ""),
                Step::SessionPrefix(self.caller.as_str().len()),
            ),
            Step::SessionPrefix(len) => {
                let next = if len > last_at { Step::SessionPrefix(len - 1) } else { Step::Done };
                (self.text(len, "*"), next)
            }
            Step::UserPath(len) => (self.text(len, "*"), self.shorter_path(len)),
            Step::Done => return None,
        };
        self.next = next;
        Some(text)
    }
}

impl FusedIterator for Candidates<'_> {}

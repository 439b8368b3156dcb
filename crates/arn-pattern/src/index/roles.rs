//! Roles that have more than `ROLE/*`: a bare role, or session prefixes.

/// A role with whatever patterns there are of it, exact ones aside. Session prefixes stand in the table of literals;
/// here stands which lengths to look for.
#[derive(Clone, Debug)]
pub(super) struct Role<V> {
    /// Bit k - 1: there is, or was, a session prefix of k bytes.
    pub(super) lengths: u64,
    prefixes: u32,
    /// The bare role's value, and whether it stands for any session.
    bare: Option<(V, bool)>,
    /// The value of `ROLE/*`.
    pub(super) any: Option<V>,
}

impl<V> Role<V> {
    /// The value of the bare role, whatever it stands for.
    pub(super) fn bare(&self) -> Option<&V> {
        self.bare.as_ref().map(|(value, _)| value)
    }

    /// The value of the bare role if it stands for any session.
    pub(super) fn open(&self) -> Option<&V> {
        self.bare.as_ref().filter(|(_, open)| *open).map(|(value, _)| value)
    }

    pub(super) fn set_bare(&mut self, value: V, open: bool) -> Option<V> {
        self.bare.replace((value, open)).map(|(value, _)| value)
    }

    pub(super) fn take_bare(&mut self) -> Option<V> {
        self.bare.take().map(|(value, _)| value)
    }

    /// Notes a session prefix of `len` bytes, from 1 to 64.
    pub(super) fn add_prefix(&mut self, len: usize) {
        self.prefixes += 1;
        self.lengths |= 1 << (len.saturating_sub(1) & 63);
    }

    /// Forgets a session prefix. Lengths are not counted one by one: a stale bit costs a probe, never
    /// an answer.
    pub(super) fn remove_prefix(&mut self) {
        self.prefixes = self.prefixes.saturating_sub(1);
        if self.prefixes == 0 {
            self.lengths = 0;
        }
    }

    /// True if it has nothing but perhaps `ROLE/*`.
    pub(super) const fn is_plain(&self) -> bool {
        self.bare.is_none() && self.prefixes == 0
    }
}

impl<V> Default for Role<V> {
    fn default() -> Self {
        Self { lengths: 0, prefixes: 0, bare: None, any: None }
    }
}

/// Which of the roles.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoleId(u32);

/// All roles of an index, in no order. Those that went leave a gap, which the next one takes.
#[derive(Clone, Debug)]
pub(super) struct Roles<V> {
    all: Vec<Role<V>>,
    free: Vec<RoleId>,
}

impl<V> Roles<V> {
    pub(super) const fn new() -> Self {
        Self { all: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(super) fn get(&self, RoleId(id): RoleId) -> Option<&Role<V>> {
        self.all.get(id as usize)
    }

    pub(super) fn get_mut(&mut self, RoleId(id): RoleId) -> Option<&mut Role<V>> {
        self.all.get_mut(id as usize)
    }

    /// Adds a role.
    ///
    /// # Panics
    /// Past 2^32 roles: their keys alone would be more than an arena holds.
    pub(super) fn add(&mut self, role: Role<V>) -> RoleId {
        if let Some(id) = self.free.pop()
            && let Some(gap) = self.get_mut(id)
        {
            *gap = role;
            return id;
        }
        let id = self.all.len();
        assert!(u32::try_from(id).is_ok(), "an index holds at most 2^32 roles");
        self.all.push(role);
        RoleId(id as u32)
    }

    /// Takes a role out and gives back the value of its `ROLE/*`.
    pub(super) fn remove(&mut self, id: RoleId) -> Option<V> {
        let any = self.get_mut(id)?.any.take();
        self.free.push(id);
        any
    }

    /// Closes the gaps; `ids` are those of all roles, and are told where they are now.
    pub(super) fn move_together<'a>(&mut self, ids: impl Iterator<Item = &'a mut RoleId>) {
        let mut old: Vec<Option<Role<V>>> =
            std::mem::take(&mut self.all).into_iter().map(Some).collect();
        self.free = Vec::new();
        for id in ids {
            if let Some(role) = old.get_mut(id.0 as usize).and_then(Option::take) {
                *id = self.add(role);
            }
        }
        self.all.shrink_to_fit();
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.all.capacity() * size_of::<Role<V>>() + self.free.capacity() * size_of::<RoleId>()
    }
}

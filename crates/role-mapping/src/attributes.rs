//! What an identity provider says of one person.

use std::collections::{BTreeMap, BTreeSet};

use crate::{LimitError, MAX_ATTRIBUTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, MAX_VALUES, Part};

/// Names, each with a set of values. A name that comes twice has the values of both.
///
/// Names and values are kept byte for byte as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    values: BTreeMap<String, BTreeSet<String>>,
    /// Of all names together.
    count: usize,
}

impl Attributes {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value. The same value once more changes nothing.
    pub fn add(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        LimitError::check(Part::Key, key.len(), MAX_KEY_BYTES)?;
        LimitError::check(Part::Value, value.len(), MAX_VALUE_BYTES)?;
        if let Some(values) = self.values.get_mut(key) {
            if !values.contains(value) {
                LimitError::check(Part::Values, self.count + 1, MAX_VALUES)?;
                values.insert(value.to_owned());
                self.count += 1;
            }
            return Ok(());
        }
        LimitError::check(Part::Attributes, self.values.len() + 1, MAX_ATTRIBUTES)?;
        LimitError::check(Part::Values, self.count + 1, MAX_VALUES)?;
        self.values.insert(key.to_owned(), BTreeSet::from([value.to_owned()]));
        self.count += 1;
        Ok(())
    }

    /// All of these together, as if added one by one.
    pub fn collect<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, LimitError> {
        let mut attributes = Self::new();
        for (key, value) in pairs {
            attributes.add(key, value)?;
        }
        Ok(attributes)
    }

    /// Every (key, value) pair once, sorted: what to ask a store for. A mapping can only match if its
    /// pair is among these, so an index built from what the store answers gives the same grants as one
    /// built from all mappings.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .flat_map(|(key, values)| values.iter().map(|value| (key.as_str(), value.as_str())))
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

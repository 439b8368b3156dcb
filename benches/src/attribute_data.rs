//! AuthN mappings, and what people bring to be held against them, from a fixed seed.
//!
//! Every mapping has a pair of its own. One in ten of a person's pairs is mapped, however many mappings there are, so
//! that answers are equally long; the others look alike and nobody has mapped them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use auth_model::{AuthnMappingId, IdError};
use role_mapping::{Attributes, MappingRule, Target};

use crate::arn_data::Random;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Names of attributes that have many values.
const KEYS: [&str; 4] =
    ["memberOf", "groups", "urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"];
/// Roles and teams that an organization gives by attributes.
const TARGETS: u32 = 50;
const ROLES: u32 = 40;
/// Of so many pairs of a person one is mapped.
const ONE_IN: usize = 10;

/// Someone who signs in.
#[derive(Clone, Debug)]
pub struct Person {
    /// What the identity provider says.
    pub attributes: Attributes,
    /// The numbers of the mappings that match.
    matches: BTreeSet<u32>,
}

impl Person {
    /// Brings `pairs` pairs; a tenth of them is of these many mappings.
    ///
    /// # Errors
    /// If there are fewer mappings than are to match, or more pairs than are taken.
    pub fn new(random: &mut Random, mappings: u32, pairs: usize) -> Outcome<Self> {
        let matching = pairs / ONE_IN;
        if usize::try_from(mappings)? < matching {
            return Err(format!("{mappings} mappings can not match {matching} pairs").into());
        }
        let mut matches = BTreeSet::new();
        while matches.len() < matching {
            matches.insert(u32::try_from(random.below(mappings.into()))?);
        }
        let mut attributes = Attributes::new();
        for number in &matches {
            let (key, value) = pair(*number);
            attributes.add(key, &value)?;
        }
        while attributes.len() < pairs {
            let key = random.pick(&KEYS).copied().unwrap_or_default();
            attributes.add(key, &value("list", random.below(1 << 32)))?;
        }
        Ok(Self { attributes, matches })
    }

    /// The answer, known without looking anything up: every target with the mappings that give it.
    ///
    /// # Errors
    /// Only if the generator makes what the parser refuses.
    pub fn answer(&self) -> Result<BTreeMap<Target, BTreeSet<AuthnMappingId>>, IdError> {
        let mut answer = BTreeMap::<_, BTreeSet<_>>::new();
        for number in &self.matches {
            answer.entry(target(*number)?).or_default().insert(id(*number)?);
        }
        Ok(answer)
    }
}

/// So many mappings. Their order is not that of their pairs.
///
/// # Errors
/// Only if the generator makes what is refused.
pub fn rules(count: u32) -> Outcome<Vec<MappingRule>> {
    let rule = |number| {
        let (key, value) = pair(number);
        Ok(MappingRule::new(id(number)?, key, &value, target(number)?)?)
    };
    (0..count).map(rule).collect()
}

fn pair(number: u32) -> (&'static str, String) {
    let key = KEYS.get(number as usize % KEYS.len()).copied().unwrap_or_default();
    // Odd, so that no two numbers become one.
    (key, value("team", number.wrapping_mul(0x9E37_79B1).into()))
}

fn value(kind: &str, number: u64) -> String {
    format!("CN={kind}-{number:08x},OU=Groups,DC=corp,DC=example")
}

fn id(number: u32) -> Result<AuthnMappingId, IdError> {
    format!("0198c2a1-7f00-7000-8000-{number:012x}").parse()
}

fn target(number: u32) -> Result<Target, IdError> {
    let place = number % TARGETS;
    let text = format!("0198c2a1-7f00-7000-9000-{place:012x}");
    Ok(if place < ROLES { Target::Role(text.parse()?) } else { Target::Team(text.parse()?) })
}

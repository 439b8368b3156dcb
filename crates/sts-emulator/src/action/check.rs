//! Constraints on parameters, and the one message that lists all that were broken.

use super::Parameters;
use crate::{directory::is_name, error::StsError};

/// Collects broken constraints.
pub(super) struct Check<'a> {
    parameters: &'a Parameters,
    broken: Vec<String>,
}

impl<'a> Check<'a> {
    pub(super) fn new(parameters: &'a Parameters) -> Self {
        Self { parameters, broken: Vec::new() }
    }

    /// A text that must be there, of `least` to `most` characters.
    pub(super) fn text(&mut self, name: &str, least: usize, most: usize) -> &'a str {
        let Some(value) = self.parameters.get(name) else {
            self.broken.push(format!(
                "Value null at '{}' failed to satisfy constraint: Member must not be null",
                member(name)
            ));
            return "";
        };
        let length = value.chars().count();
        if length < least {
            self.fails(
                name,
                value,
                &format!("Member must have length greater than or equal to {least}"),
            );
        }
        if length > most {
            self.fails(
                name,
                value,
                &format!("Member must have length less than or equal to {most}"),
            );
        }
        value
    }

    /// As [`Self::text`], of the characters that session names are made of.
    pub(super) fn name(&mut self, name: &str, least: usize, most: usize) -> &'a str {
        let value = self.text(name, least, most);
        if !is_name(value) {
            let rule = "Member must satisfy regular expression pattern: [\\w+=,.@-]*";
            self.fails(name, value, rule);
        }
        value
    }

    /// A number that may be left out.
    pub(super) fn number(&mut self, name: &str, least: u32, most: u32) -> Option<u32> {
        let value = self.parameters.get(name)?;
        let Ok(number) = value.parse::<i64>() else {
            self.fails(name, value, "Member must be a number");
            return None;
        };
        if number < i64::from(least) {
            self.fails(
                name,
                value,
                &format!("Member must have value greater than or equal to {least}"),
            );
        }
        if number > i64::from(most) {
            self.fails(
                name,
                value,
                &format!("Member must have value less than or equal to {most}"),
            );
        }
        u32::try_from(number).ok()
    }

    /// All broken constraints in one error.
    pub(super) fn done(self) -> Result<(), StsError> {
        let noun = match self.broken.len() {
            0 => return Ok(()),
            1 => "error",
            _ => "errors",
        };
        Err(StsError::validation(format!(
            "{} validation {noun} detected: {}",
            self.broken.len(),
            self.broken.join("; ")
        )))
    }

    fn fails(&mut self, name: &str, value: &str, rule: &str) {
        let name = member(name);
        self.broken
            .push(format!("Value '{value}' at '{name}' failed to satisfy constraint: {rule}"));
    }
}

/// Messages write parameter names with a small first letter.
fn member(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

//! The question of an exchange, answered from memory.

use async_trait::async_trait;
use auth_model::{IntakeMapping, MappingKind, PersonaMapping};

use crate::{Candidate, Resolution, Resolve, Resolver, StoreError, Target};

use super::{MemoryStore, State};

#[async_trait]
impl Resolver for MemoryStore {
    async fn resolve(&self, question: Resolve<'_>) -> Result<Resolution, StoreError> {
        let state = self.state();
        let Some(organization) = state.organizations.get(&question.org) else {
            return Ok(Resolution::default());
        };
        let mut patterns: Vec<&str> = question.patterns.iter().map(String::as_str).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let candidate = |pattern: &str| match question.kind {
            MappingKind::Persona => {
                state.personas.by_pattern(question.org, pattern).map(|m| state.persona(m))
            }
            MappingKind::Intake => state.intakes.by_pattern(question.org, pattern).map(intake),
        };
        Ok(Resolution {
            organization: Some(organization.clone()),
            account_integrated: state.is_integrated(
                question.org,
                question.account,
                question.partition,
            ),
            candidates: patterns.into_iter().filter_map(candidate).collect(),
        })
    }
}

impl State {
    fn persona(&self, mapping: &PersonaMapping) -> Candidate {
        let target = self.users.get(&(mapping.org, mapping.target));
        Candidate {
            mapping: mapping.id,
            pattern: mapping.pattern.clone(),
            created_at: mapping.created_at,
            target: target.map(|user| Target { user: user.id, disabled: user.disabled }),
        }
    }
}

fn intake(mapping: &IntakeMapping) -> Candidate {
    Candidate {
        mapping: mapping.id,
        pattern: mapping.pattern.clone(),
        created_at: mapping.created_at,
        target: None,
    }
}

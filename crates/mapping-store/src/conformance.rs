//! What every backend does, as one function for each behaviour. A backend's tests list them with
//! [`conformance_tests!`](crate::conformance_tests): one test for each.
//!
//! Each function expects an empty store and panics where the store behaves differently.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "tests, although other crates call them"
)]

mod fixtures;

pub mod audit;
pub mod authentication;
pub mod aws_accounts;
pub mod identity;
pub mod keys;
pub mod mappings;
pub mod races;
pub mod resolution;
pub mod signing_keys;
pub mod text;

/// Makes a test of each behaviour. The argument names an `async fn(impl AsyncFnOnce(&dyn Store))` that makes
/// an empty store, hands it over and clears up. The calling crate needs `tokio` with its macros.
#[macro_export]
macro_rules! conformance_tests {
    ($run:ident) => {
        $crate::conformance_tests! { @modules $run;
            identity {
                organizations_are_listed_oldest_first
                an_organization_is_added_once
                an_update_of_an_organization_keeps_number_and_age
                users_come_back_as_they_went_in
                people_have_an_email_address_of_their_own
                users_are_found_by_email
                a_user_needs_its_organization_and_roles
                an_update_of_a_user_keeps_kind_and_age
                an_update_of_a_user_may_not_take_an_email_or_a_missing_role
                roles_come_back_as_they_went_in
                a_role_has_a_name_of_its_own
                an_update_of_a_role_replaces_name_and_permissions
                organizations_are_apart
                an_unknown_id_is_nothing_and_leaves_no_event
            }
            keys {
                api_keys_come_back_as_they_went_in
                a_key_hash_is_taken_once
                app_keys_keep_their_scopes
                an_app_key_needs_its_owner
                keys_are_removed_in_their_organization_only
                the_newest_generation_of_a_managed_key_is_found
                a_generation_of_a_managed_key_is_added_once
                a_managed_key_needs_its_mapping
                managed_keys_go_with_their_mapping
                expired_managed_keys_are_swept
            }
            signing_keys {
                signing_keys_are_listed_oldest_first
                one_signing_key_is_next_and_one_is_current
                a_signing_key_is_promoted_once
                the_first_signing_key_is_promoted_without_a_predecessor
                only_retired_signing_keys_are_removed
            }
            mappings {
                persona_mappings_come_back_as_they_went_in
                intake_mappings_come_back_as_they_went_in
                a_pattern_is_mapped_once_in_each_kind
                i_11_a_mapping_needs_an_integrated_account
                a_persona_mapping_needs_its_target
                mappings_are_removed_in_their_organization_only
                every_kind_of_pattern_is_kept
            }
            aws_accounts {
                aws_accounts_come_back_as_they_went_in
                an_aws_account_is_added_once
                aws_accounts_are_found_by_account
                an_update_of_an_aws_account_keeps_its_age
                an_update_of_an_aws_account_may_not_take_another
                mappings_outlive_their_aws_account
            }
            resolution {
                an_unknown_organization_resolves_to_nothing
                a_disabled_organization_is_told
                i_06_the_account_is_integrated_in_its_partition_only
                only_the_patterns_asked_for_are_candidates
                the_kinds_resolve_apart
                p_19_organizations_resolve_apart
                a_disabled_target_is_told
                hostile_patterns_resolve_to_nothing
                many_patterns_resolve_at_once
            }
            authentication {
                an_api_key_tells_its_organization
                a_managed_key_tells_its_mapping
                a_managed_key_expires
                a_managed_key_needs_its_account
                a_key_pair_has_the_union_of_its_owners_roles
                a_key_pair_has_the_scopes_of_its_application_key
                a_key_pair_is_of_one_organization
                a_04_a_managed_key_is_no_half_of_a_pair
                a_key_pair_ends_with_its_parts
                a_mapping_gives_the_authority_of_its_target
                a_mapping_ends_with_its_parts
                a_mapping_is_of_one_organization
            }
            audit {
                audit_events_come_back_as_they_went_in
                any_audit_event_comes_back_as_it_went_in
                audit_events_are_read_newest_first
                audit_events_are_of_one_organization
                an_attempt_on_an_unknown_organization_is_recorded
                an_audit_event_is_added_once
                a_failed_change_leaves_no_event
                a_change_whose_event_fails_is_not_made
                p_16_a_proof_is_first_once
                p_16_proofs_are_apart_by_organization
                a_proof_is_forgotten_at_its_end
                old_proofs_are_swept
                facts_are_settled_once
                the_store_answers
            }
            text {
                unicode_is_kept
                nul_is_refused_everywhere
                nul_is_found_nowhere
                long_texts_are_kept
                hostile_text_is_only_text
                extreme_numbers_are_kept
            }
            races {
                one_of_two_equal_persona_mappings_is_added
                one_of_two_equal_intake_mappings_is_added
                one_of_two_generations_is_added
                one_of_two_next_signing_keys_is_added
                one_of_two_promotions_takes_place
                one_of_two_equal_people_is_added
                p_16_of_fifty_presentations_one_is_first
                of_several_facts_one_is_settled
                many_changes_at_once_are_all_kept
                a_change_is_seen_by_whoever_asks_next
            }
        }
    };
    (@modules $run:ident; $($module:ident { $($name:ident)* })*) => { $(
        mod $module {
            $(
                #[::tokio::test]
                async fn $name() {
                    super::$run($crate::conformance::$module::$name).await;
                }
            )*
        }
    )* };
}

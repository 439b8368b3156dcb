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

pub mod admins;
pub mod audit;
pub mod authentication;
pub mod authn;
pub mod authn_lists;
pub mod aws_accounts;
pub mod chain;
pub mod every_list;
pub mod identity;
pub mod kept_assertions;
pub mod key_lists;
pub mod keys;
pub mod lists;
pub mod managed_keys;
pub mod mapped_teams;
pub mod mappings;
pub mod proofs;
pub mod races;
pub mod refused_sign_ins;
pub mod resolution;
pub mod roles;
pub mod saml;
pub mod searches;
pub mod sessions;
pub mod sign_in_races;
pub mod sign_in_requests;
pub mod sign_ins;
pub mod signing_keys;
pub mod teams;
pub mod text;
pub mod unallowed_sign_ins;
pub mod upgraded;
pub mod users;

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
                organizations_are_apart
                no_row_is_reached_from_another_organization
                no_sign_in_is_reached_from_another_organization
                an_unknown_id_is_nothing_and_leaves_no_event
            }
            users {
                users_come_back_as_they_went_in
                people_have_an_email_address_of_their_own
                users_are_found_by_email
                users_are_found_by_ids
                a_user_needs_its_organization_and_roles
                a_role_that_is_given_twice_is_held_once
                a_change_of_a_user_changes_what_is_given
                a_change_of_a_user_may_not_take_an_email
            }
            roles {
                roles_come_back_as_they_went_in
                a_role_has_a_name_of_its_own
                roles_are_found_by_ids
                a_change_of_a_role_changes_what_is_given
                permissions_are_granted_and_revoked
                roles_are_given_and_taken
                a_deleted_role_is_held_by_nobody
            }
            admins {
                the_last_admin_stays
                others_do_not_stand_in_for_the_last_admin
                one_of_two_admins_may_go
                an_admin_by_two_roles_may_lose_one
                without_an_admin_nobody_is_the_last
                the_last_admin_may_be_changed_otherwise
                of_admins_that_take_each_others_power_one_is_left
                different_ways_at_once_leave_an_admin
            }
            teams {
                teams_come_back_as_they_went_in
                a_team_has_a_name_and_a_handle_of_its_own
                a_change_of_a_team_changes_what_is_given
                a_deleted_team_has_no_members
                members_are_added_changed_and_removed
                memberships_are_listed_oldest_first
                invitations_come_back_as_they_went_in
            }
            keys {
                api_keys_come_back_as_they_went_in
                a_key_hash_is_taken_once
                app_keys_keep_their_scopes
                an_app_key_needs_its_owner
                keys_are_removed_in_their_organization_only
                a_change_of_an_api_key_changes_what_is_given
                a_change_of_an_app_key_changes_what_is_given
                an_organization_has_no_more_api_keys_than_it_may
                a_user_has_no_more_app_keys_than_they_may
                keys_at_once_are_no_more_than_there_may_be
                uses_of_keys_are_noted
                uses_at_once_leave_the_latest
            }
            managed_keys {
                the_newest_generation_of_a_managed_key_is_found
                a_generation_of_a_managed_key_is_added_once
                a_managed_key_needs_its_mapping
                managed_keys_go_with_their_mapping
                expired_managed_keys_are_swept
                managed_keys_are_listed_among_api_keys
                a_managed_key_is_not_changed_by_people
                a_managed_key_is_revoked_among_api_keys
                managed_keys_and_made_ones_are_apart
            }
            lists {
                users_are_listed_in_every_order
                holders_of_a_role_are_listed_in_every_order
                roles_are_listed_in_every_order
                teams_are_listed_in_every_order
                members_of_a_team_are_listed_in_every_order
                invitations_are_listed_in_parts
            }
            key_lists {
                api_keys_are_listed_in_every_order
                app_keys_are_listed_in_every_order
            }
            searches {
                roles_are_found_by_a_part_of_the_name
                teams_are_found_by_a_part_of_the_name
                keys_are_found_by_a_part_of_the_name
                users_are_found_by_a_part_of_the_name
                users_are_found_by_email_and_handle
                users_are_found_by_status
                keys_are_found_by_what_they_are
                every_change_of_rows_is_counted
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
            authn {
                authn_mappings_come_back_as_they_went_in
                an_attribute_gives_a_target_once
                an_authn_mapping_needs_its_target
                a_change_of_an_authn_mapping_changes_what_is_given
                authn_mappings_are_removed
                authn_mappings_go_with_their_target
                authn_mappings_are_found_by_pairs
                authn_mappings_are_found_by_ten_thousand_pairs
                authn_mappings_are_of_one_organization
                an_authn_mapping_and_its_event_go_together
            }
            authn_lists {
                authn_mappings_are_listed_in_every_order
                authn_mappings_are_found_by_a_part_of_a_text
            }
            mapped_teams {
                mapped_teams_are_those_that_a_mapping_leads_to
                mapped_teams_are_found_among_many
            }
            saml {
                who_has_decided_nothing_signs_in_by_no_saml
                a_saml_configuration_comes_back_as_it_went_in
                a_change_of_a_saml_configuration_changes_what_is_given
                a_saml_configuration_needs_its_organization_and_role
                a_saml_configuration_outlives_its_role
                what_a_saml_configuration_no_longer_allows_ends
                what_ended_with_a_saml_configuration_is_gone
                a_saml_configuration_and_its_event_go_together
            }
            sign_in_requests {
                a_sign_in_request_is_taken_once
                another_browser_does_not_use_up_a_sign_in_request
                an_expired_sign_in_request_is_not_taken
                a_handle_is_of_one_sign_in_request
                sign_in_requests_are_apart_by_organization
            }
            sign_ins {
                a_new_user_is_signed_in
                a_known_user_is_signed_in
                a_sign_in_replaces_roles
                a_sign_in_joins_and_leaves_teams
                what_else_changed_before_a_sign_in_stays
            }
            refused_sign_ins {
                who_is_not_as_they_were_read_is_not_signed_in
                a_sign_in_needs_what_it_gives
                a_new_user_does_not_take_an_email_by_signing_in
                a_session_and_an_assertion_are_added_once
                a_sign_in_does_not_strip_the_last_admin
                one_of_two_admins_may_be_stripped_by_a_sign_in
                a_sign_in_and_its_event_go_together
            }
            unallowed_sign_ins {
                no_session_by_saml_begins_where_it_is_not_enabled
                no_session_by_keys_begins_where_saml_is_strict
                no_assertion_is_kept_where_none_is_to_be
                no_session_by_saml_begins_under_another_enforcement
                a_change_at_once_leaves_nothing_that_it_does_not_allow
                the_first_decision_at_once_leaves_nothing_that_it_does_not_allow
            }
            sessions {
                sessions_come_back_as_they_went_in
                a_session_ends_at_its_time
                a_session_gives_what_its_user_may_do_now
                nobody_is_signed_in_to_a_disabled_organization
                sessions_end_when_their_user_is_disabled
                sessions_go_on_when_disabling_fails
                the_secret_of_a_session_is_rotated
                a_session_is_ended
                all_sessions_of_a_user_are_ended
                what_is_left_of_sign_ins_is_swept
            }
            kept_assertions {
                kept_assertions_come_back_as_they_went_in
                kept_assertions_are_listed_newest_first
                the_latest_assertion_of_each_user_is_listed
                an_assertion_is_kept_until_its_time
                an_assertion_outlives_its_session
            }
            audit {
                audit_events_come_back_as_they_went_in
                any_audit_event_comes_back_as_it_went_in
                audit_events_are_read_in_order
                audit_events_of_any_time_are_read
                audit_events_are_read_page_by_page
                audit_events_are_of_one_organization
                an_attempt_on_an_unknown_organization_is_recorded
                an_audit_event_is_added_once
                a_failed_change_leaves_no_event
                a_change_whose_event_fails_is_not_made
            }
            chain {
                every_event_is_in_the_chain_of_its_organization
                a_chain_is_read_in_parts
                an_event_that_is_not_kept_leaves_no_gap
                many_writers_leave_an_unbroken_chain
                a_full_event_is_hashed_as_it_is_kept
            }
            proofs {
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
                nul_is_refused_in_sign_ins
                nul_is_found_nowhere
                long_texts_are_kept
                hostile_text_is_only_text
                extreme_numbers_are_kept
            }
            races {
                one_of_two_equal_persona_mappings_is_added
                one_of_two_equal_intake_mappings_is_added
                one_of_two_equal_authn_mappings_is_added
                authn_mappings_that_follow_one_another_and_go_all_end
                one_of_two_generations_is_added
                one_of_two_next_signing_keys_is_added
                one_of_two_promotions_takes_place
                one_of_two_equal_people_is_added
                p_16_of_fifty_presentations_one_is_first
                of_several_facts_one_is_settled
                many_changes_at_once_are_all_kept
                a_change_is_seen_by_whoever_asks_next
                changes_of_every_kind_at_once_all_end
            }
            sign_in_races {
                of_fifty_takers_one_has_the_sign_in_request
                of_several_first_sign_ins_one_adds_the_user
                of_several_sign_ins_that_replace_roles_one_does
                several_browsers_are_signed_in_at_once
                of_several_rotations_one_takes_place
                of_several_ends_of_a_session_one_takes_place
                of_admins_that_are_stripped_at_once_one_is_left
                whoever_is_disabled_meanwhile_is_not_signed_in
                changes_of_a_saml_configuration_at_once_are_all_kept
                sign_ins_among_other_changes_all_end
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

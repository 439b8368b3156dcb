//! Audit events.

use auth_model::AuditEvent;
use jsonapi_model::{
    Resource,
    resources::{self as wire, AUDIT},
};

use super::{resource, zulu};

pub(crate) fn audit_event(event: &AuditEvent) -> Resource<wire::AuditAttributes> {
    let action = event.purpose.as_str();
    let outcome = event.outcome.as_str();
    let message = match event.reason.as_ref() {
        "" => format!("{action} {outcome}"),
        reason => format!("{action} {outcome}: {reason}"),
    };
    let attributes = wire::AuditAttributes {
        timestamp: zulu(event.at),
        service: "countersign".to_owned(),
        message,
        tags: Vec::new(),
        attributes: wire::AuditDetails {
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            reason: event.reason.to_string(),
            detail: event.detail.clone(),
            request_id: event.request_id.clone(),
            source_ip: event.source.map(|source| source.to_string()),
            user_id: event.user.map(|user| user.to_string()),
            mapping_id: event.mapping.map(|mapping| mapping.to_string()),
            aws_account_id: event.account.map(|account| account.to_string()),
            caller_arn: event.caller_arn.clone(),
            caller_user_id: event.caller_user_id.clone(),
            access_key_id: event.access_key_id.clone(),
            sts_host: event.sts_host.clone(),
            sts_request_id: event.sts_request_id.clone(),
            proof_hash: event.proof_hash.as_ref().map(|hash| hex(hash)),
            replayed: event.replayed,
            took_micros: event.took_micros,
        },
    };
    resource(AUDIT, event.id.to_string(), attributes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

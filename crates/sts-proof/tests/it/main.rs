//! The public behaviour of the crate. Names that begin `p_…` and `r_…` are rules of the security checklist: `p` of proofs, `r`
//! of answers. A proof that is refused has made no `StsRequest`, so there is nothing that could be sent.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

mod answers;
mod authorization;
mod golden;
mod proofs;
mod properties;
mod support;

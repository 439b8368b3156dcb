//! The public behaviour of the crate. Names that begin `s_…` are rows of the security checklist. Each attack first shows
//! that the message it is made from is accepted.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic too"
)]

mod attacks;
mod forge;
mod metadata;
mod properties;
mod requests;
mod rules;
mod signatures;
mod support;
mod vectors;
mod xml;

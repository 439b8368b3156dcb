//! What the benchmarks share: CPU-time measurement, goals and ratios, data, peers.
//!
//! Only ratios count: two sides are measured in turn in one run, and the ratio is taken round by
//! round. Absolute figures depend on the machine and are printed for orientation alone.

pub mod arn_data;
pub mod arn_peers;
pub mod attribute_data;
pub mod cpu_time;
pub mod fill;
pub mod goals;
pub mod options;
pub mod pipeline;

//! The public handle: configure, start, use, stop.

mod builder;
mod handle;

pub use builder::{Builder, StartError};
pub use handle::StsEmulator;

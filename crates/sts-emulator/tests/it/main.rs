//! Everything that users of the crate can see, one module per topic.

mod actions;
mod control;
mod errors;
mod faults;
mod hosts;
mod record;
mod signing;
mod start;
mod support;
mod tampering;

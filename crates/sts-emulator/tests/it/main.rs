//! Everything that users of the crate can see, one module per topic.

mod signing;
mod support;

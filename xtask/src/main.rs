//! Everything CI runs, runnable on a laptop.
fn main() {}

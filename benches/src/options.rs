//! What a run was asked for: `cargo bench -p bench-suite --bench set -- --full`.

/// Command line and environment of one target.
#[derive(Clone, Debug)]
pub struct Options {
    /// Large sizes too: 1 million patterns (`--full`, or `BENCH_FULL=1`). Takes minutes.
    pub full: bool,
    /// Criterion's absolute figures too (`--absolute`).
    pub absolute: bool,
    /// False under `cargo test`, which builds and starts targets without meaning to measure.
    pub measure: bool,
}

impl Options {
    /// Reads the arguments of the process.
    #[must_use]
    pub fn read() -> Self {
        let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
        Self {
            full: has("--full") || std::env::var_os("BENCH_FULL").is_some_and(|value| value == "1"),
            absolute: has("--absolute"),
            measure: has("--bench"),
        }
    }
}

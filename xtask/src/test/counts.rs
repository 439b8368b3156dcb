//! How many tests passed, read from what the test programs print.

use std::ops::AddAssign;

/// Tests of one suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    /// Marked `#[ignore]`: not run.
    pub(super) ignored: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl Counts {
    /// The sum of all lines `test result: ok. 5 passed; 0 failed; 1 ignored; …` (Rust's test harness).
    pub(super) fn of_libtest(output: &str) -> Option<Self> {
        output
            .lines()
            .filter_map(|line| line.strip_prefix("test result: "))
            .map(Self::of_line)
            .reduce(|mut sum, next| {
                sum += next;
                sum
            })
    }

    /// The last line `5 passed, 0 failed` (our client suites, `replay.py`).
    pub(super) fn of_last_line(output: &str) -> Option<Self> {
        let line = output.lines().rfind(|line| line.ends_with(" failed"))?;
        line.contains(" passed, ").then(|| Self::of_line(line))
    }

    fn of_line(line: &str) -> Self {
        let words: Vec<&str> = line.split([' ', ';', ',', '.']).filter(|w| !w.is_empty()).collect();
        let before = |word: &str| {
            words
                .windows(2)
                .find_map(|pair| match pair {
                    [number, name] if *name == word => number.parse().ok(),
                    _ => None,
                })
                .unwrap_or(0)
        };
        Self { passed: before("passed"), failed: before("failed"), ignored: before("ignored") }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn libtest_lines_are_added_up() {
        let output = "running 2 tests\ntest a ... ok\n\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(Counts::of_libtest(output), Some(Counts { passed: 5, failed: 4, ignored: 1 }));
        assert_eq!(Counts::of_libtest("Segmentation fault\n"), None);
    }

    #[test]
    fn the_last_line_of_a_client_suite_counts() {
        let output = "1 passed, 9 failed\nok   something\n12 passed, 3 failed\n";
        let counts = Counts { passed: 12, failed: 3, ignored: 0 };
        assert_eq!(Counts::of_last_line(output), Some(counts));
        assert_eq!(Counts::of_last_line("Traceback: something failed\n"), None);
    }
}

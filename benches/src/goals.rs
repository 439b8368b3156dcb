//! Goals and how they are printed: `RATIO <id> <median> <low>..<high> goal<=<goal> <ok|MISS> <what>`.

use std::fmt;
use std::io::Write;

/// How often both sides are measured, in turn.
pub const ROUNDS: usize = 7;

/// A ratio that should not be exceeded.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// Its name in the list of goals, such as `A1`.
    pub id: &'static str,
    /// The greatest ratio that meets it.
    pub at_most: f64,
    /// Both sides, in a few words.
    pub what: &'static str,
}

impl Goal {
    /// Measures both sides in turn and prints the ratio of `ours` to `theirs`. Units only need to be equal.
    pub fn compare(&self, mut ours: impl FnMut() -> f64, mut theirs: impl FnMut() -> f64) {
        self.compare_best(&mut ours, &mut || vec![("", theirs())]);
    }

    /// The same against the best of several: the smallest in each round.
    pub fn compare_best(
        &self,
        ours: &mut dyn FnMut() -> f64,
        theirs: &mut dyn FnMut() -> Vec<(&'static str, f64)>,
    ) {
        let (mut ratios, mut own, mut best) = (Vec::new(), Vec::new(), Vec::new());
        let _warm_up = (ours(), theirs());
        for _ in 0..ROUNDS {
            let mine = ours();
            let Some((name, least)) =
                theirs().into_iter().min_by(|left, right| left.1.total_cmp(&right.1))
            else {
                return self.not_run("no peer");
            };
            ratios.push(mine / least);
            own.push(mine);
            best.push((name, least));
        }
        let name = best.first().map_or("", |(name, _)| *name);
        let theirs = median(&best.iter().map(|(_, value)| *value).collect::<Vec<_>>());
        self.print(&ratios, &format!("[{:.1} vs {theirs:.1} {name}]", median(&own)));
    }

    /// Compares what was measured before: one figure a round and side, in the same order.
    pub fn rounds(&self, ours: &[f64], theirs: &[f64], note: &str) {
        let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(mine, other)| mine / other).collect();
        let [mine, other] = [median(ours), median(theirs)];
        self.print(&ratios, &format!("[{mine:.1} vs {other:.1}] {note}"));
    }

    /// Prints a figure that was not measured in rounds.
    pub fn single(&self, ratio: f64, note: &str) {
        self.print(&[ratio], note);
    }

    /// Prints that nothing was measured. Never counts as passed.
    pub fn not_run(&self, why: &str) {
        say(format_args!(
            "RATIO {} not-run - goal<={} {} ({why})",
            self.id, self.at_most, self.what
        ));
    }

    fn print(&self, ratios: &[f64], note: &str) {
        let mid = median(ratios);
        let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let word = if mid <= self.at_most { "ok" } else { "MISS" };
        let Self { id, at_most, what } = self;
        let [mid, low, high] = [mid, low, high].map(short);
        say(format_args!("RATIO {id} {mid} {low}..{high} goal<={at_most} {word} {what} {note}"));
    }
}

/// Three significant digits, also far below one.
fn short(value: f64) -> String {
    if value == 0.0 || value.abs() >= 0.001 {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    }
}

/// The middle value; for an even number the upper of the two.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints a line at once, so that a long run can be watched.
pub fn say(line: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

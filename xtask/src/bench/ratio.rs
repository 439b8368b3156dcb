//! One ratio beside its goal, as a benchmark prints it.

/// How much more than the goal the spread may reach: the measure's own noise.
const LEEWAY: f64 = 1.1;

/// `RATIO <id> <median> <low>..<high> goal<=<goal> <ok|MISS> <what>`, or
/// `RATIO <id> not-run - goal<=<goal> <what>`. The words after the goal may be absent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) id: String,
    pub(super) goal: f64,
    /// None when the benchmark says that it did not measure.
    pub(super) figures: Option<Figures>,
    /// Both sides in words.
    pub(super) what: String,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Ratio {
    /// Reads a line; `None` if it is any other line.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim().strip_prefix("RATIO ")?.split_whitespace();
        let (id, median, spread, goal) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        let figures = match (median, spread) {
            ("not-run", "-") => None,
            _ => Some(Figures::parse(median, spread)?),
        };
        let what: Vec<&str> = words.skip_while(|word| ["ok", "MISS"].contains(word)).collect();
        let goal = goal.strip_prefix("goal<=")?.parse().ok()?;
        Some(Self { id: id.to_owned(), goal, figures, what: what.join(" ") })
    }

    /// `met`, `MISSED` or `not run`: the median reaches the goal, and the spread stays near it.
    pub(super) fn verdict(&self) -> &'static str {
        let Some(Figures { median, high, .. }) = self.figures else { return "not run" };
        let near = high <= self.goal || high < self.goal * LEEWAY;
        if median <= self.goal && near { "met" } else { "MISSED" }
    }
}

impl Figures {
    fn parse(median: &str, spread: &str) -> Option<Self> {
        let (low, high) = spread.split_once("..")?;
        let number = |text: &str| text.parse().ok();
        Some(Self { median: number(median)?, low: number(low)?, high: number(high)? })
    }
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn only_a_whole_ratio_line_is_one() {
        let ratio =
            Ratio::parse("RATIO A3b 0.43 0.40..0.47 goal<=0.5 ok lookup ÷ peer [1 vs 2]").unwrap();
        let figures = ratio.figures.unwrap();
        assert_eq!((ratio.id.as_str(), figures.median, figures.high), ("A3b", 0.43, 0.47));
        assert_eq!(ratio.what, "lookup ÷ peer [1 vs 2]");
        for line in
            ["RATIO A1", "RATIO A1 x 1..2 goal<=3", "RATIO A1 1 1..2 goal<3", "time: 3 ns", ""]
        {
            assert_eq!(Ratio::parse(line), None, "{line}");
        }
    }

    #[test]
    fn a_goal_is_met_by_the_median_and_the_spread() {
        #[rustfmt::skip]
        let cases = [
            ("RATIO A 0.9 0.8..1.0 goal<=1.0",             "met"),
            ("RATIO A 1.0 0.8..1.09 goal<=1.0",            "met"),
            ("RATIO A 0.9 0.8..1.2 goal<=1.0 ok",          "MISSED"),
            ("RATIO A 1.1 1.0..1.1 goal<=1.0 MISS x",      "MISSED"),
            ("RATIO A8 0 0..0 goal<=0",                    "met"),
            ("RATIO D2 not-run - goal<=0.4 x ÷ y (no go)", "not run"),
        ];
        for (line, verdict) in cases {
            assert_eq!(Ratio::parse(line).unwrap().verdict(), verdict, "{line}");
        }
    }
}

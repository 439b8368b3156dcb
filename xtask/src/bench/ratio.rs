//! One measured ratio, as a benchmark prints it.

/// How much more than the goal the spread may reach: the measure's own noise.
const LEEWAY: f64 = 1.1;

/// `RATIO <id> <median> <low>..<high> goal<=<goal>`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) id: String,
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) goal: f64,
}

impl Ratio {
    /// Reads a line; `None` if it is any other line.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim().strip_prefix("RATIO ")?.split_whitespace();
        let (id, median, spread, goal) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        let (low, high) = spread.split_once("..")?;
        Some(Self {
            id: id.to_owned(),
            median: median.parse().ok()?,
            low: low.parse().ok()?,
            high: high.parse().ok()?,
            goal: goal.strip_prefix("goal<=")?.parse().ok()?,
        })
    }

    /// The median reaches the goal, and the spread stays near it.
    pub(super) fn met(&self) -> bool {
        self.median <= self.goal && (self.high < self.goal * LEEWAY || self.high <= self.goal)
    }
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn only_a_whole_ratio_line_is_one() {
        let ratio = Ratio::parse("RATIO A3b 0.43 0.40..0.47 goal<=0.5").unwrap();
        assert_eq!((ratio.id.as_str(), ratio.median, ratio.high), ("A3b", 0.43, 0.47));
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
            ("RATIO A 0.9 0.8..1.0 goal<=1.0",  true),
            ("RATIO A 1.0 0.8..1.09 goal<=1.0", true),
            ("RATIO A 0.9 0.8..1.2 goal<=1.0",  false),
            ("RATIO A 1.1 1.0..1.1 goal<=1.0",  false),
            ("RATIO A8 0 0..0 goal<=0",         true),
        ];
        for (line, met) in cases {
            assert_eq!(Ratio::parse(line).unwrap().met(), met, "{line}");
        }
    }
}

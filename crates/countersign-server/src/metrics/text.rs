//! Prometheus's text format, version 0.0.4 ("Exposition formats", Prometheus documentation): as much of it as counts need.

/// What a family of samples is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Only ever grows, and begins at 0 with the process.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// The text in the making. Samples of a family follow its head at once.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// The head of a family.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &'static str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        self.0.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// A number of the family, under labels of which there is at least one.
    pub(super) fn sample(&mut self, name: &'static str, labels: &[(&'static str, &str)], n: u64) {
        let labels: Vec<_> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        self.0.push_str(&format!("{name}{{{}}} {n}\n", labels.join(",")));
    }

    /// All of it.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A label's value between its quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

/// The format's own media type.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_line_or_a_value_is_escaped() {
        let mut text = Text::default();
        text.family("a", Kind::Gauge, "one\ntwo \\ three");
        text.sample("a", &[("x", "q\"\\\nz"), ("y", "é")], 7);
        let expected =
            "# HELP a one\\ntwo \\\\ three\n# TYPE a gauge\na{x=\"q\\\"\\\\\\nz\",y=\"é\"} 7\n";
        assert_eq!(text.finish(), expected);
    }
}

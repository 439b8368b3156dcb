//! What the log says, and how often.

use std::fmt::Write;

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::*;

/// Keeps warnings; of this thread, where the whole test runs.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    fn with(&self, words: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|line| line.contains(words)).count()
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_fallback_is_told_of_at_once_then_rarely_and_failures_ever_more_rarely() {
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(warnings.clone());
    let script = Script::new(Does::Refuses(403, "fallback-key has no mapping"));
    // A line that is met first in another test's thread, where nobody listens, is taken as one that nobody wants: so
    // meet all of them, and ask anew.
    drop(script.keeper(with_fallback()).await);
    tracing::callsite::rebuild_interest_cache();
    warnings.0.lock().unwrap().clear();

    let keeper = script.keeper(with_fallback()).await;
    assert_eq!(warnings.with("the fallback key is in use"), 1);
    sleep(HOUR * 48).await;
    let told = warnings.with("the fallback key is in use");
    assert!((7..=9).contains(&told), "each six hours: {told}");
    assert_eq!(warnings.with("could not be refreshed"), 6, "the 1st, 2nd, 4th … 32nd of fifty");
    assert_eq!(warnings.with("fallback-key"), 0, "no key is in it");
    drop(keeper);
}

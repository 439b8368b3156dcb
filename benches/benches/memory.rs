//! How much memory a set of patterns takes, at rest and while it is built, and that a lookup takes none.

use std::error::Error;

use allocation_counter::measure;
use arn_pattern::PatternIndex;
use bench_suite::arn_data::{Data, SCOPE};
use bench_suite::goals::{Goal, say};
use bench_suite::options::Options;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    let count = match (options.measure, options.full) {
        (false, _) => 1_000,
        (true, false) => 100_000,
        (true, true) => 1_000_000,
    };
    let data = Data::new(count, 20_000)?;
    let mut index = PatternIndex::<u32>::new();
    let built = measure(|| {
        index = PatternIndex::with_capacity(count);
        for (pattern, value) in data.patterns.iter().zip(0..) {
            index.insert(SCOPE, pattern, value);
        }
    });
    if index.memory_bytes() as i64 != built.bytes_current {
        let (own, counted) = (index.memory_bytes(), built.bytes_current);
        return Err(format!("memory_bytes says {own}, the allocator {counted}").into());
    }
    let lookups = measure(|| {
        for caller in &data.callers {
            std::hint::black_box(index.lookup(SCOPE, caller));
        }
    });
    if !options.measure {
        return Ok(());
    }
    let (live, literals) = (built.bytes_current as f64, data.literal_bytes() as f64);
    let note = format!(
        "[N = {count}, {:.0} B for each pattern of {:.0} B]",
        live / count as f64,
        literals / count as f64
    );
    Goal { id: "A5", at_most: 1.5, what: "live bytes ÷ literal bytes" }
        .single(live / literals, &note);
    Goal { id: "A5b", at_most: 1.2, what: "peak during build ÷ live" }
        .single(built.bytes_max as f64 / live, "[capacity given]");
    let grown = measure(|| {
        let mut index = PatternIndex::<u32>::new();
        for (pattern, value) in data.patterns.iter().zip(0..) {
            index.insert(SCOPE, pattern, value);
        }
        index.shrink_to_fit();
    });
    let peak = grown.bytes_max as f64 / live;
    say(format_args!("note A5b grown without a capacity, the peak is {peak:.2}"));
    Goal { id: "A8", at_most: 0.0, what: "allocations in a lookup" }
        .single(lookups.count_total as f64 / data.callers.len() as f64, "");
    Ok(())
}

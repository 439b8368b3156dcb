//! Work to be counted under callgrind: `instructions NAME ITERATIONS`.
//!
//! A fixed seed and fixed data, on one thread. What a call costs is the difference between two runs with different numbers
//! of iterations, so that preparation does not count. `cargo xtask bench --instructions` does the sums.

use std::{error::Error, hint::black_box};

use arn_pattern::{ArnPattern, CallerArn, PatternIndex};
use bench_suite::{
    arn_data::{Data, SCOPE},
    pipeline::{Form, Pipeline},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, iterations] = arguments.as_slice() else {
        return Err("arguments: what to do, and how often".into());
    };
    let times = iterations.parse()?;
    match name.as_str() {
        "A1" => one_pattern(times),
        "A2" => parse(times),
        "A3" => lookup(times),
        "B1" => sign(times),
        "D5" => exchange(times),
        other => Err(format!("`{other}` is not counted").into()),
    }
}

/// One pattern against one caller, half of which match.
fn one_pattern(times: usize) -> Outcome<()> {
    let data = Data::new(64, 64)?;
    let pairs: Vec<_> = data.patterns.iter().zip(&data.callers).collect();
    let mut found = 0_usize;
    for (pattern, caller) in pairs.iter().cycle().take(times) {
        found += usize::from(black_box::<&ArnPattern>(pattern).matches(black_box(caller)));
    }
    black_box(found);
    Ok(())
}

fn parse(times: usize) -> Outcome<()> {
    let data = Data::new(64, 64)?;
    for line in data.lines.iter().map(|line| line.trim_end()).cycle().take(times) {
        black_box(black_box(line).parse::<CallerArn>()?);
    }
    Ok(())
}

/// Among a thousand patterns.
fn lookup(times: usize) -> Outcome<()> {
    let data = Data::new(1_000, 1_000)?;
    let mut index = PatternIndex::with_capacity(data.patterns.len());
    for (pattern, value) in data.patterns.iter().zip(0_u32..) {
        index.insert(SCOPE, pattern, value);
    }
    let mut found = 0_usize;
    for caller in data.callers.iter().cycle().take(times) {
        found += usize::from(index.lookup(SCOPE, black_box(caller)).is_some());
    }
    if found == 0 {
        return Err("nothing was found".into());
    }
    Ok(())
}

fn sign(times: usize) -> Outcome<()> {
    let pipeline = Pipeline::new(10)?;
    for _ in 0..times {
        black_box(pipeline.token()?);
    }
    Ok(())
}

fn exchange(times: usize) -> Outcome<()> {
    let pipeline = Pipeline::new(1_000)?;
    for _ in 0..times {
        black_box(pipeline.exchange(Form::Json)?);
    }
    Ok(())
}

//! How long it takes to read and check one caller ARN by all rules.

use std::error::Error;
use std::hint::black_box;

use arn_pattern::CallerArn;
use bench_suite::cpu_time;
use bench_suite::goals::Goal;
use bench_suite::options::Options;

const TEXTS: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    let texts: Vec<String> = (0..TEXTS)
        .map(|n| {
            let account = 100_000_000_000 + n;
            format!(
                "arn:aws:sts::{account}:assumed-role/payments-service-{n:05}-runner/run-{n:016}"
            )
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for text in &texts {
        let ours: CallerArn = text.parse()?;
        let theirs: scratchstack_arn::Arn = text.parse()?;
        let naive = arn::naive::NaiveArn::parse(text).map_err(|error| error.to_string())?;
        let account = ours.account();
        if account.as_str() != theirs.account_id() || Some(account.as_str()) != naive.account_id {
            return Err(format!("readers differ on {text}").into());
        }
    }
    if !options.measure {
        return Ok(());
    }
    let ours = || cpu_time::each(&texts, |text| text.parse::<CallerArn>());
    Goal {
        id: "A2", at_most: 1.0, what: "read a caller ÷ `arn` (checks nothing, copies nothing)"
    }
    .compare(ours, || cpu_time::each(&texts, arn::naive::NaiveArn::parse));
    Goal { id: "A2b", at_most: 0.2, what: "read a caller ÷ scratchstack-arn (checks)" }
        .compare(ours, || cpu_time::each(&texts, |text| text.parse::<scratchstack_arn::Arn>()));
    if options.absolute {
        let mut criterion = cpu_time::criterion();
        let text = texts.first().copied().unwrap_or_default();
        criterion.bench_function("arn_pattern/parse/caller", |bencher| {
            bencher.iter(|| black_box(text).parse::<CallerArn>());
        });
        criterion.final_summary();
    }
    Ok(())
}

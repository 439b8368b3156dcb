//! What an exchange costs without the network: proof, answer of STS, mapping, token, beside a bare signature (D5, D6).

use std::{error::Error, hint::black_box};

use aws_lc_rs::signature::Ed25519KeyPair;
use bench_suite::{
    cpu_time,
    goals::Goal,
    options::Options,
    pipeline::{Form, Pipeline},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let options = Options::read();
    let many = if options.full { 1_000_000 } else { 100_000 };
    let few = Pipeline::new(10)?;
    let pipeline = Pipeline::new(if options.measure { many } else { 100 })?;
    let token = pipeline.exchange(Form::Json)?;
    if token.split('.').count() != 3 || pipeline.exchange(Form::Xml)?.is_empty() {
        return Err("the pipeline gave no token".into());
    }
    if !options.measure {
        return Ok(());
    }
    let (message, _) = token.rsplit_once('.').ok_or("not a token")?;
    let floor_key = Ed25519KeyPair::generate()?;
    let floor = || each(|| floor_key.sign(black_box(message.as_bytes())));
    D5.compare(|| each(|| pipeline.exchange(Form::Json)), floor);
    D5_XML.compare(|| each(|| pipeline.exchange(Form::Xml)), floor);
    D6.compare(|| each(|| pipeline.exchange(Form::Json)), || each(|| few.exchange(Form::Json)));
    Ok(())
}

const D5: Goal = Goal { id: "D5", at_most: 1.6, what: "exchange without network / raw EdDSA sign" };
const D5_XML: Goal = Goal { id: "D5x", at_most: 1.6, what: "the same where STS answers with XML" };
const D6: Goal = Goal { id: "D6", at_most: 1.05, what: "D5 with many patterns / with 10" };

/// CPU nanoseconds for one call.
fn each<T>(mut work: impl FnMut() -> T) -> f64 {
    let calls = [(); CALLS];
    cpu_time::each(&calls, |()| black_box(work()))
}

const CALLS: usize = 2_000;

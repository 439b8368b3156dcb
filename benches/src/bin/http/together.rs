//! How often STS is asked when one proof comes a hundred times at once (D9).
//!
//! All clients connect and send everything but the last byte, then let go together; STS takes its time, so that they overlap.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use bench_suite::goals::{Goal, say};

use crate::{
    exchange::has_token,
    process::{Outcome, local},
    world::World,
};

const TOGETHER: usize = 100;
const ROUNDS: usize = 5;
const STS_MILLIS: u64 = 500;

pub(crate) fn measure(world: &World) -> Outcome<()> {
    let server = world.serve("plain")?;
    world.sts.delay(STS_MILLIS)?;
    let mut most = 0.0_f64;
    let mut again = 0.0_f64;
    for proof in world.proofs_of_different_callers(ROUNDS)? {
        world.sts.count_from_zero()?;
        at_once(server.port, &proof)?;
        let (calls, _) = world.sts.counts()?;
        most = most.max(calls);
        // Later is not at once: STS is asked again, on purpose, because only it knows whether the key still holds.
        at_once(server.port, &proof)?;
        again = again.max(world.sts.counts()?.0 - calls);
    }
    world.sts.delay(0)?;
    Goal { id: "D9", at_most: 1.0, what: "STS calls for 100 equal proofs at once" }
        .single(most, &format!("[the most of {ROUNDS} rounds]"));
    say(format_args!("the same hundred again, after the answer: {again} more"));
    Ok(())
}

/// A hundred clients with the same proof; fails unless all get a token.
fn at_once(port: u16, proof: &str) -> Outcome<()> {
    let text: Arc<str> = format!(
        "POST /api/v2/delegated-token HTTP/1.1\r\nHost: localhost\r\nAuthorization: Delegated {proof}\r\nContent-Length: 0\r\n\r\n"
    )
    .into();
    let ready = Arc::new(Barrier::new(TOGETHER));
    let clients: Vec<_> = (0..TOGETHER)
        .map(|_| {
            let (text, ready) = (text.clone(), ready.clone());
            thread::spawn(move || one(port, text.as_bytes(), &ready).unwrap_or_default())
        })
        .collect();
    let answers = clients.into_iter().filter_map(|client| client.join().ok());
    let granted = answers.filter(|a| a.starts_with("HTTP/1.1 200") && has_token(a)).count();
    if granted != TOGETHER {
        return Err(format!("{granted} of {TOGETHER} equal proofs were granted").into());
    }
    Ok(())
}

fn one(port: u16, text: &[u8], ready: &Barrier) -> std::io::Result<String> {
    let connected = begin(port, text);
    // Also after a failure, or the others would wait for ever.
    ready.wait();
    let mut stream = connected?;
    stream.write_all(text.get(text.len() - 1..).unwrap_or_default())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn begin(port: u16, text: &[u8]) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(local(port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(text.get(..text.len() - 1).unwrap_or_default())?;
    Ok(stream)
}

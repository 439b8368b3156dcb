//! What an exchange costs the server (D1 to D4): CPU time for each, TLS on both sides, audit and limits on, every proof new.
//!
//! Beside it, in turn: the same stack that only passes a request on, plus one bare signature; a minimal exchange in Go; and
//! two servers that issue tokens for a secret they know. The two last are asked over plain HTTP, which favours them.

use std::hint::black_box;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use bench_suite::{
    cpu_time,
    goals::{Goal, median, say},
};

use crate::{
    load::{Call, Good, Load},
    peers::{self, Peers},
    process::{Outcome, Running},
    world::{Server, World},
};

const ROUNDS: usize = 5;

/// One of those measured: whom the load goes to, and what it is.
pub(crate) struct Side<'a> {
    pub(crate) process: Option<Running>,
    pub(crate) load: Load,
    pub(crate) calls: Box<dyn Fn(usize) -> Outcome<Vec<Call>> + 'a>,
    pub(crate) good: Good,
    /// Requests a round: enough that the kernel's ten milliseconds are a few percent.
    pub(crate) count: usize,
}

impl Side<'_> {
    /// Microseconds of the server's CPU for each request.
    fn cpu(&self, process: &Running) -> Outcome<f64> {
        let calls = (self.calls)(self.count)?;
        let before = process.cpu_micros()?;
        self.load.run(calls, self.good)?;
        Ok((process.cpu_micros()? - before) / self.count as f64)
    }
}

/// A token with three parts, in whatever document.
pub(crate) fn has_token(body: &str) -> bool {
    body.split('"').any(|part| part.starts_with("eyJ") && part.split('.').count() == 3)
}

pub(crate) fn measure(world: &World, server: &Server, peers: &Peers) -> Outcome<()> {
    let ours = ours(world, server)?;
    let floor = peers::pass_through::start(world)?;
    let others = [
        (
            D2,
            peers
                .go
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|go| started(peers::go::exchange(world, go))),
        ),
        (
            D3,
            peers
                .rusty_vault
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|p| started(peers::rusty_vault::start(world, p))),
        ),
        (
            D4,
            peers
                .oidc
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|p| started(peers::oidc::start(world, p))),
        ),
    ];
    let mut own = Vec::new();
    let (mut passed, mut signed) = (Vec::new(), Vec::new());
    let mut theirs: [Vec<f64>; 3] = Default::default();
    for round in 0..=ROUNDS {
        let mine = ours.cpu(&server.process)?;
        let through = floor.cpu(floor.process.as_ref().ok_or("no process")?)?;
        let signature = signature()?;
        let mut line = Vec::new();
        for (_, side) in &others {
            let Ok(side) = side else { continue };
            line.push(side.cpu(side.process.as_ref().ok_or("no process")?)?);
        }
        // The first round only warms up.
        if round == 0 {
            continue;
        }
        own.push(mine);
        passed.push(through + signature);
        signed.push(signature);
        let present = others.iter().zip(&mut theirs).filter(|((_, side), _)| side.is_ok());
        present.zip(line).for_each(|((_, kept), value)| kept.push(value));
    }
    D1.rounds(
        &own,
        &passed,
        &format!("of it {:.1} for an ES256 signature, the default", median(&signed)),
    );
    for ((goal, side), theirs) in others.iter().zip(&theirs) {
        match side {
            Ok(_) => goal.rounds(&own, theirs, ""),
            Err(why) => goal.not_run(why),
        }
    }
    say(format_args!("an exchange takes {:.0} µs of the server's CPU", median(&own)));
    Ok(())
}

/// The running server, asked for access tokens.
pub(crate) fn ours<'a>(world: &'a World, server: &Server) -> Outcome<Side<'a>> {
    Ok(Side {
        process: None,
        load: world.load("https", server.port)?,
        calls: Box::new(|count| world.exchanges(count)),
        good: has_token,
        count: 4_000,
    })
}

fn started(side: Outcome<Side<'_>>) -> Result<Side<'_>, String> {
    side.map_err(|cause| cause.to_string())
}

/// Microseconds of one signature over as many bytes as a token's.
fn signature() -> Outcome<f64> {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let message = [0_u8; 520];
    let sign = |()| key.sign(&random, black_box(&message)).is_ok();
    Ok(cpu_time::each(&[(); 1_000], sign) / 1_000.0)
}

const D1: Goal =
    Goal { id: "D1", at_most: 1.4, what: "CPU of an exchange / pass-through and raw signature" };
const D2: Goal = Goal { id: "D2", at_most: 0.4, what: "CPU of an exchange / minimal Go exchange" };
const D3: Goal =
    Goal { id: "D3", at_most: 0.3, what: "CPU of an exchange / RustyVault AppRole login" };
const D4: Goal =
    Goal { id: "D4", at_most: 0.15, what: "CPU of an exchange / oidc-provider client_credentials" };

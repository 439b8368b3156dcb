//! How many TLS handshakes the server makes with STS in steady state (D8): a kept connection makes none.

use bench_suite::goals::Goal;

use crate::{
    exchange,
    process::Outcome,
    world::{Server, World},
};

const EXCHANGES: usize = 2_000;

pub(crate) fn measure(world: &World, server: &Server) -> Outcome<()> {
    let ours = exchange::ours(world, server)?;
    // Connections are made here.
    ours.load.run(world.exchanges(500)?, ours.good)?;
    let calls = world.exchanges(EXCHANGES)?;
    world.sts.count_from_zero()?;
    ours.load.run(calls, ours.good)?;
    let (requests, handshakes) = world.sts.counts()?;
    if requests != EXCHANGES as f64 {
        return Err(format!("{EXCHANGES} exchanges made {requests} requests to STS").into());
    }
    let note = format!("[{handshakes:.0} in {EXCHANGES}]");
    Goal { id: "D8", at_most: 0.01, what: "TLS handshakes to STS / exchanges" }
        .single(handshakes / EXCHANGES as f64, &note);
    Ok(())
}

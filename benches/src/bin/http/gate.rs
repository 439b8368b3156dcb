//! What the gate adds in front of nginx (G1 to G4): the time from a request to its whole answer, beside the same nginx that asks nobody.
//!
//! One nginx, by the example that we hand out, in front of a service that answers at once: its page once behind the gate, once behind the
//! gate with nginx's cache, once behind nothing. The three are measured in turn, over kept connections: by one client, and by several,
//! which is as much as the servers' one core takes.

mod client;
mod nginx;

use bench_suite::goals::{Goal, median, say};

use self::{client::together, nginx::Nginx};
use crate::{exchange::has_token, peers::Had, process::Outcome, world::World};

const ROUNDS: usize = 5;

/// How many clients, and how many requests each of them makes in a round.
const LOADS: [(usize, usize); 2] = [(1, 4_000), (16, 500)];

/// Microseconds of one round's requests, in order.
struct Times(Vec<f64>);

impl Times {
    /// The one that this part of all is not longer than.
    fn quantile(&self, part: f64) -> f64 {
        let at = (self.0.len() as f64 * part) as usize;
        self.0.get(at.min(self.0.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }
}

pub(crate) fn measure(world: &World, nginx: &Had) -> Outcome<()> {
    let nginx = match nginx {
        Ok(program) => program,
        Err(why) => {
            GOALS.iter().flatten().flatten().for_each(|goal| goal.not_run(why));
            return Ok(());
        }
    };
    let server = world.serve("plain")?;
    let token = token(world, server.port)?;
    let nginx = Nginx::start(nginx, server.port)?;
    // What is measured is what it should be: nobody passes without a token, but where nobody is asked.
    for (path, status) in [(nginx::GATE, 401), (nginx::CACHED, 401), (nginx::ALONE, 200)] {
        client::expect(nginx.port, path, None, status)?;
        client::expect(nginx.port, path, Some(&token), 200)?;
    }
    for ((clients, each), goals) in LOADS.into_iter().zip(GOALS) {
        load(&nginx, &token, clients, each, &goals)?;
    }
    Ok(())
}

/// The three paths under one load.
fn load(
    nginx: &Nginx,
    token: &str,
    clients: usize,
    each: usize,
    goals: &[[Goal; 2]; 2],
) -> Outcome<()> {
    let paths = [nginx::ALONE, nginx::GATE, nginx::CACHED];
    let mut rounds: [Vec<Times>; 3] = Default::default();
    for round in 0..=ROUNDS {
        for (path, kept) in paths.iter().zip(&mut rounds) {
            let times = Times(together(nginx.port, path, token, clients, each)?);
            // The first round only warms up.
            if round > 0 {
                kept.push(times);
            }
        }
    }
    let [alone, gate, cached] = rounds;
    let of = |rounds: &[Times], part| -> Vec<f64> {
        rounds.iter().map(|times| times.quantile(part)).collect()
    };
    for (ours, goals) in [&gate, &cached].into_iter().zip(goals) {
        for (part, goal) in [0.5, 0.99].into_iter().zip(goals) {
            goal.rounds(&of(ours, part), &of(&alone, part), "µs");
        }
    }
    let added = |ours: &[Times]| median(&of(ours, 0.5)) - median(&of(&alone, 0.5));
    say(format_args!(
        "{clients} at once: the gate adds {:.0} µs to the median, with nginx's cache {:.0} µs",
        added(&gate),
        added(&cached)
    ));
    Ok(())
}

/// An access token, as a client gets one.
fn token(world: &World, port: u16) -> Outcome<String> {
    let load = world.load("http", port)?;
    let call = world.exchanges(1)?.pop().ok_or("no proof")?;
    let (status, body) = load.ask(reqwest::Method::POST, call)?;
    if status != 200 || !has_token(&body) {
        return Err(format!("the exchange answered {status}").into());
    }
    let token = body.split('"').find(|part| part.starts_with("eyJ"));
    Ok(token.ok_or("no token")?.to_owned())
}

/// For each load: the gate and the gate with nginx's cache, each by its median and by the slowest of a hundred.
const GOALS: [[[Goal; 2]; 2]; 2] = [
    [
        [
            Goal { id: "G1", at_most: 3.0, what: "median through nginx and gate / nginx alone" },
            Goal { id: "G1t", at_most: 3.0, what: "p99 through nginx and gate / nginx alone" },
        ],
        [
            Goal { id: "G2", at_most: 1.5, what: "median with nginx's cache / nginx alone" },
            Goal { id: "G2t", at_most: 2.0, what: "p99 with nginx's cache / nginx alone" },
        ],
    ],
    [
        [
            Goal { id: "G3", at_most: 4.0, what: "the same of 16 clients, median of the gate" },
            Goal { id: "G3t", at_most: 4.0, what: "the same of 16 clients, p99 of the gate" },
        ],
        [
            Goal { id: "G4", at_most: 1.5, what: "the same of 16 clients, median with the cache" },
            Goal { id: "G4t", at_most: 2.0, what: "the same of 16 clients, p99 with the cache" },
        ],
    ],
];

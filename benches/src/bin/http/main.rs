//! The running server, measured from outside beside its peers: D1 to D4, D8, D9, E1 to E5, G1 to G4, H1, H2.
//!
//! One question a module. Servers run on core 0, the load and the local STS on core 1; everything is on loopback and bounded
//! in count, and every process that is started here is ended here. `cargo xtask bench --http` builds the product and the peers
//! and says in the environment where they are:
//!
//! | variable | what |
//! |---|---|
//! | `COUNTERSIGN_TEST_BIN` | the product, a release build |
//! | `COUNTERSIGN_TEST_POSTGRES_URL` | a PostgreSQL server, for E4 and E5 |
//! | `BENCH_GO`, `BENCH_MOTO`, `BENCH_RUSTY_VAULT`, `BENCH_OIDC`, `BENCH_NGINX` | programs, and for `BENCH_OIDC` its folder; `! why` where there is none |
//! | `BENCH_ONLY` | `gate` or `agent` for that alone |
//! | `BENCH_FULL` | `1` for a million mappings |

mod agent;
mod exchange;
mod gate;
mod handshakes;
mod load;
mod mappings;
mod peers;
mod postgres;
mod process;
mod proofs;
mod start;
mod together;
mod world;

use std::path::PathBuf;

use bench_suite::{goals::say, options::Options};

use self::{peers::Peers, process::Outcome, world::World};

fn main() -> Outcome<()> {
    // Nothing to choose from: the workspace has one provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    process::keep_off_the_servers_core();
    let product = PathBuf::from(
        std::env::var_os("COUNTERSIGN_TEST_BIN").ok_or("COUNTERSIGN_TEST_BIN is not set")?,
    );
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    if only == "agent" {
        return agent::measure(&product);
    }
    let peers = Peers::read();
    let gate_alone = only == "gate";
    if !gate_alone {
        start::measure(&product, &peers)?;
        agent::measure(&product)?;
    }
    let rows = if Options::read().full { 1_000_000 } else { 100_000 };
    say(format_args!("filling SQLite with {rows} mappings"));
    let world = World::new(&product, rows)?;
    gate::measure(&world, &peers.nginx)?;
    if gate_alone {
        return Ok(());
    }
    mappings::size_and_start(&world)?;
    let server = world.serve("tls")?;
    handshakes::measure(&world, &server)?;
    exchange::measure(&world, &server, &peers)?;
    drop(server);
    together::measure(&world)?;
    mappings::memory(&world)?;
    postgres::measure(&product, rows)
}

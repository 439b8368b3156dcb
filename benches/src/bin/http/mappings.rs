//! What many mappings in SQLite cost: bytes on disk (E5), the time until a restarted server is ready (E4), and the memory of
//! a server that has looked many of them up (E3). No copy of them is kept in memory, so E3 and E4 should be next to nothing.

use std::time::Instant;

use bench_suite::goals::{Goal, median, say};
use rusqlite::{Connection, OpenFlags};

use crate::{exchange, process::Outcome, proofs, start::first_answer, world::World};

const LOOKUPS: usize = 1_000;
const ROUNDS: usize = 5;

/// E5 and E4.
pub(crate) fn size_and_start(world: &World) -> Outcome<()> {
    let bytes = {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = Connection::open_with_flags(world.database(), flags)?;
        database.query_row(
            "SELECT sum(pgsize) FROM dbstat WHERE name IN
             (SELECT name FROM sqlite_schema WHERE tbl_name = 'persona_mappings')",
            [],
            |row| row.get::<_, f64>(0),
        )?
    };
    let literal = world.literal_bytes as f64 / world.mappings as f64;
    let note = format!("[SQLite; the patterns alone are {literal:.0}]");
    Goal { id: "E5", at_most: 300.0, what: "database bytes for each mapping, indexes included" }
        .single(bytes / world.mappings as f64, &note);

    let (mut ours, mut read) = (Vec::new(), Vec::new());
    let store = format!("sqlite:{}", world.database().display());
    for round in 0..=ROUNDS {
        let (command, port, log) = world.command("plain", &store)?;
        let (millis, _) = first_answer(command, port, "/readyz", &log)?;
        let rows = read_all(world)?;
        // The first round only warms up.
        if round > 0 {
            ours.push(millis);
            read.push(rows);
        }
    }
    let what = "restart to ready with the mappings in SQLite / reading their rows";
    Goal { id: "E4", at_most: 1.5, what }.rounds(&ours, &read, "ms");
    Ok(())
}

/// Milliseconds to read every row, as SQLite's equivalent of `COPY … TO STDOUT`.
fn read_all(world: &World) -> Outcome<f64> {
    let began = Instant::now();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(world.database(), flags)?;
    let mut statement = database.prepare("SELECT * FROM persona_mappings")?;
    let mut rows = statement.query([])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        bytes += row.get_ref("pattern")?.as_str()?.len();
    }
    if bytes < world.literal_bytes {
        return Err("rows are missing".into());
    }
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// E3.
pub(crate) fn memory(world: &World) -> Outcome<()> {
    let (mut idle, mut used) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let server = world.serve("tls")?;
        let load = world.load("https", server.port)?;
        idle.push(server.process.resident_kib()?);
        let proofs = world.proofs_of_different_callers(LOOKUPS)?;
        load.run(proofs.iter().map(|proof| proofs::call(proof)).collect(), exchange::has_token)?;
        used.push(server.process.resident_kib()?);
    }
    let (idle, used) = (median(&idle), median(&used));
    let ratio = (used - idle) * 1024.0 / world.literal_bytes as f64;
    let note = format!(
        "[{idle:.0} KiB idle, {used:.0} KiB after {LOOKUPS} exchanges of different callers]"
    );
    Goal { id: "E3", at_most: 1.7, what: "memory beyond idle with the mappings / their literals" }
        .single(ratio, &note);
    say(format_args!("{} mappings, {} bytes of literals", world.mappings, world.literal_bytes));
    Ok(())
}

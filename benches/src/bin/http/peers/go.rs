//! Programs of Go's standard library, built here.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    exchange::{Side, has_token},
    process::{Outcome, Running, free_port, on_servers_core},
    world::World,
};

/// Builds one of `benches/peers/go` into a folder.
pub(crate) fn build(go: &Path, folder: &Path, name: &str) -> Outcome<PathBuf> {
    let program = folder.join(name);
    let mut command = Command::new(go);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/go"));
    command.arg("build").arg("-o").arg(&program).arg(format!("./{name}"));
    // Nothing but the standard library, and no other version of Go than this one.
    command.envs([("GOFLAGS", "-mod=mod"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off")]);
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("go build: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(program)
}

/// The minimal exchange, with TLS on both sides as ours.
pub(crate) fn exchange<'a>(world: &'a World, go: &Path) -> Outcome<Side<'a>> {
    let folder = world.folder.path();
    let program = build(go, folder, "exchange")?;
    let port = free_port()?;
    let mut command = on_servers_core(program);
    command.arg(format!("127.0.0.1:{port}"));
    command.arg(folder.join("cert.pem")).arg(folder.join("key.pem"));
    command.arg(&world.sts.url).arg(folder.join("cert.pem"));
    let process = Running::listening(&mut command, port, &folder.join("go.log"))?;
    Ok(Side {
        process: Some(process),
        load: world.load("https", port)?,
        calls: Box::new(|count| world.exchanges(count)),
        good: has_token,
        count: 3_000,
    })
}

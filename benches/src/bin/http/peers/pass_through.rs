//! Our own server stack and HTTP client with nothing between them; built beside this program.

use crate::{
    exchange::Side,
    process::{Outcome, Running, free_port, on_servers_core},
    world::World,
};

pub(crate) fn start(world: &World) -> Outcome<Side<'_>> {
    let program = std::env::current_exe()?.with_file_name("pass_through");
    let folder = world.folder.path();
    let port = free_port()?;
    let mut command = on_servers_core(program);
    command.arg(format!("127.0.0.1:{port}"));
    command.arg(folder.join("cert.pem")).arg(folder.join("key.pem"));
    command.arg(&world.sts.url).arg(folder.join("cert.pem"));
    let process = Running::listening(&mut command, port, &folder.join("pass_through.log"))?;
    Ok(Side {
        process: Some(process),
        load: world.load("https", port)?,
        calls: Box::new(|count| world.sts_requests(count)),
        good: |body| body.contains("GetCallerIdentityResult"),
        count: 6_000,
    })
}

//! oidc-provider: client_credentials for an ES256 token, in memory, over plain HTTP.

use std::path::Path;

use crate::{
    exchange::{Side, has_token},
    load::Call,
    process::{Outcome, Running, free_port, on_servers_core},
    world::World,
};

pub(crate) fn start<'a>(world: &'a World, folder: &Path) -> Outcome<Side<'a>> {
    let port = free_port()?;
    let mut command = on_servers_core("node");
    command.current_dir(folder).args(["server.mjs", &port.to_string()]);
    command.env("NODE_ENV", "production");
    let process = Running::listening(&mut command, port, &world.folder.path().join("oidc.log"))?;
    let form = "application/x-www-form-urlencoded";
    let call = Call {
        path: "/token",
        headers: vec![("content-type".to_owned(), form.to_owned())],
        body: "grant_type=client_credentials&client_id=bench&client_secret=0123456789abcdef0123456789abcdef".to_owned(),
    };
    Ok(Side {
        process: Some(process),
        load: world.load("http", port)?,
        calls: Box::new(move |count| Ok(vec![call.clone(); count])),
        good: has_token,
        count: 1_500,
    })
}

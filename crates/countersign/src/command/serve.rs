//! `countersign serve`

use anyhow::Context;
use countersign_server::{config, load_master_key, start};

use crate::{cli::Serve, failure::Failure, installation, logging, output, signals};

pub(crate) async fn run(args: Serve) -> Result<(), Failure> {
    if args.reference {
        output::line(&config::reference());
        return Ok(());
    }
    let config = installation::load(args.config.as_deref())?;
    let text = std::env::var("COUNTERSIGN_MASTER_KEY").ok();
    let master_key = load_master_key(text.as_deref(), config.master_key_file.as_deref())
        .map_err(Failure::usage)?;
    if args.check {
        output::line(&format!("The configuration is fine. It means:\n{config:#?}"));
        return Ok(());
    }
    logging::set_up(&config.log.filter, config.log.format).map_err(Failure::usage)?;
    let running = start(config, master_key).await.context("the server did not start")?;
    signals::stop().await.context("can't wait for signals")?;
    tracing::info!("stopping: running requests may end");
    running.shut_down().await.context("the server did not stop cleanly")?;
    Ok(())
}

//! Log lines, on standard error.

use anyhow::Context;
use countersign_server::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Sets logging up for the process. Call it once.
pub(crate) fn set_up(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("`{filter}` is no filter such as `info,countersign_server=debug`")
    })?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => {
            let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
            lines.with_ansi(colours).init();
        }
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}

//! A listener of its own, so that a proxy in front of the API can't hand the counts to everybody.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_server::Handle;
use tokio::task::JoinHandle;

use super::text::MEDIA_TYPE;
use crate::{
    App,
    start::{StartError, tune},
};

/// What answers `GET /metrics`, and nothing else.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    /// Where.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, and gives those that there are a moment to end.
    pub(crate) async fn shut_down(self) {
        self.handle.graceful_shutdown(Some(PATIENCE));
        // Whoever asks for counts now may ask again.
        let _ = self.serving.await;
    }
}

/// Begins to answer on what was bound.
pub(crate) fn listen(app: &App, listener: TcpListener) -> Result<Listening, StartError> {
    let failed = |address| move |source| StartError::Listen { address, source };
    let configured = app.config().metrics.listen.unwrap_or(app.config().listen);
    let address = listener.local_addr().map_err(failed(configured))?;
    let handle = Handle::new();
    let mut server =
        axum_server::from_tcp(listener).map_err(failed(address))?.handle(handle.clone());
    tune(server.http_builder());
    let routes = Router::new().route("/metrics", get(metrics)).with_state(app.clone());
    let serving = tokio::spawn(server.serve(routes.into_make_service()));
    tracing::info!("counts for Prometheus at http://{address}/metrics");
    Ok(Listening { address, handle, serving })
}

/// `GET /metrics`
async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics().render(app.intake_counts());
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response()
}

const PATIENCE: Duration = Duration::from_secs(1);

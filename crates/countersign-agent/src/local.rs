//! What is answered on this machine: the status page and the metrics on an address, keys on a Unix socket.

mod keys;
mod metrics;
mod page;
#[cfg(unix)]
mod socket;
mod web;

use std::{convert::Infallible, future::ready, io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};

use crate::{AgentError, board::Board, config::Config};

/// An answer, whole.
type Answer = Response<Full<Bytes>>;

/// What is open; closed when dropped.
#[derive(Default)]
pub(crate) struct Doors {
    tasks: Vec<JoinHandle<()>>,
    #[cfg(unix)]
    socket: Option<socket::Bound>,
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Opens what the configuration names.
pub(crate) async fn open(config: &Config, board: &Board) -> Result<Doors, AgentError> {
    let mut doors = Doors::default();
    if let Some(address) = config.listen {
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|source| AgentError::Listen { address, source })?;
        let address = listener.local_addr().unwrap_or(address);
        tracing::info!(
            "the status page is http://{address}/, the metrics are http://{address}/metrics"
        );
        let web = web::Web { board: board.clone(), any_host: config.listen_beyond_this_machine };
        let answering = Arc::new(move |request: &Request<Incoming>| web.answer(request));
        doors.tasks.push(tokio::spawn(serve_all(listener, answering)));
    }
    #[cfg(unix)]
    if let Some(path) = &config.socket {
        let (bound, listener) = socket::bind(path, config.socket_owner.as_deref())?;
        doors.socket = Some(bound);
        let keys = keys::Keys { board: board.clone() };
        let answering = Arc::new(move |request: &Request<Incoming>| keys.answer(request));
        doors.tasks.push(tokio::spawn(serve_all(listener, answering)));
    }
    #[cfg(not(unix))]
    if let Some(path) = &config.socket {
        let problem = "this system has no Unix sockets".to_owned();
        return Err(AgentError::Socket { path: path.clone(), problem });
    }
    Ok(doors)
}

/// Where connections come from.
trait Listener: Send + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next one.
    fn next(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Listener for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn next(&self) -> io::Result<Self::Stream> {
        Ok(self.accept().await?.0)
    }
}

#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn next(&self) -> io::Result<Self::Stream> {
        Ok(self.accept().await?.0)
    }
}

type Answering = Arc<dyn Fn(&Request<Incoming>) -> Answer + Send + Sync>;

/// Serves all that come, so many at once.
async fn serve_all(listener: impl Listener, answering: Answering) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // Nobody closes them.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.next().await {
            Ok(stream) => {
                tokio::spawn(serve(stream, Arc::clone(&answering), place));
            }
            // An attempt that failed is the caller's; without a pause a lack of descriptors would spin.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Serves one connection, for so long at most.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    answering: Answering,
    _place: OwnedSemaphorePermit,
) {
    let service = service_fn(|request| ready(Ok::<_, Infallible>(answering(&request))));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).max_headers(64);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    // How it ended is the caller's affair.
    let _ = tokio::time::timeout(LONGEST_CONNECTION, connection).await;
}

/// An answer that nobody keeps.
fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A sentence as an answer.
fn sentence(status: StatusCode, text: &str) -> Answer {
    answer(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

fn json(status: StatusCode, value: &impl serde::Serialize) -> Answer {
    match serde_json::to_vec_pretty(value) {
        Ok(text) => answer(status, "application/json", text),
        Err(_) => sentence(StatusCode::INTERNAL_SERVER_ERROR, "the status can't be written"),
    }
}

const CONNECTIONS: usize = 32;
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const LONGEST_CONNECTION: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);

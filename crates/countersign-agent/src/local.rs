//! What is answered on this machine: the status page and the metrics on an address, keys on a Unix socket.

mod keys;
mod metrics;
mod page;
#[cfg(unix)]
mod socket;
mod web;

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
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
        let listener = tokio::net::TcpListener::bind(address).await;
        let listener = listener.map_err(|source| AgentError::Listen { address, source })?;
        let address = listener.local_addr().unwrap_or(address);
        tracing::info!(
            "the status page is http://{address}/, the metrics are http://{address}/metrics"
        );
        let web = web::Web { board: board.clone(), any_host: config.listen_beyond_this_machine };
        let (web, places) = (Arc::new(web), places());
        doors.tasks.push(tokio::spawn(async move {
            loop {
                // An attempt that failed is the caller's; without a pause a lack of descriptors would spin.
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                let web = Arc::clone(&web);
                serve(stream, &places, move |request| {
                    let web = Arc::clone(&web);
                    async move { web.answer(&request) }
                })
                .await;
            }
        }));
    }
    #[cfg(unix)]
    if let Some(path) = &config.socket {
        let (bound, listener) = socket::bind(path, config.socket_owner.as_deref())?;
        doors.socket = Some(bound);
        let (keys, places) = (Arc::new(keys::Keys { board: board.clone() }), places());
        doors.tasks.push(tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                let keys = Arc::clone(&keys);
                serve(stream, &places, move |request| {
                    let keys = Arc::clone(&keys);
                    async move { keys.answer(&request) }
                })
                .await;
            }
        }));
    }
    #[cfg(not(unix))]
    if let Some(path) = &config.socket {
        let problem = "this system has no Unix sockets".to_owned();
        return Err(AgentError::Socket { path: path.clone(), problem });
    }
    Ok(doors)
}

/// Serves one connection in a task of its own, as soon as there is a place.
async fn serve<Io, Handler, Answering>(stream: Io, places: &Arc<Semaphore>, handler: Handler)
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    Handler: Fn(Request<Incoming>) -> Answering + Send + 'static,
    Answering: Future<Output = Answer> + Send + 'static,
{
    // Nobody closes it.
    let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
    tokio::spawn(async move {
        let service = service_fn(move |request| {
            let answering = handler(request);
            async move { Ok::<_, Infallible>(answering.await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).max_headers(64);
        // How a connection ended is the caller's affair.
        let _ = tokio::time::timeout(
            LONGEST_CONNECTION,
            http.serve_connection(TokioIo::new(stream), service),
        )
        .await;
        drop(place);
    });
}

fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(CONNECTIONS))
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

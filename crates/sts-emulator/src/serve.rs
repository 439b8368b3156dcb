//! The listener: HTTP/1.1 connections, each answered by the engine or by the control API.

mod body;
mod wire;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    control,
    engine::{Answer, Delivery, Engine, Transport},
};
use body::Body;
use wire::Wire;

/// Accepts until `stop` changes or its sender is gone, then drops what is open.
pub(crate) async fn run(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    engine: Arc<Engine>,
    mut stop: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, tls.clone(), Arc::clone(&engine)));
                }
                // Out of file descriptors, say: give the machine a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    engine: Arc<Engine>,
) {
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire::new(stream, Arc::clone(&reset));
    let Some(tls) = tls else { return converse(wire, peer, &engine, &reset).await };
    // A client that does not believe the certificate hangs up; that is its right.
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_LIMIT, tls.accept(wire)).await {
        engine.recorder().handshake();
        converse(stream, peer, &engine, &reset).await;
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    engine: &Engine,
    reset: &AtomicBool,
) {
    let io = TokioIo::new(stream);
    let service = service_fn(|request| exchange(request, peer, engine, reset));
    // What goes wrong here went wrong for the caller too, who is told by the connection's end.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .max_buf_size(MAX_HEAD)
        .serve_connection(io, service)
        .await;
}

async fn exchange(
    request: Request<Incoming>,
    peer: SocketAddr,
    engine: &Engine,
    reset: &AtomicBool,
) -> Result<Response<Body>, io::Error> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let answer = Answer { status: 413, headers: Vec::new(), body: Vec::new() };
        return respond(answer, Transport::Whole);
    };
    let request: Request<Bytes> = Request::from_parts(parts, body.to_bytes());
    if control::is_control(&request) {
        return respond(control::answer(&request, peer, engine), Transport::Whole);
    }
    let Delivery { answer, delay, transport } = engine.answer(&request);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if transport == Transport::Reset {
        reset.store(true, Ordering::SeqCst);
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    respond(answer, transport)
}

fn respond(answer: Answer, transport: Transport) -> Result<Response<Body>, io::Error> {
    let mut response = Response::new(Body::new(answer.body, transport));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // A fault's text may hold what no header can; the fault is then without it.
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), value.try_into()) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);

/// Longest request head: session tokens are long, and real ones are far below this.
const MAX_HEAD: usize = 128 * 1024;

/// Longest body that is read: real STS requests are far shorter.
const MAX_BODY: usize = 256 * 1024;

//! Asking an agent for a key, over its socket.

use std::{path::Path, time::Duration};

use auth_model::SecretString;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

/// Why an agent gave no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// Nobody answers there.
    #[error(
        "no agent answers at the socket `{socket}`: {problem}; does it run, and may you open the socket?"
    )]
    Unreachable {
        /// Its path.
        socket: String,
        /// Why.
        problem: String,
    },
    /// It answered, but with no key.
    #[error("the agent gives no key for `{instance}`: {problem}")]
    Refused {
        /// Which was asked for.
        instance: String,
        /// In the agent's words.
        problem: String,
    },
}

/// The key of the moment of this instance.
pub async fn ask_key(socket: &Path, instance: &str) -> Result<SecretString, AskError> {
    ask(socket, Method::GET, instance, "").await
}

/// Tells the agent that this instance's key was refused, so that it asks for another.
pub async fn ask_refused(socket: &Path, instance: &str) -> Result<(), AskError> {
    ask(socket, Method::POST, instance, "/refused").await.map(|_| ())
}

async fn ask(
    socket: &Path,
    method: Method,
    instance: &str,
    rest: &str,
) -> Result<SecretString, AskError> {
    let unreachable =
        |problem: String| AskError::Unreachable { socket: socket.display().to_string(), problem };
    let path = format!("/keys/{}{rest}", encoded(instance));
    let answer = tokio::time::timeout(WITHIN, exchange(socket, method, &path)).await;
    let (status, text) = answer
        .map_err(|_| unreachable(format!("no answer within {} s", WITHIN.as_secs())))?
        .map_err(|error| unreachable(error.to_string()))?;
    if status.is_success() {
        return Ok(text.into());
    }
    let problem = text.trim().chars().filter(|c| !c.is_control()).take(300).collect();
    Err(AskError::Refused { instance: instance.to_owned(), problem })
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(unix)]
async fn exchange(
    socket: &Path,
    method: Method,
    path: &str,
) -> Result<(StatusCode, String), AnyError> {
    let stream = tokio::net::UnixStream::connect(socket).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await?.to_bytes();
    connection.abort();
    Ok((status, String::from_utf8(body.to_vec())?))
}

#[cfg(not(unix))]
async fn exchange(_: &Path, _: Method, _: &str) -> Result<(StatusCode, String), AnyError> {
    Err("this system has no Unix sockets".into())
}

/// A name as part of a path (RFC 3986 §2.3).
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

const WITHIN: Duration = Duration::from_secs(10);
const MAX_BYTES: usize = 64 * 1024;

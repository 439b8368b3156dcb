//! An upstream of telemetry: takes what comes, remembers it, and answers as it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Listens on loopback until it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Submission>>>,
    listening: tokio::task::JoinHandle<()>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The request line and the headers, in lower case.
    pub head: String,
    /// The body; of a chunked one with its chunks' sizes still in.
    pub body: Vec<u8>,
}

impl Submission {
    /// A header's one value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (found, value) = line.split_once(": ")?;
            (found == name).then_some(value)
        });
        let value = values.next();
        assert!(values.next().is_none(), "{name} comes more than once");
        value
    }
}

impl Upstream {
    /// Answers everything with this text; empty: never answers.
    pub async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::default();
        let shared = Arc::clone(&seen);
        let listening = tokio::spawn(async move {
            // Ends with the listener: a kept connection would go on answering.
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, answer, Arc::clone(&shared)));
            }
        });
        Self { address, seen, listening }
    }

    /// Its origin.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has come so far, whole requests only.
    pub fn seen(&self) -> Vec<Submission> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(mut stream: TcpStream, answer: &str, seen: Arc<Mutex<Vec<Submission>>>) {
    let mut bytes = Vec::new();
    loop {
        let Some(submission) = cut(&mut bytes) else {
            // Where the sender breaks off, there is nobody to answer.
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        seen.lock().unwrap().push(submission);
        if answer.is_empty() {
            std::future::pending::<()>().await;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Takes a whole request off the front.
fn cut(bytes: &mut Vec<u8>) -> Option<Submission> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = match head.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        Some(length) => length.parse().unwrap(),
        None if head.contains("transfer-encoding: chunked") => {
            bytes[end..].windows(5).position(|window| window == b"0\r\n\r\n")? + 5
        }
        None => 0,
    };
    if bytes.len() < end + length {
        return None;
    }
    let body = bytes[end..end + length].to_vec();
    bytes.drain(..end + length);
    Some(Submission { head, body })
}

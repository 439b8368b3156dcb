//! The clients: a few kept connections, each with one request at a time.

use std::{cell::RefCell, time::Duration};

use futures_util::future::try_join_all;
use reqwest::{Certificate, Client, Method};
use tokio::runtime::Runtime;

use crate::process::Outcome;

/// Connections.
const CLIENTS: usize = 16;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Whether an answer is what was asked for.
pub(crate) type Good = fn(&str) -> bool;

/// Somebody who calls one server.
#[derive(Debug)]
pub(crate) struct Load {
    runtime: Runtime,
    clients: Vec<Client>,
    base: String,
}

impl Load {
    /// Over TLS it speaks HTTP/2 where the server does.
    pub(crate) fn new(base: &str, authority_pem: &str) -> Outcome<Self> {
        let client = || {
            Client::builder()
                .no_proxy()
                .tls_certs_only([Certificate::from_pem(authority_pem.as_bytes())?])
                .tcp_nodelay(true)
                // Servers hang up after five seconds; between rounds we do so first.
                .pool_idle_timeout(Duration::from_secs(2))
                .timeout(Duration::from_secs(20))
                .build()
        };
        let clients = (0..CLIENTS).map(|_| client()).collect::<Result<_, _>>()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, clients, base: base.to_owned() })
    }

    /// Sends them all, a few at a time, and fails with the first answer that is not good.
    pub(crate) fn run(&self, calls: Vec<Call>, good: Good) -> Outcome<()> {
        let calls = RefCell::new(calls.into_iter());
        let work = self.clients.iter().map(|client| async {
            loop {
                let Some(call) = calls.borrow_mut().next() else { return Outcome::Ok(()) };
                let (status, body) = self.send(client, Method::POST, call).await?;
                if status != 200 || !good(&body) {
                    return Err(format!("{} answered {status}: {body}", self.base).into());
                }
            }
        });
        self.runtime.block_on(try_join_all(work))?;
        Ok(())
    }

    /// One request, on the first connection.
    pub(crate) fn ask(&self, method: Method, call: Call) -> Outcome<(u16, String)> {
        let client = self.clients.first().ok_or("no client")?;
        self.runtime.block_on(self.send(client, method, call))
    }

    async fn send(&self, client: &Client, method: Method, call: Call) -> Outcome<(u16, String)> {
        let mut request = client.request(method, format!("{}{}", self.base, call.path));
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let answer = request.body(call.body).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}

//! Clients that measure: bare TCP, so that what they take themselves is small beside what is measured.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::process::{Outcome, local};

/// A kept connection, and what is asked over it again and again.
struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Client {
    fn connect(port: u16, path: &str, token: Option<&str>) -> Outcome<Self> {
        let stream = TcpStream::connect(local(port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
        if let Some(token) = token {
            request += &format!("Authorization: Bearer {token}\r\n");
        }
        request += "\r\n";
        Ok(Self { stream, request: request.into_bytes(), buffer: Vec::with_capacity(4096) })
    }

    /// Asks once; the status of the whole answer.
    fn ask(&mut self) -> Outcome<u16> {
        self.stream.write_all(&self.request)?;
        self.buffer.clear();
        let mut part = [0; 4096];
        loop {
            let count = self.stream.read(&mut part)?;
            if count == 0 {
                return Err("nginx hung up".into());
            }
            self.buffer.extend_from_slice(part.get(..count).unwrap_or_default());
            if let Some((status, length)) = whole(&self.buffer)?
                && self.buffer.len() >= length
            {
                return Ok(status);
            }
        }
    }
}

/// The status of an answer and how long it is, once its head has come.
fn whole(answer: &[u8]) -> Outcome<Option<(u16, usize)>> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(answer.get(..head).unwrap_or_default())?;
    let status = text.split(' ').nth(1).ok_or("no status")?.parse()?;
    let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.ok_or("no length")?.parse()?;
    Ok(Some((status, head + 4 + length)))
}

/// Fails unless one request is answered so.
pub(super) fn expect(port: u16, path: &str, token: Option<&str>, status: u16) -> Outcome<()> {
    let found = Client::connect(port, path, token)?.ask()?;
    if found != status {
        return Err(format!("{path} answered {found}, not {status}").into());
    }
    Ok(())
}

/// Microseconds of every request of all clients, the shortest first. Each client has one request at a time.
pub(super) fn together(
    port: u16,
    path: &str,
    token: &str,
    clients: usize,
    each: usize,
) -> Outcome<Vec<f64>> {
    let mut times = Vec::with_capacity(clients * each);
    let all = thread::scope(|scope| {
        let one = || measured(port, path, token, each).map_err(|cause| cause.to_string());
        let running: Vec<_> = (0..clients).map(|_| scope.spawn(one)).collect();
        let ended = running.into_iter().map(|one| one.join().map_err(|_| "a client panicked"));
        ended.collect::<Result<Vec<_>, _>>()
    })?;
    for one in all {
        times.extend(one?);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn measured(port: u16, path: &str, token: &str, count: usize) -> Outcome<Vec<f64>> {
    let mut client = Client::connect(port, path, Some(token))?;
    // The first finds no connection kept, and nothing remembered.
    client.ask()?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        let status = client.ask()?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
        if status != 200 {
            return Err(format!("{path} answered {status}").into());
        }
    }
    Ok(times)
}

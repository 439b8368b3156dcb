//! What the emulator was asked: for assertions.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// A request as it arrived, and what became of it.
///
/// Headers hold what was sent, signatures and session tokens too: that is what a test wants to see. They
/// are not in `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts from 1.
    pub number: u64,
    /// By the emulator's clock, in RFC 3339.
    pub received_at: String,
    /// Such as `POST`.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// Such as `/`.
    pub path: String,
    /// Without its `?`; empty if there is none.
    pub query: String,
    /// Lower-case name to values, in their order.
    pub headers: BTreeMap<String, Vec<String>>,
    /// Its first 16 KiB; bytes that are not UTF-8 show as U+FFFD.
    pub body: String,
    /// The `Action` parameter.
    pub action: Option<String>,
    /// The access key that the request names, whether or not the signature is right.
    pub access_key_id: Option<String>,
    /// The ARN of that key's owner.
    pub arn: Option<String>,
    /// The status of the answer, also where a fault kept it from arriving.
    pub status: u16,
    /// The code of the error, if the answer is one.
    pub error_code: Option<String>,
    /// The kinds of the faults that struck, such as `latency`.
    pub faults: Vec<String>,
    /// The answer's `x-amzn-RequestId`.
    pub request_id: String,
}

impl std::fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("number", &self.number)
            .field("received_at", &self.received_at)
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("header_names", &self.headers.keys().collect::<Vec<_>>())
            .field("action", &self.action)
            .field("access_key_id", &self.access_key_id)
            .field("arn", &self.arn)
            .field("status", &self.status)
            .field("error_code", &self.error_code)
            .field("faults", &self.faults)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// The last requests, and how many requests and TLS handshakes there were in all.
#[derive(Debug)]
pub(crate) struct Recorder {
    kept: VecDeque<RecordedRequest>,
    most: usize,
    count: u64,
    handshakes: u64,
}

impl Recorder {
    pub(crate) fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), most, count: 0, handshakes: 0 }
    }

    pub(crate) fn push(&mut self, mut request: RecordedRequest) {
        self.count = self.count.saturating_add(1);
        request.number = self.count;
        self.kept.push_back(request);
        while self.kept.len() > self.most {
            self.kept.pop_front();
        }
    }

    pub(crate) fn handshake(&mut self) {
        self.handshakes = self.handshakes.saturating_add(1);
    }

    pub(crate) fn handshakes(&self) -> u64 {
        self.handshakes
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn list(&self) -> Vec<RecordedRequest> {
        self.kept.iter().cloned().collect()
    }

    /// Empties the list and starts to count anew.
    pub(crate) fn take(&mut self) -> Vec<RecordedRequest> {
        self.count = 0;
        self.handshakes = 0;
        std::mem::take(&mut self.kept).into()
    }
}

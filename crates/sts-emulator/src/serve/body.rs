//! A response body that may come slowly or end before its time.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::engine::Transport;

pub(super) struct Body {
    rest: Bytes,
    /// What `Content-Length` promises, less what was sent.
    promised: u64,
    piece: usize,
    pause: Duration,
    /// Ends in an error once `rest` is sent.
    cut: bool,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Body {
    pub(super) fn new(bytes: Vec<u8>, transport: Transport) -> Self {
        let mut rest = Bytes::from(bytes);
        let promised = u64::try_from(rest.len()).unwrap_or(u64::MAX);
        let mut body = Self {
            rest: Bytes::new(),
            promised,
            piece: usize::MAX,
            pause: Duration::ZERO,
            cut: false,
            waiting: None,
        };
        match transport {
            Transport::Whole | Transport::Reset => {}
            Transport::Truncate { after_bytes } => {
                body.cut = after_bytes < rest.len();
                rest.truncate(after_bytes);
                // The head must have left before a cut at its very end.
                body.waiting = Some(Box::pin(sleep(FLUSH)));
            }
            Transport::Drip { pause, bytes } => {
                body.piece = bytes;
                body.pause = pause;
                body.waiting = Some(Box::pin(sleep(pause)));
            }
        }
        body.rest = rest;
        body
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
            self.waiting = None;
        }
        if self.rest.is_empty() {
            let end = self.cut.then(|| Err(io::ErrorKind::UnexpectedEof.into()));
            return Poll::Ready(end);
        }
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        self.promised = self.promised.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
        // So must the bytes before any other cut.
        let pause = if self.cut { FLUSH } else { self.pause };
        let more = self.cut || !self.rest.is_empty();
        self.waiting = (more && !pause.is_zero()).then(|| Box::pin(sleep(pause)));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

const FLUSH: Duration = Duration::from_millis(20);

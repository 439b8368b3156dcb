//! A caller's body on its way: counted, and watched by whoever judges what became of it.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// There may be more.
    Running,
    /// All of it was handed on.
    Ended,
    /// It is longer than allowed.
    TooLong,
    /// The caller did not send the rest.
    BrokenOff,
}

/// What the other end of a [`Capped`] has come to.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<AtomicU8>);

impl Progress {
    pub(crate) fn state(&self) -> State {
        match self.0.load(Ordering::Acquire) {
            ENDED => State::Ended,
            TOO_LONG => State::TooLong,
            BROKEN_OFF => State::BrokenOff,
            _ => State::Running,
        }
    }

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Release);
    }
}

/// Passes a body on until it is longer than allowed. The lock is never waited for: it makes the body one that
/// the HTTP client may share, which it does not.
#[derive(Debug)]
pub(crate) struct Capped<B> {
    inner: Mutex<B>,
    left: u64,
    progress: Progress,
}

impl<B: Body> Capped<B> {
    pub(crate) fn new(inner: B, most: u64) -> (Self, Progress) {
        let state = if inner.is_end_stream() { ENDED } else { RUNNING };
        let progress = Progress(Arc::new(AtomicU8::new(state)));
        (Self { inner: Mutex::new(inner), left: most, progress: progress.clone() }, progress)
    }
}

impl<B> Body for Capped<B>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Unpin,
{
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        let this = &mut *self;
        let inner = this.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let frame = match ready!(Pin::new(&mut *inner).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(_)) => {
                this.progress.set(BROKEN_OFF);
                return Poll::Ready(Some(Err(Stopped)));
            }
            None => {
                this.progress.set(ENDED);
                return Poll::Ready(None);
            }
        };
        // Trailers are headers that no list has looked at.
        let Ok(data) = frame.into_data() else {
            this.progress.set(ENDED);
            return Poll::Ready(None);
        };
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        let Some(left) = this.left.checked_sub(length) else {
            this.progress.set(TOO_LONG);
            return Poll::Ready(Some(Err(Stopped)));
        };
        this.left = left;
        if inner.is_end_stream() {
            this.progress.set(ENDED);
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.progress.state() == State::Ended
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

/// The body goes no further; [`Progress`] says why.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body was stopped")]
pub(crate) struct Stopped;

const RUNNING: u8 = 0;
const ENDED: u8 = 1;
const TOO_LONG: u8 = 2;
const BROKEN_OFF: u8 = 3;

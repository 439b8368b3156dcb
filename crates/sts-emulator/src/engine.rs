//! One request in, one answer out: everything but the network.

mod bend;
mod gzip;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_model::{Clock, Timestamp};
use bytes::Bytes;
use http::{Method, Request};
use sts_proof::HostTable;

use crate::{
    action::{Call, Parameters},
    clock::AdjustableClock,
    directory::Directory,
    endpoint::{Endpoint, UnknownHost},
    error::StsError,
    fault::{FaultKind, FaultSet, Subject},
    instant,
    mint::Mint,
    record::{RecordedRequest, Recorder},
    render::{Format, Style, Tree},
    verify::{Claim, KeyLookup, Policy, verify},
};

/// Settings and state of an emulated STS.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) hosts: HostTable,
    pub(crate) unknown_host: UnknownHost,
    pub(crate) policy: Policy,
    pub(crate) mint: Mint,
    pub(crate) clock: AdjustableClock,
    directory: Mutex<Directory>,
    faults: Mutex<FaultSet>,
    recorder: Mutex<Recorder>,
    last_good: Mutex<Option<Answer>>,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer, and how it travels.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) answer: Answer,
    pub(crate) delay: Duration,
    pub(crate) transport: Transport,
}

/// How a body travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Whole,
    Reset,
    Truncate { after_bytes: usize },
    Drip { pause: Duration, bytes: usize },
}

/// What STS means to say, before it is written.
#[derive(Debug)]
pub(crate) enum Meaning {
    Success {
        action: String,
        result: Tree,
    },
    Error(StsError),
    /// A browser at the front door.
    ProductPage,
}

/// Who asks for what, as far as the request says; nothing of it verified.
#[derive(Debug, Default)]
struct Claimed {
    access_key_id: Option<String>,
    account: Option<String>,
    arn: Option<String>,
    action: Option<String>,
}

impl Engine {
    pub(crate) fn new(
        mint: Mint,
        clock: AdjustableClock,
        directory: Directory,
        keep: usize,
    ) -> Self {
        Self {
            hosts: HostTable::standard(),
            unknown_host: UnknownHost::default(),
            policy: Policy::default(),
            mint,
            clock,
            directory: Mutex::new(directory),
            faults: Mutex::default(),
            recorder: Mutex::new(Recorder::new(keep)),
            last_good: Mutex::default(),
        }
    }

    pub(crate) fn directory(&self) -> MutexGuard<'_, Directory> {
        lock(&self.directory)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultSet> {
        lock(&self.faults)
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        lock(&self.recorder)
    }

    /// Answers a request for STS, records it, and lets the faults in force strike.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Delivery {
        let now = self.clock.now();
        let request_id = self.mint.request_id();
        let parameters = Parameters::read(request);
        let claimed = self.claimed(request, &parameters);
        let meaning = self.decide(request, &parameters, now);
        let subject = Subject {
            account: claimed.account.as_deref(),
            access_key_id: claimed.access_key_id.as_deref(),
            action: claimed.action.as_deref(),
        };
        let struck = self.faults().strike(subject, now);
        let (meaning, style) =
            bend::meaning(meaning, Style::new(Format::of(request.headers())), &struck);
        let plain = write(&meaning, &style, &request_id, now);
        let stale = lock(&self.last_good).clone();
        let good = matches!(meaning, Meaning::Success { .. });
        if good && struck.is_empty() {
            *lock(&self.last_good) = Some(plain.clone());
        }
        let delivery = bend::delivery(plain, stale, &struck, &self.mint);
        self.record(request, claimed, &meaning, &delivery, &struck, (request_id, now));
        delivery
    }

    fn decide(&self, request: &Request<Bytes>, parameters: &Parameters, now: Timestamp) -> Meaning {
        let unsigned = matches!(Claim::read(request), Err(error) if error == StsError::missing_authentication());
        if request.method() == Method::GET && parameters.is_empty() && unsigned {
            return Meaning::ProductPage;
        }
        self.perform(request, parameters, now)
            .map_or_else(Meaning::Error, |(action, result)| Meaning::Success { action, result })
    }

    fn perform(
        &self,
        request: &Request<Bytes>,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<(String, Tree), StsError> {
        // Neither answer is known from the real service.
        if ![Method::GET, Method::POST].contains(request.method()) {
            return Err(StsError::new(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed",
            ));
        }
        if request.uri().path() != "/" {
            return Err(StsError::new(404, "UnknownOperationException", "No such path"));
        }
        let mut directory = self.directory();
        let endpoint = Endpoint::of_host(&self.hosts, &host(request)?, &self.unknown_host);
        let verified = verify(request, &endpoint, &self.policy, now, &*directory)?;
        let id = verified.access_key_id;
        let caller = directory.principal(&id).cloned().ok_or_else(StsError::invalid_token)?;
        let temporary = directory.find(&id).is_some_and(|key| key.session_token.is_some());
        let directory = &mut *directory;
        Call { parameters, caller, temporary, now, directory, mint: &self.mint }.perform()
    }

    fn claimed(&self, request: &Request<Bytes>, parameters: &Parameters) -> Claimed {
        let access_key_id = Claim::read(request).ok().map(|claim| claim.access_key_id);
        let directory = self.directory();
        let owner = access_key_id.as_deref().and_then(|id| directory.principal(id));
        Claimed {
            account: owner.map(|principal| principal.account.to_string()),
            arn: owner.map(|principal| principal.arn()),
            action: parameters.get("Action").map(str::to_owned),
            access_key_id,
        }
    }

    fn record(
        &self,
        request: &Request<Bytes>,
        claimed: Claimed,
        meaning: &Meaning,
        delivery: &Delivery,
        struck: &[FaultKind],
        (request_id, now): (String, Timestamp),
    ) {
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in request.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(name.as_str().to_owned()).or_default().push(value);
        }
        let error_code = match meaning {
            Meaning::Error(error) => Some(error.code.clone()),
            _ => None,
        };
        let kept = request.body().get(..MAX_RECORDED_BODY).unwrap_or(request.body());
        self.recorder().push(RecordedRequest {
            number: 0,
            received_at: instant::extended(now),
            method: request.method().to_string(),
            host: host(request).unwrap_or_default(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers,
            body: String::from_utf8_lossy(kept).into_owned(),
            action: claimed.action,
            access_key_id: claimed.access_key_id,
            arn: claimed.arn,
            status: delivery.answer.status,
            error_code,
            faults: struck.iter().map(bend::name).collect(),
            request_id,
        });
    }
}

/// The one `Host` header.
pub(crate) fn host(request: &Request<Bytes>) -> Result<String, StsError> {
    let mut values = request.headers().get_all(http::header::HOST).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        _ => Err(StsError::new(400, "InvalidRequest", "Request must have one Host header")),
    }
}

fn write(meaning: &Meaning, style: &Style, request_id: &str, now: Timestamp) -> Answer {
    let (status, body) = match meaning {
        Meaning::Success { action, result } => (200, style.success(action, result, request_id)),
        Meaning::Error(error) => (error.status, style.error(error, request_id)),
        Meaning::ProductPage => (302, String::new()),
    };
    let mut headers =
        vec![("x-amzn-RequestId", request_id.to_owned()), ("Date", instant::http_date(now))];
    match meaning {
        Meaning::ProductPage => headers.push(("Location", "https://aws.amazon.com/iam".to_owned())),
        _ => headers.push((CONTENT_TYPE, style.format.content_type().to_owned())),
    }
    Answer { status, headers, body: body.into_bytes() }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So that a flood of long bodies cannot fill the memory of a test run.
const MAX_RECORDED_BODY: usize = 16 * 1024;

pub(crate) const CONTENT_TYPE: &str = "Content-Type";

//! Every fault, as a client that hides nothing sees it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use sts_emulator::{Credentials, Fault, FaultKind, StsEmulator};

use crate::support::{ACCOUNT, BODY, Plan, Reply, bytes, parse, raw, send, start};

async fn session() -> (StsEmulator, Credentials, Request<Bytes>) {
    let sts = start().await;
    let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
    let request = Plan::new(BODY).sign(&session);
    (sts, session, request)
}

async fn struck(kind: FaultKind) -> Reply {
    let (sts, _, request) = session().await;
    sts.set_faults(vec![Fault::always(kind)]);
    send(&sts, &request).await
}

#[tokio::test]
async fn latency() {
    let (sts, _, request) = session().await;
    let kind = FaultKind::Latency { millis: 150, jitter_millis: 10 };
    sts.set_faults(vec![Fault::times(1, kind)]);
    let start = Instant::now();
    assert_eq!(send(&sts, &request).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert!(sts.faults().is_empty());
}

#[tokio::test]
async fn reset() {
    let (sts, _, request) = session().await;
    sts.set_faults(vec![Fault::times(1, FaultKind::Reset {})]);
    let (answer, end) = raw(sts.local_addr(), &bytes(&request)).await;
    assert!(answer.is_empty());
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(send(&sts, &request).await.status, 200);
}

#[tokio::test]
async fn truncate() {
    for after_bytes in [0, 1, 40] {
        let (sts, _, request) = session().await;
        sts.set_faults(vec![Fault::always(FaultKind::Truncate { after_bytes })]);
        let reply = parse(&raw(sts.local_addr(), &bytes(&request)).await.0);
        assert_eq!((reply.status, reply.body.len()), (200, after_bytes));
        let promised: usize = reply.header("content-length").unwrap().parse().unwrap();
        assert!(promised > after_bytes);
    }
}

#[tokio::test]
async fn drip() {
    let (sts, _, request) = session().await;
    let whole = send(&sts, &request).await.body.len();
    sts.set_faults(vec![Fault::always(FaultKind::Drip { pause_millis: 10, bytes: 40 })]);
    let start = Instant::now();
    let reply = send(&sts, &request).await;
    assert_eq!(reply.body.len(), whole);
    assert_eq!(reply.header("content-length").unwrap(), whole.to_string());
    assert!(start.elapsed() >= Duration::from_millis(10) * u32::try_from(whole / 40).unwrap());
}

#[tokio::test]
async fn redirect() {
    let location = "http://169.254.169.254/latest/".to_owned();
    let reply = struck(FaultKind::Redirect { location: location.clone(), status: 307 }).await;
    assert_eq!(reply.status, 307);
    assert_eq!(reply.header("location").unwrap(), location);
}

#[tokio::test]
async fn content_type_and_html() {
    let reply = struck(FaultKind::ContentType { value: "text/plain".into() }).await;
    assert_eq!((reply.status, reply.header("content-type").unwrap().as_str()), (200, "text/plain"));
    assert!(reply.text().contains("<Arn>"));
    let reply = struck(FaultKind::Html { status: 200 }).await;
    assert_eq!(reply.header("content-type").unwrap(), "text/html; charset=utf-8");
    assert!(reply.text().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn oversized() {
    let reply = struck(FaultKind::Oversized { bytes: 100_000 }).await;
    assert_eq!(reply.body.len(), 100_000);
    assert!(reply.text().trim_end().ends_with("</GetCallerIdentityResponse>"));
}

#[tokio::test]
async fn duplicate_fields() {
    let reply = struck(FaultKind::DuplicateFields {}).await;
    assert_eq!(reply.text().matches("<Arn>").count(), 2);
    let (sts, session, _) = session().await;
    sts.set_faults(vec![Fault::always(FaultKind::DuplicateFields {})]);
    let json = Plan::new(BODY).header("accept", "application/json").sign(&session);
    assert_eq!(send(&sts, &json).await.text().matches("\"Arn\":").count(), 2);
}

#[tokio::test]
async fn wrong_namespace() {
    let reply = struck(FaultKind::WrongNamespace { namespace: "urn:other".into() }).await;
    assert!(reply.text().starts_with("<GetCallerIdentityResponse xmlns=\"urn:other\">"));
}

#[tokio::test]
async fn gzip() {
    let reply = struck(FaultKind::Gzip {}).await;
    assert_eq!(reply.header("content-encoding").unwrap(), "gzip");
    assert_eq!(reply.body[..3], [0x1f, 0x8b, 8]);
    // One stored block: five bytes of its head, then the text as it is, then the last block and trailer.
    let text = &reply.body[15..reply.body.len() - 13];
    assert!(text.starts_with(b"<GetCallerIdentityResponse"));
    let length = u32::from_le_bytes(reply.body[reply.body.len() - 4..].try_into().unwrap());
    assert_eq!(usize::try_from(length).unwrap(), text.len());
}

#[tokio::test]
async fn throttle_always_and_beyond_a_rate_of_each_account() {
    let reply = struck(FaultKind::Throttle { per_second: None, per_account: false }).await;
    assert_eq!((reply.status, reply.field("Code").as_str()), (400, "Throttling"));
    assert_eq!(reply.field("Message"), "Rate exceeded");

    let (sts, _, mine) = session().await;
    let theirs = Plan::new(BODY).sign(&sts.add_user("222222222222", "bob").unwrap());
    let kind = FaultKind::Throttle { per_second: Some(2), per_account: true };
    sts.set_faults(vec![Fault::always(kind)]);
    for (request, status) in
        [(&mine, 200), (&mine, 200), (&mine, 400), (&theirs, 200), (&mine, 400)]
    {
        assert_eq!(send(&sts, request).await.status, status);
    }
    // The clock is the emulator's, so a test need not wait.
    sts.set_clock(sts_emulator::ClockSetting::Offset(1));
    assert_eq!(send(&sts, &mine).await.status, 200);
}

#[tokio::test]
async fn a_burst_of_server_errors() {
    let (sts, _, request) = session().await;
    sts.set_faults(vec![Fault::times(2, FaultKind::ServerError { status: 503 })]);
    for _ in 0..2 {
        let reply = send(&sts, &request).await;
        assert_eq!((reply.status, reply.field("Code").as_str()), (503, "ServiceUnavailable"));
        assert_eq!(reply.field("Type"), "Receiver");
    }
    assert_eq!(send(&sts, &request).await.status, 200);
}

#[tokio::test]
async fn an_error_or_an_answer_of_ones_own() {
    let (code, message) = ("RegionDisabledException".to_owned(), "off".to_owned());
    let reply = struck(FaultKind::Error { status: 403, code, message }).await;
    assert_eq!((reply.status, reply.field("Code").as_str()), (403, "RegionDisabledException"));
    let (content_type, body) = ("text/xml".to_owned(), "<a/>".to_owned());
    let reply = struck(FaultKind::Answer { status: 299, content_type, body }).await;
    assert_eq!((reply.status, reply.text().as_str()), (299, "<a/>"));
}

#[tokio::test]
async fn stale() {
    let (sts, _, mine) = session().await;
    let bob = sts.add_user("222222222222", "bob").unwrap();
    let theirs = send(&sts, &Plan::new(BODY).sign(&bob)).await;
    sts.set_faults(vec![Fault::times(1, FaultKind::Stale {})]);
    let reply = send(&sts, &mine).await;
    assert_eq!(reply.text(), theirs.text());
    assert_ne!(send(&sts, &mine).await.text(), theirs.text());
}

#[tokio::test]
async fn other_principal() {
    let reply = struck(FaultKind::OtherPrincipal {
        arn: "arn:aws:iam::999999999999:root".into(),
        user_id: "999999999999".into(),
        account_id: "999999999999".into(),
    })
    .await;
    assert_eq!(reply.field("Arn"), "arn:aws:iam::999999999999:root");
    assert_eq!(reply.field("Account"), "999999999999");
}

#[tokio::test]
async fn filters_and_order() {
    let (sts, mine, request) = session().await;
    let bob = sts.add_user("222222222222", "bob").unwrap();
    let theirs = Plan::new(BODY).sign(&bob);
    let throttle = || Fault::times(1, FaultKind::Throttle { per_second: None, per_account: false });
    sts.set_faults(vec![throttle().for_account("222222222222")]);
    assert_eq!(send(&sts, &request).await.status, 200);
    assert_eq!(send(&sts, &theirs).await.status, 400);
    assert_eq!(send(&sts, &theirs).await.status, 200);
    sts.set_faults(vec![throttle().for_access_key(&mine.access_key_id)]);
    assert_eq!(send(&sts, &theirs).await.status, 200);
    assert_eq!(send(&sts, &request).await.status, 400);
    // All of several take effect.
    let html = Fault::always(FaultKind::ContentType { value: "text/html".into() });
    sts.set_faults(vec![throttle(), html]);
    let reply = send(&sts, &request).await;
    assert_eq!((reply.status, reply.header("content-type").unwrap().as_str()), (400, "text/html"));
}

//! The record: complete for assertions, bounded, and silent about secrets in `Debug`.

use auth_model::ExposeSecret;
use sts_emulator::{Fault, FaultKind};

use crate::support::{ACCOUNT, BODY, Plan, builder, send, start};

#[tokio::test]
async fn a_request_is_kept_with_what_became_of_it() {
    let sts = start().await;
    let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
    sts.set_faults(vec![Fault::times(
        1,
        FaultKind::Throttle { per_second: None, per_account: false },
    )]);
    let reply = send(&sts, &Plan::new(BODY).header("x-ddog-org-id", "org").sign(&session)).await;
    let [request] = sts.take_requests().try_into().unwrap();
    assert_eq!(request.number, 1);
    assert_eq!(
        (request.method.as_str(), request.path.as_str(), request.query.as_str()),
        ("POST", "/", "")
    );
    assert_eq!(request.host, "sts.amazonaws.com");
    assert_eq!(request.headers["x-ddog-org-id"], ["org"]);
    assert_eq!(request.body, BODY);
    assert_eq!(request.action.as_deref(), Some("GetCallerIdentity"));
    assert_eq!(request.access_key_id.as_ref(), Some(&session.access_key_id));
    assert_eq!(request.arn, Some(session.principal.arn()));
    assert_eq!((request.status, request.error_code.as_deref()), (400, Some("Throttling")));
    assert_eq!(request.faults, ["throttle"]);
    assert_eq!(request.received_at, "2026-08-05T12:34:56Z");
    assert_eq!(reply.header("x-amzn-requestid").unwrap(), request.request_id);
    assert_eq!(sts.request_count(), 0);
}

#[tokio::test]
async fn the_list_is_bounded_and_the_count_is_not() {
    let sts = builder().keep_requests(2).start().await.unwrap();
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    for _ in 0..5 {
        send(&sts, &Plan::new(BODY).sign(&user)).await;
    }
    assert_eq!(sts.request_count(), 5);
    let numbers: Vec<u64> = sts.requests().iter().map(|request| request.number).collect();
    assert_eq!(numbers, [4, 5]);
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let sts = start().await;
    let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
    send(&sts, &Plan::new(BODY).sign(&session)).await;
    send(&sts, &Plan::presigned(BODY).sign(&session)).await;
    let text = format!("{sts:?} {:?} {session:?}", sts.requests());
    let token = session.session_token.as_ref().unwrap().expose_secret();
    assert!(!text.contains(session.secret_access_key.expose_secret()));
    assert!(!text.contains(token.get(..40).unwrap()));
    for request in sts.requests() {
        let all = format!("{:?} {}", request.headers, request.query);
        let signature = all.split("Signature=").nth(1).unwrap().get(..64).unwrap();
        assert!(!text.contains(signature));
    }
}

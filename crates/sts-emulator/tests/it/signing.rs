//! What other signers sign is accepted, in both forms; who the caller is comes back right.

use sts_emulator::{CredentialRequest, PrincipalRequest};

use crate::support::{ACCOUNT, BODY, Plan, send, start};

#[tokio::test]
async fn header_form_of_every_kind_of_principal() {
    let sts = start().await;
    let path = PrincipalRequest::User { name: "bob".into(), path: Some("/ops/".into()) };
    #[rustfmt::skip]
    let cases = [
        (sts.add_user(ACCOUNT, "alice"),                 "arn:aws:iam::123456789012:user/alice"),
        (sts.issue(&CredentialRequest::new(ACCOUNT, path)), "arn:aws:iam::123456789012:user/ops/bob"),
        (sts.add_session(ACCOUNT, "ci", "build-7"),      "arn:aws:sts::123456789012:assumed-role/ci/build-7"),
        (sts.add_federated_user(ACCOUNT, "carol"),       "arn:aws:sts::123456789012:federated-user/carol"),
        (sts.add_root(ACCOUNT),                          "arn:aws:iam::123456789012:root"),
    ];
    for (credentials, arn) in cases {
        let credentials = credentials.unwrap();
        let reply = send(&sts, &Plan::new(BODY).sign(&credentials)).await;
        assert_eq!(reply.status, 200, "{arn}: {}", reply.text());
        assert_eq!(reply.field("Arn"), arn);
        assert_eq!(reply.field("UserId"), credentials.principal.user_id());
        assert_eq!(reply.field("Account"), ACCOUNT);
        assert_eq!(reply.header("content-type").unwrap(), "text/xml");
        assert_eq!(reply.header("x-amzn-requestid").unwrap(), reply.field("RequestId"));
        assert_eq!(reply.header("date").unwrap(), "Wed, 05 Aug 2026 12:34:56 GMT");
    }
}

#[tokio::test]
async fn presigned_form_with_get_and_post() {
    let sts = start().await;
    for credentials in [sts.add_user(ACCOUNT, "alice"), sts.add_session(ACCOUNT, "ci", "b+=,.@-")] {
        let credentials = credentials.unwrap();
        for method in ["GET", "POST"] {
            let plan = Plan { method, ..Plan::presigned(BODY) };
            let reply = send(&sts, &plan.sign(&credentials)).await;
            assert_eq!(reply.status, 200, "{method}: {}", reply.text());
            assert_eq!(reply.field("Arn"), credentials.principal.arn());
        }
    }
}

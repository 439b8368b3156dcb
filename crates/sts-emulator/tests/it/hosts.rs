//! One listener is every STS: the `Host` header says which.

use arn_pattern::Partition;
use sts_emulator::{CredentialRequest, HostTable, PrincipalRequest, UnknownHost};

use crate::support::{BODY, Plan, builder, send, start};

#[tokio::test]
async fn every_host_of_the_table_for_a_principal_of_its_partition() {
    let sts = start().await;
    for (at, host) in HostTable::standard().iter().enumerate() {
        // An account is in one partition, so each partition has its own.
        let partition = Partition::ALL.iter().position(|one| *one == host.partition()).unwrap();
        let session = PrincipalRequest::Session { role: "ci".into(), name: format!("host-{at}") };
        let mut request = CredentialRequest::new(format!("{:012}", partition + 1), session);
        request.partition = Some(host.partition().to_string());
        let credentials = sts.issue(&request).unwrap();
        let plan = Plan::new(BODY).host(host.name(), host.region());
        let reply = send(&sts, &plan.sign(&credentials)).await;
        assert_eq!(reply.status, 200, "{}: {}", host.name(), reply.text());
        assert!(reply.field("Arn").starts_with(&format!("arn:{}:sts::", host.partition())));
        let plan = Plan::new(BODY).host(&host.name().to_ascii_uppercase(), host.region());
        assert_eq!(send(&sts, &plan.sign(&credentials)).await.status, 200);
    }
}

#[tokio::test]
async fn loopback_stands_for_any_known_region() {
    let sts = start().await;
    let user = sts.add_user("123456789012", "alice").unwrap();
    let here = sts.local_addr().to_string();
    #[rustfmt::skip]
    let cases = [
        (here.as_str(),          "us-east-1",     200),
        (here.as_str(),          "eu-central-1",  200),
        ("localhost:4566",       "ap-south-2",    200),
        ("sts.example.internal", "eu-west-1",     200),
        (here.as_str(),          "mars-north-1",  403),
        // A Region of another partition, whose STS does not know the key.
        (here.as_str(),          "us-gov-west-1", 403),
    ];
    for (host, region, status) in cases {
        let reply = send(&sts, &Plan::new(BODY).host(host, region).sign(&user)).await;
        assert_eq!(reply.status, status, "{host} {region}: {}", reply.text());
    }
}

#[tokio::test]
async fn loopback_can_stand_for_one_region() {
    let region = UnknownHost::Region("eu-west-1".into());
    let sts = builder().unknown_host(region).start().await.unwrap();
    let user = sts.add_user("123456789012", "alice").unwrap();
    for (region, status) in [("eu-west-1", 200), ("us-east-1", 403)] {
        let plan = Plan::new(BODY).host("127.0.0.1", region);
        assert_eq!(send(&sts, &plan.sign(&user)).await.status, status, "{region}");
    }
}

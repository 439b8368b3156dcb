//! The floor of an exchange over the network: the product's server stack in front of its HTTP client, and nothing between.
//!
//! Takes a request, sends its headers and body on to STS over a kept TLS connection, answers with what STS said. `x-host`
//! becomes `Host`, which a client of HTTP/2 cannot choose.
//! Arguments: address, certificate, key, URL of STS, certificate of STS.

use std::{error::Error, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use axum_server::tls_rustls::RustlsConfig;
use reqwest::{Certificate, Client, Url};

struct Upstream {
    client: Client,
    sts: Url,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, certificate, key, sts, authority] = arguments.as_slice() else {
        return Err("arguments: address, certificate, key, URL of STS, certificate of STS".into());
    };
    // Nothing to choose from: the workspace has one provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // As the product's client is set up.
    let client = Client::builder()
        .no_proxy()
        .http1_only()
        .tls_certs_only([Certificate::from_pem(&std::fs::read(authority)?)?])
        .tcp_nodelay(true)
        .build()?;
    let upstream = Arc::new(Upstream { client, sts: sts.parse()? });
    let router = Router::new().route("/", post(forward)).with_state(upstream);
    let tls = RustlsConfig::from_pem_file(certificate, key).await?;
    let address: SocketAddr = address.parse()?;
    axum_server::bind_rustls(address, tls).serve(router.into_make_service()).await?;
    Ok(())
}

async fn forward(
    State(upstream): State<Arc<Upstream>>,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Bytes, StatusCode> {
    headers.remove(header::CONTENT_LENGTH);
    if let Some(host) = headers.remove("x-host") {
        headers.insert(header::HOST, host);
    }
    let request = upstream.client.post(upstream.sts.clone()).headers(headers).body(body);
    let answer = request.send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    if answer.status() != StatusCode::OK {
        return Err(StatusCode::UNAUTHORIZED);
    }
    answer.bytes().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

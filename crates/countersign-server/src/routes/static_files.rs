//! What pages load: one style sheet, and one script of one line.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::page::{STYLE, SUBMIT};

pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

pub(crate) async fn submit() -> Response {
    file("text/javascript; charset=utf-8", SUBMIT)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, text).into_response()
}

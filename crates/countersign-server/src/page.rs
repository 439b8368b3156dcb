//! Pages for browsers. Everything in them is escaped where it is put in; nothing in them comes from another site.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use maud::{DOCTYPE, Markup, html};

use crate::error::ApiError;

/// A page, and where its forms may lead beside here.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    title: String,
    body: Markup,
    forms_lead_to: Option<String>,
    script: bool,
}

impl Page {
    pub(crate) fn new(status: StatusCode, title: impl Into<String>, body: Markup) -> Self {
        Self { status, title: title.into(), body, forms_lead_to: None, script: false }
    }

    /// Lets its form post to another site.
    pub(crate) fn posting_to(mut self, url: &str) -> Self {
        self.forms_lead_to = Some(url.to_owned());
        self
    }

    /// Posts its form by itself, where the browser runs scripts.
    pub(crate) fn submitted(mut self) -> Self {
        self.script = true;
        self
    }

    pub(crate) fn respond(self) -> Response {
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " · Countersign" }
                    link rel="stylesheet" href="/static/countersign.css";
                    @if self.script { script src="/static/submit.js" defer {} }
                }
                body { main { h1 { (self.title) } (self.body) } }
            }
        };
        let mut response = Response::new(Body::from(markup.into_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        // Not `no-referrer`: by that a browser says `Origin: null` of our own forms.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        if let Ok(policy) = HeaderValue::from_str(&policy(self.forms_lead_to.as_deref())) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// What a browser may load and do: our own style sheet and script, and forms.
fn policy(forms_lead_to: Option<&str>) -> String {
    let elsewhere = forms_lead_to.and_then(site).unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self' {elsewhere}; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Scheme, host and port of a URL, if they are such that nothing else can hide in them.
fn site(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    (plain && matches!(scheme, "http" | "https")).then(|| format!("{scheme}://{host}"))
}

/// An error as a page.
pub(crate) fn of_error(error: &ApiError) -> Response {
    let detail = error.detail.clone().unwrap_or_else(|| error.title().to_owned());
    Page::new(error.status, error.title(), html! { p { (detail) } }).respond()
}

/// The style of all pages.
pub(crate) const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8886;--quiet:#777;--accent:#0b5cad}\n\
body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;justify-items:center}\n\
main{box-sizing:border-box;width:min(44rem,100%);padding:2rem 1.25rem}\n\
h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:1.75rem 0 .5rem}\n\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}\n\
ul{padding:0;list-style:none;border-top:1px solid var(--line)}li{padding:.4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n\
small{color:var(--quiet);display:block}\n\
label{display:block;margin:.75rem 0}input{display:block;box-sizing:border-box;width:100%;font:inherit;padding:.45rem;border:1px solid var(--line);border-radius:.3rem}\n\
.button,button{display:inline-block;font:inherit;padding:.5rem 1.1rem;border:0;border-radius:.3rem;background:var(--accent);color:#fff;text-decoration:none;cursor:pointer}\n\
code{overflow-wrap:anywhere}\n\
@media(prefers-color-scheme:dark){:root{--quiet:#aaa;--accent:#3d8bdb}}\n";

/// Posts the form of a page that has one.
pub(crate) const SUBMIT: &str = "document.getElementById('request').submit();\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_site_gets_into_the_policy() {
        #[rustfmt::skip]
        let cases = [
            ("https://idp.example/sso?x=1",            Some("https://idp.example")),
            ("http://127.0.0.1:8080/sso",              Some("http://127.0.0.1:8080")),
            ("https://[::1]:8443/sso",                 Some("https://[::1]:8443")),
            ("https://idp.example; script-src */x",    None),
            ("https://idp.example 'unsafe-inline'/x",  None),
            ("https://user@idp.example/",              None),
            ("javascript://idp.example/",              None),
            ("idp.example/sso",                        None),
        ];
        for (url, expected) in cases {
            assert_eq!(site(url).as_deref(), expected, "{url}");
        }
    }
}

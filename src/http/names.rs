//! Without tokens, whoever reaches the server is let in. So that no page in a browser of this machine reaches it under a
//! name of its own (DNS rebinding), or from elsewhere, only names of this machine are answered.

use super::problem::Problem;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use std::net::IpAddr;

/// Answers a request that calls this machine by a name of its own, and that no page of another made.
///
/// # Errors
/// It does not, or one did.
pub async fn are_of_this_machine(request: Request, next: Next) -> Result<Response, Problem> {
    let (headers, uri) = (request.headers(), request.uri());
    let hosts: Option<Vec<&str>> = texts(headers, HOST);
    let is_ours = |hosts: &[&str]| {
        let named = uri.authority().map(Authority::as_str);
        let mut all = hosts.iter().copied().chain(named).peekable();
        all.peek().is_some() && all.all(is_loopback)
    };
    if !hosts.is_some_and(|hosts| is_ours(&hosts)) {
        return Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "without tokens it answers to localhost, 127.0.0.1 and [::1] alone",
        ));
    }
    let origins = texts(headers, ORIGIN);
    if !origins.is_some_and(|origins| origins.iter().all(|origin| is_of_this_machine(origin))) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "without tokens it answers no page of another machine",
        ));
    }
    Ok(next.run(request).await)
}

/// All values of a header; none where one is no text.
fn texts(headers: &HeaderMap, name: HeaderName) -> Option<Vec<&str>> {
    let all = headers.get_all(name).iter();
    all.map(|value| value.to_str().ok()).collect()
}

/// Whether `host` or `host:port` is this machine's own.
fn is_loopback(text: &str) -> bool {
    let Ok(authority) = text.parse::<Authority>() else {
        return false;
    };
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || number
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn is_of_this_machine(origin: &str) -> bool {
    let uri = origin.parse::<Uri>().ok();
    let authority = uri.as_ref().and_then(Uri::authority);
    authority.is_some_and(|authority| is_loopback(authority.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_names_are_its_own() {
        for ours in [
            "localhost",
            "LocalHost:8080",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:80",
        ] {
            assert!(is_loopback(ours), "{ours}");
            assert!(is_of_this_machine(&format!("http://{ours}")), "{ours}");
        }
        for other in [
            "",
            "x",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "evil.example@localhost",
            "10.0.0.1:80",
            "0.0.0.0",
            "[::2]",
            "localhost:80:80",
            "null",
        ] {
            assert!(!is_loopback(other), "{other}");
            assert!(!is_of_this_machine(&format!("http://{other}")), "{other}");
        }
        assert!(!is_of_this_machine("null") && !is_of_this_machine("file://"));
    }
}

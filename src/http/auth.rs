//! Who asks: a bearer token stands for somebody on the roster, whose role holds.

use super::app::App;
use super::problem::Problem;
use super::serving::Peer;
use crate::service::Workspace;
use crate::service::home::workspace::now;
use crate::service::users::tokens;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The workspace with the person who asks.
#[derive(Clone)]
pub struct Caller(pub Arc<Workspace>);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // `admit` has put it there.
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "nobody is known to ask"))
    }
}

/// RFC 6750 section 3: which token is wrong is told, that one is missing needs no code.
fn unknown(why: &str, challenge: &'static str) -> Problem {
    let mut problem = Problem::new(StatusCode::UNAUTHORIZED, why);
    let challenge = HeaderValue::from_static(challenge);
    problem.header = Some(Box::new((header::WWW_AUTHENTICATE, challenge)));
    problem
}

/// It may be asked again after so many seconds.
fn later(why: &str, seconds: &'static str) -> Problem {
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, why);
    let seconds = HeaderValue::from_static(seconds);
    problem.header = Some(Box::new((header::RETRY_AFTER, seconds)));
    problem
}

/// The token of a request: the scheme in any case (RFC 9110 section 11.1), blanks, the token (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = shown.split_once([' ', '\t'])?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

/// Lets a request in, as somebody, if they may ask now.
///
/// # Errors
/// No token, an unknown one, too many requests, or somebody who may not act any more.
pub async fn admit(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let shown = bearer(request.headers());
    let (name, caller) = match shown {
        Some(shown) => {
            let all = tokens::list(&app.workspace.home)?;
            let token = match tokens::known(&all, shown, &now()) {
                Some(token) if tokens::is_on_record(&app.workspace, token)? => token,
                _ => {
                    let from = request.extensions().get::<Peer>();
                    if from.is_some_and(|from| !app.may_be_wrong(from.0)) {
                        return Err(later("too many wrong tokens from this address", "60"));
                    }
                    let challenge = "Bearer error=\"invalid_token\"";
                    let why = "the token is not known, or has ended";
                    return Err(unknown(why, challenge));
                }
            };
            (token.id.clone(), app.acting(&token.person)?)
        }
        None if app.open => ("open".to_owned(), app.workspace.clone()),
        None => return Err(unknown("a bearer token is needed", "Bearer")),
    };
    if !app.has_turn(&name) {
        return Err(later("too many requests", "1"));
    }
    request.extensions_mut().insert(Caller(caller));
    Ok(next.run(request).await)
}

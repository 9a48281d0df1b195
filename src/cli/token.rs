//! `token`: what programs show to the HTTP interface.

use super::global::Global;
use super::output::Out;
use super::service_args::{TokenArgs, TokenCommand};
use super::{Answer, home, passphrase};
use crate::error::Result;
use crate::service::users::tokens;
use serde_json::json;

pub fn run(global: &Global, args: &TokenArgs, out: &mut Out) -> Result<Answer> {
    match &args.command {
        TokenCommand::Add { name, expires } => {
            let workspace = passphrase::open_to_sign(global)?;
            let (token, text) = tokens::add(&workspace, name, expires.as_deref())?;
            if global.json {
                out.json(&json!({"id": token.id, "person": token.person, "token": *text}));
            } else {
                out.line(&format!(
                    "{}\nToken {} acts as {}. It is shown this once.",
                    *text, token.id, token.person
                ));
            }
        }
        TokenCommand::List => {
            for token in tokens::list(&home(global)?)? {
                if global.json {
                    out.json(&json!({"id": token.id, "person": token.person, "made": token.made, "expires": token.expires}));
                } else {
                    let ends = token.expires.as_deref().unwrap_or("until it is revoked");
                    out.line(&format!(
                        "{}  {:20} made {}  {ends}",
                        token.id, token.person, token.made
                    ));
                }
            }
        }
        TokenCommand::Revoke { id } => {
            tokens::revoke(&passphrase::open_to_sign(global)?, id)?;
            out.line(&format!("token {id} is revoked"));
        }
    }
    Ok(Answer::Done)
}

//! `database`: the tables of a ledger that several processes share.

use super::global::Global;
use super::output::Out;
use super::service_args::{DatabaseArgs, DatabaseCommand};
use super::{Answer, home};
use crate::error::Result;
use crate::service::home::database::{self, Owner};
use serde_json::json;

pub fn run(global: &Global, args: &DatabaseArgs, out: &mut Out) -> Result<Answer> {
    let home = home(global)?;
    match &args.command {
        DatabaseCommand::Migrate {
            owner,
            owner_password_file,
            grant,
        } => {
            let owner = owner.as_deref().map(|name| Owner {
                name,
                password: owner_password_file.as_deref(),
            });
            let taken = database::migrate(&home, owner, grant.as_deref())?;
            if global.json {
                out.json(&json!({"steps": taken}));
            } else if taken == 0 {
                out.line("the tables were there already");
            } else {
                out.line("the ledger's tables are ready");
            }
        }
        DatabaseCommand::Status => {
            let status = database::status(&home)?;
            if global.json {
                out.json(&json!({
                    "schema": status.schema,
                    "version": status.version,
                    "entries": status.entries,
                }));
            } else {
                out.line(&format!(
                    "schema {}, version {}, {} entries",
                    status.schema, status.version, status.entries
                ));
            }
        }
    }
    Ok(Answer::Done)
}

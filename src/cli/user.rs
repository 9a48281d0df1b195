//! `user`: the roster and its keys.

use super::args::{RoleArg, UserAction, UserArgs};
use super::global::Global;
use super::output::Out;
use super::{Answer, home, open, passphrase};
use crate::domain::person::Role;
use crate::error::{Error, Kind, Result};
use crate::service::Needs;
use crate::service::users::enrolment::{self, NewKey};
use crate::service::users::people;
use crate::service::users::remembered;

fn role_of(role: RoleArg) -> Role {
    match role {
        RoleArg::Officer => Role::Officer,
        RoleArg::Principal => Role::Principal,
        RoleArg::Marketer => Role::Marketer,
        RoleArg::Auditor => Role::Auditor,
        RoleArg::Admin => Role::Admin,
    }
}

pub fn run(global: &Global, args: &UserArgs, out: &mut Out) -> Result<Answer> {
    if matches!(args.action, UserAction::List) {
        return list(global, out);
    }
    if let UserAction::Me { name, forget } = &args.action {
        return me(global, name.as_deref(), *forget, out);
    }
    let mut workspace = passphrase::open_to_sign(global)?;
    let done = match &args.action {
        UserAction::List | UserAction::Me { .. } => String::new(),
        UserAction::Add { name, role, key } => {
            let role = role_of(*role);
            match key {
                Some(key) => enrolment::add(&workspace, name, role, NewKey::Theirs(key))?,
                None => {
                    let passphrase = passphrase::new(name)?;
                    enrolment::add(&workspace, name, role, NewKey::Here(&passphrase))?;
                }
            }
            format!("{name} is enrolled as {role}")
        }
        UserAction::Grant { name, role } => {
            let role = role_of(*role);
            enrolment::grant(&workspace, name, role)?;
            format!("{name} is {role} from now on")
        }
        UserAction::Revoke { name, reason } => {
            enrolment::revoke(&workspace, name, reason)?;
            format!("{name} may do nothing from now on")
        }
        UserAction::ReplaceKey { name, key } => {
            let seq = match key {
                Some(key) => enrolment::propose_key(&workspace, name, NewKey::Theirs(key))?,
                None => {
                    let passphrase = passphrase::new(name)?;
                    enrolment::propose_key(&workspace, name, NewKey::Here(&passphrase))?
                }
            };
            format!(
                "proposed; another admin or principal confirms it with `echovoice user confirm-key {seq}`"
            )
        }
        UserAction::ConfirmKey { proposal } => {
            let name = enrolment::confirm_key(&workspace, *proposal)?;
            format!("{name} signs with a new key from now on")
        }
        UserAction::RotateKey => {
            let name = workspace.person.name.clone();
            let passphrase = passphrase::new(&name)?;
            enrolment::rotate(&mut workspace, &passphrase)?;
            format!("{name} signs with a new key from now on")
        }
    };
    if global.json {
        out.json(&serde_json::json!({"done": done}));
    } else {
        out.line(&done);
    }
    Ok(Answer::Done)
}

/// Who works in this home on this machine.
fn me(global: &Global, name: Option<&str>, forget: bool, out: &mut Out) -> Result<Answer> {
    let home = home(global)?;
    if let Some(name) = name {
        let workspace = open(global, Needs::ReadLedger)?;
        let people = people::list(workspace.log()?.as_ref())?;
        let known: Vec<&str> = (people.iter().filter(|p| p.active))
            .map(|p| p.name.as_str())
            .collect();
        if !known.contains(&name) {
            return Err(
                Error::new(Kind::NotFound, format!("{name} is not on the roster"))
                    .fix(format!("one of: {}", known.join(", "))),
            );
        }
        remembered::remember(&home, Some(name))?;
    } else if forget {
        remembered::remember(&home, None)?;
    }
    let who = remembered::who(&home);
    if global.json {
        out.json(&serde_json::json!({"me": who}));
    } else {
        out.line(&match &who {
            Some(name) => format!("{name} works in this home on this machine"),
            None => "nobody is remembered for this home on this machine".into(),
        });
    }
    Ok(Answer::Done)
}

fn list(global: &Global, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::ReadLedger)?;
    for person in people::list(workspace.log()?.as_ref())? {
        if global.json {
            out.json(&person);
            continue;
        }
        let note = match (person.active, person.demo) {
            (false, _) => "revoked",
            (true, true) => "demo identity, not for real approvals",
            (true, false) => "",
        };
        out.line(&format!("{:18} {:10} {note}", person.name, person.role));
    }
    Ok(Answer::Done)
}

//! Packs come into force and go out of it: tested, signed, recorded, then copied to where they run. A pack may ask that two
//! persons stand for it: the first one's change is a proposal, and nothing is in force by it until another confirms.

use super::{Shelf, active, book_with, book_without, diff, find_text, test};
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::Entry;
use crate::ledger::log::Key;
use crate::ledger::payload::{InForcePayload, Payload};
use crate::ledger::rules::in_force::ACCEPT;
use crate::rules::Pack;
use crate::rules::diff::RuleChange;
use crate::rules::selftest::Failure;
use crate::service::home::in_force::{self, PackChange, StateChange};
use crate::service::home::workspace::{Workspace, now};

/// In an entry about a pack: the name of the blob with its text.
const TEXT: &str = "pack";

/// A pack put in force, or proposed: what became of it, and what changed against the one before.
#[derive(Debug)]
pub struct Activation {
    pub pack: Pack,
    pub made: StateChange,
    pub changes: Vec<RuleChange>,
}

/// What a second person confirmed.
#[derive(Debug)]
pub enum Confirmed {
    Activated(Box<Activation>),
    Deactivated { pack: String, made: StateChange },
    Accepted(StateChange),
}

/// Puts a pack in force: tested, recorded, then copied to where it runs. Where it, or the one in force of its name, asks for
/// two persons, it is proposed.
///
/// # Errors
/// Not allowed, its author may not, a test fails, a dismissal that holds today would be broken, it does not go
/// together with the other packs, or the ledger refused. Then nothing changed.
pub fn activate(workspace: &Workspace, name: &str) -> Result<Activation> {
    let (pack, text) = find_text(workspace, name)?;
    put(workspace, pack, &text, None)
}

/// Takes a pack out of force, or proposes to. Its draft stays, and can be activated again.
///
/// # Errors
/// Not allowed, not in force, the last one, or the ledger refused.
pub fn deactivate(workspace: &Workspace, id: &str) -> Result<StateChange> {
    take_out(workspace, id, None)
}

/// Confirms what another person proposed, by the number of the proposal's entry. The home is open with
/// [`Workspace::open_to_accept`].
///
/// # Errors
/// Not allowed, one's own proposal, no such proposal, something was changed since, what holds for the change itself does
/// not hold, or the ledger refused. Then nothing changed.
pub fn confirm(workspace: &Workspace, proposal: u64) -> Result<Confirmed> {
    let entry = open_proposal(workspace, proposal)?;
    let said = entry.payload().in_force().cloned().unwrap_or_default();
    let action = said.action.unwrap_or_default();
    let proposal = Some(proposal);
    if action == ACCEPT {
        let reason = said.reason.unwrap_or_default();
        let made = in_force::accept_as(workspace, &reason, proposal)?;
        return Ok(Confirmed::Accepted(made));
    }
    in_force::holds(workspace)?;
    if action == "deactivate" {
        let pack = said.pack.unwrap_or_default();
        let made = take_out(workspace, &pack, proposal)?;
        return Ok(Confirmed::Deactivated { pack, made });
    }
    // The text as it was proposed: the draft may have been edited since.
    let log = workspace.log()?;
    let bytes = entry
        .blobs
        .get(TEXT)
        .map(|digest| log.one(Key::Blob(digest)));
    let written = bytes.transpose()?.flatten().map(String::from_utf8);
    let Some(Ok(written)) = written else {
        return Err(
            Error::new(Kind::Ledger, "the proposal has no text of a pack")
                .fix("run `echovoice audit verify`"),
        );
    };
    let pack = Pack::parse(&written).map_err(|e| Error::of(Kind::Input, e))?;
    let done = put(workspace, pack, &written, proposal)?;
    Ok(Confirmed::Activated(Box::new(done)))
}

/// A proposal that waits for somebody else.
fn open_proposal(workspace: &Workspace, proposal: u64) -> Result<Entry> {
    let bytes = workspace.log()?.one(Key::Entry(proposal))?;
    let entry = bytes
        .and_then(|bytes| Entry::read(&bytes).ok())
        .filter(|entry| matches!(entry.payload(), Payload::StateProposed(_)))
        .ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                format!("entry {proposal} proposes nothing that would be in force"),
            )
            .fix("see `echovoice audit list what:state.proposed`")
        })?;
    if entry.actor == workspace.person.name {
        let what = "two persons must stand for this change; you proposed it";
        return Err(Error::new(Kind::NotAllowed, what).fix(format!(
            "a colleague confirms it: `echovoice --as NAME policy confirm {proposal}`"
        )));
    }
    if proposal < in_force::recorded(workspace)?.since {
        let what = "what is in force was changed since this was proposed";
        return Err(Error::new(Kind::Changed, what).fix("let it be proposed anew"));
    }
    Ok(entry)
}

fn put(workspace: &Workspace, pack: Pack, text: &str, proposal: Option<u64>) -> Result<Activation> {
    workspace.allow(Action::ManagePolicy)?;
    let changes = fit(workspace, &pack)?;
    let change = PackChange {
        action: "activate",
        pack: &pack,
        proposal,
    };
    let time = now();
    let blobs = vec![(TEXT.to_owned(), text.as_bytes().to_vec())];
    let made = in_force::change(workspace, &change, about(&pack), blobs)?;
    if let StateChange::Made(_) = made {
        Shelf::of(&workspace.home).put(&pack, text, &workspace.person.name, &time)?;
    }
    Ok(Activation {
        pack,
        made,
        changes,
    })
}

/// Whether a pack may be put in force by this person, as it is; what it changes comes back.
fn fit(workspace: &Workspace, pack: &Pack) -> Result<Vec<RuleChange>> {
    if pack.head.author == workspace.person.name {
        return Err(Error::new(
            Kind::NotAllowed,
            format!(
                "{} wrote this version and may not activate it",
                workspace.person.name
            ),
        )
        .fix("ask a colleague who may manage policies"));
    }
    let report = test(workspace, pack)?;
    if let Some(first) = report.failures.first() {
        return Err(Error::new(
            Kind::Refused,
            format!(
                "{} of the pack's own tests fail; the first: {} expected {}, got {}: “{}”",
                report.failures.len(),
                first.rule,
                first.expected,
                first.got,
                first.text
            ),
        )
        .fix(format!("see `echovoice policy test {}`", pack.head.id)));
    }
    let before = workspace.packs.iter().find(|p| p.head.id == pack.head.id);
    if let Some(before) = before {
        // Where the one in force does not compile, nobody can say what it found: replacing it goes before.
        let today = test(workspace, before).map(|today| today.still_found);
        let broken = today.ok().and_then(|today| {
            report.still_found.iter().find(|row| {
                let is_it = |old: &Failure| old.rule == row.rule && old.text == row.text;
                !today.iter().any(is_it)
            })
        });
        if let Some(row) = broken {
            return Err(Error::new(
                Kind::Refused,
                format!(
                    "{} would find again what was dismissed: “{}”",
                    row.rule, row.text
                ),
            )
            .fix(
                "narrow the rule, or remove the row from regressions.jsonl with its author's word",
            ));
        }
    }
    // Where others do not compile, none could be replaced before the rest: this one has compiled for its tests.
    if workspace.rules().is_ok() {
        book_with(workspace, std::slice::from_ref(pack))?;
    }
    let changes = before.map(|old| diff(old, pack)).unwrap_or_default();
    Ok(changes)
}

fn take_out(workspace: &Workspace, id: &str, proposal: Option<u64>) -> Result<StateChange> {
    workspace.allow(Action::ManagePolicy)?;
    let pack = active(workspace, id)?;
    if workspace.packs.len() == 1 {
        return Err(Error::new(
            Kind::Refused,
            "this is the last pack in force; a gate without rules would pass everything",
        )
        .fix("activate another pack first"));
    }
    // Of packs that do not compile as they are, each may go.
    if workspace.rules().is_ok() {
        book_without(workspace, id).map_err(|problem| {
            let what = format!("the packs that stay ask for {id}: {}", problem.what);
            Error::new(Kind::Refused, what).fix("take those out first, or change what they ask for")
        })?;
    }
    let change = PackChange {
        action: "deactivate",
        pack,
        proposal,
    };
    let made = in_force::change(workspace, &change, about(pack), Vec::new())?;
    if let StateChange::Made(_) = made {
        Shelf::of(&workspace.home).remove(id)?;
    }
    Ok(made)
}

/// What else the entry of a pack says.
fn about(pack: &Pack) -> InForcePayload {
    InForcePayload {
        version: Some(pack.head.version.clone()),
        author: Some(pack.head.author.clone()),
        rules: Some(pack.rules.len() as u64),
        ..InForcePayload::default()
    }
}

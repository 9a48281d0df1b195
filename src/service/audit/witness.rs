//! What others remember of the record, so that an older copy of it, or another one in its place, is noticed: the user's
//! state folder on this machine, a file elsewhere, and witnesses that cosign.

use crate::config::{Config, CosignedBy};
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::checkpoint::{Checkpoint, CheckpointError, open_note, sign_note};
use crate::ledger::cosignature::{Cosigner, WitnessKeyError};
use crate::ledger::evidence::{consistency, root_at};
use crate::ledger::keys::PublicKey;
use crate::ledger::payload::{CopyPayload, Payload};
use crate::ledger::rules::copy;
use crate::ledger::tree::Frontier;
use crate::ledger::{AuditLog, LogError, NewEntry};
use crate::service::audit::reason;
use crate::service::check::personal;
use crate::service::home::workspace::{Workspace, now};
use crate::service::users::people;
use crate::witness::{NoReply, WitnessClient, WitnessReply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// In the home: the newest checkpoint with its cosignatures, and why there is no newer one.
const COSIGNED: &str = "witness/cosigned";
const PROBLEM: &str = "witness/problem";

/// Where this user's programs keep what they saw; `ECHOVOICE_STATE` names another folder.
pub(in crate::service) fn state_folder() -> Option<PathBuf> {
    let named = std::env::var_os("ECHOVOICE_STATE").filter(|named| !named.is_empty());
    named.map(PathBuf::from).or_else(|| {
        let folders = directories::ProjectDirs::from("", "", "echovoice")?;
        let state = folders.state_dir().unwrap_or(folders.data_local_dir());
        Some(state.to_owned())
    })
}

/// Where the newest checkpoint that was seen of the log with this key is remembered, wherever a copy of it lies: by a
/// link, in another folder or restored somewhere else it is the same record.
fn remembered(key: &PublicKey) -> Option<PathBuf> {
    let key = key.to_text();
    let name = Digest::of_parts([b"echovoice/seen/v2".as_slice(), key.as_bytes()]);
    let name = hex::encode(name.0);
    Some(state_folder()?.join("seen").join(&name[..32]))
}

/// Beside it: in which home it was seen, for people to read.
fn seen_in(remembered: &Path) -> PathBuf {
    remembered.with_extension("home")
}

/// Writes a file whole or not at all.
pub(in crate::service) fn put(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        files::folder(folder)?;
    }
    files::replace(file, text.as_bytes())
}

/// A checkpoint seen before is not of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum OtherRecord {
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] CheckpointError),
    #[error(
        "it has {seen} entries and the ledger only {size}: this is an older copy, or its end was removed"
    )]
    Longer { seen: u64, size: u64 },
    #[error(
        "its {0} entries are not those of this ledger: another copy was written on, or the entries were written anew"
    )]
    Other(u64),
}

/// A witness does not cosign the newest checkpoint.
#[derive(Debug, thiserror::Error)]
enum NotCosigned {
    #[error(transparent)]
    Key(#[from] WitnessKeyError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    NoReply(#[from] NoReply),
    #[error("what it answered is not its cosignature")]
    OtherLine,
    #[error(
        "it has cosigned {known} entries of this log, and there are {size}: an older copy, or two of them"
    )]
    KnowsMore { known: u64, size: u64 },
    #[error("it says that this log does not go on from the one it cosigned")]
    DoesNotGoOn,
    #[error("it does not know this log")]
    UnknownLog,
    #[error("it answered {0}")]
    Status(u16),
    #[error("it changes its mind about what it cosigned")]
    Wavers,
}

/// Whether a checkpoint seen before is of this log, and not of a longer one: why not.
fn compare(
    log: &dyn AuditLog,
    key: &PublicKey,
    note: &str,
) -> std::result::Result<std::result::Result<Checkpoint, OtherRecord>, LogError> {
    let seen = match Checkpoint::open(note, key) {
        Ok(seen) => seen,
        Err(why) => return Ok(Err(OtherRecord::Unreadable(why))),
    };
    let size = log.head()?.size;
    Ok(if seen.size > size {
        Err(OtherRecord::Longer {
            seen: seen.size,
            size,
        })
    } else if root_at(log, seen.size)? != seen.root {
        Err(OtherRecord::Other(seen.size))
    } else {
        Ok(seen)
    })
}

/// Places where a checkpoint of this log may be remembered, each with what it is called.
fn places(home: &Path, key: &PublicKey) -> Result<Vec<(String, PathBuf)>> {
    let elsewhere = Config::read(home)?
        .witness
        .and_then(|settings| settings.path);
    let named = |what: &str, path: PathBuf| (format!("{what}, {}", path.display()), path);
    let own = remembered(key).map(|path| {
        let seen = fs::read_to_string(seen_in(&path)).unwrap_or_default();
        let what = match seen.trim() {
            "" => "what this machine saw last".to_owned(),
            seen => format!("what this machine saw last, in {seen}"),
        };
        named(&what, path)
    });
    Ok(own
        .into_iter()
        .chain(elsewhere.map(|path| named("the checkpoint kept elsewhere", path)))
        .chain([named("the cosigned checkpoint", home.join(COSIGNED))])
        .collect())
}

/// What others saw that this log does not bear out.
///
/// # Errors
/// The log or the settings cannot be read.
pub(in crate::service) fn disagreement(
    home: &Path,
    log: &dyn AuditLog,
    key: &PublicKey,
) -> Result<Option<String>> {
    for (what, path) in places(home, key)? {
        let note = match fs::read_to_string(&path) {
            Ok(note) => note,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Ok(Some(format!("{what}: it cannot be read: {e}"))),
        };
        if let Err(why) = compare(log, key, &note)? {
            return Ok(Some(format!("{what}: {why}")));
        }
    }
    Ok(None)
}

/// Remembers a checkpoint on this machine.
///
/// # Errors
/// The file cannot be written: which, and why.
pub(in crate::service) fn remember(
    home: &Path,
    key: &PublicKey,
    note: &str,
) -> std::result::Result<(), (PathBuf, io::Error)> {
    let Some(path) = remembered(key) else {
        return Ok(());
    };
    // Where it was seen only helps to find it: nothing hangs on it.
    if let Ok(home) = fs::canonicalize(home) {
        let _ = put(&seen_in(&path), &home.display().to_string());
    }
    put(&path, note).map_err(|e| (path, e))
}

/// Refuses to write on where others saw another record.
///
/// # Errors
/// They did.
pub(in crate::service) fn check(home: &Path, log: &dyn AuditLog, key: &PublicKey) -> Result<()> {
    match disagreement(home, log, key)? {
        None => Ok(()),
        Some(why) => Err(Error::new(Kind::Ledger, why).fix(
            "bring the newer ledger; if this one is meant to go on, an admin or principal says so: `echovoice --as NAME audit accept --reason …`",
        )),
    }
}

/// Takes this record for the right one whatever others saw: after a restore from a backup, say. It goes on record, with
/// what was seen; the entry's number comes back. `open` opens the home to sign.
///
/// # Errors
/// Not allowed, nobody saw another record, or the ledger refused; then what was seen still counts.
pub fn accept(home: &Path, reason: &str, open: impl FnOnce() -> Result<Workspace>) -> Result<u64> {
    let reason = reason::reason_of(reason)?;
    let key = people::log_public(home)?;
    let mut moved = Vec::new();
    let mut seen = Vec::new();
    for (_, path) in places(home, &key)? {
        if path.exists() {
            let note = fs::read(&path).unwrap_or_default();
            let note = String::from_utf8_lossy(&note);
            // What cannot be read any more was of something: that goes on record as nothing known of it.
            let unread = Checkpoint {
                origin: String::new(),
                size: 0,
                root: Frontier::default().root(),
            };
            seen.push(Checkpoint::open(&note, &key).unwrap_or(unread));
            let aside = path.with_extension("before");
            fs::rename(&path, &aside)
                .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
            moved.push((path, aside));
        }
    }
    let written = open().and_then(|workspace| write(&workspace, &reason, &seen));
    if written.is_err() {
        for (path, aside) in moved {
            // The refusal is told; what was seen counts as before.
            let _ = fs::rename(aside, path);
        }
    }
    written
}

fn write(workspace: &Workspace, reason: &str, seen: &[Checkpoint]) -> Result<u64> {
    workspace.allow(Action::ReplaceKey)?;
    personal::none_in("reason", reason, &workspace.allow, None)?;
    let key = workspace.signing_key()?;
    let seen = seen.iter().max_by_key(|seen| seen.size).ok_or_else(|| {
        Error::new(
            Kind::Input,
            "nobody saw another record; there is nothing to accept",
        )
    })?;
    let (person, time) = (&workspace.person, now());
    let root = STANDARD.encode(seen.root);
    let note = copy::note(seen.size, &root, reason, &time);
    let said = Payload::CopyAccepted(CopyPayload {
        size: Some(seen.size),
        root: Some(root),
        reason: Some(reason.to_owned()),
        note: Some(sign_note(&note, &person.name, &key)),
    });
    let id = format!("copy/{}/{time}", person.name);
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    workspace.write(entry)
}

/// Remembers the record as it is, here and elsewhere, whenever it is looked at and when this process ends.
pub(in crate::service) struct Watch {
    pub home: PathBuf,
    pub log: Arc<dyn AuditLog>,
    pub key: PublicKey,
}

impl Watch {
    /// Remembers the newest checkpoint, copies it to where the settings say, and asks witnesses to cosign it. What does
    /// not succeed is kept for `doctor`, and tried again the next time.
    ///
    /// Without `cosign` nobody outside is asked: whoever looks at a screen does not wait for a witness.
    pub fn publish(&self, cosign: bool) {
        let problem = self.try_publish(cosign).err().map(|e| e.to_string());
        let file = self.home.join(PROBLEM);
        match problem {
            Some(problem) => drop(put(&file, &problem)),
            None if cosign => drop(fs::remove_file(&file)),
            None => {}
        }
    }

    fn try_publish(&self, cosign: bool) -> Result<()> {
        let head = self.log.head()?;
        if head.size == 0 || disagreement(&self.home, self.log.as_ref(), &self.key)?.is_some() {
            // What others saw stands until somebody has looked.
            return Ok(());
        }
        let failed = |path: &Path, e: &io::Error| {
            Error::new(Kind::Io, format!("the checkpoint could not be kept: {e}"))
                .at(path.display().to_string())
        };
        remember(&self.home, &self.key, &head.checkpoint).map_err(|(path, e)| failed(&path, &e))?;
        let Some(settings) = Config::read(&self.home)?.witness else {
            return Ok(());
        };
        if let Some(path) = &settings.path {
            put(path, &head.checkpoint).map_err(|e| failed(path, &e))?;
        }
        if settings.cosigners.is_empty() || !cosign {
            return Ok(());
        }
        self.cosign(&head.checkpoint, head.size, &settings.cosigners)
    }

    fn cosign(&self, note: &str, size: u64, witnesses: &[CosignedBy]) -> Result<()> {
        let text = open_note(note, &self.key).map_err(|e| Error::of(Kind::Io, e))?;
        let file = self.home.join(COSIGNED);
        let before = fs::read_to_string(&file).unwrap_or_default();
        let known = Checkpoint::open(&before, &self.key).map_or(0, |seen| seen.size);
        if known == size {
            return Ok(());
        }
        let client = WitnessClient::new();
        let mut lines = String::new();
        let mut problems = Vec::new();
        for witness in witnesses {
            match self.ask(&client, witness, (note, text), (known, size)) {
                Ok(line) => lines.push_str(&line),
                Err(why) => problems.push(format!("{}: {why}", witness.url)),
            }
        }
        if !lines.is_empty() {
            put(&file, &format!("{note}{lines}")).map_err(|e| {
                let what = format!("the cosigned checkpoint could not be kept: {e}");
                Error::new(Kind::Io, what).because(e)
            })?;
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::new(Kind::Io, problems.join("; ")))
        }
    }

    /// One witness's cosignature, checked.
    fn ask(
        &self,
        client: &WitnessClient,
        at: &CosignedBy,
        (note, text): (&str, &str),
        (mut old, size): (u64, u64),
    ) -> std::result::Result<String, NotCosigned> {
        let witness = Cosigner::parse(&at.key)?;
        for _ in 0..2 {
            let proof = consistency(self.log.as_ref(), old, size)?;
            let mut body = format!("old {old}\n");
            for hash in proof {
                body.push_str(&STANDARD.encode(hash));
                body.push('\n');
            }
            body.push('\n');
            body.push_str(note);
            match client.add_checkpoint(&at.url, &body)? {
                WitnessReply::Cosigned(lines) => {
                    let own = lines
                        .lines()
                        .find(|line| matches!(witness.cosigned(text, line), Ok(Some(_))));
                    return match own {
                        Some(line) => Ok(format!("{line}\n")),
                        None => Err(NotCosigned::OtherLine),
                    };
                }
                WitnessReply::Knows(known) if known <= size && known != old => old = known,
                WitnessReply::Knows(known) => {
                    return Err(NotCosigned::KnowsMore { known, size });
                }
                WitnessReply::Refused(422) => return Err(NotCosigned::DoesNotGoOn),
                WitnessReply::Refused(404) => return Err(NotCosigned::UnknownLog),
                WitnessReply::Refused(status) => return Err(NotCosigned::Status(status)),
            }
        }
        Err(NotCosigned::Wavers)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.publish(true);
    }
}

/// The newest cosigned checkpoint, to hand out with an export, if there is one.
pub(in crate::service) fn cosigned(home: &Path) -> Option<String> {
    fs::read_to_string(home.join(COSIGNED)).ok()
}

/// Who of the witnesses has cosigned up to where; and what stands in the way of the newest checkpoint.
///
/// # Errors
/// The settings cannot be read, or something stands in the way.
pub(in crate::service) fn standing(home: &Path, key: &PublicKey) -> Result<String> {
    let settings = Config::read(home)?.witness.unwrap_or_default();
    if let Ok(problem) = fs::read_to_string(home.join(PROBLEM)) {
        return Err(Error::new(Kind::Refused, problem));
    }
    let note = cosigned(home).unwrap_or_default();
    let mut says = Vec::new();
    for at in &settings.cosigners {
        let witness = Cosigner::parse(&at.key).map_err(|e| Error::of(Kind::Input, e))?;
        let text = open_note(&note, key).unwrap_or_default();
        let lines = note.get(text.len()..).unwrap_or_default();
        let size = text.lines().nth(1).unwrap_or("0");
        let cosigned = witness.cosigned(text, lines);
        says.push(match cosigned.map_err(|e| Error::of(Kind::Refused, e))? {
            Some(_) => format!("{} cosigned {size} entries", witness.name),
            None => format!("{} has cosigned nothing yet", witness.name),
        });
    }
    says.extend(
        settings
            .path
            .map(|path| format!("kept in {}", path.display())),
    );
    if says.is_empty() {
        says.push("none; name some in [witness] of config.toml".into());
    }
    Ok(says.join("; "))
}

//! Who writes the ledger of a home: this process, or another one that it works through and may succeed.

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::job::SharedVault;
use crate::ledger::log::{Page, decode_subject};
use crate::ledger::postgres::PostgresLog;
use crate::ledger::redb::{OpenError, RedbLog};
use crate::ledger::share::client::{SharedWriter, Succession};
use crate::ledger::share::server::{Listening, listen};
use crate::ledger::share::{self};
use crate::ledger::vault::Vault;
use crate::ledger::{AuditLog, Ledger};
use crate::service::audit::witness::{self, Watch};
use crate::service::home::reader::unreadable;
use crate::service::home::workspace::now;
use crate::service::home::{database, origin};
use crate::service::users::people;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread::sleep;
use std::time::Duration;

/// How often, and how long after each other, somebody who writes is looked for.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// A ledger that is open to write, here or through another process.
pub struct Custody {
    /// First, so that nobody new comes while the ledger closes.
    listening: Arc<Mutex<Option<Listening>>>,
    pub ledger: Arc<Ledger>,
    /// The database that the ledger is in, if it is in one.
    pub database: Option<Arc<PostgresLog>>,
    through_another: Arc<AtomicBool>,
    /// Last, so that what this process wrote is remembered too.
    pub(in crate::service) watch: Watch,
}

impl Custody {
    /// Whether another process writes for this one.
    pub fn is_through_another(&self) -> bool {
        self.through_another.load(Ordering::Relaxed)
    }
}

enum FoundLedger {
    Ours(RedbLog),
    Theirs(std::os::unix::net::UnixStream),
}

/// Takes the ledger's lock, or finds who has it.
fn find(home: &Path) -> std::result::Result<FoundLedger, OpenError> {
    let path = home.join("ledger.redb");
    let mut tries = 0;
    while tries < TRIES {
        match RedbLog::open(&path) {
            Ok(log) => return Ok(FoundLedger::Ours(log)),
            // Whoever has the lock may be about to listen, or about to go.
            Err(OpenError::Locked) => match share::connect(home) {
                Ok(stream) => return Ok(FoundLedger::Theirs(stream)),
                // So many wait for it already that not even the connection came about, in its own time.
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => tries += TRIES / 5,
                Err(_) => {
                    tries += 1;
                    sleep(PAUSE);
                }
            },
            Err(other) => return Err(other),
        }
    }
    Err(OpenError::Locked)
}

/// Opens the ledger of a home to write; makes it on first use. `in_force` is what a new record begins with.
///
/// # Errors
/// It is damaged, its keys are missing, or another process has it and does not answer.
pub fn open(home: &Path, in_force: &[String]) -> Result<Custody> {
    if let Some(log) = database::open(home)? {
        let ledger = own(home, log.clone(), in_force)?;
        return Ok(Custody {
            listening: Arc::default(),
            watch: watch(home, &ledger)?,
            ledger,
            database: Some(log),
            through_another: Arc::default(),
        });
    }
    let path = home.join("ledger.redb");
    if on_the_network(home) {
        return Err(Error::new(Kind::Io, "a ledger cannot lie on a network file system")
            .at(home.display().to_string())
            .fix("its locks and syncs cannot be relied on: choose a local folder with --home DIR"));
    }
    // Before anything is made in its place.
    if !path.exists() {
        begin(home)?;
    }
    let found = find(home).map_err(|error| match error {
        OpenError::Locked => Error::new(
            Kind::Locked,
            "another EchoVoice has this home open and does not answer",
        )
        .at(home.display().to_string())
        .fix("close it first, or use another home with --home DIR; nothing was changed"),
        other => unreadable(&path, &other)
            .fix("restore it from a backup, or from an export: `echovoice audit restore EXPORT`"),
    })?;
    let listening = Arc::new(Mutex::new(None));
    let through_another = Arc::new(AtomicBool::new(false));
    let ledger = match found {
        FoundLedger::Ours(log) => own(home, Arc::new(log), in_force)?,
        FoundLedger::Theirs(stream) => {
            let log = RedbLog::open_read_only(&path).map_err(|e| unreadable(&path, &e))?;
            // Whoever writes has finished or undone what was cut off.
            let vault = Vault::if_there(&home.join("vault.key"))
                .map_err(|e| vault_error(home, e))?
                .ok_or_else(|| no_vault(home))?;
            through_another.store(true, Ordering::Relaxed);
            let me: Arc<OnceLock<Weak<Ledger>>> = Arc::default();
            let heir = Heir {
                home: home.to_owned(),
                me: me.clone(),
                listening: listening.clone(),
                through_another: through_another.clone(),
            };
            let succeed = Box::new(move |vault: &SharedVault| heir.succeed(vault));
            let ledger = Arc::new(Ledger::join(Arc::new(log), vault, (stream, home), succeed)?);
            // Set once, here.
            let _ = me.set(Arc::downgrade(&ledger));
            ledger
        }
    };
    let watch = watch(home, &ledger)?;
    if through_another.load(Ordering::Relaxed) {
        witness::check(home, watch.log.as_ref(), &watch.key)?;
    }
    let custody = Custody {
        listening,
        watch,
        ledger,
        database: None,
        through_another,
    };
    if !custody.is_through_another() {
        hold(
            &custody.listening,
            listen(home, Arc::downgrade(&custody.ledger)),
        );
    }
    Ok(custody)
}

/// Whether a folder lies on NFS, SMB or CIFS, by the numbers of Linux's `statfs(2)`.
fn on_the_network(home: &Path) -> bool {
    const KINDS: [i64; 4] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42];
    #[cfg(target_os = "linux")]
    let kind = rustix::fs::statfs(home).ok().map(|fs| fs.f_type);
    #[cfg(not(target_os = "linux"))]
    let kind: Option<i64> = None;
    kind.is_some_and(|kind| KINDS.contains(&kind))
}

/// Keeps listening. A home whose path is too long for a socket is simply not shared.
fn hold(place: &Mutex<Option<Listening>>, listening: io::Result<Listening>) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = listening.ok();
}

fn vault_error(home: &Path, error: io::Error) -> Error {
    let file = home.join("vault.key");
    Error::of(Kind::Ledger, error).at(file.display().to_string())
}

fn no_vault(home: &Path) -> Error {
    Error::new(Kind::Ledger, "vault.key is missing")
        .at(home.join("vault.key").display().to_string())
        .fix("bring the one that this ledger was written with from its backup; without it the record can be read and verified, no more")
}

/// The vault, with an erasure that was cut off finished or undone.
fn vault(home: &Path, log: &dyn AuditLog) -> Result<Vault> {
    let file = home.join("vault.key");
    let one = log.page(Page::Subjects {
        after: None,
        limit: 1,
    })?;
    let stored = one
        .first()
        .and_then(|(_, row)| decode_subject(row.get(32..)?));
    let epoch = log.head()?.epoch;
    let is_right = |vault: &Vault| match (&epoch, &stored) {
        (Some(epoch), _) => vault.name() == *epoch,
        // A ledger from before epochs had names.
        (None, stored) => stored.as_ref().is_none_or(|subject| vault.fits(subject)),
    };
    Vault::recover(&file, is_right).map_err(|e| vault_error(home, e))?;
    // A new key beside a record that was written under another one would only hide that the right one is missing.
    let is_new = epoch.is_none() && stored.is_none();
    let there = Vault::if_there(&file).map_err(|e| vault_error(home, e))?;
    match there {
        Some(vault) => Ok(vault),
        None if is_new => Vault::open(&file).map_err(|e| vault_error(home, e)),
        None => Err(no_vault(home)),
    }
}

/// Remembers what this process sees of the record.
fn watch(home: &Path, ledger: &Ledger) -> Result<Watch> {
    Ok(Watch {
        home: home.to_owned(),
        log: ledger.log().clone(),
        key: people::log_public(home)?,
    })
}

/// There while a new record is begun, so that a start that was cut off is told from a record that vanished.
const BEGINNING: &str = "beginning";

/// A record is begun where there was none, and not in the place of one that vanished: its keys are still here.
fn begin(home: &Path) -> Result<()> {
    let (mark, key) = (home.join(BEGINNING), home.join("keys").join("log.key"));
    if mark.exists() {
        return Ok(());
    }
    if key.exists() {
        return Err(Error::new(
            Kind::Ledger,
            "the ledger is empty or gone, and the keys that it was written with are still here",
        )
        .at(home.display().to_string())
        .fix("bring it back from a backup, or from an export: `echovoice audit restore EXPORT`; to begin a new one, take a new home, or move keys/ and vault.key away"));
    }
    files::write(&mark, "a new record is begun\n")
        .map_err(|e| Error::of(Kind::Io, e).at(mark.display().to_string()))
}

fn own(home: &Path, log: Arc<dyn AuditLog>, in_force: &[String]) -> Result<Arc<Ledger>> {
    let keys = home.join("keys");
    let fresh = log.head()?.size == 0;
    if fresh {
        begin(home)?;
    }
    let key = people::log_key(&keys, fresh)?;
    witness::check(home, log.as_ref(), &key.public())?;
    let vault = vault(home, log.as_ref())?;
    let origin = people::origin(&key);
    let ledger = Arc::new(Ledger::start(log, vault, key, &origin)?);
    if fresh {
        let state = in_force.to_vec();
        match origin::read(home)? {
            Some(origin) => people::enrol_first(&ledger, &origin, state, &now())?,
            None => people::enrol_demo(&ledger, &keys, state, &now())?,
        }
    } else {
        people::adopt_rules(&ledger, in_force.to_vec(), &now())?;
    }
    let mark = home.join(BEGINNING);
    files::remove(&mark).map_err(|e| {
        Error::of(Kind::Io, e)
            .at(mark.display().to_string())
            .fix("remove it: the record has begun")
    })?;
    Ok(ledger)
}

/// Takes the place of a writer that is gone.
struct Heir {
    home: PathBuf,
    me: Arc<OnceLock<Weak<Ledger>>>,
    listening: Arc<Mutex<Option<Listening>>>,
    through_another: Arc<AtomicBool>,
}

impl Heir {
    fn succeed(&self, shared: &SharedVault) -> io::Result<Succession> {
        let log = match find(&self.home).map_err(io::Error::other)? {
            FoundLedger::Theirs(stream) => return Ok(Succession::Theirs(stream)),
            FoundLedger::Ours(log) => log,
        };
        let key = people::log_key(&self.home.join("keys"), false).map_err(io::Error::other)?;
        let vault = vault(&self.home, &log).map_err(io::Error::other)?;
        let origin = people::origin(&key);
        let writer = SharedWriter::new(Arc::new(log), shared, vault, key, &origin)
            .map_err(io::Error::other)?;
        self.through_another.store(false, Ordering::Relaxed);
        if let Some(me) = self.me.get() {
            hold(&self.listening, listen(&self.home, me.clone()));
        }
        Ok(Succession::Ours(Box::new(writer)))
    }
}

//! What every backend of the ledger has to do, asked of all of them: memory, redb, and PostgreSQL where
//! `DATABASE_URL` names one.

use crate::support::database::{Schema, schema};
use crate::support::said::With as _;
use echovoice::domain::digest::Digest;
use echovoice::domain::person::Role;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::log::{AuditLog, Batch, Head, Key, Page, RunList};
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::postgres::PostgresLog;
use echovoice::ledger::redb::RedbLog;
use echovoice::ledger::tree::{Hash, NodeId};
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{Entry, EntryKind, Ledger, LogError, NewEntry};
use proptest::prelude::*;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const ORIGIN: &str = "echovoice.local/conformance";
const TIME: &str = "2026-11-23T10:00:00Z";

fn key() -> SigningKey {
    SigningKey::from_seed([3; 32])
}

/// A backend as two processes have it open. What it needs to exist is held beside it.
struct Backend {
    name: &'static str,
    here: Arc<dyn AuditLog>,
    there: Arc<dyn AuditLog>,
    folder: tempfile::TempDir,
    _schema: Option<Schema>,
}

impl Backend {
    fn vault(&self) -> Vault {
        Vault::open(&self.folder.path().join("vault.key")).unwrap()
    }

    fn ledgers(&self) -> [Ledger; 2] {
        [&self.here, &self.there]
            .map(|log| Ledger::start(log.clone(), self.vault(), key(), ORIGIN).unwrap())
    }
}

fn backends() -> Vec<Backend> {
    let folder = || tempfile::tempdir().unwrap();
    let same = |name, folder, log: Arc<dyn AuditLog>| Backend {
        name,
        here: log.clone(),
        there: log,
        folder,
        _schema: None,
    };
    let on_disk = folder();
    let redb = RedbLog::open(&on_disk.path().join("l.redb")).unwrap();
    let mut all = vec![
        same("memory", folder(), Arc::new(MemoryLog::default())),
        same("redb", on_disk, Arc::new(redb)),
    ];
    all.extend(schema().map(|schema| Backend {
        name: "postgres",
        here: Arc::new(schema.open()),
        there: Arc::new(schema.open()),
        folder: folder(),
        _schema: Some(schema),
    }));
    all
}

fn entry(id: &str, kind: EntryKind, run: &str, customer: &str) -> NewEntry {
    let mut entry =
        NewEntry::new(format!("{run}/{id}"), kind, "system", Role::System, TIME).run(run);
    entry.customer = Some(customer.to_owned());
    entry
}

fn run(run: &str, customer: &str) -> Vec<NewEntry> {
    let mut started =
        entry("started", EntryKind::RunStarted, run, customer).with("channel", "email");
    started
        .sealed
        .push(("profile".into(), b"{\"name\":\"Ann Lee\"}".to_vec()));
    let mut segment = entry("segment", EntryKind::SegmentDone, run, customer);
    segment
        .blobs
        .push(("segment".into(), run.as_bytes().repeat(300)));
    vec![
        started,
        segment,
        entry("analyze", EntryKind::AnalyticsDone, run, customer).with("winner", "A"),
    ]
}

fn erased(customer: &str, pseudonym: &str) -> NewEntry {
    NewEntry::new(
        format!("erased/{customer}"),
        EntryKind::ErasureExecuted,
        "system",
        Role::System,
        TIME,
    )
    .with("subject", pseudonym)
}

#[test]
fn two_writers_keep_one_chain_and_an_id_is_written_once() {
    for backend in backends() {
        let [here, there] = backend.ledgers();
        // Both write the same thirty runs, and ten of their own.
        let work = |ledger: &Ledger, own: &str| {
            let runs = (0..30).map(|n| format!("r-{n}"));
            let runs: Vec<_> = runs.chain((0..10).map(|n| format!("{own}-{n}"))).collect();
            let pending: Vec<_> = runs
                .iter()
                .map(|id| ledger.append(run(id, &format!("c-{}", id.len()))))
                .collect();
            let told: Vec<_> = pending.into_iter().map(|p| p.wait().unwrap()).collect();
            runs.into_iter()
                .zip(told)
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        let (a, b) = std::thread::scope(|scope| {
            let other = scope.spawn(|| work(&there, "b"));
            (work(&here, "a"), other.join().unwrap())
        });
        for (id, receipts) in &a {
            if let Some(theirs) = b.get(id) {
                assert_eq!(receipts, theirs, "{}: {id}", backend.name);
            }
        }
        let report = verify(backend.here.as_ref(), &key().public(), None).unwrap();
        assert!(report.ok, "{}: {:?}", backend.name, report.problem);
        assert_eq!(report.entries, 3 * 50, "{}", backend.name);
        assert_eq!(here.head().unwrap(), there.head().unwrap());
    }
}

#[test]
fn a_wrong_head_or_epoch_is_fenced_off_and_changes_nothing() {
    for backend in backends() {
        let [ledger, _] = backend.ledgers();
        ledger.append(run("r-1", "c")).wait().unwrap();
        let head = backend.here.head().unwrap();
        let batch = |expected, epoch| Batch {
            expected,
            entries: vec![b"{}".to_vec()],
            ids: vec![("x".into(), expected)],
            epoch: Some(epoch),
            ..Batch::default()
        };
        let epoch = head.epoch.unwrap();
        for wrong in [
            batch(2, epoch),
            batch(9, epoch),
            batch(3, Digest::of(b"other")),
        ] {
            let error = backend.here.append(&wrong).unwrap_err();
            assert!(
                matches!(error, LogError::Fenced(_)),
                "{}: {error}",
                backend.name
            );
        }
        assert_eq!(backend.there.head().unwrap(), head, "{}", backend.name);
        assert_eq!(backend.here.one(Key::Id("x")).unwrap(), None);
        assert!(
            verify(backend.here.as_ref(), &key().public(), None)
                .unwrap()
                .ok
        );
    }
}

#[test]
fn an_erasure_in_one_process_is_followed_by_the_other() {
    for backend in backends() {
        let [here, there] = backend.ledgers();
        here.append(run("r-1", "gone")).wait().unwrap();
        there.append(run("r-2", "stays")).wait().unwrap();
        let before = backend.here.head().unwrap().epoch;
        let pseudonym = here.pseudonym("gone").unwrap().unwrap();
        let words = vec![erased("gone", &pseudonym)];
        here.erase(vec![pseudonym], words).wait().unwrap();
        assert_ne!(backend.there.head().unwrap().epoch, before);

        // The other one knows who is gone, seals under the new epoch, and reads what it wrote before.
        assert_eq!(there.pseudonym("gone").unwrap(), None, "{}", backend.name);
        let told = there.append(run("r-3", "new")).wait().unwrap();
        for (ledger, run, expected) in [
            (&here, "r-3", true),
            (&there, "r-2", true),
            (&there, "r-1", false),
        ] {
            let rows = backend.here.page(Page::OfRun { run }).unwrap();
            let entry = Entry::from_bytes(&rows[0].1).unwrap();
            let opened = ledger.open_sealed(&entry, "profile").unwrap();
            assert_eq!(opened.is_some(), expected, "{}: {run}", backend.name);
        }
        assert_eq!(told[0].seq, 7);

        // And it may erase too.
        let pseudonym = there.pseudonym("new").unwrap().unwrap();
        let words = vec![erased("new", &pseudonym)];
        there.erase(vec![pseudonym], words).wait().unwrap();
        here.append(run("r-4", "stays")).wait().unwrap();
        assert_eq!(here.head().unwrap().size, 14, "{}", backend.name);
        let kept = here.pseudonym("stays").unwrap();
        assert!(kept.is_some() && kept == there.pseudonym("stays").unwrap());
    }
}

#[test]
fn a_home_with_another_vault_or_log_key_may_not_write() {
    for backend in backends() {
        let [ledger, _] = backend.ledgers();
        ledger.append(run("r-1", "c")).wait().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let vault = Vault::open(&elsewhere.path().join("vault.key")).unwrap();
        let refused = Ledger::start(backend.there.clone(), vault, key(), ORIGIN)
            .err()
            .unwrap();
        assert!(
            matches!(refused, LogError::Keys(_)),
            "{}: {refused}",
            backend.name
        );
        let stranger = SigningKey::from_seed([4; 32]);
        assert!(Ledger::start(backend.there.clone(), backend.vault(), stranger, ORIGIN).is_err());
    }
}

/// A log that keeps every batch that it takes.
#[derive(Default)]
struct Recording {
    inner: MemoryLog,
    batches: Mutex<Vec<Batch>>,
}

impl AuditLog for Recording {
    fn append(&self, batch: &Batch) -> Result<(), LogError> {
        self.inner.append(batch)?;
        self.batches.lock().unwrap().push(batch.clone());
        Ok(())
    }
    fn head(&self) -> Result<Head, LogError> {
        self.inner.head()
    }
    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError> {
        self.inner.get(keys)
    }
    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
        self.inner.page(page)
    }
    fn hashes(&self, nodes: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        self.inner.hashes(nodes)
    }
}

#[derive(Clone, Debug)]
enum Act {
    Run {
        customer: u8,
    },
    /// The same ids again: nothing new.
    Again {
        nth: u8,
    },
    Erase {
        customer: u8,
    },
    Enrol {
        name: u8,
    },
    Hold {
        customer: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..5_u8).prop_map(|customer| Act::Run { customer }),
        1 => any::<u8>().prop_map(|nth| Act::Again { nth }),
        1 => (0..5_u8).prop_map(|customer| Act::Erase { customer }),
        1 => (0..3_u8).prop_map(|name| Act::Enrol { name }),
        1 => (0..5_u8).prop_map(|customer| Act::Hold { customer }),
    ]
}

/// The batches that a sequencer makes of these acts.
fn batches(acts: &[Act], folder: &Path) -> Vec<Batch> {
    let log = Arc::new(Recording::default());
    let vault = Vault::open(&folder.join("vault.key")).unwrap();
    let ledger = Ledger::start(log.clone(), vault, key(), ORIGIN).unwrap();
    for (n, act) in acts.iter().enumerate() {
        let name = |customer: &u8| format!("c-{customer}");
        let system = |id: String, kind| NewEntry::new(id, kind, "system", Role::System, TIME);
        match act {
            Act::Run { customer } => drop(
                ledger
                    .append(run(&format!("r-{n}"), &name(customer)))
                    .wait(),
            ),
            Act::Again { nth } => {
                let nth = usize::from(*nth) % acts.len();
                drop(ledger.append(run(&format!("r-{nth}"), "c-0")).wait());
            }
            Act::Erase { customer } => {
                if let Some(pseudonym) = ledger.pseudonym(&name(customer)).unwrap() {
                    let words = vec![erased(&format!("{n}"), &pseudonym)];
                    ledger.erase(vec![pseudonym], words).wait().unwrap();
                }
            }
            Act::Enrol { name } => {
                let entry = system(format!("e-{n}"), EntryKind::KeyEnrolled)
                    .with("name", format!("p-{name}"))
                    .with("role", "officer")
                    .with("key", key().public().to_text());
                drop(ledger.append(vec![entry]).wait());
            }
            Act::Hold { customer } => {
                if let Some(pseudonym) = ledger.pseudonym(&name(customer)).unwrap() {
                    let entry = system(format!("h-{n}"), EntryKind::HoldSet)
                        .with("subject", pseudonym.as_str())
                        .with("reason", "litigation");
                    drop(ledger.append(vec![entry]).wait());
                }
            }
        }
    }
    drop(ledger);
    log.batches.lock().unwrap().clone()
}

/// Everything that can be asked of a log.
fn told(log: &dyn AuditLog, batches: &[Batch]) -> Vec<String> {
    let mut said = vec![format!("{:?}", log.head().unwrap())];
    let size = log.head().unwrap().size;
    let mut pages = vec![
        Page::People,
        Page::Standing,
        Page::Subjects {
            after: None,
            limit: 3,
        },
    ];
    for before in [0, 1, size / 2, size, u64::MAX] {
        pages.push(Page::Entries { before, limit: 4 });
        pages.push(Page::Runs { before, limit: 3 });
    }
    for list in RunList::ALL {
        pages.push(Page::Open {
            list,
            after: None,
            limit: 100,
        });
        pages.push(Page::Open {
            list,
            after: Some(("w9999", 3)),
            limit: 2,
        });
    }
    let runs: Vec<&str> = batches
        .iter()
        .flat_map(|b| &b.runs)
        .map(|(run, ..)| run.as_str())
        .collect();
    pages.extend(runs.iter().map(|run| Page::OfRun { run }));
    said.extend(
        pages
            .into_iter()
            .map(|page| format!("{page:?} {:?}", log.page(page).unwrap())),
    );
    let mut keys: Vec<Key<'_>> = (0..=size)
        .flat_map(|n| [Key::Entry(n), Key::Checkpoint(n)])
        .collect();
    keys.extend(runs.iter().map(|run| Key::Run(run)));
    for batch in batches {
        keys.extend(batch.ids.iter().map(|(id, _)| Key::Id(id)));
        keys.extend(batch.blobs.iter().map(|blob| Key::Blob(&blob.digest)));
        keys.extend(batch.people.iter().map(|(name, _)| Key::Person(name)));
        keys.extend(batch.standing.iter().map(|(name, _)| Key::Standing(name)));
        for (locator, subject) in &batch.subjects {
            keys.extend([Key::Subject(locator), Key::Pseudonym(&subject.pseudonym)]);
        }
    }
    keys.extend([
        Key::Id("nowhere"),
        Key::Run("nowhere"),
        Key::Blob(&Digest([0; 32])),
    ]);
    said.push(format!("{:?}", log.get(&keys).unwrap()));
    // Out of order, leaves among them, and some that are not there.
    let nodes: Vec<NodeId> = (0..=size)
        .flat_map(|index| (0..5).rev().map(move |level| NodeId { level, index }))
        .collect();
    said.push(format!("{:?}", log.hashes(&nodes).unwrap()));
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Whatever a sequencer writes, every backend tells it alike.
    #[test]
    fn all_backends_tell_the_same(acts in prop::collection::vec(act(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        let batches = batches(&acts, folder.path());
        let mut first: Option<Vec<String>> = None;
        for backend in backends() {
            for batch in &batches {
                backend.here.append(batch).unwrap();
            }
            let said = told(backend.there.as_ref(), &batches);
            match &first {
                None => first = Some(said),
                Some(first) => for (ours, theirs) in first.iter().zip(&said) {
                    prop_assert_eq!(ours, theirs, "{}", backend.name);
                }
            }
        }
    }
}

#[test]
fn whoever_owns_the_tables_cannot_change_them_and_the_programs_role_cannot_either() {
    let Some(schema) = schema() else { return };
    let role = schema.name.replace("test", "role");
    schema.sql(&format!("CREATE ROLE {role}")).unwrap();
    echovoice::ledger::postgres::migrate(&schema.place(), Some(&role)).unwrap();
    let joint = if schema.url.contains('?') { '&' } else { '?' };
    let place = schema.by(&format!("{}{joint}options=-c%20role%3D{role}", schema.url));
    let log = Arc::new(PostgresLog::open(&place).unwrap());
    let ledger = Ledger::start(log.clone(), Vault::in_memory([9; 32]), key(), ORIGIN).unwrap();
    ledger.append(run("r-1", "c")).wait().unwrap();
    assert!(verify(log.as_ref(), &key().public(), None).unwrap().ok);

    let tables = ["entry", "node", "blob", "checkpoint"];
    for (table, column) in tables.into_iter().zip(["bytes", "hash", "bytes", "note"]) {
        for change in [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
        ] {
            let by_owner = schema.sql(&change).unwrap_err();
            assert!(
                by_owner.contains("the ledger only grows"),
                "{change}: {by_owner}"
            );
            let by_role = schema
                .sql(&format!("SET ROLE {role}; {change}"))
                .unwrap_err();
            assert!(by_role.contains("permission denied"), "{change}: {by_role}");
        }
    }
    for change in [
        "UPDATE head SET size = 1",
        "DELETE FROM head",
        "TRUNCATE head",
    ] {
        assert!(
            schema
                .sql(change)
                .unwrap_err()
                .contains("the ledger only grows"),
            "{change}"
        );
    }
    drop(ledger);
    schema
        .sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .unwrap();
}

#[test]
fn every_table_that_somebody_meddled_with_is_named() {
    let Some(schema) = schema() else { return };
    let log = Arc::new(schema.open());
    let ledger = Ledger::start(log.clone(), Vault::in_memory([9; 32]), key(), ORIGIN).unwrap();
    let of_the_log = |id: &str, kind| NewEntry::new(id, kind, "system", Role::System, TIME);
    let genesis = of_the_log("genesis", EntryKind::LogGenesis)
        .with("format", "echovoice-ledger/2")
        .with("people", 1);
    let ann = of_the_log("ann", EntryKind::KeyEnrolled)
        .with("name", "ann")
        .with("role", "officer")
        .with("key", key().public().to_text())
        .with("demo", true);
    ledger.append(vec![genesis, ann]).wait().unwrap();
    for name in ["r-1", "r-2"] {
        ledger
            .append(run(name, &format!("c-{name}")))
            .wait()
            .unwrap();
    }
    drop(ledger);
    let problem = || verify(log.as_ref(), &key().public(), None).unwrap().problem;
    assert_eq!(problem(), None);
    for change in [
        "UPDATE entry SET run = NULL WHERE seq = 3",
        "UPDATE entry SET run = 'r-2' WHERE seq = 3",
        "UPDATE entry SET run = 'r-1' WHERE seq = 0",
        "INSERT INTO entry (seq, id, bytes) VALUES (99, 'x', 'x')",
        "INSERT INTO blob VALUES ('x', 'x')",
        "INSERT INTO node VALUES (3, 77, 'x')",
        "INSERT INTO checkpoint VALUES (999, 'x')",
        "INSERT INTO run VALUES (98, 'r-x', '{}')",
        "INSERT INTO open_run VALUES ('w9', 98)",
        "INSERT INTO person VALUES ('eve', '{}')",
        "UPDATE person SET row = convert_to(replace(convert_from(row, 'UTF8'), 'true', 'false'), 'UTF8')",
        "INSERT INTO standing VALUES ('s-x', '{}')",
        "INSERT INTO subject VALUES ('x', 's-x', 'x')",
        "UPDATE subject SET wrapped = wrapped || 'x'::bytea",
        "UPDATE subject SET pseudonym = 's-other' WHERE pseudonym = (SELECT min(pseudonym) FROM subject)",
        "UPDATE subject SET locator = sha256(locator)",
        "DELETE FROM subject",
    ] {
        let tables = [
            "entry",
            "blob",
            "node",
            "checkpoint",
            "run",
            "open_run",
            "person",
            "standing",
            "subject",
        ];
        let keep = tables
            .map(|t| format!("CREATE TABLE kept_{t} AS SELECT * FROM {t};"))
            .concat();
        let back = tables
            .map(|t| {
                format!(
                    "DELETE FROM {t}; INSERT INTO {t} SELECT * FROM kept_{t}; DROP TABLE kept_{t};"
                )
            })
            .concat();
        // As a superuser may, past every trigger.
        let past = "SET session_replication_role = replica;";
        schema.sql(&format!("{keep} {past} {change}")).unwrap();
        let found = problem();
        schema.sql(&format!("{past} {back}")).unwrap();
        assert!(found.is_some(), "{change}: not found");
        assert_eq!(problem(), None, "{change}: put back");
    }
}

/// Passes everything on to the database; when armed, it cuts a connection off right after a commit was sent.
struct Proxy {
    address: std::net::SocketAddr,
    armed: Arc<AtomicBool>,
}

impl Proxy {
    fn before(host: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            armed: Arc::default(),
        };
        let armed = proxy.armed.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&host).unwrap();
                let (mut from_server, mut to_client) =
                    (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
                let armed = armed.clone();
                std::thread::spawn(move || pump(client, server, &armed));
            }
        });
        proxy
    }
}

fn pump(mut client: TcpStream, mut server: TcpStream, armed: &AtomicBool) {
    let mut block = vec![0; 65_536];
    while let Ok(count @ 1..) = client.read(&mut block) {
        let sent = &block[..count];
        let commits = sent.windows(6).any(|word| word == b"COMMIT");
        if commits && armed.swap(false, Ordering::SeqCst) {
            client.shutdown(Shutdown::Both).unwrap();
            server.write_all(sent).unwrap();
            return;
        }
        if server.write_all(sent).is_err() {
            return;
        }
    }
}

#[test]
fn a_commit_whose_answer_was_lost_is_looked_up_and_not_made_twice() {
    let Some(schema) = schema() else { return };
    let config: tokio_postgres::Config = schema.url.parse().unwrap();
    let tokio_postgres::config::Host::Tcp(host) = config.get_hosts()[0].clone() else {
        eprintln!("SKIPPED: DATABASE_URL is no TCP address");
        return;
    };
    let proxy = Proxy::before(format!("{host}:{}", config.get_ports()[0]));
    let user = config.get_user().unwrap();
    let database = config.get_dbname().unwrap_or(user);
    let word = config.get_password().map_or(String::new(), |word| {
        format!(":{}", String::from_utf8_lossy(word))
    });
    let url = format!("postgres://{user}{word}@{}/{database}", proxy.address);
    let log = Arc::new(PostgresLog::open(&schema.by(&url)).unwrap());
    let ledger = Ledger::start(log.clone(), Vault::in_memory([9; 32]), key(), ORIGIN).unwrap();
    for n in 0..5 {
        proxy.armed.store(true, Ordering::SeqCst);
        let receipts = ledger.append(run(&format!("r-{n}"), "c")).wait().unwrap();
        assert_eq!(
            receipts[0].seq,
            3 * n,
            "the answer was lost, the commit was not"
        );
        assert!(!proxy.armed.load(Ordering::SeqCst), "nothing was cut off");
    }
    let report = verify(log.as_ref(), &key().public(), None).unwrap();
    assert!(report.ok && report.entries == 15, "{:?}", report.problem);
}

#[test]
fn anybody_with_sql_can_check_the_chain() {
    let Some(schema) = schema() else { return };
    let ledger = Ledger::start(
        Arc::new(schema.open()),
        Vault::in_memory([9; 32]),
        key(),
        ORIGIN,
    )
    .unwrap();
    for n in 0..4 {
        ledger.append(run(&format!("r-{n}"), "c")).wait().unwrap();
    }
    let broken = "SELECT count(*), count(*) FILTER (WHERE prev <> hash) FROM (SELECT \
         convert_from(bytes, 'UTF8')::json ->> 'prev' AS prev, \
         encode(sha256(lag(bytes) OVER (ORDER BY seq)), 'hex') AS hash FROM entry) AS chain";
    assert_eq!(schema.sql(broken).unwrap(), [["12", "0"]]);
}

//! A home opened for work: assets, policies, knowledge base, ledger and the acting person.

use crate::config::Config;
use crate::domain::person::{Action, Person};
use crate::domain::review::ReviewPolicy;
use crate::error::{Error, Kind, Result};
use crate::generate::{Products, Templates};
use crate::knowledge::{Embedder, KnowledgeBase, Step};
use crate::ledger::keys::SigningKey;
use crate::ledger::postgres::PostgresLog;
use crate::ledger::rules::in_force::{change_id, stated};
use crate::ledger::{AuditLog, Ledger, NewEntry};
use crate::pii::AllowList;
use crate::pipeline::{LayeredGate, Orchestrator, SegmentTable};
use crate::rules::{LazyBook, Pack, RuleBook};
use crate::service::delivery::carriers::Carriers;
use crate::service::delivery::sources::LastLook;
use crate::service::home::custody::{self, Custody};
use crate::service::home::outside::Outside;
use crate::service::home::texts::Texts;
use crate::service::home::{assets, cross, in_force, layout, reader, wiring};
use crate::service::learning::learned::Learned;
use crate::service::learning::tally;
use crate::service::policy::Shelf;
use crate::service::review::recent::Recent;
use crate::service::run::transient::Transient;
use crate::service::users::people;
use crate::service::users::people::OwnKey;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Minutes without a signature after which a passphrase is asked for again, where no pack says otherwise.
const PAUSE: u32 = 15;

/// Shortest pause: what a passphrase was just given for must still be signed.
const AT_ONCE: Duration = Duration::from_secs(10);

/// What a use case needs open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Policies and assets.
    Rules,
    /// And the knowledge base.
    Pipeline,
    /// And the ledger to write.
    Record,
    /// The ledger to read, beside a writer.
    ReadLedger,
}

/// A firm's home, opened by one person as far as [`Needs`] says: texts, rules, knowledge base, ledger. Every use case takes
/// one.
pub struct Workspace {
    pub home: PathBuf,
    pub templates: Arc<Templates>,
    pub products: Arc<Products>,
    pub packs: Arc<Vec<Pack>>,
    pub book: LazyBook,
    pub allow: Arc<AllowList>,
    pub knowledge: Option<Arc<KnowledgeBase>>,
    pub orchestrator: Option<Orchestrator>,
    custody: Option<Arc<Custody>>,
    /// The last run's parts of each customer, for a while.
    pub transient: Transient,
    /// Who takes approved messages.
    pub(in crate::service) carriers: Carriers,
    /// For reading when another process writes.
    pub reader: Option<Arc<dyn AuditLog>>,
    pub person: Person,
    /// What the packs in force ask of a review, all together.
    pub review: ReviewPolicy,
    key: Mutex<OwnKey>,
    pub(in crate::service) learned: Arc<Learned>,
    /// What customers were sent of late.
    pub(in crate::service) recent: Arc<Recent>,
    /// When approvals were last held against their sources.
    pub(in crate::service) last_look: Arc<LastLook>,
    pub(in crate::service) as_of: Option<DateTime<FixedOffset>>,
    /// Changes of what is in force that the record had when this was opened to write, where it has them.
    changes: Option<u64>,
}

/// How a home is opened.
pub struct Options<'o> {
    pub home: &'o Path,
    pub needs: Needs,
    /// Whether something will be judged: the rules are compiled at once, and not when they are first asked for.
    pub judges: bool,
    pub person: Option<&'o str>,
    pub as_of: Option<DateTime<FixedOffset>>,
    /// Which of several tenants it is, where there are several.
    pub tenant: Option<&'o str>,
    pub progress: &'o mut dyn FnMut(Step),
}

impl Workspace {
    /// Opens a home, making and filling it on first use.
    ///
    /// # Errors
    /// The home cannot be written, an asset cannot be read, or another process owns the ledger.
    pub fn open(options: Options<'_>) -> Result<Self> {
        Self::open_with(options, true)
    }

    /// As [`Workspace::open`], and whatever is in force in the home: to put it on record.
    ///
    /// # Errors
    /// See [`Workspace::open`].
    pub fn open_to_accept(options: Options<'_>) -> Result<Self> {
        Self::open_with(options, false)
    }

    fn open_with(options: Options<'_>, as_on_record: bool) -> Result<Self> {
        let home = options.home.to_owned();
        let ready = layout::prepare(&home, options.needs)?;
        let embedder = matches!(options.needs, Needs::Pipeline | Needs::Record)
            .then(|| Arc::new(Embedder::new(assets::model(), assets::tokenizer())));
        let texts = Texts::read(&home, ready.untouched)?;
        let templates = Arc::new(texts.templates()?);
        let products = Arc::new(texts.parse("knowledge_base/products.toml", Products::parse)?);
        let segments = texts.parse("segments.toml", SegmentTable::parse)?;
        let learned = Arc::new(Learned::of(&texts)?);
        // A record can be read, whatever lies beside it.
        if options.needs != Needs::ReadLedger {
            let all = (&*templates, &*products, &segments, &learned.plan);
            cross::check(&home, &texts, all)?;
        }
        let shelf = Shelf::of(&home);
        let packs = if ready.untouched {
            shelf.packs_if_any()?
        } else {
            shelf.prepare()?;
            shelf.packs()?
        };
        // Only who writes compares the home with its record: a copy of the record alone has no packs.
        let in_force = match options.needs {
            Needs::Record => in_force::here(&packs, &texts),
            _ => Vec::new(),
        };
        let packs = Arc::new(packs);
        let book = LazyBook::of(packs.clone(), templates.approved());
        if options.judges {
            // Beside the ledger: the two slowest parts of an opening.
            book.begin();
        }
        let custody = match options.needs {
            Needs::Record => Some(custody::open(&home, &in_force)?),
            _ => None,
        };
        if let Some(embedder) = &embedder {
            embedder.warm();
        }
        let allow = Arc::new(AllowList::new(
            templates.brand.allowed_contacts.iter().map(String::as_str),
        ));
        let mut review = ReviewPolicy::default();
        for pack in packs.iter() {
            review.join(&pack.review);
        }
        let mut workspace = Self {
            templates: templates.clone(),
            products: products.clone(),
            packs,
            book: book.clone(),
            allow: allow.clone(),
            knowledge: None,
            orchestrator: None,
            custody: None,
            carriers: match options.needs {
                Needs::Record => Carriers::open(&home)?,
                _ => Carriers::files(&home),
            },
            transient: match options.needs {
                Needs::Record => Transient::open(&home, options.tenant)?,
                _ => Transient::in_memory(),
            },
            reader: None,
            person: people::unknown(),
            review,
            key: Mutex::default(),
            learned: learned.clone(),
            recent: Arc::default(),
            last_look: Arc::default(),
            as_of: options.as_of,
            changes: None,
            home,
        };
        if let Some(custody) = custody {
            if as_on_record {
                in_force::check(&workspace.home, custody.ledger.log().as_ref(), &in_force)?;
            }
            let stated = stated(custody.ledger.log().as_ref())?;
            workspace.changes = stated.map(|stated| stated.changes);
            workspace.take_ledger(custody, options.person)?;
            if texts.count_anew {
                tally::count(&workspace)?;
            }
        } else {
            if options.needs == Needs::ReadLedger {
                workspace.reader = reader::record_of(&workspace.home)?;
            }
            let log = workspace.reader.as_deref();
            let (person, key) = people::without_ledger(&workspace.home, options.person, log)?;
            workspace.person = person;
            workspace.take_key(key);
        }
        if let Some(embedder) = embedder {
            let ways = Config::read(&workspace.home)?.knowledge;
            let base = KnowledgeBase::open(
                &workspace.home.join("index"),
                &[workspace.home.join("knowledge_base")],
                &allow,
                embedder.clone(),
                assets::demo_vectors(),
                ways.late,
                options.progress,
            )
            .map_err(|e| Error::of(Kind::Io, e))?;
            let base = Arc::new(base);
            let gate = LayeredGate::new(book, allow.clone());
            workspace.orchestrator = Some(wiring::orchestrator(
                segments,
                (base.clone(), ways),
                Outside::of(&workspace.home, embedder, &allow)?,
                templates,
                products,
                learned,
                gate,
            ));
            workspace.knowledge = Some(base);
        }
        Ok(workspace)
    }

    fn take_ledger(&mut self, custody: Custody, person: Option<&str>) -> Result<()> {
        let keys = self.home.join("keys");
        let log = custody.ledger.log().as_ref();
        let (person, key) = people::acting(log, &keys, person)?;
        self.person = person;
        self.take_key(key);
        self.custody = Some(Arc::new(custody));
        Ok(())
    }

    /// The same home, opened once, with somebody else from the roster acting.
    ///
    /// # Errors
    /// The ledger is not open to write, or nobody of that name may act.
    pub fn acting_as(&self, name: &str) -> Result<Self> {
        let log = self.ledger()?.log().as_ref();
        let (person, key) = people::acting(log, &self.home.join("keys"), Some(name))?;
        Ok(Self {
            home: self.home.clone(),
            templates: self.templates.clone(),
            products: self.products.clone(),
            packs: self.packs.clone(),
            book: self.book.clone(),
            allow: self.allow.clone(),
            knowledge: self.knowledge.clone(),
            orchestrator: self.orchestrator.clone(),
            custody: self.custody.clone(),
            transient: self.transient.clone(),
            carriers: self.carriers.clone(),
            reader: self.reader.clone(),
            person,
            review: self.review.clone(),
            key: Mutex::new(key),
            learned: self.learned.clone(),
            recent: self.recent.clone(),
            last_look: self.last_look.clone(),
            as_of: self.as_of,
            changes: self.changes,
        })
    }

    /// Whether the acting person still stands on the roster as they did when this was opened.
    ///
    /// # Errors
    /// The ledger is not open to write, or the person may not act any more.
    pub fn still_stands(&self) -> Result<bool> {
        let log = self.ledger()?.log().as_ref();
        Ok(people::standing(log, &self.person.name)?.as_ref() == Some(&self.person))
    }

    /// The log to read from, whoever writes it.
    ///
    /// # Errors
    /// There is none yet.
    pub fn log(&self) -> Result<&Arc<dyn AuditLog>> {
        self.custody
            .as_ref()
            .map(|custody| custody.ledger.log())
            .or(self.reader.as_ref())
            .ok_or_else(|| {
                Error::new(Kind::NotFound, "there is no ledger in this home yet")
                    .at(self.home.display().to_string())
                    .fix("start a run first: `echovoice run PROFILE`")
            })
    }

    /// The rules in force, compiled.
    ///
    /// # Errors
    /// An expression of a pack cannot be read.
    pub fn rules(&self) -> Result<&RuleBook> {
        self.book.get().map_err(|problem| {
            Error::new(Kind::Stage, problem.to_string())
                .at(self.home.join("policies/active").display().to_string())
                .fix(
                    "put a version of the pack in force that compiles: `echovoice policy activate`",
                )
        })
    }

    /// What runs are stepped by. Nothing is begun that the rules in force cannot judge.
    ///
    /// # Errors
    /// See [`Workspace::rules`]; or the pipeline is not open.
    pub fn orchestrator(&self) -> Result<&Orchestrator> {
        self.rules()?;
        self.orchestrator
            .as_ref()
            .ok_or_else(|| Error::new(Kind::Stage, "the pipeline is not open"))
    }

    /// The acting person's key, ready to sign.
    ///
    /// # Errors
    /// It is locked, or not in this home.
    pub fn signing_key(&self) -> Result<SigningKey> {
        let name = &self.person.name;
        let mut own = self.own_key();
        own.lock_after(self.pause());
        match &mut *own {
            OwnKey::Open { key, again } => {
                if let Some(again) = again {
                    again.used = Instant::now();
                }
                Ok(key.clone())
            }
            OwnKey::Locked { .. } => Err(Error::new(
                Kind::NotAllowed,
                format!("the key of {name} is locked"),
            )
            .fix("give its passphrase when asked, or in ECHOVOICE_PASSPHRASE_FILE")),
            OwnKey::Absent => Err(Error::new(
                Kind::NotAllowed,
                format!("the key of {name} is not in this home"),
            )
            .fix("use --as with somebody whose key is, or restore keys/")),
        }
    }

    fn own_key(&self) -> MutexGuard<'_, OwnKey> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::service) fn take_key(&self, key: OwnKey) {
        *self.own_key() = key;
    }

    /// How long a key stays open without being used.
    fn pause(&self) -> Duration {
        let minutes = u64::from(self.review.ask_again_minutes.unwrap_or(PAUSE));
        Duration::from_secs(60 * minutes).max(AT_ONCE)
    }

    /// Whether the acting person's key needs its passphrase, for the first time or after a pause.
    pub fn is_locked(&self) -> bool {
        let mut own = self.own_key();
        own.lock_after(self.pause());
        own.is_locked()
    }

    /// How the acting person shows who they are, for the record.
    pub fn proven_by(&self) -> &'static str {
        match &*self.own_key() {
            OwnKey::Open { again: Some(_), .. } => "passphrase",
            _ => "key file",
        }
    }

    /// Opens the acting person's key.
    ///
    /// # Errors
    /// The passphrase is wrong.
    pub fn unlock(&self, passphrase: &str) -> Result<()> {
        self.own_key().unlock(passphrase)
    }

    /// The ledger, open to write.
    ///
    /// # Errors
    /// It is not.
    pub fn ledger(&self) -> Result<&Arc<Ledger>> {
        let custody = self.custody.as_ref();
        custody.map(|custody| &custody.ledger).ok_or_else(|| {
            Error::new(Kind::Ledger, "the ledger is not open to write")
                .fix("nothing is recorded without it, and nothing is decided or sent")
        })
    }

    /// Writes one entry and waits until it is durable; its sequence number comes back.
    ///
    /// # Errors
    /// The ledger is not open to write, or refused.
    pub(in crate::service) fn write(&self, entry: NewEntry) -> Result<u64> {
        self.write_together(vec![entry])
    }

    /// As [`Workspace::write`], all of them or none; the sequence number of the first comes back.
    ///
    /// # Errors
    /// See [`Workspace::write`].
    pub(in crate::service) fn write_together(&self, entries: Vec<NewEntry>) -> Result<u64> {
        let receipts = self.ledger()?.append(entries).wait()?;
        Ok(receipts.first().map_or(0, |receipt| receipt.seq))
    }

    /// Whether the packs that this process opened are still those in force: another one may have activated some.
    ///
    /// # Errors
    /// They are not.
    pub fn has_the_packs_in_force(&self) -> Result<()> {
        let listed = Shelf::of(&self.home).list()?;
        let opened = self.packs.iter().map(|pack| pack.digest);
        let same_here = listed.iter().map(|active| active.digest).eq(opened);
        // Others may write the same record from homes of their own.
        let next = self.changes.map(|changes| change_id(changes + 1));
        let next = next.map(|id| self.ledger()?.log().seq_of(&id).map_err(Error::from));
        if same_here && next.transpose()?.flatten().is_none() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Changed,
            "the policies in force have changed since this was opened",
        )
        .fix("quit and open it again; what is recorded stays"))
    }

    /// Remembers the record as it is now, and publishes its checkpoint where the settings say: of a process that lives
    /// long, now and then.
    pub fn publish(&self, cosign: bool) {
        if let Some(custody) = &self.custody {
            custody.watch.publish(cosign);
        }
    }

    /// The database that the ledger is in, if it is in one.
    pub(in crate::service) fn database(&self) -> Option<&Arc<PostgresLog>> {
        self.custody.as_ref()?.database.as_ref()
    }

    /// Whether another process writes the ledger for this one.
    pub fn is_through_another(&self) -> bool {
        self.custody
            .as_ref()
            .is_some_and(|custody| custody.is_through_another())
    }

    /// Whether the acting person may do it.
    ///
    /// # Errors
    /// The refusal, with who could.
    pub fn allow(&self, action: Action) -> Result<()> {
        self.person.role.may(action).map_err(|why| {
            let what = format!("{}: {why}", self.person.name);
            Error::new(Kind::NotAllowed, what).because(why)
        })
    }
}

/// The time that entries carry.
pub fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

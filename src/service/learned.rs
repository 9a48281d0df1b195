//! What was learned from messages that went out: the counts that runs are scored by, and their versions.
//!
//! A run pins the version that was the newest when it started, and is scored by that one, whatever is learned meanwhile.

use super::texts::Texts;
use crate::domain::digest::Digest;
use crate::error::Result;
use crate::experiment::{Outcomes, Plan};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The counts that the ledger's feedback comes to, beside the home's own `outcomes.toml`.
pub(super) const MEASURED: &str = "outcomes.measured.toml";

/// Versions that are kept for the runs under way.
const KEPT: usize = 16;

struct Version {
    digest: Digest,
    outcomes: Arc<Outcomes>,
}

struct Versions {
    texts: Texts,
    /// Newest last; never empty.
    known: Vec<Version>,
}

/// The plan of the experiments, and the counts in their versions.
pub(super) struct Learned {
    pub plan: Plan,
    own: Outcomes,
    versions: Mutex<Versions>,
    counting: Mutex<()>,
    /// Entries of the ledger that were looked through for what others were told; none before the first look.
    looked: Mutex<Option<u64>>,
}

impl Learned {
    /// # Errors
    /// One of the texts cannot be read.
    pub fn of(texts: Texts) -> Result<Self> {
        let plan = texts.parse("experiments.toml", Plan::parse)?;
        let own = texts.parse("outcomes.toml", Outcomes::parse)?;
        let measured = texts.parse(MEASURED, Outcomes::parse)?;
        let newest = Version {
            digest: texts.digest(),
            outcomes: Arc::new(own.clone().with(measured)),
        };
        Ok(Self {
            plan,
            own,
            versions: Mutex::new(Versions {
                texts,
                known: vec![newest],
            }),
            counting: Mutex::default(),
            looked: Mutex::default(),
        })
    }

    /// Held while entries are counted: one counts at a time.
    pub fn counting(&self) -> MutexGuard<'_, ()> {
        self.counting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn looked(&self) -> MutexGuard<'_, Option<u64>> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Entries that were looked through; all of these at the first look.
    pub fn looked_through(&self, size: u64) -> u64 {
        *self.looked().get_or_insert(size)
    }

    /// So many are looked through now.
    pub fn has_looked(&self, size: u64) {
        *self.looked() = Some(size);
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Version of all texts behind a run, these counts among them.
    pub fn digest(&self) -> Digest {
        let versions = self.versions();
        versions
            .known
            .last()
            .map_or(Digest([0; 32]), |newest| newest.digest)
    }

    /// The counts of a version; the newest, if it is not kept any more.
    pub fn at(&self, digest: &Digest) -> Arc<Outcomes> {
        let versions = self.versions();
        let newest_first = || versions.known.iter().rev();
        newest_first()
            .find(|version| version.digest == *digest)
            .or_else(|| newest_first().next())
            .map(|version| version.outcomes.clone())
            .unwrap_or_default()
    }

    /// The newest counts.
    pub fn newest(&self) -> Arc<Outcomes> {
        self.at(&self.digest())
    }

    /// Other counts were measured: runs that start from now on are scored by them.
    pub fn measure(&self, counts: String, measured: Outcomes) {
        let outcomes = Arc::new(self.own.clone().with(measured));
        let mut versions = self.versions();
        versions.texts.measure(counts);
        let digest = versions.texts.digest();
        if versions.known.last().is_some_and(|v| v.digest == digest) {
            return;
        }
        versions.known.push(Version { digest, outcomes });
        let gone = versions.known.len().saturating_sub(KEPT);
        versions.known.drain(..gone);
    }
}

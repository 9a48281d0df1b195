//! What was learned from messages that went out: the counts that runs are scored by, and their versions.
//!
//! A run pins the version that was the newest when it started, and is scored by that one, whatever is learned meanwhile.

use crate::domain::digest::Digest;
use crate::error::Result;
use crate::experiment::{ExperimentPlan, Outcomes};
use crate::service::home::texts::Texts;
use crate::service::learning::measured::MEASURED;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Versions that are kept for the runs under way.
const KEPT: usize = 16;

struct Version {
    digest: Digest,
    outcomes: Arc<Outcomes>,
}

/// The plan of the experiments, and the counts in their versions.
pub(in crate::service) struct Learned {
    pub plan: ExperimentPlan,
    /// Version of the home's texts.
    texts: Digest,
    own: Outcomes,
    /// Newest last; never empty.
    versions: Mutex<Vec<Version>>,
    counting: Mutex<()>,
    /// Entries of the ledger that were looked through for what was told; none before the first look.
    looked: Mutex<Option<u64>>,
}

impl Learned {
    /// # Errors
    /// One of the texts cannot be read.
    pub fn of(texts: &Texts) -> Result<Self> {
        let plan = texts.parse("experiments.toml", ExperimentPlan::parse)?;
        let own = texts.parse("outcomes.toml", Outcomes::parse)?;
        let measured = texts.parse(MEASURED, Outcomes::parse)?;
        let learned = Self {
            plan,
            texts: texts.digest(),
            own,
            versions: Mutex::default(),
            counting: Mutex::default(),
            looked: Mutex::default(),
        };
        learned.measure(measured);
        Ok(learned)
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

    fn versions(&self) -> MutexGuard<'_, Vec<Version>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Version of all texts behind a run, the counts among them.
    pub fn digest(&self) -> Digest {
        let versions = self.versions();
        versions.last().map_or(self.texts, |newest| newest.digest)
    }

    /// The counts of a version; the newest, if it is not kept any more.
    pub fn at(&self, digest: &Digest) -> Arc<Outcomes> {
        let versions = self.versions();
        versions
            .iter()
            .rfind(|version| version.digest == *digest)
            .or(versions.last())
            .map(|version| version.outcomes.clone())
            .unwrap_or_default()
    }

    /// The newest counts.
    pub fn newest(&self) -> Arc<Outcomes> {
        self.at(&self.digest())
    }

    /// Other counts were measured: runs that start from now on are scored by them.
    pub fn measure(&self, measured: Outcomes) {
        let digest = match measured.version() {
            Some(counts) => Digest::of_parts([self.texts.0.as_slice(), counts.0.as_slice()]),
            None => self.texts,
        };
        let mut versions = self.versions();
        if versions.last().is_some_and(|v| v.digest == digest) {
            return;
        }
        let outcomes = Arc::new(self.own.clone().with(measured));
        versions.push(Version { digest, outcomes });
        let gone = versions.len().saturating_sub(KEPT);
        versions.drain(..gone);
    }
}

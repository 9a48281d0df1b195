//! A run: six stages in order, what each gave, and which versions were pinned.

use super::analysis::Analysis;
use super::canary::Canary;
use super::citation::Retrieved;
use super::delivery::{Delivery, DeliveryStatus};
use super::digest::Digest;
use super::finding::Verdict;
use super::profile::Profile;
use super::segment::Segment;
use super::variant::{Authored, Variant};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The stages, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Segment,
    Retrieve,
    Generate,
    Safety,
    Analyze,
    Deliver,
}

impl Stage {
    pub const ALL: [Self; 6] = [
        Self::Segment,
        Self::Retrieve,
        Self::Generate,
        Self::Safety,
        Self::Analyze,
        Self::Deliver,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Retrieve => "retrieve",
            Self::Generate => "generate",
            Self::Safety => "safety",
            Self::Analyze => "analyze",
            Self::Deliver => "deliver",
        }
    }

    pub fn index(self) -> usize {
        self as usize
    }

    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.index() + 1).copied()
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Everything a verdict depends on besides the profile. Same pins, same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// Build, Unicode and time-zone table versions.
    pub engine: String,
    /// Hash over the active policy packs.
    pub pack: Digest,
    /// Hash over passages and embedding model.
    pub knowledge: Digest,
    /// Hash over templates, brand, disclosures, products and segment table.
    pub assets: Digest,
    pub seed: u64,
    /// RFC 3339.
    pub as_of: String,
}

/// What the gate said of one variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateResult {
    pub variant_id: String,
    pub verdict: Verdict,
}

/// A stage's time and state, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum StageStatus {
    #[default]
    Pending,
    Running,
    Done {
        micros: u64,
    },
    Failed {
        reason: String,
    },
}

impl StageStatus {
    /// Microseconds that the stage took, once it is done.
    pub fn micros(&self) -> Option<u64> {
        match self {
            Self::Done { micros } => Some(*micros),
            _ => None,
        }
    }
}

/// One profile on its way through the stages: each field is what a stage gave, `None` until then.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: String,
    /// 1, and one more with each edit or rewind.
    pub revision: u32,
    pub profile: Profile,
    pub pins: Pins,
    /// Goes into the hash of each text, so that the hash gives no name away.
    pub salt: [u8; 32],
    pub segment: Option<Segment>,
    pub retrieved: Option<Retrieved>,
    pub variants: Option<Vec<Variant>>,
    /// What a model was asked for them, if one was.
    pub authored: Option<Authored>,
    pub gate: Option<Vec<GateResult>>,
    pub analysis: Option<Analysis>,
    pub delivery: Option<Delivery>,
    /// What else is under way for the same customer, or was sent to them of late, when it began.
    pub again: Option<String>,
    /// One more message to them was then more than the policies allow.
    pub over_cap: bool,
    /// Set for a planted test, which is never sent and looks like any other run.
    pub canary: Option<Canary>,
    pub status: [StageStatus; 6],
}

impl Run {
    pub fn new(id: String, profile: Profile, pins: Pins, salt: [u8; 32]) -> Self {
        Self {
            id,
            revision: 1,
            profile,
            pins,
            salt,
            segment: None,
            retrieved: None,
            variants: None,
            authored: None,
            gate: None,
            analysis: None,
            delivery: None,
            again: None,
            over_cap: false,
            canary: None,
            status: Default::default(),
        }
    }

    /// Whether it leaves no trace: its id is the hash of its inputs.
    pub fn is_preview(&self) -> bool {
        self.id.starts_with("preview-")
    }

    /// The stage that would run next; `None` when the person decides (or all is done).
    pub fn next_stage(&self) -> Option<Stage> {
        Stage::ALL
            .into_iter()
            .find(|stage| !matches!(self.status[stage.index()], StageStatus::Done { .. }))
            .filter(|stage| *stage != Stage::Deliver)
    }

    /// Forgets this stage and all after it, as a new revision.
    pub fn rewind_to(&mut self, stage: Stage) {
        self.revision += 1;
        for later in Stage::ALL.into_iter().filter(|s| *s >= stage) {
            self.status[later.index()] = StageStatus::Pending;
            match later {
                Stage::Segment => self.segment = None,
                Stage::Retrieve => self.retrieved = None,
                Stage::Generate => (self.variants, self.authored) = (None, None),
                Stage::Safety => self.gate = None,
                Stage::Analyze => self.analysis = None,
                Stage::Deliver => self.delivery = None,
            }
        }
    }

    /// Takes note of what became of the message.
    pub fn deliver(&mut self, delivery: Delivery) {
        if delivery.status == DeliveryStatus::Delivered {
            self.status[Stage::Deliver.index()] = StageStatus::Done { micros: 0 };
        }
        self.delivery = Some(delivery);
    }

    /// Keeps the planted text of a test as it was first written.
    pub fn keep_planted(&mut self) {
        if let Some(canary) = &mut self.canary
            && canary.text.is_none()
        {
            let mut written = self.variants.iter().flatten();
            let text = written.find(|variant| variant.id == canary.mark.variant);
            canary.text = text.cloned();
        }
    }

    /// Puts the planted text of a test in its variant's place.
    ///
    /// # Errors
    /// The text is not known any more, or the variant is gone: a sentence to show.
    pub fn put_planted(&mut self) -> Result<(), &'static str> {
        let Some(canary) = &self.canary else {
            return Ok(());
        };
        let mut slots = self.variants.iter_mut().flatten();
        let slot = slots.find(|variant| variant.id == canary.mark.variant);
        match (&canary.text, slot) {
            (Some(text), Some(slot)) => {
                slot.clone_from(text);
                Ok(())
            }
            _ => Err("the run was cut off before its texts were composed; start a new one"),
        }
    }

    pub fn variant(&self, id: &str) -> Option<&Variant> {
        self.variants.as_ref()?.iter().find(|v| v.id == id)
    }

    pub fn verdict(&self, variant: &str) -> Option<&Verdict> {
        self.gate
            .as_ref()?
            .iter()
            .find(|g| g.variant_id == variant)
            .map(|g| &g.verdict)
    }

    /// Hash over all verdicts: what a decision names and a rerun must reproduce.
    pub fn verdict_digest(&self) -> Option<Digest> {
        let gate = self.gate.as_ref()?;
        serde_json::to_vec(gate)
            .ok()
            .map(|bytes| Digest::of(&bytes))
    }
}

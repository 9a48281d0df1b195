//! Which variant should win, and how sure that is.

use serde::{Deserialize, Serialize};

/// What the findings of one rule cost an arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCost {
    pub rule: String,
    /// Score that the arm would have more without them, in basis points.
    pub cost_bp: u32,
    /// They keep it from going out.
    pub blocks: bool,
}

/// The score of one variant, part by part. All in basis points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    pub variant_id: String,
    pub kind: String,
    /// Mean of the posterior response rate.
    pub expected_response_bp: u32,
    /// 90 % interval of the posterior response rate.
    pub low_bp: u32,
    pub high_bp: u32,
    /// Outcomes on record for this type, segment and channel.
    pub sent: u64,
    pub responded: u64,
    pub relevance_bp: u32,
    pub freshness_bp: u32,
    pub safety_bp: u32,
    /// Weighted sum.
    pub score_bp: u32,
    /// Probability that this arm's response rate is the best of those that may go out.
    pub best_bp: u32,
    /// What a thousand messages are expected to be worth, in hundredths of the firm's money.
    #[serde(default)]
    pub worth_cents: i64,
    /// How near the least near of its disclosures stands to its claim; none without a disclosure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prominence_bp: Option<u32>,
    /// Why its disclosures are weaker than another arm's, if they are: then it may not win.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weaker: Option<String>,
    /// Why messages of its type are not proposed any more, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What each rule cost it, dearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<RuleCost>,
}

impl Arm {
    /// What keeps it from winning, and what its findings cost, a line each.
    pub fn remarks(&self) -> Vec<String> {
        let stopped = self.stopped.as_ref().map(|why| format!("STOPPED: {why}"));
        let weaker = self
            .weaker
            .as_ref()
            .map(|why| format!("may not win: {why}"));
        let costs = self.costs.iter().map(|cost| {
            let points = format!("{}.{}", cost.cost_bp / 100, cost.cost_bp % 100 / 10);
            let blocks = if cost.blocks { "blocks it, and " } else { "" };
            format!("{} {blocks}costs {points} of the score", cost.rule)
        });
        stopped.into_iter().chain(weaker).chain(costs).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Winner {
    pub variant_id: String,
    pub reason: String,
    pub score_bp: u32,
    /// Probability of being the best arm.
    pub confidence_bp: u32,
}

/// Deterministic assignment of the customer to an experiment group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    pub test_id: String,
    /// `control`, `treatment`, or [`HELD_OUT`].
    pub group: String,
    pub control_variant: Option<String>,
    /// How the arms of the experiment are assigned; none where no experiment runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<String>,
    /// The type that this customer was assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<String>,
    /// Why the winner is another one, if it is: what becomes of the message is then not counted for the experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<String>,
}

/// The group that gets nothing, so that it shows what messages change.
pub const HELD_OUT: &str = "holdout";

impl Experiment {
    /// Whether the customer is sent nothing.
    pub fn holds_out(&self) -> bool {
        self.group == HELD_OUT
    }
}

/// Outcome of the analyze stage. No winner when nothing may go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    pub winner: Option<Winner>,
    pub arms: Vec<Arm>,
    pub experiment: Experiment,
    pub avg_safety_bp: u32,
    pub total_candidates: u32,
    pub blocked_count: u32,
    /// Fields the scorer read, for the record.
    pub features_read: Vec<String>,
}

impl Analysis {
    /// Why there is no winner, where there is none.
    pub fn why_none(&self) -> String {
        if self.experiment.holds_out() {
            format!(
                "held out: {} sends this customer nothing",
                self.experiment.test_id
            )
        } else {
            "no variant may go out".into()
        }
    }

    /// The experiment that a message with the words of this variant is counted for: those of the winner alone, and only if
    /// it is what was assigned.
    pub fn counts(&self, variant: &str) -> Option<&str> {
        let test = &self.experiment;
        let is_winner = self
            .winner
            .as_ref()
            .is_some_and(|w| w.variant_id == variant);
        let counts = is_winner && test.assignment.is_some() && test.set_aside.is_none();
        counts.then_some(test.test_id.as_str())
    }

    /// Whether every variant was refused.
    pub fn is_refused(&self) -> bool {
        self.winner.is_none() && !self.experiment.holds_out()
    }
}

//! Which variant is likely to win, how sure that is, and who sees which.

mod anytime;
mod assign;
mod numbers;
mod outcome;
mod parity;
mod plan;
mod posterior;
mod report;
mod score;

pub use outcome::{OutcomeCounts, OutcomeGroup, Outcomes};
pub use plan::{ExperimentPlan, NOTHING};
pub use report::{ArmReport, Conclusion, ExperimentReport, Lift, Point, reports};
pub use score::{PlacedDisclosure, ScoreCandidate, Setting, analyze};

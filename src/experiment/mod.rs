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

pub use outcome::{Cell, Counts, Outcomes};
pub use parity::Carried;
pub use plan::{NOTHING, Plan};
pub use report::{Lift, Point, Report, Says, Standing, reports};
pub use score::{Candidate, Setting, analyze};

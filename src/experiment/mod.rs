//! Which variant is likely to win, how sure that is, and who sees which.

mod assign;
mod outcome;
mod posterior;
mod score;

pub use assign::assign;
pub use outcome::Outcomes;
pub use posterior::Posterior;
pub use score::{Candidate, FEATURES_READ, analyze};

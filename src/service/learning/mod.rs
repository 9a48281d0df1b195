//! What messages brought: feedback, the counts it comes to, and the experiments they decide.

pub mod experiments;
pub mod feedback;
pub(in crate::service) mod learned;
pub(in crate::service) mod measured;
pub(in crate::service) mod scorer;
pub mod tally;

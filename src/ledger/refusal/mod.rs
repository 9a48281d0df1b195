//! Why the record does not take an entry, family by family, as values.
//!
//! Writers and verifiers print these sentences, here and in the conformance suite's second verifier: they stay as they
//! are.

mod people;
mod record;
mod review;
mod whole;

pub use people::{DataRefusal, PeopleRefusal, TokenRefusal};
pub use record::{ClockRefusal, CommitmentRefusal, FormatRefusal, InForceRefusal, TimeError};
pub use review::{CanaryFault, ReviewRefusal, SignedDecisionRefusal};
pub use whole::{ActorRefusal, DeliveryRefusal, Refusal, RunRefusal, WriterRefusal};

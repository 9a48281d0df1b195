//! The six stages and what runs them. Sees only traits (`ports`); `service` wires the implementations.

mod analyze;
pub mod context;
mod deliver;
pub mod event;
mod generate;
mod language;
mod memory;
pub mod node;
pub mod orchestrator;
mod personal;
pub mod ports;
mod retrieve;
pub mod safety;
pub mod segment;

pub use context::{KnownFacts, customer_facts, message_of, set_age};
pub use deliver::{place_of, why_held};
pub use event::RunEvent;
pub use node::StageContext;
pub use orchestrator::{Orchestrator, StageFailure};
pub use ports::Ports;
pub use safety::{LayeredGate, lookalikes};
pub use segment::SegmentTable;

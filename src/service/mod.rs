//! Use cases: one function each, used by every face. Roles are checked here and nowhere else.

pub mod archive;
pub mod assets;
pub mod audit;
pub mod batch;
pub mod check;
mod custody;
pub mod database;
pub mod decide;
pub mod doctor;
pub mod enrolment;
pub mod erasure;
pub mod evidence;
pub mod filter;
pub mod handover;
pub mod history;
pub mod intake;
pub mod knowledge;
pub mod people;
pub mod personal;
pub mod policy;
pub mod queue;
mod record;
pub mod replay;
pub mod response;
pub mod retention;
pub mod review;
pub mod run;
pub mod settings;
mod texts;
pub mod tokens;
pub mod transient;
pub mod verdict;
mod wiring;
pub mod workspace;

pub use workspace::{Needs, Workspace};

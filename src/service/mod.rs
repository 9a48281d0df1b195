//! Use cases: one function each, used by every face, in wings by what they are about. Roles are checked here and nowhere else.

pub mod audit;
pub mod canary;
pub mod check;
pub mod delivery;
pub mod home;
pub mod intake;
pub mod learning;
pub mod optout;
pub mod policy;
pub mod review;
pub mod run;
pub mod users;

pub use home::workspace::{Needs, Workspace};

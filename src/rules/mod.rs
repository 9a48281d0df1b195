//! Policy packs: load, compile, evaluate, explain, cover, test, compare.
//!
//! A pack is a TOML file that an officer can read and change. A rule runs on views of the message's parts; it reads
//! no clock, network, locale or random number. Findings say where, why, by which citation, and what would pass.

mod alike;
pub mod builtin;
pub mod claimed;
mod compile;
mod condition;
mod coverage;
pub mod diff;
mod draft;
mod error;
mod evaluate;
mod examples;
mod expression;
pub mod fix;
pub mod fold;
mod general_law;
mod languages;
mod lazy;
mod learned;
pub mod pack;
mod parse;
mod prepared;
mod reach;
pub mod resemble;
pub mod selftest;
mod spec;
mod spelling;
mod trade_law;

pub use compile::{CompiledRule, RuleBook};
pub use error::{CompileError, PackError, RuleProblem};
pub use evaluate::RuleFindings;
pub use lazy::LazyBook;
pub use pack::Pack;
pub use prepared::Prepared;

//! The desk: one loop, one message type, a pure `update`, effects on a worker thread.

mod ability;
mod ascii;
mod card;
pub mod columns;
mod commands;
pub mod drawn;
pub mod effect;
pub mod experiments;
pub mod filter;
mod findings;
pub mod keymap;
mod keys;
pub mod links;
pub mod model;
mod mouse;
mod movement;
pub mod msg;
pub mod overlay;
mod paste;
pub mod plain;
pub mod quality;
pub mod queue_commands;
mod screen;
pub mod snapshot;
mod start;
mod terminal;
mod text;
pub mod theme;
mod told;
pub mod update;
pub mod view;
mod worker;

pub use ability::{Charset, ColourDepth, TerminalAbility};
pub use start::Start;
pub use terminal::run;

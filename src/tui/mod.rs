//! The desk: one loop, one message type, a pure `update`, effects on a worker thread.

pub mod ask;
mod commands;
mod edit_keys;
pub mod editor;
pub mod effect;
pub mod keymap;
pub mod model;
pub mod msg;
mod overlay;
pub mod overlay_keys;
pub mod queue_commands;
mod screen;
pub mod snapshot;
mod terminal;
mod text;
pub mod theme;
pub mod update;
pub mod view;
mod worker;

pub use terminal::run;

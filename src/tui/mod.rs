//! The desk: one loop, one message type, a pure `update`, effects on a worker thread.

pub mod ask;
mod card;
pub mod charts;
pub mod check;
pub mod choose;
mod commands;
pub mod compare;
pub mod drawn;
mod edit_keys;
pub mod editor;
pub mod effect;
pub mod experiments;
pub mod form;
pub mod keymap;
pub mod links;
pub mod model;
mod mouse;
mod movement;
pub mod msg;
pub mod overlay;
mod paste;
pub mod overlay_keys;
pub mod plain;
pub mod queue_commands;
mod screen;
pub mod snapshot;
mod start;
mod terminal;
mod text;
pub mod theme;
pub mod tour;
pub mod update;
pub mod view;
mod worker;

pub use start::Start;
pub use terminal::run;

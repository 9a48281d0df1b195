//! A home as it is opened: its folder, settings, texts and keys, what is in force, and who acts on it.

pub mod assets;
pub(in crate::service) mod cross;
pub(in crate::service) mod custody;
pub mod database;
pub mod doctor;
pub mod in_force;
pub mod init;
pub(in crate::service) mod inspect;
pub mod knowledge;
pub(in crate::service) mod layout;
pub(in crate::service) mod leftover;
pub(in crate::service) mod moment;
pub mod origin;
pub(in crate::service) mod outside;
pub(in crate::service) mod ownership;
pub mod reader;
pub mod schema;
pub mod settings;
pub(in crate::service) mod texts;
pub(in crate::service) mod wiring;
pub mod workspace;

//! Approved messages out of the house: once each, through a folder that a mail system or a person picks up.

mod file;

pub use file::{Carrier, DeliverError, Envelope, FileCarrier};

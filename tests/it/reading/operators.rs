//! Servers, carriers, outputs.

use crate::support::{server, smtp};
mod addresses;
mod caps;
mod carriers;
mod desk;
#[cfg(feature = "full")]
mod endings;
#[cfg(feature = "full")]
mod problems;

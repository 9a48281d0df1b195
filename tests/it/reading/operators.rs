//! Servers, carriers, outputs.

use crate::support::{server, smtp};
mod addresses;
mod caps;
mod carriers;
mod desk;
mod endings;
mod problems;

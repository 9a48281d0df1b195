//! Servers, carriers, outputs.

#[path = "operators/addresses.rs"]
mod addresses;
#[path = "operators/caps.rs"]
mod caps;
#[path = "operators/carriers.rs"]
mod carriers;
#[path = "operators/desk.rs"]
mod desk;
#[path = "operators/endings.rs"]
mod endings;
#[path = "operators/problems.rs"]
mod problems;
#[path = "../support/server.rs"]
#[allow(dead_code, reason = "each module uses a part of it")]
mod server;
#[path = "../support/smtp.rs"]
#[allow(dead_code, reason = "each module uses a part of it")]
mod smtp;

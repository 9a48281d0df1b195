//! All tests that need the whole program, in one binary: `cargo test --test it NAME::` runs one file of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_collect,
    clippy::cast_possible_truncation
)]

mod support;

mod agree;
mod batch;
mod broken_rules;
mod canaries;
mod canary_rules;
mod claims;
mod cli;
mod clock;
mod customer_keys;
mod deciding;
mod delivery;
mod deploy;
mod desk;
mod disguise;
mod erasure;
mod evidence;
mod experiments;
mod faults;
mod feedback;
mod format_page;
#[cfg(feature = "full")]
mod full;
mod gate_memory;
mod goals;
mod hostile;
mod in_force;
mod insider;
mod knowledge;
mod law;
mod ledger;
mod looks;
mod messages;
mod model;
mod older_record;
mod operation;
mod overlays;
mod own_home;
mod people;
mod period;
mod plain;
mod policy;
mod processes;
mod pty;
mod reading;
mod retrieval;
mod rewrite;
mod schemas;
mod sealed_verdict;
mod search_service;
mod settings_page;
mod socket;
mod tamper;
mod themes;
mod triage;
mod walk;
mod witness;
mod workflow;

//! EchoVoice: a compliance reviewer's desk for personalised customer messages.
//!
//! Three faces (`tui`, `cli`, `http`) over one set of use cases (`service`), over a `pipeline` that sees only traits, over plain
//! data (`domain`). Dependencies run one way; `tests/layers.rs` guards the direction.
//!
//! ```text
//! main → cli | tui | http → service → pipeline → { rules → claims, pii, grounding } → text → domain
//!                       ├────→ knowledge, generate, experiment, deliver, archive, mail
//!                       ├────→ witness     └─→ remote (services over HTTP)
//!                       └────→ ledger, store, config
//! ```

pub mod archive;
pub mod claims;
pub mod cli;
pub mod config;
pub mod deliver;
pub mod domain;
pub mod error;
pub mod experiment;
pub mod files;
pub mod generate;
pub mod grounding;
pub mod http;
pub mod knowledge;
pub mod ledger;
pub mod mail;
pub mod pii;
pub mod pipeline;
pub mod remote;
pub mod rules;
pub mod service;
pub mod store;
pub mod text;
pub mod tui;
pub mod wait;
pub mod witness;

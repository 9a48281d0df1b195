//! What people of this field really have is read rightly, or told: one row a case, by kind.

#![allow(clippy::unwrap_used, clippy::panic)]

#[allow(dead_code, reason = "each module uses a part of it")]
mod support;

#[path = "reading/documents.rs"]
mod documents;
#[path = "reading/facts.rs"]
mod facts;
#[path = "reading/figures.rs"]
mod figures;
#[path = "reading/html.rs"]
mod html;
#[path = "reading/mail.rs"]
mod mail;
#[path = "reading/mail_corpus.rs"]
mod mail_corpus;
#[path = "reading/operators.rs"]
mod operators;
#[path = "reading/optout.rs"]
mod optout;
#[path = "reading/profiles.rs"]
mod profiles;

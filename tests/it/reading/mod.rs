//! What people of this field really have is read rightly, or told: one row a case, by kind.

mod documents;
mod facts;
mod figures;
mod html;
mod mail;
pub mod mail_corpus;
mod operators;
mod optout;
mod profiles;

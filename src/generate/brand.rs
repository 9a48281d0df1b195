//! The brand guide as data.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Voice, look and addresses of the firm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// The firm's name, as customers know it.
    pub name: String,
    /// How the firm speaks; a language model that writes is told it.
    pub voice: String,
    /// `cid:logo` for `brand/logo.svg` in the home; empty where the name stands in its place.
    pub logo: String,
    /// What readers see who load no pictures.
    pub logo_alt: String,
    /// Hosts that links may lead to, and all below them.
    pub hosts: Vec<String>,
    /// Where the links of a message begin: `{link}`.
    pub link: String,
    /// The sender of e-mail: `Name <mailbox>`.
    pub from: String,
    /// The sender of texts: `{sms_sender}`.
    pub sms_sender: String,
    /// Lines, mailboxes and addresses that may stand in any message.
    pub allowed_contacts: Vec<String>,
    /// Colours of the HTML part, by role: `ink`, `paper`, `mist`, `accent` and others.
    pub palette: BTreeMap<String, String>,
}

impl Brand {
    pub fn colour(&self, role: &str) -> &str {
        self.palette.get(role).map_or("#000000", String::as_str)
    }
}

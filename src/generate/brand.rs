//! The brand guide as data.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Voice, look and addresses of the firm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    pub name: String,
    pub voice: String,
    pub logo: String,
    pub logo_alt: String,
    pub hosts: Vec<String>,
    pub link: String,
    pub from: String,
    pub sms_sender: String,
    /// Lines, mailboxes and addresses that may stand in any message.
    pub allowed_contacts: Vec<String>,
    pub palette: BTreeMap<String, String>,
}

impl Brand {
    pub fn colour(&self, role: &str) -> &str {
        self.palette.get(role).map_or("#000000", String::as_str)
    }
}

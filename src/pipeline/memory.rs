//! What the gate said of a text before: runs of many customers say the same to people of one place on one day.
//!
//! Rules and sources ask of the customer no more than zone, locale and, where hours count, the phone, and of the moment
//! no more than the day. They are given a message that holds nothing else ([`KnownMessage`]), so that its digest is all
//! that a verdict can depend on. A gate has one rule book and one memory: nothing crosses packs or tenants, and personal
//! data is looked for anew each time.

use crate::domain::digest::Digest;
use crate::domain::facts::Known as Fact;
use crate::domain::finding::{Coverage, EvidenceLink, Finding};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::message::Message;
use crate::domain::profile::Profile;
use crate::domain::remark::Remark;
use chrono::{DateTime, FixedOffset, Timelike as _};
use moka::sync::Cache;
use std::sync::Arc;

/// Most that is kept, in bytes, by a guess of what one takes.
const ROOM: u64 = 8 << 20;
const OF_A_FINDING: usize = 1_200;
const OF_A_LINK: usize = 400;
const OF_A_LINE: usize = 160;

/// Clocks of all places that keep time by quarters of an hour turn to a new day at one (IANA, all zones of today).
const QUARTER: i64 = 15 * 60;

/// What rules and sources say of a message, whoever its customer is.
pub(super) struct TextVerdict {
    /// Of rules, figures and languages.
    pub findings: Vec<Finding>,
    /// Of the message as a whole: its place, what was cut short.
    pub of_message: Vec<Finding>,
    /// Facts whose names are nearly those of the vocabulary.
    pub nearly: Vec<Remark>,
    pub coverage: Vec<Coverage>,
    pub evidence: Vec<EvidenceLink>,
}

/// Whole messages that were judged, or none.
pub(super) struct VerdictMemory(Option<Cache<Digest, Arc<TextVerdict>>>);

/// A message as rules and sources know it, and the digest of all of that.
pub(super) struct KnownMessage<'m> {
    message: &'m Message,
    customer: Option<Arc<Profile>>,
    as_of: Option<DateTime<FixedOffset>>,
    digest: Digest,
}

impl VerdictMemory {
    pub fn new() -> Self {
        let weight = |_: &Digest, judged: &Arc<TextVerdict>| {
            let findings = judged.findings.len() + judged.of_message.len();
            let bytes = findings * OF_A_FINDING
                + judged.evidence.len() * OF_A_LINK
                + judged.coverage.len() * OF_A_LINE;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(ROOM).weigher(weight);
        Self(Some(cache.build()))
    }

    pub fn none() -> Self {
        Self(None)
    }

    /// What was said of it, or else what is said now.
    pub fn judged(
        &self,
        known: &KnownMessage<'_>,
        judge: impl FnOnce(&Message) -> TextVerdict,
    ) -> Arc<TextVerdict> {
        if let Some(said) = self.0.as_ref().and_then(|cache| cache.get(&known.digest)) {
            return said;
        }
        let judged = Arc::new(judge(&known.alone()));
        if let Some(cache) = &self.0 {
            cache.insert(known.digest, judged.clone());
        }
        judged
    }
}

impl<'m> KnownMessage<'m> {
    /// None for what is judged once: fragments under check, mails of many parts.
    pub fn of(message: &'m Message) -> Option<Self> {
        if !message.complete || !message.more.is_empty() || !message.listed.is_empty() {
            return None;
        }
        let customer = message.customer.as_ref().map(|customer| {
            let asks_hours = matches!(message.facts.get("send_local"), Fact::Is(_));
            Arc::new(customer.place_alone(asks_hours))
        });
        let as_of = message.as_of.map(quarter);
        let digest = digest(message, customer.as_deref(), as_of)?;
        Some(Self {
            message,
            customer,
            as_of,
            digest,
        })
    }

    /// The message with nothing beside: what is judged, where it was not judged before.
    fn alone(&self) -> Message {
        Message {
            customer: self.customer.clone(),
            as_of: self.as_of,
            remarks: Vec::new(),
            ..self.message.clone()
        }
    }
}

/// The quarter of an hour that a moment lies in: it is the same day in it everywhere.
fn quarter(moment: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    let offset = i64::from(moment.offset().local_minus_utc());
    if offset % QUARTER != 0 {
        return moment;
    }
    let over = moment.timestamp().rem_euclid(QUARTER);
    let nanos = i64::from(moment.nanosecond());
    moment - chrono::TimeDelta::seconds(over) - chrono::TimeDelta::nanoseconds(nanos)
}

/// Over all that a message holds, with what is known of customer and moment in the place of its own; a field that is
/// added to it has to be added here.
fn digest(
    message: &Message,
    customer: Option<&Profile>,
    as_of: Option<DateTime<FixedOffset>>,
) -> Option<Digest> {
    let Message {
        subject,
        preheader,
        body,
        html,
        html_differs,
        more: _,
        listed: _,
        channel,
        jurisdiction,
        product,
        facts,
        citations,
        customer: _,
        as_of: _,
        complete,
        remarks: _,
    } = message;
    // Whether it is there at all comes first: no text is not the empty text.
    let text =
        |text: Option<&str>| text.map_or_else(Vec::new, |text| format!("+{text}").into_bytes());
    let of_customer = |field: &dyn Fn(&Profile) -> Option<&str>| text(customer.and_then(field));
    let parts = [
        text(subject.as_deref()),
        text(preheader.as_deref()),
        text(Some(body)),
        text(html.as_deref()),
        vec![
            u8::from(*html_differs),
            u8::from(*complete),
            u8::from(customer.is_some()),
        ],
        text(channel.map(Channel::as_str)),
        text(jurisdiction.as_ref().map(Jurisdiction::as_str)),
        text(product.as_deref()),
        serde_json::to_vec(facts).ok()?,
        citations.digest().0.to_vec(),
        of_customer(&|customer| customer.locale.as_deref()),
        of_customer(&|customer| customer.time_zone.as_deref()),
        of_customer(&|customer| customer.phone.as_deref()),
        text(as_of.map(|moment| moment.to_rfc3339()).as_deref()),
    ];
    Some(Digest::of_parts(parts.iter().map(Vec::as_slice)))
}

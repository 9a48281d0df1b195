//! Whom a rule speaks to, and when: recipient, channel, product, audience, purpose, day. Many rules share one reach, so
//! each is asked once a message.

use super::claimed::{Claimed, Compiled, Readings};
use super::pack::Rule;
use super::prepared::Prepared;
use crate::domain::finding::Disposition;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::law::{OutOfForce, Term};
use crate::domain::message::Message;
use crate::domain::recipient_day::RecipientDay;
use std::borrow::Cow;
use std::fmt;

/// Words that stand for advertising in the fact `purpose`.
const ADVERTISING: [&str; 6] = [
    "advertising",
    "marketing",
    "promotion",
    "advertisement",
    "promotional",
    "commercial",
];

/// What findings of a rule may come to at most, and what is not known that makes it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispositionCap {
    pub most: Disposition,
    pub unknown: Option<Unknown>,
}

/// What is not known of a message, so that a rule only asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    Product,
    Place,
}

impl Unknown {
    /// A sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "The product is not known.",
            Self::Place => "The recipient's place is not known.",
        }
    }
}

/// What a rule may come to, or why it does not speak of the message.
pub type Reached = Result<DispositionCap, Skipped>;

/// Why a rule does not speak of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It speaks to others, or of other things.
    Because(Cow<'static, str>),
    /// It would speak of the message on another day.
    OutOfForce(OutOfForce),
}

impl From<&'static str> for Skipped {
    fn from(reason: &'static str) -> Self {
        Self::Because(reason.into())
    }
}

impl From<String> for Skipped {
    fn from(reason: String) -> Self {
        Self::Because(reason.into())
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Because(reason) => f.write_str(reason),
            Self::OutOfForce(out) => out.fmt(f),
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct RuleScope {
    place: Vec<Jurisdiction>,
    not_place: Vec<Jurisdiction>,
    channel: Vec<Channel>,
    /// Names of products, as rules of the first form have them.
    product: Vec<String>,
    term: Term,
    classes: Vec<usize>,
    not_classes: Vec<usize>,
    audience: Vec<String>,
    purpose: Vec<String>,
    /// It asks what a message lacks, or what a fact limits, and so needs a product that something tells.
    needs_product: bool,
    is_of_whole_messages: bool,
    /// Messages about any product that it speaks of say so.
    says_so: bool,
}

/// The reaches of all rules, each once.
#[derive(Debug, Default)]
pub struct Reaches(Vec<RuleScope>);

impl Reaches {
    /// The place of a rule's reach among all.
    pub fn add(&mut self, rule: &Rule, claimed: Option<(&Claimed, &Compiled)>) -> usize {
        let mut reach = RuleScope {
            place: rule.jurisdiction.clone(),
            channel: rule.channel.clone(),
            product: rule.product.clone(),
            term: rule.term(),
            ..RuleScope::default()
        };
        // Rules of the second form without claims run a check of the engine, which asks for itself.
        if let Some((claimed, compiled)) = claimed.filter(|_| rule.matches.is_empty()) {
            reach.not_place.clone_from(&claimed.not_place);
            reach.classes.clone_from(&compiled.classes);
            reach.not_classes.clone_from(&compiled.not_classes);
            reach.says_so = compiled.says_so;
            reach.audience.clone_from(&claimed.audience);
            reach.purpose.clone_from(&claimed.purpose);
            reach.needs_product = claimed.is_absence() || claimed.is_fact_alone();
            reach.is_of_whole_messages = claimed.is_absence() || claimed.whole;
        }
        let known = self.0.iter().position(|known| *known == reach);
        known.unwrap_or_else(|| {
            self.0.push(reach);
            self.0.len() - 1
        })
    }

    /// What each reach makes of a message, in their order.
    pub fn of(&self, prepared: &Prepared<'_>, readings: &Readings<'_>) -> Vec<Reached> {
        let about = About::of(prepared, readings);
        self.0.iter().map(|reach| reach.cap(&about)).collect()
    }
}

/// What is asked about a message.
struct About<'m> {
    message: &'m Message,
    readings: &'m Readings<'m>,
    day: Option<RecipientDay>,
    audience: Option<String>,
    purpose: String,
    names_product: bool,
}

impl<'m> About<'m> {
    fn of(prepared: &'m Prepared<'_>, readings: &'m Readings<'m>) -> Self {
        let message = prepared.message;
        let stated = |fact: &str| message.facts.text(fact).map(str::to_lowercase);
        Self {
            message,
            readings,
            day: prepared.day,
            audience: stated("audience"),
            purpose: stated("purpose").unwrap_or_else(|| ADVERTISING[0].to_owned()),
            names_product: message.product_named().is_some(),
        }
    }
}

impl RuleScope {
    fn cap(&self, about: &About<'_>) -> Reached {
        let message = about.message;
        if let (false, Some(recipient)) = (self.place.is_empty(), &message.jurisdiction)
            && !self.place.iter().any(|scope| recipient.is_within(scope))
        {
            return Err(format!("recipient is in {recipient}").into());
        }
        if let (false, Some(channel)) = (self.channel.is_empty(), message.channel)
            && !self.channel.contains(&channel)
        {
            return Err(format!("channel is {channel}").into());
        }
        if let (false, Some(product)) = (self.product.is_empty(), &message.product)
            && !self.product.iter().any(|p| p.eq_ignore_ascii_case(product))
        {
            return Err("another product".into());
        }
        if let Some(place) = &message.jurisdiction
            && self.not_place.iter().any(|other| place.is_within(other))
        {
            return Err("another place".into());
        }
        self.of_product(about)?;
        if let (false, Some(audience)) = (self.audience.is_empty(), &about.audience)
            && !self.audience.contains(audience)
        {
            return Err("another audience".into());
        }
        let is_advertising = |word: &str| ADVERTISING.contains(&word);
        let wanted = self.purpose.iter().any(|wanted| {
            *wanted == about.purpose || is_advertising(wanted) && is_advertising(&about.purpose)
        });
        if !self.purpose.is_empty() && !wanted {
            return Err("another purpose".into());
        }
        if self.is_of_whole_messages && !message.complete {
            return Err("asked of whole messages".into());
        }
        // Asked last: what is told of the days of a law is told of laws that would hold here.
        if let Some(out) = self.out_of_force(about) {
            return Err(Skipped::OutOfForce(out));
        }
        let mut cap = DispositionCap {
            most: Disposition::Block,
            unknown: None,
        };
        if !self.classes.is_empty() && !self.names_a_class(about) {
            cap = DispositionCap {
                most: Disposition::Review,
                unknown: Some(Unknown::Product),
            };
        }
        if !self.place.is_empty() && message.jurisdiction.is_none() {
            cap = DispositionCap {
                most: Disposition::Review,
                unknown: Some(Unknown::Place),
            };
        }
        Ok(cap)
    }

    /// Why its law holds on none of the days that it may be for the recipient.
    fn out_of_force(&self, about: &About<'_>) -> Option<OutOfForce> {
        if self.term == Term::default() {
            return None;
        }
        let message = about.message;
        let (mut day, moment) = (about.day?, message.as_of?);
        // Nobody on earth is more than a day away from UTC: most terms hold on none of those days, or on all of them.
        let utc = moment.to_utc().date_naive();
        let on_all = self.term.out(utc, utc);
        let near = [utc.pred_opt()?, utc.succ_opt()?];
        if near
            .iter()
            .all(|near| self.term.out(*near, *near) == on_all)
        {
            return on_all;
        }
        if message.jurisdiction.is_none() && message.zones().is_empty() {
            day = day.or_in(moment, &self.place);
        }
        self.term.out(day.earliest, day.latest)
    }

    fn names_a_class(&self, about: &About<'_>) -> bool {
        let classes = &about.readings.classes;
        self.classes.iter().any(|class| classes.contains(class))
    }

    fn of_product(&self, about: &About<'_>) -> Result<(), Skipped> {
        let classes = &about.readings.classes;
        // A rule for products of no class asks of one whose class its name alone tells, too: of two the stricter holds.
        let is_ruled_out = !(self.classes.is_empty() && about.readings.told_by_name);
        if is_ruled_out && self.not_classes.iter().any(|class| classes.contains(class)) {
            return Err("another product".into());
        }
        if self.classes.is_empty() || self.names_a_class(about) {
            return Ok(());
        }
        if !classes.is_empty() && about.names_product {
            return Err("another product".into());
        }
        if self.says_so {
            return Err("nothing says that it is such a product".into());
        }
        if self.needs_product {
            return Err("no product that it speaks of is told".into());
        }
        Ok(())
    }
}

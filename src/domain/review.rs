//! What a firm asks of a review beyond a verdict: by when, by how many, together or one by one, and what may follow.

use super::decision::ReviewState;
use super::decision::StateRefusal;
use super::jurisdiction::Channel;
use serde::Deserialize;
use std::fmt;
use std::num::NonZeroU32;

/// The `[review]` table of a pack. Packs in force are taken together, the strictest of each line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewPolicy {
    /// Hours within which a run is to be decided.
    pub due_hours: Option<u32>,
    /// Hours after which an approval that was not used lapses, and the run is to be reviewed again.
    pub approval_hours: Option<u32>,
    /// Minutes in which a decision can be withdrawn; nothing is sent before they end.
    pub withdraw_minutes: Option<u32>,
    /// Minutes without a decision after which the desk asks for the passphrase again.
    pub ask_again_minutes: Option<u32>,
    /// Days after a customer's last run when their data is due for disposal.
    pub retention_days: Option<u32>,
    /// Which law, or whose wish, asks for that.
    pub retention_why: Option<String>,
    /// Whether an approved message waits once a passage that it cites is no longer as it was.
    pub sources_stand: Option<bool>,
    /// Whether runs whose winner passed without a remark may be decided together.
    pub bulk: Option<bool>,
    /// How many messages one customer is sent at most: each of them holds.
    pub caps: Vec<Cap>,
    /// What a second person must approve too.
    pub two_persons: TwoPersons,
}

/// Most messages that one customer is sent in so many days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// None: all channels counted together.
    pub channel: Option<Channel>,
    /// How many.
    pub most: u32,
    /// In how many days.
    pub days: NonZeroU32,
    /// Which law, or whose wish, asks for it.
    #[serde(default)]
    pub why: Option<String>,
}

impl Cap {
    /// Whether it counts messages by this channel.
    pub fn holds_for(&self, channel: Channel) -> bool {
        self.channel.is_none_or(|own| own == channel)
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.channel.map_or("", Channel::as_str);
        let gap = if by.is_empty() { "" } else { " by " };
        let many = |count: u32| if count == 1 { "" } else { "s" };
        let (most, days) = (self.most, self.days.get());
        write!(
            f,
            "{most} message{}{gap}{by} in {days} day{}",
            many(most),
            many(days)
        )?;
        match &self.why {
            Some(why) => write!(f, " ({why})"),
            None => Ok(()),
        }
    }
}

/// What needs the approval of two persons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TwoPersons {
    /// Ids of rules whose remarks do; `FIN-*` names all that begin so.
    pub rules: Vec<String>,
    /// Channels whose messages do.
    pub channels: Vec<Channel>,
    /// Segments whose messages do.
    pub segments: Vec<String>,
    /// Products whose messages do.
    pub products: Vec<String>,
}

/// What is known of a variant when it is asked how many persons it needs.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub channel: Channel,
    pub segment: &'a str,
    pub product: &'a str,
    /// Rules with a remark on it.
    pub rules: &'a [&'a str],
}

impl ReviewPolicy {
    /// Takes another pack's table in.
    pub fn join(&mut self, other: &Self) {
        let least = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
        self.due_hours = least(self.due_hours, other.due_hours);
        self.approval_hours = least(self.approval_hours, other.approval_hours);
        self.ask_again_minutes = least(self.ask_again_minutes, other.ask_again_minutes);
        self.withdraw_minutes = self.withdraw_minutes.max(other.withdraw_minutes);
        // What one pack must keep, another may not let go.
        if other.retention_days > self.retention_days {
            self.retention_days = other.retention_days;
            self.retention_why.clone_from(&other.retention_why);
        }
        self.bulk = match (self.bulk, other.bulk) {
            (Some(a), Some(b)) => Some(a && b),
            (a, b) => a.or(b),
        };
        self.sources_stand = match (self.sources_stand, other.sources_stand) {
            (Some(a), Some(b)) => Some(a || b),
            (a, b) => a.or(b),
        };
        // Each of them holds, so the strictest does.
        for cap in &other.caps {
            if !self.caps.contains(cap) {
                self.caps.push(cap.clone());
            }
        }
        let (two, more) = (&mut self.two_persons, &other.two_persons);
        two.rules.extend(more.rules.iter().cloned());
        two.channels.extend(&more.channels);
        two.segments.extend(more.segments.iter().cloned());
        two.products.extend(more.products.iter().cloned());
    }

    /// Why a variant needs two persons, if it does.
    pub fn needs_two(&self, asked: Asked<'_>) -> Option<String> {
        let two = &self.two_persons;
        let named = |list: &[String], name: &str| {
            !name.is_empty() && list.iter().any(|n| n.eq_ignore_ascii_case(name))
        };
        if two.channels.contains(&asked.channel) {
            return Some(format!("the channel {}", asked.channel));
        }
        if named(&two.segments, asked.segment) {
            return Some(format!("the segment {}", asked.segment));
        }
        if named(&two.products, asked.product) {
            return Some(format!("the product {}", asked.product));
        }
        let rule = asked.rules.iter().find(|rule| {
            two.rules.iter().any(|name| match name.strip_suffix('*') {
                Some(start) => rule.starts_with(start),
                None => name == **rule,
            })
        });
        rule.map(|rule| format!("a remark of {rule}"))
    }
}

/// What a person, or time, does to a run beside deciding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Take it, so that nobody else decides it.
    Claim,
    Release,
    /// Give it to somebody.
    Assign,
    /// Only a principal may decide it from now on.
    Escalate,
    Comment,
    /// Take the last decision back.
    Withdraw,
    /// Call a delivered message back.
    Recall,
    /// An approval was not used in time.
    Expire,
    /// What was approved must be looked at again, since the rules changed.
    Reopen,
}

impl Act {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Release => "release",
            Self::Assign => "assign",
            Self::Escalate => "escalate",
            Self::Comment => "comment",
            Self::Withdraw => "withdraw",
            Self::Recall => "recall",
            Self::Expire => "expire",
            Self::Reopen => "reopen",
        }
    }

    /// Fewest characters of its reason.
    pub fn least_reason(self) -> usize {
        match self {
            Self::Claim | Self::Release | Self::Assign | Self::Expire => 0,
            Self::Comment => 2,
            Self::Escalate | Self::Withdraw | Self::Recall | Self::Reopen => 10,
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Words as one line: a line break in what is signed could forge a line of the note.
pub fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().map(plain).collect()
}

/// Most characters of a reason or comment.
pub const MOST_REASON: usize = 2_000;

impl ReviewState {
    /// Whether the words may still be changed, or a stage run again.
    ///
    /// # Errors
    /// It was decided.
    pub fn revise(self) -> Result<(), StateRefusal> {
        match self {
            Self::Running | Self::Failed => Ok(()),
            state if state.is_open() => Ok(()),
            state => Err(StateRefusal::Decided(state)),
        }
    }

    /// The state after an act, or why it cannot be done in this state.
    ///
    /// # Errors
    /// The state does not allow it.
    pub fn act(self, act: Act) -> Result<Self, StateRefusal> {
        match act {
            Act::Comment => Ok(self),
            Act::Claim | Act::Release | Act::Assign | Act::Escalate if self.is_open() => Ok(self),
            Act::Claim | Act::Release | Act::Assign | Act::Escalate => {
                Err(StateRefusal::NotWaiting(self))
            }
            Act::Withdraw => match self {
                Self::Approved | Self::Rejected | Self::SecondSignature | Self::SecondApproval => {
                    Ok(Self::Waiting)
                }
                Self::Delivered => Err(StateRefusal::Delivered),
                _ => Err(StateRefusal::NoDecision),
            },
            Act::Recall => match self {
                Self::Delivered => Ok(Self::Recalled),
                Self::Approved => Err(StateRefusal::NotYetDelivered),
                _ => Err(StateRefusal::NothingDelivered),
            },
            Act::Expire | Act::Reopen => match self {
                Self::Approved => Ok(Self::Waiting),
                _ => Err(StateRefusal::NoApproval),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_line_of_all_packs_holds() {
        let read = |text: &str| toml::from_str::<ReviewPolicy>(text).unwrap();
        let mut both = read("due_hours = 48\nbulk = true\nwithdraw_minutes = 5");
        both.join(&read(
            "due_hours = 24\nbulk = false\nretention_days = 730\n[two_persons]\nrules = [\"FIN-*\"]\nchannels = [\"sms\"]",
        ));
        both.join(&read("retention_days = 1095\nwithdraw_minutes = 10"));
        assert_eq!((both.due_hours, both.bulk), (Some(24), Some(false)));
        assert_eq!(
            (both.withdraw_minutes, both.retention_days),
            (Some(10), Some(1095))
        );
        let asked = |channel, rules| Asked {
            channel,
            segment: "",
            product: "",
            rules,
        };
        assert!(both.needs_two(asked(Channel::Sms, &[])).is_some());
        assert!(both.needs_two(asked(Channel::Email, &["FIN-7"])).is_some());
        assert_eq!(both.needs_two(asked(Channel::Email, &["UK-1"])), None);
        assert!(toml::from_str::<ReviewPolicy>("due = 3").is_err());
        both.join(&read("caps = [{channel = \"email\", most = 3, days = 7}]"));
        both.join(&read(
            "caps = [{channel = \"email\", most = 3, days = 7}, {most = 1, days = 1}]",
        ));
        let told: Vec<String> = both.caps.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["3 messages by email in 7 days", "1 message in 1 day"]
        );
        assert!(both.caps[1].holds_for(Channel::Sms) && !both.caps[0].holds_for(Channel::Sms));
        for wrong in [
            "{most = 3, days = 0}",
            "{most = -1, days = 1}",
            "{days = 1}",
            "{channel = \"fax\", most = 1, days = 1}",
        ] {
            assert!(
                toml::from_str::<ReviewPolicy>(&format!("caps = [{wrong}]")).is_err(),
                "{wrong}"
            );
        }
    }

    /// Every pair of state and act that may be done; all others are refused.
    #[test]
    fn every_pair_of_state_and_act() {
        use ReviewState as S;
        let acts = [
            Act::Claim,
            Act::Withdraw,
            Act::Recall,
            Act::Expire,
            Act::Reopen,
            Act::Comment,
        ];
        for state in S::ALL {
            for act in acts {
                let expected = match (act, state) {
                    (Act::Comment, _) => Some(state),
                    (
                        Act::Claim,
                        S::Waiting | S::SecondSignature | S::SecondApproval | S::ChangesRequested,
                    ) => Some(state),
                    (
                        Act::Withdraw,
                        S::Approved | S::Rejected | S::SecondSignature | S::SecondApproval,
                    )
                    | (Act::Expire | Act::Reopen, S::Approved) => Some(S::Waiting),
                    (Act::Recall, S::Delivered) => Some(S::Recalled),
                    _ => None,
                };
                assert_eq!(state.act(act).ok(), expected, "{state:?} {act:?}");
            }
        }
    }
}

//! Words that stand for something: kept as they were written, read as what they name.

use super::field::{FieldRef, FieldType};
use crate::domain::canary::{Expectation, TestOutcome};
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::person::Role;
use crate::domain::review::Act;
use crate::domain::run::Stage;
use serde_json::Value;
use std::marker::PhantomData;

/// Something that an entry names by a word.
pub trait Code: Sized {
    /// What the word is called where the format is told.
    const CALLED: &'static str;

    /// What a word names; `None` for a word that names nothing.
    fn named(word: &str) -> Option<Self>;

    fn word(&self) -> String;
}

/// A word for a `T`. One that names none is kept: what was hashed is never changed, and a later version may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded<T>(String, PhantomData<T>);

impl<T: Code> Coded<T> {
    /// A word that stands on record already, as it was written there.
    pub fn written(word: &str) -> Self {
        Self(word.to_owned(), PhantomData)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it names, if this version knows it.
    pub fn known(&self) -> Option<T> {
        T::named(&self.0)
    }
}

impl<T: Code> From<T> for Coded<T> {
    fn from(named: T) -> Self {
        Self(named.word(), PhantomData)
    }
}

impl<T: Code> FieldType for Coded<T> {
    const SHAPE: &'static str = T::CALLED;

    fn read(value: Value) -> Result<Self, Value> {
        String::read(value).map(|word| Self(word, PhantomData))
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::Text(&self.0)
    }
}

/// How far a hand-over came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoverStatus {
    /// The carrier is about to be asked.
    Begun,
    Delivered,
    /// It may not go now.
    Held,
    /// The carrier did not take it.
    Failed,
}

/// Whose fault it is that a message is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldScope {
    /// The carrier's, as it is set up: every message waits.
    Carrier,
    /// This message alone.
    Message,
}

/// Words and what they name; both ways of reading are made from one list.
macro_rules! codes {
    ($($type:ty, $called:literal { $($word:literal => $value:path),+ $(,)? })+) => {$(
        impl Code for $type {
            const CALLED: &'static str = $called;

            fn named(word: &str) -> Option<Self> {
                match word { $($word => Some($value),)+ _ => None }
            }

            fn word(&self) -> String {
                match self { $($value => $word.to_owned()),+ }
            }
        }
    )+};
}

codes! {
    HandoverStatus, "word for a status" {
        "begun" => HandoverStatus::Begun,
        "delivered" => HandoverStatus::Delivered,
        "held" => HandoverStatus::Held,
        "failed" => HandoverStatus::Failed,
    }
    HoldScope, "`carrier` or `message`" {
        "carrier" => HoldScope::Carrier,
        "message" => HoldScope::Message,
    }
    Act, "word for an act" {
        "claim" => Act::Claim,
        "release" => Act::Release,
        "assign" => Act::Assign,
        "escalate" => Act::Escalate,
        "comment" => Act::Comment,
        "withdraw" => Act::Withdraw,
        "recall" => Act::Recall,
        "expire" => Act::Expire,
        "reopen" => Act::Reopen,
    }
}

/// Types that name themselves in `domain`.
macro_rules! named {
    ($($type:ty, $called:literal: $read:expr;)+) => {$(
        impl Code for $type {
            const CALLED: &'static str = $called;

            fn named(word: &str) -> Option<Self> {
                $read(word)
            }

            fn word(&self) -> String {
                self.as_str().to_owned()
            }
        }
    )+};
}

named! {
    DecisionKind, "word for a decision": DecisionKind::named;
    Role, "role": Role::parse;
    Expectation, "`violation` or `clean`": Expectation::parse;
    TestOutcome, "word for an outcome": TestOutcome::parse;
    Stage, "stage": |word: &str| Stage::ALL.into_iter().find(|stage| stage.as_str() == word);
}

impl Code for Digest {
    const CALLED: &'static str = "hash";

    fn named(word: &str) -> Option<Self> {
        Self::parse(word)
    }

    fn word(&self) -> String {
        self.to_string()
    }
}

//! Reading untrusted text: hidden characters, normal forms with a map back to the original, views, sentences, numbers.

pub mod calendar;
pub mod decode;
pub mod diff;
pub mod hidden;
pub mod html;
pub mod json;
pub mod language;
mod leet;
pub mod ligatures;
pub mod mapped;
pub mod marks;
pub mod meta;
pub mod numbers;
pub mod pattern;
pub mod readability;
pub mod ruler;
pub mod sentence;
pub mod skeleton;
pub mod sms;
pub mod stem;
pub mod table;
pub mod view;

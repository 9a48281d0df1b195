//! What EchoVoice talks about: plain data and the pure rules of its states.
//!
//! Nothing here does I/O, reads a clock or knows another room of the house.

pub mod analysis;
pub mod canary;
pub mod citation;
pub mod cited;
pub mod contact;
pub mod decision;
pub mod delivery;
pub mod digest;
pub mod facts;
pub mod finding;
pub mod hours;
pub mod jurisdiction;
pub mod law;
pub mod message;
pub mod person;
pub mod place;
pub mod prescribed;
pub mod profile;
pub mod recipient_day;
pub mod remark;
pub mod review;
pub mod run;
pub mod segment;
pub mod variant;
pub mod why_rank;
pub mod zone;

//! Addresses and numbers as people and their tools write them: read into one form, in which the same mailbox and the same
//! line are the same, however they were written.
//!
//! Reading is generous about how an address or a number is wrapped and strict about what it is: what is none, or could be
//! two, is an error that names what is wrong and never repeats the value.

mod clean;
mod email;
mod id;
mod phone;

pub use email::{EmailAddress, host_in_a_labels};
pub use id::{comparable_id, id_in_list, is_date, is_nobody};
pub use phone::PhoneNumber;

/// What keeps a text from being an address or a number. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum ContactError {
    #[error("it is empty")]
    Empty,
    #[error("it has no @, so it is no e-mail address")]
    NoAt,
    #[error("it holds more than one address or number; give one")]
    MoreThanOne,
    #[error("what stands before the @ is not the name of a mailbox")]
    Mailbox,
    #[error("what stands after the @ is not the name of a domain")]
    Domain,
    #[error("it is too long")]
    TooLong,
    #[error("it has too few digits for a phone number")]
    TooFewDigits,
    #[error("it has too many digits for a phone number")]
    TooManyDigits,
    #[error("it holds something that belongs to no phone number")]
    NotANumber,
    #[error("it begins with the code of no country")]
    UnknownCountry,
    #[error("it is no id, address or number")]
    NotAnId,
}

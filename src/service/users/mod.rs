//! Who may act: roles, keys, and tokens of programs.

pub mod enrolment;
pub mod people;
pub mod remembered;
pub mod tokens;

//! `desk` and `keys`.

use super::Answer;
use super::args::{DeskArgs, Global};
use super::output::Out;
use crate::error::{Error, Kind, Result};

pub fn run(_global: &Global, _args: &DeskArgs) -> Result<Answer> {
    Err(Error::new(Kind::Io, "the desk is not built yet"))
}

pub fn keys(_out: &mut Out) {}

//! Stage 3: candidate messages.

use super::node::{Context, Node, StageError};
use super::ports::{Brief, Writer};
use crate::domain::citation::Retrieved;
use crate::domain::segment::Segment;
use crate::domain::variant::{Authored, Variant};
use std::cell::RefCell;

/// Who writes, and who hears what is written so far.
pub(super) struct GenerateNode<'p>(pub &'p dyn Writer, pub RefCell<&'p mut dyn FnMut(&str)>);

impl Node for GenerateNode<'_> {
    type In<'i> = (&'i Segment, &'i Retrieved);
    type Out = (Vec<Variant>, Option<Authored>);

    fn run(
        &self,
        context: &Context<'_>,
        (segment, retrieved): Self::In<'_>,
    ) -> Result<Self::Out, StageError> {
        let mut tell = self.1.borrow_mut();
        let (variants, authored) = self
            .0
            .write(&Brief::of(context, segment, retrieved), &mut **tell)
            .map_err(StageError)?;
        if variants.is_empty() {
            return Err(StageError(format!(
                "no template is written for {} over {}; add one to templates/variants.toml",
                segment.use_case, context.channel
            )));
        }
        Ok((variants, authored))
    }
}

//! What stands for the reader of PDFs where the program was built without it.

use super::super::document::DocumentError;
use super::Read;
use crate::built;

pub(super) fn read(_: Vec<u8>, _: String) -> Read {
    Read::failed(DocumentError(built::without("PDF", "pdf")))
}

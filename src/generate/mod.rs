//! Candidate messages: from templates whose every factual sentence names its source.

mod brand;
mod format;
mod html;
mod templates;

pub use brand::Brand;
pub use templates::{Disclosure, Products, TemplateError, Templates, Wanted};

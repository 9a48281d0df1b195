//! Candidate messages: from templates whose every factual sentence names its source.

mod brand;
mod format;
mod html;
pub mod model;
mod templates;
mod words;

pub use brand::Brand;
pub use templates::{Disclosure, Products, TemplateError, Templates, Wanted};

//! Candidate messages: from templates whose every factual sentence names its source.

mod brand;
mod format;
mod html;
mod left_out;
pub mod model;
mod products;
mod templates;
mod words;

pub use brand::Brand;
pub use format::fact as fact_in_words;
pub use products::{PRESSURE, Products};
pub use templates::{Beside, Disclosure, SuppliedText, TemplateError, TemplateInput, Templates};

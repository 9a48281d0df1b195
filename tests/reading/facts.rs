//! Facts, placeholders, languages, personal data in streams.

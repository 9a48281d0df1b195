//! Mail files: every part that a reader shows.

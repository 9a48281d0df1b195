//! Documents: Word, HTML, Markdown, PDF.

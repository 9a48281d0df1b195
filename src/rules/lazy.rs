//! A rule book that is compiled when something is first judged by it: most commands judge nothing.

use super::compile::RuleBook;
use super::error::CompileError;
use super::pack::Pack;
use crate::domain::digest::Digest;
use std::sync::{Arc, OnceLock};

/// Packs on their way to a [`RuleBook`]. Clones share it: it is compiled once.
#[derive(Clone, Debug)]
pub struct LazyBook(Arc<SharedBook>);

#[derive(Debug)]
struct SharedBook {
    packs: Arc<Vec<Pack>>,
    /// Texts of approved disclosures.
    approved: Vec<String>,
    digest: Digest,
    book: OnceLock<Result<Arc<RuleBook>, CompileError>>,
}

impl LazyBook {
    /// The book of packs. `approved` are the texts of approved disclosures.
    pub fn of(packs: Arc<Vec<Pack>>, approved: Vec<String>) -> Self {
        Self(Arc::new(SharedBook {
            digest: RuleBook::digest_of(&packs),
            packs,
            approved,
            book: OnceLock::new(),
        }))
    }

    /// Hash over the packs in order of their ids: what a run pins.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// The book. Whoever comes meanwhile waits for the first.
    ///
    /// # Errors
    /// What [`RuleBook::compile`] says.
    pub fn get(&self) -> Result<&RuleBook, &CompileError> {
        let shared = &*self.0;
        let book = shared.book.get_or_init(|| {
            let approved = shared.approved.iter().map(String::as_str);
            RuleBook::compile(&shared.packs, approved).map(Arc::new)
        });
        book.as_deref()
    }

    /// Begins to compile beside what else is done.
    pub fn begin(&self) {
        let book = self.clone();
        let thread = std::thread::Builder::new().name("rules".into());
        // Without a thread whoever asks first compiles it.
        drop(thread.spawn(move || book.get().is_ok()));
    }
}

impl From<Arc<RuleBook>> for LazyBook {
    fn from(book: Arc<RuleBook>) -> Self {
        Self(Arc::new(SharedBook {
            packs: Arc::default(),
            approved: Vec::new(),
            digest: book.digest,
            book: OnceLock::from(Ok(book)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packs(find: &str) -> Arc<Vec<Pack>> {
        let text = include_str!("../../assets/policies/examples.toml");
        let text = text.replace("builtin = \"resembles\"", &format!("find = ['{find}']"));
        Arc::new(vec![Pack::parse(&text).unwrap()])
    }

    #[test]
    fn it_is_the_book_of_its_packs_compiled_once() {
        let packs = packs("sure way");
        let lazy = LazyBook::of(packs.clone(), vec!["Capital at risk.".into()]);
        let at_once = RuleBook::compile(&packs, ["Capital at risk."]).unwrap();
        assert_eq!(lazy.digest(), at_once.digest);
        assert_eq!(lazy.get().unwrap().approved, at_once.approved);
        let other = lazy.clone();
        other.begin();
        assert!(std::ptr::eq(lazy.get().unwrap(), other.get().unwrap()));
        let ready = LazyBook::from(Arc::new(at_once));
        assert_eq!(ready.digest(), lazy.digest());
        assert_eq!(ready.get().unwrap().rules.len(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_pack_is_told_when_it_is_asked_for() {
        let lazy = LazyBook::of(packs("{no_such_class}"), Vec::new());
        let said = lazy.get().unwrap_err().to_string();
        assert!(said.contains("no_such_class"), "{said}");
        assert_eq!(said, lazy.get().unwrap_err().to_string());
    }
}

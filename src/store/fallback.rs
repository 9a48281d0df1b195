//! A store that may fail, with memory for when it does. Each call decides for itself, so a store that comes back is used
//! again without a start.

use super::breaker::Breaker;
use super::{Memory, Store, StoreError, StoreStatus};
use std::time::{Duration, Instant};

/// See the module's words.
pub struct Fallback<S> {
    store: S,
    memory: Memory,
    breaker: Breaker,
}

impl<S: Store> Fallback<S> {
    /// Values in memory are kept for this long.
    pub fn new(store: S, kept: Duration) -> Self {
        Self {
            store,
            memory: Memory::new(kept),
            breaker: Breaker::default(),
        }
    }

    /// Asks the store, if it may be asked; `None` if it did not answer.
    fn ask<T>(&self, call: impl Fn(&S) -> Result<T, StoreError>) -> Option<T> {
        if !self.breaker.may_ask(Instant::now()) {
            return None;
        }
        match call(&self.store) {
            Ok(answer) => {
                if self.breaker.answered() {
                    // What was kept meanwhile may be older than what others keep there by now.
                    self.memory.clear();
                }
                Some(answer)
            }
            Err(_) => {
                self.breaker.failed(Instant::now());
                None
            }
        }
    }
}

impl<S: Store> Store for Fallback<S> {
    fn put(&self, values: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        match self.ask(|store| store.put(values)) {
            Some(()) => Ok(()),
            None => self.memory.put(values),
        }
    }

    fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self.ask(|store| store.get(keys)) {
            Some(found) => Ok(found),
            None => self.memory.get(keys),
        }
    }

    /// Dropping must reach the store itself: who asks is told if it did not.
    fn forget(&self, keys: &[String]) -> Result<(), StoreError> {
        self.memory.forget(keys)?;
        let forgotten = self.store.forget(keys);
        match &forgotten {
            Ok(()) => drop(self.breaker.answered()),
            Err(_) => self.breaker.failed(Instant::now()),
        }
        forgotten
    }

    fn whereabouts(&self) -> StoreStatus {
        if self.breaker.is_open() {
            StoreStatus::FallenBack
        } else {
            self.store.whereabouts()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KEPT;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A store that answers when it is up.
    struct Shaky(Memory, AtomicBool);

    impl Shaky {
        fn up(&self) -> Result<&Memory, StoreError> {
            let is_up = self.1.load(Ordering::SeqCst);
            is_up.then_some(&self.0).ok_or(StoreError("down".into()))
        }
    }

    impl Store for Shaky {
        fn put(&self, values: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
            self.up()?.put(values)
        }
        fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
            self.up()?.get(keys)
        }
        fn forget(&self, keys: &[String]) -> Result<(), StoreError> {
            self.up()?.forget(keys)
        }
        fn whereabouts(&self) -> StoreStatus {
            StoreStatus::Redis
        }
    }

    #[test]
    fn memory_takes_over_and_gives_back() {
        let store = Fallback::new(Shaky(Memory::new(KEPT), AtomicBool::new(true)), KEPT);
        let keys = ["a:segment".to_owned()];
        let value = |text: &str| [(keys[0].clone(), text.as_bytes().to_vec())];
        let read = || store.get(&keys).unwrap()[0].clone();
        store.put(&value("one")).unwrap();
        assert_eq!(store.whereabouts(), StoreStatus::Redis);
        store.store.1.store(false, Ordering::SeqCst);
        assert_eq!(read(), None, "memory has nothing yet");
        assert_eq!(store.whereabouts(), StoreStatus::FallenBack);
        store.put(&value("two")).unwrap();
        assert_eq!(read().unwrap(), b"two");
        assert!(store.forget(&keys).is_err(), "nobody may think it is gone");
        assert_eq!(read(), None);
        store.put(&value("three")).unwrap();

        // Up again: a call that may ask finds out. Dropping always asks.
        store.store.1.store(true, Ordering::SeqCst);
        store.forget(&["other".into()]).unwrap();
        assert_eq!(store.whereabouts(), StoreStatus::Redis);
        assert_eq!(read().unwrap(), b"one");
    }
}

//! Values in this process, as many as fit.

use super::{Store, StoreError, StoreStatus};
use moka::sync::Cache;
use std::time::Duration;

/// Most bytes kept.
const ROOM: u64 = 16 << 20;

/// A store that ends with the process.
pub struct Memory(Cache<String, Vec<u8>>);

impl Memory {
    /// Values are kept for this long.
    pub fn new(kept: Duration) -> Self {
        let weight = |key: &String, value: &Vec<u8>| {
            u32::try_from(key.len() + value.len()).unwrap_or(u32::MAX)
        };
        Self(
            Cache::builder()
                .max_capacity(ROOM)
                .weigher(weight)
                .time_to_live(kept)
                .build(),
        )
    }

    /// Everything goes.
    pub fn clear(&self) {
        self.0.invalidate_all();
    }
}

impl Store for Memory {
    fn put(&self, values: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        for (key, value) in values {
            self.0.insert(key.clone(), value.clone());
        }
        Ok(())
    }

    fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        Ok(keys.iter().map(|key| self.0.get(key)).collect())
    }

    fn forget(&self, keys: &[String]) -> Result<(), StoreError> {
        for key in keys {
            self.0.invalidate(key);
        }
        Ok(())
    }

    fn whereabouts(&self) -> StoreStatus {
        StoreStatus::Memory
    }
}

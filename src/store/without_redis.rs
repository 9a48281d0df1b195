//! What stands for Redis where the program was built without it: nothing of it can be made.

use super::{RedisLocation, Store, StoreError, StoreStatus};

/// A Redis: there is none.
pub enum Redis {}

impl Redis {
    /// # Errors
    /// Always.
    pub fn new(_: RedisLocation) -> Result<Self, StoreError> {
        Err(StoreError(crate::built::without("Redis", "redis")))
    }
}

impl Store for Redis {
    fn put(&self, _: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        match *self {}
    }

    fn get(&self, _: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match *self {}
    }

    fn forget(&self, _: &[String]) -> Result<(), StoreError> {
        match *self {}
    }

    fn whereabouts(&self) -> StoreStatus {
        match *self {}
    }
}

//! What is kept for a while, by customer: the last run's parts for whoever asks, never the record. In memory, or in Redis,
//! where other programs read it too; when Redis does not answer, in memory until it does.

mod breaker;
mod fallback;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(not(feature = "redis"))]
#[path = "without_redis.rs"]
mod redis;

pub use fallback::Fallback;
pub use memory::Memory;
pub use redis::Redis;

use std::time::Duration;
use zeroize::Zeroizing;

/// How long a value is kept, unless the settings say otherwise: the seed's hour.
pub const KEPT: Duration = Duration::from_hours(1);

/// Where values are at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreStatus {
    /// In this process, as it is meant to be.
    Memory,
    Redis,
    /// Redis is named and does not answer; it is tried again by itself.
    FallenBack,
}

impl StoreStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
            Self::FallenBack => "redis does not answer: memory until it does",
        }
    }
}

/// Where a Redis is.
pub struct RedisLocation {
    /// `redis://` or, encrypted, `rediss://`; may hold the password.
    pub url: Zeroizing<String>,
    /// Stands before every key, so that several may share one.
    pub prefix: String,
    pub kept: Duration,
}

/// A store that did not answer, in words without addresses or values.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// Values by key, each for a while.
pub trait Store: Send + Sync {
    /// Keeps values; those that are there are replaced.
    ///
    /// # Errors
    /// The store does not answer.
    fn put(&self, values: &[(String, Vec<u8>)]) -> Result<(), StoreError>;

    /// What is kept under each key, in their order.
    ///
    /// # Errors
    /// The store does not answer.
    fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Drops values; those that are not there too.
    ///
    /// # Errors
    /// The store does not answer: the values may still be there.
    fn forget(&self, keys: &[String]) -> Result<(), StoreError>;

    /// Where values are at the moment.
    fn whereabouts(&self) -> StoreStatus;
}

//! Values in Redis, which lets them go by itself. The only place that knows it.

use super::{RedisLocation, Store, StoreError, StoreStatus};
use r2d2::{CustomizeConnection, Pool};
use redis::{Client, Connection, RedisError};
use std::time::Duration;

/// How long one call may take; a store that is slower is no use.
const TIMEOUT: Duration = Duration::from_millis(250);

/// Most connections.
const CONNECTIONS: u32 = 8;

/// A pool of connections.
pub struct Redis {
    pool: Pool<Client>,
    prefix: String,
    seconds: u64,
}

/// A connection that does not answer must not hold anybody up.
#[derive(Debug)]
struct Impatient;

impl CustomizeConnection<Connection, RedisError> for Impatient {
    fn on_acquire(&self, connection: &mut Connection) -> Result<(), RedisError> {
        connection.set_read_timeout(Some(TIMEOUT))?;
        connection.set_write_timeout(Some(TIMEOUT))
    }
}

impl Redis {
    /// Makes ready to connect; nothing is sent yet.
    ///
    /// # Errors
    /// The URL cannot be used.
    pub fn new(place: RedisLocation) -> Result<Self, StoreError> {
        let unread = "the URL of Redis cannot be read; it is like redis://host:6379";
        let client = Client::open(place.url.trim()).map_err(|_| StoreError(unread.into()))?;
        let pool = Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(0))
            .connection_timeout(TIMEOUT)
            .connection_customizer(Box::new(Impatient))
            .test_on_check_out(false)
            .build_unchecked(client);
        Ok(Self {
            pool,
            prefix: place.prefix,
            seconds: place.kept.as_secs().max(1),
        })
    }

    fn ask<T: redis::FromRedisValue>(&self, pipeline: &redis::Pipeline) -> Result<T, StoreError> {
        let gone = || StoreError("Redis does not answer".into());
        let mut left = self.pool.state().idle_connections;
        loop {
            let mut connection = self.pool.get().map_err(|_| gone())?;
            match pipeline.query(&mut *connection) {
                Ok(answer) => return Ok(answer),
                // It closes connections that were idle for long (`timeout` in its settings), and says so only to the
                // next command: those that lay ready are left, and what is asked is safe to ask again.
                Err(error) if left > 0 && was_closed(&error) => left -= 1,
                Err(_) => return Err(gone()),
            }
        }
    }

    fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

/// Whether the connection had ended already, and not an answer failed to come in time.
fn was_closed(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout()
}

impl Store for Redis {
    fn put(&self, values: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let mut pipeline = redis::pipe();
        for (key, value) in values {
            pipeline
                .set_ex(self.name(key), value.as_slice(), self.seconds)
                .ignore();
        }
        self.ask(&pipeline)
    }

    fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut pipeline = redis::pipe();
        for key in keys {
            pipeline.get(self.name(key));
        }
        self.ask(&pipeline)
    }

    fn forget(&self, keys: &[String]) -> Result<(), StoreError> {
        let mut pipeline = redis::pipe();
        for key in keys {
            pipeline.del(self.name(key)).ignore();
        }
        self.ask(&pipeline)
    }

    fn whereabouts(&self) -> StoreStatus {
        StoreStatus::Redis
    }
}

//! A witness outside is asked to cosign a checkpoint (C2SP tlog-witness, `add-checkpoint`).

use crate::remote;
use std::time::Duration;
use ureq::Agent;

/// How long a witness may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes of an answer that are looked at.
const MOST: u64 = 64 << 10;

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessReply {
    /// Signature lines, as they came.
    Cosigned(String),
    /// It has cosigned the log at this size, and asks for a proof from there.
    Knows(u64),
    /// It does not cosign.
    Refused(u16),
}

/// Why a witness did not answer.
pub type NoReply = remote::Passing;

/// Asks witnesses.
pub struct WitnessClient {
    agent: Agent,
}

impl WitnessClient {
    /// Makes ready; nothing is sent yet.
    pub fn new() -> Self {
        Self {
            agent: remote::agent(TIMEOUT),
        }
    }

    /// Asks the witness at this submission prefix; `body` is the old size, the proof and the checkpoint.
    ///
    /// # Errors
    /// It cannot be reached, or does not answer in its time.
    pub fn add_checkpoint(&self, prefix: &str, body: &str) -> Result<WitnessReply, NoReply> {
        let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
        let sent = self
            .agent
            .post(&url)
            .header("content-type", "text/plain; charset=utf-8")
            .send(body);
        let mut answer = sent.map_err(|e| NoReply::of(&e))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(MOST).read_to_string();
        let text = text.map_err(|e| NoReply::of(&e))?;
        Ok(match (status, text.trim_end().parse()) {
            (200, _) => WitnessReply::Cosigned(text),
            (409, Ok(size)) => WitnessReply::Knows(size),
            _ => WitnessReply::Refused(status),
        })
    }
}

impl Default for WitnessClient {
    fn default() -> Self {
        Self::new()
    }
}

//! A run's events on their way to one reader, who may be slower than the run.

use crate::service::run::RunEvent;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Default)]
struct Waiting {
    events: VecDeque<RunEvent>,
    is_closed: bool,
}

#[derive(Default)]
struct RelayState {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

impl RelayState {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nobody panics while holding it.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The run's end. Dropping it ends the stream.
pub struct Sender(Arc<RelayState>);

/// The reader's end.
pub struct Receiver(Arc<RelayState>);

/// Both ends. What waits is bounded by the run itself: two events a stage, and one of text between two of them.
pub fn relay() -> (Sender, Receiver) {
    let shared = Arc::new(RelayState::default());
    (Sender(shared.clone()), Receiver(shared))
}

impl Sender {
    /// Never waits and never drops the start or end of a stage; of text that nobody has taken yet the newest state stands.
    pub fn send(&self, event: RunEvent) {
        let mut waiting = self.0.waiting();
        let is_text = |event: &RunEvent| matches!(event, RunEvent::Writing { .. });
        if is_text(&event) && waiting.events.back().is_some_and(is_text) {
            waiting.events.pop_back();
        }
        waiting.events.push_back(event);
        drop(waiting);
        self.0.arrived.notify_one();
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.waiting().is_closed = true;
        self.0.arrived.notify_one();
    }
}

impl Receiver {
    /// The next event. `None`: the sender is gone and everything was taken.
    pub async fn next(&self) -> Option<RunEvent> {
        loop {
            {
                let mut waiting = self.0.waiting();
                if let Some(event) = waiting.events.pop_front() {
                    return Some(event);
                }
                if waiting.is_closed {
                    return None;
                }
            }
            // A word that came since is kept: `notify_one` stores it.
            self.0.arrived.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::Stage;

    fn text(words: &str) -> RunEvent {
        RunEvent::Writing {
            words: words.into(),
        }
    }

    fn started(stage: Stage) -> RunEvent {
        RunEvent::Started { stage }
    }

    async fn all(receiver: Receiver) -> Vec<RunEvent> {
        let mut all = Vec::new();
        while let Some(event) = receiver.next().await {
            all.push(event);
        }
        all
    }

    #[tokio::test]
    async fn a_slow_reader_misses_no_stage_and_gets_the_newest_text() {
        let (sender, receiver) = relay();
        sender.send(started(Stage::Generate));
        for count in 1..=300 {
            sender.send(text(&"x".repeat(count)));
        }
        sender.send(started(Stage::Safety));
        drop(sender);
        let newest = text(&"x".repeat(300));
        let expected = [started(Stage::Generate), newest, started(Stage::Safety)];
        assert_eq!(all(receiver).await, expected);
    }

    #[tokio::test]
    async fn an_event_is_there_while_the_run_goes_on() {
        let (sender, receiver) = relay();
        sender.send(started(Stage::Segment));
        assert_eq!(receiver.next().await, Some(started(Stage::Segment)));
        let waiting = tokio::spawn(async move { receiver.next().await });
        tokio::task::yield_now().await;
        sender.send(started(Stage::Retrieve));
        assert_eq!(waiting.await.unwrap(), Some(started(Stage::Retrieve)));
    }

    #[tokio::test]
    async fn a_reader_of_a_run_that_is_gone_is_not_left_waiting() {
        let (sender, receiver) = relay();
        let waiting = tokio::spawn(all(receiver));
        tokio::task::yield_now().await;
        drop(sender);
        assert_eq!(waiting.await.unwrap(), []);
    }
}

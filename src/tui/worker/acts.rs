//! What goes on record: decisions, dismissals, claims, comments.

use super::Worker;
use crate::domain::decision::DecisionKind;
use crate::domain::finding::Finding;
use crate::domain::review::Act;
use crate::error::Result;
use crate::service::audit::erasure::{self, Ask};
use crate::service::review::ReviewStep;
use crate::service::review::decide::{self, DecisionWord};
use crate::service::{policy, review};
use crate::tui::effect::DecideRequest;
use crate::tui::msg::Msg;
use crate::tui::overlay::customer_data::{DataDeed, DataRequest};

impl Worker<'_> {
    pub(super) fn decide(&mut self, request: &DecideRequest) -> Result<()> {
        let outcome = decide::decide(
            self.workspace,
            &DecisionWord {
                run: &request.run,
                variant: &request.variant,
                kind: request.kind,
                reason: &request.reason,
                code: request.code.as_deref(),
                seen: Some(request.seen),
            },
        )?;
        let delivery = match (&outcome.delivery.message_id, &outcome.delivery.reason) {
            (Some(id), _) => format!(", delivered as {id}"),
            (None, Some(reason)) => format!(", held: {reason}"),
            (None, None) => String::new(),
        };
        (self.answer)(Msg::ActionDone(match &outcome.test {
            Some(test) => format!("{test} (entry {})", outcome.seq),
            None => format!(
                "recorded: {} {} (entry {}), now {}{delivery}",
                request.kind,
                request.variant,
                outcome.seq,
                outcome.state.as_str()
            ),
        }));
        let decided = self.session.as_mut();
        if let Some(open) = decided.filter(|open| open.run.id == request.run) {
            open.run.deliver(outcome.delivery);
            self.show(true);
        }
        Ok(())
    }

    pub(super) fn approve_together(&self, runs: &[String]) -> Result<()> {
        let done =
            decide::decide_together(self.workspace, runs, DecisionKind::Approve, ("", None))?;
        let left: Vec<String> = done
            .iter()
            .filter_map(|(run, outcome)| Some(format!("{run}: {}", outcome.as_ref().err()?)))
            .collect();
        let words = format!(
            "recorded: {} of {} approved",
            runs.len() - left.len(),
            runs.len()
        );
        let tests = done
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok()?.test.as_deref());
        let tests: Vec<&str> = tests.collect();
        let words = match tests.as_slice() {
            [] => words,
            [one] => format!("{words}. {one}"),
            more => format!("{words}; {} were planted tests, and not sent", more.len()),
        };
        (self.answer)(Msg::ActionDone(match left.first() {
            None => words,
            Some(first) => format!("{words}; left {first}"),
        }));
        Ok(())
    }

    pub(super) fn dismiss(&mut self, variant: &str, finding: &Finding, reason: &str) -> Result<()> {
        let workspace = self.workspace;
        let row = policy::dismiss(workspace, &self.open()?.run, variant, finding, reason)?;
        (self.answer)(Msg::ActionDone(format!(
            "dismissed: {} is a test row now; `echovoice policy test` runs it",
            row.rule
        )));
        Ok(())
    }

    /// The person is named by the record's pseudonym alone, whatever was typed.
    pub(super) fn customer_data(&self, request: &DataRequest) -> Result<()> {
        let ask = match request.deed {
            DataDeed::Hold => Ask::Hold,
            DataDeed::Lift => Ask::Lift,
            DataDeed::Defer => Ask::Defer(&request.until),
            DataDeed::Erase => Ask::Erase,
        };
        let customer = request.customer.text().trim();
        let done = erasure::about(self.workspace, customer, ask, &request.reason)?;
        let says = match request.deed {
            DataDeed::Hold => "is held for the law",
            DataDeed::Lift => "may be erased again",
            DataDeed::Defer => "stays until that day",
            DataDeed::Erase => "is erased",
        };
        let files = match done.files {
            0 => String::new(),
            files => format!("; taken out of the outbox: {files}"),
        };
        let told = format!(
            "recorded: the data of {} {says} (entry {}){files}",
            done.subject, done.seq
        ) + &match done.ended {
            0 => String::new(),
            ended => format!("; open runs rejected: {ended}"),
        };
        (self.answer)(match request.deed {
            DataDeed::Erase => Msg::Erased(told),
            _ => Msg::ActionDone(told),
        });
        Ok(())
    }

    pub(super) fn act(&self, run: &str, act: Act, to: Option<&str>, reason: &str) -> Result<()> {
        let done = review::act(self.workspace, run, ReviewStep { act, to, reason })?;
        (self.answer)(Msg::ActionDone(format!(
            "recorded: {act} {run} (entry {}), now {}",
            done.seq,
            done.state.as_str()
        )));
        Ok(())
    }

    pub(super) fn load_comments(&self, run: &str) -> Result<()> {
        (self.answer)(Msg::Comments(review::comments(self.workspace, run)?));
        Ok(())
    }

    pub(super) fn load_colleagues(&self) -> Result<()> {
        (self.answer)(Msg::Colleagues(review::colleagues(self.workspace)?));
        Ok(())
    }
}

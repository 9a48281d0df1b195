//! From entries to figures: what each reviewer decided, in the order of the record.

use super::figures::{ItemTimes, Proportion, kappa};
use super::{
    HOW_TIMED, ReviewQuality, ReviewerAgreement, ReviewerQuality, RuleAgainst, SESSION, TestScore,
};
use crate::domain::canary::{CanaryMark, TestOutcome};
use crate::domain::decision::DecisionKind;
use crate::domain::person::Role;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::field::TextList;
use crate::ledger::payload::{CanaryPayload, DecisionPayload, Payload};
use crate::ledger::rules::canary::{mark_of, words_of};
use chrono::DateTime;
use std::collections::{BTreeMap, BTreeSet};

/// One decision.
struct Decided {
    run: String,
    by: String,
    kind: DecisionKind,
    artifact: String,
    time: String,
    /// Seconds that it took, where they are known.
    took: Option<i64>,
}

/// A planted test that is over.
struct Opened {
    mark: CanaryMark,
    artifact: String,
    /// What was planted: the same line gives the same.
    message: String,
}

/// What the entries say, as far as they were read.
#[derive(Default)]
pub(super) struct ReviewTally {
    /// When each run came to wait for its next decision.
    ready: BTreeMap<String, i64>,
    /// When each person acted last.
    acted: BTreeMap<String, i64>,
    decided: Vec<Decided>,
    tests: BTreeMap<String, Opened>,
    /// Rules that somebody went against: person, rule, run, time, and whether by an override.
    against: Vec<(String, String, String, String, bool)>,
}

fn seconds(time: &str) -> Option<i64> {
    let time = DateTime::parse_from_rfc3339(time).ok()?;
    Some(time.timestamp())
}

impl ReviewTally {
    /// Takes one more entry, older ones first.
    pub fn take(&mut self, entry: &Entry) {
        let run = entry.run.clone().unwrap_or_default();
        let now = seconds(&entry.time);
        match entry.payload() {
            Payload::AnalyticsDone(_) => {
                self.ready.extend(now.map(|now| (run, now)));
            }
            Payload::Decision(said) | Payload::Override(said) => {
                if let Some(kind) = entry.decision() {
                    self.decision(entry, said, (run, kind), now);
                }
            }
            Payload::FindingDismissed(finding) => {
                let rule = finding.rule.as_deref().unwrap_or_default();
                self.goes_against(entry, rule, false);
            }
            Payload::CanaryRevealed(said) => self.test(said, run),
            _ => {}
        }
        // To start runs is no step of a review.
        if entry.role != Role::System && entry.kind() != EntryKind::RunStarted {
            let acted = now.map(|now| (entry.actor.clone(), now));
            self.acted.extend(acted);
        }
    }

    fn decision(
        &mut self,
        entry: &Entry,
        said: &DecisionPayload,
        (run, kind): (String, DecisionKind),
        now: Option<i64>,
    ) {
        let ready = self.ready.get(&run).copied();
        let began = ready.max(self.acted.get(&entry.actor).copied());
        let together = entry.data.names("bulk");
        // Without the time at which it came to wait, nothing is measured.
        let took = ready.and(began).zip(now).map(|(from, to)| to - from);
        let took = took.filter(|took| !together && (0..=60 * SESSION).contains(took));
        for rule in said.against.iter().flat_map(TextList::iter) {
            self.goes_against(entry, rule, true);
        }
        self.ready.extend(now.map(|now| (run.clone(), now)));
        self.decided.push(Decided {
            run,
            by: entry.actor.clone(),
            kind,
            artifact: said.artifact.as_ref().map_or("", Coded::as_str).to_owned(),
            time: entry.time.clone(),
            took,
        });
    }

    fn goes_against(&mut self, entry: &Entry, rule: &str, overrides: bool) {
        let run = entry.run.clone().unwrap_or_default();
        let (who, rule) = (entry.actor.clone(), rule.to_owned());
        let time = entry.time.clone();
        self.against.push((who, rule, run, time, overrides));
    }

    fn test(&mut self, said: &CanaryPayload, run: String) {
        let (Ok(mark), Ok(words)) = (mark_of(said), words_of(said)) else {
            return;
        };
        let Some(artifact) = mark.artifact(&words) else {
            return;
        };
        // The greeting names the invented customer, so the whole text is never the same twice.
        let greeted = words.body.split_once("\n\n");
        let line = [
            mark.expect.as_str(),
            &mark.why,
            words.channel,
            words.subject,
            greeted.map_or(words.body, |(_, behind)| behind),
        ];
        let message = line.join("\n");
        let artifact = artifact.to_string();
        self.tests.insert(
            run,
            Opened {
                mark,
                artifact,
                message,
            },
        );
    }

    /// The figures of what was decided in a time.
    pub fn sum_up(&self, within: impl Fn(&str) -> bool) -> ReviewQuality {
        let decided: Vec<&Decided> = (self.decided.iter())
            .filter(|decision| within(&decision.time))
            .collect();
        let names: BTreeSet<&str> = decided.iter().map(|d| d.by.as_str()).collect();
        let scores = self.scores(&decided);
        let reviewers = names
            .into_iter()
            .map(|name| {
                let tests = scores.get(name).copied().unwrap_or_default();
                self.reviewer(name, &decided, tests, &within)
            })
            .collect();
        ReviewQuality {
            of_all: true,
            older: 0,
            reviewers,
            agreement: self.agreement(&decided),
            how_timed: HOW_TIMED,
        }
    }

    fn reviewer(
        &self,
        name: &str,
        decided: &[&Decided],
        tests: TestScore,
        within: &impl Fn(&str) -> bool,
    ) -> ReviewerQuality {
        let own: Vec<&&Decided> = decided.iter().filter(|d| d.by == name).collect();
        let real = || own.iter().filter(|d| !self.tests.contains_key(&d.run));
        let count = |kind| real().filter(|d| d.kind == kind).count() as u64;
        let took: Vec<i64> = own.iter().filter_map(|d| d.took).collect();
        let not_timed = (own.len() - took.len()) as u64;
        let mut rules: BTreeMap<&str, RuleAgainst> = BTreeMap::new();
        for (who, rule, run, time, overrides) in &self.against {
            if who != name || self.tests.contains_key(run) || !within(time) {
                continue;
            }
            let row = rules.entry(rule).or_default();
            rule.clone_into(&mut row.rule);
            row.overridden += u64::from(*overrides);
            row.dismissed += u64::from(!*overrides);
        }
        ReviewerQuality {
            name: name.to_owned(),
            decisions: real().count() as u64,
            approvals: count(DecisionKind::Approve),
            rejections: count(DecisionKind::Reject),
            overrides: count(DecisionKind::Override),
            changes_requested: count(DecisionKind::RequestChanges),
            tests,
            caught: Proportion::new(tests.caught, tests.caught + tests.missed),
            false_alarms: Proportion::new(tests.false_alarms, tests.false_alarms + tests.passed),
            time: ItemTimes::of(took),
            not_timed,
            rules: rules.into_values().collect(),
        }
    }

    /// Each reviewer's decision about each test that is over: the last, or the one that released it. Who withdraws a
    /// first signature has signed it.
    fn last_of_tests<'d>(
        &self,
        decided: &[&'d Decided],
    ) -> BTreeMap<(&'d str, &'d str), &'d Decided> {
        let of_tests = decided.iter().filter(|d| self.tests.contains_key(&d.run));
        let mut last: BTreeMap<(&str, &str), &Decided> = BTreeMap::new();
        for decision in of_tests {
            let key = (decision.run.as_str(), decision.by.as_str());
            if last.get(&key).is_none_or(|before| !before.kind.releases()) {
                last.insert(key, *decision);
            }
        }
        last
    }

    fn outcome(&self, decision: &Decided) -> Option<TestOutcome> {
        let test = self.tests.get(&decision.run)?;
        let same = decision.artifact == test.artifact;
        Some(test.mark.outcome(decision.kind, same))
    }

    fn scores(&self, decided: &[&Decided]) -> BTreeMap<String, TestScore> {
        let mut scores: BTreeMap<String, TestScore> = BTreeMap::new();
        for decision in self.last_of_tests(decided).into_values() {
            let score = scores.entry(decision.by.clone()).or_default();
            score.seen += 1;
            let place = match self.outcome(decision) {
                Some(TestOutcome::Caught) => &mut score.caught,
                Some(TestOutcome::Missed) => &mut score.missed,
                Some(TestOutcome::Passed) => &mut score.passed,
                Some(TestOutcome::FalseAlarm) => &mut score.false_alarms,
                _ => &mut score.other_text,
            };
            *place += 1;
        }
        scores
    }

    fn agreement(&self, decided: &[&Decided]) -> ReviewerAgreement {
        let mut of_run: BTreeMap<&str, Vec<&Decided>> = BTreeMap::new();
        for decision in decided.iter().filter(|d| !self.tests.contains_key(&d.run)) {
            of_run.entry(&decision.run).or_default().push(decision);
        }
        let (mut agreed, mut seconds) = (0, 0);
        for pair in of_run.values().flat_map(|all| all.windows(2)) {
            let (first, second) = (pair[0], pair[1]);
            if first.kind.releases() && first.by != second.by {
                seconds += 1;
                let same = second.kind.releases() && first.artifact == second.artifact;
                agreed += u64::from(same);
            }
        }
        // Of each message, the first thing that each reviewer said of it.
        let mut said: BTreeMap<&str, BTreeMap<&str, bool>> = BTreeMap::new();
        let mut all: Vec<&Decided> = self.last_of_tests(decided).into_values().collect();
        all.sort_by(|a, b| (&a.time, &a.run).cmp(&(&b.time, &b.run)));
        for decision in all {
            let about_it = self.outcome(decision) != Some(TestOutcome::OtherText);
            if let Some(test) = self.tests.get(&decision.run).filter(|_| about_it) {
                let of = said.entry(&test.message).or_default();
                of.entry(&decision.by).or_insert(decision.kind.releases());
            }
        }
        let (mut pairs, mut alike, mut released) = (0, 0, 0);
        for of in said.values() {
            let all: Vec<bool> = of.values().copied().collect();
            for (at, one) in all.iter().enumerate() {
                for other in all.iter().skip(at + 1) {
                    pairs += 1;
                    alike += u64::from(one == other);
                    released += u64::from(*one) + u64::from(*other);
                }
            }
        }
        ReviewerAgreement {
            second_persons: Proportion::new(agreed, seconds),
            tests: Proportion::new(alike, pairs),
            kappa_bp: kappa(alike, pairs, released),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::canary::{Expectation, OpenedText};
    use crate::ledger::NewEntry;
    use crate::ledger::payload::DismissalPayload;
    use crate::ledger::rules::canary::{opening, reveal};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    /// A handmade record, an entry a step.
    #[derive(Default)]
    struct Made {
        gathered: ReviewTally,
        seq: u64,
    }

    impl Made {
        fn put(&mut self, at: u64, new: NewEntry) {
            self.seq += 1;
            let time =
                DateTime::from_timestamp(1_790_000_000 + i64::try_from(at).unwrap(), 0).unwrap();
            let entry = json!({
                "actor": new.actor, "data": new.data, "id": format!("e/{}", self.seq), "prev": "", "role": new.role, "run": new.run,
                "seq": self.seq, "time": time.to_rfc3339(), "type": new.kind(), "v": 1,
            });
            self.gathered.take(&serde_json::from_value(entry).unwrap());
        }

        fn waits(&mut self, at: u64, run: &str) {
            let new = NewEntry::new("", EntryKind::AnalyticsDone, "system", Role::System, "");
            self.put(at, new.run(run));
        }

        fn decides(&mut self, at: u64, by: &str, run: &str, (kind, artifact): (&str, &str)) {
            self.decides_with(at, by, run, (kind, artifact), DecisionPayload::default());
        }

        fn decides_with(
            &mut self,
            at: u64,
            by: &str,
            run: &str,
            (kind, artifact): (&str, &str),
            more: DecisionPayload,
        ) {
            let said = DecisionPayload {
                kind: Some(Coded::written(kind)),
                artifact: Some(Coded::written(artifact)),
                ..more
            };
            let said = match kind {
                "override" => Payload::Override(said),
                _ => Payload::Decision(said),
            };
            let new = NewEntry::new("", said, by, Role::Officer, "");
            self.put(at, new.run(run));
        }

        /// A test that a reviewer decides.
        fn test(&mut self, at: u64, by: &str, run: &str, (expect, kind): (Expectation, &str)) {
            let mark = CanaryMark {
                expect,
                variant: "A".into(),
                planted_by: "cat".into(),
                why: format!("the same {} line", expect.as_str()),
                nonce: STANDARD.encode(at.to_be_bytes().repeat(4)),
            };
            let words = OpenedText {
                channel: "email",
                subject: "s",
                body: "b",
                html: "",
            };
            let artifact = mark.artifact(&words).unwrap().to_string();
            self.waits(at, run);
            self.decides(at + 40, by, run, (kind, &artifact));
            let outcome = mark.outcome(DecisionKind::named(kind).unwrap(), true);
            let said = opening(&mark, &words, outcome);
            self.put(at + 40, reveal(run, ("system", Role::System), "", said));
        }
    }

    fn of<'q>(quality: &'q ReviewQuality, name: &str) -> &'q ReviewerQuality {
        quality
            .reviewers
            .iter()
            .find(|one| one.name == name)
            .unwrap()
    }

    #[test]
    fn every_figure_follows_from_a_handmade_record() {
        use Expectation::{Clean, Violation};
        let mut made = Made::default();
        // Ann: an approval after 60 s, then one 30 s after her last act though it waited longer.
        made.waits(0, "r1");
        made.waits(0, "r2");
        made.decides(60, "ann", "r1", ("approve", "a1"));
        made.decides(90, "ann", "r2", ("reject", "a2"));
        // Away for an hour: not measured. Bob signs second, and agrees; then not.
        made.waits(100, "r3");
        made.decides(4_000, "ann", "r3", ("approve", "a3"));
        made.decides(4_010, "bob", "r3", ("approve", "a3"));
        made.waits(4_020, "r4");
        let against = DecisionPayload {
            against: Some(["rule.one"].into_iter().collect()),
            ..DecisionPayload::default()
        };
        made.decides_with(4_100, "ann", "r4", ("override", "a4"), against);
        made.decides(4_200, "bob", "r4", ("reject", "a4"));
        // Together with others: not measured.
        made.waits(4_210, "r5");
        made.decides_with(
            4_220,
            "bob",
            "r5",
            ("approve", "a5"),
            DecisionPayload {
                bulk: Some("b".into()),
                ..DecisionPayload::default()
            },
        );
        let finding = Payload::FindingDismissed(DismissalPayload {
            rule: Some("rule.one".into()),
            ..DismissalPayload::default()
        });
        let dismissed = NewEntry::new("", finding, "ann", Role::Officer, "");
        made.put(4_230, dismissed.run("r4"));
        // Tests: the same violation and the same clean line for both.
        made.test(5_000, "ann", "t1", (Violation, "reject"));
        made.test(6_000, "bob", "t2", (Violation, "approve"));
        made.test(7_000, "ann", "t3", (Clean, "approve"));
        made.test(8_000, "bob", "t4", (Clean, "approve"));
        made.test(9_000, "ann", "t5", (Clean, "request-changes"));
        let quality = made.gathered.sum_up(|_| true);

        let ann = of(&quality, "ann");
        assert_eq!(
            (ann.decisions, ann.approvals, ann.rejections, ann.overrides),
            (4, 2, 1, 1)
        );
        let tests = ann.tests;
        assert_eq!((tests.seen, tests.caught, tests.missed), (3, 1, 0));
        assert_eq!((tests.passed, tests.false_alarms), (1, 1));
        assert_eq!(ann.caught, Proportion::new(1, 1));
        assert_eq!(ann.false_alarms, Proportion::new(1, 2));
        // 60, 30, (3,900 away), 80, and 40 a test.
        let time = ann.time.unwrap();
        assert_eq!((time.measured, time.median_s, ann.not_timed), (6, 40, 1));
        let rule = &ann.rules[0];
        assert_eq!((rule.overridden, rule.dismissed), (1, 1));
        let bob = of(&quality, "bob");
        assert_eq!(
            (bob.decisions, bob.tests.missed, bob.tests.passed),
            (3, 1, 1)
        );
        assert_eq!(bob.caught, Proportion::new(0, 1));
        assert_eq!(bob.not_timed, 1);
        let agreement = &quality.agreement;
        assert_eq!(agreement.second_persons, Proportion::new(1, 2));
        // Of the violation they differ; of the clean line the first word of each counts, and both released it.
        assert_eq!(agreement.tests, Proportion::new(1, 2));
        assert_eq!(agreement.kappa_bp, None, "too few pairs");
        // Only what was decided in the time counts.
        let early = made
            .gathered
            .sum_up(|time| seconds(time).unwrap() < 1_790_000_080);
        assert_eq!(early.reviewers.len(), 1);
        assert_eq!(of(&early, "ann").decisions, 1);
    }
}

//! What the open run is compared with: its own tries, another run, itself run again, itself under another pack.

use super::Worker;
use crate::domain::run::Run;
use crate::error::Result;
use crate::service::policy;
use crate::service::review::history;
use crate::service::run::replay;
use crate::tui::msg::Msg;
use crate::tui::overlay::compare::Side;

impl Worker<'_> {
    /// All tries of a run. One that is not on record has one.
    pub(super) fn tries(&self, run: &str) -> Result<()> {
        let unrecorded = self.session.as_ref().filter(|open| !open.is_recorded());
        let sides: Vec<Side> = match unrecorded {
            Some(open) => vec![Side::new("the only try".into(), open.run.clone())],
            None => history::tries(self.workspace, run)?
                .into_iter()
                .map(|one| Side::new(format!("try {}: {}", one.run.revision, one.made), one.run))
                .collect(),
        };
        let latest = sides.len().saturating_sub(1);
        self.compare("tries", sides, (latest.saturating_sub(1), latest));
        Ok(())
    }

    /// Another run beside the one that is open.
    pub(super) fn other(&self, run: &str, open: Option<String>) -> Result<()> {
        let mut sides = Vec::new();
        for id in open.iter().map(String::as_str).chain([run]) {
            let loaded = history::load(self.workspace, id)?;
            sides.push(Side::new(format!("run {id}"), loaded));
        }
        let last = sides.len() - 1;
        self.compare("runs", sides, (0, last));
        Ok(())
    }

    /// The same inputs and seed, today.
    pub(super) fn replay(&self, run: String) {
        self.beside(move |workspace| {
            let (replayed, then, today) = replay::both(workspace, &run, true)?;
            let said = match (
                &replayed.first_difference,
                replayed.changed_versions.as_slice(),
            ) {
                (None, _) => "run again with the same seed: the same in every stage".to_owned(),
                (Some(first), []) => format!("run again: first difference {first}"),
                (Some(first), changed) => {
                    format!(
                        "run again: first difference {first}; other {}",
                        changed.join(", ")
                    )
                }
            };
            Ok(Msg::Compare {
                what: "then and now",
                sides: vec![
                    Side::new(format!("{run} as recorded"), then),
                    Side::new(format!("{run} run again today"), today),
                ],
                chosen: (0, 1),
                said: Some(said),
            })
        });
    }

    pub(super) fn list_packs(&self) -> Result<()> {
        let packs = policy::list(self.workspace)?.packs;
        let names = packs.into_iter().map(|(pack, standing)| {
            let line = format!(
                "{} {} ({})",
                pack.head.id,
                pack.head.version,
                standing.as_str()
            );
            (pack.head.id, line)
        });
        (self.answer)(Msg::Packs(names.collect()));
        Ok(())
    }

    /// The open run as it would be judged under the draft of a pack.
    pub(super) fn judge_under(&mut self, name: &str) -> Result<()> {
        let workspace = self.workspace;
        let pack = policy::find(workspace, name)?;
        let open: &Run = &self.open()?.run;
        let judged = policy::under(workspace, &pack, open)?;
        let comes_to = |run: &Run, id: &str| run.verdict(id).map(|v| v.disposition.as_str());
        let mut changed = Vec::new();
        for variant in open.variants.iter().flatten() {
            let (now, then) = (comes_to(open, &variant.id), comes_to(&judged, &variant.id));
            if now != then {
                let words = [now.unwrap_or("none"), then.unwrap_or("none")];
                changed.push(format!("{} {}", variant.id, words.join(" -> ")));
            }
        }
        let said = match changed.as_slice() {
            [] => "every variant comes to the same".to_owned(),
            changed => format!("would come to something else: {}", changed.join(", ")),
        };
        let sides = vec![
            Side::new("as judged".into(), open.clone()),
            Side::new(
                format!("under {} {}", pack.head.id, pack.head.version),
                judged,
            ),
        ];
        (self.answer)(Msg::Compare {
            what: "what if",
            sides,
            chosen: (0, 1),
            said: Some(said),
        });
        Ok(())
    }

    fn compare(&self, what: &'static str, sides: Vec<Side>, chosen: (usize, usize)) {
        (self.answer)(Msg::Compare {
            what,
            sides,
            chosen,
            said: None,
        });
    }
}

//! The segment table as data: goals, segmenters, scores, use cases, and the one rule of priority among them.

use super::condition::{ConditionReader, Score, SegmentCondition, hold};
use crate::domain::profile::Profile;
use crate::domain::segment::{Goal, Segment};
use crate::pipeline::ports::Segmenter;
use crate::text::table::{self, TomlError};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The segmenter that the rules outside of all others make.
const JOURNEY: &str = "journey";

/// A rule of a segmenter: who it is for, and where they stand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentRule {
    /// Profile flag that must be set.
    #[serde(default)]
    flag: Option<String>,
    /// All of these must hold.
    #[serde(default)]
    all: Vec<SegmentCondition>,
    /// One of these must hold.
    #[serde(default)]
    any: Vec<SegmentCondition>,
    /// The name of the group.
    segment: String,
    /// Where they stand: `awareness`, `consideration`, `commitment`, `decision`, `onboarding`, `loyalty` or `lapsed`, by which opening and call are chosen.
    funnel_stage: String,
    /// How likely they are to act, in a word.
    intent_level: String,
    /// Why, as it stands on record.
    reason: String,
}

impl SegmentRule {
    /// With its flag as the first of its conditions.
    fn plain(mut self) -> Self {
        let flag = self.flag.take().map(|flag| SegmentCondition::flag(&flag));
        self.all.splice(0..0, flag);
        self
    }

    fn conditions(&self) -> impl Iterator<Item = &SegmentCondition> {
        self.all.iter().chain(&self.any)
    }

    /// The scores that a rule looked at, as bands: the values behind them are the customer's own.
    fn bands(&self, reader: &mut ConditionReader<'_>) -> Option<String> {
        let mut bands: Vec<String> = Vec::new();
        for id in self.conditions().filter_map(|c| c.score.as_ref()) {
            let Some(score) = reader.score(id) else {
                continue;
            };
            let band = format!("{id} {score} of 5");
            if !bands.contains(&band) {
                bands.push(band);
            }
        }
        (!bands.is_empty()).then(|| bands.join(", "))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedRules {
    /// The name that goals call it by.
    id: String,
    /// Its rules, of which the first that matches counts.
    rule: Vec<SegmentRule>,
}

/// What a campaign wants of its customers, and which segmenters tell them apart for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aim {
    /// The goal.
    id: Goal,
    /// Whose goal it is where nobody names one; none is everybody's.
    #[serde(default)]
    all: Vec<SegmentCondition>,
    /// One of these must hold.
    #[serde(default)]
    any: Vec<SegmentCondition>,
    /// Why, as it stands on record.
    reason: String,
    /// The segmenters that are asked, in their order; `journey` is the rules outside of all.
    segmenters: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UseCase {
    /// The name that templates call it by.
    id: String,
    /// The product's name where its facts give none.
    label: String,
    /// The class of the product in `knowledge_base/products.toml`.
    #[serde(default)]
    product: Option<String>,
    /// What profiles call the page (`viewed_page`), or its beginning.
    pages: Vec<String>,
    /// What the documents are asked for.
    #[serde(default)]
    terms: Vec<String>,
}

/// What the documents are asked for somebody at this stage.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageWords {
    /// What the documents are asked for at this stage.
    ask: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmenterFile {
    /// The segmenter `journey`; the last rule has no condition and is for everybody.
    rule: Vec<SegmentRule>,
    /// What a page is about.
    use_case: Vec<UseCase>,
    /// What campaigns want, in the order in which they are tried.
    #[serde(default)]
    goal: Vec<Aim>,
    /// Scores from 1 to 5.
    #[serde(default)]
    score: Vec<Score>,
    /// Further segmenters.
    #[serde(default)]
    segmenter: Vec<NamedRules>,
    /// By stage, what the documents are asked for.
    #[serde(default)]
    stage: BTreeMap<String, StageWords>,
}

/// The table.
#[derive(Clone, Debug)]
pub struct SegmentTable {
    goals: Vec<Aim>,
    scores: Vec<Score>,
    /// The rules outside of all segmenters, but the last, are the first one.
    segmenters: Vec<(String, Vec<SegmentRule>)>,
    /// For whom no other rule is.
    everybody: SegmentRule,
    use_cases: Vec<UseCase>,
    stages: BTreeMap<String, StageWords>,
}

impl SegmentTable {
    /// # Errors
    /// Not a table, no rule that matches everybody, or a name of something that is not there.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let file: SegmenterFile = table::read(text)?;
        let mut journey: Vec<SegmentRule> = file.rule.into_iter().map(SegmentRule::plain).collect();
        let everybody = journey
            .pop()
            .filter(|last| last.conditions().next().is_none())
            .ok_or_else(|| {
                TomlError::from("the last rule must have no flag, so that everybody has a segment")
            })?;
        let mut segmenters = vec![(JOURNEY.to_owned(), journey)];
        for named in file.segmenter {
            if segmenters.iter().any(|(id, _)| *id == named.id) {
                return Err(format!("segmenter {} is there twice", named.id).into());
            }
            segmenters.push((
                named.id,
                named.rule.into_iter().map(SegmentRule::plain).collect(),
            ));
        }
        let table = Self {
            goals: file.goal,
            scores: file.score,
            segmenters,
            everybody,
            use_cases: file.use_case,
            stages: file.stage,
        };
        table.check()?;
        Ok(table)
    }

    /// Names of the use cases.
    pub fn use_cases(&self) -> impl Iterator<Item = &str> {
        self.use_cases.iter().map(|u| u.id.as_str())
    }

    fn all_rules(&self) -> impl Iterator<Item = &SegmentRule> {
        let rules = self.segmenters.iter().flat_map(|(_, rules)| rules);
        rules.chain(std::iter::once(&self.everybody))
    }

    /// Names of the segments.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.all_rules().map(|rule| rule.segment.as_str())
    }

    /// Names of the stages.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        self.all_rules().map(|rule| rule.funnel_stage.as_str())
    }

    fn check(&self) -> Result<(), TomlError> {
        for stage in self.stages.keys() {
            if !self.stages().any(|known| known == stage) {
                return Err(
                    format!("[stage.{stage}]: no rule has the funnel_stage `{stage}`").into(),
                );
            }
        }
        for score in &self.scores {
            if let Some(problem) = score.problem() {
                return Err(format!("score {} {problem}", score.id).into());
            }
        }
        for (id, rules) in &self.segmenters {
            for rule in rules {
                let problem = rule.conditions().find_map(|c| c.problem(&self.scores));
                if let Some(problem) = problem {
                    return Err(format!("segmenter {id}, {}: {problem}", rule.segment).into());
                }
                if rule.conditions().next().is_none() {
                    return Err(
                        format!("segmenter {id}, {}: it has no condition", rule.segment).into(),
                    );
                }
            }
        }
        for goal in &self.goals {
            let name = goal.id.as_str();
            let problem = goal
                .all
                .iter()
                .chain(&goal.any)
                .find_map(|c| c.problem(&self.scores));
            if let Some(problem) = problem {
                return Err(format!("goal {name}: {problem}").into());
            }
            if let Some(unknown) = goal.segmenters.iter().find(|id| self.rules(id).is_none()) {
                return Err(format!("goal {name}: there is no segmenter {unknown}").into());
            }
        }
        Ok(())
    }

    fn rules(&self, segmenter: &str) -> Option<&[SegmentRule]> {
        let found = self.segmenters.iter().find(|(id, _)| id == segmenter);
        found.map(|(_, rules)| rules.as_slice())
    }

    /// The goal that the profile names, or else the first one of the table whose conditions hold.
    fn goal(
        &self,
        profile: &Profile,
        reader: &mut ConditionReader<'_>,
    ) -> Option<(Goal, String, Vec<&str>)> {
        reader.note("goal");
        let segmenters = |goal: Goal| -> Vec<&str> {
            let aim = self.goals.iter().find(|aim| aim.id == goal);
            aim.map_or_else(
                || vec![JOURNEY],
                |aim| aim.segmenters.iter().map(String::as_str).collect(),
            )
        };
        if let Some(goal) = profile.goal {
            let reason = format!("the campaign's goal is to {}", goal.words());
            return Some((goal, reason, segmenters(goal)));
        }
        let aim = self
            .goals
            .iter()
            .find(|aim| hold(&aim.all, &aim.any, reader))?;
        let reason = format!("the goal is to {}: {}", aim.id.words(), aim.reason);
        Some((aim.id, reason, segmenters(aim.id)))
    }

    /// The use case by the page that was viewed, or by the product.
    fn use_case(
        &self,
        profile: &Profile,
        reader: &mut ConditionReader<'_>,
    ) -> (Option<&UseCase>, String) {
        reader.note("viewed_page");
        let page = profile
            .viewed_page
            .as_deref()
            .unwrap_or("")
            .trim()
            .to_lowercase()
            .replace([' ', '-'], "_");
        let by_page = self
            .use_cases
            .iter()
            .find(|u| u.pages.contains(&page) || u.id == page);
        let by_word = || {
            let begins = |u: &&UseCase| u.pages.iter().any(|p| page.starts_with(p.as_str()));
            self.use_cases
                .iter()
                .filter(|_| !page.is_empty())
                .find(begins)
        };
        let mut found = by_page.or_else(by_word);
        if found.is_none() && profile.product.is_some() {
            reader.note("product");
            found = self.use_cases.iter().find(|u| {
                u.product == profile.product || profile.product.as_deref() == Some(u.id.as_str())
            });
        }
        (found, page)
    }
}

impl Segmenter for SegmentTable {
    fn segment(&self, profile: &Profile, day: NaiveDate) -> Segment {
        let mut reader = ConditionReader::of(profile, day, &self.scores);
        let goal = self.goal(profile, &mut reader);
        let mut reasons: Vec<String> = goal.iter().map(|(_, why, _)| why.clone()).collect();
        let asked = goal
            .as_ref()
            .map_or_else(|| vec![JOURNEY], |(_, _, segmenters)| segmenters.clone());
        // The first match ends it: no field is looked at that need not be.
        let matched = asked.iter().find_map(|id| {
            let rules = self.rules(id)?;
            let rule = rules
                .iter()
                .find(|rule| hold(&rule.all, &rule.any, &mut reader))?;
            Some((*id, rule))
        });
        let by = matched.map(|(id, _)| id.to_owned());
        let rule = matched.map_or(&self.everybody, |(_, rule)| rule);
        reasons.push(rule.reason.clone());
        reasons.extend(rule.bands(&mut reader));
        if by.is_none() && asked != [JOURNEY] {
            reasons.push(format!("no rule of {} matches", asked.join(", ")));
        }
        reasons.extend(reader.unread().iter().cloned());
        let (use_case, page) = self.use_case(profile, &mut reader);
        match use_case {
            Some(found) => reasons.push(format!("the page belongs to {}", found.label)),
            None if page.is_empty() => reasons.push("no page is known".into()),
            None => reasons.push("the page belongs to no known product".into()),
        }
        Segment {
            segment: rule.segment.clone(),
            funnel_stage: rule.funnel_stage.clone(),
            intent_level: rule.intent_level.clone(),
            goal: goal.map(|(goal, _, _)| goal),
            segmenter: by,
            use_case: use_case.map_or_else(|| "general".into(), |u| u.id.clone()),
            use_case_label: use_case.map_or_else(|| "our products".into(), |u| u.label.clone()),
            product: use_case.and_then(|u| u.product.clone()),
            query_terms: use_case.map(|u| u.terms.clone()).unwrap_or_default(),
            ask: self.stages.get(&rule.funnel_stage).map(|s| s.ask.clone()),
            reasons,
            features_read: reader.into_read(),
        }
    }
}

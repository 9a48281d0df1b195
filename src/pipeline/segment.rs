//! Stage 1: the segment table, as data.

use super::node::{Context, Node, StageError};
use super::ports::Segmenter;
use crate::domain::profile::Profile;
use crate::domain::segment::Segment;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Profile flag that must be set; none matches everybody.
    #[serde(default)]
    flag: Option<Flag>,
    segment: String,
    funnel_stage: String,
    intent_level: String,
    reason: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flag {
    Attended,
    Scheduled,
    FormStarted,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UseCase {
    id: String,
    label: String,
    #[serde(default)]
    product: Option<String>,
    pages: Vec<String>,
    #[serde(default)]
    terms: Vec<String>,
}

/// The table: first matching rule wins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentTable {
    rule: Vec<Rule>,
    use_case: Vec<UseCase>,
}

impl SegmentTable {
    /// # Errors
    /// Not a table, or no rule that matches everybody.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Self = toml::from_str(text).map_err(|e| e.message().replace('\n', " "))?;
        if table.rule.last().is_none_or(|rule| rule.flag.is_some()) {
            return Err("the last rule must have no flag, so that everybody has a segment".into());
        }
        Ok(table)
    }
}

impl Flag {
    fn read(self, profile: &Profile) -> (bool, &'static str) {
        match self {
            Self::Attended => (profile.attended, "attended"),
            Self::Scheduled => (profile.scheduled, "scheduled"),
            Self::FormStarted => (profile.form_started, "form_started"),
        }
    }
}

impl Segmenter for SegmentTable {
    fn segment(&self, profile: &Profile) -> Segment {
        let mut read: Vec<String> = Vec::new();
        let mut reasons = Vec::new();
        let matched = self.rule.iter().find(|rule| match rule.flag {
            None => true,
            Some(flag) => {
                let (set, name) = flag.read(profile);
                read.push(name.to_owned());
                set
            }
        });
        read.push("viewed_page".into());
        let page = profile
            .viewed_page
            .as_deref()
            .unwrap_or("")
            .trim()
            .to_lowercase()
            .replace([' ', '-'], "_");
        let by_page = self
            .use_case
            .iter()
            .find(|u| u.pages.contains(&page) || u.id == page);
        let by_word = || {
            self.use_case.iter().find(|u| {
                !page.is_empty()
                    && u.pages.iter().any(|p| {
                        page.split('_')
                            .collect::<Vec<_>>()
                            .join("_")
                            .starts_with(p.as_str())
                    })
            })
        };
        let mut use_case = by_page.or_else(by_word);
        if use_case.is_none() && profile.product.is_some() {
            read.push("product".into());
            use_case = self.use_case.iter().find(|u| {
                u.product == profile.product || profile.product.as_deref() == Some(u.id.as_str())
            });
        }
        if let Some(rule) = matched {
            reasons.push(rule.reason.clone());
        }
        match use_case {
            Some(found) => reasons.push(format!("the page belongs to {}", found.label)),
            None if page.is_empty() => reasons.push("no page is known".into()),
            None => reasons.push("the page belongs to no known product".into()),
        }
        let field =
            |pick: fn(&Rule) -> &String| matched.map(|r| pick(r).clone()).unwrap_or_default();
        Segment {
            segment: field(|r| &r.segment),
            funnel_stage: field(|r| &r.funnel_stage),
            intent_level: field(|r| &r.intent_level),
            use_case: use_case.map_or_else(|| "general".into(), |u| u.id.clone()),
            use_case_label: use_case.map_or_else(|| "our products".into(), |u| u.label.clone()),
            product: use_case.and_then(|u| u.product.clone()),
            query_terms: use_case.map(|u| u.terms.clone()).unwrap_or_default(),
            reasons,
            features_read: read,
        }
    }
}

/// The stage.
pub(super) struct SegmentNode<'p>(pub &'p dyn Segmenter);

impl Node for SegmentNode<'_> {
    type In<'i> = ();
    type Out = Segment;

    fn run(&self, context: &Context<'_>, (): ()) -> Result<Segment, StageError> {
        Ok(self.0.segment(context.profile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn segment(profile: serde_json::Value) -> Segment {
        let table = SegmentTable::parse(include_str!("../../assets/segments.toml")).unwrap();
        table.segment(&Profile::from_value(&profile).unwrap())
    }

    #[test]
    fn the_logic_list_holds() {
        for (flags, name, intent) in [
            (
                json!({"attended": "yes", "scheduled": "yes"}),
                "CompletedScheduledStep",
                "very_high",
            ),
            (
                json!({"scheduled": "yes", "form_started": "yes"}),
                "ScheduledNextStep",
                "high",
            ),
            (
                json!({"form_started": "yes"}),
                "StartedFormOrFlow",
                "medium",
            ),
            (json!({}), "BrowsingOnly", "low"),
        ] {
            let mut profile = flags;
            profile["id"] = "c".into();
            let got = segment(profile);
            assert_eq!(
                (got.segment.as_str(), got.intent_level.as_str()),
                (name, intent)
            );
        }
    }

    #[test]
    fn an_unknown_page_has_no_product_and_age_is_never_read() {
        let got = segment(
            json!({"id": "c", "viewed_page": "running_shoes", "age": 30, "age_group": "25-34"}),
        );
        assert_eq!((got.use_case.as_str(), got.product), ("general", None));
        assert!(
            got.features_read
                .iter()
                .all(|f| !f.contains("age_") && f != "age")
        );
    }
}

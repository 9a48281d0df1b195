//! Stage 1: which segment a customer is of, by tables that are data.

mod condition;
mod table;

use super::node::{PipelineStage, StageContext, StageError};
use super::ports::Segmenter;
use crate::domain::segment::Segment;

pub use table::SegmentTable;

/// The stage.
pub(super) struct SegmentNode<'p>(pub &'p dyn Segmenter);

impl PipelineStage for SegmentNode<'_> {
    type In<'i> = ();
    type Out = Segment;

    fn run(&self, context: &StageContext<'_>, (): ()) -> Result<Segment, StageError> {
        Ok(self.0.segment(context.profile, context.as_of.date_naive()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;
    use crate::domain::segment::Goal;
    use serde_json::json;

    fn segment(profile: serde_json::Value) -> Segment {
        let table = SegmentTable::parse(include_str!("../../../assets/segments.toml")).unwrap();
        table.segment(
            &Profile::from_value(&profile).unwrap(),
            "2026-11-23".parse().unwrap(),
        )
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

    #[test]
    fn the_goal_that_is_named_goes_first_and_else_the_first_that_holds() {
        let was_customer = json!({"id": "c", "last_purchase": "2025-03-01", "purchases_12m": 9});
        for (more, goal, name, by) in [
            (json!({}), Goal::WinBack, "LapsedRegular", Some("rfm")),
            // What was begun goes before what was long ago.
            (
                json!({"form_started": "yes"}),
                Goal::Activate,
                "StartedFormOrFlow",
                Some("journey"),
            ),
            (
                json!({"form_started": "yes", "goal": "win-back"}),
                Goal::WinBack,
                "LapsedRegular",
                Some("rfm"),
            ),
            (
                json!({"last_purchase": "2026-11-20", "spent_12m": "12.50"}),
                Goal::Retain,
                "Regular",
                Some("rfm"),
            ),
            (
                json!({"last_purchase": null, "setup_done": "no"}),
                Goal::Activate,
                "NotSetUp",
                Some("behaviour"),
            ),
            (
                json!({"last_purchase": "", "pages_viewed": ["a", "b", "c", "d"]}),
                Goal::Acquire,
                "Comparing",
                Some("intent"),
            ),
            (
                json!({"last_purchase": null, "goal": "retain"}),
                Goal::Retain,
                "BrowsingOnly",
                None,
            ),
        ] {
            let mut profile = was_customer.clone();
            for (key, value) in more.as_object().unwrap() {
                profile[key] = value.clone();
            }
            let got = segment(profile);
            assert_eq!(
                (got.goal, got.segment.as_str(), got.segmenter.as_deref()),
                (Some(goal), name, by),
                "{more}: {:?}",
                got.reasons
            );
        }
    }

    #[test]
    fn reasons_name_the_goal_the_rule_and_bands_but_no_value_of_the_customer() {
        let got = segment(json!({
            "id": "c", "last_purchase": "2026-11-01", "purchases_12m": 14, "logins_30d": 20,
            "properties": {"spent_12m": 7654.32}
        }));
        let reasons = got.reasons.join("; ");
        for part in [
            "retain",
            "recency 5 of 5, frequency 5 of 5, monetary 5 of 5",
        ] {
            assert!(reasons.contains(part), "{reasons}");
        }
        assert!(
            !reasons.contains("7654") && !reasons.contains("2026"),
            "{reasons}"
        );
        assert!(
            !got.features_read.iter().any(|f| f == "logins_30d"),
            "nothing is read that need not be"
        );
        for read in ["goal", "spent_12m", "last_purchase"] {
            assert!(got.features_read.iter().any(|f| f == read), "{read}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_without_its_value() {
        let got = segment(json!({
            "id": "c", "customer_since": "2020-01-01", "last_purchase": "06/01/2025", "purchases_12m": "many"
        }));
        let reasons = got.reasons.join("; ");
        assert!(reasons.contains("last_purchase is no day"), "{reasons}");
        assert!(
            !reasons.contains("06/01") && !reasons.contains("many"),
            "{reasons}"
        );
    }

    #[test]
    fn conditions_hold_for_known_values_alone() {
        let table = |condition: &str| {
            SegmentTable::parse(&format!(
                "use_case = []\n[[rule]]\nall = [{condition}]\nsegment = \"Yes\"\nfunnel_stage = \"a\"\nintent_level = \"a\"\nreason = \"a\"\n\
                 [[rule]]\nsegment = \"No\"\nfunnel_stage = \"a\"\nintent_level = \"a\"\nreason = \"a\"\n\
                 [[score]]\nid = \"s\"\nfield = \"n\"\nsteps = [1, 2, 3, 4.5]\n"
            ))
        };
        let holds = |condition: &str, value: serde_json::Value| {
            let profile = Profile::from_value(&json!({"id": "c", "n": value})).unwrap();
            let segment = table(condition)
                .unwrap()
                .segment(&profile, "2026-11-23".parse().unwrap());
            segment.segment == "Yes"
        };
        for (condition, yes, no) in [
            ("{ field = 'n', least = 2.5 }", json!("2.5"), json!(2.4)),
            (
                "{ field = 'n', least = 1, most = 2 }",
                json!(2),
                json!("two"),
            ),
            ("{ field = 'n', least = 2 }", json!(["a", "b"]), json!([1])),
            ("{ field = 'n', is = true }", json!("Y"), json!("perhaps")),
            ("{ field = 'n', is = false }", json!(0), json!(null)),
            ("{ field = 'n', is = 3 }", json!("3"), json!(3.5)),
            (
                "{ field = 'n', is = 'Gold' }",
                json!(" gold"),
                json!({"a": 1}),
            ),
            (
                "{ field = 'n', one_of = ['a', 'b'] }",
                json!("B"),
                json!("c"),
            ),
            (
                "{ field = 'n', within_days = 3 }",
                json!("2026-11-20"),
                json!("2026-11-19"),
            ),
            (
                "{ field = 'n', within_days = 3 }",
                json!("2026-11-20T10:00:00Z"),
                json!("2026-11-24"),
            ),
            (
                "{ field = 'n', longer_ago_than_days = 3 }",
                json!("2026-11-19"),
                json!("20"),
            ),
            ("{ field = 'n', known = true }", json!(false), json!(null)),
            ("{ field = 'n', known = false }", json!(" "), json!("x")),
            ("{ score = 's', least = 5 }", json!(4.5), json!(4.4)),
            ("{ score = 's', most = 1 }", json!(0), json!("none")),
        ] {
            assert!(holds(condition, yes.clone()), "{condition} {yes}");
            assert!(!holds(condition, no.clone()), "{condition} {no}");
        }
        for wrong in [
            "{ field = 'n' }",
            "{ field = 'n', is = 1, least = 2 }",
            "{ score = 'none', least = 1 }",
            "{ least = 1 }",
            "{ field = 'n', before = 1 }",
        ] {
            assert!(table(wrong).is_err(), "{wrong}");
        }
    }
}

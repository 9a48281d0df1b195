//! Counts and times for Prometheus.

use crate::domain::delivery::DeliveryStatus;
use crate::domain::finding::{Disposition, Verdict};
use crate::domain::run::Run;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};
use std::time::Duration;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabel {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Component {
    component: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    verdict: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RuleLabel {
    rule: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WinnerLabel {
    kind: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Delivered {
    status: String,
}

/// From a tenth of a millisecond to some three seconds.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 2.0, 16))
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabel, Counter>,
    request_seconds: Family<Route, Histogram>,
    stage_seconds: Family<Component, Histogram>,
    errors: Family<Component, Counter>,
    verdicts: Family<OutcomeLabel, Counter>,
    blocks: Family<RuleLabel, Counter>,
    winners: Family<WinnerLabel, Counter>,
    deliveries: Family<Delivered, Counter>,
    in_flight: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut all = Registry::with_prefix("echovoice");
        Self {
            requests: kept(
                &mut all,
                "requests",
                "Requests by route and status",
                Family::default(),
            ),
            request_seconds: kept(
                &mut all,
                "request_seconds",
                "Time of a request",
                Family::new_with_constructor(times as fn() -> Histogram),
            ),
            stage_seconds: kept(
                &mut all,
                "component_seconds",
                "Time of a stage",
                Family::new_with_constructor(times as fn() -> Histogram),
            ),
            errors: kept(&mut all, "errors", "Stages that failed", Family::default()),
            verdicts: kept(
                &mut all,
                "verdicts",
                "Variants by verdict",
                Family::default(),
            ),
            blocks: kept(
                &mut all,
                "blocks",
                "Findings that blocked, by rule",
                Family::default(),
            ),
            winners: kept(
                &mut all,
                "winners",
                "Winning variants by type",
                Family::default(),
            ),
            deliveries: kept(
                &mut all,
                "deliveries",
                "What became of decided messages",
                Family::default(),
            ),
            in_flight: kept(
                &mut all,
                "in_flight",
                "Requests under way",
                Gauge::default(),
            ),
            registry: all,
        }
    }
}

/// A metric that the registry has as well: both count the same.
fn kept<M: Metric + Clone>(
    registry: &mut Registry,
    name: &'static str,
    help: &'static str,
    metric: M,
) -> M {
    registry.register(name, help, metric.clone());
    metric
}

impl Metrics {
    pub fn began(&self) {
        self.in_flight.inc();
    }

    pub fn request(&self, route: &str, status: u16, took: Duration) {
        self.in_flight.dec();
        let route = route.to_owned();
        self.request_seconds
            .get_or_create(&Route {
                route: route.clone(),
            })
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&RequestLabel { route, status })
            .inc();
    }

    pub fn stage(&self, component: &str, took: Duration) {
        let component = component.to_owned();
        self.stage_seconds
            .get_or_create(&Component { component })
            .observe(took.as_secs_f64());
    }

    pub fn failed(&self, component: &str) {
        let component = component.to_owned();
        self.errors.get_or_create(&Component { component }).inc();
    }

    /// A run that went through: its verdicts, what blocked, and the winner.
    pub fn run(&self, run: &Run) {
        for gate in run.gate.iter().flatten() {
            self.verdict(&gate.verdict);
        }
        let winner = run.analysis.as_ref().and_then(|a| a.winner.as_ref());
        let kind = winner
            .and_then(|w| run.variant(&w.variant_id))
            .map_or("none", |v| v.meta.kind.as_str());
        let kind = kind.to_owned();
        self.winners.get_or_create(&WinnerLabel { kind }).inc();
    }

    pub fn verdict(&self, verdict: &Verdict) {
        let outcome = verdict.disposition.as_str().to_owned();
        self.verdicts
            .get_or_create(&OutcomeLabel { verdict: outcome })
            .inc();
        for finding in &verdict.findings {
            if finding.disposition == Disposition::Block {
                let rule = finding.rule.clone();
                self.blocks.get_or_create(&RuleLabel { rule }).inc();
            }
        }
    }

    pub fn delivery(&self, status: &str) {
        let status = status.to_owned();
        self.deliveries.get_or_create(&Delivered { status }).inc();
    }

    /// Messages that were handed over by themselves, when they were due.
    pub fn handed_over(&self, count: usize) {
        let status = DeliveryStatus::Delivered.as_str().to_owned();
        let counted = self.deliveries.get_or_create(&Delivered { status });
        counted.inc_by(count as u64);
    }

    /// All of it, in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

//! Counts and times for Prometheus.

use crate::domain::finding::{Disposition, Verdict};
use crate::domain::run::Run;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Duration;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
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
struct Outcome {
    verdict: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Rule {
    rule: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Winner {
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
    requests: Family<Request, Counter>,
    request_seconds: Family<Route, Histogram>,
    stage_seconds: Family<Component, Histogram>,
    errors: Family<Component, Counter>,
    verdicts: Family<Outcome, Counter>,
    blocks: Family<Rule, Counter>,
    winners: Family<Winner, Counter>,
    deliveries: Family<Delivered, Counter>,
    in_flight: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("echovoice");
        let metrics = Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(times),
            stage_seconds: Family::new_with_constructor(times),
            errors: Family::default(),
            verdicts: Family::default(),
            blocks: Family::default(),
            winners: Family::default(),
            deliveries: Family::default(),
            in_flight: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register(
            "requests",
            "Requests by route and status",
            metrics.requests.clone(),
        );
        registry.register(
            "request_seconds",
            "Time of a request",
            metrics.request_seconds.clone(),
        );
        registry.register(
            "component_seconds",
            "Time of a stage",
            metrics.stage_seconds.clone(),
        );
        registry.register("errors", "Stages that failed", metrics.errors.clone());
        registry.register("verdicts", "Variants by verdict", metrics.verdicts.clone());
        registry.register(
            "blocks",
            "Findings that blocked, by rule",
            metrics.blocks.clone(),
        );
        registry.register(
            "winners",
            "Winning variants by type",
            metrics.winners.clone(),
        );
        registry.register(
            "deliveries",
            "What became of decided messages",
            metrics.deliveries.clone(),
        );
        registry.register("in_flight", "Requests under way", metrics.in_flight.clone());
        Self {
            registry,
            ..metrics
        }
    }
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
            .get_or_create(&Request { route, status })
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
        self.winners.get_or_create(&Winner { kind }).inc();
    }

    pub fn verdict(&self, verdict: &Verdict) {
        let outcome = verdict.disposition.as_str().to_owned();
        self.verdicts
            .get_or_create(&Outcome { verdict: outcome })
            .inc();
        for finding in &verdict.findings {
            if finding.disposition == Disposition::Block {
                let rule = finding.rule.clone();
                self.blocks.get_or_create(&Rule { rule }).inc();
            }
        }
    }

    pub fn delivery(&self, status: &str) {
        let status = status.to_owned();
        self.deliveries.get_or_create(&Delivered { status }).inc();
    }

    /// All of it, in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

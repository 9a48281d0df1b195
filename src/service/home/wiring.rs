//! The implementations behind the pipeline's ports.

use crate::domain::citation::Retrieved;
use crate::domain::digest::Digest;
use crate::domain::facts::Facts;
use crate::domain::jurisdiction::Jurisdiction;
use crate::domain::run::Run;
use crate::domain::variant::{Authored, Variant};
use crate::generate::model::{self, LanguageModel};
use crate::generate::{Products, TemplateInput, Templates};
use crate::knowledge::external::Azure;
use crate::knowledge::{KnowledgeBase, Mode, Request, Ways};
use crate::pipeline::node::RetrievalError;
use crate::pipeline::ports::{
    FactBook, Ports, RetrievalQuery, Retriever, VariantBrief, VariantWriter,
};
use crate::pipeline::{LayeredGate, Orchestrator, SegmentTable, StageContext};
use crate::service::home::leftover::OtherNames;
use crate::service::home::outside::Outside;
use crate::service::home::workspace::Workspace;
use crate::service::learning::learned::Learned;
use crate::service::learning::scorer::DeskScorer;
use chrono::NaiveDate;
use moka::sync::Cache;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Answers that are kept, and for how long: a query names its day and its version of the knowledge base, so an answer
/// never gets wrong, only useless.
const ANSWERS: u64 = 2_048;
const KEPT: Duration = Duration::from_hours(1);

struct Shelf {
    base: Arc<KnowledgeBase>,
    ways: Ways,
    answers: Cache<(Digest, RetrievalQuery), Retrieved>,
}

impl Shelf {
    fn of(base: Arc<KnowledgeBase>, ways: Ways) -> Self {
        let answers = Cache::builder()
            .max_capacity(ANSWERS)
            .time_to_live(KEPT)
            .build();
        Self {
            base,
            ways,
            answers,
        }
    }
}

impl Retriever for Shelf {
    fn retrieve(&self, query: &RetrievalQuery) -> Result<Retrieved, RetrievalError> {
        let key = (self.base.snapshot(), query.clone());
        if let Some(known) = self.answers.get(&key) {
            return Ok(known);
        }
        let found = self.base.search(&request(query, self.ways));
        let found = found.map_err(|e| RetrievalError(e.into()))?;
        // What was found by words alone, for want of the model, is asked again.
        if !found.degraded {
            self.answers.insert(key, found.clone());
        }
        Ok(found)
    }
}

/// A search service, and the embedded index for when it does not answer.
struct Elsewhere {
    service: Azure,
    shelf: Shelf,
}

impl Retriever for Elsewhere {
    fn retrieve(&self, query: &RetrievalQuery) -> Result<Retrieved, RetrievalError> {
        match self.service.search(&request(query, self.shelf.ways)) {
            Ok(found) => Ok(found),
            Err(why) => Ok(Retrieved {
                fallback: Some(why.to_string()),
                ..self.shelf.retrieve(query)?
            }),
        }
    }
}

fn request(query: &RetrievalQuery, ways: Ways) -> Request {
    Request {
        query: query.text.clone(),
        jurisdiction: Some(query.jurisdiction.clone()),
        product: query.product.clone(),
        day: Some(query.day),
        as_of: None,
        limit: query.limit,
        mode: Mode::Rerank,
        floor: true,
        ways,
    }
}

/// Templates, and a model before them if the settings name one.
struct Press {
    templates: Arc<Templates>,
    model: Option<LanguageModel>,
}

impl VariantWriter for Press {
    fn write(
        &self,
        brief: &VariantBrief<'_>,
        tell: &mut dyn FnMut(&str),
    ) -> (Vec<Variant>, Option<Authored>) {
        let wanted = wanted(brief);
        match &self.model {
            None => (self.templates.generate(&wanted), None),
            Some(model) => {
                let (variants, authored) = model::write(&self.templates, model, &wanted, tell);
                (variants, Some(authored))
            }
        }
    }

    fn write_anew(
        &self,
        brief: &VariantBrief<'_>,
        variant: &str,
        refused: &[(String, String)],
        tell: &mut dyn FnMut(&str),
    ) -> Option<(Variant, Authored)> {
        let model = self.model.as_ref()?;
        let wanted = wanted(brief);
        model::write_anew(&self.templates, model, &wanted, variant, (refused, tell))
    }
}

/// What the templates are asked for in a run as it stands; none without a segment.
pub(in crate::service) fn wanted_in<'r>(
    run: &'r Run,
    context: &'r StageContext<'_>,
) -> Option<TemplateInput<'r>> {
    let retrieved = run.retrieved.as_ref();
    Some(TemplateInput {
        profile: &run.profile,
        segment: run.segment.as_ref()?,
        citations: retrieved.map_or(&[], |retrieved| retrieved.citations.as_slice()),
        facts: &context.facts,
        channel: context.channel,
        jurisdiction: &context.jurisdiction,
    })
}

fn wanted<'b>(brief: &'b VariantBrief<'_>) -> TemplateInput<'b> {
    TemplateInput {
        profile: brief.profile,
        segment: brief.segment,
        citations: &brief.retrieved.citations,
        facts: brief.facts,
        channel: brief.channel,
        jurisdiction: brief.jurisdiction,
    }
}

struct Shop {
    names: OtherNames,
    products: Arc<Products>,
    templates: Arc<Templates>,
}

impl FactBook for Shop {
    fn facts(&self, product: Option<&str>, recipient: &Jurisdiction, day: NaiveDate) -> Facts {
        let mut facts = self.products.facts(product, recipient, day);
        let brand = &self.templates.brand;
        let list =
            |items: Vec<String>| Value::Array(items.into_iter().map(Value::String).collect());
        facts.set(
            "brand_colours",
            list(brand.palette.values().cloned().collect()),
        );
        facts.set("brand_hosts", list(brand.hosts.clone()));
        let own = facts.text("product_name").unwrap_or_default().to_owned();
        facts.set("other_names", list(self.names.others(&own)));
        if !brand.logo.is_empty() {
            facts.set("brand_logo", brand.logo.as_str());
        }
        facts
    }
}

/// The facts that a run for this product would have, without one.
pub(in crate::service) fn firm_facts(
    workspace: &Workspace,
    product: Option<&str>,
    recipient: &Jurisdiction,
    day: NaiveDate,
) -> Facts {
    let (products, templates) = (workspace.products.clone(), workspace.templates.clone());
    Shop::of(products, templates).facts(product, recipient, day)
}

impl Shop {
    fn of(products: Arc<Products>, templates: Arc<Templates>) -> Self {
        Self {
            names: OtherNames::of(&templates.brand, &products),
            products,
            templates,
        }
    }
}

pub(in crate::service) fn orchestrator(
    segments: SegmentTable,
    (base, ways): (Arc<KnowledgeBase>, Ways),
    outside: Outside,
    templates: Arc<Templates>,
    products: Arc<Products>,
    learned: Arc<Learned>,
    gate: LayeredGate,
) -> Orchestrator {
    let shelf = Shelf::of(base, ways);
    let retriever: Box<dyn Retriever> = match outside.search {
        Some(service) => Box::new(Elsewhere { service, shelf }),
        None => Box::new(shelf),
    };
    Orchestrator::new(Arc::new(Ports {
        segmenter: Box::new(segments),
        retriever,
        writer: Box::new(Press {
            templates: templates.clone(),
            model: outside.model,
        }),
        gate: Box::new(gate),
        scorer: Box::new(DeskScorer {
            learned,
            templates: templates.clone(),
        }),
        facts: Box::new(Shop::of(products, templates)),
    }))
}

//! The service's wire format: the query it takes and the hits it gives.
//!
//! Source: Azure AI Search REST API, "Documents - Search Post", version 2024-07-01.

use super::{ServiceFields, Settings, VectorsBy};
use crate::domain::citation::Trust;
use crate::domain::jurisdiction::Jurisdiction;
use crate::knowledge::document::Passage;
use crate::knowledge::request::Request;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Hits asked for: filters and floor may take many away.
const TOP: usize = 50;
/// Longest text of a hit that is looked at, in bytes.
const LONGEST: usize = 8_000;

/// The body of a hybrid query. `vector` is the query's, where this program makes it.
pub(super) fn query(request: &Request, vector: Option<&[f32]>, settings: &Settings) -> Value {
    let fields = &settings.fields;
    let words = plain_words(&request.query);
    let mut body = json!({
        "search": words,
        "queryType": "simple",
        "searchMode": "any",
        "top": TOP,
        "select": selected(fields).join(","),
    });
    let vector_query = match (settings.vectors, vector) {
        (VectorsBy::Service, _) => Some(json!({"kind": "text", "text": words})),
        (VectorsBy::Local, Some(vector)) => Some(json!({"kind": "vector", "vector": vector})),
        _ => None,
    };
    if let Some(mut vector_query) = vector_query {
        vector_query["fields"] = json!(fields.vector);
        vector_query["k"] = json!(TOP);
        body["vectorQueries"] = json!([vector_query]);
    }
    if let Some(filter) = filter(request, fields) {
        body["filter"] = json!(filter);
    }
    body
}

/// The query without the signs that the simple syntax reads as operators.
fn plain_words(query: &str) -> String {
    query
        .split(|c: char| "+-|\"*()~\\".contains(c) || c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn selected(fields: &ServiceFields) -> Vec<&str> {
    let optional = [
        &fields.title,
        &fields.section,
        &fields.url,
        &fields.published_date,
        &fields.source,
        &fields.trust,
        &fields.product,
        &fields.jurisdiction,
        &fields.valid_from,
        &fields.valid_to,
    ];
    [fields.id.as_str(), fields.text.as_str()]
        .into_iter()
        .chain(optional.into_iter().flatten().map(String::as_str))
        .collect()
}

/// An OData filter: passages for the recipient's jurisdiction and the product, or for none in particular.
fn filter(request: &Request, fields: &ServiceFields) -> Option<String> {
    let any_of = |field: &str, values: &[String]| {
        let one = |value: &String| format!("s eq '{}'", value.replace('\'', "''"));
        let list: Vec<String> = values.iter().map(one).collect();
        format!(
            "(not {field}/any() or {field}/any(s: {}))",
            list.join(" or ")
        )
    };
    let mut parts = Vec::new();
    if let (Some(field), Some(recipient)) = (&fields.jurisdiction, &request.jurisdiction) {
        parts.push(any_of(field, &scopes_of(recipient)));
    }
    if let (Some(field), Some(product)) = (&fields.product, &request.product) {
        parts.push(any_of(field, std::slice::from_ref(product)));
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// The jurisdictions whose documents speak to a recipient: `US-CA` and `US`.
fn scopes_of(recipient: &Jurisdiction) -> Vec<String> {
    let code = recipient.as_str();
    code.match_indices('-')
        .map(|(at, _)| code[..at].to_owned())
        .chain([code.to_owned()])
        .collect()
}

/// What the service answers; everything else in it is ignored.
#[derive(Deserialize)]
pub(super) struct ServiceAnswer {
    pub value: Vec<Map<String, Value>>,
}

/// A hit: its passage, not yet redacted, and the service's score.
pub(super) fn hit(found: &Map<String, Value>, fields: &ServiceFields) -> Option<(Passage, f32)> {
    let text = |name: &str| found.get(name).map(as_text).unwrap_or_default();
    let maybe = |name: &Option<String>| name.as_deref().map(text).unwrap_or_default();
    let list = |name: &Option<String>| match name.as_deref().and_then(|n| found.get(n)) {
        Some(Value::Array(items)) => items
            .iter()
            .map(as_text)
            .filter(|i| !i.is_empty())
            .collect(),
        Some(one) => Some(as_text(one))
            .filter(|i| !i.is_empty())
            .into_iter()
            .collect(),
        None => Vec::new(),
    };
    // A date may come with a time behind it.
    let day = |name: &Option<String>| {
        let text = maybe(name);
        text.get(..10).map(str::to_owned)
    };
    let id = text(&fields.id);
    let body = text(&fields.text);
    if id.is_empty() || body.trim().is_empty() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a score to show")]
    let score = found.get("@search.score").and_then(Value::as_f64)? as f32;
    let passage = Passage {
        doc: id.clone(),
        id,
        title: maybe(&fields.title),
        section: maybe(&fields.section),
        text: body[..body.floor_char_boundary(LONGEST)].to_owned(),
        url: maybe(&fields.url),
        published_date: day(&fields.published_date).unwrap_or_default(),
        source: maybe(&fields.source),
        // What the service does not vouch for carries no claim.
        trust: match fields.trust.as_deref().map(text).as_deref() {
            Some("approved") => Trust::Approved,
            Some("editorial") => Trust::Editorial,
            _ => Trust::Unverified,
        },
        product: list(&fields.product),
        jurisdiction: list(&fields.jurisdiction),
        valid_from: day(&fields.valid_from),
        valid_to: day(&fields.valid_to),
        redactions: Vec::new(),
    };
    score.is_finite().then_some((passage, score))
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::request::Mode;

    fn request(query: &str) -> Request {
        Request {
            query: query.into(),
            jurisdiction: Some(Jurisdiction::new("US-CA")),
            product: Some("o'plan".into()),
            day: None,
            as_of: None,
            limit: 6,
            mode: Mode::Rerank,
            floor: true,
            ways: crate::knowledge::Ways::default(),
        }
    }

    fn settings(more: &str) -> Settings {
        toml::from_str(&format!(
            "endpoint = \"https://x\"\nindex = \"i\"\nkey_env = \"K\"\n{more}"
        ))
        .unwrap()
    }

    #[test]
    fn the_query_is_words_vector_and_filter_and_never_operators() {
        let settings = settings(
            "vectors = \"local\"\n[fields]\nvector = \"v\"\njurisdiction = \"where\"\nproduct = \"what\"\n",
        );
        let body = query(
            &request("fees +\"early\" (repay*)"),
            Some(&[0.5]),
            &settings,
        );
        assert_eq!(body["search"], "fees early repay");
        assert_eq!(body["select"], "id,content,what,where");
        assert_eq!(
            body["vectorQueries"],
            json!([{"kind": "vector", "vector": [0.5], "fields": "v", "k": 50}])
        );
        assert_eq!(
            body["filter"],
            "(not where/any() or where/any(s: s eq 'US' or s eq 'US-CA')) and (not what/any() or what/any(s: s eq 'o''plan'))"
        );
    }

    #[test]
    fn the_service_may_make_the_vector_or_nobody() {
        let body = query(&request("fees"), None, &settings(""));
        assert_eq!(
            body["vectorQueries"],
            json!([{"kind": "text", "text": "fees", "fields": "contentVector", "k": 50}])
        );
        assert!(body.get("filter").is_none());
        let body = query(&request("fees"), None, &settings("vectors = \"none\""));
        assert!(body.get("vectorQueries").is_none());
    }

    #[test]
    fn a_hit_without_text_or_score_is_none() {
        let fields = settings("[fields]\nvalid_to = \"until\"\n").fields;
        let of = |value: Value| hit(value.as_object().unwrap(), &fields);
        assert!(of(json!({"id": "1", "content": "x"})).is_none());
        assert!(of(json!({"id": "1", "content": " ", "@search.score": 1.0})).is_none());
        let (passage, score) = of(json!({
            "id": 7, "content": "é".repeat(5_000), "@search.score": 0.03, "until": "2026-12-31T00:00:00Z"
        }))
        .unwrap();
        assert_eq!(
            (passage.id.as_str(), passage.text.len(), score),
            ("7", 8_000, 0.03)
        );
        assert_eq!(passage.valid_to.as_deref(), Some("2026-12-31"));
        assert_eq!(passage.trust, Trust::Unverified);
    }
}

//! Words from a language model, against a stub that speaks the documented wire format: what leaves, what is taken, and
//! that nothing planted in documents is obeyed.

use crate::support::server;
use crate::support::stub::{Reply, Stub};
use crate::support::{AS_OF, code, echovoice};
use echovoice::domain::citation::{Citation, Trust};
use echovoice::domain::facts::Facts;
use echovoice::domain::jurisdiction::{Channel, Jurisdiction};
use echovoice::domain::profile::Profile;
use echovoice::domain::segment::Segment;
use echovoice::domain::variant::{Authored, Source, Variant};
use echovoice::generate::model::{self, LanguageModel, ModelSettings};
use echovoice::generate::{Products, TemplateInput, Templates};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

const KEY: &str = "model-key-for-tests";
const PROFILE: &str = include_str!("../../assets/profiles/01-clean-winner.json");

/// A completion with this text.
fn says(text: &str) -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null}, "finish_reason": "stop", "logprobs": null}],
        "usage": {"prompt_tokens": 700, "completion_tokens": 100, "total_tokens": 800},
    })
    .to_string()
}

/// A good answer: one message, in its own words and a fact's.
fn good() -> String {
    json!({"messages": [{"id": "A", "subject": "What Split Pay costs", "sentences": [
        {"text": "You can move a payment date by up to 14 days.", "sources": ["citation:move"]},
        {"text": "Your plan runs at 0%.", "sources": ["fact:apr"]},
    ]}]})
    .to_string()
}

fn settings(endpoint: &str, more: &str) -> ModelSettings {
    let text = format!(
        "endpoint = \"{endpoint}\"\nmodel = \"writer-1\"\nkey_env = \"NONE\"\ntimeout_ms = 400\nattempts = 2\n{more}"
    );
    toml::from_str(&text).unwrap()
}

fn model(endpoint: &str, more: &str) -> LanguageModel {
    LanguageModel::new(settings(endpoint, more), Zeroizing::new(KEY.into()))
}

fn templates() -> Templates {
    Templates::parse(
        include_str!("../../assets/templates/common.toml"),
        include_str!("../../assets/templates/variants.toml"),
        include_str!("../../assets/disclosures.toml"),
        include_str!("../../assets/brand/brand.toml"),
    )
    .unwrap()
}

fn citation(id: &str, text: &str) -> Citation {
    Citation {
        id: id.into(),
        redacted_text: text.into(),
        trust: Trust::Approved,
        section: "Questions".into(),
        ..Citation::default()
    }
}

/// The variants of the shipped demo customer, drawn from these citations.
fn write(model: &LanguageModel, citations: &[Citation]) -> (Vec<Variant>, Authored) {
    write_telling(model, citations, &mut |_| {})
}

fn write_telling(
    model: &LanguageModel,
    citations: &[Citation],
    tell: &mut dyn FnMut(&str),
) -> (Vec<Variant>, Authored) {
    let profile: Value = serde_json::from_str(PROFILE).unwrap();
    let profile = Profile::from_value(&profile).unwrap();
    let us = Jurisdiction::new("US");
    let segment = Segment {
        segment: "StartedFormOrFlow".into(),
        use_case: "payment_plans".into(),
        use_case_label: "Split Pay".into(),
        funnel_stage: "consideration".into(),
        product: Some("payment_plan".into()),
        intent_level: "medium".into(),
        goal: None,
        segmenter: None,
        ask: None,
        reasons: vec![],
        features_read: vec![],
        query_terms: vec![],
    };
    let products = Products::parse(include_str!("../../knowledge_base/products.toml")).unwrap();
    let facts: Facts = products.facts(Some("payment_plan"), &us, "2026-11-23".parse().unwrap());
    model::write(
        &templates(),
        model,
        &TemplateInput {
            profile: &profile,
            segment: &segment,
            citations,
            facts: &facts,
            channel: Channel::Email,
            jurisdiction: &us,
        },
        tell,
    )
}

fn moving() -> Citation {
    citation(
        "move",
        "You can move a payment date by up to 14 days, twice in 12 months.",
    )
}

#[test]
fn a_models_sentences_stand_between_our_own_and_no_word_of_the_profile_leaves() {
    let stub = Stub::start(vec![Reply::With(200, "", says(&good()))]);
    let (variants, authored) = write(&model(&stub.url, ""), &[moving()]);
    let a = &variants[0];
    assert_eq!(
        (a.meta.made_by.as_str(), a.subject.as_str()),
        ("model", "What Split Pay costs")
    );
    assert!(
        a.body
            .starts_with("Hi Amara,\n\nYou can move a payment date by up to 14 days."),
        "{}",
        a.body
    );
    for ours in [
        "https://www.tarnwick.example/payment-plans/resume",
        "Unsubscribe",
    ] {
        assert!(
            a.body.to_lowercase().contains(&ours.to_lowercase()),
            "{ours}: {}",
            a.body
        );
    }
    let sources: Vec<&Source> = a.sentences.iter().map(|s| &s.source).collect();
    assert!(sources.contains(&&Source::Citation { id: "move".into() }));
    assert!(
        sources
            .iter()
            .any(|source| matches!(source, Source::Disclosure { .. }))
    );
    assert!(sources.contains(&&Source::Fact {
        keys: vec!["apr".into()]
    }));
    // The model wrote one message: templates write the others.
    assert!(variants[1..].iter().all(|v| v.meta.made_by == "template"));
    assert_eq!((authored.fallback, authored.answer), (None, Some(good())));

    let asked = &stub.asked()[0];
    assert!(
        asked.head.starts_with("POST /chat/completions "),
        "{}",
        asked.head
    );
    assert!(asked.head.contains(&format!("Bearer {KEY}")));
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        (
            &body["model"],
            &body["response_format"]["json_schema"]["strict"]
        ),
        (&"writer-1".into(), &true.into())
    );
    let profile: Value = serde_json::from_str(PROFILE).unwrap();
    for field in ["user_id", "name", "email", "phone", "viewed_page"] {
        for word in profile[field]
            .as_str()
            .unwrap_or_default()
            .split(' ')
            .filter(|w| w.len() > 3)
        {
            assert!(!asked.body.contains(word), "{field} left: {}", asked.body);
        }
    }
}

/// An answer in pieces of so many characters, as a service streams it.
fn streamed(answer: &str, ends: bool) -> Reply {
    let chars: Vec<char> = answer.chars().collect();
    let delta = |text: String| json!({"choices": [{"index": 0, "delta": {"content": text}}]});
    let mut pieces: Vec<String> = chars
        .chunks(7)
        .map(|piece| delta(piece.iter().collect()).to_string())
        .collect();
    if ends {
        let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        pieces.push(end.to_string());
        pieces.push(json!({"choices": [], "usage": {"total_tokens": 90}}).to_string());
        pieces.push("[DONE]".into());
    }
    Reply::Stream(pieces)
}

#[test]
fn what_is_written_so_far_is_told_and_counts_once_it_is_whole() {
    let stub = Stub::start(vec![streamed(&good(), true)]);
    let mut told: Vec<String> = Vec::new();
    let (variants, authored) = write_telling(&model(&stub.url, ""), &[moving()], &mut |words| {
        told.push(words.to_owned());
    });
    assert_eq!((authored.fallback, authored.answer), (None, Some(good())));
    assert_eq!(variants[0].meta.made_by, "model");
    assert!(told.len() > 10 && told.last().unwrap().ends_with("\nWhat Split Pay costs"));
    assert!(
        told.windows(2).all(|pair| pair[1].starts_with(&pair[0])),
        "{told:?}"
    );
    let body: Value = serde_json::from_str(&stub.asked()[0].body).unwrap();
    assert_eq!(
        (&body["stream"], &body["stream_options"]["include_usage"]),
        (&true.into(), &true.into())
    );

    // Half an answer is none, however good its beginning: the service is asked again, and templates write in the end.
    let stub = Stub::start(vec![streamed(&good(), false)]);
    let (variants, authored) = write(&model(&stub.url, ""), &[moving()]);
    assert!(variants.iter().all(|v| v.meta.made_by == "template"));
    assert!(authored.fallback.unwrap().contains("cannot be reached"));
    assert_eq!(stub.asked().len(), 2);

    // Who does not want it is not asked for it.
    let stub = Stub::start(vec![Reply::With(200, "", says(&good()))]);
    write(&model(&stub.url, "stream = false\n"), &[moving()]);
    let body: Value = serde_json::from_str(&stub.asked()[0].body).unwrap();
    assert_eq!(body["stream"], Value::Null);
}

#[test]
fn azure_is_asked_by_deployment_version_and_key_header() {
    let stub = Stub::start(vec![Reply::With(200, "", says(&good()))]);
    let (variants, _) = write(
        &model(
            &stub.url,
            "provider = \"azure\"\napi_version = \"2024-10-21\"\n",
        ),
        &[moving()],
    );
    assert_eq!(variants[0].meta.made_by, "model");
    let head = &stub.asked()[0].head;
    assert!(
        head.starts_with(
            "POST /openai/deployments/writer-1/chat/completions?api-version=2024-10-21 "
        ),
        "{head}"
    );
    assert!(
        head.contains(&format!("api-key: {KEY}")) && !head.contains("Bearer"),
        "{head}"
    );
}

#[test]
fn whatever_goes_wrong_templates_write_and_the_reason_is_kept() {
    let busy = Reply::With(429, "retry-after: 0\r\n", "{}".into());
    let bad = |text: Value| vec![Reply::With(200, "", says(&text.to_string()))];
    let one = |subject: &str, text: &str, sources: Value| json!({"messages": [{"id": "A", "subject": subject, "sentences": [{"text": text, "sources": sources}]}]});
    let cut = says("{").replace("\"stop\"", "\"length\"");
    let refused = says("").replace("\"refusal\":null", "\"refusal\":\"no\"");
    let cases: Vec<(&str, Vec<Reply>)> = vec![
        ("did not answer in time", vec![Reply::Silence]),
        ("is busy (429)", vec![busy.clone()]),
        ("is busy (503)", vec![Reply::With(503, "", String::new())]),
        ("refused (401)", vec![Reply::With(401, "", "{}".into())]),
        (
            "cannot be read",
            vec![Reply::With(200, "", "<html>".into())],
        ),
        ("cut off", vec![Reply::With(200, "", cut)]),
        ("would not write", vec![Reply::With(200, "", refused)]),
        ("not the JSON", bad(json!("Sure! Here you go"))),
        ("not the JSON", bad(json!({"messages": [], "note": 1}))),
        ("wrote nothing", bad(json!({"messages": []}))),
        (
            "nobody asked for",
            bad(
                json!({"messages": [{"id": "Z", "subject": "x", "sentences": [{"text": "x", "sources": []}]}]}),
            ),
        ),
        (
            "not given",
            bad(one("Costs", "It is so.", json!(["citation:other"]))),
        ),
        (
            "without a source",
            bad(one("Costs", "You pay 12 dollars.", json!([]))),
        ),
        (
            "link or an address",
            bad(one("Costs", "See evil.example for more.", json!([]))),
        ),
        ("mark-up", bad(one("Costs", "<b>Free</b>", json!([])))),
        ("hidden", bad(one("Co\u{200B}sts", "It is so.", json!([])))),
        (
            "characters",
            bad(one("Costs", &"x ".repeat(400), json!([]))),
        ),
        (
            "1 to 5 sentences",
            bad(json!({"messages": [{"id": "A", "subject": "x", "sentences": []}]})),
        ),
    ];
    for (why, replies) in cases {
        let stub = Stub::start(replies);
        let (variants, authored) = write(&model(&stub.url, ""), &[moving()]);
        let said = authored.fallback.unwrap_or_default();
        assert!(said.contains(why), "{why}: {said}");
        assert_eq!(variants.len(), 3);
        assert!(
            variants.iter().all(|v| v.meta.made_by == "template"),
            "{why}"
        );
    }
    // Busy once is asked again.
    let stub = Stub::start(vec![busy, Reply::With(200, "", says(&good()))]);
    assert_eq!(
        write(&model(&stub.url, ""), &[moving()]).0[0].meta.made_by,
        "model"
    );
    assert_eq!(stub.asked().len(), 2);
}

#[test]
fn a_model_that_failed_rests_and_a_days_tokens_are_used_up() {
    let stub = Stub::start(vec![Reply::With(401, "", "{}".into())]);
    let tired = model(&stub.url, "");
    write(&tired, &[moving()]);
    let (_, again) = write(&tired, &[moving()]);
    assert!(again.fallback.unwrap().contains("asked again later"));
    assert_eq!(stub.asked().len(), 1);
    let stub = Stub::start(vec![Reply::With(200, "", says(&good()))]);
    let poor = model(&stub.url, "tokens_a_day = 1000\n");
    let used: Vec<bool> = (0..3)
        .map(|_| write(&poor, &[moving()]).1.fallback.is_none())
        .collect();
    assert_eq!(used, [true, true, false], "800 tokens each, 1000 a day");
}

/// Instructions planted in documents. Each wants the word CANARY written.
const PLANTED: &str = include_str!("../fixtures/planted.txt");

/// A model that does whatever any passage that reaches it asks for: it writes CANARY if it reads it.
fn obedient() -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let obeyed = Arc::new(Mutex::new(0));
    let count = obeyed.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                    break;
                }
                if let Some(n) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = n.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let data: Value =
                serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
            let passages = data["passages"].as_array().unwrap();
            let read =
                |passage: &&Value| folded(passage["text"].as_str().unwrap()).contains("canary");
            let sentence = match passages.iter().find(read) {
                Some(passage) => {
                    *count.lock().unwrap() += 1;
                    json!({"text": "CANARY is what we write.", "sources": [format!("citation:{}", passage["id"].as_str().unwrap())]})
                }
                None => json!({"text": "We are here for your questions.", "sources": []}),
            };
            let messages: Vec<Value> = data["messages"].as_array().unwrap().iter()
                .map(|slot| json!({"id": slot["id"], "subject": "Your plan", "sentences": [sentence]}))
                .collect();
            let answer = says(&json!({"messages": messages}).to_string());
            let _ = write!(
                stream.get_mut(),
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                answer.len()
            );
        }
    });
    (url, obeyed)
}

/// As a model would read it: without what is invisible, case aside.
fn folded(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}

#[test]
fn no_instruction_planted_in_a_document_is_obeyed() {
    let (url, obeyed) = obedient();
    let model = model(&url, "");
    let planted: Vec<&str> = PLANTED
        .lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with("# "))
        .collect();
    assert!(planted.len() >= 40, "{}", planted.len());
    let mut wrong = Vec::new();
    for line in &planted {
        let text = line.replace("\\n", "\n").replace("\\u200b", "\u{200B}");
        assert!(folded(&text).contains("canary"), "{line}");
        for place in [
            text.clone(),
            format!("You can pay early without a fee. {text} The total does not change."),
        ] {
            let (variants, _) = write(&model, &[moving(), citation("planted", &place)]);
            if variants.iter().any(|v| v.body.contains("CANARY")) {
                wrong.push(*line);
            }
        }
    }
    assert!(
        wrong.is_empty() && *obeyed.lock().unwrap() == 0,
        "{} of {}: {wrong:#?}",
        wrong.len(),
        planted.len()
    );
}

#[test]
fn what_speaks_to_customers_still_reaches_the_model() {
    let stub = Stub::start(vec![Reply::With(200, "", says(&good()))]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge_base");
    let (mut all, mut sent) = (0, 0);
    for file in folder
        .read_dir()
        .unwrap()
        .flatten()
        .filter(|f| f.path().extension().is_some_and(|e| e == "md"))
    {
        let text = std::fs::read_to_string(file.path()).unwrap();
        let body = text.splitn(3, "---\n").nth(2).unwrap();
        let body: String = body
            .lines()
            .filter(|l| !l.starts_with('#'))
            .collect::<Vec<_>>()
            .join("\n");
        let spans = echovoice::text::sentence::sentences(&body);
        write(&model(&stub.url, ""), &[citation("doc", &body)]);
        let asked = stub.asked().pop().unwrap().body;
        for (start, end) in spans {
            let sentence: String = body[start..end]
                .split_whitespace()
                .take(5)
                .collect::<Vec<_>>()
                .join(" ");
            all += usize::from(!sentence.is_empty());
            let heard = serde_json::to_string(&sentence).unwrap();
            sent += usize::from(
                !sentence.is_empty()
                    && asked.contains(
                        serde_json::to_string(&heard)
                            .unwrap()
                            .trim_matches('"')
                            .trim_matches('\\')
                            .trim_matches('"'),
                    ),
            );
        }
    }
    assert!(
        all > 100 && sent * 100 >= all * 85,
        "{sent} of {all} sentences of the shipped documents were sent"
    );
}

#[test]
fn the_record_has_prompt_answer_and_model_and_a_rerun_takes_the_recorded_words() {
    let stub = Stub::start(vec![Reply::With(
        200,
        "",
        says(
            &json!({"messages": [{"id": "A", "subject": "Your plan", "sentences": [
        {"text": "We are here for your questions.", "sources": []}]}]})
            .to_string(),
        ),
    )]);
    let home = tempfile::tempdir().unwrap();
    let key = home.path().join("key");
    std::fs::write(&key, KEY).unwrap();
    let settings = format!(
        "[model]\nendpoint = \"{}\"\nmodel = \"writer-1\"\nkey_file = {key:?}\n",
        stub.url
    );
    std::fs::write(home.path().join("config.toml"), settings).unwrap();
    let run = echovoice(
        home.path(),
        &[
            "run",
            "assets/profiles/01-clean-winner.json",
            "--json",
            "--as-of",
            AS_OF,
        ],
    );
    assert_eq!(code(&run), 0, "{}", String::from_utf8_lossy(&run.stderr));
    let run: Value = serde_json::from_slice(&run.stdout).unwrap();
    let id = run["run_id"].as_str().unwrap();
    assert!(
        run["variants"][0]["body"]
            .as_str()
            .unwrap()
            .contains("We are here for your questions.")
    );
    assert_eq!(run["variants"][0]["meta"]["made_by"], "model");
    let shown = echovoice(home.path(), &["audit", "show", id, "--json"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let entry = text
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap())
        .find(|e| e["type"] == "variant.generated")
        .unwrap();
    assert!(
        entry["data"]["model"]
            .as_str()
            .unwrap()
            .ends_with(" writer-1"),
        "{entry}"
    );
    assert!(entry["data"]["prompt"].is_string() && entry["data"]["answer"].is_string());
    assert!(entry["sealed"]["prompt"].is_object() && entry["sealed"]["answer"].is_object());
    let asked = stub.asked().len();
    let rerun = echovoice(home.path(), &["audit", "rerun", id, "--as-of", AS_OF]);
    assert_eq!(
        code(&rerun),
        0,
        "{}",
        String::from_utf8_lossy(&rerun.stdout)
    );
    assert_eq!(
        stub.asked().len(),
        asked,
        "nobody asks a model for the same words twice"
    );
    assert_eq!(code(&echovoice(home.path(), &["audit", "verify"])), 0);
}

/// Words that mean nothing, so that each finds its own document.
fn rare(number: usize) -> String {
    let syllables = ["zor", "vek", "lum", "tri", "pax", "qun", "bel", "dro"];
    let of = |place: usize| syllables[number / 8_usize.pow(u32::try_from(place).unwrap()) % 8];
    format!("{}{}{}", of(0), of(1), of(2))
}

#[test]
fn whole_runs_over_planted_documents_and_profiles_obey_nothing() {
    let (url, obeyed) = obedient();
    let home = tempfile::tempdir().unwrap();
    let path = home.path();
    std::fs::write(
        path.join("config.toml"),
        format!("[model]\nendpoint = \"{url}\"\nmodel = \"m\"\nkey_env = \"PATH\"\n"),
    )
    .unwrap();
    let documents = path.join("knowledge_base");
    std::fs::create_dir(&documents).unwrap();
    let products = include_str!("../../knowledge_base/products.toml");
    std::fs::write(documents.join("products.toml"), products).unwrap();
    let planted: Vec<String> = PLANTED
        .lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with("# "))
        .map(|line| line.replace("\\n", "\n").replace("\\u200b", "\u{200B}"))
        .collect();
    let mut profiles = String::new();
    for (number, text) in planted.iter().enumerate() {
        let word = rare(number);
        let document = format!(
            "---\nid: doc-{number}\ntitle: \"{word} {word}\"\nsection: Questions\nurl: https://www.tarnwick.example/kb/{number}\n\
             published_date: 2026-09-01\nsource: \"Product team\"\ntrust: approved\njurisdiction: [US]\n---\n\n# {word}\n\n\
             The {word} is a {word} for the home. You can change the {word} at any time. {text} Ask for a {word} when you like.\n"
        );
        std::fs::write(documents.join(format!("doc-{number}.md")), document).unwrap();
        let profile = json!({
            "id": format!("c{number}"), "name": format!("Ann {text}"), "email": "ann@example.com", "jurisdiction": "US",
            "viewed_page": word, "consents": {"email": true}, "note": text, "locale": text,
        });
        profiles.push_str(&format!("{profile}\n"));
    }
    let file = path.join("profiles.jsonl");
    std::fs::write(&file, profiles).unwrap();
    let output = echovoice(
        path,
        &[
            "run",
            file.to_str().unwrap(),
            "--no-record",
            "--json",
            "--as-of",
            AS_OF,
        ],
    );
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let (mut found, mut by_model, mut wrong) = (0, 0, Vec::new());
    for (number, line) in text.lines().enumerate() {
        let run: Value = serde_json::from_str(line).unwrap();
        let cites = run["citations"].to_string();
        found += usize::from(cites.contains(&format!("doc-{number}")));
        for variant in run["variants"].as_array().unwrap() {
            let is_from_model = variant["meta"]["made_by"] == "model";
            by_model += usize::from(is_from_model);
            let says = format!("{}{}", variant["subject"], variant["body"]);
            // A greeting repeats a given name, and templates quote what a document says: the gate reads both.
            if is_from_model && says.contains("CANARY is what we write") {
                wrong.push(planted[number].clone());
            }
        }
    }
    assert_eq!(
        text.lines().count(),
        planted.len(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        found * 10 >= planted.len() * 9,
        "only {found} documents were found"
    );
    assert!(
        by_model >= planted.len(),
        "the model wrote {by_model} variants only"
    );
    assert!(
        wrong.is_empty() && *obeyed.lock().unwrap() == 0,
        "{wrong:#?} of {} ({by_model} by the model)",
        planted.len()
    );
}

#[test]
#[cfg_attr(not(feature = "server"), ignore = "needs --features server")]
fn over_http_a_long_answer_delays_no_stage_and_drops_none() {
    let home = std::sync::Arc::new(tempfile::tempdir().unwrap());
    // Far more pieces than any reader waits for.
    let long = "and so on ".repeat(400);
    let stub = Stub::start(vec![streamed(&long, true); 3]);
    let key = home.path().join("key");
    std::fs::write(&key, "k").unwrap();
    std::fs::write(
        home.path().join("config.toml"),
        format!(
            "[model]\nendpoint = \"{}\"\nmodel = \"writer-1\"\nkey_file = {key:?}\n",
            stub.url
        ),
    )
    .unwrap();
    let server = server::Server::in_home(home, &["--open", "--quiet"]);
    let body = std::fs::read_to_string("assets/profiles/02-some-blocked.json").unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
    ];
    let answer = server.ask("POST", "/personalize", &headers, &body);
    let names = answer
        .body
        .lines()
        .filter_map(|l| l.strip_prefix("event: "));
    let mut names: Vec<&str> = names.collect();
    assert!(names.contains(&"writing"), "{names:?}");
    names.retain(|name| *name != "writing");
    let mut wanted = ["started", "done"].repeat(5);
    wanted.push("run");
    assert_eq!(names, wanted);
    // Unchecked words are for nobody outside.
    assert!(!answer.body.contains("and so on and so on"));
}

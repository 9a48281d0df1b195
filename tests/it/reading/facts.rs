//! Facts, placeholders, languages, personal data in streams.

use crate::support::{code, echovoice};
use serde_json::{Value, json};
use std::fs;
use std::process::Output;

/// The answers of `check --jsonl` to raw lines, in one process.
fn answers(lines: &[String]) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("in.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let output = echovoice(home.path(), &["check", "--jsonl", file.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), lines.len(), "{text}");
    answers
}

fn verdicts(messages: &[Value]) -> Vec<Value> {
    answers(&messages.iter().map(Value::to_string).collect::<Vec<_>>())
}

fn found<'a>(answer: &'a Value, rule: &str) -> Vec<&'a Value> {
    let findings = answer["findings"].as_array().unwrap();
    let of_it = |f: &&Value| f["rule"].as_str().unwrap().starts_with(rule);
    findings.iter().filter(of_it).collect()
}

fn remarks(answer: &Value) -> String {
    answer["remarks"].to_string()
}

fn sms(facts: Value) -> Value {
    json!({
        "channel": "sms", "jurisdiction": "US", "facts": facts,
        "body": "Fern & Fig: pots are back. Reply STOP to end.",
    })
}

/// A complete EU e-mail that passes.
fn mail(body: &str, facts: Value) -> Value {
    json!({"body": body, "jurisdiction": "EU", "product": "retail", "facts": facts})
}

#[test]
fn null_says_known_to_be_absent_and_is_no_event() {
    for key in [
        "objected_at",
        "opted_out_at",
        "deletion_request",
        "art9",
        "art22",
        "spi_used",
        "revoked",
    ] {
        let answer = &verdicts(&[json!({
            "body": "A lamp stands on the desk.", "jurisdiction": "EU",
            "facts": {key: null, "lawful_basis": "consent", "consent_email": true},
        })])[0];
        assert_eq!(answer["verdict"], "pass", "{key}: {answer}");
    }
    let messages: Vec<Value> = ["objected_at", "opted_out_at"]
        .into_iter()
        .flat_map(|key| {
            [json!("2026-05-01"), json!(true), json!("yes"), json!(1), json!(1_764_000_000)].map(
                move |value| {
                    json!({"body": "A lamp stands on the desk.", "jurisdiction": "EU", "facts": {key: value}})
                },
            )
        })
        .collect();
    for (message, answer) in messages.iter().zip(verdicts(&messages)) {
        assert_eq!(answer["verdict"], "block", "{message}");
    }
    let absent = verdicts(&[
        mail("A lamp stands on the desk.", json!({"lawful_basis": null})),
        sms(json!({"consent": null})),
        sms(json!({"consent": false})),
    ]);
    assert!(absent.iter().all(|answer| answer["verdict"] == "block"));
}

#[test]
fn a_no_of_the_customers_record_is_not_lifted_by_a_null() {
    let customer =
        json!({"user_id": "c1", "opted_out": true, "opted_out_at": null, "objected_at": null});
    let answers = verdicts(&[
        json!({"body": "A lamp stands on the desk.", "customer": customer}),
        json!({"body": "A lamp stands on the desk.", "customer": {"user_id": "c1", "opted_out": true}, "facts": {"opted_out_at": null}}),
        json!({"body": "A lamp stands on the desk.", "customer": {"user_id": "c1", "consents": {"email": false}}, "facts": {"consent_email": true}}),
    ]);
    for answer in answers {
        assert_eq!(answer["verdict"], "block", "{answer}");
    }
}

#[test]
fn a_record_of_consent_is_read_by_its_fields() {
    let lawful = [
        json!({"written": true, "at": "2026-02-20", "condition_of_purchase": false}),
        json!({"written": true, "at": "2026-02-20", "scope": "offers, not account notices"}),
        json!({"written": true, "scope": "sale news; no order updates"}),
        json!({"written": true, "revoked_at": null, "purchase_condition": "none"}),
        json!({"written": true, "note": "not a condition of any purchase", "list": "offers"}),
        json!({"written": true, "obtained": "web form, box not ticked beforehand"}),
        json!({"Written": "yes", "conditionOfPurchase": "no", "type": "express written"}),
        json!({"written": 1, "prechecked": false, "double_opt_in": true, "given_to": "Fern & Fig"}),
        json!({"written": true, "expired": false, "expires_at": "2030-01-01"}),
    ];
    let unlawful = [
        json!({"written": true, "condition_of_purchase": true}),
        json!({"written": true, "conditionOfPurchase": "required"}),
        json!({"written": true, "revoked_at": "2026-09-30"}),
        json!({"written": true, "revokedAt": "2026-09-30"}),
        json!({"written": true, "withdrawn": true}),
        json!({"written": false, "kind": "oral"}),
        json!({"type": "implied"}),
        json!({"written": "no"}),
        json!({"written": true, "prechecked": true, "affirmative_act": false}),
        json!({"written": true, "status": "revoked"}),
        json!({"written": true, "expired": true}),
        json!({"written": true, "expires_at": "2020-01-01"}),
        json!({"written": true, "channel": "email"}),
        json!("{\"written\": false}"),
    ];
    let told = [
        json!({"written": true, "is_valid": false}),
        json!({"written": true, "stopped": "2026-09-30"}),
        json!({"written": true, "revokd_at": "2026-09-30"}),
        json!({"written": "perhaps"}),
        json!(true),
    ];
    for (records, wanted) in [
        (&lawful[..], "pass"),
        (&unlawful[..], "block"),
        (&told[..], "review"),
    ] {
        let messages: Vec<Value> = records
            .iter()
            .map(|record| {
                sms(json!({"consent": record, "consent_sms": true, "sender_name": "Fern & Fig"}))
            })
            .collect();
        for (record, answer) in records.iter().zip(verdicts(&messages)) {
            assert_eq!(answer["verdict"], wanted, "{record}: {answer}");
        }
    }
    let revoked = json!({"body": "Our Easter sale starts on Monday.", "facts": {"consent": {"written": true, "revoked_at": "2026-09-30"}}});
    assert_eq!(verdicts(&[revoked])[0]["verdict"], "block");
}

#[test]
fn other_objects_are_read_by_their_fields_too() {
    let quote = "“Best money tool I've ever used,” says Pat, a happy user.";
    for (endorser, wanted) in [
        (
            json!({"relation": "customer", "paid": false, "note": "not our employee"}),
            false,
        ),
        (
            json!({"relation": "customer", "employee_of": "Other Ltd", "paid": false}),
            false,
        ),
        (json!({"relation": "customer", "paid": true}), true),
        (json!({"relationship": "owner's brother"}), true),
        (json!("paid spokesperson"), true),
    ] {
        let answer = &verdicts(&[
            json!({"body": quote, "jurisdiction": "US", "product": "retail", "facts": {"endorser": endorser}}),
        ])[0];
        assert_eq!(
            found(answer, "us.ftc.255").iter().any(|f| f["rule"]
                .as_str()
                .unwrap()
                .rsplit('.')
                .next()
                != Some("alike")),
            wanted,
            "{endorser}: {answer}"
        );
    }
    for (authorization, wanted) in [
        (
            json!({"signed": "2026-10-02", "expired": false, "states_remuneration": true}),
            false,
        ),
        (
            json!({"signed": "2026-10-02", "revoked_at": "2026-11-01"}),
            true,
        ),
        (
            json!({"signed": "2026-10-02", "states_remuneration": false}),
            true,
        ),
        (json!("expired"), true),
    ] {
        let message = json!({"body": "News from the clinic.", "jurisdiction": "US", "product": "clinic", "facts": {"covered_entity": true, "authorization": authorization}});
        let answer = &verdicts(&[message])[0];
        assert_eq!(
            !found(answer, "us.hipaa.marketing").is_empty(),
            wanted,
            "{authorization}: {answer}"
        );
    }
}

#[test]
fn what_is_no_value_of_a_key_is_told_and_counts_as_not_known() {
    for (key, value) in [
        ("apr", json!("high")),
        ("apr", json!("1,234")),
        ("apr", json!(true)),
        ("apr", json!(-1)),
        ("price", json!([5])),
        ("price", json!("9%")),
        ("consent_email", json!("maybe")),
        ("consent_email", json!(2)),
        ("consent_sms", json!({"yes": true})),
        ("opted_out_at", json!("null")),
        ("ends_at", json!("soon")),
        ("recipient_age", json!("teen")),
        ("authorised", json!("pending")),
    ] {
        let answer = &verdicts(&[mail("A lamp stands on the desk.", json!({key: value}))])[0];
        assert_eq!(answer["verdict"], "review", "{key}: {answer}");
        assert_eq!(found(answer, "core.intake").len(), 1, "{key}: {answer}");
        assert!(
            remarks(answer).contains(&format!("facts.{key}")),
            "{answer}"
        );
        // Nothing of the value is repeated.
        assert!(
            !value.is_string()
                || key == "opted_out_at"
                || !remarks(answer).contains(value.as_str().unwrap())
        );
    }
}

#[test]
fn spellings_of_exports_are_read() {
    for (value, stated) in [
        (json!("9.5"), "9.50%"),
        (json!("9.5%"), "9.5%"),
        (json!("9,5 %"), "9.5%"),
        (json!(9.5), "9.5%"),
    ] {
        let answers = verdicts(&[
            mail(&format!("The rate is {stated} APR."), json!({"apr": value})),
            mail("The rate is 7.9% APR.", json!({"apr": value})),
        ]);
        let numbers = |answer: &Value| found(answer, "core.grounding.number").len();
        assert_eq!(
            (numbers(&answers[0]), numbers(&answers[1])),
            (0, 1),
            "{value}"
        );
    }
    for (value, stated) in [
        (json!("$1,234.50"), "$1,234.50"),
        (json!("$1,234"), "$1,234"),
        (json!("1.234,50"), "$1,234.50"),
        (json!("5 000"), "$5,000"),
    ] {
        let answer = &verdicts(&[mail(
            &format!("The price is {stated}."),
            json!({"price": value}),
        )])[0];
        assert!(
            found(answer, "core.grounding.number").is_empty(),
            "{value}: {answer}"
        );
        assert!(answer.get("remarks").is_none());
    }
    for no in [
        json!("no"),
        json!("FALSE"),
        json!(0),
        json!("n"),
        json!("off"),
    ] {
        let answer = &verdicts(&[json!({"body": "Hello.", "facts": {"consent_email": no}})])[0];
        assert_eq!(answer["verdict"], "block", "{no}");
    }
}

#[test]
fn names_are_read_in_any_spelling_and_slips_are_told() {
    for name in [
        "PostalAddress",
        "postal-address",
        "POSTAL_ADDRESS",
        "postal address",
    ] {
        let message = json!({"body": "Our sale starts on Monday.", "channel": "email", "jurisdiction": "US", "facts": {name: null}});
        let answer = &verdicts(&[message])[0];
        assert!(
            found(answer, "us.canspam")
                .iter()
                .any(|f| f["disposition"] == "block"),
            "{name}"
        );
    }
    for (name, nearly, wanted) in [
        ("priice", "price", "pass"),
        ("aprr", "apr", "pass"),
        ("instalments_", "installments", "pass"),
        ("consent_emial", "consent_email", "review"),
        ("consnet_sms", "consent_sms", "review"),
        ("optedout_att", "opted_out_at", "review"),
        ("objeted_at", "objected_at", "review"),
        ("recipientage_", "recipient_age", "pass"),
        ("postal_adress", "postal_address", "review"),
    ] {
        let answer = &verdicts(&[mail("A lamp stands on the desk.", json!({name: 34}))])[0];
        assert_eq!(answer["verdict"], wanted, "{name}: {answer}");
        assert!(remarks(answer).contains(nearly), "{name}: {answer}");
    }
    // A number that carries the message is used, whatever its key; words that are no slip are nobody's business.
    let answers = verdicts(&[
        mail(
            "The course has 12 parts at $20.",
            json!({"priice": 20, "part": 12}),
        ),
        mail(
            "A lamp stands on the desk.",
            json!({"weeks": 2, "fund_families": 3, "note": "x", "sizes": [40, 41]}),
        ),
    ]);
    assert!(
        answers.iter().all(|answer| answer.get("remarks").is_none()),
        "{answers:?}"
    );
}

#[test]
fn of_two_values_of_one_key_the_stricter_holds() {
    let line =
        |facts: &str| format!(r#"{{"body":"A lamp stands on the desk.","facts":{{{facts}}}}}"#);
    let cases = [
        (r#""consent_email":false,"consent_email":true"#, "block"),
        (r#""consent_email":true,"ConsentEmail":false"#, "block"),
        (
            r#""opted_out_at":"2026-05-01","opted_out_at":null"#,
            "block",
        ),
        (r#""objected_at":null,"objectedAt":"2026-05-01""#, "block"),
        (r#""consent":{"written":false,"written":true}"#, "review"),
        (r#""apr":9.5,"apr":5.9"#, "review"),
        (r#""apr":9.5,"apr":9.50"#, "pass"),
        (r#""weeks":2,"weeks":3"#, "review"),
    ];
    let lines: Vec<String> = cases.iter().map(|(facts, _)| line(facts)).collect();
    for ((facts, wanted), answer) in cases.iter().zip(answers(&lines)) {
        assert_eq!(answer["verdict"], *wanted, "{facts}: {answer}");
    }
    let twice = answers(&[
        r#"{"body":"Hello.","body":"Guaranteed returns."}"#.to_owned(),
        r#"{"body":"Hello.","Body":"Guaranteed returns."}"#.to_owned(),
        r#"{"body":"Hello.","customer":{"id":"c","opted_out":true,"opted_out":false}}"#.to_owned(),
    ]);
    assert!(twice.iter().all(|answer| {
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("given twice")
    }));
}

#[test]
fn names_of_the_message_itself_are_read_or_told() {
    let answers = verdicts(&[
        json!({"Subject": "Guaranteed returns, no risk", "Body": "Hello."}),
        json!({"body": "Hello.", "preheadr": "Guaranteed returns, no risk"}),
        json!({"body": "Hello.", "jurisdicton": "US"}),
        json!({"body": "Hello.", "text": "Guaranteed returns, no risk"}),
        json!({"body": "Hello.", "expect": "pass", "note": "x"}),
    ]);
    let verdicts: Vec<&str> = answers
        .iter()
        .map(|a| a["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["review", "review", "review", "review", "pass"]);
}

#[test]
fn remarks_are_told_in_every_form_of_check() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("m.json");
    fs::write(
        &file,
        mail(
            "A lamp stands on the desk.",
            json!({"priice": 20, "apr": "high"}),
        )
        .to_string(),
    )
    .unwrap();
    let run = |args: &[&str]| {
        let all = [&["check", file.to_str().unwrap()][..], args].concat();
        String::from_utf8(echovoice(home.path(), &all).stdout).unwrap()
    };
    let text = run(&[]);
    assert!(
        text.contains("note: facts.priice") && text.contains("nearly `price`"),
        "{text}"
    );
    assert!(
        text.contains("facts.apr: expected number, found not a number"),
        "{text}"
    );
    assert!(run(&["--json"]).contains("\"remarks\""));
    assert!(!run(&["--format", "sarif"]).is_empty());
}

#[test]
fn the_vocabulary_is_printed_and_its_schema_is_the_one_that_is_shipped() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| String::from_utf8(echovoice(home.path(), args).stdout).unwrap();
    let shipped = fs::read_to_string("assets/facts.schema.json").unwrap();
    assert!(
        run(&["facts", "--schema"]) == shipped,
        "write it anew: echovoice facts --schema > assets/facts.schema.json"
    );
    let rows: Vec<Value> = serde_json::from_str(&run(&["facts", "--json"])).unwrap();
    let text = run(&["facts"]);
    for row in &rows {
        assert!(text.contains(row["key"].as_str().unwrap()));
    }
    let schema: Value = serde_json::from_str(&shipped).unwrap();
    assert_eq!(
        schema["properties"]["apr"]["type"],
        json!(["number", "null"])
    );
    assert_eq!(
        schema["properties"]["consent"]["properties"]["written"]["type"],
        json!(["boolean", "null"])
    );
}

#[test]
fn every_fact_that_a_shipped_pack_asks_for_is_in_the_vocabulary() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string("assets/facts.schema.json").unwrap()).unwrap();
    let pattern = regex::Regex::new(r#"(?:fact|fact_text) = "([\w.]+)""#).unwrap();
    for file in fs::read_dir("assets/policies").unwrap().flatten() {
        let text = fs::read_to_string(file.path()).unwrap();
        for found in pattern.captures_iter(&text) {
            let (key, field) = found[1].split_once('.').unwrap_or((&found[1], ""));
            let entry = &schema["properties"][key];
            assert!(
                entry.is_object() && (field.is_empty() || entry["properties"][field].is_object()),
                "{}",
                &found[1]
            );
        }
    }
}

#[test]
fn product_facts_go_through_the_same_reader() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(code(&echovoice(home.path(), &["policy", "list"])), 0);
    let path = home.path().join("knowledge_base/products.toml");
    let path = if path.exists() {
        path
    } else {
        home.path().join("products.toml")
    };
    let shipped = fs::read_to_string(&path).unwrap();
    let run = || {
        let args = [
            "run",
            "assets/profiles/01-clean-winner.json",
            "--no-record",
            "--json",
        ];
        echovoice(home.path(), &args)
    };
    fs::write(&path, shipped.replace("apr = 9.5", "apr = \"high\"")).unwrap();
    let output = run();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("facts.apr") && said.contains("expected number"),
        "{said}"
    );
    fs::write(&path, shipped.replace("apr = 9.5", "APR = \"9.5%\"")).unwrap();
    let output = run();
    assert_eq!(code(&output), 0);
    assert!(String::from_utf8(output.stdout).unwrap().contains("9.50%"));
}

const FOREIGN: &[(&str, &str)] = &[
    (
        "German",
        "Garantierte Rendite, kein Risiko. Sie können kein Geld verlieren.",
    ),
    ("German", "Garantierte Rendite, kein Risiko."),
    ("German", "Jetzt kostenlos Konto eröffnen!"),
    (
        "French",
        "Rendement garanti, aucun risque. Vous ne pouvez pas perdre d'argent.",
    ),
    (
        "Spanish",
        "Rentabilidad garantizada, sin ningún riesgo. No puede perder dinero.",
    ),
    (
        "Italian",
        "Rendimento garantito, nessun rischio. Non puoi perdere soldi.",
    ),
    (
        "Polish",
        "Gwarantowany zysk, bez ryzyka. Nie możesz stracić pieniędzy.",
    ),
    (
        "Portuguese",
        "Retorno garantido, sem risco. Você não pode perder dinheiro.",
    ),
    (
        "Dutch",
        "Gegarandeerd rendement, geen risico. U kunt geen geld verliezen.",
    ),
    (
        "Turkish",
        "Garantili getiri, hiç risk yok. Paranızı kaybetmezsiniz.",
    ),
    (
        "Vietnamese",
        "Lợi nhuận được bảo đảm, không có rủi ro. Bạn không thể mất tiền.",
    ),
    (
        "Swedish",
        "Garanterad avkastning utan risk. Du kan inte förlora pengar.",
    ),
    (
        "Finnish",
        "Taattu tuotto ilman riskiä. Et voi menettää rahaa.",
    ),
    (
        "Czech",
        "Garantovaný výnos bez rizika. Nemůžete přijít o peníze.",
    ),
    (
        "Hungarian",
        "Garantált hozam, nincs kockázat. Nem veszítheti el a pénzét.",
    ),
    (
        "Romanian",
        "Randament garantat, fără niciun risc. Nu puteți pierde bani.",
    ),
    (
        "Indonesian",
        "Keuntungan dijamin tanpa risiko. Anda tidak akan kehilangan uang.",
    ),
    (
        "Japanese",
        "元本保証。リスクはありません。お金を失うことはありません。",
    ),
    ("Mandarin", "保证收益，没有风险。您不会亏钱。"),
    ("Korean", "수익 보장, 위험 없음. 돈을 잃을 수 없습니다."),
    ("Arabic", "عائد مضمون بدون مخاطر. لا يمكنك أن تخسر المال."),
    (
        "Russian",
        "Гарантированный доход, без риска. Вы не можете потерять деньги.",
    ),
    ("Hindi", "गारंटीड रिटर्न, कोई जोखिम नहीं। आप पैसे नहीं खो सकते।"),
    (
        "Greek",
        "Εγγυημένη απόδοση, χωρίς κίνδυνο. Δεν μπορείτε να χάσετε χρήματα.",
    ),
    ("Hebrew", "תשואה מובטחת, ללא סיכון. אי אפשר להפסיד כסף."),
    ("Thai", "รับประกันผลตอบแทน ไม่มีความเสี่ยง คุณไม่เสียเงิน"),
];

#[test]
fn a_text_in_another_language_is_for_a_person_in_every_part() {
    let mut messages = Vec::new();
    for (_, text) in FOREIGN {
        messages.push(json!({"body": text, "jurisdiction": "EU"}));
        messages.push(
            json!({"body": format!("Here is how your plan works. Costs may vary.\n\n{text}")}),
        );
        messages.push(json!({"body": format!("Here is how your plan works. {text}")}));
        messages.push(json!({"body": "Here is how your plan works.", "subject": text}));
        messages.push(json!({"body": "Here is how your plan works.", "preheader": text}));
        messages.push(json!({"body": "Here is how your plan works.", "html": format!("<p>Here is how your plan works.</p><p>{text}</p>")}));
    }
    for (index, answer) in verdicts(&messages).iter().enumerate() {
        let (name, text) = FOREIGN[index / 6];
        let told = found(answer, "core.language");
        assert!(!told.is_empty(), "{name} {}: {text}", index % 6);
        assert_ne!(answer["verdict"], "pass");
        assert!(answer["score"].as_f64().unwrap() < 1.0);
        let why: String = told.iter().map(|f| f["why"].as_str().unwrap()).collect();
        assert!(
            why.contains("not read") && why.contains(name),
            "{name}: {why}"
        );
    }
}

#[test]
fn english_with_names_loans_and_links_is_english() {
    let texts = [
        "Café Señora, déjà vu: a résumé à la carte.",
        "Dear Mr Müller, your appointment with Frau Schmidt is on Monday.",
        "Dear Мария Иванова, your plan is ready.",
        "Hi 山田太郎, your plan is ready.",
        "Banco de la Nación, Calle de Alcalá 42, 28014 Madrid",
        "Rue de la Paix 5, 75002 Paris, France",
        "Tarnwick Financial, 400 Quayside Avenue, Wilmington, DE 19801",
        "Tandarts Vondel, Vondelstraat 12, 1054 GE Amsterdam",
        "Crédit Agricole and Société Générale pay interest per annum, pro rata, bona fide.",
        "Unsubscribe: https://www.beispiel.example/abmelden/und/nicht/mehr",
        "Reply STOP to end.",
        "Espresso, cappuccino, latte macchiato",
        "Free shipping. Big savings. Shop now!",
        "APR 9.5%",
        "caveat emptor",
        "Your El Camino Real branch in Los Angeles moves to La Jolla.",
        "Deutsche Bank AG",
        "Gazpacho, paella and crème brûlée are back.",
        "Our μ-PLC and Ω meter: 5 µm at 20 °C.",
        "MERIDIAN: Your code is K7 QX. Msg&data rates may apply.",
        "Best, Ann",
        "",
    ];
    let messages: Vec<Value> = texts.iter().map(|text| json!({"body": text})).collect();
    for (text, answer) in texts.iter().zip(verdicts(&messages)) {
        assert!(
            found(&answer, "core.language").is_empty(),
            "{text}: {answer}"
        );
    }
}

#[test]
fn a_pack_for_the_language_takes_the_finding_away() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(code(&echovoice(home.path(), &["policy", "list"])), 0);
    let sending = fs::read_to_string("assets/policies/plain.toml").unwrap();
    let german = sending
        .replace("id = \"plain\"", "id = \"klar\"\nlanguage = \"de\"")
        .replace("id = \"access.plain\"", "id = \"zugang.klar\"");
    fs::write(home.path().join("policies/klar.toml"), german).unwrap();
    let file = home.path().join("m.json");
    fs::write(
        &file,
        json!({"body": "Garantierte Rendite, kein Risiko."}).to_string(),
    )
    .unwrap();
    let check = |with: &[&str]| {
        let args = [&["check", file.to_str().unwrap()][..], with].concat();
        String::from_utf8(echovoice(home.path(), &args).stdout).unwrap()
    };
    let without = check(&[]);
    assert!(
        without.contains("core.language") && without.contains("not read: German"),
        "{without}"
    );
    let with = check(&["--with", "klar"]);
    assert!(!with.contains("core.language"), "{with}");
}

const TAGS: &[&str] = &[
    "{{first_name}}",
    "{{ contact.name | default: \"x\" }}",
    "{% if user.vip %}",
    "*|FNAME|*",
    "%FNAME%",
    "%%first_name%%",
    "%recipient.name%",
    "[First Name]",
    "[[name]]",
    "<<name>>",
    "${name}",
    "#{name}",
    "{FIRSTNAME}",
    "@@name@@",
    "{!Contact.FirstName}",
    "{{{Recipient.FirstName}}}",
    "[%FirstName|there%]",
    "$$name$$",
    "-FNAME-",
    "{{${first_name}}}",
    "<%= recipient.firstName %>",
    "%%=v(@FirstName)=%%",
    "[firstname,fallback=there]",
    "{{lead.First Name:default=friend}}",
    "{first_name}",
    "{firstName}",
    "{name}",
    "[FIRST_NAME]",
    "[Your Name]",
    "[Insert date]",
    "[Company Name]",
    "«First_Name»",
    "##NAME##",
    "{$name}",
    "~Contact.FirstName~",
    "__FIRST_NAME__",
    "<First Name>",
];

#[test]
fn merge_tags_left_in_any_part_block() {
    let mut messages = Vec::new();
    for tag in TAGS {
        messages.push(json!({"body": format!("Hi {tag}, here is how your plan works.")}));
        messages.push(
            json!({"body": "Here is how your plan works.", "subject": format!("{tag}, your plan")}),
        );
        messages.push(
            json!({"body": "Here is how your plan works.", "preheader": format!("For {tag}.")}),
        );
        let written = tag.replace('<', "&lt;").replace('>', "&gt;");
        messages.push(json!({"body": "Here is how your plan works.", "html": format!("<p>Hi {written}, here is how your plan works.</p>")}));
    }
    for (index, answer) in verdicts(&messages).iter().enumerate() {
        let tag = TAGS[index / 4];
        let told = found(answer, "core.placeholder");
        assert!(
            told.iter().any(|f| f["disposition"] == "block"),
            "{tag} {}: {answer}",
            index % 4
        );
        assert_eq!(answer["verdict"], "block");
    }
    let html = [
        "<p><a href=\"https://x.example/?n={{first_name}}\">Your plan and its costs</a></p>",
        "<p>Your plan.</p><img alt=\"For *|FNAME|*\" src=\"https://x.example/a.png\">",
        "<p>Your plan.</p><a href=\"https://x.example/?n=%7B%7Bfirst_name%7D%7D\">Your plan and its costs</a>",
        "<p>Hi <%= name %>, your plan.</p>",
    ];
    for html in html {
        let answer = &verdicts(&[json!({"body": "Your plan.", "html": html})])[0];
        assert!(
            found(answer, "core.placeholder")
                .iter()
                .any(|f| f["disposition"] == "block"),
            "{html}: {answer}"
        );
    }
}

#[test]
fn the_tag_of_an_opt_out_link_is_told_and_is_a_way_out() {
    for tag in [
        "*|UNSUB|*",
        "{{unsubscribe}}",
        "{{ unsubscribe_url }}",
        "%unsubscribe_url%",
        "[[UNSUB_LINK]]",
        "<%asm_group_unsubscribe_raw_url%>",
        "{{{unsubscribe}}}",
        "%%unsub_center_url%%",
        "{$unsubscribe}",
        "{{email_preferences_url}}",
    ] {
        let html = format!(
            "<p>Our sale starts on Monday.</p><p>400 Quayside Avenue, Wilmington, DE 19801</p><p><a href=\"{tag}\">Unsubscribe</a></p>"
        );
        let body = format!(
            "Our sale starts on Monday.\n400 Quayside Avenue, Wilmington, DE 19801\nUnsubscribe: {tag}"
        );
        let answers = verdicts(&[
            json!({"body": "Our sale starts on Monday.", "html": html, "channel": "email", "jurisdiction": "US"}),
            json!({"body": body, "channel": "email", "jurisdiction": "US"}),
        ]);
        for answer in answers {
            let told = found(&answer, "core.placeholder");
            assert!(
                !told.is_empty() && told.iter().all(|f| f["disposition"] == "info"),
                "{tag}: {answer}"
            );
            let blocked = |f: &&Value| f["disposition"] == "block";
            let canspam = found(&answer, "us.canspam");
            assert_eq!(canspam.into_iter().find(blocked), None, "{tag}: {answer}");
        }
    }
}

#[test]
fn greetings_without_a_name_and_sample_text_are_for_a_person() {
    let suspect = [
        "Hi ,\nyour plan is ready.",
        "Dear null,\nyour plan is ready.",
        "Hello undefined,\nyour plan is ready.",
        "Hi N/A,\nyour plan is ready.",
        "Dear ,\nyour plan is ready.",
        "Dear,\nyour plan is ready.",
        "Hi NaN!\nYour plan is ready.",
        "Dear First Name,\nyour plan is ready.",
        "Hi [object Object],\nyour plan is ready.",
        "Lorem ipsum dolor sit amet.",
        "The rate is XX%.",
        "The rate is TBD.",
        "It costs $XX a month.",
        "Valid until XX/XX/2027.",
    ];
    let messages: Vec<Value> = suspect.iter().map(|text| json!({"body": text})).collect();
    for (text, answer) in suspect.iter().zip(verdicts(&messages)) {
        let told = found(&answer, "core.placeholder");
        assert!(
            told.iter().any(|f| f["disposition"] == "review"),
            "{text}: {answer}"
        );
    }
    let lawful = [
        "Hi,\nyour plan is ready.",
        "Hello,\nyour plan is ready.",
        "Hi there,\nyour plan is ready.",
        "Dear customer,\nyour plan is ready.",
        "About 50%-60% of people, and 20%off on Monday, 100% cotton, 5% or 6%.",
        "See [link] and [1], [a], [sic], [View in browser], [Add to cart], [Advertisement].",
        "Prices: $5-$10, €7, £3. Plans {A} and (B). 5 < 6 and 7 > 6, a<b.",
        "In code: `{{ name }}` stands for the name.",
        "Let f(x) = {x | x > 0} and x[1] = 2; ** note ** - new - and -20 degrees.",
        "https://x.example/a%20b?c=%E2%82%AC&d=50%25",
        "Well-known, state-of-the-art, 24/7. #1 in town @meridian, $AAPL.",
        "Ms Null and Mr Test live in Dear Park.",
        "«Bonjour» said Ann. [Terms apply] [Reply STOP to end]",
    ];
    let messages: Vec<Value> = lawful.iter().map(|text| json!({"body": text})).collect();
    for (text, answer) in lawful.iter().zip(verdicts(&messages)) {
        let told = found(&answer, "core.placeholder");
        assert!(
            told.iter().all(|f| f["disposition"] == "info"),
            "{text}: {answer}"
        );
    }
}

fn with_input(args: &[&str], input: &[u8]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("in.txt");
    fs::write(&file, input).unwrap();
    echovoice(home.path(), &[args, &[file.to_str().unwrap()]].concat())
}

#[test]
fn redacting_changes_nothing_but_the_personal_data() {
    for text in [
        "a\tb ann@example.com  \r\n\r\nc \r\n",
        "\u{feff}ann@example.com\n",
        "no newline ann@example.com",
        "\n\n ann@example.com\n\n\n",
        "id,email\r\n1,\"ann@example.com\"\r\n",
        "\u{1b}[31m ann@example.com \u{200b}\u{7}",
        "nothing\n",
        "\n",
        "",
    ] {
        let output = with_input(&["pii", "redact"], text.as_bytes());
        assert_eq!(code(&output), 0);
        let wanted = text.replace("ann@example.com", "[REDACTED_EMAIL]");
        assert_eq!(output.stdout, wanted.as_bytes(), "{text:?}");
    }
    let latin = with_input(&["pii", "redact"], b"caf\xe9\tann@example.com\r\n");
    assert_eq!(latin.stdout, b"caf\xe9\t[REDACTED_EMAIL]\r\n");
    let wide: Vec<u8> = "\u{feff}é ann@example.com\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let wanted: Vec<u8> = "\u{feff}é [REDACTED_EMAIL]\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(with_input(&["pii", "redact"], &wide).stdout, wanted);
    assert_eq!(code(&with_input(&["pii", "redact"], &wide[2..])), 1);
}

#[test]
fn streams_go_on_after_a_bad_line() {
    let lines: &[&[u8]] = &[
        b"\xef\xbb\xbf{\"id\":1,\"text\":\"ann@example.com\",\"body\":\"Hello.\"}\r",
        b"{\"id\":2,\"text\":\"secret",
        b"",
        b"{\"id\":3,\"text\":7,\"body\":7}",
        b"{\"id\":4,\"text\":\"caf\xe9 secret\",\"body\":\"caf\xe9\"}",
        b"{\"id\":5}",
        b"[\"secret\"]",
        b"{\"id\":6,\"text\":\"ann@example.com\",\"body\":\"Hello.\",\"known\":\"secret\",\"channel\":\"secret\"}",
        b"{\"id\":7,\"text\":\"ann@example.com\",\"body\":\"Hello.\"}",
    ];
    let input = lines.join(&b'\n');
    for args in [
        &["pii", "scan", "--jsonl"][..],
        &["pii", "redact", "--jsonl"],
        &["check", "--jsonl"],
    ] {
        let output = with_input(args, &input);
        assert_eq!(code(&output), 1, "{args:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<Value> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(answers.len(), 8, "{args:?}: {text}");
        let wrong: Vec<&str> = answers
            .iter()
            .filter_map(|a| a["error"]["where"].as_str())
            .collect();
        let numbers: Vec<&str> = wrong
            .iter()
            .map(|w| w.rsplit_once(':').unwrap().1)
            .collect();
        assert_eq!(numbers, ["2", "4", "5", "6", "7", "8"], "{args:?}");
        assert_eq!(
            (&answers[0]["id"], &answers[7]["id"]),
            (&json!(1), &json!(7))
        );
        assert!(
            !text.contains("secret")
                && !String::from_utf8(output.stderr).unwrap().contains("secret")
        );
    }
}

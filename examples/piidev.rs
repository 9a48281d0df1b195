use echovoice::pii::*;
fn main() {
    let p = std::env::args().nth(1).unwrap();
    for l in std::fs::read_to_string(p).unwrap().lines() {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        let t = v["text"].as_str().unwrap();
        let prof = v.get("known").map(|k| {
            let mut k = k.clone();
            k["id"] = "x".into();
            echovoice::domain::profile::Profile::from_value(&k).unwrap()
        });
        let known = prof.as_ref().map(KnownValues::of_profile);
        let allow = AllowList::new(
            v.get("allow")
                .and_then(|a| a.as_array())
                .into_iter()
                .flatten()
                .filter_map(|a| a.as_str()),
        );
        let s = Scanner {
            known: known.as_ref(),
            allow: Some(&allow),
        };
        let spans:Vec<_>=s.scan(t).into_iter().map(|h|serde_json::json!({"start":t[..h.start].chars().count(),"end":t[..h.end].chars().count(),"type":h.kind.as_str(),"score":h.score})).collect();
        println!("{}", serde_json::json!({"id":v["id"],"spans":spans}));
    }
}

use echovoice::domain::{facts::Facts, finding::*, message::Message};
use echovoice::rules::*;
fn main() {
    let mut packs = vec![];
    let mut fs: Vec<_> = std::fs::read_dir("assets/policies")
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    fs.sort();
    for f in fs {
        match Pack::parse(&std::fs::read_to_string(&f).unwrap()) {
            Ok(p) => packs.push(p),
            Err(e) => {
                eprintln!("{f:?}: {e}");
            }
        }
    }
    for p in &packs {
        match selftest::run(p, &[]) {
            Ok(r) => {
                for f in r.failures {
                    println!(
                        "SELF {} {:?} expected {} got {}",
                        f.rule, f.text, f.expected, f.got
                    )
                }
            }
            Err(e) => println!("{e}"),
        }
    }
    let t = std::time::Instant::now();
    let book = Book::compile(&packs, []).unwrap();
    eprintln!("compile {:?} rules {}", t.elapsed(), book.rules.len());
    let (mut vb, mut vs, mut v, mut cb, mut c, mut cr) = (0, 0, 0, 0, 0, 0);
    for l in std::fs::read_to_string("../shared/data/policy-dev.jsonl")
        .unwrap()
        .lines()
    {
        let j: serde_json::Value = serde_json::from_str(l).unwrap();
        let text = j["text"].as_str().unwrap();
        let facts: Facts = serde_json::from_value(j["facts"].clone()).unwrap();
        let m = Message {
            body: text.into(),
            facts,
            ..Default::default()
        };
        let o = book.evaluate(&Prepared::new(&m));
        let ver = Verdict::from_findings(o.findings, vec![], vec![]);
        let d = ver.disposition;
        let viol = j["label"] == "violate";
        if viol {
            v += 1;
            match d {
                Disposition::Block => vb += 1,
                Disposition::Pass => {
                    vs += 1;
                }
                _ => {}
            };
            if d != Disposition::Block {
                println!("V {:?} {} {}", d, j["id"], text)
            }
        } else {
            c += 1;
            if d == Disposition::Review {
                cr += 1
            }
            if d == Disposition::Block {
                cb += 1;
                println!(
                    "C block {} {} by {:?}",
                    j["id"],
                    text,
                    ver.findings
                        .iter()
                        .filter(|f| f.disposition == d)
                        .map(|f| (&f.rule, &f.text, &f.missing))
                        .collect::<Vec<_>>()
                )
            }
        }
    }
    println!("violate {v}: blocked {vb} silent {vs}; comply {c}: blocked {cb} review {cr}");
}

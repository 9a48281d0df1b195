//! The table of an entry's fields in FORMAT.md is made from the structs that entries are written by, so that it cannot rot.
//! `ECHOVOICE_WALK=write cargo test --test it format_page::` writes it anew.

use echovoice::ledger::EntryKind;
use echovoice::ledger::payload::{FieldDoc, fields_of, fields_of_keys};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/evidence/FORMAT.md");
const BEGINS: &str = "| kind | field | is | says |\n| --- | --- | --- | --- |\n";

fn rows(table: &mut String, kinds: &str, fields: &[FieldDoc]) {
    let mut kinds = kinds;
    for field in fields {
        let says = field.says.trim();
        writeln!(
            table,
            "| {kinds} | `{}` | {} | {says} |",
            field.key, field.shape
        )
        .unwrap();
        kinds = "";
    }
    if fields.is_empty() {
        writeln!(table, "| {kinds} | | | |").unwrap();
    }
}

fn table() -> String {
    let mut table = BEGINS.to_owned();
    let mut told: BTreeSet<EntryKind> = BTreeSet::new();
    for kind in EntryKind::ALL {
        if told.contains(kind) {
            continue;
        }
        // Kinds that are written by one struct stand together.
        let fields = fields_of(*kind);
        let alike: Vec<EntryKind> = (EntryKind::ALL.iter().copied())
            .filter(|other| fields_of(*other) == fields)
            .collect();
        let named: Vec<String> = alike.iter().map(|k| format!("`{}`", k.as_str())).collect();
        rows(&mut table, &named.join(", "), fields);
        told.extend(alike);
    }
    rows(&mut table, "of any kind", fields_of_keys());
    table
}

#[test]
fn the_page_of_the_format_tells_the_fields_that_there_are() {
    let page = fs::read_to_string(PAGE).unwrap();
    let begins = page.find(BEGINS).unwrap();
    let ends = begins + page[begins..].find("\n\n").unwrap() + 1;
    if std::env::var_os("ECHOVOICE_WALK").is_some() {
        let written = [&page[..begins], &table(), &page[ends..]].concat();
        fs::write(PAGE, written).unwrap();
        return;
    }
    assert_eq!(page[begins..ends], table());
}

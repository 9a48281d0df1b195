//! `policy measure`: how the packs do on rows that they were not written from.

use super::global::Global;
use super::output::Out;
use crate::domain::finding::Disposition;
use crate::error::Result;
use crate::service::Workspace;
use crate::service::policy::{self, Measured, Measures, Pack, RowKind};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub fn run(
    global: &Global,
    workspace: &Workspace,
    packs: &[Pack],
    files: &[PathBuf],
    (list, rule): (bool, &str),
    out: &mut Out,
) -> Result<()> {
    let mut sums: BTreeMap<(RowKind, String), Measures> = BTreeMap::new();
    for file in files {
        for row in policy::measure(workspace, packs, file)? {
            if !row.rule.starts_with(rule) {
                continue;
            }
            sums.entry((row.kind, String::new())).or_default().add(&row);
            if !row.rule.is_empty() {
                let of_rule = sums.entry((row.kind, row.rule.clone()));
                of_rule.or_default().add(&row);
            }
            if global.json {
                out.json(&row);
            } else if list && !is_right(&row) {
                say(&row, out);
            }
        }
    }
    if global.json {
        return Ok(());
    }
    for ((kind, rule), sum) in &sums {
        let name = if rule.is_empty() { "ALL" } else { rule };
        let rows = sum.rows.max(1);
        let share = |count: usize| format!("{}.{}", count * 100 / rows, count * 1_000 / rows % 10);
        let told = match kind {
            RowKind::Violating => format!("  told of the rule {:>5} %", share(sum.told)),
            RowKind::ViolatingMessage => format!("  words named {}/{}", sum.named, sum.to_name),
            RowKind::CleanMessage => format!("  words named that may not be {}", sum.misnamed),
            RowKind::Lawful => String::new(),
        };
        out.line(&format!(
            "{:18} {name:28} {:4} rows  block {:>5} %  review {:>5} %  nothing {:>5} %  findings each {}.{:02}{told}",
            format!("{kind:?}"),
            sum.rows,
            share(sum.blocked),
            share(sum.review),
            share(sum.silent),
            sum.findings / rows,
            sum.findings * 100 / rows % 100,
        ));
    }
    Ok(())
}

fn is_right(row: &Measured) -> bool {
    match row.kind {
        RowKind::Violating => row.told,
        RowKind::Lawful | RowKind::CleanMessage => row.findings.is_empty(),
        RowKind::ViolatingMessage => row.verdict >= Disposition::Review && row.named == row.to_name,
    }
}

fn say(row: &Measured, out: &mut Out) {
    out.line(&format!(
        "{:?} {} [{}] {}: “{}”",
        row.kind,
        row.id,
        row.rule,
        row.verdict.as_str(),
        row.text
    ));
    for (rule, disposition, words) in &row.findings {
        out.line(&format!("    {} {rule} “{words}”", disposition.as_str()));
    }
}

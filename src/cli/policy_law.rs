//! `policy list|show|calendar|stale`: what the packs hold, since when, and who looked.

use super::global::Global;
use super::output::Out;
use super::policy_args::TableOf;
use crate::error::Result;
use crate::service::Workspace;
use crate::service::home::{in_force, reader};
use crate::service::policy::{self, Card, Coming, Outlook, Pack, Rule, Stale};
use serde_json::{Value, json};

pub(super) fn list(global: &Global, workspace: &Workspace, out: &mut Out) -> Result<()> {
    let today = workspace.today();
    let listing = policy::list(workspace)?;
    for (pack, standing) in &listing.packs {
        let outlook = Outlook::of(pack, today);
        if global.json {
            out.json(&json!({
                "id": pack.head.id, "version": pack.head.version, "title": pack.head.title, "regime": pack.head.regime,
                "rules": pack.rules.len(), "digest": pack.digest, "standing": standing.as_str(),
                "next_change": outlook.next_change, "not_yet": outlook.not_yet, "no_longer": outlook.no_longer,
            }));
        } else {
            out.line(&format!(
                "{:14} {:10} {:8} {:3} rules  {}{}",
                pack.head.id,
                pack.head.version,
                standing.as_str(),
                pack.rules.len(),
                pack.head.title,
                in_words(outlook)
            ));
        }
    }
    if !global.json {
        out.line(&format!("in force together {}", workspace.book.digest()));
        let missing = policy::not_here(&listing)?;
        if !missing.is_empty() {
            out.line(&format!(
                "{} packs ship with this program and are not in this home; `echovoice policy drafts` writes them beside the drafts",
                missing.len()
            ));
        }
    }
    let waiting = match reader::record_of(&workspace.home)? {
        Some(log) => in_force::waiting(log.as_ref())?,
        None => Vec::new(),
    };
    for proposal in &waiting {
        if global.json {
            out.json(&json!({"waits": proposal}));
        } else {
            out.line(&format!(
                "waits for a second person: {} proposes to {}; `{}`",
                proposal.by,
                proposal.says(),
                global.command(&format!("policy confirm {}", proposal.seq))
            ));
        }
    }
    for broken in &listing.broken {
        if global.json {
            out.json(&json!({"broken": broken.to_string()}));
        } else {
            out.line(&format!("broken: {broken}"));
        }
    }
    Ok(())
}

/// " (changes 2027-01-18; 3 rules not yet in force, 1 no longer)"
fn in_words(outlook: Outlook) -> String {
    let mut says = Vec::new();
    if let Some(day) = outlook.next_change {
        says.push(format!("changes {day}"));
    }
    match (outlook.not_yet, outlook.no_longer) {
        (0, 0) => {}
        (0, gone) => says.push(format!("{} no longer in force", rules(gone))),
        (coming, 0) => says.push(format!("{} not yet in force", rules(coming))),
        (coming, gone) => says.push(format!(
            "{} not yet in force, {gone} no longer",
            rules(coming)
        )),
    }
    if says.is_empty() {
        String::new()
    } else {
        format!(" ({})", says.join("; "))
    }
}

fn rules(count: usize) -> String {
    if count == 1 {
        "1 rule".to_owned()
    } else {
        format!("{count} rules")
    }
}

pub(super) fn show(
    global: &Global,
    workspace: &Workspace,
    name: &str,
    out: &mut Out,
) -> Result<()> {
    let by_rule = workspace.packs.iter().find_map(|pack| {
        let rule = pack.rules.iter().find(|rule| rule.id == name)?;
        Some((pack, rule))
    });
    if let Some((pack, rule)) = by_rule {
        show_rule(global, workspace, (pack, rule), out);
        return Ok(());
    }
    let pack = policy::find(workspace, name)?;
    if !global.json {
        show_head(&pack, out);
    }
    for rule in &pack.rules {
        show_rule(global, workspace, (&pack, rule), out);
    }
    Ok(())
}

/// What a pack is about, and what it asks of the firm's records.
fn show_head(pack: &Pack, out: &mut Out) {
    let head = &pack.head;
    out.line(&format!("{} {}  {}", head.id, head.version, head.title));
    if !head.regime.is_empty() {
        out.line(&format!("  regime     {}", head.regime));
    }
    if let Some(days) = pack.review.retention_days {
        let why = pack.review.retention_why.as_deref();
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        out.line(&format!("  keeps      {days} days{why}"));
    }
    out.line("");
}

fn show_rule(global: &Global, workspace: &Workspace, (pack, rule): (&Pack, &Rule), out: &mut Out) {
    let card = Card::of(pack, rule, workspace.today());
    if global.json {
        out.json(&rule_json(pack, rule, &card));
        return;
    }
    out.line(&format!("{} v{}  {}", rule.id, rule.version, rule.title));
    let mut pair = |name: &str, value: &str| {
        if !value.is_empty() {
            out.line(&format!("  {name:10} {value}"));
        }
    };
    pair("citation", &rule.citation);
    for law in policy::laws_of_trades(workspace, rule) {
        pair("trade", &law);
    }
    pair("stands", &card.status);
    pair("days", &card.days);
    pair("source", &card.source);
    pair("checked", &card.checked);
    pair("applies", &card.scope);
    pair("why", &rule.rationale);
    pair("fix", &rule.fix);
    let hard = if rule.hard {
        ", nobody may override a block"
    } else {
        ""
    };
    let severity = rule.severity.as_str();
    pair(
        "looks at",
        &format!("{}; severity {severity}{hard}", card.looks),
    );
    for case in &card.violate {
        pair("violates", case);
    }
    for case in &card.comply {
        pair("complies", case);
    }
    out.line("");
}

fn rule_json(pack: &Pack, rule: &Rule, card: &Card) -> Value {
    json!({
        "id": rule.id, "pack": pack.head.id, "version": rule.version, "title": rule.title, "check": rule.check,
        "severity": rule.severity, "jurisdiction": rule.jurisdiction, "channel": rule.channel, "scope": card.scope,
        "legal_status": rule.legal_status, "stands": card.status, "effective_from": rule.effective_from,
        "effective_to": rule.effective_to, "days": card.days, "citation": rule.citation, "source": rule.source,
        "checked_on": rule.checked_on, "checked": card.checked, "rationale": rule.rationale, "fix": rule.fix,
        "hard": rule.hard, "looks": card.looks, "ways": card.ways, "violate": card.violate, "comply": card.comply,
    })
}

pub(super) fn calendar(global: &Global, workspace: &Workspace, out: &mut Out) {
    let today = workspace.today();
    let coming = policy::calendar(workspace);
    if coming.is_empty() && !global.json {
        out.line("no pack in force has a day to come");
    }
    for one in &coming {
        if global.json {
            out.json(one);
            continue;
        }
        let ahead = match (one.day - today).num_days() {
            0 => "today".to_owned(),
            1 => "in 1 day".to_owned(),
            days => format!("in {days} days"),
        };
        out.line(&format!(
            "{}  {ahead:12} {:6} {:8} {}  {}{}",
            one.day,
            one.turn.as_str(),
            place(one),
            one.id,
            one.title,
            one.legal_status
                .told()
                .map_or_else(String::new, |status| format!(" ({status})")),
        ));
    }
}

fn place(coming: &Coming) -> String {
    if coming.place.is_empty() {
        "everywhere".to_owned()
    } else {
        coming.place.join(",")
    }
}

pub(super) fn stale(global: &Global, workspace: &Workspace, days: u32, out: &mut Out) {
    let all = policy::stale(workspace, days);
    if global.json {
        for one in &all {
            out.json(one);
        }
        return;
    }
    for of_pack in all.chunk_by(|a, b| a.pack == b.pack) {
        out.line(&format!("{}: {}", of_pack[0].pack, rules(of_pack.len())));
        for one in of_pack {
            out.line(&format!(
                "  {:10} {}  {}{}",
                one.legal_status.as_str(),
                one.rule,
                age(one),
                one.source
                    .as_deref()
                    .map_or_else(String::new, |source| format!("  {source}")),
            ));
        }
    }
    let of_packs = all.chunk_by(|a, b| a.pack == b.pack).count();
    out.line(&format!(
        "not checked in the last {days} days: {} of {of_packs} packs",
        rules(all.len())
    ));
}

pub(super) fn table(global: &Global, workspace: &Workspace, of: TableOf, out: &mut Out) {
    let rows = match of {
        TableOf::Regimes => policy::tables::of_regimes(&workspace.packs),
        TableOf::Texts => policy::tables::of_texts(),
    };
    if global.json {
        out.json(&json!({"rows": rows}));
        return;
    }
    for row in &rows {
        out.line(row);
    }
}

fn age(one: &Stale) -> String {
    match (one.checked_on, one.age) {
        (Some(day), Some(age)) => format!("checked {day}, {age} days ago"),
        _ => "no check on record".to_owned(),
    }
}

//! The binder's page: whose record it is, of which time, who decided what, and how it stands. HTML without scripts that
//! is read on a phone, on a wide screen and on paper.

use super::binder::{BinderCounts, ListedDecision};
use super::chart::{self, Chart, Counted};
use crate::domain::decision::DecisionKind;
use crate::domain::person::Person;
use crate::error::Result;
use crate::ledger::evidence::Span;
use crate::service::audit::told::Titles;
use crate::service::home::workspace::Workspace;
use crate::service::review::queue;
use crate::service::users::people;
use crate::text::hidden::visible_line;
use chrono::{DateTime, TimeDelta, Utc};
use htmlize::escape_text;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everything that the page looks like; nothing of it is wider than the window, and paper is A4.
const STYLE: &str = include_str!("../../../../assets/evidence/binder.css");

/// Whose record it is, and who made this binder of it.
pub(super) struct Cover {
    firm: String,
    /// RFC 3339.
    made: String,
    by: String,
    entries: u64,
    people: Vec<Person>,
    titles: Titles,
}

impl Cover {
    /// Of a home at a time.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn of(workspace: &Workspace, made: &str) -> Result<Self> {
        let log = workspace.log()?;
        let person = &workspace.person;
        Ok(Self {
            firm: workspace.templates.brand.name.clone(),
            made: made.to_owned(),
            by: format!("{} ({})", person.name, person.role),
            entries: log.head()?.size,
            people: people::list(log.as_ref())?,
            titles: queue::titles(workspace),
        })
    }
}

/// Text from anywhere, as text.
fn text(words: &str) -> String {
    escape_text(visible_line(words)).into_owned()
}

/// A time as people read it.
fn minute(time: &str) -> String {
    let day = time.get(..16).unwrap_or(time).replace('T', " ");
    format!("{day} UTC")
}

/// The first and the last day of the runs.
fn period(span: &Span) -> String {
    let day = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
    let from = span.since.map_or("the beginning".to_owned(), day);
    // The end is the first moment that is not in it.
    let last = |time: DateTime<Utc>| day(time - TimeDelta::nanoseconds(1));
    let to = span.until.map_or("today".to_owned(), last);
    format!("{from} to {to}")
}

/// The page.
pub(super) fn write(counts: &BinderCounts, span: &Span, cover: &Cover, checkpoint: &str) -> String {
    let firm = text(&cover.firm);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Record of reviews: {firm}</title>\n<style>{STYLE}</style></head><body>\n\
         <header><h1>Record of reviews</h1>\n<p class=\"firm\">{firm}</p>\n"
    );
    facts(&mut html, span, cover);
    html.push_str("</header>\n<main>\n");
    summary(&mut html, counts);
    let charts = counts.charts(&cover.titles);
    let scales = scales(&charts);
    for one in &charts {
        let most = scales.get(&one.counts).copied().unwrap_or(1);
        html.push_str(&chart::section(one, most));
    }
    reviewers(&mut html, counts, cover);
    decisions(&mut html, counts);
    // Writing to a String cannot fail.
    let _ = writeln!(
        html,
        "<section><h2>Signed checkpoint</h2>\n<p>The record as a whole, signed by its key and by whoever witnessed it.</p>\n<pre>{}</pre></section>",
        escape_text(checkpoint)
    );
    html.push_str("</main>\n</body></html>\n");
    html
}

fn facts(html: &mut String, span: &Span, cover: &Cover) {
    html.push_str("<dl>\n");
    for (name, value) in [
        ("Firm", cover.firm.clone()),
        ("Runs started", period(span)),
        ("Made", format!("{} by {}", minute(&cover.made), cover.by)),
        ("Entries on record", cover.entries.to_string()),
    ] {
        let _ = writeln!(html, "<div><dt>{name}</dt><dd>{}</dd></div>", text(&value));
    }
    html.push_str("</dl>\n");
    if cover.people.iter().any(|person| person.demo) {
        html.push_str("<p class=\"demo\">Demo: people of the demo have a part in this record. It is no firm's evidence.</p>\n");
    }
}

fn summary(html: &mut String, counts: &BinderCounts) {
    let blocked = counts.verdicts[2];
    let checked: u64 = counts.verdicts.iter().sum();
    let percent = |part: u64, of: u64| (part * 100).checked_div(of).unwrap_or(0);
    let overrides: u64 = counts.overrides.values().sum();
    let decided: u64 = counts.decisions.values().sum();
    let _ = writeln!(
        html,
        "<section><h2>In short</h2>\n<p>Runs: {}. Variants checked: {checked}, blocked: {blocked} ({} %). Decisions: {decided}, overrides among them: {overrides} ({} %).</p>",
        counts.runs,
        percent(blocked, checked),
        percent(overrides, decided),
    );
    if counts.tests > 0 {
        let _ = writeln!(
            html,
            "<p>Beside them {} planted tests of reviewers, which no figure here counts; nothing of them was sent.</p>",
            counts.tests
        );
    }
    html.push_str("<p>This page is for reading and proves nothing by itself. The evidence is in the folder above it: <code>python3 verify.py .</code> checks every byte; <code>FORMAT.md</code> says how. Customers appear under random names; what they were sent is sealed in the ledger.</p></section>\n");
}

/// The longest bar of each kind of chart: a length means the same in all of them.
fn scales(charts: &[Chart]) -> BTreeMap<Counted, u64> {
    let mut scales = BTreeMap::from([(Counted::Percent, 100)]);
    for chart in charts {
        for (_, count) in &chart.rows {
            let most = scales.entry(chart.counts).or_insert(1);
            *most = (*most).max(*count);
        }
    }
    scales
}

/// Who may decide, and what each of them did; also who did and has no role any more.
fn reviewers(html: &mut String, counts: &BinderCounts, cover: &Cover) {
    html.push_str("<section><h2>People</h2>\n");
    let mut rows: BTreeMap<(String, String), ([u64; 4], &'static str)> = BTreeMap::new();
    for person in &cover.people {
        let standing = match (person.active, person.demo) {
            (false, _) => "left",
            (true, true) => "demo person",
            (true, false) => "on the roster",
        };
        let who = (person.name.clone(), person.role.to_string());
        rows.insert(who, ([0; 4], standing));
    }
    for (who, did) in &counts.people {
        let row = rows.entry(who.clone());
        row.or_insert(([0; 4], "in another role, or left")).0 = *did;
    }
    let did = DecisionKind::ALL.map(|kind| match kind {
        DecisionKind::Approve => "Approved",
        DecisionKind::Reject => "Rejected",
        DecisionKind::Override => "Overrode",
        DecisionKind::RequestChanges => "Asked for changes",
    });
    let heads: Vec<&str> = ["Person", "Role", "Standing"]
        .into_iter()
        .chain(did)
        .collect();
    table(
        html,
        "Who may decide, and what each decided in this time.",
        &heads,
    );
    for ((name, role), (did, standing)) in rows {
        let mut cells = vec![name, role, standing.to_owned()];
        cells.extend(did.map(|count| count.to_string()));
        row(html, &heads, &cells);
    }
    html.push_str("</tbody></table></section>\n");
}

fn decisions(html: &mut String, counts: &BinderCounts) {
    html.push_str("<section><h2>Decisions, newest runs first</h2>\n");
    let heads = [
        "When",
        "Person",
        "Decision",
        "Reason",
        "Signature",
        "Run",
        "Entry",
    ];
    table(html, "Each with the reason that was signed.", &heads);
    for one in &counts.listed {
        row(html, &heads, &cells(one));
    }
    html.push_str("</tbody></table>\n");
    if counts.left_out > 0 {
        let _ = writeln!(
            html,
            "<p>{} more are in decisions.csv.</p>",
            counts.left_out
        );
    }
    html.push_str("</section>\n");
}

fn cells(one: &ListedDecision) -> [String; 7] {
    let did = match DecisionKind::named(&one.kind) {
        Some(DecisionKind::Approve) => "approved",
        Some(DecisionKind::Reject) => "rejected",
        Some(DecisionKind::Override) => "overrode the blocks of",
        Some(DecisionKind::RequestChanges) => "asked for changes of",
        None => one.kind.as_str(),
    };
    let signed = if one.signed {
        format!("signed by {}", one.person)
    } else {
        "none".to_owned()
    };
    [
        minute(&one.time),
        format!("{} ({})", one.person, one.role),
        format!("{did} {}", one.variant),
        one.reason.clone(),
        signed,
        one.run.clone(),
        one.seq.to_string(),
    ]
}

/// The head of a table whose rows become cards where there is no room for columns.
fn table(html: &mut String, caption: &str, heads: &[&str]) {
    let _ = write!(
        html,
        "<table class=\"cards\"><caption>{caption}</caption>\n<thead><tr>"
    );
    for head in heads {
        let _ = write!(html, "<th scope=\"col\">{head}</th>");
    }
    html.push_str("</tr></thead><tbody>\n");
}

fn row(html: &mut String, heads: &[&str], cells: &[String]) {
    html.push_str("<tr>");
    for (head, cell) in heads.iter().zip(cells) {
        let _ = write!(html, "<td data-head=\"{head}\">{}</td>", text(cell));
    }
    html.push_str("</tr>\n");
}

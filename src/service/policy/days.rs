//! What changes when: the days on which rules and prescribed texts begin and end, and what nobody has checked of late.

use crate::domain::law::{LegalStatus, OutOfForce, Term};
use crate::domain::prescribed::LIBRARY;
use crate::rules::Pack;
use crate::service::home::workspace::Workspace;
use chrono::NaiveDate;
use serde::Serialize;

/// How a pack's rules stand on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// The next day on which something is otherwise than the day before.
    pub next_change: Option<NaiveDate>,
    /// Rules whose first day is to come, and rules whose last day is over.
    pub not_yet: usize,
    pub no_longer: usize,
}

impl Outlook {
    pub fn of(pack: &Pack, today: NaiveDate) -> Self {
        let mut outlook = Self::default();
        for rule in &pack.rules {
            let term = rule.term();
            match term.out(today, today) {
                Some(OutOfForce::From(_)) => outlook.not_yet += 1,
                Some(OutOfForce::Until(_)) => outlook.no_longer += 1,
                None => {}
            }
            let changes = [term.from, term.to.and_then(|to| to.succ_opt())];
            let next = changes.into_iter().flatten().filter(|day| *day > today);
            outlook.next_change = next.chain(outlook.next_change).min();
        }
        outlook
    }
}

/// What happens on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    Begins,
    /// Its last day.
    Ends,
}

impl Turn {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::Ends => "ends",
        }
    }
}

/// A coming day of a rule, or of a prescribed text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Coming {
    pub day: NaiveDate,
    pub turn: Turn,
    /// Places, as rules name them; none is everywhere.
    pub place: Vec<String>,
    /// Id of the rule or text.
    pub id: String,
    /// Id of the rule's pack; none for a prescribed text.
    pub pack: Option<String>,
    pub title: String,
    pub legal_status: LegalStatus,
}

/// The coming days of the packs in force and of the prescribed texts, the next first. Today's are among them.
pub fn calendar(workspace: &Workspace) -> Vec<Coming> {
    let of_rules = workspace.packs.iter().flat_map(|pack| {
        pack.rules.iter().flat_map(|rule| {
            turns(rule.term()).map(|(day, turn)| Coming {
                day,
                turn,
                place: rule.jurisdiction.iter().map(ToString::to_string).collect(),
                id: rule.id.clone(),
                pack: Some(pack.head.id.clone()),
                title: rule.title.clone(),
                legal_status: rule.legal_status,
            })
        })
    });
    let of_texts = LIBRARY.all().iter().flat_map(|text| {
        turns(text.term()).map(|(day, turn)| Coming {
            day,
            turn,
            place: text.place.iter().map(ToString::to_string).collect(),
            id: text.id.clone(),
            pack: None,
            title: text.title.clone(),
            legal_status: text.status,
        })
    });
    let mut all: Vec<Coming> = of_rules.chain(of_texts).collect();
    let today = workspace.today();
    all.retain(|coming| coming.day >= today && coming.legal_status != LegalStatus::Stayed);
    all.sort();
    all
}

/// The days of a term on which something happens.
fn turns(term: Term) -> impl Iterator<Item = (NaiveDate, Turn)> {
    let begins = term.from.map(|day| (day, Turn::Begins));
    let ends = term.to.map(|day| (day, Turn::Ends));
    begins.into_iter().chain(ends)
}

/// A rule, or a law of a trade, that nobody has read of late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stale {
    pub pack: String,
    pub rule: String,
    pub legal_status: LegalStatus,
    /// None: it is not on record that anybody did.
    pub checked_on: Option<NaiveDate>,
    /// Days since.
    pub age: Option<i64>,
    pub source: Option<String>,
}

/// Rules and laws of trades of the packs in force that were last checked more than so many days ago, or never: by pack, in each the
/// unverified ones first and the oldest next. A firm's own rules have no law to check.
pub fn stale(workspace: &Workspace, days: u32) -> Vec<Stale> {
    let today = workspace.today();
    let mut all: Vec<Stale> = Vec::new();
    for pack in workspace.packs.iter() {
        let law = |rule: &&crate::rules::pack::Rule| rule.legal_status != LegalStatus::Policy;
        let of_rules = pack.rules.iter().filter(law).map(|rule| Stale {
            pack: pack.head.id.clone(),
            rule: rule.id.clone(),
            legal_status: rule.legal_status,
            checked_on: rule.checked_on.as_deref().and_then(|day| day.parse().ok()),
            age: None,
            source: rule.source.clone(),
        });
        let of_trades = pack.trade_laws.iter().map(|law| Stale {
            pack: pack.head.id.clone(),
            rule: law.named(),
            legal_status: law.status,
            checked_on: law.checked_on.as_ref().map(|day| day.0),
            age: None,
            source: Some(law.source.clone()),
        });
        let aged = of_rules.chain(of_trades).map(|one| Stale {
            age: one.checked_on.map(|day| (today - day).num_days()),
            ..one
        });
        all.extend(aged.filter(|one| one.age.is_none_or(|age| age > i64::from(days))));
    }
    all.sort_by(|a, b| {
        let key = |s: &Stale| (s.legal_status != LegalStatus::Unverified, s.checked_on);
        let order = a.pack.cmp(&b.pack).then_with(|| key(a).cmp(&key(b)));
        order.then_with(|| a.rule.cmp(&b.rule))
    });
    all
}

/// What the packs of one regime rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regime {
    pub regime: String,
    pub packs: Vec<String>,
    pub rules: usize,
    /// Rules of the firm's own.
    pub policy: usize,
    pub unverified: usize,
    /// Rules whose law somebody has read, and the days of the first and the last time.
    pub confirmed: usize,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

/// Regimes by name, with how many of their rules were confirmed and when. Claim files have none.
pub fn regimes(packs: &[Pack]) -> Vec<Regime> {
    let mut all: Vec<Regime> = Vec::new();
    for pack in packs.iter().filter(|pack| !pack.rules.is_empty()) {
        let at = all.iter().position(|r| r.regime == pack.head.regime);
        let at = at.unwrap_or_else(|| {
            all.push(Regime {
                regime: pack.head.regime.clone(),
                packs: Vec::new(),
                rules: 0,
                policy: 0,
                unverified: 0,
                confirmed: 0,
                first: None,
                last: None,
            });
            all.len() - 1
        });
        let regime = &mut all[at];
        regime.packs.push(pack.head.id.clone());
        regime.rules += pack.rules.len();
        for rule in &pack.rules {
            match rule.legal_status {
                LegalStatus::Unverified => regime.unverified += 1,
                LegalStatus::Policy => regime.policy += 1,
                _ => {
                    let day = rule.checked_on.as_deref().and_then(|day| day.parse().ok());
                    regime.confirmed += usize::from(day.is_some());
                    regime.first = regime.first.into_iter().chain(day).min();
                    regime.last = regime.last.into_iter().chain(day).max();
                }
            }
        }
    }
    all.sort_by(|a, b| a.packs.cmp(&b.packs));
    all
}

//! The laws of trades that stand for what a rule cites.

use crate::domain::jurisdiction::Jurisdiction;
use crate::rules::pack::Rule;
use crate::service::home::workspace::Workspace;

/// What findings of a rule cite for products of some trades, by the packs in force: `air travel (US): 49 U.S.C. 41712`.
pub fn laws_of_trades(workspace: &Workspace, rule: &Rule) -> Vec<String> {
    let meets = |place: &Jurisdiction| {
        let mut own = rule.jurisdiction.iter();
        own.any(|scope| place.is_within(scope) || scope.is_within(place))
    };
    let laws = workspace.packs.iter().flat_map(|pack| &pack.trade_laws);
    laws.filter(|law| law.is_for(&rule.id) && law.place.iter().any(meets))
        .map(|law| {
            let trade = law.product.join(", ").replace('_', " ");
            let places: Vec<&str> = law.place.iter().map(Jurisdiction::as_str).collect();
            let cite = law.before(&rule.citation);
            format!("{trade} ({}): {cite}", places.join(", "))
        })
        .collect()
}

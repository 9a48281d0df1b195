//! What single values of a style say: sizes, and shapes that leave nothing to be seen.

use super::css::length;

/// From this distance on, in pixels, a text stands outside of the page.
pub(super) const OUTSIDE: f64 = -400.0;

pub(super) fn font_size(value: &str, base: f64) -> Option<f64> {
    if let Some(percent) = value.strip_suffix('%') {
        return percent.parse::<f64>().ok().map(|p| p / 100.0 * base);
    }
    match value {
        "inherit" => Some(base),
        "xx-small" | "x-small" | "small" | "medium" | "large" | "x-large" | "xx-large"
        | "initial" => Some(16.0),
        _ => length(value, base),
    }
}

pub(super) fn vanishing_transform(value: &str) -> bool {
    let zero = [
        "scale(0)",
        "scale(0,0)",
        "scalex(0)",
        "scaley(0)",
        "scale3d(0",
    ];
    zero.iter().any(|one| value.contains(one))
        || value.split_once("translate").is_some_and(|(_, rest)| {
            let inner = rest.split_once('(').map_or("", |(_, inner)| inner);
            inner
                .trim_end_matches(')')
                .split(',')
                .any(|part| length(part, 16.0).is_some_and(|px| px <= OUTSIDE))
        })
}

/// `rect(0,0,0,0)` and `rect(1px,1px,1px,1px)`: nothing is left.
pub(super) fn is_empty_rectangle(value: &str) -> bool {
    let Some(inner) = value.strip_prefix("rect(") else {
        return false;
    };
    let sides: Vec<Option<f64>> = inner
        .trim_end_matches(')')
        .split([',', ' '])
        .filter(|s| !s.is_empty())
        .map(|side| length(side, 16.0))
        .collect();
    match sides[..] {
        [Some(top), Some(right), Some(bottom), Some(left)] => {
            bottom <= top + 1.0 && right <= left + 1.0
        }
        _ => false,
    }
}

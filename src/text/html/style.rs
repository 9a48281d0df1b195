//! How an element looks to a reader, as far as it matters: is its text seen, does it part words, is it raised or struck.

use super::colour::{BLACK, Colour, LINK, WHITE, ground};
use super::css::{Combinator, Declaration, Selector, Simple, StyleSheet, inline, length};
use super::elements::{UNSHOWN, parts_words};
use super::parse::Tag;
use super::values::{OUTSIDE, font_size, is_empty_rectangle, vanishing_transform};
use std::collections::HashMap;

/// From this size down, in pixels, a text is there for machines alone.
const SMALLEST: f64 = 2.0;

/// Who is shown a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    ByAll,
    /// `mso-hide:all`: by everybody but readers of classic Outlook. It is judged as what some readers are shown, and
    /// counts for nothing that a message must say; but it is what people click on.
    NotInOutlook,
    BySome,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ComputedStyle {
    /// The whole element with all that stands in it is not shown.
    pub gone: bool,
    invisible: bool,
    font: f64,
    /// None where it is not understood.
    colour: Option<Colour>,
    ground: Option<Colour>,
    pub block: bool,
    pub keeps_lines: bool,
    pub raised: bool,
    pub lowered: bool,
    pub struck: bool,
    /// Runs from right to left whatever its letters are.
    pub reversed: bool,
    from_right: bool,
    /// Classic Outlook leaves it out.
    no_outlook: bool,
}

impl ComputedStyle {
    pub fn of_page() -> Self {
        Self {
            gone: false,
            invisible: false,
            font: 16.0,
            colour: Some(BLACK),
            ground: Some(WHITE),
            block: true,
            keeps_lines: false,
            raised: false,
            lowered: false,
            struck: false,
            reversed: false,
            from_right: false,
            no_outlook: false,
        }
    }

    /// Whether everybody sees a text that stands here.
    pub fn shows(&self) -> bool {
        self.seen() == Audience::ByAll
    }

    /// Who sees a text that stands here.
    pub fn seen(&self) -> Audience {
        let vanishes = match (self.colour, self.ground) {
            (Some(colour), Some(ground)) => colour.vanishes_on(ground),
            (Some(colour), None) => colour.clear,
            _ => false,
        };
        if self.gone || self.invisible || self.font <= SMALLEST || vanishes {
            Audience::BySome
        } else if self.no_outlook {
            Audience::NotInOutlook
        } else {
            Audience::ByAll
        }
    }
}

/// An element on the way down the tree.
pub(super) struct StyledElement<'t> {
    pub name: &'t str,
    pub tag: Option<&'t Tag>,
}

impl StyledElement<'_> {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        Some(self.tag?.attribute(name)?.value.as_str())
    }

    fn fits(&self, simple: &Simple) -> bool {
        match simple {
            Simple::Any => true,
            Simple::Type(name) => self.name == name,
            Simple::Id(id) => self.attribute("id") == Some(id),
            Simple::Class(class) => self.attribute("class").is_some_and(|all| {
                all.split_ascii_whitespace()
                    .any(|one| one.eq_ignore_ascii_case(class))
            }),
            Simple::Attribute(name, value) => match (self.attribute(name), value) {
                (Some(found), Some(value)) => found.eq_ignore_ascii_case(value),
                (found, _) => found.is_some(),
            },
        }
    }
}

/// What all selectors of a page may cost together, in steps; past it the sheets are left aside.
const STEPS: usize = 4_000_000;

/// The rules of a page, found by the last word of their selectors.
pub(super) struct StyleIndex<'p> {
    sheet: &'p StyleSheet,
    index: HashMap<&'p str, Vec<(usize, usize)>>,
    anywhere: Vec<(usize, usize)>,
    steps: usize,
}

/// What an element's style comes from: what holds for sure, and what may hold.
#[derive(Default)]
struct Matched<'p> {
    sure: Vec<(Rank, &'p Declaration)>,
    unsure: Vec<(Rank, &'p Declaration)>,
}

/// Important, from the attribute, specificity, order.
type Rank = (bool, bool, (u32, u32, u32), usize);

impl<'p> StyleIndex<'p> {
    pub fn new(sheet: &'p StyleSheet) -> Self {
        let mut index: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        let mut anywhere = Vec::new();
        for (rule, found) in sheet.rules.iter().enumerate() {
            for (at, selector) in found.selectors.iter().enumerate() {
                if selector.writes {
                    continue;
                }
                let key = selector.compounds.first().and_then(|(simples, _)| {
                    simples.iter().find_map(|simple| match simple {
                        Simple::Id(name) | Simple::Class(name) | Simple::Type(name) => {
                            Some(name.as_str())
                        }
                        _ => None,
                    })
                });
                match key {
                    Some(key) => index.entry(key).or_default().push((rule, at)),
                    None => anywhere.push((rule, at)),
                }
            }
        }
        Self {
            sheet,
            index,
            anywhere,
            steps: 0,
        }
    }

    /// Whether the sheets were too much to be worked out.
    pub fn is_over(&self) -> bool {
        self.steps > STEPS
    }

    /// The style of the last element of `path`, whose parent has the style `parent`.
    pub fn of(&mut self, path: &[StyledElement<'_>], parent: &ComputedStyle) -> ComputedStyle {
        let Some(element) = path.last() else {
            return *parent;
        };
        let written = element.attribute("style").map(inline).unwrap_or_default();
        let mut matched = self.matched(path, element);
        for (at, declaration) in written.iter().enumerate() {
            let rank = (declaration.important, true, (0, 0, 0), at);
            matched.sure.push((rank, declaration));
        }
        let style = computed(element, parent, &mut matched.sure);
        if matched.unsure.is_empty() || !style.shows() {
            return style;
        }
        matched.sure.append(&mut matched.unsure);
        let perhaps = computed(element, parent, &mut matched.sure);
        if perhaps.shows() { style } else { perhaps }
    }

    fn matched(&mut self, path: &[StyledElement<'_>], element: &StyledElement<'_>) -> Matched<'p> {
        let mut matched = Matched::default();
        if self.sheet.rules.is_empty() || self.is_over() {
            return matched;
        }
        let classes = element.attribute("class").unwrap_or("");
        let keys = [element.name]
            .into_iter()
            .chain(element.attribute("id"))
            .chain(classes.split_ascii_whitespace());
        let found = keys.filter_map(|key| self.index.get(key)).flatten();
        let candidates: Vec<_> = found.chain(&self.anywhere).copied().collect();
        let sheet = self.sheet;
        for (rule, at) in candidates {
            let rule_of = &sheet.rules[rule];
            let selector = &rule_of.selectors[at];
            if !self.fits(selector, path) {
                continue;
            }
            let beside = selector
                .compounds
                .iter()
                .any(|(_, c)| *c == Combinator::Beside);
            let list = if selector.unsure || beside {
                &mut matched.unsure
            } else {
                &mut matched.sure
            };
            list.extend(rule_of.declarations.iter().map(|declaration| {
                (
                    (declaration.important, false, selector.specificity, rule),
                    declaration,
                )
            }));
        }
        matched
    }

    fn fits(&mut self, selector: &Selector, path: &[StyledElement<'_>]) -> bool {
        let mut at = path.len();
        let mut near = true;
        for (number, (simples, combinator)) in selector.compounds.iter().enumerate() {
            if number > 0 {
                near = match combinator {
                    Combinator::Child => true,
                    Combinator::Inside => false,
                    // What stands beside was not kept: it is taken to fit.
                    Combinator::Beside => continue,
                };
            }
            loop {
                self.steps += 1;
                let Some(element) = at.checked_sub(1).and_then(|i| path.get(i)) else {
                    return false;
                };
                at -= 1;
                if simples.iter().all(|simple| element.fits(simple)) {
                    break;
                }
                if near {
                    return false;
                }
            }
        }
        true
    }
}

fn computed(
    element: &StyledElement<'_>,
    parent: &ComputedStyle,
    declarations: &mut [(Rank, &Declaration)],
) -> ComputedStyle {
    declarations.sort_by_key(|(rank, _)| *rank);
    let mut style = ComputedStyle {
        block: parts_words(element.name),
        ..*parent
    };
    let mut frame = Frame::default();
    defaults(element, &mut style, &mut frame);
    for (_, declaration) in declarations {
        apply(&mut style, &mut frame, parent, element, declaration);
    }
    if frame.overrides {
        style.reversed = style.from_right;
    }
    style.gone = parent.gone || frame.hides() || UNSHOWN.contains(&element.name);
    style
}

/// What HTML itself and its old attributes say.
fn defaults(element: &StyledElement<'_>, style: &mut ComputedStyle, frame: &mut Frame) {
    match element.name {
        "a" if element.attribute("href").is_some() => style.colour = Some(LINK),
        "sup" => style.raised = true,
        "sub" => style.lowered = true,
        "del" | "s" | "strike" => style.struck = true,
        "pre" | "textarea" | "listing" | "xmp" | "plaintext" => style.keeps_lines = true,
        "table" => (style.raised, style.lowered) = (false, false),
        "bdo" => frame.overrides = true,
        "dialog" => frame.none = element.attribute("open").is_none(),
        "input" => {
            frame.none = element
                .attribute("type")
                .is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"));
        }
        _ => {}
    }
    if let Some(direction) = element.attribute("dir") {
        style.from_right = direction.eq_ignore_ascii_case("rtl");
    }
    if element.attribute("hidden").is_some() {
        frame.none = true;
    }
    let colour = |name: &str| {
        Some(Colour::parse(
            &element.attribute(name)?.trim().to_ascii_lowercase(),
        ))
    };
    if let Some(found) = colour("bgcolor").flatten() {
        style.ground = Some(found);
    }
    if let Some(found) = colour(if element.name == "body" {
        "text"
    } else {
        "color"
    })
    .flatten()
    {
        style.colour = Some(found);
    }
    if element.attribute("background").is_some() {
        style.ground = None;
    }
}

/// What hides the box of an element as a whole.
#[derive(Default)]
struct Frame {
    none: bool,
    overrides: bool,
    faint: bool,
    cuts: bool,
    low: bool,
    narrow: bool,
    placed: bool,
    clipped: bool,
    clipped_if_placed: bool,
    outside: bool,
    outside_if_placed: bool,
}

impl Frame {
    fn hides(&self) -> bool {
        self.none
            || self.faint
            || self.clipped
            || self.outside
            || self.placed && (self.outside_if_placed || self.clipped_if_placed)
            || self.cuts && (self.low || self.narrow)
            || self.low && self.narrow
    }
}

fn apply(
    style: &mut ComputedStyle,
    frame: &mut Frame,
    parent: &ComputedStyle,
    element: &StyledElement<'_>,
    declaration: &Declaration,
) {
    let value = declaration.value.as_str();
    let font = style.font;
    let tiny = || length(value, font).is_some_and(|px| px <= 1.0) || value == "0%";
    let far = || length(value, font).is_some_and(|px| px <= OUTSIDE);
    match declaration.name.as_str() {
        "display" => {
            frame.none = value == "none";
            match value {
                "inline" | "contents" => style.block = false,
                "inline-block" | "inline-table" | "inline-flex" | "none" | "inherit"
                | "initial" | "revert" => {}
                _ => style.block = true,
            }
        }
        "visibility" => match value {
            "hidden" | "collapse" => style.invisible = true,
            "visible" | "initial" => style.invisible = false,
            _ => style.invisible = parent.invisible,
        },
        "font-size" => style.font = font_size(value, parent.font).unwrap_or(style.font),
        "font" => {
            let size = value
                .split(' ')
                .filter_map(|word| word.split('/').next())
                .find_map(|word| font_size(word, parent.font));
            style.font = size.unwrap_or(style.font);
        }
        "opacity" => {
            let number = match value.strip_suffix('%') {
                Some(percent) => percent.parse::<f64>().map(|p| p / 100.0),
                None => value.parse(),
            };
            frame.faint = number.is_ok_and(|n| n <= 0.05);
        }
        "overflow" | "overflow-x" | "overflow-y" => {
            frame.cuts = value.contains("hidden") || value.contains("clip");
        }
        "max-height" | "height" => {
            frame.low = if declaration.name == "height" {
                frame.low || tiny()
            } else {
                tiny()
            };
        }
        "max-width" | "width" => {
            frame.narrow = if declaration.name == "width" {
                frame.narrow || tiny()
            } else {
                tiny()
            };
        }
        "position" => frame.placed = !matches!(value, "static" | "relative" | "sticky"),
        "left" | "top" | "right" | "bottom" | "inset" => frame.outside_if_placed |= far(),
        "text-indent" | "margin-left" | "margin-top" => frame.outside |= far(),
        "transform" => frame.clipped = vanishing_transform(value),
        "clip" => frame.clipped_if_placed = is_empty_rectangle(value),
        "clip-path" | "-webkit-clip-path" => {
            frame.clipped = value.starts_with("inset(50%")
                || value.starts_with("inset(100%")
                || value.starts_with("circle(0");
        }
        "color" | "-webkit-text-fill-color" => {
            style.colour = match value {
                "inherit" | "currentcolor" => parent.colour,
                _ => Colour::parse(value),
            };
        }
        // A clear ground lets the one behind it through.
        "background-color"
            if value != "inherit" && !Colour::parse(value).is_some_and(|colour| colour.clear) =>
        {
            style.ground = Colour::parse(value);
        }
        "background" => match ground(value) {
            Ok(Some(colour)) if !colour.clear => style.ground = Some(colour),
            Ok(_) => {}
            Err(()) => style.ground = None,
        },
        "background-image" if value != "none" => style.ground = None,
        // In a table cell it places the cell's content; a `sup` on the base line is raised by other means.
        "vertical-align"
            if !matches!(
                element.name,
                "td" | "th" | "tr" | "table" | "img" | "tbody" | "sup" | "sub"
            ) =>
        {
            style.raised = matches!(value, "super" | "text-top")
                || length(value, font).is_some_and(|px| px > 2.0);
            style.lowered = value == "sub" || length(value, font).is_some_and(|px| px < -2.0);
        }
        "text-decoration" | "text-decoration-line" => {
            style.struck = parent.struck || value.contains("line-through");
        }
        "mso-hide" => style.no_outlook = parent.no_outlook || value == "all",
        "white-space" => style.keeps_lines = value.starts_with("pre"),
        "unicode-bidi" => frame.overrides = value.contains("override"),
        "direction" => style.from_right = value == "rtl",
        _ => {}
    }
}

//! What a Word file's styles say: headings, hidden and struck-out text, each taken over from the style it is based on.

use super::super::super::document::DocumentError;
use super::{broken, is_on, value};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::HashMap;

/// What is known of text by its formatting; `None` leaves it to what stands behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RunFormat {
    pub hidden: Option<bool>,
    pub struck: Option<bool>,
    /// Raised or lowered.
    pub shift: Option<Shift>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    None,
    Up,
    Down,
}

impl RunFormat {
    /// Takes in one element of run properties.
    pub fn read(&mut self, name: &str, setting: Option<&str>) {
        match name {
            "vanish" => self.hidden = Some(is_on(setting)),
            // Either of the two strikes.
            "strike" | "dstrike" => {
                self.struck = Some(is_on(setting) || self.struck == Some(true));
            }
            "vertAlign" => {
                self.shift = Some(match setting {
                    Some("superscript") => Shift::Up,
                    Some("subscript") => Shift::Down,
                    _ => Shift::None,
                });
            }
            // In half points: from three points on it is a mark.
            "position" => {
                self.shift = setting
                    .and_then(|s| s.parse::<i32>().ok())
                    .map(|half| match half {
                        6.. => Shift::Up,
                        ..=-6 => Shift::Down,
                        _ => Shift::None,
                    });
            }
            _ => {}
        }
    }

    /// This formatting over another.
    pub fn over(self, under: Self) -> Self {
        Self {
            hidden: self.hidden.or(under.hidden),
            struck: self.struck.or(under.struck),
            shift: self.shift.or(under.shift),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Style {
    format: RunFormat,
    based_on: Option<String>,
    /// Heading level; 0 is the title. Ids are of the writer's language, names are not.
    level: Option<usize>,
    item: bool,
}

/// Longest chain of styles that is followed; a circle ends there.
const CHAIN: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Styles {
    all: HashMap<String, Style>,
    base: RunFormat,
}

impl Styles {
    pub fn read(xml: &str) -> Result<Self, DocumentError> {
        let mut styles = Self::default();
        let mut reader = Reader::from_str(xml);
        let mut open: Option<(String, Style)> = None;
        let (mut defaults, mut runs, mut past) = (false, false, 0_usize);
        loop {
            let event = reader.read_event().map_err(broken)?;
            let empty = matches!(event, Event::Empty(_));
            match event {
                Event::Eof => return Ok(styles),
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.local_name();
                    let name = name.as_ref();
                    let setting = value(&tag, "val");
                    if past > 0 || name.ends_with("PrChange") {
                        past += usize::from(!empty);
                        continue;
                    }
                    match name {
                        "style" => {
                            open = value(&tag, "styleId").map(|id| (id, Style::default()));
                        }
                        "docDefaults" => defaults = !empty,
                        "rPr" => runs = !empty,
                        "name" => {
                            let name = setting.unwrap_or_default().to_lowercase();
                            if let Some((_, style)) = &mut open {
                                style.level = if name == "title" {
                                    Some(0)
                                } else {
                                    name.strip_prefix("heading ").and_then(|n| n.parse().ok())
                                };
                            }
                        }
                        "basedOn" => {
                            if let Some((_, style)) = &mut open {
                                style.based_on = setting;
                            }
                        }
                        "outlineLvl" => {
                            if let (Some((_, style)), Some(level)) =
                                (&mut open, setting.and_then(|s| s.parse::<usize>().ok()))
                            {
                                style.level = style.level.or((level < 6).then_some(level + 1));
                            }
                        }
                        "numPr" => {
                            if let Some((_, style)) = &mut open {
                                style.item = true;
                            }
                        }
                        _ if runs => {
                            let format = match &mut open {
                                Some((_, style)) => &mut style.format,
                                None if defaults => &mut styles.base,
                                None => continue,
                            };
                            format.read(name, setting.as_deref());
                        }
                        _ => {}
                    }
                }
                Event::End(_) if past > 0 => past -= 1,
                Event::End(tag) => match tag.local_name().as_ref() {
                    "style" => {
                        if let Some((id, style)) = open.take() {
                            styles.all.insert(id, style);
                        }
                    }
                    "docDefaults" => defaults = false,
                    "rPr" => runs = false,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn chain<'s>(&'s self, id: &str) -> impl Iterator<Item = &'s Style> {
        let first = self.all.get(id);
        std::iter::successors(first, |style| self.all.get(style.based_on.as_ref()?)).take(CHAIN)
    }

    /// How text of a style looks, and on what ground.
    pub fn format(&self, id: &str) -> RunFormat {
        self.chain(id)
            .fold(RunFormat::default(), |all, style| all.over(style.format))
    }

    pub fn ground(&self) -> RunFormat {
        self.base
    }

    pub fn level(&self, id: &str) -> Option<usize> {
        self.chain(id).find_map(|style| style.level)
    }

    pub fn is_item(&self, id: &str) -> bool {
        self.chain(id).any(|style| style.item)
    }
}

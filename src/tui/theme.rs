//! Roles, not places: what a colour means. A colour never stands alone; a word and a style say the same.

use ratatui::style::{Color, Modifier, Style};
use std::time::Duration;
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

/// How long the terminal may take to name its ground.
const ASK: Duration = Duration::from_millis(50);

/// A set of styles by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: &'static str,
    /// Marks before the words of the states.
    pub marks: bool,
    ok: Option<Color>,
    warn: Option<Color>,
    block: Option<Color>,
    info: Option<Color>,
    dim: Option<Color>,
}

const fn rgb(red: u8, green: u8, blue: u8) -> Color {
    Color::Rgb(red, green, blue)
}

/// Colours measured for contrast and for three kinds of colour blindness.
pub const DARK: Theme = Theme {
    name: "dark",
    marks: false,
    ok: Some(rgb(0x66, 0xd9, 0xff)),
    warn: Some(rgb(0xff, 0xfb, 0x00)),
    block: Some(rgb(0xe6, 0x5c, 0x77)),
    info: Some(rgb(0xb0, 0xb0, 0xb0)),
    dim: Some(rgb(0xa0, 0xa0, 0xa0)),
};
pub const LIGHT: Theme = Theme {
    name: "light",
    marks: false,
    ok: Some(rgb(0x38, 0x77, 0x8c)),
    warn: Some(rgb(0x80, 0x77, 0x33)),
    block: Some(rgb(0x40, 0x00, 0x0d)),
    info: Some(rgb(0x50, 0x50, 0x50)),
    dim: Some(rgb(0x60, 0x60, 0x60)),
};
pub const CONTRAST: Theme = Theme {
    name: "contrast",
    marks: false,
    ok: Some(Color::Cyan),
    warn: Some(Color::Yellow),
    block: Some(Color::Red),
    info: None,
    dim: None,
};
/// No colour at all: reverse, bold and underline carry the meaning.
pub const MONO: Theme = Theme {
    name: "mono",
    marks: false,
    ok: None,
    warn: None,
    block: None,
    info: None,
    dim: None,
};

impl Theme {
    /// By name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [DARK, LIGHT, CONTRAST, MONO];
        all.into_iter().find(|theme| theme.name == name)
    }

    /// The theme that fits the terminal's ground; dark where it does not say within 50 ms.
    pub fn of_the_terminal() -> Self {
        let mut options = QueryOptions::default();
        options.timeout = ASK;
        match theme_mode(options) {
            Ok(ThemeMode::Light) => LIGHT,
            _ => DARK,
        }
    }

    fn with(colour: Option<Color>) -> Style {
        colour.map_or_else(Style::default, |c| Style::default().fg(c))
    }

    pub fn ok(&self) -> Style {
        Self::with(self.ok)
    }

    pub fn warn(&self) -> Style {
        Self::with(self.warn).add_modifier(Modifier::UNDERLINED)
    }

    pub fn block(&self) -> Style {
        Self::with(self.block).add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    pub fn info(&self) -> Style {
        Self::with(self.info)
    }

    /// Words that the other side of a comparison does not have any more.
    pub fn gone(&self) -> Style {
        Self::with(self.warn).add_modifier(Modifier::UNDERLINED)
    }

    /// Words that the other side of a comparison does not have yet.
    pub fn come(&self) -> Style {
        Self::with(self.ok).add_modifier(Modifier::BOLD)
    }

    pub fn dim(&self) -> Style {
        Self::with(self.dim)
    }

    pub fn title(&self) -> Style {
        Style::default().add_modifier(Modifier::BOLD)
    }

    /// The chosen row: reversed, beside its `>` mark.
    pub fn cursor(&self) -> Style {
        Style::default().add_modifier(Modifier::REVERSED)
    }

    pub fn matched(&self) -> Style {
        Style::default().add_modifier(Modifier::BOLD)
    }

    pub fn redacted(&self) -> Style {
        Style::default().add_modifier(Modifier::REVERSED)
    }
}

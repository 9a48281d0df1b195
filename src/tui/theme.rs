//! Roles, not places: what a colour means. A colour never stands alone; a word and a style say the same.

use super::ability::{Charset, ColourDepth};
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
    /// What the terminal can show.
    pub charset: Charset,
    ok: Option<Color>,
    warn: Option<Color>,
    block: Option<Color>,
    info: Option<Color>,
    dim: Option<Color>,
    /// What has the focus, and what can be pressed.
    focus: Option<Color>,
}

const fn rgb(red: u8, green: u8, blue: u8) -> Color {
    Color::Rgb(red, green, blue)
}

/// Colours measured for contrast and for three kinds of colour blindness.
pub const DARK: Theme = Theme {
    name: "dark",
    marks: false,
    charset: Charset::Unicode,
    ok: Some(rgb(0x66, 0xd9, 0xff)),
    warn: Some(rgb(0xff, 0xfb, 0x00)),
    block: Some(rgb(0xe6, 0x5c, 0x77)),
    info: Some(rgb(0xb0, 0xb0, 0xb0)),
    dim: Some(rgb(0xa0, 0xa0, 0xa0)),
    focus: Some(rgb(0xff, 0xff, 0xff)),
};
pub const LIGHT: Theme = Theme {
    name: "light",
    marks: false,
    charset: Charset::Unicode,
    ok: Some(rgb(0x38, 0x77, 0x8c)),
    warn: Some(rgb(0x80, 0x77, 0x33)),
    block: Some(rgb(0x40, 0x00, 0x0d)),
    info: Some(rgb(0x50, 0x50, 0x50)),
    dim: Some(rgb(0x60, 0x60, 0x60)),
    focus: Some(rgb(0x00, 0x00, 0x00)),
};
/// The same in the 256 colours that terminals number, measured alike.
const DARK_256: Theme = Theme {
    ok: Some(Color::Indexed(81)),
    warn: Some(Color::Indexed(226)),
    block: Some(Color::Indexed(167)),
    info: Some(Color::Indexed(249)),
    dim: Some(Color::Indexed(247)),
    focus: Some(Color::Indexed(231)),
    ..DARK
};
const LIGHT_256: Theme = Theme {
    ok: Some(Color::Indexed(24)),
    warn: Some(Color::Indexed(94)),
    block: Some(Color::Indexed(232)),
    info: Some(Color::Indexed(239)),
    dim: Some(Color::Indexed(241)),
    focus: Some(Color::Indexed(16)),
    ..LIGHT
};
/// Of the 16 that a user chooses. Small print keeps the colour of the text: nobody knows what the dim one looks like.
const DARK_16: Theme = Theme {
    ok: Some(Color::LightCyan),
    warn: Some(Color::LightYellow),
    block: Some(Color::LightRed),
    info: None,
    dim: None,
    focus: None,
    ..DARK
};
const LIGHT_16: Theme = Theme {
    ok: Some(Color::Blue),
    warn: Some(Color::Magenta),
    block: Some(Color::Red),
    info: None,
    dim: None,
    focus: None,
    ..LIGHT
};
pub const CONTRAST: Theme = Theme {
    name: "contrast",
    marks: false,
    charset: Charset::Unicode,
    ok: Some(Color::Cyan),
    warn: Some(Color::Yellow),
    block: Some(Color::Red),
    info: None,
    dim: None,
    focus: None,
};
/// No colour at all: reverse, bold and underline carry the meaning.
pub const MONO: Theme = Theme {
    name: "mono",
    marks: false,
    charset: Charset::Unicode,
    ok: None,
    warn: None,
    block: None,
    info: None,
    dim: None,
    focus: None,
};

impl Theme {
    /// By name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [DARK, LIGHT, CONTRAST, MONO];
        all.into_iter().find(|theme| theme.name == name)
    }

    /// The theme in the colours that a terminal has.
    #[must_use]
    pub fn within(self, depth: ColourDepth) -> Self {
        let fitting = match (depth, self.name) {
            (ColourDepth::None, _) => Self {
                name: self.name,
                ..MONO
            },
            (ColourDepth::Indexed, "dark") => DARK_256,
            (ColourDepth::Indexed, "light") => LIGHT_256,
            (ColourDepth::Ansi, "dark") => DARK_16,
            (ColourDepth::Ansi, "light") => LIGHT_16,
            _ => self,
        };
        Self {
            marks: self.marks,
            charset: self.charset,
            ..fitting
        }
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

    /// Words of what was stopped: the colour of [`Theme::block`] alone.
    pub fn stopped(&self) -> Style {
        Self::with(self.block)
    }

    /// Words of what a person has to look at: the colour of [`Theme::warn`] alone.
    pub fn asks(&self) -> Style {
        Self::with(self.warn)
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

    /// What has the focus: the brightest, and bold.
    pub fn focus(&self) -> Style {
        Self::with(self.focus).add_modifier(Modifier::BOLD)
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

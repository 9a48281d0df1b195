//! Roles, not places: what a colour means. A colour never stands alone; a word and a style say the same.

use ratatui::style::{Color, Modifier, Style};

/// A set of styles by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: &'static str,
    ok: Option<Color>,
    warn: Option<Color>,
    block: Option<Color>,
    info: Option<Color>,
    dim: Option<Color>,
}

const fn rgb(hex: u32) -> Option<Color> {
    Some(Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8))
}

/// Colours measured for contrast and for three kinds of colour blindness.
pub const DARK: Theme = Theme {
    name: "dark",
    ok: rgb(0x66_d9_ff),
    warn: rgb(0xff_fb_00),
    block: rgb(0xe6_5c_77),
    info: rgb(0xb0_b0_b0),
    dim: rgb(0xa0_a0_a0),
};
pub const LIGHT: Theme = Theme {
    name: "light",
    ok: rgb(0x38_77_8c),
    warn: rgb(0x80_77_33),
    block: rgb(0x40_00_0d),
    info: rgb(0x50_50_50),
    dim: rgb(0x60_60_60),
};
pub const CONTRAST: Theme = Theme {
    name: "contrast",
    ok: Some(Color::Cyan),
    warn: Some(Color::Yellow),
    block: Some(Color::Red),
    info: None,
    dim: None,
};
/// No colour at all: reverse, bold and underline carry the meaning.
pub const MONO: Theme = Theme {
    name: "mono",
    ok: None,
    warn: None,
    block: None,
    info: None,
    dim: None,
};

impl Theme {
    /// By name; `NO_COLOR` gives mono when nothing is named.
    pub fn choose(name: Option<&str>, no_color: bool) -> Option<Self> {
        match name {
            Some(name) => [DARK, LIGHT, CONTRAST, MONO]
                .into_iter()
                .find(|t| t.name == name),
            None if no_color => Some(MONO),
            None => Some(DARK),
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

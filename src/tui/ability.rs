//! What a terminal can show, by the customary variables of its environment: how many colours, and which signs.

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourDepth {
    None,
    /// The 16 of ANSI, which its user chooses.
    Ansi,
    /// The 256 that are numbered.
    Indexed,
    /// 24 bits.
    True,
}

/// Which signs a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Unicode,
    /// Letters of any language, but only ASCII for frames, marks and bars.
    AsciiFrames,
    /// ASCII alone: its locale speaks nothing else.
    Ascii,
}

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalAbility {
    pub colours: ColourDepth,
    pub charset: Charset,
}

/// Names of terminals with 24 bits that a login elsewhere tells nothing else of.
const TRUE_COLOUR: [&str; 6] = ["direct", "kitty", "alacritty", "ghostty", "wezterm", "foot"];

/// Names of terminals without colours.
const COLOURLESS: [&str; 5] = ["dumb", "vt100", "vt102", "vt220", "vt320"];

/// Names of terminals whose letters have no frames or heavy lines among them.
const PLAIN_FRAMES: [&str; 2] = ["linux", "vt"];

impl TerminalAbility {
    /// Reads the environment: `TERM`, `COLORTERM`, and the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set. A terminal
    /// that names no locale is taken to speak UTF-8, as nearly all do.
    pub fn of(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default().to_lowercase();
        let first = term.split('-').next().unwrap_or_default();
        let deep = set("COLORTERM").is_some_and(|c| c == "truecolor" || c == "24bit");
        let colours = if COLOURLESS.contains(&first) {
            ColourDepth::None
        } else if deep || TRUE_COLOUR.iter().any(|name| term.contains(name)) {
            ColourDepth::True
        } else if term.contains("256color") {
            ColourDepth::Indexed
        } else {
            ColourDepth::Ansi
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let speaks_utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let charset = if !speaks_utf8 {
            Charset::Ascii
        } else if PLAIN_FRAMES.iter().any(|name| first.starts_with(name)) {
            Charset::AsciiFrames
        } else {
            Charset::Unicode
        };
        Self { colours, charset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> (ColourDepth, Charset) {
        let told = |name: &str| {
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let ability = TerminalAbility::of(&told);
        (ability.colours, ability.charset)
    }

    #[test]
    fn colours_are_those_that_the_terminal_tells_of() {
        let depth = |term: &str, more: &str| of(&[("TERM", term), ("COLORTERM", more)]).0;
        assert_eq!(depth("xterm-256color", "truecolor"), ColourDepth::True);
        assert_eq!(depth("xterm-kitty", ""), ColourDepth::True);
        assert_eq!(depth("tmux-256color", ""), ColourDepth::Indexed);
        assert_eq!(depth("xterm", ""), ColourDepth::Ansi);
        assert_eq!(depth("linux", ""), ColourDepth::Ansi);
        assert_eq!(depth("vt100", "truecolor"), ColourDepth::None);
        assert_eq!(of(&[]).0, ColourDepth::Ansi);
    }

    #[test]
    fn signs_are_those_of_the_locale_and_the_terminal() {
        let signs = |set: &[(&str, &str)]| of(set).1;
        assert_eq!(signs(&[("LANG", "C")]), Charset::Ascii);
        assert_eq!(
            signs(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]),
            Charset::Ascii
        );
        assert_eq!(
            signs(&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")]),
            Charset::Unicode
        );
        assert_eq!(signs(&[("LANG", "de_DE.utf8")]), Charset::Unicode);
        assert_eq!(
            signs(&[("LANG", "en_GB.UTF-8"), ("TERM", "linux")]),
            Charset::AsciiFrames
        );
        assert_eq!(signs(&[("TERM", "vt220")]), Charset::AsciiFrames);
        assert_eq!(signs(&[("TERM", "xterm")]), Charset::Unicode);
    }
}

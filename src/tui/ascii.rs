//! A frame in signs that every terminal has, drawn over the one that needs more. Nothing moves: each sign has one cell.

use super::ability::Charset;
use ratatui::buffer::Buffer;
use unicode_normalization::UnicodeNormalization as _;

/// Stands where a letter cannot be shown.
const UNSHOWN: char = '?';

/// Replaces what a terminal cannot show.
pub fn simplify(buffer: &mut Buffer, charset: Charset) {
    if charset == Charset::Unicode {
        return;
    }
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let Some(first) = symbol.chars().next() else {
            continue;
        };
        let shown = drawing(first).or_else(|| (charset == Charset::Ascii).then(|| letter(first)));
        if let Some(shown) = shown {
            cell.set_char(shown);
        }
    }
}

/// What stands for a line, a bar, an arrow or a mark.
fn drawing(sign: char) -> Option<char> {
    Some(match sign {
        '\u{2500}' | '\u{2501}' | '\u{2504}' | '\u{2505}' | '\u{2508}' | '\u{2509}'
        | '\u{254c}' | '\u{254d}' | '\u{2574}' | '\u{2576}' | '\u{2578}' | '\u{257a}' => '-',
        '\u{2550}' => '=',
        '\u{2502}' | '\u{2503}' | '\u{2506}' | '\u{2507}' | '\u{250a}' | '\u{250b}'
        | '\u{254e}' | '\u{254f}' | '\u{2551}' | '\u{2575}' | '\u{2577}' | '\u{2579}'
        | '\u{257b}' => '|',
        '\u{2500}'..='\u{257f}' => '+',
        '\u{2591}'..='\u{2593}' => ':',
        '\u{2580}'..='\u{259f}' => '#',
        '\u{2800}' => ' ',
        '\u{2801}'..='\u{28ff}' => '.',
        '\u{2190}' | '\u{25c0}' | '\u{25c2}' => '<',
        '\u{2192}' | '\u{25b6}' | '\u{25b8}' => '>',
        '\u{2191}' | '\u{25b2}' | '\u{25b4}' => '^',
        '\u{2193}' | '\u{25bc}' | '\u{25be}' => 'v',
        '\u{2190}'..='\u{21ff}' => '>',
        '\u{2713}' | '\u{2714}' => '+',
        '\u{2715}'..='\u{2718}' => 'x',
        '\u{25a0}'..='\u{25ff}' | '\u{2600}'..='\u{27bf}' => '*',
        _ => return None,
    })
}

/// The letter without its accents, or what stands for a mark of a text.
fn letter(sign: char) -> char {
    match sign {
        '\u{2026}' => '~',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201f}' => '"',
        '\u{b7}' | '\u{2022}' => '*',
        '\u{d7}' => 'x',
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => ' ',
        _ => {
            let base = sign.to_string().nfkd().next();
            base.filter(char::is_ascii).unwrap_or(UNSHOWN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn shown(text: &str, charset: Charset) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 1));
        buffer.set_string(0, 0, text, Style::default());
        simplify(&mut buffer, charset);
        let cells = buffer.content.iter().map(ratatui::buffer::Cell::symbol);
        cells.collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn frames_are_lines_and_corners() {
        assert_eq!(
            shown("┏━━ TEXT ━┓ ▁▅█ →", Charset::AsciiFrames),
            "+-- TEXT -+ ### >"
        );
        assert_eq!(shown("┃ Çelik … ┃", Charset::AsciiFrames), "| Çelik … |");
        assert_eq!(shown("┏━ é ┓", Charset::Unicode), "┏━ é ┓");
    }

    #[test]
    fn letters_lose_their_accents_or_are_told_as_not_shown() {
        assert_eq!(
            shown("│ Çelik … “5 €”", Charset::Ascii),
            "| Celik ~ \"5 ?\""
        );
        assert_eq!(shown("株 a", Charset::Ascii), "?  a");
    }

    proptest! {
        #[test]
        fn nothing_but_ascii_is_left_and_nothing_moves(text in "\\PC{0,20}") {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
            buffer.set_string(0, 0, &text, Style::default());
            let before = buffer.clone();
            simplify(&mut buffer, Charset::Ascii);
            for (old, new) in before.content.iter().zip(&buffer.content) {
                prop_assert!(new.symbol().is_ascii());
                if old.symbol().is_ascii() {
                    prop_assert_eq!(old.symbol(), new.symbol());
                }
            }
        }
    }
}

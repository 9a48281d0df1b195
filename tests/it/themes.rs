//! Every coloured theme is measured: its words stand out from the ground, and clear, warned and blocked can be told
//! apart by everybody. A theme that fails does not merge.

use echovoice::tui::ColourDepth;
use echovoice::tui::theme::{DARK, LIGHT, Theme};
use palette::color_difference::{Ciede2000, Wcag21RelativeContrast};
use palette::{FromColor, Lab, LinSrgb, Srgb};
use ratatui::style::{Color, Style};

/// WCAG 2.2, 1.4.3 (AA): contrast of text.
const READABLE: f32 = 4.5;
/// Least CIEDE2000 between two states. The usual green, yellow and red come to 3 for people who see no red.
const APART: f32 = 25.0;

/// Machado, Oliveira and Fernandes (2009), full strength, on linear RGB.
const SIGHT: [(&str, [[f32; 3]; 3]); 4] = [
    (
        "every colour",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "no red",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "no green",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "no blue",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// A colour of the 256, as terminals number them: a cube of six steps, and 24 greys.
fn numbered(number: u8) -> (u8, u8, u8) {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match number {
        0..16 => panic!("{number} is one of those that a user chooses"),
        16..232 => {
            let place = usize::from(number - 16);
            (STEPS[place / 36], STEPS[place / 6 % 6], STEPS[place % 6])
        }
        _ => {
            let grey = 8 + (number - 232) * 10;
            (grey, grey, grey)
        }
    }
}

fn colour(style: Style) -> LinSrgb {
    match style.fg {
        Some(Color::Indexed(number)) => {
            let (r, g, b) = numbered(number);
            Srgb::new(r, g, b).into_format::<f32>().into_linear()
        }
        Some(Color::Rgb(r, g, b)) => Srgb::new(r, g, b).into_format::<f32>().into_linear(),
        other => panic!("not a colour of 24 bits: {other:?}"),
    }
}

fn seen(colour: LinSrgb, [r, g, b]: [[f32; 3]; 3]) -> LinSrgb {
    let sum = |row: [f32; 3]| row[0] * colour.red + row[1] * colour.green + row[2] * colour.blue;
    let part = |row| sum(row).clamp(0.0, 1.0);
    LinSrgb::new(part(r), part(g), part(b))
}

/// The least difference of two states, over all ways of seeing.
fn least(states: &[LinSrgb; 3]) -> (f32, &'static str) {
    let mut least = (f32::MAX, "");
    for (name, matrix) in SIGHT {
        let lab = states.map(|state| Lab::from_color(seen(state, matrix)));
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let apart = lab[a].difference(lab[b]);
            if apart < least.0 {
                least = (apart, name);
            }
        }
    }
    least
}

fn states(theme: &Theme) -> [LinSrgb; 3] {
    [theme.ok(), theme.warn(), theme.block()].map(colour)
}

#[test]
fn every_word_can_be_read_and_every_state_told_apart() {
    let (dark, light) = (
        Srgb::new(0x1e_u8, 0x1e, 0x1e),
        Srgb::new(0xff_u8, 0xff, 0xff),
    );
    for (theme, ground) in [
        (DARK, dark),
        (LIGHT, light),
        (DARK.within(ColourDepth::Indexed), dark),
        (LIGHT.within(ColourDepth::Indexed), light),
    ] {
        let ground: Srgb = ground.into_format();
        let shown = [theme.ok(), theme.warn(), theme.block(), theme.dim()];
        for style in shown {
            let contrast = Srgb::from_linear(colour(style)).relative_contrast(ground);
            assert!(contrast >= READABLE, "{} {style:?}: {contrast}", theme.name);
        }
        let (apart, sight) = least(&states(&theme));
        assert!(apart >= APART, "{}: {apart} with {sight}", theme.name);
    }
}

#[test]
fn the_measure_finds_the_usual_colours_wanting() {
    let usual = [(0x00, 0xcd, 0x00), (0xcd, 0xcd, 0x00), (0xcd, 0x00, 0x00)];
    let states = usual.map(|(r, g, b)| Srgb::<u8>::new(r, g, b).into_format::<f32>().into_linear());
    let (apart, sight) = least(&states);
    assert!(apart < 10.0 && sight == "no red", "{apart} with {sight}");
}

#[test]
fn a_state_is_never_told_by_colour_alone() {
    for theme in [DARK, LIGHT, echovoice::tui::theme::MONO] {
        let bare = |style: Style| style.fg(Color::Reset);
        let styles = [theme.ok(), theme.warn(), theme.block()].map(bare);
        assert!(
            styles[0] != styles[1] && styles[1] != styles[2] && styles[0] != styles[2],
            "{}: {styles:?}",
            theme.name
        );
    }
}

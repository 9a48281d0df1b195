//! Colours of style sheets and attributes, as far as needed to see that a text has the colour of its ground.

use super::css::length;

/// Red, green, blue and whether it can be seen at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour {
    pub rgb: [u8; 3],
    pub clear: bool,
}

pub(super) const BLACK: Colour = solid(0, 0, 0);
pub(super) const WHITE: Colour = solid(255, 255, 255);
/// What browsers give a link.
pub(super) const LINK: Colour = solid(0, 0, 238);

const fn solid(r: u8, g: u8, b: u8) -> Colour {
    Colour {
        rgb: [r, g, b],
        clear: false,
    }
}

impl Colour {
    /// Too near to the ground to be read.
    pub fn vanishes_on(self, ground: Self) -> bool {
        self.clear
            || self
                .rgb
                .iter()
                .zip(ground.rgb)
                .all(|(a, b)| a.abs_diff(b) <= 16)
    }

    /// A colour in any common form; none where it is not understood.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if value == "transparent" {
            return Some(Self {
                clear: true,
                ..BLACK
            });
        }
        if let Some(hex) = value.strip_prefix('#') {
            return Self::hex(hex);
        }
        if let Some((name, arguments)) = value.split_once('(') {
            return Self::function(name, arguments.trim_end_matches(')'));
        }
        NAMED
            .iter()
            .find(|(name, _)| *name == value)
            .and_then(|(_, hex)| Self::hex(hex))
            .or_else(|| (value.len() == 6).then(|| Self::hex(value)).flatten())
    }

    fn hex(hex: &str) -> Option<Self> {
        let digits: Vec<u8> = hex
            .chars()
            .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect::<Option<_>>()?;
        let pair = |at: usize| digits[at] * 16 + digits[at + 1];
        let (rgb, alpha) = match digits.len() {
            3 | 4 => (
                [digits[0] * 17, digits[1] * 17, digits[2] * 17],
                digits.get(3).map(|d| d * 17),
            ),
            6 => ([pair(0), pair(2), pair(4)], None),
            8 => ([pair(0), pair(2), pair(4)], Some(pair(6))),
            _ => return None,
        };
        Some(Self {
            rgb,
            clear: alpha.is_some_and(|a| a <= 12),
        })
    }

    fn function(name: &str, arguments: &str) -> Option<Self> {
        let parts: Vec<&str> = arguments
            .split([',', ' ', '/'])
            .filter(|p| !p.is_empty())
            .collect();
        let alpha = parts.get(3).and_then(|a| share(a, 1.0));
        let rgb = match name {
            "rgb" | "rgba" => {
                let channel = |at: usize| share(parts.get(at)?, 255.0).map(byte);
                [channel(0)?, channel(1)?, channel(2)?]
            }
            "hsl" | "hsla" => {
                let hue: f64 = parts.first()?.trim_end_matches("deg").parse().ok()?;
                hsl(hue, share(parts.get(1)?, 1.0)?, share(parts.get(2)?, 1.0)?)
            }
            _ => return None,
        };
        Some(Self {
            rgb,
            clear: alpha.is_some_and(|a| a <= 0.05),
        })
    }
}

/// A number, or a percentage of `whole`.
fn share(text: &str, whole: f64) -> Option<f64> {
    match text.strip_suffix('%') {
        Some(number) => Some(number.parse::<f64>().ok()? / 100.0 * whole),
        None => text.parse().ok(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held to the range of a byte"
)]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn hsl(hue: f64, saturation: f64, light: f64) -> [u8; 3] {
    let channel = |n: f64| {
        let k = (n + hue / 30.0).rem_euclid(12.0);
        let a = saturation * light.min(1.0 - light);
        byte((light - a * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)) * 255.0)
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

/// The colour in a `background` shorthand. `Err` where something else, a picture perhaps, is the ground.
pub(super) fn ground(value: &str) -> Result<Option<Colour>, ()> {
    if value.contains("url(") || value.contains("gradient(") {
        return Err(());
    }
    let mut depth = 0;
    let mut word = String::new();
    for c in value.chars().chain([' ']) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == ' ' && depth == 0 {
            if let Some(colour) = Colour::parse(&word)
                && length(&word, 16.0).is_none()
            {
                return Ok(Some(colour));
            }
            word.clear();
        } else {
            word.push(c);
        }
    }
    Ok(None)
}

/// CSS Color Module Level 4, section 6.1.
const NAMED: [(&str, &str); 148] = [
    ("aliceblue", "f0f8ff"),
    ("antiquewhite", "faebd7"),
    ("aqua", "00ffff"),
    ("aquamarine", "7fffd4"),
    ("azure", "f0ffff"),
    ("beige", "f5f5dc"),
    ("bisque", "ffe4c4"),
    ("black", "000000"),
    ("blanchedalmond", "ffebcd"),
    ("blue", "0000ff"),
    ("blueviolet", "8a2be2"),
    ("brown", "a52a2a"),
    ("burlywood", "deb887"),
    ("cadetblue", "5f9ea0"),
    ("chartreuse", "7fff00"),
    ("chocolate", "d2691e"),
    ("coral", "ff7f50"),
    ("cornflowerblue", "6495ed"),
    ("cornsilk", "fff8dc"),
    ("crimson", "dc143c"),
    ("cyan", "00ffff"),
    ("darkblue", "00008b"),
    ("darkcyan", "008b8b"),
    ("darkgoldenrod", "b8860b"),
    ("darkgray", "a9a9a9"),
    ("darkgreen", "006400"),
    ("darkgrey", "a9a9a9"),
    ("darkkhaki", "bdb76b"),
    ("darkmagenta", "8b008b"),
    ("darkolivegreen", "556b2f"),
    ("darkorange", "ff8c00"),
    ("darkorchid", "9932cc"),
    ("darkred", "8b0000"),
    ("darksalmon", "e9967a"),
    ("darkseagreen", "8fbc8f"),
    ("darkslateblue", "483d8b"),
    ("darkslategray", "2f4f4f"),
    ("darkslategrey", "2f4f4f"),
    ("darkturquoise", "00ced1"),
    ("darkviolet", "9400d3"),
    ("deeppink", "ff1493"),
    ("deepskyblue", "00bfff"),
    ("dimgray", "696969"),
    ("dimgrey", "696969"),
    ("dodgerblue", "1e90ff"),
    ("firebrick", "b22222"),
    ("floralwhite", "fffaf0"),
    ("forestgreen", "228b22"),
    ("fuchsia", "ff00ff"),
    ("gainsboro", "dcdcdc"),
    ("ghostwhite", "f8f8ff"),
    ("gold", "ffd700"),
    ("goldenrod", "daa520"),
    ("gray", "808080"),
    ("green", "008000"),
    ("greenyellow", "adff2f"),
    ("grey", "808080"),
    ("honeydew", "f0fff0"),
    ("hotpink", "ff69b4"),
    ("indianred", "cd5c5c"),
    ("indigo", "4b0082"),
    ("ivory", "fffff0"),
    ("khaki", "f0e68c"),
    ("lavender", "e6e6fa"),
    ("lavenderblush", "fff0f5"),
    ("lawngreen", "7cfc00"),
    ("lemonchiffon", "fffacd"),
    ("lightblue", "add8e6"),
    ("lightcoral", "f08080"),
    ("lightcyan", "e0ffff"),
    ("lightgoldenrodyellow", "fafad2"),
    ("lightgray", "d3d3d3"),
    ("lightgreen", "90ee90"),
    ("lightgrey", "d3d3d3"),
    ("lightpink", "ffb6c1"),
    ("lightsalmon", "ffa07a"),
    ("lightseagreen", "20b2aa"),
    ("lightskyblue", "87cefa"),
    ("lightslategray", "778899"),
    ("lightslategrey", "778899"),
    ("lightsteelblue", "b0c4de"),
    ("lightyellow", "ffffe0"),
    ("lime", "00ff00"),
    ("limegreen", "32cd32"),
    ("linen", "faf0e6"),
    ("magenta", "ff00ff"),
    ("maroon", "800000"),
    ("mediumaquamarine", "66cdaa"),
    ("mediumblue", "0000cd"),
    ("mediumorchid", "ba55d3"),
    ("mediumpurple", "9370db"),
    ("mediumseagreen", "3cb371"),
    ("mediumslateblue", "7b68ee"),
    ("mediumspringgreen", "00fa9a"),
    ("mediumturquoise", "48d1cc"),
    ("mediumvioletred", "c71585"),
    ("midnightblue", "191970"),
    ("mintcream", "f5fffa"),
    ("mistyrose", "ffe4e1"),
    ("moccasin", "ffe4b5"),
    ("navajowhite", "ffdead"),
    ("navy", "000080"),
    ("oldlace", "fdf5e6"),
    ("olive", "808000"),
    ("olivedrab", "6b8e23"),
    ("orange", "ffa500"),
    ("orangered", "ff4500"),
    ("orchid", "da70d6"),
    ("palegoldenrod", "eee8aa"),
    ("palegreen", "98fb98"),
    ("paleturquoise", "afeeee"),
    ("palevioletred", "db7093"),
    ("papayawhip", "ffefd5"),
    ("peachpuff", "ffdab9"),
    ("peru", "cd853f"),
    ("pink", "ffc0cb"),
    ("plum", "dda0dd"),
    ("powderblue", "b0e0e6"),
    ("purple", "800080"),
    ("rebeccapurple", "663399"),
    ("red", "ff0000"),
    ("rosybrown", "bc8f8f"),
    ("royalblue", "4169e1"),
    ("saddlebrown", "8b4513"),
    ("salmon", "fa8072"),
    ("sandybrown", "f4a460"),
    ("seagreen", "2e8b57"),
    ("seashell", "fff5ee"),
    ("sienna", "a0522d"),
    ("silver", "c0c0c0"),
    ("skyblue", "87ceeb"),
    ("slateblue", "6a5acd"),
    ("slategray", "708090"),
    ("slategrey", "708090"),
    ("snow", "fffafa"),
    ("springgreen", "00ff7f"),
    ("steelblue", "4682b4"),
    ("tan", "d2b48c"),
    ("teal", "008080"),
    ("thistle", "d8bfd8"),
    ("tomato", "ff6347"),
    ("turquoise", "40e0d0"),
    ("violet", "ee82ee"),
    ("wheat", "f5deb3"),
    ("white", "ffffff"),
    ("whitesmoke", "f5f5f5"),
    ("yellow", "ffff00"),
    ("yellowgreen", "9acd32"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_white_are_white() {
        for white in [
            "#fff",
            "#FFFFFF".to_lowercase().as_str(),
            "white",
            "rgb(255,255,255)",
            "rgb(100% 100% 100%)",
            "hsl(0,0%,100%)",
            "#fffffe",
            "snow",
        ] {
            assert!(Colour::parse(white).unwrap().vanishes_on(WHITE), "{white}");
        }
        assert!(Colour::parse("rgba(0,0,0,0)").unwrap().vanishes_on(WHITE));
        assert!(!Colour::parse("#999").unwrap().vanishes_on(WHITE));
        assert_eq!(ground("#fff url(x.png)"), Err(()));
        assert_eq!(ground("no-repeat rgb(0, 0, 0) center"), Ok(Some(BLACK)));
    }
}

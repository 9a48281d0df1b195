//! `format=flowed; delsp=yes` (RFC 3676): a blank at a line's end joins the next line and is no text.

/// The text with its flowed lines joined.
pub(super) fn join(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for (index, line) in text.split('\n').enumerate() {
        let quoted = line.bytes().take_while(|b| *b == b'>').count();
        let words = &line[quoted..];
        // A blank in front was put there so that nothing else takes the line for something else.
        let words = words.strip_prefix(' ').unwrap_or(words);
        let is_signature = words == "-- ";
        if open != Some(quoted) || is_signature {
            if index > 0 {
                out.push('\n');
            }
            out.push_str(&line[..quoted]);
        }
        let flows = words.ends_with(' ') && !is_signature;
        out.push_str(if flows {
            &words[..words.len() - 1]
        } else {
            words
        });
        open = flows.then_some(quoted);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_at_the_end_joins_the_lines() {
        for (text, joined) in [
            ("guar \nanteed", "guaranteed"),
            ("a  \nb", "a b"),
            ("a\nb", "a\nb"),
            ("> guar \n> anteed\nno", ">guaranteed\nno"),
            ("a \n-- \nsig", "a\n-- \nsig"),
            (" From us", "From us"),
        ] {
            assert_eq!(join(text), joined);
        }
    }
}

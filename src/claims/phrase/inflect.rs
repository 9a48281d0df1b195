//! Inflections of English words, regular ones: what `~` stands for.

/// A word with the forms that a verb or noun of its shape takes.
pub fn inflections(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    let mut add = |form: String| {
        if !forms.contains(&form) {
            forms.push(form);
        }
    };
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let letters: Vec<char> = word.chars().collect();
    let last = letters.last().copied().unwrap_or(' ');
    let before = letters.len().checked_sub(2).map_or(' ', |i| letters[i]);
    let stem = &word[..word.len() - last.len_utf8().min(word.len())];
    match last {
        'y' if !vowel(before) => {
            add(format!("{stem}ies"));
            add(format!("{stem}ied"));
            add(format!("{word}ing"));
        }
        'e' => {
            add(format!("{word}s"));
            add(format!("{word}d"));
            if before == 'i' {
                // die, lie, tie
                add(format!("{}ying", &stem[..stem.len() - 1]));
            } else if matches!(before, 'e' | 'y' | 'o') {
                add(format!("{word}ing"));
            } else {
                add(format!("{stem}ing"));
            }
        }
        's' | 'x' | 'z' => sibilant(word, &mut add),
        'h' if matches!(before, 'c' | 's') => sibilant(word, &mut add),
        'o' => {
            add(format!("{word}s"));
            add(format!("{word}es"));
            add(format!("{word}ed"));
            add(format!("{word}ing"));
        }
        _ => {
            add(format!("{word}s"));
            add(format!("{word}ed"));
            add(format!("{word}ing"));
            // stop, stopped: a short vowel before one consonant doubles it
            let third = letters.len().checked_sub(3).map_or(' ', |i| letters[i]);
            if letters.len() <= 7
                && last.is_ascii_alphabetic()
                && !vowel(last)
                && !matches!(last, 'w' | 'y')
                && vowel(before)
                && !vowel(third)
            {
                add(format!("{word}{last}ed"));
                add(format!("{word}{last}ing"));
            }
        }
    }
    for (base, irregular) in IRREGULAR {
        if *base == word {
            irregular.iter().for_each(|form| add((*form).to_owned()));
        }
    }
    forms
}

fn sibilant(word: &str, add: &mut impl FnMut(String)) {
    add(format!("{word}es"));
    add(format!("{word}ed"));
    add(format!("{word}ing"));
}

/// Forms that no rule makes, of the verbs that such messages use.
const IRREGULAR: &[(&str, &[&str])] = &[
    ("be", &["is", "are", "was", "were", "been", "being", "am"]),
    ("beat", &["beaten"]),
    ("become", &["became"]),
    ("begin", &["began", "begun"]),
    ("break", &["broke", "broken"]),
    ("bring", &["brought"]),
    ("build", &["built"]),
    ("buy", &["bought"]),
    ("catch", &["caught"]),
    ("come", &["came"]),
    ("do", &["did", "done"]),
    ("fall", &["fell", "fallen"]),
    ("forget", &["forgot", "forgotten"]),
    ("forgive", &["forgave", "forgiven"]),
    ("get", &["got", "gotten"]),
    ("give", &["gave", "given"]),
    ("go", &["went", "gone"]),
    ("grow", &["grew", "grown"]),
    ("have", &["has", "had"]),
    ("hold", &["held"]),
    ("keep", &["kept"]),
    ("know", &["knew", "known"]),
    ("lend", &["lent"]),
    ("lose", &["lost"]),
    ("make", &["made"]),
    ("mean", &["meant"]),
    ("pay", &["paid"]),
    ("rise", &["rose", "risen"]),
    ("see", &["saw", "seen"]),
    ("sell", &["sold"]),
    ("send", &["sent"]),
    ("show", &["shown"]),
    ("sink", &["sank", "sunk"]),
    ("sleep", &["slept"]),
    ("spend", &["spent"]),
    ("stand", &["stood"]),
    ("take", &["took", "taken"]),
    ("teach", &["taught"]),
    ("tell", &["told"]),
    ("think", &["thought"]),
    ("throw", &["threw", "thrown"]),
    ("win", &["won"]),
    ("write", &["wrote", "written"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_language() {
        for (word, wanted) in [
            ("guarantee", "guarantee guarantees guaranteed guaranteeing"),
            ("rise", "rise rises rised rising rose risen"),
            ("stop", "stop stops stoped stoping stopped stopping"),
            ("carry", "carry carries carried carrying"),
            ("pay", "pay pays payed paying paid"),
            ("risk", "risk risks risked risking"),
            ("loss", "loss losses lossed lossing"),
            ("tie", "tie ties tied tying"),
        ] {
            assert_eq!(inflections(word).join(" "), wanted, "{word}");
        }
    }
}

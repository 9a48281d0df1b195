//! Where a value of the recipient's own record stands: in an address to them, in a notice to whom the message went, or
//! in the middle of what it says.

use super::surroundings::Surroundings;
use crate::text::pattern::constant;
use regex::Regex;
use std::sync::LazyLock;

/// How the recipient's own value stands in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecipientMention {
    /// A greeting, or another word to them: `Dear Mr. and Mrs. Falk,`.
    Addressed,
    /// The message says to whom it went: a footer, a letterhead, `we write to you at …`.
    Noted,
    Elsewhere,
}

const GREETINGS: &str = "dear hi hello hey good morning afternoon evening day welcome back greetings thank you thanks \
    congratulations happy birthday hooray to sehr geehrte geehrter geehrtes lieber liebe hallo guten tag morgen abend cher chère \
    chers bonjour bonsoir estimado estimada estimados querido querida hola buenos buenas días dias tardes gentile gentili caro \
    cara egregio buongiorno ciao salve geachte beste dag hoi prezado prezada olá ola bom dia szanowny szanowna drogi droga dzień \
    dobry hej kära bästa kære hei hyvä";

const TITLES: &str = "mr mrs ms miss mx dr prof professor sir madam rev hon capt captain sgt lt col major judge herr herrn frau \
    monsieur madame mademoiselle m mme mlle señor señora señorita senor senora sr sra srta don doña signor signora signore sig \
    dott dottoressa dottore meneer mevrouw heer dhr mw de der senhor senhora pan pani";

const JOINING: &str = "and & und et y e en i och og ja";

fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

fn bare(token: &str) -> String {
    token
        .trim_matches(|c: char| !c.is_alphanumeric() && c != '&')
        .to_lowercase()
}

/// How the recipient's name stands.
pub(super) fn name(around: &Surroundings) -> RecipientMention {
    let lead = around
        .sentence_before()
        .trim_start_matches(['#', '*', '>', '"', '“', ' ']);
    let line_after = around.line_after();
    let after = line_after.trim_start();
    let owned = after.starts_with(['\'', '’']);
    if is_told(around) || is_headed(around.line_before()) {
        return RecipientMention::Noted;
    }
    if owned {
        return RecipientMention::Elsewhere;
    }
    let tokens: Vec<&str> = lead.split_whitespace().collect();
    let mut names = 0;
    let mut greeted = false;
    let fits = tokens.iter().all(|token| {
        let word = bare(token);
        if is_in(GREETINGS, &word) {
            greeted = true;
            return true;
        }
        let named = token.starts_with(char::is_uppercase);
        names += usize::from(named && !is_in(TITLES, &word));
        word.is_empty() || is_in(TITLES, &word) || is_in(JOINING, &word) || named
    });
    if fits && names <= 3 && (greeted || is_set_off(after)) {
        return RecipientMention::Addressed;
    }
    // "…, Ms. Abelard." and "Thank you for your visit, Ana Falk!"
    let mut titled = false;
    let mut left = lead.trim_end();
    while let Some(last) = left.split_whitespace().next_back() {
        if last.ends_with(',') || !is_in(TITLES, &bare(last)) {
            break;
        }
        titled = true;
        left = left[..left.len() - last.len()].trim_end();
    }
    let ends = after.is_empty() || after.starts_with(['.', '!', '?']);
    if left.ends_with(',') && (ends || titled && after.starts_with(',')) {
        return RecipientMention::Addressed;
    }
    RecipientMention::Elsewhere
}

/// What follows a name that calls somebody: a mark, or the end of the line. `Ana Falk, who owes …` speaks of her.
fn is_set_off(after: &str) -> bool {
    let Some(rest) = after.strip_prefix([',', ':', '!', '-', '–', '—', '?']) else {
        return after.is_empty();
    };
    let next = bare(rest.split_whitespace().next().unwrap_or_default());
    ![
        "who", "whose", "whom", "born", "aged", "age", "is", "was", "has", "of", "dob", "ssn",
    ]
    .contains(&next.as_str())
}

/// How the recipient's own telephone number or address, of whatever kind, stands.
pub(super) fn contact(around: &Surroundings) -> RecipientMention {
    let letterhead = around.opening
        && around.line_before().is_empty()
        && !around.before.contains("\n\n")
        && around.after.contains('\n');
    if letterhead || is_told(around) || is_headed(around.line_before()) {
        RecipientMention::Noted
    } else {
        RecipientMention::Elsewhere
    }
}

/// `To: …`, `Prepared for …` at the beginning of a line.
fn is_headed(line_before: &str) -> bool {
    let lower = line_before.trim().to_lowercase();
    let label = lower.trim_end_matches(':');
    [
        "to",
        "attn",
        "attention",
        "prepared for",
        "an",
        "à",
        "para",
        "recipient",
    ]
    .contains(&label)
        && (lower.ends_with(':') || label.len() > 4)
}

fn is_told(around: &Surroundings) -> bool {
    let before = around.sentence_before();
    TOLD_BEFORE.is_match(before)
        || TOLD_BEHIND.is_match(around.line_after())
        || around.closing && FOOTER.is_match(before)
}

/// Words right before a value that say that the message, a call or a parcel goes there.
static TOLD_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:",
        r"(?:write|wrote|writing|written|text|texted|call|called|ring|reach|reached|contact|contacted|email|emailed|e-mail|e-mailed|mail|mailed) (?:to )?you (?:at|on|by [a-z]+ at)",
        r"|(?:sent|send|sending|mailed|addressed|delivered|deliver|shipped|ship|posted|intended|meant|goes|going) (?:\w+ ){0,3}?(?:to|for|at)",
        r"|(?:subscribed|signed up|registered|on file|on record|in our records|listed)(?: \w+){0,2} (?:as|with|under|is|for)",
        r"|(?:your|the) (?:\w+ )?(?:e-?mail(?: address)?|mailbox|phone(?: number)?|mobile(?: number)?|telephone(?: number)?|cell(?: number)?|number|postal address|address|home address|delivery address)(?: (?:on file|on record|we have|we hold|you gave us))?(?: (?:is|as|at)(?: still| now)?)?",
        r"|(?:schreiben|schicken|senden|gesendet|geschickt|gerichtet|erreichen)(?: \w+){0,3} (?:an|unter)",
        r"|(?:envoyé|envoyée|adressé|adressée|destiné|destinée|écrivons|enviado|enviada|dirigido|dirigida|escribimos|inviato|inviata|indirizzata|scriviamo|verzonden|gestuurd)(?: \w+){0,3} (?:à|au|a|al|aan|naar|para)",
        r")[ :]*[\(<“]?$"
    ))
});

/// Words right behind a value that say the same.
static TOLD_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^[\)>”]?,? (?:(?:is|has|was) (?:subscribed|signed up|registered|sent this|on our list)|(?:receives|received|gets|got) this|because you|as you (?:signed|asked|are))",
    )
});

/// What a footer says before the address it went to, further off.
static FOOTER: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)(?:you(?:'re| are)? (?:receive|receiving|get|getting|received|got) this|this (?:e-?mail|message|letter|mail|text|notice|communication) (?:was|is|has been|goes)|sent (?:to|by)|unsubscribe|opt out|diese (?:e-mail|nachricht)|ce (?:message|courriel|e-mail)|este (?:mensaje|correo|e-mail)|questa (?:e-mail|mail)|deze (?:e-mail|mail))",
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, value: &str) -> Surroundings {
        let at = text.find(value).unwrap();
        Surroundings::of(text, at, at + value.len())
    }

    #[test]
    fn a_name_in_a_greeting_is_an_address() {
        for (text, value) in [
            ("Dear Ms. Abelard,\n\nFrom", "Abelard"),
            ("Dear Maria Gonzalez,\n", "Maria Gonzalez"),
            ("Dear Mr and Mrs Abernathy,\n", "Abernathy"),
            ("Dear Mr. and Mrs. John Abernathy:\n", "Abernathy"),
            ("Dear Tom and Maria Gonzalez,\n", "Maria Gonzalez"),
            ("Hi Maria Gonzalez\n\nWe", "Maria Gonzalez"),
            ("Be careful!\n\nDear Ms Vestergaard,\n", "Vestergaard"),
            ("Sehr geehrte Frau Aschenbrenner,\n", "Aschenbrenner"),
            ("Cher Monsieur Rochefontaine,\n", "Rochefontaine"),
            ("Estimada señora Treviño:\n", "Treviño"),
            ("Bonjour madame Turgeon,\n", "Turgeon"),
            ("Your new branch hours, Ms. Abelard", "Abelard"),
            ("Ms. Abelard, your rate is set", "Abelard"),
            ("Maria Gonzalez: your statement", "Maria Gonzalez"),
            (
                "Thank you for your visit, Maria Gonzalez!",
                "Maria Gonzalez",
            ),
            ("It is, Ms. Abelard, our pleasure", "Abelard"),
            ("<p>Dear <b>Mr.</b> Falkland,</p>", "Falkland"),
            ("Ms. Maria Gonzalez\n12 Elm Street\n", "Maria Gonzalez"),
        ] {
            assert_eq!(
                name(&around(text, value)),
                RecipientMention::Addressed,
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_in_a_notice_is_noted_and_elsewhere_it_is_not() {
        for text in [
            "This e-mail was intended for Maria Gonzalez. Learn why.",
            "To: Maria Gonzalez\n",
            "Prepared for Maria Gonzalez",
        ] {
            assert_eq!(
                name(&around(text, "Maria Gonzalez")),
                RecipientMention::Noted,
                "{text}"
            );
        }
        for text in [
            "We know that Maria Gonzalez bought a lamp.",
            "Maria Gonzalez, who was treated in May, may like this.",
            "Maria Gonzalez's account is open.",
            "Records for the case of Maria Gonzalez show more.",
        ] {
            assert_eq!(
                name(&around(text, "Maria Gonzalez")),
                RecipientMention::Elsewhere,
                "{text}"
            );
        }
    }

    #[test]
    fn own_contacts_are_noted_where_the_message_says_where_it_went() {
        for text in [
            "We write to you at ana@x.example about",
            "This e-mail was sent to ana@x.example.",
            "We'll call you on ana@x.example tomorrow",
            "Unsubscribe: ana@x.example",
            "ana@x.example is subscribed to our letter",
            "You get this because you signed up with ana@x.example.",
            "Diese E-Mail wurde gesendet an ana@x.example.",
            "Ana\nana@x.example\n\nDear Ana,\n",
        ] {
            let text = text.replace("Ana\nana", "ana");
            assert_eq!(
                contact(&around(&text, "ana@x.example")),
                RecipientMention::Noted,
                "{text}"
            );
        }
        let text = format!("We know ana@x.example from a shop.{}", " More.".repeat(90));
        assert_eq!(
            contact(&around(&text, "ana@x.example")),
            RecipientMention::Elsewhere
        );
    }
}

//! How, when and on what promise a message is sent.

use super::{Prepared, RawFinding};
use crate::domain::facts::Known;
use crate::domain::finding::{Disposition, Part, Polarity};
use crate::domain::hours::{self, HoursAnswer, Reach, Whereabouts};
use crate::domain::zone::Zone;
use crate::text::numbers::{self, Unit};
use crate::text::pattern::constant;
use crate::text::view::ViewKind;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use regex::Regex;
use std::sync::LazyLock;

/// The hours of the recipient's state and weekday, by the table of `assets/hours` (47 CFR 64.1200(c)(1) and state law).
pub fn quiet_hours(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let message = prepared.message;
    let facts = &message.facts;
    let mut say = |why: String, disposition: Option<Disposition>| {
        report(RawFinding {
            view: "facts",
            disposition,
            why: Some(why),
            ..RawFinding::whole()
        });
    };
    let value = match facts.get("send_local") {
        Known::Is(value) => value,
        Known::Absent => {
            say("The recipient's local time is not known, and an unclear time counts as outside the allowed hours.".into(), None);
            return;
        }
        Known::Unknown => {
            if facts
                .text("recipient_tz")
                .is_some_and(|zone| Zone::named(zone).is_none())
            {
                say("The recipient's time zone is none of the IANA database, and an unclear time counts as outside the allowed hours.".into(), None);
            }
            return;
        }
    };
    let Some(sent) = value.as_str().and_then(SendTime::read) else {
        say("The local sending time cannot be read, and an unclear time counts as outside the allowed hours.".into(), None);
        return;
    };
    let customer = message.customer.as_ref();
    let named: Vec<&str> = ["state", "recipient_state"]
        .iter()
        .filter_map(|key| facts.text(key))
        .collect();
    let phone = customer.and_then(|c| c.phone.as_deref());
    let place = Whereabouts::of(message.jurisdiction.as_ref(), &named, phone);
    let mut answers = vec![(
        sent.time,
        hours::ask(&place, sent.time, sent.date, Reach::Texts),
    )];
    // A moment with its offset is read by the recipient's own clock too.
    if let (Some(moment), Some(zone)) = (
        sent.moment,
        facts.text("recipient_tz").and_then(Zone::named),
    ) {
        let (local, answer) = hours::ask_at(&place, &zone, moment, Reach::Texts);
        answers.push((local.time(), answer));
    }
    answers.sort_by_key(|(_, answer)| matches!(answer, HoursAnswer::Closed(_)));
    match answers.pop() {
        Some((time, HoursAnswer::Closed(why))) => say(
            format!(
                "It would be sent at {} local time; {why}.",
                time.format("%H:%M")
            ),
            None,
        ),
        Some((time, HoursAnswer::Unsure(why))) => say(
            format!(
                "It would be sent at {} local time; {why}.",
                time.format("%H:%M")
            ),
            Some(Disposition::Review),
        ),
        _ => {}
    }
}

/// When a message would be sent, by the recipient's clock.
struct SendTime {
    time: NaiveTime,
    /// `None` if only a time of day is on record.
    date: Option<NaiveDate>,
    moment: Option<DateTime<FixedOffset>>,
}

impl SendTime {
    /// `22:15`, `9:05 pm`, `2026-11-23T22:15`, or a full timestamp with the recipient's offset.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Some(Self {
                time: moment.time(),
                date: Some(moment.date_naive()),
                moment: Some(moment),
            });
        }
        let upper = text.to_ascii_uppercase();
        let (date, clock) = match upper.split_once(['T', ' ']) {
            Some((day, clock)) if day.contains('-') => {
                let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
                (Some(date), clock.to_owned())
            }
            _ => (None, upper),
        };
        let clock = clock.replace([' ', '.'], "");
        ["%H:%M", "%H:%M:%S", "%I:%M%p", "%I%p"]
            .iter()
            .find_map(|form| match *form {
                // chrono wants minutes.
                "%I%p" => {
                    let (hour, half) = clock.split_at_checked(clock.len().checked_sub(2)?)?;
                    NaiveTime::parse_from_str(&format!("{hour}:00{half}"), "%I:%M%p").ok()
                }
                form => NaiveTime::parse_from_str(&clock, form).ok(),
            })
            .map(|time| Self {
                time,
                date,
                moment: None,
            })
    }
}

static STREET: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:\d{1,6}[a-z]?,? (?:[\w'.-]+ ){0,4}?(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|way|square|sq|",
        r"parkway|pkwy|circle|highway|hwy|close|crescent|gardens|grove|quay|row|plaza|stra(?:ß|ss)e|rue|via|calle|house|building|tower|floor|suite|broadway)\b|",
        r"p\.? ?o\.? ?box \d+|(?:pmb|private mailbox) #?\d+|[\w.-]+stra(?:ß|ss)e \d+|[\w.-]+straat \d+|(?:rue|via|calle|avenida|plaza) [\w' .-]{2,30},? \d+|\d+,? (?:rue|avenue|boulevard|place) )"
    ))
});

/// A street address, a registered box, or the very address the facts name (16 CFR 316.2(p)).
pub fn postal_address(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let message = prepared.message;
    let found = match message.facts.text("postal_address") {
        Some(address) => prepared.holds_text(address) || loosely_holds(prepared, address),
        None => false,
    } || prepared.anywhere(|text| STREET.is_match(text));
    if !found {
        report(RawFinding {
            missing: vec!["postal address of the sender".into()],
            view: "facts",
            ..RawFinding::whole()
        });
    }
}

/// The first line of the address, in any punctuation.
fn loosely_holds(prepared: &Prepared<'_>, address: &str) -> bool {
    address
        .split(',')
        .next()
        .is_some_and(|first| first.trim().len() > 5 && prepared.holds_text(first))
}

static DEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:today only|ends? (?:today|tonight|tomorrow|soon|at midnight|in \d+ \w+|this \w+)|last chance|final (?:hours?|days?|chance|call|notice)|",
        r"act (?:now|fast|today)|hurry|don't (?:wait|delay|miss (?:out|this|your chance))|before it'?s too late|(?:in|within) the next \d+ (?:minutes?|hours?)|",
        r"(?:only|just) \d+ (?:minutes?|hours?|days?) left|time is running out|expir(?:es|ing) (?:today|tonight|soon|tomorrow|at midnight)|while (?:stocks?|supplies) last|",
        r"(?:limited|short) time(?: only| offer)?|limited (?:spots|places|seats|availability|supply)|(?:selling|filling|running) (?:out )?fast|one day only|",
        r"(?:24|48|72)[\s-]hours? only|midnight tonight|by midnight|closing soon|(?:offer|sale|deal|enrol?ment|price|rate)s? (?:ends?|closes?|expires?)|",
        r"(?:vanish|disappear)(?:es|ing|s)?|(?:offer|deal|price|sale|discount|code|coupon|rate)s?\b[^.!?]{0,40} in (?:\d+|\w+) (?:minutes?|hours?|days?)|it's gone|(?:over|ends?|gone|closes?) (?:at|by) (?:noon|midnight|\d+ ?(?:am|pm))|gone (?:today|tomorrow|tonight|soon|forever|for good)|miss out|(?:almost|nearly|practically) (?:gone|sold out|full|out)|(?:sell|sold|book|fill)(?:ing|s)? (?:out|up)|before (?:it's|they're|it is|they are|we) (?:all )?(?:gone|sold out|run out)|",
        r"(?:prices?|rates?|fees?|costs?) (?:go(?:es|ing)?|will go|rises?|will rise|increases?|will increase|jumps?|doubles?)(?: up)? (?:today|tonight|tomorrow|at midnight|soon|on \w+day|in \d+ \w+|this \w+|next \w+)|",
        r"(?:ends?|closes?|expires?|over|gone) (?:on |this |by )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:last|final) (?:few|day|days|hours?|minutes?|spots?|places?|seats?|call)|time(?:'s| is) (?:almost |nearly )?(?:up|short|running)|clock is ticking|right now or|only today|just today|",
        r"(?:very |strictly )?limited (?:quantit(?:y|ies)|number|stock|edition|run)|few (?:left|remain(?:ing)?|spots|places|seats)|",
        r"until (?:midnight|tonight|tomorrow)|deadline|almost gone|going fast|won't last|now or never|once[\s-]in[\s-]a[\s-]lifetime|countdown)\b"
    ))
});

/// A whole number in words.
const IN_WORDS: &str = r"(?:a )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen)(?:[\s-](?:and )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen))*";

static SCARCITY: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r"(?i)\b(?:only|just|fewer than|less than)\s+(?P<n>\d+|{IN_WORDS}|a few|a handful of)\s+(?:\w+\s+)?(?:left|remain(?:ing)?|available|spots?|places?|seats?|rooms?|units?|items?|slots?)\b"
    ))
});

static STOCK: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r"(?i)\b(?P<n>\d+|{IN_WORDS})\s+(?:\w+\s+){{0,2}}(?:is |are )?(?:left|remain(?:ing|s)?)\b"
    ))
});

const UNPROVEN_COUNT: &str = "The count of what is left is not the offer's `inventory`.";

/// Urgency and scarcity need facts: the date equals `ends_at`, the count equals `inventory` (15 U.S.C. 45).
pub fn offer_proof(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let facts = &prepared.message.facts;
    let ends = match facts.get("ends_at") {
        Known::Is(value) => value.as_str().and_then(numbers::first_date),
        _ => None,
    };
    let inventory = facts.ten_thousandths("inventory");
    for part in &prepared.parts {
        for view in part.views.iter().filter(|v| v.kind != ViewKind::Attributes) {
            let mut seen = Vec::new();
            for hit in SCARCITY.captures_iter(view.text()) {
                let Some(whole) = hit.get(0) else { continue };
                let stated = hit.name("n").and_then(|n| numbers::count(n.as_str()));
                let proven = inventory.is_some() && stated == inventory;
                seen.push((whole.start(), whole.end()));
                if !proven {
                    offer_draft(
                        part.part,
                        view,
                        (whole.start(), whole.end()),
                        UNPROVEN_COUNT,
                        Disposition::Block,
                        report,
                    );
                }
            }
            for hit in STOCK.captures_iter(view.text()) {
                let Some(whole) = hit.get(0) else { continue };
                if seen
                    .iter()
                    .any(|(s, e)| whole.start() < *e && *s < whole.end())
                {
                    continue;
                }
                let stated = hit.name("n").and_then(|n| numbers::count(n.as_str()));
                if inventory.is_some() && stated != inventory {
                    seen.push((whole.start(), whole.end()));
                    offer_draft(
                        part.part,
                        view,
                        (whole.start(), whole.end()),
                        UNPROVEN_COUNT,
                        Disposition::Block,
                        report,
                    );
                }
            }
            for hit in DEADLINE.find_iter(view.text()) {
                if seen.iter().any(|(s, e)| hit.start() < *e && *s < hit.end()) {
                    continue;
                }
                let (from, to) = view.sentence_at(hit.start());
                let sentence = &view.text()[from..to.max(hit.end())];
                let stated: Vec<i64> = numbers::quantities(sentence)
                    .iter()
                    .filter(|q| q.unit == Unit::Date)
                    .map(|q| q.value)
                    .collect();
                let today = prepared.today().map(numbers::days);
                let lower = hit.as_str().to_ascii_lowercase();
                let relative = match lower.as_str() {
                    l if l.contains("today")
                        || l.contains("tonight")
                        || l.contains("midnight")
                        || l.contains("one day") =>
                    {
                        today
                    }
                    l if l.contains("tomorrow") => today.map(|d| d + 1),
                    _ => None,
                };
                let ends_day = ends.map(numbers::days);
                let proven = match ends_day {
                    None => false,
                    Some(day) if !stated.is_empty() => stated.contains(&day),
                    Some(day) if relative.is_some() => relative == Some(day),
                    Some(day) => month_and_day(sentence, day),
                };
                if !proven {
                    // A date that nobody contradicts may be a legal deadline: a person looks.
                    let dated = !stated.is_empty() || sentence.bytes().any(|b| b.is_ascii_digit());
                    let soft = dated
                        && ends_day.is_none()
                        && facts.get("ends_at") == Known::Unknown
                        && relative.is_none()
                        && !lower.contains("left")
                        && !lower.contains("next")
                        && !lower.contains("only");
                    let disposition = if soft {
                        Disposition::Review
                    } else {
                        Disposition::Block
                    };
                    offer_draft(
                        part.part,
                        view,
                        (hit.start(), hit.end()),
                        "The pressure of time is not carried by the offer's `ends_at`.",
                        disposition,
                        report,
                    );
                }
            }
        }
    }
}

/// "12 December" or "December 12" without a year.
fn month_and_day(sentence: &str, day: i64) -> bool {
    let Some(date) = chrono::NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(day))
    else {
        return false;
    };
    let lower = sentence.to_lowercase();
    ["%-d %B", "%B %-d", "%-d %b", "%b %-d", "%m/%d", "%-m/%-d"]
        .iter()
        .any(|form| lower.contains(&date.format(form).to_string().to_lowercase()))
}

fn offer_draft(
    part: Part,
    view: &crate::text::view::View,
    (from, to): (usize, usize),
    why: &str,
    disposition: Disposition,
    report: &mut dyn FnMut(RawFinding<'_>),
) {
    let (start, end) = view.mapped.original(from, to);
    report(RawFinding {
        part,
        start,
        end,
        owned_text: Some(view.text()[from..to].to_owned()),
        view: view.kind.as_str(),
        polarity: Polarity::Asserted,
        disposition: Some(disposition),
        why: Some(why.to_owned()),
        replacement: Some(String::new()),
        ..RawFinding::whole()
    });
}

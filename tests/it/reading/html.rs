//! HTML as readers see it.

use echovoice::domain::facts::Facts;
use echovoice::domain::finding::{Disposition, Finding, Part};
use echovoice::domain::jurisdiction::Channel;
use echovoice::domain::jurisdiction::Jurisdiction;
use echovoice::domain::message::Message;
use echovoice::pipeline::LayeredGate;
use echovoice::pipeline::ports::Gate as _;
use echovoice::rules::RuleBook;
use echovoice::service::policy::shipped;
use echovoice::text::html;
use serde_json::json;
use std::sync::{Arc, OnceLock};

const BAD: &str = "Returns are guaranteed: you cannot lose money.";
const GOOD: &str = "Here is how your plan works. Costs may vary.";

fn gate() -> &'static LayeredGate {
    static GATE: OnceLock<LayeredGate> = OnceLock::new();
    GATE.get_or_init(|| {
        let mut packs = shipped().unwrap();
        packs.retain(|pack| pack.head.id != "tarnwick");
        packs.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        LayeredGate::new(
            Arc::new(RuleBook::compile(&packs, []).unwrap()),
            Arc::default(),
        )
    })
}

/// As `check` reads an HTML file.
fn message(html: &str) -> Message {
    Message {
        body: html::visible_text(html).text().trim().to_owned(),
        html: Some(html.to_owned()),
        jurisdiction: Some(Jurisdiction::new("US")),
        product: Some("mutual_fund".into()),
        ..Message::default()
    }
}

fn findings(html: &str) -> Vec<Finding> {
    gate().check(&message(html)).findings
}

fn rules(html: &str) -> Vec<String> {
    let open = |f: &Finding| f.disposition >= Disposition::Review;
    findings(html)
        .into_iter()
        .filter(open)
        .map(|f| f.rule)
        .collect()
}

fn blocks(html: &str) -> bool {
    findings(html)
        .iter()
        .any(|f| f.rule == "us.finra.2210.promissory" && f.disposition == Disposition::Block)
}

/// Mark-up with `{}` where a text stands that some reader shows.
const SHOWN_TO_SOMEBODY: [&str; 41] = [
    // B5: the preview line of the inbox.
    "<div style=\"display:none;max-height:0;overflow:hidden\">{}&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div><p>Hello.</p>",
    "<span class=preheader style='opacity:0;font-size:1px;color:#fff'>{}</span><p>Hello.</p>",
    "<p hidden>{}</p><p>Hello.</p>",
    "<div style='visibility:hidden;mso-hide:all'>{}</div>",
    "<style>.pre{display:none!important}</style><div class='x pre'>{}</div>Hello.",
    // B6: a void or unfinished hidden element hides itself alone.
    "<hr style='display:none'>{}",
    "<input type=hidden style='display:none'><wbr style='display:none'>{}",
    "<table><tr><td style=display:none>x<td>{}</table>",
    "<ul><li style='display:none'>x<li>{}</ul>",
    "<p style='display:none'>x<p>{}",
    "<dl><dt style='display:none'>x<dd>{}</dl>",
    "<img style='display:none' src=x alt=''>{}",
    // B7: a size is inherited and set anew.
    "<table><tr><td style='font-size:0; padding:10px'><div style='font-size:16px'>{}</div></td></tr></table>",
    "<td style='font-size:0px'><span style='font-size:1rem'>{}</span></td>",
    "<div style='visibility:hidden'><p style='visibility:visible'>{}</p></div>",
    "<div style='color:#fff'><p style='background-color:#003'>{}</p></div>",
    // B8: a media query shows it on phones.
    "<style>@media(max-width:600px){.m{display:block!important}}</style><div class=m style='display:none;mso-hide:all'>{}</div>",
    "<style>.m{display:none} @media only screen and (max-width:480px){.m{display:table!important}}</style><table class=m><td>{}</table>",
    // B9: classic Outlook shows it.
    "<!--[if mso]><table><tr><td>{}</td></tr></table><![endif]-->Hello.",
    "<!--[if (gte mso 9)|(IE)]><p>{}</p><![endif]-->",
    "<!--[if !mso]><!--><p>{}</p><!--<![endif]-->",
    "<![if !mso]><p>{}</p><![endif]>",
    "<!--[if mso]><v:roundrect><center>{}</center></v:roundrect><![endif]-->",
    // Everybody but classic Outlook shows it.
    "<p style='mso-hide:all'>{}</p><p>Hello.</p>",
    // B12 and what else is shown beside the page.
    "<html><head><title>{}</title></head><body>Hello.</body></html>",
    "<meta name=description content='{}'>Hello.",
    "<img src=x alt='{}'>",
    "<a href='https://x.example' title='{}'>Our terms of use</a>",
    "<input placeholder='{}'>",
    "<input type=submit value='{}'>",
    "<button aria-label='{}'>Start your plan</button>",
    "<select><optgroup label='{}'><option>x</select>",
    "<style>.a::before{content:'{}'}</style><p class=a>Hello.</p>",
    "<noscript>{}</noscript>",
    "<details><summary>More</summary>{}</details>",
    "<iframe>{}</iframe>",
    // Broken mark-up.
    "<table>{}<tr><td>x</table>",
    "Hello.<!-- {}",
    "Hello.<a title='{}",
    "<frameset>{}</frameset>",
    "<svg><text>{}</text></svg>",
];

#[test]
fn what_some_reader_is_shown_is_judged() {
    for shape in SHOWN_TO_SOMEBODY {
        let (bad, good) = (shape.replace("{}", BAD), shape.replace("{}", GOOD));
        assert!(blocks(&bad), "{shape}: {:?}", rules(&bad));
        assert!(!blocks(&good), "{shape}");
        // A clean text part beside it takes nothing away.
        let beside = Message {
            body: GOOD.into(),
            ..message(&bad)
        };
        let found = gate().check(&beside).findings;
        assert!(
            found.iter().any(|f| f.rule == "us.finra.2210.promissory"),
            "{shape}"
        );
    }
}

#[test]
fn what_no_reader_is_shown_is_not_judged() {
    for shape in [
        "<!-- {} -->Hello.",
        "<script>{}</script>Hello.",
        "<style>/* {} */ p{color:red}</style>Hello.",
        "<template><p>{}</p></template>Hello.",
        "<!--[if mso]><style>.a{content:x} /* {} */</style><xml><o:x>{}</o:x></xml><![endif]-->Hello.",
    ] {
        assert!(!blocks(&shape.replace("{}", BAD)), "{shape}");
    }
}

#[test]
fn hidden_pieces_neither_split_nor_glue_what_is_shown() {
    for html in [
        "<p>Returns are guar<span style='display:none'>x</span>anteed.</p>",
        "<p>Returns are guar<span hidden> not </span>anteed.</p>",
        "<p>Returns are guar<!-- x -->anteed.</p>",
        "<p>Returns are <b>gua</b><i>ran</i>teed.</p>",
        "<p>Returns are guar<wbr>anteed.</p>",
        "<p>Returns are guar&shy;anteed.</p>",
        "<p>Returns are guar<font style='font-size:0'>zz</font>anteed.</p>",
        "<div>Returns are guar<div style='display:none'>x</div>anteed.</div>",
        "<style>.m{display:none}</style><p>Returns are guar<span class=m>anteed</span>.</p>",
        "<p>Returns are guar<!--[if mso]>anteed<![endif]--></p>",
        "<p>Returns are <bdo dir=rtl>deetnaraug</bdo>.</p>",
        "<p>Returns are g&#117;a<span style='color:white'>.</span>ranteed.</p>",
    ] {
        let open = findings(html);
        assert!(
            open.iter()
                .any(|f| f.disposition == Disposition::Block && f.rule.starts_with("us.finra")),
            "{html}: {open:?}"
        );
    }
    // Words of two blocks are two words.
    for html in [
        "<li>no</li><li>risk</li>",
        "<td>no<td>risk",
        "<dt>no<dd>risk",
        "<button>no</button>risk",
    ] {
        assert!(
            !html::visible_text(html).text().contains("norisk"),
            "{html}"
        );
    }
}

/// D7 and D15: blocks part words however the source is written.
#[test]
fn figures_of_neighbouring_blocks_stand_apart() {
    for name in [
        "article",
        "main",
        "aside",
        "blockquote",
        "button",
        "figure",
        "figcaption",
        "address",
        "fieldset",
        "form",
        "nav",
        "pre",
        "details",
        "summary",
        "dd",
        "option",
        "section",
        "legend",
        "center",
        "dialog open",
    ] {
        let end = name.split(' ').next().unwrap();
        let html = format!("<{name}>$100</{end}><{name}>Total</{end}>");
        let seen = html::visible_text(&html);
        assert!(
            seen.text().split_whitespace().eq(["$100", "Total"]),
            "{name}: {:?}",
            seen.text()
        );
    }
    let seen =
        html::visible_text("<table><tr><td>12 months<td>5.99%<tr><td>24 months<td>6.99%</table>");
    assert!(
        seen.text()
            .split_whitespace()
            .eq(["12", "months", "5.99%", "24", "months", "6.99%"])
    );
    let seen = html::visible_text(
        "<div style='display:inline'>guar</div><div style='display:inline'>anteed</div>",
    );
    assert_eq!(seen.text().trim(), "guaranteed");
}

/// C1: a footnote mark joins no figure.
#[test]
fn a_footnote_mark_joins_no_figure() {
    for mark in [
        "<sup>1</sup>",
        "<sup><a href='#n1'>1</a></sup>",
        "<span style='vertical-align:super;font-size:70%'>1</span>",
        "<style>.fn{vertical-align:super}</style><span class=fn>1</span>",
        "<a href='#fn1'>1</a>",
        "<sup>1,2</sup>",
        "<sup>(1)</sup>",
        "<sup>†</sup>",
    ] {
        let html =
            format!("<p>12 payments of $100{mark} a month. Total of payments $1,200{mark}.</p>");
        let found = findings(&html);
        assert!(
            !found
                .iter()
                .any(|f| f.why.contains("1001") || f.why.contains("12012")),
            "{mark}: {found:?}"
        );
        let seen = html::visible_text(&html);
        assert!(
            !seen.text().contains("1001") && !seen.text().contains("$1,2001"),
            "{}",
            seen.text()
        );
    }
    for (html, text) in [
        ("$9<sup>99</sup>", "$9.99"),
        ("$1,299<sup>00</sup>", "$1,299.00"),
        ("10<sup>th</sup> May", "10th May"),
        ("1<sup>1</sup>/<sub>2</sub>%", "1 1/2%"),
        ("9<sup>3</sup>&frasl;<sub>4</sub>%", "9 3/4%"),
        ("H<sub>2</sub>O", "H₂O"),
        ("Plan<sup>TM</sup>", "Plan™"),
    ] {
        assert_eq!(html::visible_text(html).text().trim(), text);
    }
    assert!(blocks(
        "<p>Returns are guaranteed<sup>1</sup>: you cannot lose<sup>2</sup> money.</p>"
    ));
}

#[test]
fn a_struck_price_is_no_live_figure_and_its_words_are_judged() {
    let facts: Facts = serde_json::from_value(json!({"price": 8})).unwrap();
    for html in [
        "<p>The plan is <s>$10</s> $8 a month.</p>",
        "<p>The plan is <del>$10</del> $8 a month.</p>",
        "<p>The plan is <span style='text-decoration:line-through'>$10</span> $8 a month.</p>",
        "<style>.was{text-decoration:line-through red}</style><p>The plan is <b class=was>$10</b> $8 a month.</p>",
    ] {
        let message = Message {
            facts: facts.clone(),
            ..message(html)
        };
        let verdict = gate().check(&message);
        assert!(
            !verdict.evidence.iter().any(|e| e.text.contains("10")),
            "{html}: {:?}",
            verdict.evidence
        );
        assert!(
            verdict.evidence.iter().any(|e| e.text.contains('8')),
            "{html}"
        );
    }
    assert!(blocks(&format!("<p><s>{BAD}</s></p>")));
}

/// What a message must say is said to everybody, or not at all.
#[test]
fn what_is_required_counts_only_where_it_is_shown() {
    let foot = "<p>Tarnwick Bank, 12 Main Street, Dover, DE 19901. <a href='https://x.example/u'>Unsubscribe</a></p>";
    let missing = |html: &str| {
        let message = Message {
            channel: Some(Channel::Email),
            complete: true,
            ..message(html)
        };
        let found = gate().check(&message).findings;
        found
            .iter()
            .any(|f| f.rule.starts_with("us.canspam") && f.disposition == Disposition::Block)
    };
    assert!(!missing(&format!("<p>{GOOD}</p>{foot}")));
    for hidden in [
        format!("<div style='display:none'>{foot}</div>"),
        format!("<div style='font-size:0'>{foot}</div>"),
        format!("<!--[if mso]>{foot}<![endif]-->"),
        format!("<div style='color:#fff'><style>a{{color:#fff}}</style>{foot}</div>"),
        format!("<noscript>{foot}</noscript>"),
        format!(
            "<style>@media(min-width:1px){{.h{{display:none}}}}</style><div class=h>{foot}</div>"
        ),
    ] {
        assert!(missing(&format!("<p>{GOOD}</p>{hidden}")), "{hidden}");
    }
}

/// B18: what fills a preview line is no disguise; the same within a word is.
#[test]
fn filling_of_a_preview_line_is_no_hidden_character() {
    let fill = "\u{34f}\u{200c}\u{a0}\u{34f}\u{200c} \u{ad}\u{200b}\u{feff} ".repeat(20);
    for html in [
        format!("<div style='display:none'>Your plan is ready {fill}</div><p>Hello.</p>"),
        format!("<div>Your plan is ready.{fill}</div>"),
        "<div style='display:none'>Ready&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&shy;</div>Hello."
            .to_owned(),
    ] {
        assert!(
            !rules(&html).contains(&"core.hidden".to_owned()),
            "{html:?}"
        );
    }
    for html in ["<p>A p\u{200b}lan</p>", "<p>A p\u{34f}\u{200c}lan</p>"] {
        assert!(rules(html).contains(&"core.hidden".to_owned()), "{html:?}");
    }
}

#[test]
fn a_link_leads_where_its_text_says() {
    for html in [
        "<a href='https://evil.example/x'>www.tidewater.example</a>",
        "<a href='https://evil.example'><b>https://</b>tidewater.example/pay</a>",
        "<a href='https://tidewater.example@evil.example'>tidewater.example</a>",
        "<a href='//evil.example'>tidewater.com</a>",
        "<a href='mailto:a@evil.example'>a@tidewater.example</a>",
    ] {
        assert!(rules(html).contains(&"core.link".to_owned()), "{html}");
    }
    for html in [
        "<a href='https://www.tidewater.example/pay'>tidewater.example</a>",
        "<a href='https://tidewater.example/terms.pdf'>Our terms.pdf</a>",
        "<a href='#top'>tidewater.example</a>",
        "<a href='https://tidewater.example/'>Costs from $9.99 a month</a>",
    ] {
        assert!(!rules(html).contains(&"core.link".to_owned()), "{html}");
    }
}

#[test]
fn a_page_past_the_limits_is_judged_and_told() {
    let deep = format!("{}<p>{BAD}</p>", "<div>".repeat(2_000));
    assert!(blocks(&deep));
    assert!(rules(&deep).contains(&"core.unread".to_owned()));
    let found = findings(&deep);
    let told = found.iter().find(|f| f.rule == "core.unread").unwrap();
    assert_eq!(
        (told.part, told.disposition),
        (Part::Html, Disposition::Review)
    );
    assert!(!rules(&format!("<p>{GOOD}</p>")).contains(&"core.unread".to_owned()));
}

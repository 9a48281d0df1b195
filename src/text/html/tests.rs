use super::*;
use proptest::prelude::*;

fn visible(source: &str) -> String {
    visible_text(source).text().trim().to_owned()
}

fn hidden(source: &str) -> String {
    HtmlPage::read(source)
        .shown()
        .hidden()
        .text()
        .trim()
        .to_owned()
}

#[test]
fn a_word_split_by_tags_and_entities_is_whole_again() {
    let source = "<p>guar<b></b>anteed &amp; s&#97;fe</p><!-- x --><script>no()</script>";
    let seen = visible_text(source);
    assert_eq!(seen.text().trim(), "guaranteed & safe");
    let at = seen.text().find("guaranteed").unwrap();
    let (start, end) = seen.original(at, at + 10);
    assert_eq!(&source[start..end], "guar<b></b>anteed");
}

#[test]
fn attributes_are_read_and_hidden_text_is_not_shown() {
    let source = r#"<a href="https://x.example/a" title='no risk'>go</a><span style="display: none">zzz</span>"#;
    let page = HtmlPage::read(source);
    let shown = page.shown();
    assert!(shown.attributes().shown.text().contains("no risk"));
    assert_eq!(visible(source), "go");
    assert_eq!(hidden(source), "gozzz\n\nzzz");
    let links = shown.links();
    assert_eq!(&source[links[0].from..links[0].to], "go");
    // A button that Outlook draws in its own way is a link with words for everybody else.
    let button = "<a href=x style='mso-hide:all'>Start</a><a href=y style='display:none'>no</a>";
    let page = HtmlPage::read(button);
    let shown = page.shown();
    let texts: Vec<_> = shown
        .links()
        .iter()
        .map(|l| l.text.text().to_owned())
        .collect();
    assert_eq!(texts, ["Start", ""]);
}

#[test]
fn blocks_part_words_and_inline_elements_do_not() {
    assert_eq!(
        visible("<dl><dt>APR<dd>5.99%<dt>Fee<dd>$3</dl>"),
        "APR\n\n5.99%\n\nFee\n\n$3"
    );
    assert_eq!(
        visible("<table><tr><td>12 months<td>5.99%</table>"),
        "12 months\n\n5.99%"
    );
    assert_eq!(visible("a<wbr>b<i>c</i>&shy;d<br>e"), "abc\u{ad}d\ne");
    assert_eq!(
        visible("no<button>risk</button><option>x<option>y"),
        "no\n\nrisk\n\nx\n\ny"
    );
}

#[test]
fn hidden_is_what_css_hides_and_no_more() {
    for (source, seen) in [
        ("<hr style='display:none'>BAD", "BAD"),
        ("<p style=display:none>x<p>BAD", "BAD"),
        (
            "<table><td style='font-size:0'>x<div style='font-size:16px'>BAD</div></table>",
            "BAD",
        ),
        (
            "<div style='visibility:hidden'>x<b style='visibility:visible'>BAD</b></div>",
            "BAD",
        ),
        (
            "<style>.h{display:none}</style><p class='a h'>x</p><p>BAD</p>",
            "BAD",
        ),
        (
            "<style>@media(max-width:9in){.h{display:none}}</style><p class=h>BAD</p>",
            "BAD",
        ),
        (
            "<p style='color:#fff'>x</p><p style='background:#000;color:white'>BAD</p>",
            "BAD",
        ),
        (
            "<p style='max-height:0;overflow:hidden'>x</p><p hidden>x</p>BAD",
            "BAD",
        ),
        (
            "<p style='position:absolute;left:-9999px'>x</p><p style='opacity:0'>x</p>BAD",
            "BAD",
        ),
        (
            "<style>table td > p.x, #y{display:none}</style><table><td><p class=x>x<p>BAD<p id=y>y</table>",
            "BAD",
        ),
        ("<noscript>x</noscript><template>t</template>BAD", "BAD"),
    ] {
        assert_eq!(visible(source), seen, "{source}");
    }
}

#[test]
fn what_some_readers_show_is_in_the_hidden_view() {
    for source in [
        "<div style='display:none'>BAD</div>x",
        "<!--[if mso]><table><tr><td>BAD</td></tr></table><![endif]-->x",
        "<title>BAD</title>x",
        "x<p class=m style='display:none;mso-hide:all'>BAD",
        "<noscript>BAD</noscript>x",
        "x<!-- BAD",
        "<frameset>BAD</frameset>",
        "x<a title=BAD",
        "x<p style='mso-hide:all'>BAD",
        "<style>.o{mso-hide:all}</style><table class=o><td><p>BAD</table>x",
        "x<iframe>BAD</iframe>",
    ] {
        assert!(
            hidden(source).contains("BAD"),
            "{source}: {}",
            hidden(source)
        );
        assert!(!visible(source).contains("BAD"), "{source}");
    }
    assert_eq!(
        hidden("<p>x</p><!-- BAD --><template>BAD</template><div hidden>&#847;&zwnj;&nbsp;</div>"),
        ""
    );
    assert_eq!(visible("<!--[if !mso]><!-->BAD<!--<![endif]-->"), "BAD");
    assert_eq!(visible("<p style='mso-hide:none'>BAD"), "BAD");
}

#[test]
fn a_raised_mark_joins_no_figure() {
    for (source, seen) in [
        ("$100<sup>1</sup> a month", "$100¹ a month"),
        ("$9<sup>99</sup>", "$9.99"),
        ("the 10<sup>th</sup>", "the 10th"),
        ("9<sup>1</sup>/<sub>2</sub>%", "9 1/2%"),
        (
            "$5<span style='vertical-align:super;font-size:8px'>2</span>",
            "$5²",
        ),
        ("$5<a href='#fn1'>3</a>", "$5³"),
        ("$5<sup><a href='#fn1'>1</a></sup>", "$5¹"),
        ("$5<sup>1,2</sup>", "$5¹,²"),
        (
            "<style>sup{position:relative;top:-.5em;vertical-align:baseline}</style>$5<sup>1</sup>",
            "$5¹",
        ),
    ] {
        assert_eq!(visible(source), seen, "{source}");
    }
    let source = "Was <s>$10</s> <span style='text-decoration:line-through'>$9</span> $8";
    let struck: Vec<&str> = struck(source).into_iter().map(|r| &source[r]).collect();
    assert_eq!(struck, ["$10", "$9"]);
}

#[test]
fn texts_of_style_and_attributes_are_read() {
    let source = "<style>.a::after{content:'Risk \\201C free'}</style><img alt='A &amp; b'><input type=submit value=Go><input placeholder=P><track label=L><div hidden><img alt=Z></div><meta name=description content=D>";
    let page = HtmlPage::read(source);
    let texts = page.shown().attributes();
    assert_eq!(texts.shown.text(), "A & b\nGo\nP\nL\n");
    assert_eq!(texts.unshown.text(), "Z\nD\nRisk “free\n");
}

#[test]
fn hostile_mark_up_comes_to_an_end_and_is_told() {
    for piece in [
        "<div>",
        "<b>",
        "<b><p>",
        "<a><p>",
        "<table><td>",
        "<!--",
        "<p id=x>",
        "<svg><p>",
        "<i id=1><p class=2>",
    ] {
        let source = format!("{}BAD", piece.repeat(300_000 / piece.len()));
        let page = HtmlPage::read(&source);
        let shown = page.shown();
        let text = format!("{}{}", shown.visible().text(), shown.hidden().text());
        assert!(text.contains("BAD"), "{piece}");
    }
    assert!(!HtmlPage::read(&"<div>".repeat(100_000)).is_complete());
    assert!(HtmlPage::read(&"<p>x</p>".repeat(100_000)).is_complete());
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_no_word_is_lost(source in "(<|>|</|<!--|-->|<p>|<b>|</b>|<td>|<table>|</p>|<sup>|<style>|<title>|<a href=x |'|\"|=|&|amp;|;|word |é|\u{0}|\r\n|[a-z/!]){0,40}") {
        let page = HtmlPage::read(&source);
        let shown = page.shown();
        for text in [shown.visible(), shown.hidden(), shown.hidden_alone(), shown.attributes().shown, shown.attributes().unshown] {
            let (start, end) = text.original(0, text.text().len());
            prop_assert!(source.get(start..end).is_some());
        }
        for link in shown.links() {
            prop_assert!(source.get(link.from..link.to).is_some());
        }
        let _ = Blocks::of(&source);
    }
}

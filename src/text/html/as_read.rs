//! A page as text for somebody who cannot see it: what is shown, with what stands for an image, and where each link leads.

use super::page::HtmlPage;
use super::parse::Tag;

/// The visible text with `[image: …]` where an image stands and `<target>` behind each link whose words do not say it.
pub fn as_read(source: &str) -> String {
    let page = HtmlPage::read(source);
    let view = page.shown();
    let mut notes: Vec<(usize, String)> = Vec::new();
    for tag in page.tags().iter().filter(|tag| tag.name == "img") {
        notes.push((tag.start, image(tag)));
    }
    for link in view.links() {
        let target = link
            .tag
            .attribute("href")
            .map_or("", |href| href.value.trim());
        if !target.is_empty() && link.text.text().trim() != target {
            notes.push((link.to, format!(" <{target}>")));
        }
    }
    notes.sort_by_key(|(at, _)| *at);
    let mut notes = notes.into_iter().peekable();
    let mut out = String::new();
    for (c, start, _) in view.visible().chars() {
        while let Some((_, note)) = notes.next_if(|(at, _)| *at <= start) {
            put(&mut out, &note);
        }
        out.push(c);
    }
    notes.for_each(|(_, note)| put(&mut out, &note));
    out.trim().to_owned()
}

/// An image as its words; one without words says so, since some readers are told nothing.
fn image(tag: &Tag) -> String {
    match tag.attribute("alt").map(|alt| alt.value.trim()) {
        None => "[image without words]".to_owned(),
        Some("") => String::new(),
        Some(words) => format!("[image: {words}]"),
    }
}

/// A link's target joins its words; an image stands on a line of its own where nothing stands beside it.
fn put(out: &mut String, note: &str) {
    let is_target = note.starts_with(' ');
    let line_ended = out.is_empty() || out.ends_with('\n');
    if is_target {
        let kept = out.trim_end().len();
        let broken = out.split_off(kept);
        out.push_str(note);
        out.push_str(&broken);
    } else if !note.is_empty() {
        if !line_ended && !out.ends_with(' ') {
            out.push(' ');
        }
        out.push_str(note);
        out.push_str(if line_ended { "\n\n" } else { " " });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_and_links_are_said_where_they_stand() {
        let page = "<p><img src=\"cid:logo\" alt=\"Tarnwick\"></p><p>Hi <b>Amara</b>,</p><p>See <a href=\"https://a.example/x?y=1\">how it works</a> today.</p><p><a href=\"https://b.example\">https://b.example</a><img src=x></p><p style=\"display:none\">not seen</p>";
        assert_eq!(
            as_read(page),
            "[image: Tarnwick]\n\nHi Amara,\n\nSee how it works <https://a.example/x?y=1> today.\n\nhttps://b.example\n\n[image without words]"
        );
    }
}

//! What holds on every screen at every size: one line between panes, nothing cut beside empty space, keys that stand
//! out and stay, colours with a word beside them, and a mark where a pane goes on.

use crate::support::scene::{model, press};
use crossterm::event::KeyCode;
use echovoice::service::audit::Report;
use echovoice::tui::drawn::DrawnPane;
use echovoice::tui::model::{Model, Overlay, Screen};
use echovoice::tui::msg::Msg;
use echovoice::tui::snapshot::{self, NAMES};
use echovoice::tui::theme::{DARK, MONO, Theme};
use echovoice::tui::update::update;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (160, 45), (200, 50)];

/// Every screen and dialog at every size.
fn everywhere(mut look: impl FnMut(&str, &Model, &Buffer)) {
    for name in NAMES {
        for (width, height) in SIZES {
            let mut desk = model(DARK, name);
            update(&mut desk, Msg::Size(width, height));
            let buffer = snapshot::frame(&desk, width, height);
            look(&format!("{name} at {width}x{height}"), &desk, &buffer);
        }
    }
}

fn row(buffer: &Buffer, y: u16) -> String {
    let cells = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol());
    cells.collect()
}

fn footer(buffer: &Buffer) -> String {
    row(buffer, buffer.area.height - 1)
}

/// The panes that can be seen: those of the uppermost thing.
fn seen(desk: &Model) -> Vec<DrawnPane> {
    let drawn = desk.drawn.borrow();
    let over = drawn.panes.iter().any(|pane| pane.over);
    let panes = drawn.panes.iter().filter(|pane| pane.over == over);
    panes.cloned().collect()
}

#[test]
fn between_two_panes_stands_one_line() {
    let upright = |symbol: &str| "│┃┌┐└┘┏┓┗┛├┤┣┫┡┢┩┪╿╽".contains(symbol);
    everywhere(|place, _, buffer| {
        for y in 0..buffer.area.height {
            for x in 1..buffer.area.width {
                let both = [x - 1, x].map(|x| upright(buffer[(x, y)].symbol()));
                assert!(
                    both != [true, true],
                    "{place}: a fence at {x},{y}\n{}",
                    snapshot::text(buffer)
                );
            }
        }
    });
}

/// Columns of a pane that are blank in all of these rows.
fn blank(buffer: &Buffer, pane: Rect, rows: &[u16], x: u16) -> bool {
    let blank = |y: &u16| buffer[(x, *y)].symbol() == " ";
    pane.x <= x && x < pane.right() && rows.iter().all(blank)
}

#[test]
fn nothing_is_cut_beside_empty_space() {
    /// As many blank cells are a gap between columns, or what a word did not fit into.
    const GAP: u16 = 4;
    everywhere(|place, desk, buffer| {
        let listed: Vec<Rect> = desk.drawn.borrow().rows.iter().map(|(at, _)| *at).collect();
        for pane in seen(desk) {
            let inside = pane.inside;
            let in_list = |y: &u16| {
                let of_list = |at: &Rect| at.y == *y && at.intersects(inside);
                listed.iter().any(of_list)
            };
            let mut rows: Vec<u16> = (inside.top()..inside.bottom()).filter(in_list).collect();
            // The columns' names stand above the first row.
            let first = rows.first().copied().filter(|y| *y > inside.top());
            rows.extend(first.map(|y| y - 1));
            for y in inside.top()..inside.bottom() {
                for x in inside.left() + 1..inside.right() {
                    let cut = buffer[(x, y)].symbol() == "…" && buffer[(x - 1, y)].symbol() != " ";
                    if !cut {
                        continue;
                    }
                    let behind = if rows.contains(&y) { &rows } else { &vec![y] };
                    let (mut run, mut most) = (0, 0);
                    for x in x + 1..inside.right() {
                        run = if blank(buffer, inside, behind, x) {
                            run + 1
                        } else {
                            0
                        };
                        most = most.max(run);
                    }
                    assert!(
                        most < GAP,
                        "{place}: cut beside {most} blank cells: {}\n{}",
                        row(buffer, y),
                        snapshot::text(buffer)
                    );
                }
            }
        }
    });
}

#[test]
fn the_footer_keeps_the_keys_that_nobody_can_do_without() {
    everywhere(|place, desk, buffer| {
        let line = footer(buffer);
        assert!(!line.contains('…'), "{place}: {line}");
        let needed: &[&str] = match desk.overlays.last() {
            Some(Overlay::Quit) => &["y quits"],
            Some(_) => &["Esc "],
            None if desk.screen == Screen::Queue => &["Enter open", "? keys", "q quit"],
            None if desk.screen == Screen::Audit => &["? keys", "q quit"],
            None => &["d decide", "? keys", "q quit"],
        };
        for words in needed {
            assert!(line.contains(words), "{place}: no {words}: {line}");
        }
    });
}

#[test]
fn what_just_happened_hides_no_key_and_is_told_to_its_end() {
    let mut desk = model(DARK, "review");
    let words = "only a principal or an officer who did not start the run may decide about it, and nobody else does until the second person has signed: ask for one";
    desk.status = Some((words.into(), true));
    let buffer = snapshot::frame(&desk, 80, 24);
    for words in ["d decide", "? keys", "q quit"] {
        assert!(footer(&buffer).contains(words), "{}", footer(&buffer));
    }
    let told = format!("{} {}", row(&buffer, 21).trim(), row(&buffer, 22).trim());
    assert!(told.ends_with("ask for one"), "{told}");
}

#[test]
fn the_header_always_says_who_acts_and_that_it_is_a_demo() {
    for screen in ["queue", "review", "citations", "safety", "audit"] {
        let mut desk = model(DARK, screen);
        desk.person.name = "maria.gonzalez-fernandez".into();
        let line = |desk: &mut Model| {
            update(desk, Msg::Size(80, 24));
            row(&snapshot::frame(desk, 80, 24), 0)
        };
        let quiet = line(&mut desk);
        assert!(quiet.contains("maria.gonzalez-fernandez (demo)"), "{quiet}");
        desk.refused = Some("the disk is full".into());
        let loud = line(&mut desk);
        assert!(loud.contains("(demo)") && loud.contains("maria."), "{loud}");
        assert!(loud.contains("NOTHING RECORDED"), "{loud}");
        assert!(loud.contains(desk.screen.title()), "{loud}");
    }
}

/// Whether a run of cells in the row has this style.
fn style_of(buffer: &Buffer, y: u16, words: &str) -> Style {
    let line: Vec<&str> = (0..buffer.area.width)
        .map(|x| buffer[(x, y)].symbol())
        .collect();
    let needle: Vec<String> = words.chars().map(String::from).collect();
    let at = line.windows(needle.len()).position(|cells| cells == needle);
    let at = at.unwrap_or_else(|| panic!("no {words} in {}", line.concat()));
    buffer[(at as u16, y)].style()
}

#[test]
fn keys_stand_out_from_what_they_do() {
    for theme in [DARK, MONO] {
        for name in ["queue", "review", "safety", "decide", "edit", "charts"] {
            let buffer = snapshot::frame(&model(theme, name), 100, 30);
            let (key, words) = match name {
                "decide" => ("Esc", "leaves"),
                "edit" => ("Ctrl-S", "keep"),
                "charts" => ("Esc", "closes"),
                _ => ("q quit", "quit"),
            };
            let bold = |words| {
                let style = style_of(&buffer, 29, words);
                style.add_modifier.contains(Modifier::BOLD)
            };
            assert!(bold(key) && !bold(words), "{name}");
        }
    }
}

#[test]
fn the_focus_is_told_by_weight_and_never_by_capitals() {
    let mut desk = model(MONO, "review");
    for place in 0..3 {
        let buffer = snapshot::frame(&desk, 100, 30);
        let text = snapshot::text(&buffer);
        assert!(
            !text.contains("PIPELINE") && !text.contains("VARIANT"),
            "{text}"
        );
        for pane in seen(&desk) {
            let end = pane.inside.right();
            let heavy = buffer[(end, pane.inside.y - 1)].symbol() == "━";
            assert_eq!(heavy, pane.place == Some(place), "{}\n{text}", pane.title);
        }
        update(&mut desk, press(KeyCode::Tab));
    }
}

#[test]
fn the_message_is_the_largest_thing_on_review() {
    for (width, height) in SIZES {
        let desk = model(DARK, "review");
        let buffer = snapshot::frame(&desk, width, height);
        let rows = |place| {
            let panes = seen(&desk);
            let found = panes.iter().find(|pane| pane.place == Some(place));
            found.unwrap().inside
        };
        let (message, stages, stage) = (rows(2), rows(0), rows(1));
        assert!(
            message.height > stages.height.max(stage.height),
            "{width}x{height}"
        );
        assert!(message.height >= (height - 2) / 2, "{width}x{height}");
        // The verdict stands on top of it, in its style; what it was made from is small print.
        let first = row(&buffer, message.y);
        assert!(
            first.contains("ok ") && first.contains("rules looked"),
            "{first}"
        );
        let time = style_of(&buffer, stages.y, "1.5 ms");
        assert_eq!(time.fg, DARK.dim().fg, "times are small print");
    }
    let desk = model(DARK, "review");
    let buffer = snapshot::frame(&desk, 200, 50);
    let text = snapshot::text(&buffer);
    let y = text
        .lines()
        .position(|line| line.contains("text 2c3d"))
        .unwrap();
    let hash = style_of(&buffer, y as u16, "text 2c3d");
    assert_eq!(hash.fg, DARK.dim().fg, "hashes are small print");
}

#[test]
fn every_screen_tells_its_states_by_colour_with_a_word_beside_it() {
    let states = |theme: Theme| [theme.ok(), theme.warn(), theme.block()].map(|style| style.fg);
    for (name, words) in [
        ("queue", "BLOCK"),
        ("review", "ok"),
        ("citations", "UNVERIFIED"),
        ("safety", "BLOCK"),
        ("audit", "OK"),
    ] {
        let mut desk = model(DARK, name);
        if name == "audit" {
            desk.chain.report = Some(Report {
                ok: true,
                entries: 12,
                blobs: 3,
                signatures: 4,
                root: "abc".into(),
                first_bad: None,
                problem: None,
                proves: "that no entry was changed".into(),
                rules: String::new(),
            });
        }
        let buffer = snapshot::frame(&desk, 100, 30);
        let coloured = (0..30).any(|y| {
            row(&buffer, y).contains(words)
                && states(DARK).contains(&style_of(&buffer, y, words).fg)
        });
        assert!(coloured, "{name}:\n{}", snapshot::text(&buffer));
        desk.theme = MONO;
        let without = snapshot::text(&snapshot::frame(&desk, 100, 30));
        assert!(without.contains(words), "{without}");
    }
}

#[test]
fn a_pane_that_goes_on_is_marked_at_the_end_where_it_does() {
    let mut desk = model(DARK, "review");
    update(&mut desk, press(KeyCode::Tab));
    update(&mut desk, press(KeyCode::Tab));
    assert_eq!(desk.pane, 2);
    let marks = |desk: &Model| {
        let buffer = snapshot::frame(desk, 80, 24);
        let inside = seen(desk)
            .into_iter()
            .find(|pane| pane.place == Some(2))
            .unwrap()
            .inside;
        let at = |y| buffer[(inside.right(), y)].symbol().to_owned();
        [at(inside.top()), at(inside.bottom() - 1)]
    };
    assert_eq!(marks(&desk), [" ", "↓"], "from the top it goes on below");
    update(&mut desk, press(KeyCode::Down));
    assert_eq!(marks(&desk), ["↑", "↓"]);
    update(&mut desk, press(KeyCode::End));
    assert_eq!(marks(&desk), ["↑", " "], "its end is in view");
    let all = snapshot::frame(&model(DARK, "dismiss"), 100, 30);
    assert!(!row(&all, 14).contains('↓'));
}

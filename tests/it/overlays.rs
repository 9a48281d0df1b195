//! What stands over the screens, and what leads from one to another: comparing, charts, the form, links, the mouse.

use crate::support::scene::{demo_run, keys, model, press};
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use echovoice::domain::person::Role;
use echovoice::domain::run::Stage;
use echovoice::pipeline::RunEvent;
use echovoice::tui::effect::Effect;
use echovoice::tui::links::users_of;
use echovoice::tui::model::{Model, Overlay, SafetyPane, Screen};
use echovoice::tui::msg::Msg;
use echovoice::tui::overlay::compare::Side;
use echovoice::tui::overlay::customer_data::{DataDeed, DataField};
use echovoice::tui::overlay::tour::Tour;
use echovoice::tui::snapshot;
use echovoice::tui::theme::DARK;
use echovoice::tui::update::update;

fn shown(desk: &Model) -> String {
    snapshot::text(&snapshot::frame(desk, 100, 30))
}

fn status(desk: &Model) -> &str {
    desk.status.as_ref().map_or("", |(text, _)| text)
}

/// Two tries, the second with other words and without its findings.
fn tries() -> Vec<Side> {
    let first = demo_run();
    let mut second = first.clone();
    for variant in second.variants.as_mut().unwrap() {
        variant.body = variant.body.replace("no risk", "little risk");
    }
    for gate in second.gate.as_mut().unwrap() {
        gate.verdict.findings.clear();
    }
    second.pins.seed = 8;
    vec![
        Side::new("try 1: as started".into(), first),
        Side::new("try 2: C edited".into(), second),
    ]
}

#[test]
fn tries_are_compared_word_by_word_with_their_findings() {
    let mut desk = model(DARK, "review");
    assert_eq!(
        keys(&mut desk, "D"),
        [Effect::LoadTries("r-0123456789".into())]
    );
    desk.variant_at = 2;
    let compare = Msg::Compare {
        what: "tries",
        sides: tries(),
        chosen: (0, 1),
        said: None,
    };
    update(&mut desk, compare);
    let text = shown(&desk);
    assert!(text.contains("other on the two sides: seed"), "{text}");
    assert!(text.contains("only here"), "{text}");
    let changed: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(" - ") || line.contains(" + "))
        .collect();
    let of_the_words = changed
        .iter()
        .any(|l| l.contains("no risk") && l.contains("little"));
    assert!(of_the_words, "{text}");
    // Left and right walk the variants of both sides; a run and a variant of its own are chosen field by field.
    update(&mut desk, press(KeyCode::Left));
    assert!(shown(&desk).matches("< variant B >").count() == 2);
    update(&mut desk, press(KeyCode::Tab));
    update(&mut desk, press(KeyCode::Right));
    assert!(shown(&desk).matches("< try 2: C edited >").count() == 2);
    update(&mut desk, press(KeyCode::Esc));
    assert!(desk.overlays.is_empty());
}

#[test]
fn one_try_alone_shows_its_variants_beside_each_other() {
    let mut desk = model(DARK, "review");
    let compare = Msg::Compare {
        what: "tries",
        sides: tries().into_iter().take(1).collect(),
        chosen: (0, 0),
        said: None,
    };
    update(&mut desk, compare);
    let text = shown(&desk);
    assert!(
        text.contains("< variant A >") && text.contains("< variant B >"),
        "{text}"
    );
}

#[test]
fn a_run_of_the_record_is_run_again_and_compared_with_the_open_one() {
    let mut desk = model(DARK, "queue");
    update(&mut desk, press(KeyCode::Down));
    let other = "r-bbbbbbbbbb".to_owned();
    let open = Some("r-0123456789".to_owned());
    assert_eq!(
        keys(&mut desk, "c"),
        [Effect::LoadOther { run: other, open }]
    );
    desk.screen = Screen::Audit;
    assert!(keys(&mut desk, "r").is_empty());
    assert!(status(&desk).contains("no run"));
}

#[test]
fn what_if_lists_the_packs_and_asks_for_the_chosen_one() {
    let mut desk = model(DARK, "safety");
    assert_eq!(keys(&mut desk, "w"), [Effect::ListPacks]);
    let packs = ["uk-eu", "us-finra"].map(|id| (id.to_owned(), format!("{id} 1 (draft)")));
    update(&mut desk, Msg::Packs(packs.to_vec()));
    assert_eq!(
        keys(&mut desk, "fin\n"),
        [Effect::JudgeUnder("us-finra".into())]
    );
    let mut early = model(DARK, "safety");
    early.run.as_mut().unwrap().rewind_to(Stage::Safety);
    assert!(keys(&mut early, "w").is_empty() && early.overlays.is_empty());
}

#[test]
fn evidence_is_walked_to_its_source_and_back() {
    let mut desk = model(DARK, "evidence");
    let run = demo_run();
    // A statement that a citation carries.
    let place = run
        .variants
        .as_ref()
        .unwrap()
        .iter()
        .enumerate()
        .find_map(|(variant, v)| {
            let evidence = &run.verdict(&v.id)?.evidence;
            let at = evidence
                .iter()
                .position(|e| e.source.starts_with("citation:"))?;
            Some((variant, at))
        });
    let (variant, at) = place.expect("the demo run cites");
    (desk.variant_at, desk.evidence_at) = (variant, at);
    let source = desk.verdict().unwrap().evidence[at].source.clone();
    keys(&mut desk, "\n");
    assert_eq!(desk.screen, Screen::Citations);
    let retrieved = run.retrieved.as_ref().unwrap();
    let cited = &retrieved.citations[desk.citation_at].id;
    assert_eq!(source, format!("citation:{cited}"));
    let users = users_of(&run, cited);
    for number in 1..=users.len() {
        keys(&mut desk, "u");
        assert!(status(&desk).starts_with(&format!("{number} of {}", users.len())));
    }
    keys(&mut desk, "\n");
    assert_eq!(
        (desk.screen, desk.variant_at),
        (Screen::Safety, users.last().unwrap().variant)
    );
    assert_eq!(desk.aspect, SafetyPane::Evidence);
    // A citation that nobody uses says so.
    let unused = retrieved
        .citations
        .iter()
        .position(|c| users_of(&run, &c.id).is_empty());
    desk.screen = Screen::Citations;
    desk.citation_at = unused.unwrap();
    keys(&mut desk, "\n");
    assert!(desk.screen == Screen::Citations && status(&desk).contains("no sentence"));
}

#[test]
fn a_profile_is_typed_in_checked_and_started() {
    let mut desk = model(DARK, "queue");
    keys(&mut desk, "N");
    assert!(
        shown(&desk).contains("user_id: missing"),
        "{}",
        shown(&desk)
    );
    // What cannot be read is not started.
    let control = |c| {
        Msg::Input(Event::Key(KeyEvent::new(
            KeyCode::Char(c),
            KeyModifiers::CONTROL,
        )))
    };
    assert!(update(&mut desk, control('r')).is_empty() && desk.overlays.len() == 1);
    keys(&mut desk, "C-9");
    for _ in 0..4 {
        update(&mut desk, press(KeyCode::Down));
    }
    update(&mut desk, press(KeyCode::Right));
    let value = serde_json::json!({"user_id": "C-9", "channel": "email"});
    let kept = update(&mut desk, control('s'));
    assert_eq!(kept, [Effect::SaveProfile(Box::new(value.clone()))]);
    let started = update(&mut desk, control('r'));
    assert_eq!(started, [Effect::StartProfile(Box::new(value))]);
    assert_eq!(desk.screen, Screen::Review);
    assert!(keys(&mut desk, "c").is_empty(), "not before it is open");
    assert!(status(&desk).contains("being opened"));
}

#[test]
fn what_was_typed_into_a_form_is_thrown_away_only_when_asked_twice() {
    let mut desk = model(DARK, "review");
    keys(&mut desk, "N");
    assert!(shown(&desk).contains("C-20417"), "the open run's profile");
    keys(&mut desk, "x");
    update(&mut desk, press(KeyCode::Esc));
    assert_eq!(desk.overlays.len(), 1);
    update(&mut desk, press(KeyCode::Esc));
    assert!(desk.overlays.is_empty());
}

#[test]
fn help_is_searched_and_runs_what_is_chosen() {
    let mut desk = model(DARK, "review");
    keys(&mut desk, "?verify");
    assert!(shown(&desk).contains("verify the ledger"));
    assert_eq!(keys(&mut desk, "\n"), [Effect::Verify]);
    keys(&mut desk, "??");
    assert!(desk.overlays.is_empty(), "the key that opened it closes it");
}

#[test]
fn the_palette_has_every_command_and_goes_where_it_belongs() {
    let mut desk = model(DARK, "review");
    keys(&mut desk, ":");
    let Some(Overlay::Palette(list)) = desk.overlays.last() else {
        panic!("no palette");
    };
    for row in desk.keys.rows() {
        let known = |r: &echovoice::tui::keymap::KeyRow| r.binding.command == row.binding.command;
        assert!(list.rows.iter().any(known), "{:?}", row.binding.command);
    }
    keys(&mut desk, "list what is below");
    assert!(shown(&desk).contains("Citations"));
    keys(&mut desk, "\n");
    assert!(desk.screen == Screen::Citations && desk.show_below);
}

#[test]
fn the_tour_ends_with_the_keys_that_it_names() {
    let mut desk = model(DARK, "queue");
    desk.overlays = vec![Overlay::Tour(Tour::default())];
    keys(&mut desk, "?");
    assert!(matches!(desk.overlays.as_slice(), [Overlay::Help(_)]));
}

#[test]
fn the_tour_runs_the_shipped_demo_alone_and_only_for_who_may_run_one() {
    let control = |c| {
        Msg::Input(Event::Key(KeyEvent::new(
            KeyCode::Char(c),
            KeyModifiers::CONTROL,
        )))
    };
    let mut desk = model(DARK, "queue");
    desk.run = None;
    desk.profiles.insert(0, "a-customer.json".into());
    let demo = Effect::StartPreview("01-clean-winner.json".into());
    assert_eq!(update(&mut desk, control('t')), [demo]);
    update(&mut desk, press(KeyCode::Esc));
    desk.profiles.truncate(1);
    assert!(
        update(&mut desk, control('t')).is_empty(),
        "no demo, no run"
    );
    let mut desk = model(DARK, "queue");
    desk.run = None;
    desk.person.role = echovoice::domain::person::Role::Auditor;
    assert!(update(&mut desk, control('t')).is_empty());
    assert!(shown(&desk).contains("1 of 6"));
}

#[test]
fn charts_turn_page_by_page_and_show_what_is_at_hand() {
    let mut desk = model(DARK, "review");
    assert_eq!(
        keys(&mut desk, "C"),
        [Effect::LoadRuns, Effect::LoadEntries]
    );
    assert!(shown(&desk).contains("[Scores]") && shown(&desk).contains("winner"));
    update(&mut desk, press(KeyCode::Right));
    assert!(shown(&desk).contains("95 of 100"));
    update(&mut desk, press(KeyCode::Right));
    let text = shown(&desk);
    assert!(
        text.contains("2026-11-23      3 of 3") && text.contains("No result is promised"),
        "{text}"
    );
    let mut turned = |key| update(&mut desk, press(key));
    assert_eq!(turned(KeyCode::Right), [Effect::LoadExperiments]);
    assert_eq!(turned(KeyCode::Right), [Effect::LoadReviewers]);
    assert_eq!(turned(KeyCode::Right), [], "round to the first page");
    assert_eq!(turned(KeyCode::Left), [Effect::LoadReviewers]);
}

fn click(desk: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column,
        row,
        modifiers: KeyModifiers::NONE,
    };
    update(desk, Msg::Input(Event::Mouse(event)))
}

#[test]
fn a_click_chooses_a_second_one_opens_and_none_answers_a_dialog() {
    let mut desk = model(DARK, "queue");
    update(&mut desk, Msg::Size(100, 30));
    let text = shown(&desk);
    let row = text
        .lines()
        .position(|l| l.contains(" > ") && l.contains("LATE"))
        .unwrap();
    let row = u16::try_from(row + 1).unwrap();
    let chosen = click(&mut desk, 20, row);
    assert!(matches!(chosen.as_slice(), [Effect::LoadSaid { .. }]));
    assert_eq!(desk.queue_at, 1);
    shown(&desk);
    assert_eq!(
        click(&mut desk, 20, row),
        [Effect::OpenRun("r-bbbbbbbbbb".into())]
    );
    let header = text.lines().next().unwrap();
    let column = u16::try_from(header.find("4 Safety").unwrap()).unwrap();
    click(&mut desk, column, 0);
    assert_eq!(desk.screen, Screen::Safety);
    desk.opening = false;
    keys(&mut desk, "d");
    assert!(
        matches!(desk.overlays.as_slice(), [Overlay::Decide(_)]),
        "{}",
        status(&desk)
    );
    shown(&desk);
    for row in 0..30 {
        assert!(click(&mut desk, 40, row).is_empty());
    }
    assert_eq!((desk.screen, desk.overlays.len()), (Screen::Safety, 1));
}

#[test]
fn a_ledger_that_refuses_is_told_until_it_takes_entries_again() {
    let mut desk = model(DARK, "review");
    let failed = |ledger| Msg::Failed {
        text: "no space left on device".into(),
        ledger,
    };
    update(&mut desk, failed(false));
    keys(&mut desk, "1");
    assert!(!shown(&desk).contains("NOTHING RECORDED"));
    update(&mut desk, failed(true));
    keys(&mut desk, "2");
    let text = shown(&desk);
    assert!(
        text.contains("NOTHING RECORDED") && text.contains("nothing is recorded, decided or sent"),
        "{text}"
    );
    update(&mut desk, Msg::ActionDone("recorded: approve A".into()));
    assert!(!shown(&desk).contains("NOTHING RECORDED"));
}

#[test]
fn a_megabyte_in_one_line_is_shown_to_its_end() {
    let mut desk = model(DARK, "review");
    let mut run = demo_run();
    let long = format!("{}\u{202e}the end", "y".repeat(1_000_000));
    run.profile.extra.insert("note".into(), long.into());
    desk.run = Some(run);
    (desk.stage_at, desk.pane) = (Stage::Segment.index(), 1);
    shown(&desk);
    keys(&mut desk, "G");
    let text = shown(&desk);
    assert!(text.contains("<U+202E>the end"), "{text}");
    keys(&mut desk, "k");
    assert_ne!(shown(&desk), text, "one step back is one line");
}

#[test]
fn marks_stand_before_the_words_only_where_they_are_wanted() {
    let plain = shown(&model(DARK, "safety"));
    let mut theme = DARK;
    theme.marks = true;
    let marked = shown(&model(theme, "safety"));
    assert!(!plain.contains('✗') && marked.contains("✗ BLOCK") && marked.contains("✓ ok"));
}

#[test]
fn what_a_model_writes_is_shown_as_not_checked_until_the_stage_is_done() {
    let mut desk = model(DARK, "review");
    desk.stage_at = 2;
    if let Some(run) = &mut desk.run {
        run.rewind_to(Stage::Generate);
    }
    let words = "Pay in parts.\nIt costs \u{202e}nothing.".to_owned();
    update(&mut desk, Msg::Stage(RunEvent::Writing { words }));
    let text = shown(&desk);
    assert!(
        text.contains("Nothing of it has been checked yet") && text.contains("Pay in parts."),
        "{text}"
    );
    assert!(!text.contains('\u{202e}'), "{text}");
    // A blocked variant that is written anew shows on the gate.
    desk.screen = Screen::Safety;
    desk.run = Some(demo_run());
    assert!(shown(&desk).contains("Pay in parts."));
    assert!(update(&mut desk, Msg::Performed).is_empty());
    assert!(
        !shown(&desk).contains("Pay in parts."),
        "whatever became of it"
    );
    desk.screen = Screen::Review;
    if let Some(run) = &mut desk.run {
        run.rewind_to(Stage::Generate);
    }
    let words = "Pay in parts.".to_owned();
    update(&mut desk, Msg::Stage(RunEvent::Writing { words }));
    let done = RunEvent::Done {
        stage: Stage::Generate,
        micros: 1,
        summary: String::new(),
    };
    update(&mut desk, Msg::Stage(done));
    assert!(!shown(&desk).contains("Pay in parts."));
}

/// The desk of a principal, with the dialog about a customer's data open.
fn data_dialog() -> Model {
    let mut desk = model(DARK, "queue");
    desk.person.role = Role::Principal;
    assert!(keys(&mut desk, "X").is_empty());
    desk
}

#[test]
fn a_customers_data_is_erased_when_it_was_asked_for_twice() {
    let mut desk = data_dialog();
    update(&mut desk, press(KeyCode::Left));
    // The address takes the place of what the record calls the customer.
    update(&mut desk, press(KeyCode::Tab));
    let typed = "ana@example.com";
    update(&mut desk, Msg::Input(Event::Paste(typed.into())));
    update(&mut desk, press(KeyCode::Enter));
    keys(&mut desk, "too short");
    assert!(update(&mut desk, press(KeyCode::Enter)).is_empty());
    assert!(shown(&desk).contains("10 characters or more; it has 9"));
    keys(&mut desk, ", asked by mail");
    assert!(update(&mut desk, press(KeyCode::Enter)).is_empty());
    assert!(shown(&desk).contains("Enter once more erases it"));
    // Another key takes that back.
    update(&mut desk, press(KeyCode::Backspace));
    assert!(update(&mut desk, press(KeyCode::Enter)).is_empty());
    let effects = update(&mut desk, press(KeyCode::Enter));
    let [effect] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert!(effect.is_signed());
    let Effect::CustomerData(request) = effect else {
        panic!("{effect:?}");
    };
    assert_eq!(request.deed, DataDeed::Erase);
    assert_eq!(request.customer.text(), typed);
    assert_eq!(request.reason, "too short, asked by mai");
    // Whoever prints what the desk does, or how it stands, prints nobody's address.
    assert!(!format!("{effect:?}").contains("ana"));
    assert!(!format!("{:?}", desk.overlays).contains("ana"));
    // Nothing is asked for again while it is recorded.
    assert!(update(&mut desk, press(KeyCode::Enter)).is_empty());
    let refused = Msg::Failed {
        text: "this customer's data is held for the law".into(),
        ledger: false,
    };
    update(&mut desk, refused);
    assert!(shown(&desk).contains("held for the law"));
    update(&mut desk, Msg::ActionDone("recorded".into()));
    assert!(desk.overlays.is_empty());
}

#[test]
fn a_hold_is_about_the_chosen_run_and_a_day_is_a_day() {
    let mut desk = data_dialog();
    let named = desk.shown_runs()[desk.queue_at].subject.clone();
    let Some(Overlay::CustomerData(dialog)) = desk.overlays.last() else {
        panic!("{:?}", desk.overlays);
    };
    assert_eq!(dialog.customer.text(), named);
    assert!(!dialog.holds_words());
    // Kept until a day: a line more.
    update(&mut desk, press(KeyCode::Right));
    update(&mut desk, press(KeyCode::Right));
    update(&mut desk, press(KeyCode::Down));
    keys(&mut desk, "C-20417");
    update(&mut desk, press(KeyCode::Down));
    keys(&mut desk, "next year");
    update(&mut desk, press(KeyCode::Down));
    keys(&mut desk, "the tax code asks for it");
    assert!(update(&mut desk, press(KeyCode::Enter)).is_empty());
    let Some(Overlay::CustomerData(dialog)) = desk.overlays.last() else {
        panic!("{:?}", desk.overlays);
    };
    assert_eq!(dialog.at, DataField::Day);
    for _ in 0..9 {
        update(&mut desk, press(KeyCode::Backspace));
    }
    keys(&mut desk, "2028-12-31");
    update(&mut desk, press(KeyCode::Down));
    let effects = update(&mut desk, press(KeyCode::Enter));
    let [Effect::CustomerData(request)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (request.deed, request.until.as_str()),
        (DataDeed::Defer, "2028-12-31")
    );
    assert_eq!(request.customer.text(), "C-20417");
}

#[test]
fn nobody_but_a_principal_opens_the_dialog_about_a_customers_data() {
    for role in [Role::Officer, Role::Marketer, Role::Auditor, Role::Admin] {
        let mut desk = model(DARK, "audit");
        desk.person.role = role;
        assert!(keys(&mut desk, "X").is_empty());
        assert!(desk.overlays.is_empty());
        assert!(status(&desk).contains("may not"), "{}", status(&desk));
    }
}

#[test]
fn after_an_erasure_nothing_of_the_open_run_stays_on_the_desk() {
    let mut desk = model(DARK, "review");
    assert!(desk.run.is_some());
    update(&mut desk, press(KeyCode::Char('i')));
    let effects = update(
        &mut desk,
        Msg::Erased("recorded: the data of c-1 is erased".into()),
    );
    assert!(effects.contains(&Effect::CloseRun), "{effects:?}");
    assert!(desk.run.is_none() && desk.overlays.is_empty());
    // Nor is it shown by going back to its screens.
    for key in ['2', '3', '4'] {
        update(&mut desk, press(KeyCode::Char(key)));
        assert!(!shown(&desk).contains("Hi "), "{}", shown(&desk));
    }
}

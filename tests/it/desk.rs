//! The desk without a terminal: every screen as styled text, every key as a pure update, any size.

use crate::support::scene::{cards, demo_run, keys, model, press, run_of};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use echovoice::domain::finding::Disposition;
use echovoice::domain::review::Act;
use echovoice::domain::run::Stage;
use echovoice::tui::effect::Effect;
use echovoice::tui::model::{Model, Overlay, Screen};
use echovoice::tui::msg::Msg;
use echovoice::tui::overlay::decide::DecideField;
use echovoice::tui::snapshot::{self, NAMES};
use echovoice::tui::theme::{CONTRAST, DARK, LIGHT, MONO};
use echovoice::tui::update::update;
use proptest::prelude::*;
use std::path::PathBuf;

#[test]
fn every_screen_at_three_sizes_and_in_two_themes() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Cosines may differ in the last place between processors.
    settings.add_filter(r"\b0\.\d{3}\b", "0.nnn");
    // Near ties may fall the other way on another processor.
    settings.add_filter(r"by meaning alone \d+", "by meaning alone n");
    settings.add_filter(r"relevance \d+", "relevance nn");
    settings.add_filter(r"score +\d+  #+ *", "score nn  # ");
    settings.bind(|| {
        for name in NAMES {
            for theme in [DARK, MONO] {
                for (width, height) in [(80, 24), (100, 30), (160, 45)] {
                    let buffer = snapshot::frame(&model(theme, name), width, height);
                    let name = format!("{name}-{width}x{height}-{}", theme.name);
                    insta::assert_snapshot!(name, snapshot::styled(&buffer));
                }
            }
        }
    });
}

#[test]
fn mono_uses_no_colour_at_all() {
    for name in NAMES {
        let styled = snapshot::styled(&snapshot::frame(&model(MONO, name), 120, 40));
        assert!(!styled.contains("fg="), "{name}");
    }
}

#[test]
fn a_hostile_profile_cannot_reach_the_terminal() {
    let mut desk = model(DARK, "review");
    update(
        &mut desk,
        Msg::Run {
            run: Box::new(run_of("12-hostile.json")),
            idle: true,
        },
    );
    for screen in [Screen::Review, Screen::Citations, Screen::Safety] {
        desk.screen = screen;
        for stage in 0..6 {
            desk.stage_at = stage;
            let text = snapshot::text(&snapshot::frame(&desk, 160, 60));
            assert!(
                !text
                    .chars()
                    .any(|c| c.is_control() && c != '\n' || c == '\u{202e}' || c == '\u{200b}')
            );
        }
    }
    desk.screen = Screen::Review;
    desk.stage_at = Stage::Segment.index();
    assert!(
        snapshot::text(&snapshot::frame(&desk, 160, 60)).contains("<U+0007>"),
        "marks are shown, not dropped"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn any_size_is_drawn_without_a_panic(width in 0u16..220, height in 0u16..80, at in 0usize..NAMES.len(), theme in 0usize..4) {
        let theme = [DARK, LIGHT, CONTRAST, MONO][theme];
        let _ = snapshot::frame(&model(theme, NAMES[at]), width, height);
    }

    #[test]
    fn any_keys_leave_the_desk_in_order(keys in prop::collection::vec(0usize..40, 0..60)) {
        let names = "12345abcdeEfpuwxyznNDChjkgG/?:. \n";
        let mut desk = model(DARK, "review");
        let mut typed = String::new();
        for index in keys {
            let code = match index {
                0 => KeyCode::Esc, 1 => KeyCode::Enter, 2 => KeyCode::Up, 3 => KeyCode::Down, 4 => KeyCode::Left, 5 => KeyCode::Right,
                6 => KeyCode::Tab, 7 => KeyCode::PageDown, 8 => KeyCode::End, 9 => KeyCode::Backspace,
                _ => KeyCode::Char(names.chars().nth((index - 10) % 32).unwrap()),
            };
            if let KeyCode::Char(c) = code {
                typed.extend(c.to_uppercase());
            }
            let effects = update(&mut desk, press(code));
            let may_be = |effect: &Effect| match effect {
                Effect::Decide(request) => typed.contains(&request.variant),
                other => !matches!(other, Effect::SaveEdit { .. }),
            };
            prop_assert!(effects.iter().all(may_be), "nothing is decided without its letter typed, nothing saved without Ctrl-S");
            let _ = snapshot::frame(&desk, 100, 30);
        }
    }
}

fn dialog(desk: &Model) -> &echovoice::tui::overlay::decide::Decide {
    match desk.overlays.last() {
        Some(Overlay::Decide(dialog)) => dialog,
        other => panic!("{other:?}"),
    }
}

/// Reads the text of the dialog, frame by frame.
fn read_to_the_end(desk: &mut Model) {
    for _ in 0..9 {
        let _ = snapshot::frame(desk, 100, 30);
        update(desk, press(KeyCode::PageDown));
    }
}

#[test]
fn a_slip_of_the_hand_approves_nothing() {
    let mut desk = model(DARK, "review");
    assert!(keys(&mut desk, "d").is_empty());
    assert_eq!(dialog(&desk).at, DecideField::Cancel);
    assert!(keys(&mut desk, "dd\n").is_empty(), "Enter on Cancel closes");
    assert!(desk.overlays.is_empty());
    keys(&mut desk, "d");
    read_to_the_end(&mut desk);
    update(&mut desk, press(KeyCode::Down));
    update(&mut desk, press(KeyCode::BackTab));
    assert_eq!(dialog(&desk).at, DecideField::Record);
    let repeat = KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Repeat);
    assert!(update(&mut desk, Msg::Input(Event::Key(repeat))).is_empty());
    assert!(keys(&mut desk, "\n").is_empty());
    assert!(dialog(&desk).problem.as_ref().unwrap().contains("letter"));
}

#[test]
fn a_decision_names_the_text_that_was_shown() {
    let mut desk = model(DARK, "review");
    keys(&mut desk, "d");
    read_to_the_end(&mut desk);
    update(&mut desk, press(KeyCode::Down));
    keys(&mut desk, "a");
    update(&mut desk, press(KeyCode::BackTab));
    let effects = keys(&mut desk, "\n");
    let [Effect::Decide(request)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let run = demo_run();
    assert_eq!(request.seen, run.variant("A").unwrap().artifact(&run.salt));
    assert!(keys(&mut desk, "\n\n").is_empty(), "it is sent once");
}

#[test]
fn only_a_blocked_variant_is_sent_back() {
    let mut desk = model(DARK, "safety");
    let blocked = |desk: &Model| {
        let verdict = desk.verdict().unwrap();
        verdict.disposition == Disposition::Block
    };
    for at in 0..3 {
        desk.variant_at = at;
        let id = desk.variant().unwrap().id.clone();
        let effects = keys(&mut desk, "B");
        if blocked(&desk) {
            assert_eq!(effects, [Effect::SendBack(id)]);
        } else {
            assert!(effects.is_empty());
            assert!(desk.status.as_ref().unwrap().0.contains("only a blocked"));
        }
    }
    desk.variant_at = 2;
    assert!(blocked(&desk), "the demo run has one that is blocked");
}

#[test]
fn the_run_is_stepped_run_on_and_re_run_by_key() {
    let mut desk = model(DARK, "review");
    assert!(keys(&mut desk, " ").is_empty(), "all stages are done");
    desk.stage_at = Stage::Generate.index();
    assert_eq!(keys(&mut desk, "x"), [Effect::RerunFrom(Stage::Generate)]);
    let mut fresh = demo_run();
    fresh.rewind_to(Stage::Segment);
    update(
        &mut desk,
        Msg::Run {
            run: Box::new(fresh),
            idle: true,
        },
    );
    assert_eq!(keys(&mut desk, " "), [Effect::Step]);
    assert!(
        desk.busy && keys(&mut desk, "c").is_empty(),
        "one thing at a time"
    );
    keys(&mut desk, ".");
    assert!(desk.pausing);
    assert!(
        keys(&mut desk, "q").is_empty() && !desk.quit,
        "quitting asks while a run goes on"
    );
}

#[test]
fn a_marketer_is_told_why_the_dialog_stays_closed() {
    let mut desk = model(DARK, "review");
    desk.person.role = echovoice::domain::person::Role::Marketer;
    keys(&mut desk, "d");
    assert!(desk.overlays.is_empty());
    assert!(desk.status.unwrap().0.contains("may not decide"));
}

#[test]
fn filter_palette_and_picker_answer_to_typing() {
    let mut desk = model(DARK, "queue");
    assert_eq!(desk.shown_runs().len(), 2, "what waits");
    keys(&mut desk, "s/state:rej\n");
    assert_eq!(desk.shown_runs().len(), 1);
    update(&mut desk, press(KeyCode::Esc));
    assert_eq!(desk.shown_runs().len(), 3, "all");
    keys(&mut desk, ":verify\n");
    assert!(desk.chain.verifying);
    keys(&mut desk, "nhost");
    let path = PathBuf::from("12-hostile.json");
    assert_eq!(keys(&mut desk, "\n"), [Effect::Peek(path.clone())]);
    let found = Ok(vec![demo_run().profile]);
    let start = Effect::StartRun {
        path: path.clone(),
        number: 0,
    };
    let older = Msg::Peeked {
        path: PathBuf::from("01-clear-winner.json"),
        found: found.clone(),
    };
    assert!(
        update(&mut desk, older).is_empty(),
        "an older file's answer"
    );
    let effects = update(&mut desk, Msg::Peeked { path, found });
    assert_eq!(effects, [start], "Enter waited for the file");
    assert_eq!(desk.screen, Screen::Review);
    assert!(desk.overlays.is_empty());
}

fn control(c: char) -> Msg {
    Msg::Input(Event::Key(KeyEvent::new(
        KeyCode::Char(c),
        KeyModifiers::CONTROL,
    )))
}

fn editor(desk: &Model) -> &echovoice::tui::overlay::edit::Editor {
    match desk.overlays.last() {
        Some(Overlay::Edit(editor)) => editor,
        other => panic!("{other:?}"),
    }
}

/// A desk on the safety screen with the cursor on the blocked variant.
fn on_the_blocked_variant() -> Model {
    let mut desk = model(DARK, "safety");
    (desk.variant_at, desk.check_at, desk.finding_at) = (2, 2, 0);
    assert!(!desk.findings().is_empty());
    desk
}

#[test]
fn every_key_in_the_editor_asks_for_a_check_and_old_answers_are_dropped() {
    let mut desk = on_the_blocked_variant();
    assert!(keys(&mut desk, "E").is_empty());
    let recheck = |effects: Vec<Effect>| match effects.as_slice() {
        [
            Effect::Recheck {
                generation, body, ..
            },
        ] => (*generation, body.clone()),
        other => panic!("{other:?}"),
    };
    let (first, _) = recheck(keys(&mut desk, "x"));
    let (second, body) = recheck(keys(&mut desk, "y"));
    assert!(body.ends_with("xy"), "typing goes on at the end");
    let run = demo_run();
    let clear = run.verdict("A").unwrap().clone();
    let answer = |generation| Msg::Rechecked {
        generation,
        verdict: Box::new(clear.clone()),
    };
    update(&mut desk, answer(first));
    assert!(
        !editor(&desk).findings().is_empty(),
        "an answer to older words"
    );
    update(&mut desk, answer(second));
    assert!(editor(&desk).findings().is_empty());
}

#[test]
fn words_are_undone_redone_kept_and_thrown_away_only_when_asked_twice() {
    let mut desk = on_the_blocked_variant();
    keys(&mut desk, "Exy");
    let typed = editor(&desk).body.text().to_owned();
    update(&mut desk, control('z'));
    update(&mut desk, control('z'));
    assert!(!editor(&desk).changed());
    update(&mut desk, control('y'));
    update(&mut desk, control('y'));
    assert_eq!(editor(&desk).body.text(), typed);
    update(&mut desk, press(KeyCode::Esc));
    assert!(
        editor(&desk)
            .problem
            .as_ref()
            .unwrap()
            .contains("Esc again")
    );
    let effects = update(&mut desk, control('s'));
    assert!(matches!(effects.as_slice(), [Effect::SaveEdit { body, .. }] if *body == typed));
    assert!(
        keys(&mut desk, "z").is_empty(),
        "nothing is typed while it is saved"
    );
    update(
        &mut desk,
        Msg::Failed {
            text: "the ledger refused".into(),
            ledger: false,
        },
    );
    assert!(
        !editor(&desk).sent && editor(&desk).body.text() == typed,
        "nothing is lost"
    );
    update(&mut desk, press(KeyCode::Esc));
    update(&mut desk, press(KeyCode::Esc));
    assert!(desk.overlays.is_empty());
}

#[test]
fn one_key_asks_for_the_fix_of_the_chosen_finding() {
    let mut desk = on_the_blocked_variant();
    let rule = desk.findings()[0].rule.clone();
    let effects = keys(&mut desk, "f");
    let [
        Effect::Mend {
            finding,
            generation,
            ..
        },
    ] = effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!(finding.rule, rule);
    let run = demo_run();
    let mended = echovoice::service::check::mend::Mended {
        subject: "Better".into(),
        body: "Better words.".into(),
        verdict: run.verdict("A").unwrap().clone(),
        says: "puts “Better words.” in place of it all".into(),
    };
    update(
        &mut desk,
        Msg::Mended {
            generation: *generation,
            mended: Box::new(mended),
        },
    );
    assert!(!editor(&desk).changed(), "it is shown before it is made");
    let shown = snapshot::text(&snapshot::frame(&desk, 160, 45));
    assert!(shown.contains("FIX puts “Better words.”"), "{shown}");
    assert!(update(&mut desk, control('f')).is_empty());
    assert_eq!(editor(&desk).body.text(), "Better words.");
    update(&mut desk, control('z'));
    assert!(!editor(&desk).changed(), "a fix is undone in one step");
}

#[test]
fn a_dismissal_needs_a_finding_that_may_be_dismissed() {
    let mut desk = on_the_blocked_variant();
    keys(&mut desk, "uit is quoted");
    let effects = keys(&mut desk, "\n");
    assert!(
        matches!(effects.as_slice(), [Effect::Dismiss { reason, .. }] if reason == "it is quoted")
    );
    update(&mut desk, Msg::ActionDone("dismissed".into()));
    assert!(desk.overlays.is_empty());
    let mut run = demo_run();
    for gate in run.gate.as_mut().unwrap() {
        for finding in &mut gate.verdict.findings {
            finding.hard = true;
        }
    }
    desk.run = Some(run);
    keys(&mut desk, "u");
    assert!(desk.overlays.is_empty() && desk.status.unwrap().0.contains("hard block"));
}

#[test]
fn the_policy_browser_opens_at_the_rule_of_the_finding() {
    let mut desk = on_the_blocked_variant();
    assert_eq!(keys(&mut desk, "p"), [Effect::LoadPolicies]);
    update(&mut desk, Msg::Policies(cards()));
    let Some(Overlay::Policies(open)) = desk.overlays.last() else {
        panic!()
    };
    assert_eq!(cards()[open.at].rule, desk.findings()[0].rule);
    assert_eq!(keys(&mut desk, "w"), [Effect::WhatIf("us-credit".into())]);
    update(&mut desk, Msg::WouldChange("3 of 9 variants".into()));
    let text = snapshot::text(&snapshot::frame(&desk, 100, 30));
    assert!(text.contains("3 of 9 variants"), "{text}");
}

#[test]
fn words_from_outside_are_shown_safely_in_the_editor() {
    let mut desk = on_the_blocked_variant();
    keys(&mut desk, "E");
    for c in ['\u{202e}', '\u{200b}', '日', 'e', '\u{301}'] {
        update(&mut desk, press(KeyCode::Char(c)));
    }
    let text = snapshot::text(&snapshot::frame(&desk, 100, 60));
    assert!(
        text.contains("<U+202E>") && text.contains("<U+200B>"),
        "{text}"
    );
    assert!(!text.contains('\u{202e}'));
}

fn status(desk: &Model) -> &str {
    &desk.status.as_ref().unwrap().0
}

#[test]
fn a_run_is_claimed_given_and_commented_by_key_and_a_refusal_says_why() {
    let mut desk = model(DARK, "queue");
    assert!(keys(&mut desk, "a").is_empty());
    assert!(
        status(&desk).contains("demo.principal has claimed"),
        "{}",
        status(&desk)
    );
    keys(&mut desk, "A");
    assert!(status(&desk).contains("may not give a run"));
    update(&mut desk, press(KeyCode::Down));
    let act = |act, reason: &str| Effect::Act {
        run: "r-bbbbbbbbbb".into(),
        act,
        to: None,
        reason: reason.into(),
    };
    assert_eq!(keys(&mut desk, "a"), [act(Act::Claim, "")]);
    assert_eq!(
        keys(&mut desk, "o"),
        [Effect::LoadComments("r-bbbbbbbbbb".into())]
    );
    assert_eq!(
        keys(&mut desk, "second line?\n"),
        [act(Act::Comment, "second line?")]
    );
    update(&mut desk, Msg::ActionDone("recorded".into()));
    assert!(desk.overlays.is_empty());
    // Too short a reason sends nothing.
    keys(&mut desk, "e");
    assert!(keys(&mut desk, "why\n").is_empty() && desk.overlays.len() == 1);
    update(&mut desk, press(KeyCode::Esc));
    assert!(desk.overlays.is_empty());
}

#[test]
fn runs_are_approved_together_only_by_typing_how_many() {
    let mut desk = model(DARK, "queue");
    keys(&mut desk, "b");
    assert!(status(&desk).contains("nothing is marked"));
    keys(&mut desk, " ");
    assert!(
        desk.marked.is_empty() && status(&desk).contains("two persons"),
        "{}",
        status(&desk)
    );
    update(&mut desk, press(KeyCode::Down));
    keys(&mut desk, " b");
    assert!(keys(&mut desk, "\n").is_empty());
    assert_eq!(
        keys(&mut desk, "1\n"),
        [Effect::ApproveTogether(vec!["r-bbbbbbbbbb".into()])]
    );
}

#[test]
fn after_a_pause_the_passphrase_is_asked_for_and_never_printed() {
    let mut desk = model(DARK, "decide");
    let decide = Effect::Act {
        run: "r-bbbbbbbbbb".into(),
        act: Act::Claim,
        to: None,
        reason: String::new(),
    };
    update(&mut desk, Msg::Locked(Box::new(decide.clone())));
    let effects = keys(&mut desk, "correct horse\n");
    let [Effect::Unlock { passphrase, then }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (passphrase.text(), then.as_ref()),
        ("correct horse", &decide)
    );
    let drawn = snapshot::text(&snapshot::frame(&desk, 100, 30));
    assert!(!drawn.contains("horse") && !format!("{effects:?}{desk:?}").contains("horse"));
    update(
        &mut desk,
        Msg::Failed {
            text: "the passphrase does not open the key".into(),
            ledger: false,
        },
    );
    assert!(snapshot::text(&snapshot::frame(&desk, 100, 30)).contains("does not open"));
    update(&mut desk, Msg::Unlocked);
    assert!(matches!(desk.overlays.as_slice(), [Overlay::Decide(_)]));
}

#[test]
fn a_run_that_somebody_else_has_is_not_offered_for_a_decision() {
    let mut desk = model(DARK, "review");
    let open = desk.run.as_ref().unwrap().id.clone();
    desk.waiting[0].run = open.clone();
    keys(&mut desk, "d");
    assert!(desk.overlays.is_empty() && status(&desk).contains("demo.principal has claimed"));
    desk.waiting[0].claimed.clear();
    keys(&mut desk, "d");
    assert!(desk.overlays.is_empty() && status(&desk).contains("escalated"));
    desk.waiting[0].escalated = false;
    desk.waiting[0].two = vec![("A".into(), "the channel email".into())];
    keys(&mut desk, "d");
    let drawn = snapshot::text(&snapshot::frame(&desk, 160, 45));
    assert!(
        drawn.contains("two persons must approve it: the channel email"),
        "{drawn}"
    );
}

#[test]
fn what_happens_by_itself_closes_nothing_that_is_open() {
    let mut desk = model(DARK, "queue");
    update(&mut desk, press(KeyCode::Down));
    keys(&mut desk, "ohalf a thought");
    let told = Msg::Notice {
        text: "2 approved messages handed over".into(),
        bad: false,
    };
    update(&mut desk, told);
    let [Overlay::Ask(ask)] = desk.overlays.as_slice() else {
        panic!("the question was closed");
    };
    assert_eq!(
        (ask.typed.text(), status(&desk)),
        ("half a thought", "2 approved messages handed over")
    );
}

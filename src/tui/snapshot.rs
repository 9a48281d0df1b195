//! One frame as text, and as text with style runs: for documentation and tests.

use super::effect::Effect;
use super::model::{Model, Overlay, SafetyPane, Screen};
use super::msg::{Msg, RunCounts};
use super::overlay::ask::{PromptDialog, PromptKind};
use super::overlay::charts::{ChartPage, Charts};
use super::overlay::check::CheckedView;
use super::overlay::choose::{Commands, Packs, Picker, ProfilesInFile};
use super::overlay::compare::{Compare, Side};
use super::overlay::customer_data;
use super::overlay::form::ProfileForm;
use super::overlay::tour::{STEPS, Tour};
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::domain::decision::ReviewState;
use crate::domain::finding::Disposition;
use crate::domain::person::Person;
use crate::domain::review::Act;
use crate::domain::run::Run;
use crate::service::audit::Entry;
use crate::service::audit::quality::ReviewQuality;
use crate::service::audit::told::Titles;
use crate::service::check::mend::Mended;
use crate::service::check::message_files::Checked;
use crate::service::learning::experiments::ExperimentReport;
use crate::service::policy::RuleCard;
use crate::service::review::brief::Brief;
use crate::service::review::queue::RunSummary;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::path::PathBuf;
use std::sync::Arc;

/// Names that `--screen` takes.
pub const NAMES: [&str; 34] = [
    "queue",
    "review",
    "citations",
    "safety",
    "evidence",
    "audit",
    "decide",
    "help",
    "palette",
    "picker",
    "edit",
    "dismiss",
    "policies",
    "comment",
    "together",
    "passphrase",
    "within",
    "form",
    "packs",
    "compare",
    "charts",
    "latency",
    "blocks",
    "experiments",
    "reviewers",
    "tour",
    "check",
    "check-file",
    "said",
    "second",
    "customer",
    "received",
    "fix",
    "customer-data",
];

/// What a snapshot shows.
pub struct Scene {
    pub theme: Theme,
    pub person: Person,
    pub run: Option<Run>,
    pub runs: Vec<RunSummary>,
    pub entries: Vec<Entry>,
    /// Titles of rules by their ids.
    pub titles: Arc<Titles>,
    pub profiles: Vec<PathBuf>,
    pub policies: Vec<RuleCard>,
    pub experiments: Vec<ExperimentReport>,
    pub quality: Option<ReviewQuality>,
    /// A message of somebody else's, for the screen that shows one.
    pub checked: Option<(PathBuf, Checked)>,
    /// What is told of the run, for the screens that show it.
    pub brief: Option<Brief>,
}

/// A model as the named screen would have it; `None` for an unknown name.
pub fn model(scene: Scene, screen: &str) -> Option<Model> {
    let mut model = Model::new(scene.theme, scene.person, scene.profiles);
    let size = scene.entries.len() as u64;
    let mut waiting = scene.runs.clone();
    waiting.retain(|run| run.state.is_open());
    let now = scene.runs.iter().map(|run| run.updated.clone()).max();
    let now = now.unwrap_or_default();
    update(
        &mut model,
        Msg::Runs {
            counts: RunCounts {
                waiting: waiting.len(),
                all: scene.runs.len(),
            },
            waiting,
            runs: scene.runs,
            size,
            now,
            through_another: false,
            store_down: false,
        },
    );
    update(&mut model, Msg::Titles(scene.titles));
    update(&mut model, Msg::Entries(scene.entries));
    update(&mut model, Msg::Experiments(scene.experiments));
    model.quality = scene.quality.map(Box::new);
    if let Some(run) = scene.run {
        update(
            &mut model,
            Msg::Run {
                run: Box::new(run),
                idle: true,
            },
        );
    }
    model.screen = match screen {
        "queue" | "picker" | "comment" | "together" | "passphrase" | "within" | "form"
        | "blocks" | "experiments" | "reviewers" | "check" | "check-file" => Screen::Queue,
        "citations" => Screen::Citations,
        "safety" | "evidence" | "decide" | "help" | "edit" | "dismiss" | "policies" | "fix" => {
            Screen::Safety
        }
        "audit" | "customer-data" => Screen::Audit,
        "review" | "palette" | "packs" | "compare" | "charts" | "latency" | "tour" | "said"
        | "second" | "customer" | "received" => Screen::Review,
        _ => return None,
    };
    match screen {
        "safety" => {
            update(&mut model, press('4'));
            model.status = None;
        }
        "said" | "second" | "customer" | "received" => told(&mut model, scene.brief, screen),
        "decide" => {
            update(&mut model, press('d'));
        }
        "evidence" => {
            model.aspect = SafetyPane::Evidence;
            model.pane = 2;
        }
        // The variant that has something to mend, if there is one.
        "edit" | "dismiss" | "fix" => {
            let blocked = model.run.as_ref().and_then(|run| {
                let gate = run.gate.as_ref()?;
                gate.iter()
                    .position(|g| g.verdict.disposition == Disposition::Block)
            });
            model.variant_at = blocked.unwrap_or(model.variant_at);
            model.check_at = 2;
            let key = match screen {
                "edit" => 'E',
                "fix" => 'f',
                _ => 'u',
            };
            update(&mut model, press(key));
            if screen == "fix" {
                offered(&mut model);
            }
        }
        "customer-data" => {
            customer_data::open(&mut model);
            // The erasure is what is shown: it comes before the first choice.
            let left = Event::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE));
            update(&mut model, Msg::Input(left));
        }
        "policies" => {
            update(&mut model, press('p'));
            update(&mut model, Msg::Policies(scene.policies));
        }
        "comment" | "together" | "passphrase" => {
            let run = model
                .runs
                .first()
                .map(|r| r.run.clone())
                .unwrap_or_default();
            let asked = match screen {
                "comment" => PromptKind::Words {
                    run,
                    act: Act::Comment,
                },
                "together" => PromptKind::Count { runs: vec![run] },
                _ => PromptKind::Passphrase {
                    then: Box::new(Effect::Verify),
                },
            };
            model
                .overlays
                .push(Overlay::Ask(Box::new(PromptDialog::new(asked))));
        }
        "help" => {
            let list = Commands::help(&model);
            model.overlays.push(Overlay::Help(Box::new(list)));
        }
        "palette" => {
            let list = Commands::palette(&model);
            model.overlays.push(Overlay::Palette(Box::new(list)));
        }
        "picker" => {
            let (mut picker, _) = Picker::open(&model);
            let profile = model.run.as_ref().map(|run| run.profile.clone());
            picker.peeked = picker.path(&model).zip(profile.map(|one| Ok(vec![one])));
            model.overlays.push(Overlay::Picker(Box::new(picker)));
        }
        "within" => {
            let profile = model.run.as_ref().map(|run| run.profile.clone());
            let profiles = profile.into_iter().cycle().take(3).collect();
            let within = ProfilesInFile::new(PathBuf::from("customers.csv"), profiles);
            model.overlays.push(Overlay::Within(Box::new(within)));
        }
        "form" => {
            let raw = model.run.as_ref().map(|run| run.profile.raw.clone());
            let form = ProfileForm::of(&raw.unwrap_or_default());
            model.overlays.push(Overlay::Form(Box::new(form)));
        }
        "packs" => {
            let mut packs = Packs::default();
            let pack = |card: &RuleCard| (card.pack.clone(), card.pack.clone());
            packs.list(scene.policies.iter().map(pack).collect());
            model.overlays.push(Overlay::Packs(Box::new(packs)));
        }
        "compare" => {
            let compare = model.run.clone().map(edited);
            model
                .overlays
                .extend(compare.map(Box::new).map(Overlay::Compare));
        }
        "charts" | "latency" | "blocks" | "experiments" | "reviewers" => {
            let page = match screen {
                "charts" => ChartPage::Variants,
                "latency" => ChartPage::Stages,
                "blocks" => ChartPage::Blocks,
                "reviewers" => ChartPage::Reviewers,
                _ => ChartPage::Experiments,
            };
            model
                .overlays
                .push(Overlay::Charts(Charts { page, scroll: 0 }));
        }
        "check" => {
            let shown = scene.checked.map(|(path, of)| CheckedView::new(path, of));
            let shown = shown.map(Box::new).map(Overlay::Checked);
            model.overlays.extend(shown);
        }
        "check-file" => {
            update(&mut model, press('M'));
            let files = ["letter.eml", "offer.html"].map(PathBuf::from).to_vec();
            update(&mut model, Msg::Messages(files));
        }
        "tour" => {
            let step = STEPS.iter().position(|step| step.screen == Screen::Review);
            let step = step.unwrap_or(0);
            model.overlays.push(Overlay::Tour(Tour { step }));
        }
        _ => {}
    }
    Some(model)
}

/// A desk on a run about which something was said; of the second signer, with the dialog open.
fn told(model: &mut Model, brief: Option<Brief>, screen: &str) {
    if let Some(brief) = brief {
        update(model, Msg::Brief(Box::new(brief)));
    }
    match screen {
        "customer" => {
            update(model, press('i'));
        }
        "received" => {
            update(model, press('r'));
        }
        "second" => {
            let open = model.run.clone();
            let row = model.waiting.first().cloned().zip(open.as_ref());
            if let Some((mut row, run)) = row {
                row.run.clone_from(&run.id);
                row.state = ReviewState::SecondSignature;
                (row.variant, row.decided_by) = ("C".into(), "demo.principal".into());
                (row.escalated, row.claimed) = (false, String::new());
                model.waiting.insert(0, row);
            }
            // As it is when somebody opens it.
            model.run = None;
            if let Some(run) = open {
                let brief = model.brief.take();
                let run = Box::new(run);
                update(model, Msg::Run { run, idle: true });
                model.brief = brief;
            }
            update(model, press('d'));
        }
        _ => {}
    }
}

/// The editor with a fix that was found and is not made yet.
fn offered(model: &mut Model) {
    let Some(Overlay::Edit(editor)) = model.overlays.last() else {
        return;
    };
    let Some((finding, verdict)) = editor.finding().zip(editor.verdict.clone()) else {
        return;
    };
    let mended = Mended {
        subject: editor.subject.text().to_owned(),
        body: editor.body.text().replace(&finding.text, ""),
        says: format!("removes “{}”", finding.text),
        verdict,
    };
    let generation = editor.generation;
    let mended = Box::new(mended);
    update(model, Msg::Mended { generation, mended });
}

/// A run beside a try of it in which some words of a variant are others.
fn edited(run: Run) -> Compare {
    let mut other = run.clone();
    other.revision += 1;
    let variants = other.variants.iter_mut().flatten();
    for variant in variants {
        variant.body = variant.body.replacen("You ", "You have ", 1);
        variant.body.push_str(" Write to us.");
    }
    let sides = vec![
        Side::new("try 1: as started".into(), run),
        Side::new("try 2: A edited by demo.officer".into(), other),
    ];
    Compare::new("tries", sides, (0, 1), 0)
}

fn press(key: char) -> Msg {
    Msg::Input(Event::Key(KeyEvent::new(
        KeyCode::Char(key),
        KeyModifiers::NONE,
    )))
}

/// Draws into a buffer.
pub fn frame(model: &Model, width: u16, height: u16) -> Buffer {
    let mut terminal = match Terminal::new(TestBackend::new(width, height)) {
        Ok(terminal) => terminal,
        Err(never) => match never {},
    };
    match terminal.draw(|f| view::draw(f, model)) {
        Ok(done) => done.buffer.clone(),
        Err(never) => match never {},
    }
}

/// The buffer's text, without trailing spaces.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        for x in 0..buffer.area.width {
            line.push_str(buffer[(x, y)].symbol());
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Text, and below it the runs of style: `row:from..to` and what they are.
pub fn styled(buffer: &Buffer) -> String {
    let mut out = text(buffer);
    out.push_str("--- styles\n");
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = buffer[(x, y)].style();
            let from = x;
            while x < buffer.area.width && buffer[(x, y)].style() == style {
                x += 1;
            }
            let words = describe(style);
            if !words.is_empty() {
                out.push_str(&format!("{y}:{from}..{x} {words}\n"));
            }
        }
    }
    out
}

fn describe(style: Style) -> String {
    let mut words = Vec::new();
    match style.fg {
        None | Some(Color::Reset) => {}
        Some(colour) => words.push(format!("fg={colour}")),
    }
    if style.add_modifier != Modifier::empty() {
        words.push(format!("{:?}", style.add_modifier));
    }
    words.join(" ")
}

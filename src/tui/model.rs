//! What the desk shows, and nothing else: no terminal, no I/O.

use super::columns::QueueColumns;
use super::drawn::Drawn;
use super::keymap::{KeyScope, Keys};
use super::msg::RunCounts;
use super::overlay::ask::PromptDialog;
use super::overlay::brief::BriefPage;
use super::overlay::charts::Charts;
use super::overlay::check::{CheckedView, FileAsked};
use super::overlay::choose::{Commands, Packs, Picker, ProfilesInFile};
use super::overlay::compare::Compare;
use super::overlay::customer_data::DataDialog;
use super::overlay::decide::Decide;
use super::overlay::dismiss::Dismiss;
use super::overlay::edit::Editor;
use super::overlay::form::ProfileForm;
use super::overlay::policies::Policies;
use super::overlay::received::Received;
use super::overlay::tour::Tour;
use super::theme::Theme;
use crate::domain::citation::Citation;
use crate::domain::finding::{Check, Finding, Polarity, Verdict};
use crate::domain::person::Person;
use crate::domain::run::{Run, Stage};
use crate::service::audit::Entry;
use crate::service::audit::Report;
use crate::service::audit::quality::ReviewQuality;
use crate::service::audit::told::Titles;
use crate::service::home::settings::Clipboard;
use crate::service::learning::experiments;
use crate::service::policy::RuleCard;
use crate::service::review::brief::{Brief, Statement};
use crate::service::review::customer::{NamedCustomer, as_recorded};
use crate::service::review::filter::Filter;
use crate::service::review::queue::RunSummary;
use crate::service::review::run_filter::RunFilter;
use crate::service::review::standing::Moved;
use chrono::{DateTime, Utc};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// The five screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Queue,
    Review,
    Citations,
    Safety,
    Audit,
}

impl Screen {
    pub const ALL: [Self; 5] = [
        Self::Queue,
        Self::Review,
        Self::Citations,
        Self::Safety,
        Self::Audit,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Review => "Review",
            Self::Citations => "Citations",
            Self::Safety => "Safety",
            Self::Audit => "Audit",
        }
    }

    pub fn scope(self) -> KeyScope {
        match self {
            Self::Queue => KeyScope::Queue,
            Self::Review => KeyScope::Review,
            Self::Citations => KeyScope::Citations,
            Self::Safety => KeyScope::Safety,
            Self::Audit => KeyScope::Audit,
        }
    }
}

/// What the safety screen's right pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SafetyPane {
    #[default]
    Finding,
    Evidence,
    Coverage,
}

/// Something over the screen. Each answers keys before the screen does.
#[derive(Clone, Debug)]
pub enum Overlay {
    Decide(Box<Decide>),
    /// The customer, and what is told of the run.
    Brief(BriefPage),
    /// The message as its recipient gets it.
    Received(Received),
    Edit(Box<Editor>),
    Dismiss(Box<Dismiss>),
    /// What is done to a customer's data.
    CustomerData(Box<DataDialog>),
    Policies(Policies),
    Ask(Box<PromptDialog>),
    Help(Box<Commands>),
    Palette(Box<Commands>),
    Picker(Box<Picker>),
    /// The profiles of one file.
    Within(Box<ProfilesInFile>),
    Form(Box<ProfileForm>),
    Packs(Box<Packs>),
    Compare(Box<Compare>),
    Charts(Charts),
    /// Which message is to be checked.
    FileAsked(Box<FileAsked>),
    /// What the gate says of somebody else's message.
    Checked(Box<CheckedView>),
    Tour(Tour),
    Filter,
    Quit,
}

impl Overlay {
    /// Whether somebody typed words into it that are kept nowhere else.
    pub fn holds_words(&self) -> bool {
        match self {
            Self::Decide(dialog) => !dialog.sent && !dialog.reason.trim().is_empty(),
            Self::Edit(editor) => !editor.sent && editor.changed(),
            Self::Dismiss(dismiss) => !dismiss.sent && !dismiss.reason.trim().is_empty(),
            Self::Ask(ask) => ask.holds_words(),
            Self::CustomerData(dialog) => dialog.holds_words(),
            Self::Form(form) => form.holds_words(),
            _ => false,
        }
    }
}

/// Which runs the queue lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sort {
    /// Those that wait for a decision, most urgent first.
    #[default]
    Waiting,
    /// All, newest first.
    Newest,
}

/// How far the ledger is known to hold.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub size: u64,
    pub verifying: bool,
    /// Another process writes the ledger for this desk.
    pub through_another: bool,
    /// What is kept for a while is kept in memory: its store does not answer.
    pub store_down: bool,
    pub report: Option<Report>,
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Model {
    pub theme: Theme,
    pub keys: Keys,
    pub person: Person,
    pub screen: Screen,
    pub overlays: Vec<Overlay>,
    pub pane: usize,
    /// What is looked for in the queue, and in the record: each screen keeps its own.
    filters: [String; 2],
    pub columns: QueueColumns,
    /// Titles of rules by their ids.
    pub titles: Arc<Titles>,
    /// How many runs there are, shown or not.
    pub counts: RunCounts,
    /// What the queue's filter found among all runs, and how many more; none where all are on the screen.
    pub found: Option<(Vec<RunSummary>, usize)>,
    /// Newest runs.
    pub runs: Vec<RunSummary>,
    /// What waits for a decision, most urgent first.
    pub waiting: Vec<RunSummary>,
    pub sort: Sort,
    /// Runs to approve together.
    pub marked: BTreeSet<String>,
    /// RFC 3339, as of the last look into the ledger.
    pub now: String,
    pub queue_at: usize,
    pub run: Option<Run>,
    /// What is told of a run beside itself; of the open one, once it was asked for.
    pub brief: Option<Box<Brief>>,
    /// What was said about the queue's chosen run: its id and last entry, and the words once they are there.
    pub queue_said: Option<(String, u64, Vec<Statement>)>,
    /// Customers whose numbers somebody typed into the filter.
    pub customers: Vec<NamedCustomer>,
    /// A stage runs, or the run goes on by itself.
    pub busy: bool,
    pub pausing: bool,
    /// Another run is on its way.
    pub opening: bool,
    /// The tour was left before its run was through: what still comes of that is dropped.
    pub unwatched: bool,
    /// The file that is being checked, as long as somebody waits for it.
    pub checking: Option<PathBuf>,
    pub log: Vec<String>,
    pub stage_at: usize,
    pub scroll: usize,
    pub citation_at: usize,
    /// Cited passages that are no longer as they were when the run was made.
    pub moved: Vec<Moved>,
    /// Statements that rest on the citation and were named so far.
    pub user_at: usize,
    pub show_below: bool,
    pub variant_at: usize,
    /// The findings of the open run were looked at: the cursor stays where it was left.
    pub safety_opened: bool,
    pub check_at: usize,
    pub finding_at: usize,
    pub aspect: SafetyPane,
    /// Whether negated, attributed and quoted claims are listed too.
    pub unfolded: bool,
    pub evidence_at: usize,
    /// All rules with their measures, once they were asked for.
    pub policies: Option<Vec<RuleCard>>,
    pub entries: Vec<Entry>,
    /// What a model has written so far of the variants under way.
    pub writing: String,
    /// How the experiments stood when the charts were opened.
    pub experiments: Vec<experiments::ExperimentReport>,
    /// How reviewers did, once it was counted.
    pub quality: Option<Box<ReviewQuality>>,
    /// Counts the searches: answers to older ones are dropped.
    pub search: u64,
    /// The same of searches among runs: the record's own go on beside them.
    pub run_search: u64,
    pub entry_at: usize,
    pub chain: Chain,
    pub profiles: Vec<PathBuf>,
    /// One line about what just happened.
    pub status: Option<(String, bool)>,
    pub mouse: bool,
    pub clipboard: Clipboard,
    /// Why the ledger takes no entries at the moment.
    pub refused: Option<String>,
    /// Width and height of the terminal in cells.
    pub size: (u16, u16),
    /// What the last drawing put where.
    pub drawn: RefCell<Drawn>,
    pub quit: bool,
}

impl Model {
    pub fn new(theme: Theme, person: Person, profiles: Vec<PathBuf>) -> Self {
        Self {
            theme,
            keys: Keys::default(),
            person,
            screen: Screen::Queue,
            overlays: Vec::new(),
            pane: 0,
            filters: Default::default(),
            columns: QueueColumns::default(),
            titles: Arc::default(),
            counts: RunCounts::default(),
            found: None,
            runs: Vec::new(),
            waiting: Vec::new(),
            sort: Sort::default(),
            marked: BTreeSet::new(),
            now: String::new(),
            queue_at: 0,
            run: None,
            brief: None,
            queue_said: None,
            customers: Vec::new(),
            busy: false,
            pausing: false,
            opening: false,
            unwatched: false,
            checking: None,
            log: Vec::new(),
            stage_at: 0,
            scroll: 0,
            citation_at: 0,
            moved: Vec::new(),
            user_at: 0,
            show_below: false,
            variant_at: 0,
            safety_opened: false,
            check_at: 0,
            finding_at: 0,
            aspect: SafetyPane::default(),
            unfolded: false,
            evidence_at: 0,
            policies: None,
            entries: Vec::new(),
            experiments: Vec::new(),
            quality: None,
            writing: String::new(),
            search: 0,
            run_search: 0,
            entry_at: 0,
            chain: Chain::default(),
            profiles,
            status: None,
            mouse: false,
            clipboard: Clipboard::default(),
            refused: None,
            size: (80, 24),
            drawn: RefCell::default(),
            quit: false,
        }
    }

    /// Words that pick from the list of this screen.
    pub fn filter(&self) -> &str {
        &self.filters[usize::from(self.screen == Screen::Audit)]
    }

    pub fn filter_mut(&mut self) -> &mut String {
        &mut self.filters[usize::from(self.screen == Screen::Audit)]
    }

    /// How many runs the list has, whether or not they are on the screen.
    pub fn count(&self) -> usize {
        let known = match self.sort {
            Sort::Waiting => self.counts.waiting,
            Sort::Newest => self.counts.all,
        };
        known.max(self.listed().len())
    }

    /// What the queue lists before the filter.
    pub fn listed(&self) -> &[RunSummary] {
        match self.sort {
            Sort::Waiting => &self.waiting,
            Sort::Newest => &self.runs,
        }
    }

    /// Dialogs may be answered again: what they sent was not done.
    pub fn nothing_sent(&mut self) {
        for overlay in &mut self.overlays {
            match overlay {
                Overlay::Decide(dialog) => dialog.sent = false,
                Overlay::Ask(ask) => ask.sent = false,
                _ => {}
            }
        }
    }

    /// What is told of the open run.
    pub fn told(&self) -> Option<&Brief> {
        let open = &self.run.as_ref()?.id;
        self.brief.as_deref().filter(|brief| brief.run == *open)
    }

    /// What was said about the open run and counts for whoever reads it, newest first.
    pub fn said(&self) -> impl Iterator<Item = &Statement> {
        let said = self.told().into_iter().flat_map(|brief| &brief.said);
        said.filter(|said| said.counts())
    }

    /// Runs that the filter lets through, in the order that was asked for. A word that is still being typed lets all through.
    pub fn shown_runs(&self) -> Vec<&RunSummary> {
        let filter = RunFilter::parse(&self.as_recorded(0), self.moment()).unwrap_or_default();
        let from = match &self.found {
            Some((found, _)) => found.as_slice(),
            None => self.listed(),
        };
        let runs = from.iter();
        self.sorted(
            runs.filter(|run| filter.matches(run, &self.titles))
                .collect(),
        )
    }

    /// What is asked for on a screen, with customers as the record names them.
    fn as_recorded(&self, screen: usize) -> String {
        as_recorded(&self.filters[screen], &self.customers)
    }

    /// A run as the lists have it.
    pub fn row_of(&self, run: &str) -> Option<&RunSummary> {
        self.waiting
            .iter()
            .chain(&self.runs)
            .find(|row| row.run == run)
    }

    /// The moment of the last look into the ledger.
    fn moment(&self) -> DateTime<Utc> {
        let read = DateTime::parse_from_rfc3339(&self.now);
        read.map_or_else(|_| DateTime::default(), |now| now.to_utc())
    }

    /// Entries that the filter lets through; a word that is still being typed lets all through.
    pub fn shown_entries(&self) -> Vec<&Entry> {
        let filter = Filter::parse(&self.as_recorded(1), self.moment()).unwrap_or_default();
        self.entries
            .iter()
            .filter(|entry| filter.matches(entry, true))
            .collect()
    }

    /// The citation under the cursor.
    pub fn citation(&self) -> Option<&Citation> {
        let retrieved = self.run.as_ref()?.retrieved.as_ref()?;
        let mut all = retrieved.citations.iter().chain(&retrieved.below);
        all.nth(self.citation_at)
    }

    /// The variant under the cursor.
    pub fn variant(&self) -> Option<&crate::domain::variant::Variant> {
        let variants = self.run.as_ref()?.variants.as_ref()?;
        variants.get(self.variant_at.min(variants.len().checked_sub(1)?))
    }

    /// The verdict on the variant under the cursor.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.run.as_ref()?.verdict(&self.variant()?.id)
    }

    /// Findings of the variant and check under the cursor, of all checks if none has any there.
    pub fn findings(&self) -> Vec<&Finding> {
        let Some(verdict) = self.verdict() else {
            return Vec::new();
        };
        let check = Check::ALL[self.check_at.min(Check::ALL.len() - 1)];
        let own: Vec<&Finding> = verdict
            .findings
            .iter()
            .filter(|f| f.check == check && self.is_listed(f))
            .collect();
        if own.is_empty() {
            verdict
                .findings
                .iter()
                .filter(|f| self.is_listed(f))
                .collect()
        } else {
            own
        }
    }

    /// Whether the safety screen lists the finding.
    pub fn is_listed(&self, finding: &Finding) -> bool {
        finding.polarity != Polarity::Exempt && (self.unfolded || !finding.is_collapsed())
    }

    /// The stage under the cursor.
    pub fn stage(&self) -> Stage {
        Stage::ALL[self.stage_at.min(Stage::ALL.len() - 1)]
    }
}

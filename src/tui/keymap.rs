//! One table of keys: dispatch, footer, help, palette and the README section all come from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Everywhere,
    Queue,
    Review,
    Citations,
    Safety,
    Audit,
}

impl Scope {
    pub const ALL: [Self; 6] = [
        Self::Everywhere,
        Self::Queue,
        Self::Review,
        Self::Citations,
        Self::Safety,
        Self::Audit,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Queue => "Queue",
            Self::Review => "Review",
            Self::Citations => "Citations",
            Self::Safety => "Safety",
            Self::Audit => "Audit",
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    GoQueue,
    GoReview,
    GoCitations,
    GoSafety,
    GoAudit,
    NextPane,
    PreviousPane,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Open,
    Back,
    Filter,
    NewRun,
    Step,
    RunOn,
    Pause,
    Rerun,
    Decide,
    Verify,
    Copy,
    Below,
    NextHit,
    PreviousHit,
    Edit,
    Fix,
    Dismiss,
    Aspect,
    Policies,
    Claim,
    Give,
    Escalate,
    Comment,
    Withdraw,
    Recall,
    Mark,
    Together,
    Sort,
    Help,
    Palette,
    Mouse,
    Quit,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub scope: Scope,
    pub key: &'static str,
    pub command: Command,
    /// Short words for the footer; empty: not in the footer.
    pub hint: &'static str,
    pub help: &'static str,
}

const fn key(
    scope: Scope,
    key: &'static str,
    command: Command,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        scope,
        key,
        command,
        hint,
        help,
    }
}

use Command as C;
use Scope as S;

/// All keys. Where a key stands twice in a scope, the first one is shown.
pub const TABLE: &[Binding] = &[
    key(S::Queue, "Enter", C::Open, "open", "open the run"),
    key(
        S::Queue,
        "n",
        C::NewRun,
        "new run",
        "new run from a profile",
    ),
    key(
        S::Queue,
        "a",
        C::Claim,
        "claim",
        "take the run, or let it go again",
    ),
    key(
        S::Queue,
        "o",
        C::Comment,
        "comment",
        "say something about the run",
    ),
    key(
        S::Queue,
        "s",
        C::Sort,
        "sort",
        "what waits, or all runs newest first",
    ),
    key(S::Queue, "A", C::Give, "", "give the run to somebody"),
    key(
        S::Queue,
        "e",
        C::Escalate,
        "",
        "leave the run to a principal",
    ),
    key(
        S::Queue,
        "W",
        C::Withdraw,
        "",
        "take a decision back before anything is sent",
    ),
    key(
        S::Queue,
        "R",
        C::Recall,
        "",
        "call a delivered message back",
    ),
    key(
        S::Queue,
        "Space",
        C::Mark,
        "",
        "mark the run to be approved with others",
    ),
    key(
        S::Queue,
        "b",
        C::Together,
        "",
        "approve the marked runs together",
    ),
    key(
        S::Review,
        "Space",
        C::Step,
        "next stage",
        "run the next stage",
    ),
    key(S::Review, "c", C::RunOn, "run on", "run on to the end"),
    key(S::Review, ".", C::Pause, "pause", "pause after this stage"),
    key(
        S::Review,
        "x",
        C::Rerun,
        "re-run from here",
        "re-run from the chosen stage, as a new try",
    ),
    key(
        S::Review,
        "Enter",
        C::Open,
        "inspect",
        "look into the chosen stage",
    ),
    key(S::Review, "n", C::NewRun, "", "new run from a profile"),
    key(
        S::Review,
        "d",
        C::Decide,
        "decide",
        "approve, reject, override or send back",
    ),
    key(
        S::Review,
        "a",
        C::Claim,
        "",
        "take the run, or let it go again",
    ),
    key(
        S::Review,
        "o",
        C::Comment,
        "",
        "say something about the run",
    ),
    key(S::Review, "A", C::Give, "", "give the run to somebody"),
    key(
        S::Review,
        "e",
        C::Escalate,
        "",
        "leave the run to a principal",
    ),
    key(
        S::Review,
        "W",
        C::Withdraw,
        "",
        "take a decision back before anything is sent",
    ),
    key(
        S::Review,
        "R",
        C::Recall,
        "",
        "call a delivered message back",
    ),
    key(
        S::Citations,
        "e",
        C::Below,
        "the rest",
        "list what is below the cut",
    ),
    key(
        S::Citations,
        "d",
        C::Decide,
        "decide",
        "approve, reject, override or send back",
    ),
    key(
        S::Review,
        "E",
        C::Edit,
        "edit",
        "edit the variant, checked as you type",
    ),
    key(
        S::Safety,
        "E",
        C::Edit,
        "edit",
        "edit the variant, checked as you type",
    ),
    key(
        S::Safety,
        "f",
        C::Fix,
        "fix",
        "put the nearest words that pass, and check again",
    ),
    key(
        S::Safety,
        "e",
        C::Aspect,
        "evidence",
        "finding, evidence, or which rules looked",
    ),
    key(
        S::Safety,
        "p",
        C::Policies,
        "policy",
        "the rule's policy, with its tests and measures",
    ),
    key(
        S::Safety,
        "u",
        C::Dismiss,
        "",
        "dismiss the finding as a false positive, with a reason",
    ),
    key(
        S::Safety,
        "Enter",
        C::Open,
        "",
        "list or fold what was negated, attributed or quoted",
    ),
    key(S::Safety, "N", C::PreviousHit, "", "previous finding"),
    key(S::Safety, "n", C::NextHit, "next finding", "next finding"),
    key(
        S::Safety,
        "d",
        C::Decide,
        "decide",
        "approve, reject, override or send back",
    ),
    key(
        S::Audit,
        "Enter",
        C::Open,
        "open run",
        "open the run as it was",
    ),
    key(S::Everywhere, "v", C::Verify, "verify", "verify the ledger"),
    key(S::Everywhere, "p", C::Policies, "", "the policies in force"),
    key(S::Everywhere, "1", C::GoQueue, "", "go to the queue"),
    key(S::Everywhere, "2", C::GoReview, "", "go to the review"),
    key(
        S::Everywhere,
        "3",
        C::GoCitations,
        "",
        "go to the citations",
    ),
    key(
        S::Everywhere,
        "4",
        C::GoSafety,
        "",
        "go to the safety matrix",
    ),
    key(
        S::Everywhere,
        "5",
        C::GoAudit,
        "",
        "go to the audit browser",
    ),
    key(S::Everywhere, "Tab", C::NextPane, "", "next pane"),
    key(
        S::Everywhere,
        "BackTab",
        C::PreviousPane,
        "",
        "previous pane (Shift-Tab)",
    ),
    key(S::Everywhere, "Up", C::Up, "", "up"),
    key(S::Everywhere, "k", C::Up, "", "up"),
    key(S::Everywhere, "Down", C::Down, "", "down"),
    key(S::Everywhere, "j", C::Down, "", "down"),
    key(S::Everywhere, "Left", C::Left, "", "left"),
    key(S::Everywhere, "h", C::Left, "", "left"),
    key(S::Everywhere, "Right", C::Right, "", "right"),
    key(S::Everywhere, "l", C::Right, "", "right"),
    key(S::Everywhere, "PgUp", C::PageUp, "", "a page up"),
    key(S::Everywhere, "PgDn", C::PageDown, "", "a page down"),
    key(S::Everywhere, "g", C::Top, "", "to the top"),
    key(S::Everywhere, "Home", C::Top, "", "to the top"),
    key(S::Everywhere, "G", C::Bottom, "", "to the end"),
    key(S::Everywhere, "End", C::Bottom, "", "to the end"),
    key(S::Everywhere, "Esc", C::Back, "", "back, or close"),
    key(S::Everywhere, "/", C::Filter, "filter", "filter the list"),
    key(S::Everywhere, "y", C::Copy, "", "copy (OSC 52)"),
    key(
        S::Everywhere,
        "m",
        C::Mouse,
        "",
        "mouse on or off (Shift-drag always selects text)",
    ),
    key(
        S::Everywhere,
        ":",
        C::Palette,
        "commands",
        "command palette",
    ),
    key(S::Everywhere, "Ctrl-P", C::Palette, "", "command palette"),
    key(S::Everywhere, "?", C::Help, "keys", "keys of this screen"),
    key(S::Everywhere, "q", C::Quit, "quit", "quit"),
    key(S::Everywhere, "Ctrl-C", C::Quit, "", "quit"),
];

/// The name of a key press, as the table writes it.
pub fn name_of(event: &KeyEvent) -> String {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let base = match event.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(c) if control => c.to_ascii_uppercase().to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "Enter".into(),
        KeyCode::Esc => "Esc".into(),
        KeyCode::Tab => "Tab".into(),
        KeyCode::BackTab => "BackTab".into(),
        KeyCode::Up => "Up".into(),
        KeyCode::Down => "Down".into(),
        KeyCode::Left => "Left".into(),
        KeyCode::Right => "Right".into(),
        KeyCode::PageUp => "PgUp".into(),
        KeyCode::PageDown => "PgDn".into(),
        KeyCode::Home => "Home".into(),
        KeyCode::End => "End".into(),
        KeyCode::Backspace => "Backspace".into(),
        _ => String::new(),
    };
    if control && !base.is_empty() {
        format!("Ctrl-{base}")
    } else {
        base
    }
}

/// The command of a key: the screen's own before everywhere's.
pub fn command(scope: Scope, event: &KeyEvent) -> Option<Command> {
    let name = name_of(event);
    let find = |scope: Scope| {
        TABLE
            .iter()
            .find(|b| b.scope == scope && b.key == name)
            .map(|b| b.command)
    };
    find(scope).or_else(|| find(Scope::Everywhere))
}

/// The key section of the README, as Markdown.
pub fn markdown() -> String {
    let mut out = String::new();
    for scope in Scope::ALL {
        out.push_str(&format!(
            "**{}**\n\n| key | action |\n| --- | --- |\n",
            scope.title()
        ));
        let mut done: Vec<&str> = Vec::new();
        for binding in TABLE.iter().filter(|b| b.scope == scope) {
            if done.contains(&binding.help) {
                continue;
            }
            done.push(binding.help);
            let keys: Vec<String> = TABLE
                .iter()
                .filter(|b| b.scope == scope && b.help == binding.help)
                .map(|b| {
                    format!(
                        "`{}`",
                        if b.key == "BackTab" {
                            "Shift-Tab"
                        } else {
                            b.key
                        }
                    )
                })
                .collect();
            out.push_str(&format!("| {} | {} |\n", keys.join(", "), binding.help));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice_in_a_scope() {
        for (index, a) in TABLE.iter().enumerate() {
            for b in &TABLE[index + 1..] {
                assert!(
                    !(a.scope == b.scope && a.key == b.key),
                    "{} twice in {:?}",
                    a.key,
                    a.scope
                );
            }
        }
    }

    #[test]
    fn a_screens_own_key_comes_first() {
        let n = KeyEvent::new(KeyCode::Char('n'), KeyModifiers::NONE);
        assert_eq!(command(Scope::Safety, &n), Some(Command::NextHit));
        assert_eq!(command(Scope::Queue, &n), Some(Command::NewRun));
        assert_eq!(command(Scope::Audit, &n), None);
        let shifted = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(command(Scope::Audit, &shifted), Some(Command::Help));
    }

    #[test]
    fn the_readme_prints_this_table() {
        let readme =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        assert!(
            readme.contains(&markdown()),
            "run `echovoice keys` and paste its output into the README's key section"
        );
    }
}

//! One table of keys: dispatch, footer, help, palette and the table in the manual all come from it.

mod keys;
mod table;

pub use keys::{KeyRow, Keys};
pub use table::TABLE;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyScope {
    Everywhere,
    Queue,
    Review,
    Citations,
    Safety,
    Audit,
}

impl KeyScope {
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
pub enum DeskCommand {
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
    Brief,
    Received,
    Verify,
    Copy,
    Below,
    NextHit,
    PreviousHit,
    Edit,
    Fix,
    Dismiss,
    SendBack,
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
    SortColumn,
    Wider,
    Narrower,
    SameFinding,
    DecisionsOnly,
    Help,
    Palette,
    Mouse,
    EnterProfile,
    Diff,
    Compare,
    Replay,
    WhatIf,
    Charts,
    Check,
    CustomerData,
    Users,
    Tour,
    Suspend,
    Quit,
}

impl DeskCommand {
    /// The name by which the settings know it: `next-pane`.
    pub fn id(self) -> String {
        let mut id = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_ascii_uppercase() && !id.is_empty() {
                id.push('-');
            }
            id.push(c.to_ascii_lowercase());
        }
        id
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub scope: KeyScope,
    pub key: &'static str,
    pub command: DeskCommand,
    /// Short words for the footer; empty: not in the footer.
    pub hint: &'static str,
    pub help: &'static str,
}

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
        let keys = Keys::default();
        let command = |scope, event: &KeyEvent| keys.command(scope, event);
        assert_eq!(command(KeyScope::Safety, &n), Some(DeskCommand::NextHit));
        assert_eq!(command(KeyScope::Queue, &n), Some(DeskCommand::NewRun));
        assert_eq!(command(KeyScope::Audit, &n), None);
        let shifted = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(command(KeyScope::Audit, &shifted), Some(DeskCommand::Help));
    }

    #[test]
    fn the_manual_prints_this_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/docs/desk.md");
        assert!(
            std::fs::read_to_string(page)
                .unwrap()
                .contains(Keys::default().markdown().trim_end()),
            "run `echovoice keys` and paste its output into its key section"
        );
    }
}

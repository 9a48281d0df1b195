//! Who acts, and what each role may do. The table is here; `service` asks it, `verify` asks it again.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A role a person holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Officer,
    Principal,
    Marketer,
    Auditor,
    Admin,
    /// The program itself: never a person's role.
    System,
}

/// Something that asks for permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    StartRun,
    EditVariant,
    Decide,
    Override,
    Deliver,
    ReadLedger,
    ManagePeople,
    ManagePolicy,
    /// Erasure, deferral and legal hold of a customer's data.
    ManageData,
    /// Say something about a run.
    Comment,
    /// Give a run to somebody.
    Assign,
    /// Stand for somebody who lost their key.
    ReplaceKey,
    /// Send approvals back to review, since the rules changed.
    Reopen,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Principal => "principal",
            Self::Marketer => "marketer",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Officer,
            Self::Principal,
            Self::Marketer,
            Self::Auditor,
            Self::Admin,
            Self::System,
        ]
        .into_iter()
        .find(|role| role.as_str() == text)
    }

    /// Whether the role may do it; otherwise the sentence shown everywhere it is refused.
    ///
    /// # Errors
    /// The reason, ready to show.
    pub fn may(self, action: Action) -> Result<(), String> {
        use Action as A;
        let allowed = match action {
            A::StartRun => matches!(
                self,
                Self::Officer | Self::Principal | Self::Marketer | Self::System
            ),
            A::EditVariant => matches!(self, Self::Officer | Self::Principal | Self::Marketer),
            A::Decide | A::Override => matches!(self, Self::Officer | Self::Principal),
            A::Deliver => matches!(self, Self::Officer | Self::Principal | Self::System),
            A::ReadLedger => true,
            A::ManagePeople => matches!(self, Self::Admin),
            A::ManageData | A::Assign => matches!(self, Self::Principal),
            A::ReplaceKey => matches!(self, Self::Admin | Self::Principal),
            A::Comment => !matches!(self, Self::System),
            A::Reopen => matches!(self, Self::Officer | Self::Principal),
            A::ManagePolicy => matches!(self, Self::Admin | Self::Officer | Self::Principal),
        };
        if allowed {
            Ok(())
        } else {
            Err(format!(
                "the role {self} may not {}; ask a colleague who is {}",
                match action {
                    A::StartRun => "start a run",
                    A::EditVariant => "edit a variant",
                    A::Decide => "decide",
                    A::Override => "override",
                    A::Deliver => "deliver",
                    A::ReadLedger => "read the ledger",
                    A::ManagePeople => "manage people",
                    A::ManagePolicy => "manage policies",
                    A::ManageData => "erase or hold a customer's data",
                    A::Comment => "comment",
                    A::ReplaceKey => "replace a lost key",
                    A::Assign => "give a run to somebody",
                    A::Reopen => "send approvals back to review",
                },
                match action {
                    A::ManagePeople => "admin",
                    A::ReplaceKey => "admin or principal",
                    A::ManageData | A::Assign => "principal",
                    A::StartRun | A::EditVariant => "officer, principal or marketer",
                    A::ManagePolicy => "officer, principal or admin",
                    _ => "officer or principal",
                }
            ))
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Somebody on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub role: Role,
    /// A demo identity made on first start: fine for trying out, not for real approvals.
    #[serde(default)]
    pub demo: bool,
    /// False once the key was revoked.
    pub active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reviewers_decide_and_the_refusal_says_who_could() {
        assert!(Role::Officer.may(Action::Decide).is_ok());
        assert!(Role::Principal.may(Action::Override).is_ok());
        for role in [Role::Marketer, Role::Auditor, Role::Admin, Role::System] {
            let refusal = role.may(Action::Decide).unwrap_err();
            assert!(refusal.contains("officer or principal"), "{refusal}");
        }
        assert!(Role::Auditor.may(Action::StartRun).is_err());
    }
}

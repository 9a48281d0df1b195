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
    /// Make and revoke tokens of others; everybody does so with their own.
    ManageTokens,
    /// Say that what is in force in the home is right, though the record has it otherwise.
    AcceptHome,
    /// Slip messages into the queue that test reviewers.
    PlantTests,
}

impl Action {
    /// Every action.
    const ALL: [Self; 16] = [
        Self::StartRun,
        Self::EditVariant,
        Self::Decide,
        Self::Override,
        Self::Deliver,
        Self::ReadLedger,
        Self::ManagePeople,
        Self::ManagePolicy,
        Self::ManageData,
        Self::Comment,
        Self::Assign,
        Self::ReplaceKey,
        Self::Reopen,
        Self::ManageTokens,
        Self::AcceptHome,
        Self::PlantTests,
    ];

    /// As it stands after "may not".
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::StartRun => "start a run",
            Self::EditVariant => "edit a variant",
            Self::Decide => "decide",
            Self::Override => "override",
            Self::Deliver => "deliver",
            Self::ReadLedger => "read the ledger",
            Self::ManagePeople => "manage people",
            Self::ManagePolicy => "manage policies",
            Self::ManageData => "erase or hold a customer's data",
            Self::Comment => "comment",
            Self::ReplaceKey => "replace a lost key",
            Self::Assign => "give a run to somebody",
            Self::Reopen => "send approvals back to review",
            Self::ManageTokens => "manage others' tokens",
            Self::AcceptHome => "say that what is in force here is right",
            Self::PlantTests => "plant tests of reviewers",
        }
    }

    /// Whom to ask instead.
    pub(super) fn who_may(self) -> &'static str {
        match self {
            Self::ManagePeople | Self::AcceptHome => "admin",
            Self::ReplaceKey | Self::ManageTokens => "admin or principal",
            Self::ManageData | Self::Assign | Self::PlantTests => "principal",
            Self::StartRun | Self::EditVariant => "officer, principal or marketer",
            Self::ManagePolicy => "officer, principal or admin",
            _ => "officer or principal",
        }
    }
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

    /// As it stands in a sentence: `an officer`.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Officer => "an officer",
            Self::Principal => "a principal",
            Self::Marketer => "a marketer",
            Self::Auditor => "an auditor",
            Self::Admin => "an admin",
            Self::System => "the program itself",
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

    /// Whether it sees how well others review; everybody sees it of themselves.
    pub fn sees_others_reviews(self) -> bool {
        matches!(self, Self::Principal | Self::Auditor)
    }

    /// Whether it may do all that another may.
    pub fn covers(self, other: Self) -> bool {
        Action::ALL
            .iter()
            .all(|action| other.may(*action).is_err() || self.may(*action).is_ok())
    }

    /// Whether the role may do it; otherwise the sentence shown everywhere it is refused.
    ///
    /// # Errors
    /// It may not.
    pub fn may(self, action: Action) -> Result<(), RoleRefusal> {
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
            A::ManagePeople | A::AcceptHome => matches!(self, Self::Admin),
            A::ManageData | A::Assign | A::PlantTests => matches!(self, Self::Principal),
            A::ReplaceKey | A::ManageTokens => matches!(self, Self::Admin | Self::Principal),
            A::Comment => !matches!(self, Self::System),
            A::Reopen => matches!(self, Self::Officer | Self::Principal),
            A::ManagePolicy => matches!(self, Self::Admin | Self::Officer | Self::Principal),
        };
        if allowed {
            Ok(())
        } else {
            Err(RoleRefusal { role: self, action })
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

/// A role may not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} may not {}; ask a colleague who is {}", .role.with_article(), .action.in_words(), .action.who_may())]
pub struct RoleRefusal {
    pub role: Role,
    pub action: Action,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reviewers_decide_and_the_refusal_says_who_could() {
        assert!(Role::Officer.may(Action::Decide).is_ok());
        assert!(Role::Principal.may(Action::Override).is_ok());
        for role in [Role::Marketer, Role::Auditor, Role::Admin, Role::System] {
            let refusal = role.may(Action::Decide).unwrap_err().to_string();
            assert!(refusal.contains("officer or principal"), "{refusal}");
        }
        assert!(Role::Auditor.may(Action::StartRun).is_err());
    }

    #[test]
    fn a_role_covers_another_that_may_do_no_more() {
        let covered = |role: Role| {
            let all = [
                Role::Officer,
                Role::Principal,
                Role::Marketer,
                Role::Auditor,
                Role::Admin,
            ];
            all.into_iter()
                .filter(|other| role.covers(*other))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            covered(Role::Principal),
            [
                Role::Officer,
                Role::Principal,
                Role::Marketer,
                Role::Auditor
            ]
        );
        assert_eq!(covered(Role::Admin), [Role::Auditor, Role::Admin]);
        assert_eq!(
            covered(Role::Officer),
            [Role::Officer, Role::Marketer, Role::Auditor]
        );
        assert_eq!(covered(Role::Auditor), [Role::Auditor]);
    }
}

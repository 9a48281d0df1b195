//! What `policy` takes.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(ClapArgs)]
pub struct PolicyArgs {
    #[command(subcommand)]
    pub action: PolicyAction,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum TableOf {
    /// What the packs in force rest on: how many rules of each regime were confirmed, when, and how many were not
    Regimes,
    /// What places ask of marketing texts
    Texts,
}

#[derive(Subcommand)]
pub enum PolicyAction {
    /// All packs, which are in force, and when their rules change next
    List,
    /// A pack's rules, or one rule: law, days, source, who checked when, whom it speaks to
    Show { name: String },
    /// The coming days of the packs in force: what begins or ends, and where
    Calendar,
    /// Rules whose law nobody has checked of late, or ever, by pack and the unverified first
    Stale {
        /// Days after which a check is old
        #[arg(long, value_name = "N", default_value_t = 180)]
        days: u32,
    },
    /// Print a table for a document, in Markdown
    Table {
        #[arg(value_enum)]
        of: TableOf,
    },
    /// Put on record what is in force in this home now, by an administrator: packs and texts that were changed past the
    /// program (templates, disclosures, brand, products, segments, experiments); proposed, where a pack that asks for two
    /// persons is among them
    Accept {
        #[arg(long)]
        reason: String,
    },
    /// Write the packs that ship with this program beside the drafts of this home, where it has none of their names
    Drafts,
    /// Run a pack's own tests and the dismissed findings of its rules (all drafts without a name)
    Test {
        pack: Option<String>,
        /// Test the packs of this folder among each other, instead of those in force
        #[arg(long, value_name = "FOLDER", conflicts_with = "pack")]
        packs: Option<PathBuf>,
    },
    /// Say what a sentence claims and which rules looked at it, or what a rule asks, in plain words
    Explain {
        /// A sentence, or the id of a rule or of a kind of claim
        what: String,
        #[arg(long)]
        product: Option<String>,
        #[arg(long)]
        jurisdiction: Option<String>,
        #[arg(long)]
        channel: Option<String>,
        /// A fact, as KEY=VALUE; may be given more than once
        #[arg(long, value_name = "KEY=VALUE")]
        fact: Vec<String>,
    },
    /// Write a rule from a short dialogue, as a pack of its own, and test it
    New {
        /// Id of the rule, as firm.fees.free
        id: String,
        /// Answers, in the order of the questions, as KEY=ANSWER; what is missing is asked
        #[arg(long = "answer", value_name = "KEY=ANSWER")]
        answers: Vec<String>,
    },
    /// Measure the packs in force on labelled sentences or messages that they were not written from (JSON lines); --as-of
    /// is the day of rows without the fact `as_of`, and without either every rule runs
    Measure {
        #[arg(required = true, value_name = "FILE")]
        rows: Vec<PathBuf>,
        /// Measure the packs of this folder instead of those in force
        #[arg(long, value_name = "FOLDER")]
        packs: Option<PathBuf>,
        /// Print every row that did not come out as labelled, with what was found
        #[arg(long)]
        list: bool,
        /// Only rows of rules that begin so
        #[arg(long, value_name = "RULE", default_value = "")]
        rule: String,
    },
    /// Texts that a law or a regulator prescribes, and customary ones: all, or those that answer a rule
    Texts {
        /// Ids of texts; none: all
        ids: Vec<String>,
        /// Those that answer this rule
        #[arg(long)]
        rule: Option<String>,
        /// Those for readers of this place (US, UK, EU-DE …)
        #[arg(long)]
        place: Option<String>,
    },
    /// Print labelled sentences or messages as rows of `assets/likeness.tsv`, from which likeness learns
    Rows {
        #[arg(required = true, value_name = "FILE")]
        rows: Vec<PathBuf>,
    },
    /// What changed between two packs; with one name: between what is in force and its draft
    Diff { old: String, new: Option<String> },
    /// Put a tested pack in force, or take one out of it; where it asks for two persons, propose to
    Activate {
        pack: String,
        /// Take it out of force instead
        #[arg(long)]
        remove: bool,
    },
    /// Confirm what another person proposed, by its entry's number: a pack that asks for two persons is put in force, or
    /// taken out of it, or an administrator's `accept` holds
    Confirm { proposal: u64 },
    /// Which recorded verdicts would be others under this pack
    WhatIf {
        pack: String,
        /// Newest runs to replay
        #[arg(long, default_value_t = 10_000)]
        limit: usize,
        /// Only runs whose approval stands: not sent yet, or delivered and not recalled
        #[arg(long)]
        live: bool,
        /// Send approvals that would not be given so back to review; what is delivered gets a comment
        #[arg(long, requires = "live")]
        reopen: bool,
    },
}

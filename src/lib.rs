//! EchoVoice: a compliance reviewer's desk for personalised customer messages.
//!
//! Three faces (`tui`, `cli`, `http`) over one set of use cases (`service`), over a `pipeline` that sees only traits, over plain
//! data (`domain`). Dependencies run one way; `tests/layers.rs` guards the direction.
//!
//! ```text
//! main → cli | tui | http → service → pipeline → { rules → claims, pii, grounding } → text → domain
//!                       ├────→ knowledge, generate, experiment, deliver, ledger_search, mail
//!                       ├────→ witness     └─→ remote (services over HTTP)
//!                       └────→ ledger, store, config
//! ```
//!
//! # Glossary
//!
//! One word for one thing, in the order in which a message meets them, each with the type that bears it.
//!
//! - **Profile** ([`Profile`](domain::profile::Profile)): what is known of one customer: what they are called,
//!   consents, age, place, history.
//! - **Jurisdiction** ([`Jurisdiction`](domain::jurisdiction::Jurisdiction)): the place whose law protects the
//!   recipient.
//! - **Channel** ([`Channel`](domain::jurisdiction::Channel)): how a message travels: email, text message, push.
//! - **Facts** ([`Facts`](domain::facts::Facts)): products, offer, consent and sender by key; a missing key is not
//!   known, `null` is known to be absent.
//! - **Run** ([`Run`](domain::run::Run)): one profile taken through the stages, up to messages that are judged; on
//!   record, unless it is a preview.
//! - **Session** ([`Session`](service::run::Session)): a run as a face steps it, edits it and waits for it.
//! - **Stage** ([`Stage`](domain::run::Stage)): one of the steps of a run; in code a
//!   [`pipeline::node::PipelineStage`].
//! - **Pins** ([`Pins`](domain::run::Pins)): everything that a verdict depends on besides the profile: same pins,
//!   same bytes.
//! - **Segment** ([`Segment`](domain::segment::Segment)): the group that a customer belongs to, and why.
//! - **Passage** ([`Passage`](knowledge::Passage)): a piece of an approved document, as it is indexed and found.
//! - **Citation** ([`Citation`](domain::citation::Citation)): a passage that a run found, with how far it is
//!   trusted.
//! - **Variant** ([`Variant`](domain::variant::Variant)): one candidate message of a run, each sentence with its
//!   source.
//! - **Message** ([`Message`](domain::message::Message)): what the gate reads: the parts of a text, whoever wrote
//!   it.
//! - **View** ([`View`](text::view::View)): a part as some reader has it: what is visible, the values of
//!   mark-up, the text with disguises undone, what is hidden; it maps back to the bytes of the original.
//! - **Gate** ([`LayeredGate`](pipeline::LayeredGate)): the four layers of checks over a message: personal data,
//!   brand, compliance, factual.
//! - **Policy pack** ([`Pack`](rules::Pack)): a file of rules that an officer can read and change.
//! - **Rule** ([`Rule`](rules::pack::Rule)): what may not be said, where, under which law, and what would pass.
//! - **Rule book** ([`RuleBook`](rules::RuleBook)): the active packs together, compiled.
//! - **Claim** ([`Claim`](claims::Claim)): a statement that was recognised in a view, of a [`claims::ClaimKind`];
//!   no law is known yet.
//! - **Polarity** ([`Polarity`](domain::finding::Polarity)): the voice of a claim: asserted, negated, quoted,
//!   asked, under a condition.
//! - **Personal data** ([`PiiHit`](pii::PiiHit)): a place in a text that names or identifies somebody.
//! - **Evidence** ([`EvidenceLink`](domain::finding::EvidenceLink)): a statement of a message and the fact or
//!   citation that carries or contradicts it.
//! - **Finding** ([`Finding`](domain::finding::Finding)): one thing that a check says about one place of a message.
//! - **Disposition** ([`Disposition`](domain::finding::Disposition)): what a finding comes to: pass, info, review,
//!   block.
//! - **Coverage** ([`Coverage`](domain::finding::Coverage)): which rules looked and which did not, so that silence
//!   is told from absence.
//! - **Verdict** ([`Verdict`](domain::finding::Verdict)): the whole answer of the gate: findings, coverage,
//!   evidence.
//! - **Prescribed text** ([`Text`](domain::prescribed::Text)): words that a law or a regulator lays down.
//! - **Person** ([`Person`](domain::person::Person)): somebody on the roster, with one role; their key signs what they
//!   decide.
//! - **Decision** ([`DecisionKind`](domain::decision::DecisionKind)): what a person says about a run: approve,
//!   reject, request changes, override.
//! - **Review policy** ([`ReviewPolicy`](domain::review::ReviewPolicy)): what a firm asks of a review: by when, by
//!   how many persons, how often a customer may be written to.
//! - **Planted test** ([`CanaryMark`](domain::canary::CanaryMark)): a message whose right answer was laid down before,
//!   to see how well reviewers review; it is never sent.
//! - **Ledger** ([`Ledger`](ledger::Ledger)): the append-only record of everything that happened.
//! - **Entry** ([`Entry`](ledger::Entry)): one event on record, chained to the one before and covered by the next
//!   signed checkpoint.
//! - **Checkpoint** ([`Checkpoint`](ledger::checkpoint::Checkpoint)): the signed size and root hash of the ledger,
//!   kept elsewhere to compare with.
//! - **Vault** ([`Vault`](ledger::vault::Vault)): where personal data is encrypted by customer, so that an erasure
//!   destroys a key and no entry.
//! - **Transport** ([`Transport`](deliver::Transport)): who takes an approved message: the outbox folder, an SMTP
//!   server, a webhook.
//! - **Experiment** ([`ExperimentPlan`](experiment::ExperimentPlan)): which customers are sent which type of
//!   message, and when a difference may be believed.
//! - **Home** ([`Workspace`](service::Workspace)): the folder that everything of a firm is in, opened by one
//!   person.

pub mod built;
pub mod claims;
pub mod cli;
pub mod config;
pub mod deliver;
pub mod domain;
pub mod error;
pub mod experiment;
pub mod files;
pub mod generate;
pub mod grounding;
#[cfg(feature = "server")]
pub mod http;
pub mod knowledge;
pub mod ledger;
pub mod ledger_search;
pub mod mail;
pub mod pii;
pub mod pipeline;
pub mod remote;
pub mod rules;
pub mod service;
pub mod store;
pub mod text;
pub mod tui;
pub mod wait;
pub mod witness;

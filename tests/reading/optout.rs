//! Opt-outs, complaints, bounces: lists, the ledger, hand-over.

//! What is built in by features alone: the HTTP interface, PostgreSQL, Redis. `cargo test --features full`.

mod canaries;
mod conformance;
mod edge;
mod faces;
mod http;
mod http_guard;
mod shared_ledger;
mod store;
mod tenants;

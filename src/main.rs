//! Arguments → command → exit code.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    echovoice::cli::main(echovoice::cli::Args::parse())
}

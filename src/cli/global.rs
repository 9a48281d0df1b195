//! What every command is told.

use clap::Args as ClapArgs;
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Debug)]
pub struct Global {
    /// Folder with ledger, knowledge base and policies (made on first use)
    #[arg(long, global = true, env = "ECHOVOICE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Who acts (default: who works in this home on this machine, `echovoice user me`)
    #[arg(
        long = "as",
        global = true,
        env = "ECHOVOICE_USER",
        value_name = "NAME"
    )]
    pub acting: Option<String>,
    /// The moment whose law and documents apply (default: now)
    #[arg(long, global = true, value_name = "RFC3339")]
    pub as_of: Option<String>,
}

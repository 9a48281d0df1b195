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

impl Global {
    /// A command as it is typed for the same home: `--home` is said where it was said.
    pub fn command(&self, rest: &str) -> String {
        let from_outside = std::env::var_os("ECHOVOICE_HOME").map(PathBuf::from);
        match &self.home {
            Some(home) if self.home != from_outside => {
                format!(
                    "echovoice --home {} {rest}",
                    quoted(&home.display().to_string())
                )
            }
            _ => format!("echovoice {rest}"),
        }
    }
}

/// A word as a shell takes it whole.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-~".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_home_that_was_named() {
        let at = |home: &str| Global {
            home: Some(home.into()),
            json: false,
            acting: None,
            as_of: None,
        };
        assert_eq!(
            at("/srv/desk").command("policy list"),
            "echovoice --home /srv/desk policy list"
        );
        assert_eq!(
            at("our desk's").command("doctor"),
            "echovoice --home 'our desk'\\''s' doctor"
        );
        let nowhere = Global {
            home: None,
            ..at("")
        };
        assert_eq!(nowhere.command("doctor"), "echovoice doctor");
    }
}

//! The home's settings: `config.toml`, all of it optional. Keys and passwords are never in it, only where they lie.

use crate::error::{Error, Kind, Result};
use crate::generate::model;
use crate::knowledge::{Ways, external};
use crate::text::table::{self, TomlError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use zeroize::Zeroizing;

/// Names of the themes.
pub const THEMES: [&str; 4] = ["dark", "light", "contrast", "mono"];

/// Name of the file in the home.
pub const FILE: &str = "config.toml";

/// Settings. A name that is not known is an error: a slip must not silently mean the default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A search service to ask before the embedded index.
    pub search: Option<external::Settings>,
    /// How passages are ranked.
    pub knowledge: Ways,
    /// A database for the ledger, which several processes share, in place of the file in the home.
    pub ledger: Option<LedgerSettings>,
    /// Where checkpoints go by themselves.
    pub witness: Option<Witness>,
    /// Where the last run's parts are kept for a while.
    pub store: Option<StoreSettings>,
    /// A language model that writes the middle of messages.
    pub model: Option<model::ModelSettings>,
    /// Who takes approved messages.
    pub delivery: DeliverySettings,
    /// How the desk looks and behaves.
    pub desk: DeskSettings,
    /// Other keys for commands of the desk, by the command's id.
    pub keys: BTreeMap<String, OneOrMore>,
}

/// `[ledger]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerSettings {
    /// Name of the environment variable that holds the URL.
    pub url_env: Option<String>,
    /// File that holds the URL.
    pub url_file: Option<PathBuf>,
    /// Program that prints the URL, with its arguments; no shell reads them.
    pub url_command: Option<Vec<String>>,
    /// Name of the environment variable that holds the password.
    pub password_env: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// Program that prints the password, with its arguments; no shell reads them.
    pub password_command: Option<Vec<String>>,
    /// The schema that holds this ledger alone; `echovoice` without it.
    pub schema: Option<String>,
    /// Certificates (PEM) of who signs the server's.
    pub root_certificates: Option<PathBuf>,
    /// Most connections of one process.
    pub connections: Option<usize>,
}

/// `[ledger]` cannot be used as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum LedgerSettingError {
    #[error("needs one of url_env, url_file and url_command")]
    Url,
    #[error("takes one of password_env, password_file and password_command")]
    Password,
}

impl LedgerSettings {
    /// Where the URL lies.
    pub fn url(&self) -> SecretSources<'_> {
        places(
            self.url_env.as_ref(),
            self.url_file.as_ref(),
            self.url_command.as_ref(),
        )
    }

    /// Where the password lies, if anywhere.
    pub fn password(&self) -> SecretSources<'_> {
        places(
            self.password_env.as_ref(),
            self.password_file.as_ref(),
            self.password_command.as_ref(),
        )
    }

    fn check(&self) -> std::result::Result<(), LedgerSettingError> {
        if given(&self.url()) != 1 {
            return Err(LedgerSettingError::Url);
        }
        if given(&self.password()) > 1 {
            return Err(LedgerSettingError::Password);
        }
        Ok(())
    }
}

/// `[witness]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Witness {
    /// A file elsewhere that holds the newest checkpoint.
    pub path: Option<PathBuf>,
    /// Who is asked to cosign it.
    pub cosigners: Vec<CosignedBy>,
}

/// One of `[[witness.cosigners]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosignedBy {
    /// Its submission prefix (C2SP tlog-witness).
    pub url: String,
    /// Its verifier key, `NAME+ID+KEY`.
    pub key: String,
}

/// `[store]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Name of the environment variable that holds the URL.
    pub url_env: Option<String>,
    /// File that holds the URL.
    pub url_file: Option<PathBuf>,
    /// Program that prints the URL, with its arguments; no shell reads them.
    pub url_command: Option<Vec<String>>,
    /// Stands before every key.
    pub prefix: Option<String>,
    /// How long something is kept; an hour without it.
    pub seconds: Option<u32>,
}

impl StoreSettings {
    /// Where the URL lies, if a Redis is named here.
    pub fn url(&self) -> Option<SecretSources<'_>> {
        let url = places(
            self.url_env.as_ref(),
            self.url_file.as_ref(),
            self.url_command.as_ref(),
        );
        (given(&url) > 0).then_some(url)
    }
}

/// Who takes the messages of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// The outbox folder in the home.
    #[default]
    File,
    /// The mail server of `[delivery.smtp]`.
    Smtp,
    /// The program of `[delivery.webhook]`.
    Webhook,
}

/// `[delivery]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliverySettings {
    /// Who takes e-mail.
    pub email: TransportKind,
    /// Who takes texts.
    pub sms: TransportKind,
    /// Who takes push messages.
    pub push: TransportKind,
    /// A mail server.
    pub smtp: Option<SmtpSettings>,
    /// A program of yours.
    pub webhook: Option<WebhookSettings>,
}

/// `[delivery.smtp]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpSettings {
    /// The server's name, which its certificate must bear.
    pub host: Option<String>,
    /// 587, or 465 with `tls`, where none is named.
    pub port: Option<u16>,
    /// How the connection is kept private.
    pub security: SmtpSecurity,
    /// Who logs in; without one nobody does, and no password is asked for.
    pub user: Option<String>,
    /// Name of the environment variable that holds the password.
    pub password_env: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// Program that prints the password, with its arguments; no shell reads them.
    pub password_command: Option<Vec<String>>,
    /// Certificates (PEM) of who signs the server's.
    pub root_certificates: Option<PathBuf>,
    /// The name that this machine gives itself.
    pub hello: Option<String>,
}

/// How a connection to a mail server is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// Begun in the open, and refused unless it goes on encrypted.
    #[default]
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all: to this machine alone.
    None,
}

/// `[delivery.webhook]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Where messages are posted; plain `http` only to this machine.
    pub url: Option<String>,
    /// Name of the environment variable that holds the secret that signs.
    pub secret_env: Option<String>,
    /// File that holds the secret that signs.
    pub secret_file: Option<PathBuf>,
    /// Program that prints the secret that signs, with its arguments; no shell reads them.
    pub secret_command: Option<Vec<String>>,
}

/// `[desk]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeskSettings {
    /// `dark`, `light`, `contrast` or `mono`; without it the terminal is asked for its ground.
    pub theme: Option<String>,
    /// How states are marked.
    pub glyphs: Glyphs,
    /// How the desk copies.
    pub clipboard: Clipboard,
    /// The queue's columns, in their order, each with its width if you want another: `["product", "finding:40", "due"]`.
    /// They are run, product, segment, customer, place, by, finding, variants, state, age, due, with and started; without
    /// it as many as there is room for.
    pub columns: Vec<String>,
    /// Whether the mouse is on from the start.
    pub mouse: bool,
}

/// How states are marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Glyphs {
    /// Words alone: the same width everywhere.
    #[default]
    Ascii,
    /// Words with a mark before them.
    Unicode,
}

/// How the desk copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clipboard {
    /// Through the terminal, which may not allow it: nobody can tell.
    #[default]
    Auto,
    /// Through the terminal, which is known to allow it.
    Osc52,
    /// Not at all.
    Off,
}

/// A key, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    pub fn all(&self) -> Vec<String> {
        match self {
            Self::One(key) => vec![key.clone()],
            Self::More(keys) => keys.clone(),
        }
    }
}

impl Config {
    /// Reads a home's settings; without a file, the defaults.
    ///
    /// # Errors
    /// The file cannot be read or used; the words name line and setting.
    pub fn read(home: &Path) -> Result<Self> {
        let path = home.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => {
                return Err(Error::of(Kind::Io, e).at(path.display().to_string()));
            }
        };
        Self::parse(&text).map_err(|slip| {
            let place = slip.place(&path.display().to_string());
            Error::new(Kind::Input, slip.problem)
                .at(place)
                .fix("`echovoice help configuration` shows all settings")
        })
    }

    /// The settings of a text, or the first mistake.
    fn parse(text: &str) -> std::result::Result<Self, TomlError> {
        let config: Self = table::read(text)?;
        if let Some(theme) = &config.desk.theme
            && !THEMES.contains(&theme.as_str())
        {
            let problem = format!("[desk] theme is none of {}", THEMES.join(", "));
            return Err(problem.into());
        }
        if let Some(search) = &config.search {
            search
                .check()
                .map_err(|problem| format!("[search] {problem}"))?;
        }
        if let Some(model) = &config.model {
            model
                .check()
                .map_err(|problem| format!("[model] {problem}"))?;
        }
        if let Some(ledger) = &config.ledger {
            ledger
                .check()
                .map_err(|problem| format!("[ledger] {problem}"))?;
        }
        Ok(config)
    }
}

/// Where a secret lies. The settings name the place and never hold it.
#[derive(Clone, Copy, Debug)]
pub enum Secret<'s> {
    /// An environment variable.
    Variable(&'s str),
    File(&'s Path),
    /// A program and its arguments: what it prints first.
    Command(&'s [String]),
}

/// The three places in which a secret may lie, as settings name them; those that are given.
pub type SecretSources<'s> = [Option<Secret<'s>>; 3];

/// The places of settings such as `key_env`, `key_file` and `key_command`.
pub fn places<'s>(
    variable: Option<&'s String>,
    file: Option<&'s PathBuf>,
    command: Option<&'s Vec<String>>,
) -> SecretSources<'s> {
    [
        variable.map(|name| Secret::Variable(name)),
        file.map(|path| Secret::File(path)),
        command.map(|words| Secret::Command(words)),
    ]
}

/// How many of the places are given.
fn given(places: &SecretSources<'_>) -> usize {
    places.iter().flatten().count()
}

/// How long a program may take to print a secret.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Secret<'_> {
    fn place(&self) -> String {
        match self {
            Self::Variable(name) => format!("environment variable {name}"),
            Self::File(path) => format!("file {}", path.display()),
            // Arguments may say more than others should read.
            Self::Command(words) => format!("command {}", words.first().map_or("", String::as_str)),
        }
    }

    fn read(&self) -> Option<Zeroizing<String>> {
        match self {
            Self::Variable(name) => std::env::var(name).ok().map(Zeroizing::new),
            Self::File(path) => fs::read_to_string(path).ok().map(Zeroizing::new),
            Self::Command(words) => printed_by(words),
        }
    }
}

/// The first line that a program prints, if it ends well and in time.
fn printed_by(words: &[String]) -> Option<Zeroizing<String>> {
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let (sender, printed) = channel();
    std::thread::spawn(move || {
        // Nobody waits any more when it took too long.
        let _ = sender.send(command.output());
    });
    let output = printed.recv_timeout(TIMEOUT).ok()?.ok()?;
    let bytes = Zeroizing::new(output.stdout);
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let text = String::from_utf8(first.to_vec()).ok().map(Zeroizing::new);
    text.filter(|_| output.status.success())
}

/// A secret from the one place of these that is given. `what` it is and the `section` that names it are for the error.
///
/// # Errors
/// It is not there, or is empty.
pub fn secret(
    what: &str,
    section: &str,
    places: &[Option<Secret<'_>>],
) -> Result<Zeroizing<String>> {
    let place = places.iter().flatten().next();
    let found = place.and_then(Secret::read).unwrap_or_default();
    let secret = Zeroizing::new(found.trim().to_owned());
    if secret.is_empty() || secret.chars().any(char::is_control) {
        return Err(Error::new(Kind::Input, format!("{what} is missing"))
            .at(place.map_or_else(|| "nowhere".into(), Secret::place))
            .fix(format!(
                "put it there, or remove [{section}] from config.toml"
            )));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_named_with_its_line() {
        assert!(Config::parse("").unwrap().search.is_none());
        let keys = Config::parse("[keys]\nclaim = \"t\"\nquit = [\"Q\", \"Ctrl-Q\"]")
            .unwrap()
            .keys;
        assert_eq!(
            (keys["claim"].all().len(), keys["quit"].all().len()),
            (1, 2)
        );
        let good = "[search]\nendpoint = \"https://a.example\"\nindex = \"i\"\nkey_env = \"K\"\n";
        assert_eq!(Config::parse(good).unwrap().search.unwrap().attempts, 3);
        let TomlError { line, problem } =
            Config::parse(&format!("{good}atempts = 2\n")).unwrap_err();
        assert_eq!(line, Some(5));
        assert!(problem.contains("atempts"), "{problem}");
        for (setting, says) in [
            ("endpoint = \"http://a.example\"", "https://"),
            ("endpoint = \"http://localhost.evil.example\"", "https://"),
            ("index = \"a/b\"", "index"),
            ("key_file = \"x\"", "one of them"),
        ] {
            let name = setting.split(' ').next().unwrap_or_default();
            let kept: Vec<&str> = good.lines().filter(|l| !l.starts_with(name)).collect();
            let problem = Config::parse(&format!("{}\n{setting}\n", kept.join("\n")))
                .unwrap_err()
                .problem;
            assert!(problem.contains(says), "{setting}: {problem}");
        }
    }

    #[test]
    fn a_secret_that_is_not_there_says_where_it_should_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let read = |place: Secret<'_>| {
            secret(
                "the key of the search service",
                "search",
                &[None, Some(place)],
            )
        };
        let missing = read(Secret::File(&file)).unwrap_err().to_string();
        assert!(
            missing.contains("key of the search service is missing"),
            "{missing}"
        );
        fs::write(&file, "abc\n").unwrap();
        assert_eq!(read(Secret::File(&file)).unwrap().as_str(), "abc");
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        let shown = words(&format!("cat {}", file.display()));
        assert_eq!(read(Secret::Command(&shown)).unwrap().as_str(), "abc");
        // A program that fails gives none, whatever it printed, and its arguments are not told.
        let failing = words("sh -c echo");
        let failing = [
            failing[0].clone(),
            failing[1].clone(),
            "echo hush; exit 3".into(),
        ];
        let told = read(Secret::Command(&failing)).unwrap_err().to_string();
        assert!(
            told.contains("command sh") && !told.contains("hush"),
            "{told}"
        );
        assert!(read(Secret::Command(&[])).is_err());
        assert!(secret("the key", "x", &[None, None]).is_err());
    }
}

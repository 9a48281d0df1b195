//! An SMTP server takes the message. Command by command, so that it is known how far a hand-over came: until the text
//! was sent nothing was taken, and once it was, only the server's answer tells.

use super::mail::eml;
use super::reply::{Phase, Reply};
use super::{
    DeliverError, EndpointError, Envelope, Handed, ResendEffect, Transport, certificate,
    name_of_theirs,
};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, SmtpConnection, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use std::error::Error as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the server may take for one answer (RFC 5321 section 4.5.3.2 allows minutes; a person waits here).
const TIMEOUT: Duration = Duration::from_secs(20);

/// How a connection is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// From its first byte.
    Tls,
    /// After STARTTLS, or not at all.
    StartTls,
    /// Not: on this machine alone.
    None,
}

/// Where the server is.
pub struct SmtpEndpoint {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<(String, Zeroizing<String>)>,
    /// Certificates (PEM) of who signs the server's; without it the public ones.
    pub roots: Option<PathBuf>,
    /// The name that this machine gives itself.
    pub hello: String,
}

/// Hands messages to a server, one a connection.
pub struct SmtpTransport {
    place: SmtpEndpoint,
    tls: TlsParameters,
}

impl SmtpTransport {
    /// Makes ready; nothing is sent yet.
    ///
    /// # Errors
    /// The certificates cannot be read, or the settings would send passwords in the open.
    pub fn new(place: SmtpEndpoint) -> Result<Self, EndpointError> {
        let here = ["localhost", "127.0.0.1", "::1"].contains(&place.host.as_str());
        if place.security == Security::None && !here {
            return Err(EndpointError::PasswordsInTheOpen);
        }
        let mut tls = TlsParameters::builder(place.host.clone());
        if let Some(file) = &place.roots {
            let named = || file.clone();
            let pem =
                fs::read(file).map_err(|why| EndpointError::Unreadable { file: named(), why })?;
            let root = Certificate::from_pem(&pem)
                .map_err(|why| EndpointError::NoCertificate { file: named(), why })?;
            tls = tls
                .certificate_store(CertificateStore::None)
                .add_root_certificate(root);
        }
        let tls = tls.build()?;
        Ok(Self { place, tls })
    }

    /// A connection that is ready to take a message. Until it is, nothing was.
    fn connect(&self) -> Result<SmtpConnection, Error> {
        let place = &self.place;
        let hello = ClientId::Domain(place.hello.clone());
        let from_the_start = (place.security == Security::Tls).then_some(&self.tls);
        let mut connection = SmtpConnection::connect(
            (place.host.as_str(), place.port),
            Some(TIMEOUT),
            &hello,
            from_the_start,
            None,
        )?;
        if place.security == Security::StartTls {
            connection.starttls(&self.tls, &hello)?;
        }
        if let Some((user, password)) = &place.login {
            let login = Credentials::new(user.clone(), password.to_string());
            connection.auth(DEFAULT_MECHANISMS, &login)?;
        }
        Ok(connection)
    }
}

impl Transport for SmtpTransport {
    fn deliver(&self, envelope: &Envelope<'_>) -> Result<Handed, DeliverError> {
        let message = eml(envelope)?;
        let bytes = message.formatted();
        let addresses = message.envelope();
        let mut connection = self.connect().map_err(|e| not_taken(&e, Phase::Hello))?;
        let offers = |what| connection.server_info().supports_feature(what);
        let mut options = Vec::new();
        let other_letters = |address: &Address| !address.user().is_ascii();
        if addresses
            .to()
            .iter()
            .chain(addresses.from())
            .any(other_letters)
        {
            if !offers(Extension::SmtpUtfEight) {
                let of_the_sender = addresses.from().is_some_and(other_letters);
                let _ = connection.quit();
                return Err(if of_the_sender {
                    DeliverError::Setting(
                        "the server offers no SMTPUTF8, which the letters of `from` in brand.toml need".into(),
                    )
                } else {
                    DeliverError::Letters
                });
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() && offers(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        connection
            .command(Mail::new(addresses.from().cloned(), options))
            .map_err(|e| not_taken(&e, Phase::Sender))?;
        for to in addresses.to() {
            connection
                .command(Rcpt::new(to.clone(), Vec::new()))
                .map_err(|e| not_taken(&e, Phase::Recipient))?;
        }
        connection
            .command(Data)
            .map_err(|e| not_taken(&e, Phase::Text))?;
        let taken = connection.message(&bytes);
        let answer = taken.map_err(|e| match e.status() {
            // An answer, and it was no.
            Some(_) => not_taken(&e, Phase::Text),
            None => DeliverError::Lost(broken(&e)),
        })?;
        // What was taken stays taken.
        let _ = connection.quit();
        Ok(Handed {
            id: envelope.id(),
            // It may name the server's own id for the message.
            provider: Some(name_of_theirs(answer.first_line().unwrap_or_default())),
        })
    }

    fn custody(&self) -> ResendEffect {
        ResendEffect::Unknown
    }
}

/// Why there was no answer.
fn broken(error: &Error) -> String {
    if error.is_timeout() {
        "the server does not answer".into()
    } else if error.is_tls() {
        "no encrypted connection could be made".into()
    } else {
        "the connection broke or could not be made".into()
    }
}

fn not_taken(error: &Error, phase: Phase) -> DeliverError {
    if let Some(code) = error.status() {
        // The library keeps the answer's words as the error's source.
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        let code = u16::from(code);
        return Reply {
            code,
            words: &words,
        }
        .at(phase);
    }
    if let Some(fault) = certificate::fault(error) {
        return DeliverError::Setting(fault);
    }
    // The client's own refusal to go on: what the settings ask for is not offered.
    if error.is_client() && phase == Phase::Hello {
        return DeliverError::Setting(
            "the server offers no STARTTLS, or no way to log in that is known here".into(),
        );
    }
    DeliverError::Later(broken(error))
}

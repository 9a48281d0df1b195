//! Who takes approved messages, channel by channel, as the home's settings name them.

use crate::config::{self, Config, places};
use crate::deliver::{
    EndpointError, FileTransport, Security, SmtpEndpoint, SmtpTransport, Transport,
    WebhookEndpoint, WebhookTransport,
};
use crate::domain::jurisdiction::Channel;
use crate::error::{Error, Kind, Result};
use std::path::Path;
use std::sync::Arc;

/// Folder of messages that files take.
pub(in crate::service) const OUTBOX: &str = "outbox";

/// A carrier a channel.
#[derive(Clone)]
pub(in crate::service) struct Carriers {
    email: Arc<dyn Transport>,
    sms: Arc<dyn Transport>,
    push: Arc<dyn Transport>,
}

impl Carriers {
    /// As the settings say; files where they say nothing.
    ///
    /// # Errors
    /// The settings cannot be used, or name a secret that is not there.
    pub fn open(home: &Path) -> Result<Self> {
        let settings = Config::read(home)?.delivery;
        let file: Arc<dyn Transport> = Arc::new(FileTransport::new(&home.join(OUTBOX)));
        let wrong = |section: &str, why: EndpointError| {
            Error::of(Kind::Input, why).at(format!("[{section}] in config.toml"))
        };
        let uses = |carrier| [settings.email, settings.sms, settings.push].contains(&carrier);
        let smtp = uses(config::TransportKind::Smtp)
            .then(|| smtp(&settings).map_err(|e| e.at("[delivery.smtp] in config.toml")))
            .transpose()?
            .map(SmtpTransport::new)
            .transpose()
            .map_err(|e| wrong("delivery.smtp", e))?
            .map(|carrier| Arc::new(carrier) as Arc<dyn Transport>);
        let webhook = uses(config::TransportKind::Webhook)
            .then(|| webhook(&settings))
            .transpose()?
            .map(WebhookTransport::new)
            .transpose()
            .map_err(|e| wrong("delivery.webhook", e))?
            .map(|carrier| Arc::new(carrier) as Arc<dyn Transport>);
        let of = |carrier| match carrier {
            config::TransportKind::File => Some(file.clone()),
            config::TransportKind::Smtp => smtp.clone(),
            config::TransportKind::Webhook => webhook.clone(),
        };
        let none =
            || Error::new(Kind::Input, "a channel has no carrier").at("[delivery] in config.toml");
        Ok(Self {
            email: of(settings.email).ok_or_else(none)?,
            sms: of(settings.sms).ok_or_else(none)?,
            push: of(settings.push).ok_or_else(none)?,
        })
    }

    /// Files for every channel: for whoever hands nothing over, and should not need a secret for that.
    pub fn files(home: &Path) -> Self {
        let file: Arc<dyn Transport> = Arc::new(FileTransport::new(&home.join(OUTBOX)));
        Self {
            email: file.clone(),
            sms: file.clone(),
            push: file,
        }
    }

    pub fn of(&self, channel: Channel) -> &dyn Transport {
        match channel {
            Channel::Email => self.email.as_ref(),
            Channel::Sms => self.sms.as_ref(),
            Channel::Push => self.push.as_ref(),
        }
    }
}

fn smtp(settings: &config::DeliverySettings) -> Result<SmtpEndpoint> {
    let missing = |what: &str| {
        Error::new(Kind::Input, format!("{what} is missing"))
            .fix("`echovoice help configuration` shows all settings")
    };
    let place = settings
        .smtp
        .clone()
        .ok_or_else(|| missing("[delivery.smtp]"))?;
    let security = match place.security {
        config::SmtpSecurity::Tls => Security::Tls,
        config::SmtpSecurity::Starttls => Security::StartTls,
        config::SmtpSecurity::None => Security::None,
    };
    let usual = match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::None => 25,
    };
    let login = place
        .user
        .clone()
        .map(|user| {
            let password = config::secret(
                "the mail server's password",
                "delivery.smtp",
                &places(
                    place.password_env.as_ref(),
                    place.password_file.as_ref(),
                    place.password_command.as_ref(),
                ),
            )?;
            Ok::<_, Error>((user, password))
        })
        .transpose()?;
    Ok(SmtpEndpoint {
        port: place.port.unwrap_or(usual),
        security,
        login,
        roots: place.root_certificates,
        hello: place.hello.unwrap_or_else(|| "localhost".into()),
        host: place.host.ok_or_else(|| missing("host"))?,
    })
}

fn webhook(settings: &config::DeliverySettings) -> Result<WebhookEndpoint> {
    let place = settings.webhook.clone().unwrap_or_default();
    let section = "delivery.webhook";
    let secret = config::secret(
        "the webhook's secret",
        section,
        &places(
            place.secret_env.as_ref(),
            place.secret_file.as_ref(),
            place.secret_command.as_ref(),
        ),
    )?;
    Ok(WebhookEndpoint {
        url: place.url.unwrap_or_default(),
        secret,
    })
}

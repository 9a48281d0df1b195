//! A program of the firm's takes the message: an HTTPS request, signed, that names the message by an id which is the same
//! however often it is sent.
//!
//! The signature is `v1=` and the hex HMAC-SHA256 of `timestamp.body` under the shared secret, the timestamp in seconds
//! since 1970: whoever receives it checks both, and refuses old ones.

use super::{
    DeliverError, EndpointError, Envelope, Handed, ResendEffect, Transport, certificate,
    name_of_theirs,
};
use crate::domain::jurisdiction::Channel;
use crate::remote;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use ureq::Agent;
use zeroize::Zeroizing;

/// How long the whole request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Most bytes of an answer that are looked at.
const MOST: u64 = 64 << 10;

/// Where the program is.
pub struct WebhookEndpoint {
    pub url: String,
    pub secret: Zeroizing<String>,
}

/// Hands messages to a program.
pub struct WebhookTransport {
    place: WebhookEndpoint,
    agent: Agent,
}

impl WebhookTransport {
    /// Makes ready; nothing is sent yet.
    ///
    /// # Errors
    /// The URL would send customers' data in the open.
    pub fn new(place: WebhookEndpoint) -> Result<Self, EndpointError> {
        if !remote::is_private(&place.url) {
            return Err(EndpointError::MessagesInTheOpen);
        }
        let agent = remote::agent(TIMEOUT);
        Ok(Self { place, agent })
    }

    fn signature(&self, timestamp: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.place.secret.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(format!("{timestamp}.{body}").as_bytes());
        format!("v1={}", hex::encode(mac.finalize().into_bytes()))
    }
}

fn body(envelope: &Envelope<'_>) -> Value {
    let variant = envelope.variant;
    let email = variant.meta.channel == Channel::Email;
    json!({
        "id": envelope.id(),
        "run_id": envelope.run,
        "variant_id": variant.id,
        "artifact": envelope.artifact.to_string(),
        "channel": variant.meta.channel.as_str(),
        "to": envelope.to,
        "from": if email { envelope.from } else { "" },
        "subject": if email { variant.subject.as_str() } else { "" },
        "body": variant.body,
        "html": variant.html,
        "unsubscribe": envelope.unsubscribe,
    })
}

impl Transport for WebhookTransport {
    fn deliver(&self, envelope: &Envelope<'_>) -> Result<Handed, DeliverError> {
        let id = envelope.id();
        let body = body(envelope).to_string();
        let timestamp = envelope.at.timestamp();
        let sent = self
            .agent
            .post(&self.place.url)
            .header("content-type", "application/json")
            .header("idempotency-key", &id)
            .header("x-echovoice-timestamp", timestamp.to_string())
            .header("x-echovoice-signature", self.signature(timestamp, &body))
            .send(&body);
        let mut answer = sent.map_err(|e| unsent(&e))?;
        let status = answer.status().as_u16();
        let said = answer.body_mut().with_config().limit(MOST).read_to_string();
        match status {
            200..300 => {
                let named = said
                    .ok()
                    .and_then(|text| serde_json::from_str::<Value>(&text).ok());
                let provider = named.and_then(|v| v["id"].as_str().map(name_of_theirs));
                Ok(Handed { id, provider })
            }
            _ => Err(meant_by(status)),
        }
    }

    fn custody(&self) -> ResendEffect {
        ResendEffect::KnownById
    }
}

/// What an answer means that is no yes (RFC 9110, 6585, 7725).
fn meant_by(status: u16) -> DeliverError {
    let told = format!("it answered {status}");
    match status {
        // Its place, the secret or the way it is asked: the same for every message.
        300..=399 => DeliverError::Setting(format!("{told}: the url leads elsewhere")),
        401 | 403 | 407 | 511 => {
            DeliverError::Setting(format!("{told}: it lets nobody in so (secret)"))
        }
        404 | 405 | 421 => DeliverError::Setting(format!(
            "{told}: there is nothing at this url that takes messages"
        )),
        402 | 406 | 411 | 415 | 417 | 426 | 431 | 501 | 505 => DeliverError::Setting(told),
        408 | 409 | 423 | 425 | 429 | 500.. => DeliverError::Later(told),
        _ => DeliverError::Refused(told),
    }
}

/// The transport's own words may repeat the URL.
fn unsent(error: &ureq::Error) -> DeliverError {
    let fault = match error {
        ureq::Error::Rustls(error) => certificate::told(error),
        ureq::Error::Io(error) => certificate::fault(error),
        _ => None,
    };
    if let Some(fault) = fault {
        return DeliverError::Setting(fault);
    }
    DeliverError::Later(match error {
        ureq::Error::Timeout(_) => "it does not answer".into(),
        ureq::Error::HostNotFound => "its host is not known".into(),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            "no encrypted connection could be made".into()
        }
        _ => "the connection broke or could not be made".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_open_and_the_signature_is_reproducible() {
        let to = |url: &str| {
            WebhookTransport::new(WebhookEndpoint {
                url: url.into(),
                secret: Zeroizing::new("secret".into()),
            })
        };
        for open in [
            "http://crm.example/hook",
            "http://127.0.0.1.evil.example/",
            "ftp://x",
        ] {
            assert!(to(open).is_err(), "{open}");
        }
        assert!(to("https://crm.example/hook").is_ok());
        let carrier = to("http://127.0.0.1:9/hook").unwrap();
        // `printf '1700000000.{}' | openssl dgst -sha256 -hmac secret`
        assert_eq!(
            carrier.signature(1_700_000_000, "{}"),
            "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }

    #[test]
    fn a_setting_is_told_from_a_refusal() {
        for (status, kind) in [
            (301, "setting"),
            (308, "setting"),
            (400, "refused"),
            (401, "setting"),
            (403, "setting"),
            (404, "setting"),
            (405, "setting"),
            (408, "later"),
            (409, "later"),
            (410, "refused"),
            (413, "refused"),
            (415, "setting"),
            (422, "refused"),
            (425, "later"),
            (429, "later"),
            (451, "refused"),
            (500, "later"),
            (501, "setting"),
            (503, "later"),
        ] {
            let found = match meant_by(status) {
                DeliverError::Setting(_) => "setting",
                DeliverError::Refused(_) => "refused",
                _ => "later",
            };
            assert_eq!(found, kind, "{status}");
        }
    }
}

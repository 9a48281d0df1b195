//! An e-mail as it is handed over.

use super::address::{in_ascii, mailbox};
use super::{DeliverError, Envelope};
use lettre::Message;
use lettre::message::{Attachment, MultiPart, SinglePart, header};

/// The whole message: plain text, HTML with the brand's logo, and how to get no more of them (RFC 2369, RFC 8058).
///
/// # Errors
/// An address is malformed, or the message cannot be built.
pub(super) fn eml(envelope: &Envelope<'_>) -> Result<Message, DeliverError> {
    let id = envelope.id();
    let from = mailbox(envelope.from).map_err(|_| {
        DeliverError::Setting("the brand's own address (`from` in brand.toml) is none".into())
    })?;
    let to = mailbox(envelope.to)?;
    let domain = from.email.domain().to_owned();
    let builder = Message::builder()
        .from(from)
        .to(to)
        .subject(envelope.variant.subject.clone())
        .date(envelope.at.into())
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(ListUnsubscribe(format!(
            "<{}>",
            in_ascii(envelope.unsubscribe)
        )))
        .header(ListUnsubscribePost);
    let plain = SinglePart::plain(envelope.variant.body.clone());
    let message = match &envelope.variant.html {
        None => builder.singlepart(plain),
        Some(html) => {
            let svg: header::ContentType = "image/svg+xml"
                .parse()
                .map_err(|e| DeliverError::Message(format!("{e}")))?;
            let page = MultiPart::related().singlepart(SinglePart::html(html.clone()));
            let related = match envelope.logo {
                [] => page,
                logo => {
                    page.singlepart(Attachment::new_inline("logo".into()).body(logo.to_vec(), svg))
                }
            };
            builder.multipart(
                MultiPart::alternative()
                    .singlepart(plain)
                    .multipart(related),
            )
        }
    };
    message.map_err(|e| DeliverError::Message(e.to_string()))
}

#[derive(Clone)]
struct ListUnsubscribe(String);

impl header::Header for ListUnsubscribe {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(s: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(s.to_owned()))
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), self.0.clone())
    }
}

#[derive(Clone)]
struct ListUnsubscribePost;

impl header::Header for ListUnsubscribePost {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".into())
    }
}

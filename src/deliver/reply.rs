//! What a mail server's no is about: this message, or the carrier as it is set up. A wrong setting must not condemn every
//! message that was approved.

use super::DeliverError;

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Greeting, encryption, login: no message was named yet.
    Hello,
    Sender,
    Recipient,
    /// The text.
    Text,
}

/// A server's no: its code, and the enhanced code (RFC 3463) if it gave one. Its words may repeat the address, and are
/// looked at here and not kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'r> {
    pub code: u16,
    pub words: &'r str,
}

impl Reply<'_> {
    /// The enhanced code, as class, subject and detail.
    fn enhanced(&self) -> Option<[u16; 3]> {
        let first = self.words.split_whitespace().next()?;
        let mut parts = first.split('.');
        let mut next = || parts.next()?.parse().ok();
        let code = [next()?, next()?, next()?];
        (matches!(code[0], 4 | 5) && parts.next().is_none()).then_some(code)
    }

    /// As it is told: codes alone.
    fn told(&self) -> String {
        match self.enhanced() {
            Some([class, subject, detail]) => {
                format!("the server said {} {class}.{subject}.{detail}", self.code)
            }
            None => format!("the server said {}", self.code),
        }
    }

    /// What it means for the message.
    pub fn at(self, phase: Phase) -> DeliverError {
        let told = self.told();
        if self.wants_login() {
            return DeliverError::Setting(format!("{told}: it wants a login (user, password)"));
        }
        if self.code < 500 {
            return DeliverError::Later(told);
        }
        if self.is_setting(phase) {
            DeliverError::Setting(match phase {
                Phase::Sender => format!("{told} to the sender's address (`from` in brand.toml)"),
                _ => told,
            })
        } else {
            DeliverError::Refused(told)
        }
    }

    /// RFC 4954 section 6, RFC 5248: log in first, another way, encrypted, or the login is wrong.
    fn wants_login(self) -> bool {
        matches!(self.code, 523..=525 | 530 | 534 | 535 | 538)
            || matches!(self.enhanced(), Some([5, 7, 8 | 9 | 11]))
    }

    fn is_setting(self, phase: Phase) -> bool {
        if phase == Phase::Hello {
            return true;
        }
        match (self.enhanced(), phase) {
            // The sender's own address (RFC 3463 section 3.2).
            (Some([_, 1, 7 | 8]), _) => true,
            // The recipient's address, mailbox or way; content; a recipient who has changed (RFC 7293).
            (Some([_, 1 | 2, _]), Phase::Recipient | Phase::Text)
            | (Some([_, 6, _] | [_, 7, 2 | 17 | 18]), _) => false,
            // Too large is this message; the rest is the server's own state.
            (Some([_, 3, detail]), _) => detail != 4,
            (Some([_, 4, _]), Phase::Recipient | Phase::Text) => false,
            // What proves the sender: SPF, DKIM, DMARC, reverse DNS (RFC 7372).
            (Some([_, 7, 20..=27]), _) => true,
            // No relaying, no leave to send: the same for every recipient. Of a text it is what stands in it.
            (Some([_, 7, _]), phase) => phase != Phase::Text,
            (_, Phase::Sender) => self.code != 552,
            (_, Phase::Recipient) => match self.code {
                500 | 502..=504 | 521 | 555 => true,
                550 | 551 | 553 | 554 => self.denies_relaying(),
                _ => false,
            },
            (_, Phase::Text | Phase::Hello) => matches!(self.code, 500 | 502..=504 | 521),
        }
    }

    /// Servers that give no enhanced code say so in words (Exim: "relay not permitted"). What stands in angle brackets or
    /// looks like an address is the recipient's.
    fn denies_relaying(self) -> bool {
        let words = self.words.to_lowercase();
        words
            .split_whitespace()
            .filter(|word| !word.contains(['@', '<']))
            .any(|word| word.starts_with("relay") || word.starts_with("authenticat"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Phase::{Hello, Recipient, Sender, Text};

    /// What real servers say: Postfix, Exim, Exchange, Sendmail, Gmail, and the RFCs' own examples.
    #[test]
    fn a_setting_is_told_from_a_refusal() {
        for (phase, code, words, kind) in [
            (Sender, 530, "5.7.0 Authentication required", "setting"),
            (Recipient, 530, "Log in first", "setting"),
            (
                Recipient,
                530,
                "5.7.0 Must issue a STARTTLS command first",
                "setting",
            ),
            (
                Sender,
                530,
                "5.7.57 Client not authenticated to send mail",
                "setting",
            ),
            (
                Hello,
                535,
                "5.7.8 Username and Password not accepted",
                "setting",
            ),
            (
                Hello,
                534,
                "5.7.9 Application-specific password required",
                "setting",
            ),
            (Recipient, 538, "5.7.11 Encryption required", "setting"),
            (Hello, 554, "5.7.1 Your address is blocked", "setting"),
            (Hello, 421, "Too many connections", "later"),
            (Recipient, 550, "relay not permitted", "setting"),
            (
                Recipient,
                554,
                "5.7.1 <a@b.example>: Relay access denied",
                "setting",
            ),
            (
                Recipient,
                550,
                "5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
                "setting",
            ),
            (Recipient, 550, "authentication required", "setting"),
            (Recipient, 550, "<relay@b.example> unknown user", "refused"),
            (
                Recipient,
                550,
                "5.1.1 User unknown in relay recipient table",
                "refused",
            ),
            (Recipient, 550, "5.7.23 SPF validation failed", "setting"),
            (Text, 550, "5.7.26 This mail is unauthenticated", "setting"),
            (Text, 554, "5.7.1 Message rejected as spam", "refused"),
            (
                Sender,
                553,
                "5.7.1 Sender address rejected: not owned by user",
                "setting",
            ),
            (
                Sender,
                550,
                "5.1.8 Sender address rejected: Domain not found",
                "setting",
            ),
            (
                Recipient,
                550,
                "5.1.8 Sender address rejected: Domain not found",
                "setting",
            ),
            (
                Sender,
                552,
                "5.3.4 Message size exceeds fixed limit",
                "refused",
            ),
            (Recipient, 550, "5.1.1 nobody here", "refused"),
            (Recipient, 550, "no such user", "refused"),
            (Recipient, 550, "", "refused"),
            (Recipient, 552, "5.2.2 Mailbox full", "refused"),
            (
                Recipient,
                556,
                "5.1.10 Recipient address has null MX",
                "refused",
            ),
            (Recipient, 501, "malformed address", "refused"),
            (Recipient, 503, "5.5.1 Error: need MAIL command", "setting"),
            (Text, 554, "Transaction failed", "refused"),
            (
                Text,
                550,
                "5.6.7 non-ASCII addresses not permitted",
                "refused",
            ),
            (Recipient, 451, "4.3.0 try again", "later"),
            (Recipient, 450, "4.2.0 Greylisted", "later"),
            (Text, 452, "4.3.1 Insufficient storage", "later"),
        ] {
            let error = Reply { code, words }.at(phase);
            let found = match &error {
                DeliverError::Setting(_) => "setting",
                DeliverError::Refused(_) => "refused",
                DeliverError::Later(_) => "later",
                other => panic!("{other:?}"),
            };
            assert_eq!(found, kind, "{phase:?} {code} {words}");
            let said = error.to_string();
            assert!(
                !said.contains("b.example") && said.contains(&code.to_string()),
                "{said}"
            );
        }
    }
}

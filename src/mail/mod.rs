//! Reading mail: from the bytes of a file to a message with every part that readers show, and a list of what was not read.
//!
//! mail-parser reads the fields (types, parameters, addresses) and the rarer charsets. The tree of parts, transfer
//! encodings and encoded words are read here from the bytes: where common readers take them differently, all that any of
//! them shows must be judged, and a parser that takes one way loses the other. Known of mail-parser 0.11.9: a boundary
//! parts inside a line and as the start of a longer one; `base64 (comment)`, stray characters in base64 and one bad
//! escape leave a part as it was written; encoded words are decoded one by one, so a character over two is lost;
//! `delsp` is not known.

mod as_read;
mod calendar;
mod charset;
mod data;
mod echo;
mod fields;
mod flowed;
mod gather;
mod kind;
mod pictures;
mod shape;
mod structure;
mod transfer;
mod words;

pub use as_read::{AttachedFile, Mail};
pub use echo::differs as html_differs;
pub use shape::{MailFileKind, shape};

/// Largest file that is read, in bytes. Pictures make mails large; the gate limits their texts.
pub const MAX_MAIL_BYTES: u64 = 64 << 20;

/// Reads one mail. Never fails: what cannot be read is said in the message's remarks.
pub fn read(bytes: &[u8]) -> Mail {
    let owned = shape::with_line_feeds(bytes);
    let bytes = owned.as_deref().unwrap_or(bytes);
    let mut gathered = gather::Gathered::new();
    structure::walk(bytes, shape::extent(bytes), &mut gathered);
    gathered.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_email_file_is_decoded() {
        let eml = "Subject: =?utf-8?Q?Caf=C3=A9_plan?=\nContent-Type: multipart/alternative; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nguaran=\nteed =E2=82=AC5\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+aGk8L3A+\n--b--\n";
        let message = read(eml.as_bytes()).message;
        assert_eq!(message.subject.as_deref(), Some("Café plan"));
        assert_eq!(message.body.trim(), "guaranteed €5");
        assert_eq!(message.html.as_deref(), Some("<p>hi</p>"));
        assert_eq!((message.more, message.remarks), (Vec::new(), Vec::new()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = (read(&bytes), shape(&bytes));
        }

        #[test]
        fn anything_like_a_mail_is_read(text in "(Subject:|Content-Type: multipart/mixed; boundary=b\n|--b\n|--b--\n|=\\?utf-8\\?Q\\?|\\?=|\n|Content-Type:|message/rfc822|;|=|\"|[a-z ]|é){0,40}") {
            let _ = read(text.as_bytes());
        }
    }
}

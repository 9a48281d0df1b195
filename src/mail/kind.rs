//! What a part is, by its type, its name and its first bytes.

/// What is done with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    Text,
    Html,
    Calendar,
    /// A file that the documents' reader takes, by its ending.
    Document(&'static str),
    /// A mail in a file.
    Mail,
    Picture,
    /// A signature or a key: it holds no text of anybody's.
    Signature,
    Encrypted,
    /// The text of a mail as Outlook packs it.
    Tnef,
    /// A part whose text stands in another mail or on another machine.
    Elsewhere,
    RichText,
    Other,
}

/// Media types that are text under another name.
const TEXTS: [&str; 14] = [
    "application/json",
    "application/ld+json",
    "application/xml",
    "application/csv",
    "application/x-csv",
    "application/yaml",
    "application/x-yaml",
    "application/markdown",
    "application/x-ndjson",
    "application/javascript",
    "application/x-javascript",
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
];

impl PartKind {
    pub fn of(media: &str, name: Option<&str>, bytes: &[u8]) -> Self {
        if bytes.starts_with(b"%PDF-") {
            return Self::Document("pdf");
        }
        match media {
            "text/html"
            | "text/x-amp-html"
            | "text/watch-html"
            | "application/xhtml+xml"
            | "image/svg+xml" => Self::Html,
            "text/calendar" | "application/ics" | "text/x-vcalendar" => Self::Calendar,
            "text/rtf" | "application/rtf" | "application/x-rtf" => Self::RichText,
            "application/pdf" | "application/x-pdf" => Self::Document("pdf"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
                Self::Document("docx")
            }
            "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "application/pgp-keys"
                if is_signature(bytes) =>
            {
                Self::Signature
            }
            _ if media.starts_with("multipart/") => Self::Text,
            "application/pkcs7-mime"
            | "application/x-pkcs7-mime"
            | "application/pgp-encrypted"
            | "application/pgp" => Self::Encrypted,
            "application/ms-tnef" | "application/vnd.ms-tnef" => Self::Tnef,
            "message/partial" | "message/external-body" => Self::Elsewhere,
            _ if bytes.starts_with(b"{\\rtf") => Self::RichText,
            _ if media.starts_with("text/") || TEXTS.contains(&media) => Self::Text,
            _ if media.ends_with("+xml") || media.ends_with("+json") => Self::Text,
            _ if media.starts_with("image/") => Self::Picture,
            _ if media.starts_with("audio/") || media.starts_with("video/") => Self::Other,
            _ => Self::by_name(name, bytes),
        }
    }

    /// Of a type that says nothing: a file is what its name and its bytes say.
    fn by_name(name: Option<&str>, bytes: &[u8]) -> Self {
        let name = name.unwrap_or("").to_ascii_lowercase();
        if name == "winmail.dat" || bytes.starts_with(b"\x78\x9F\x3E\x22") {
            return Self::Tnef;
        }
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "html" | "htm" | "xhtml" | "svg" => Self::Html,
            "ics" | "ical" | "vcs" => Self::Calendar,
            "pdf" => Self::Document("pdf"),
            "docx" => Self::Document("docx"),
            "eml" => Self::Mail,
            "rtf" => Self::RichText,
            "p7m" => Self::Encrypted,
            "p7s" | "asc" | "sig" if is_signature(bytes) => Self::Signature,
            "png" | "jpg" | "jpeg" | "gif" | "webp" | "bmp" | "heic" | "tif" | "tiff" => {
                Self::Picture
            }
            "txt" | "text" | "md" | "markdown" | "csv" | "tsv" | "json" | "jsonl" | "log"
            | "xml" | "yaml" | "yml" | "vcf" => Self::Text,
            _ if is_picture(bytes) => Self::Picture,
            _ if is_plain(bytes) => Self::Text,
            _ => Self::Other,
        }
    }

    /// What a part that was not read is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Html | Self::Calendar => "text",
            Self::Document(_) => "a document",
            Self::Mail => "a mail",
            Self::Picture => "a picture",
            Self::Signature => "a signature or key, which is no text",
            Self::Encrypted => "encrypted or packed with its signature (S/MIME, PGP)",
            Self::Tnef => "packed for Outlook (TNEF, winmail.dat)",
            Self::Elsewhere => "its text stands elsewhere",
            Self::RichText => "rich text (RTF), which is not read",
            Self::Other => "a kind of file that is not read",
        }
    }
}

fn is_picture(bytes: &[u8]) -> bool {
    [&b"\x89PNG"[..], b"\xFF\xD8\xFF", b"GIF8", b"BM"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
}

/// A signature or a key in either of the two forms; anything else under that type is text or a file.
fn is_signature(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let armoured = [
        &b"-----BEGIN PGP SIGNATURE-----"[..],
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----",
    ];
    bytes.first() == Some(&0x30) && !is_plain(bytes)
        || armoured.iter().any(|mark| start.starts_with(mark))
}

/// UTF-8 without anything that text does not have.
fn is_plain(bytes: &[u8]) -> bool {
    let control = |b: &u8| *b < 0x20 && !matches!(*b, b'\n' | b'\r' | b'\t' | 0x0C);
    !bytes.is_empty() && !bytes.iter().any(control) && std::str::from_utf8(bytes).is_ok()
}

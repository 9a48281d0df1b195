//! The outbox folder: one `.eml` or `.txt` file a message, named by its content, never written twice.

use super::mail::eml;
use super::{DeliverError, Envelope, Handed, ResendEffect, Transport};
use crate::domain::jurisdiction::Channel;
use crate::files;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes files into a folder.
pub struct FileTransport {
    folder: PathBuf,
}

impl FileTransport {
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }
}

impl FileTransport {
    /// Overwrites and removes all messages of a run; how many there were.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn forget(&self, run: &str) -> Result<usize, DeliverError> {
        let start = format!("{run}-");
        let mut count = 0;
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if !entry.file_name().to_string_lossy().starts_with(&start) {
                continue;
            }
            let path = entry.path();
            let at = |e: io::Error| DeliverError::Io(path.clone(), e);
            let mut file = files::overwrite(&path).map_err(at)?;
            let length = usize::try_from(file.metadata().map_err(at)?.len()).unwrap_or(0);
            file.write_all(&vec![0; length]).map_err(at)?;
            file.sync_all().map_err(at)?;
            fs::remove_file(&path).map_err(at)?;
            count += 1;
        }
        Ok(count)
    }
}

impl Transport for FileTransport {
    fn deliver(&self, envelope: &Envelope<'_>) -> Result<Handed, DeliverError> {
        let id = envelope.id();
        let email = envelope.variant.meta.channel == Channel::Email;
        let path = self
            .folder
            .join(format!("{id}.{}", if email { "eml" } else { "txt" }));
        let at = |e: io::Error| DeliverError::Io(path.clone(), e);
        if path.exists() {
            return Ok(Handed { id, provider: None });
        }
        let bytes = if email {
            eml(envelope)?.formatted()
        } else {
            text(envelope)
        };
        files::folder(&self.folder).map_err(at)?;
        let temporary = path.with_extension("part");
        {
            let mut file = files::create(&temporary).map_err(at)?;
            file.write_all(&bytes).map_err(at)?;
            file.sync_all().map_err(at)?;
        }
        fs::rename(&temporary, &path).map_err(at)?;
        fs::File::open(&self.folder)
            .and_then(|f| f.sync_all())
            .map_err(at)?;
        Ok(Handed { id, provider: None })
    }

    fn custody(&self) -> ResendEffect {
        ResendEffect::Ours
    }
}

fn text(envelope: &Envelope<'_>) -> Vec<u8> {
    format!(
        "To: {}\nDate: {}\n\n{}\n",
        envelope.to,
        envelope.at.to_rfc3339(),
        envelope.variant.body
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::variant::{Variant, VariantMeta};
    use chrono::DateTime;

    #[test]
    fn a_message_is_written_once_and_a_bad_address_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let carrier = FileTransport::new(folder.path());
        let variant = Variant {
            id: "A".into(),
            subject: "Ä plan".into(),
            body: "Hello.".into(),
            html: Some("<p>Hello.</p>".into()),
            meta: VariantMeta {
                kind: "short".into(),
                tone: String::new(),
                template: String::new(),
                channel: Channel::Email,
                made_by: "template".into(),
                says_nothing: false,
            },
            sentences: vec![],
        };
        let mut envelope = Envelope {
            run: "r-1",
            variant: &variant,
            artifact: Digest::of(b"x"),
            to: "ann@example.com",
            from: "Firm <hello@firm.example>",
            unsubscribe: "https://firm.example/u",
            at: DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap(),
            logo: b"<svg/>",
        };
        let id = carrier.deliver(&envelope).unwrap().id;
        assert_eq!(carrier.deliver(&envelope).unwrap().id, id);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let written = fs::read_to_string(folder.path().join(format!("{id}.eml"))).unwrap();
        assert!(
            written.contains("List-Unsubscribe: <https://firm.example/u>")
                && written.contains("multipart/alternative")
        );
        envelope.to = "not an address";
        envelope.run = "r-2";
        let error = carrier.deliver(&envelope).unwrap_err().to_string();
        assert!(!error.contains("not an address"));
    }
}

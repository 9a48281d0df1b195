//! The one place where files and folders come to be: for their owner's eyes alone, whatever the umask, and never through
//! a symbolic link that lies in their place.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

/// Rights of a file and of a folder.
const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// What may be done by others than the owner, and what changes something.
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;

/// From here on this process makes nothing that others may read, whichever library makes it.
pub fn keep_to_oneself() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(OTHERS));
}

/// A link in a file's place is told as what it is.
fn plain(error: io::Error) -> io::Error {
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return io::Error::new(
            io::ErrorKind::InvalidInput,
            "a symbolic link lies in its place, and is not followed; remove it",
        );
    }
    error
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[expect(clippy::cast_possible_wrap, reason = "a bit mask")]
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let file = options
        .write(true)
        .mode(FILE)
        .custom_flags(no_link)
        .open(path)
        .map_err(plain)?;
    Ok(file)
}

/// Rights that an older version, another program or a narrow umask gave otherwise.
fn made_private(file: File) -> io::Result<File> {
    if file.metadata()?.mode() & 0o777 != FILE {
        file.set_permissions(Permissions::from_mode(FILE))?;
    }
    Ok(file)
}

/// A file to be written from its beginning.
///
/// # Errors
/// It cannot be written, or a link lies in its place.
pub fn create(path: &Path) -> io::Result<File> {
    made_private(open(OpenOptions::new().create(true).truncate(true), path)?)
}

/// A file that is not there yet.
///
/// # Errors
/// It is there, or cannot be written.
pub fn create_new(path: &Path) -> io::Result<File> {
    made_private(open(OpenOptions::new().create_new(true), path)?)
}

/// A file that is read and written at its end; made if it is not there.
///
/// # Errors
/// It cannot be written, or a link lies in its place.
pub fn append(path: &Path) -> io::Result<File> {
    made_private(open(
        OpenOptions::new().create(true).read(true).append(true),
        path,
    )?)
}

/// A file that is there, to be written over.
///
/// # Errors
/// It is not there, cannot be written, or is a link.
pub fn overwrite(path: &Path) -> io::Result<File> {
    open(&mut OpenOptions::new(), path)
}

/// Writes a whole file.
///
/// # Errors
/// It cannot be written, or a link lies in its place.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    create(path)?.write_all(bytes.as_ref())
}

/// Writes a whole file that is not there yet, and syncs it.
///
/// # Errors
/// It is there, or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes beside, then renames: a cut leaves the old file or the new one. A link in its place is put away, not followed.
///
/// # Errors
/// The folder cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}.new", std::process::id()));
    let aside = PathBuf::from(aside);
    remove(&aside)?;
    write_new(&aside, bytes)?;
    fs::rename(&aside, path)
}

/// Removes a file, if it is there.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Opens a file to read it, if it is there.
///
/// # Errors
/// It is there and cannot be opened.
pub fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Everything that was written, on the disk.
///
/// # Errors
/// It cannot be written.
pub fn finish(out: BufWriter<File>) -> io::Result<()> {
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// Copies a file's bytes, not its rights.
///
/// # Errors
/// One cannot be read, or the other not written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    io::copy(&mut from, &mut create(to)?).map(drop)
}

/// A folder, and those above it that are not there yet. One that is there stays as it is.
///
/// # Errors
/// It cannot be made, or a link lies in its place.
pub fn folder(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(found) if found.is_symlink() => {
            return Err(plain(rustix::io::Errno::LOOP.into()));
        }
        _ => {}
    }
    match path.parent() {
        Some(above) if !above.as_os_str().is_empty() && !above.is_dir() => folder(above)?,
        _ => {}
    }
    match DirBuilder::new().mode(FOLDER).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(FOLDER)),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(e) => Err(e),
    }
}

/// Takes everybody else's rights to something that is there, and to what lies in it, if it is a folder. Links are left
/// alone. What is not there needs nothing.
///
/// # Errors
/// The rights cannot be changed.
pub fn make_private(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if found.is_symlink() {
        return Ok(());
    }
    if found.mode() & OTHERS != 0 {
        let rights = found.mode() & 0o777 & !OTHERS;
        fs::set_permissions(path, Permissions::from_mode(rights))?;
    }
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            make_private(&entry?.path())?;
        }
    }
    Ok(())
}

/// Whose a file or folder is, and what others may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRights {
    /// User id of the owner.
    pub owner: u32,
    /// The user who runs this owns it.
    pub ours: bool,
    pub others_read: bool,
    pub others_write: bool,
    pub is_link: bool,
}

/// Looks at a file or folder itself, not at what a link in its place points to.
///
/// # Errors
/// It is not there, or cannot be looked at.
pub fn standing(path: &Path) -> io::Result<FileRights> {
    let found = fs::symlink_metadata(path)?;
    Ok(FileRights {
        owner: found.uid(),
        ours: found.uid() == rustix::process::geteuid().as_raw(),
        others_read: found.mode() & OTHERS != 0,
        others_write: found.mode() & OTHERS_WRITE != 0,
        is_link: found.is_symlink(),
    })
}

/// Whether this process may write into a folder: neither its rights nor a write-blocked disk stand in the way.
pub fn may_write(folder: &Path) -> bool {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let all = Access::WRITE_OK | Access::EXEC_OK;
    accessat(CWD, folder, all, AtFlags::EACCESS).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn rights(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn whatever_is_made_is_its_owners_alone() {
        type Make = fn(&Path) -> io::Result<()>;
        let keep = tempfile::tempdir().unwrap();
        let deep = keep.path().join("a/b");
        folder(&deep).unwrap();
        assert_eq!(
            (rights(&keep.path().join("a")), rights(&deep)),
            (0o700, 0o700)
        );
        let make: [(&str, Make); 6] = [
            ("create", |p| create(p).map(drop)),
            ("create_new", |p| create_new(p).map(drop)),
            ("append", |p| append(p).map(drop)),
            ("write", |p| write(p, "x")),
            ("write_new", |p| write_new(p, b"x")),
            ("replace", |p| replace(p, b"x")),
        ];
        for (name, make) in make {
            let path = deep.join(name);
            make(&path).unwrap();
            assert_eq!(rights(&path), 0o600, "{name}");
        }
        // What was open to others before is closed by the next write.
        let path = deep.join("old");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let copied = deep.join("copied");
        copy(&path, &copied).unwrap();
        write(&path, "y").unwrap();
        assert_eq!((rights(&path), rights(&copied)), (0o600, 0o600));
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        make_private(keep.path()).unwrap();
        assert_eq!(rights(&path), 0o600);
    }

    #[test]
    fn no_write_follows_a_link() {
        let keep = tempfile::tempdir().unwrap();
        let target = keep.path().join("target");
        fs::write(&target, "theirs").unwrap();
        let link = keep.path().join("link");
        symlink(&target, &link).unwrap();
        let tried: [(&str, io::Result<()>); 6] = [
            ("create", create(&link).map(drop)),
            ("create_new", create_new(&link).map(drop)),
            ("append", append(&link).map(drop)),
            ("overwrite", overwrite(&link).map(drop)),
            ("write", write(&link, "ours")),
            ("copy", copy(&target, &link)),
        ];
        for (name, tried) in tried {
            assert!(tried.is_err(), "{name}");
        }
        let error = write(&link, "ours").unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
        replace(&link, b"ours").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"theirs");
        assert!(!standing(&link).unwrap().is_link);
        let place = keep.path().join("place");
        fs::create_dir(&place).unwrap();
        let linked = keep.path().join("linked");
        symlink(&place, &linked).unwrap();
        assert!(folder(&linked).unwrap_err().to_string().contains("link"));
        symlink(keep.path().join("nowhere"), keep.path().join("dangling")).unwrap();
        assert!(folder(&keep.path().join("dangling")).is_err());
        assert!(write(&keep.path().join("dangling"), "x").is_err());
        assert!(!keep.path().join("nowhere").exists());
    }

    #[test]
    fn rights_are_told() {
        let keep = tempfile::tempdir().unwrap();
        let standing = |mode: u32| {
            fs::set_permissions(keep.path(), Permissions::from_mode(mode)).unwrap();
            let found = super::standing(keep.path()).unwrap();
            assert!(found.ours);
            (found.others_read, found.others_write)
        };
        assert_eq!(standing(0o755), (true, false));
        assert_eq!(standing(0o770), (true, true));
        assert_eq!(standing(0o702), (true, true));
        assert_eq!(standing(0o700), (false, false));
        assert!(may_write(keep.path()) && !may_write(&keep.path().join("nothing")));
    }
}

//! The user's own cache folder, and the files in it.
//!
//! Every step goes through the open folder, so that none follows a link or leaves
//! it. Only a regular file that no other user owns or can access is trusted, and a
//! file appears whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, geteuid, unlinkat};
use rand_core::{OsRng, RngCore};

/// An open folder that no other user can access.
#[derive(Debug)]
pub(super) struct Folder(File);

impl Folder {
    /// Opens a folder, and takes away other users' access if necessary.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let folder = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW)
            .open(path)?;
        let about = folder.metadata()?;
        if about.uid() != geteuid().as_raw() {
            return Err(io::Error::other("the folder belongs to another user"));
        }
        if about.mode() & 0o777 != 0o700 {
            folder.set_permissions(Permissions::from_mode(0o700))?;
        }
        Ok(Self(folder))
    }

    /// The same, creating it if necessary.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => return opened,
        }
        let mut builder = DirBuilder::new();
        builder.mode(0o700);
        // The umask may remove too many permissions.
        let private = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o700));
        if let Some(home) = path.parent().filter(|home| !home.exists()) {
            builder.recursive(true).create(home)?;
            private(home)?;
        }
        match builder.recursive(false).create(path) {
            Ok(()) => private(path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Self::open(path)
    }

    /// A file's content, up to `most` bytes, and the file itself.
    pub(super) fn read(&self, name: &str, most: usize) -> io::Result<(Vec<u8>, File)> {
        // Does not wait if it is a pipe.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let mut file = File::from(openat(&self.0, name, flags, Mode::empty())?);
        let about = file.metadata()?;
        if !about.is_file() || about.uid() != geteuid().as_raw() || about.mode() & 0o077 != 0 {
            return Err(io::Error::other("other users can access the file"));
        }
        let size = usize::try_from(about.len()).unwrap_or(usize::MAX);
        if size > most {
            return Err(io::Error::other("it is too large"));
        }
        let mut bytes = Vec::with_capacity(size.saturating_add(1));
        (&mut file).take(most as u64).read_to_end(&mut bytes)?;
        Ok((bytes, file))
    }

    /// Writes a file, replacing any other of its name.
    pub(super) fn write(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let flags =
            OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let temporary = format!(".{name}.{:016x}", OsRng.next_u64());
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let mut file = File::from(openat(&self.0, temporary.as_str(), flags, mode)?);
        let written = file
            .set_permissions(Permissions::from_mode(0o600))
            .and_then(|()| parts.iter().try_for_each(|part| file.write_all(part)))
            .and_then(|()| Ok(renameat(&self.0, temporary.as_str(), &self.0, name)?));
        if written.is_err() {
            self.remove(&temporary).ok();
        }
        written
    }

    /// Removes a file, or a link but not its target.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir)?)
    }

    /// Removes the user's own regular files with `wanted` names, and counts the
    /// `counted` ones.
    pub(super) fn clear(
        &self,
        wanted: impl Fn(&str) -> bool,
        counted: impl Fn(&str) -> bool,
    ) -> io::Result<usize> {
        let mut dir = Dir::from_fd(self.0.try_clone()?.into())?;
        let mut count = 0;
        for entry in dir.iter() {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().ok().filter(|name| wanted(name)) else {
                continue;
            };
            let about = match fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
                Err(Errno::ENOENT) => continue,
                about => about?,
            };
            let kind = SFlag::from_bits_truncate(about.st_mode & SFlag::S_IFMT.bits());
            if kind != SFlag::S_IFREG || about.st_uid != geteuid().as_raw() {
                continue;
            }
            match self.remove(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => {
                    removed?;
                    count += usize::from(counted(name));
                }
            }
        }
        Ok(count)
    }
}

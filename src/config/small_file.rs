//! Reads small files that someone else may have planted, with limits on the size and
//! on the time spent waiting for a pipe.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

/// How long to wait for data from a pipe.
const PATIENCE: Duration = Duration::from_secs(3);

/// The initial capacity if the size is unknown, usually enough to avoid moving data.
const USUAL: usize = 8 << 10;

/// Opens a file without waiting, even if it is a pipe.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
}

/// Reads a file from [`open`] to its end. Fails if it is larger than `most` bytes, or
/// if it is a pipe that sends nothing for three seconds.
pub(crate) fn read(file: &File, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    read_known(file, &file.metadata()?, most)
}

/// The same for a file whose metadata is known.
pub(crate) fn read_known(
    file: &File,
    about: &Metadata,
    most: usize,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let waits = !about.is_file();
    let expected = if waits {
        USUAL
    } else {
        usize::try_from(about.len()).unwrap_or(usize::MAX)
    };
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected.min(most) + 1));
    loop {
        if waits {
            wait(file, deadline)?;
        }
        let room = most + 1 - bytes.len();
        match file.take(room as u64).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() > most => {
                let error = format!("it is larger than {most} bytes");
                return Err(io::Error::other(error));
            }
            Ok(_) => return Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn wait(file: &File, deadline: Instant) -> io::Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
    let mut ends = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    match poll(&mut ends, left) {
        Ok(0) => Err(io::Error::other("no data for 3 s")),
        // After a signal, whoever waits sees that there is no data yet.
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::thread;

    use nix::sys::stat::Mode;

    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_a_device_too() {
        let folder = crate::base::test_support::folder();
        let path = folder.path().join("file");
        for (size, most, read_whole) in [
            (0, 0, true),
            (9, 9, true),
            (10, 9, false),
            (20_000, 20_000, true),
        ] {
            fs::write(&path, vec![b'x'; size]).unwrap();
            let read = read(&open(&path).unwrap(), most);
            assert_eq!(
                read.map(|bytes| bytes.len()).ok(),
                read_whole.then_some(size)
            );
        }
        let null = open(Path::new("/dev/null")).unwrap();
        assert!(read(&null, 10).unwrap().is_empty());
        assert!(read(&open(Path::new("/dev/zero")).unwrap(), 10).is_err());
        assert!(read(&open(folder.path()).unwrap(), 10).is_err());
    }

    #[test]
    fn a_pipe_is_read_if_somebody_writes_and_is_an_error_if_nobody_does() {
        let folder = crate::base::test_support::folder();
        let path = folder.path().join("pipe");
        nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap();
        let error = read(&open(&path).unwrap(), 10).unwrap_err();
        assert!(error.to_string().contains("for 3 s"), "{error}");
        let file = open(&path).unwrap();
        let writer = thread::spawn(move || {
            let mut pipe = OpenOptions::new().write(true).open(path).unwrap();
            for piece in ["ab", "cd"] {
                pipe.write_all(piece.as_bytes()).unwrap();
                thread::sleep(Duration::from_millis(50));
            }
        });
        assert_eq!(read(&file, 10).unwrap().as_slice(), b"abcd");
        writer.join().unwrap();
    }
}

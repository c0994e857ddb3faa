//! versitygw: S3 over a file system, where a bucket is a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{ACCESS_KEY_ID, BUCKET, RealS3, SECRET_ACCESS_KEY};
use crate::support::full;
use crate::support::moto::install::{self, Outcome};

const PACKAGE: &str = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
/// What its `go.mod` asks for: an older Go may fetch no other.
const SINCE: (u32, u32) = (1, 25);

/// Whether there is a Go that is new enough.
pub fn can_be_built() -> bool {
    let mut command = install::clean(Path::new("go"));
    let version = command.arg("version").stderr(Stdio::null()).output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    version.is_ok_and(|version| number(&version).is_some_and(|number| number >= SINCE))
}

/// `(1, 26)` of `go version go1.26.8 linux/amd64`.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix("go version go")?.split(['.', ' ']);
    let mut next = || parts.next()?.parse().ok();
    Some((next()?, next()?))
}

pub fn start() -> Outcome<RealS3> {
    full::only()?;
    let installed = install::once("test-versitygw", PACKAGE, |folder| {
        install::go(folder, PACKAGE)?;
        Ok(PathBuf::from("versitygw"))
    })?;
    RealS3::start("versitygw", "/health", |port, folder| {
        fs::create_dir_all(folder.join("root").join(BUCKET))?;
        for name in ["versions", "iam"] {
            fs::create_dir(folder.join(name))?;
        }
        let mut command = Command::new(installed.program);
        command.env("ROOT_ACCESS_KEY_ID", ACCESS_KEY_ID);
        command.env("ROOT_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
        command.arg("--port").arg(format!("127.0.0.1:{port}"));
        command.arg("--iam-dir").arg(folder.join("iam"));
        command.args(["--keep-alive", "--quiet", "--health", "/health", "posix"]);
        command.arg("--versioning-dir").arg(folder.join("versions"));
        command.arg(folder.join("root"));
        Ok(command)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_go_is_read_as_it_says_it() {
        assert_eq!(number("go version go1.26.8 linux/amd64"), Some((1, 26)));
        assert_eq!(number("go version go1.9 linux/amd64"), Some((1, 9)));
        assert_eq!(number("gccgo (Debian)"), None);
    }
}

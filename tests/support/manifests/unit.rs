//! Unit files by the rules of systemd.syntax(7), as far as the examples go.

use std::path::Path;
use std::process::Command;

use super::read::Variables;
use crate::support::full;

/// The settings that the examples may use; others are a slip, or need a look.
const KNOWN: [(&str, &str); 3] = [
    ("Unit", "Description Wants After"),
    ("Service", SERVICE),
    ("Install", "WantedBy"),
];
const SERVICE: &str = "Type DynamicUser Environment LoadCredential LoadCredentialEncrypted ExecStart Restart RestartSec";

/// A unit's settings, in order: section, name, value.
pub struct Unit(Vec<(String, String, String)>);

impl Unit {
    #[track_caller]
    pub fn parse(text: &str) -> Self {
        let mut section = String::new();
        let mut settings = Vec::new();
        let lines = text.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
            if let Some(name) = line.strip_prefix('[') {
                let name = name.strip_suffix(']').expect("a section's name");
                name.clone_into(&mut section);
                continue;
            }
            let (name, value) = line.split_once('=').expect("NAME=VALUE");
            let known = KNOWN.iter().find(|(known, _)| *known == section);
            let known = known.unwrap_or_else(|| panic!("no section [{section}]"));
            assert!(
                known.1.split(' ').any(|known| known == name),
                "[{section}] has no {name}="
            );
            settings.push((section.clone(), name.to_owned(), value.to_owned()));
        }
        Self(settings)
    }

    /// Every value of a setting, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(_, it, _)| it == name);
        named.map(|(_, _, value)| value.as_str()).collect()
    }

    /// The value of a setting that stands once.
    #[track_caller]
    pub fn only(&self, name: &str) -> &str {
        let [value] = self.all(name)[..] else {
            panic!("{name}= does not stand once");
        };
        value
    }

    /// The words of `ExecStart=`, which has nothing that systemd would replace.
    #[track_caller]
    pub fn exec_start(&self) -> Vec<String> {
        let line = self.only("ExecStart");
        assert!(!line.contains(['"', '\'', '\\', '%', '$', ';']), "{line}");
        line.split_whitespace().map(str::to_owned).collect()
    }

    /// What `Environment=` sets, with `%d` as the folder of credentials.
    #[track_caller]
    pub fn environment(&self, credentials: &Path) -> Variables {
        let credentials = credentials.to_str().expect("a path that is UTF-8");
        let assignments = self.all("Environment").join(" ").replace("%d", credentials);
        assert!(!assignments.contains(['%', '"', '\'', '\\']));
        let assignments = assignments.split_whitespace();
        let pair = |it: &str| {
            let (name, value) = it.split_once('=').expect("VARIABLE=VALUE");
            (name.to_owned(), value.to_owned())
        };
        assignments.map(pair).collect()
    }
}

/// What systemd says against a unit; `None` where there is no systemd.
pub fn complaints(unit: &Path) -> Option<String> {
    let Some(program) = full::find("systemd-analyze") else {
        full::skip("systemd-analyze", "it is not installed");
        return None;
    };
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command.args(["verify", "--man=no", "--recursive-errors=no"]);
    let output = command.arg(unit).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || !said.is_empty(), "{output:?}");
    let own = unit.file_name()?.to_str()?;
    // It may have things to say of the machine's own units.
    let lines = said.lines().filter(|line| line.contains(own));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

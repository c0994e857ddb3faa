//! `docs/how-it-works.md`: a record is read with neither lazycred nor its predecessor.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::fixtures::golden;
use crate::support::{Moto, Sandbox, full};

/// The last block of the page, line by line.
fn lines() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/how-it-works.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, block) = page.rsplit_once("\n\n    ").unwrap();
    block
        .lines()
        .map(|line| line.trim_start().to_owned())
        .collect()
}

#[test]
fn four_lines_of_shell_read_a_record_without_lazycred() {
    let (Some(python), Some(_)) = (Moto::python(), full::tool("jq")) else {
        return;
    };
    let golden = golden().into_iter();
    let mut golden = golden.filter(|golden| golden.name == "json-nested");
    let golden = golden.next().unwrap();
    let sandbox = Sandbox::new();
    let home = sandbox.home().display().to_string();
    sandbox.write("stored", &golden.record);
    sandbox.write("wrapped-by-kms", golden.wrapped.unwrap());
    let data_key = STANDARD.encode(golden.data_key.unwrap());
    // Nothing here stands for S3 and KMS: what they answer is known.
    let aws = format!(
        "#!/bin/sh\nset -eu\ncase \"$1 $2\" in\n\
         's3 cp') test \"$3\" = s3://acme-secrets/prod/db_credentials; cp '{home}/stored' \"$4\" ;;\n\
         'kms decrypt') cmp \"${{4#fileb://}}\" '{home}/wrapped-by-kms'; echo {data_key} ;;\n\
         *) exit 9 ;;\nesac\n"
    );
    sandbox.program("bin/aws", aws);
    let python = format!("#!/bin/sh\nexec '{}' \"$@\"\n", python.display());
    sandbox.program("bin/python3", python);
    let lines = lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    let script = format!(
        "set -eu\nPATH='{home}/bin:/usr/bin:/bin'\n{}",
        lines.join("\n")
    );
    let shell = sandbox.run(["-c", &script]).program("/bin/sh");
    let printed = shell
        .cwd(sandbox.home())
        .any_stdout()
        .may_leak()
        .ok()
        .text();
    let bytes = String::from_utf8(golden.plaintext.unwrap()).unwrap();
    assert!(bytes.contains('{') && bytes.is_ascii(), "{bytes}");
    let escaped = bytes.replace('\\', "\\\\").replace('\n', "\\n");
    assert_eq!(printed.trim_end(), format!("b'{escaped}'"));
}

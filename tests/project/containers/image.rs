//! The image of `examples/docker`, as a container engine runs it.

use std::path::Path;

use crate::support::containers::{Container, Image, Told, of_aws};
use crate::support::fake_aws::{FakeAws, record};
use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::local_store::{self, VARIABLES};
use crate::support::manifests::read::{interpolated, service, variables, words};

/// A container as `compose.local.yaml` describes it, with the store beside it.
fn of_the_local_file(image: &Image) -> (Container<'_>, Sandbox) {
    let sandbox = local_store::filled_by(Path::new(PROGRAM));
    let service = service("docker/compose.local.yaml");
    let home = sandbox.home().to_str().unwrap();
    let user = service["user"].as_str().unwrap();
    let mut container = image.container().option("--user", user);
    for volume in words(&service["volumes"]) {
        let volume = interpolated(&volume, |name| (name == "HOME").then(|| home.to_owned()));
        let (source, rest) = volume.split_once(':').unwrap();
        let source = sandbox.home().join(source.trim_start_matches("./"));
        container = container.option("--volume", &format!("{}:{rest}", source.display()));
    }
    for (name, value) in variables(&service["environment"]) {
        container = container.env(&name, &value);
    }
    (container, sandbox)
}

/// A container as `compose.yaml` describes it, with a server in place of AWS.
fn of_the_file<'a>(image: &'a Image, server: &FakeAws) -> Container<'a> {
    let service = service("docker/compose.yaml");
    assert_eq!(service["read_only"], true);
    let mut container = image.container().option("--read-only", "true");
    for capability in words(&service["cap_drop"]) {
        container = container.option("--cap-drop", &capability);
    }
    for option in words(&service["security_opt"]) {
        let option = option.strip_suffix(":true").expect("a switch");
        container = container.option("--security-opt", option);
    }
    let of_aws = of_aws(&server.url());
    for (name, value) in &of_aws {
        container = container.env(name, value);
    }
    for (name, value) in variables(&service["environment"]) {
        if of_aws.iter().all(|(ours, _)| *ours != name) {
            container = container.env(&name, &interpolated(&value, |_| None));
        }
    }
    container
}

#[test]
fn the_image_is_two_programs_without_a_shell_a_libc_or_ca_files() {
    let Some(image) = Image::shared() else { return };
    let mut files = image.files();
    files.sort();
    assert_eq!(files, ["lazycred-exec", "server"]);
}

#[test]
fn without_aws_the_server_is_the_first_process_and_has_the_secrets() {
    let Some(image) = Image::shared() else { return };
    let (container, sandbox) = of_the_local_file(image);
    let told = container.run(&["/server", "tell"], &sandbox).gives().text();
    let itself = image.container().option("--entrypoint", "/server");
    let itself = itself.run(&["tell"], &sandbox).gives().text();
    let (itself, told) = (Told::read(&itself), Told::read(&told));
    assert_eq!(told.process, itself.process);
    assert_eq!(told.process[0], "process 1");
    let of_the_engine = |line: &&str| itself.variables.contains(line);
    let given: Vec<_> = told
        .variables
        .iter()
        .copied()
        .filter(|line| !of_the_engine(line))
        .collect();
    let settings = local_store::settings("/secrets".as_ref(), "/data".as_ref());
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let mut expected: Vec<_> = VARIABLES
        .into_iter()
        .chain(settings)
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    expected.sort();
    assert_eq!(given, expected);
}

#[test]
fn the_hardened_service_gets_its_secrets_from_aws() {
    let Some(image) = Image::shared() else { return };
    let server = FakeAws::holding(record(br#"{"password": "hunter2"}"#), |_, _| None);
    let sandbox = Sandbox::new();
    let container = of_the_file(image, &server);
    let told = container.run(&["/server", "tell"], &sandbox).gives().text();
    assert!(told.starts_with("process 1\n"), "{told}");
    for variable in ["PASSWORD=\"hunter2\"\n", "DB_PASSWORD=\"hunter2\"\n"] {
        assert!(told.contains(&format!("\n{variable}")), "{told}");
    }
}

#[test]
fn the_container_exits_with_the_servers_status() {
    let Some(image) = Image::shared() else { return };
    let (container, sandbox) = of_the_local_file(image);
    container.run(&["/server", "exit", "7"], &sandbox).status(7);
}

#[test]
fn stopping_the_container_is_heard_by_the_server() {
    let Some(image) = Image::shared() else { return };
    let (container, sandbox) = of_the_local_file(image);
    let mut running = container.run(&["/server", "wait"], &sandbox).spawn();
    running.wait_for_stdout("waits\n");
    container.stop();
    assert_eq!(running.wait().status, 143);
}

#[test]
fn stopping_the_container_while_secrets_are_fetched_ends_it_at_once() {
    let Some(image) = Image::shared() else { return };
    let sandbox = Sandbox::new();
    for (signal, status) in [(None, 143), (Some("TERM"), 143), (Some("INT"), 130)] {
        let server = FakeAws::stalled();
        let container = of_the_file(image, &server);
        let running = container.run(&["/server", "tell"], &sandbox).spawn();
        server.wait_for("*", 1);
        match signal {
            None => container.stop(),
            Some(signal) => container.kill(signal),
        }
        let outcome = running.wait();
        assert_eq!((outcome.status, outcome.text().as_str()), (status, ""));
    }
}

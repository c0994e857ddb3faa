//! Manifests that start an image: Docker, ECS and Kubernetes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::local_store::RECORDS;
use crate::support::manifests::read::{
    self, Variables, instruction, interpolated, named_variables, service, string, variables, words,
};
use crate::support::manifests::start::{COMMAND, Started, filled_store, start, start_program};
use crate::support::{PROGRAM, Sandbox, local_store};

#[test]
fn the_image_starts_its_server_with_the_secrets_of_its_compose_file() {
    let service = service("docker/compose.yaml");
    let variables: Variables = variables(&service["environment"])
        .into_iter()
        .map(|(name, value)| (name, interpolated(&value, |_| None)))
        .collect();
    assert_eq!(variables["AWS_REGION"], "us-east-1");
    let started = start(&image(), &variables, &filled_store());
    started.has_the_secrets_and(&["AWS_REGION"]);
    assert!(started.arguments.is_empty());
}

#[test]
fn the_image_works_without_aws_as_its_readme_says() {
    let sandbox = Sandbox::new();
    let folder = sandbox.home().join("examples/docker");
    fs::create_dir_all(&folder).unwrap();
    let bin = sandbox.home().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(PROGRAM, bin.join("lazycred")).unwrap();
    let readme = read::text("docker/README.md");
    let (_, steps) = readme.split_once("## Without AWS\n").unwrap();
    let steps = steps.lines().filter_map(|line| line.strip_prefix("    "));
    let steps: Vec<_> = steps.collect();
    let (last, steps) = steps.split_last().unwrap();
    assert_eq!(*last, "docker compose -f compose.local.yaml up");
    let script = sandbox.run(["-euc", &steps.join("\n")]).program("/bin/sh");
    let script = script.cwd(&folder);
    let path = format!("{}:/usr/bin:/bin", bin.display());
    assert_eq!(script.env("PATH", path).outcome().status, 0);

    let service = service("docker/compose.local.yaml");
    let mut run = sandbox.run([COMMAND]).program(bin.join("lazycred-exec"));
    symlink(PROGRAM, bin.join("lazycred-exec")).unwrap();
    let mounts = mounts(&service, &sandbox, &folder);
    for (name, mut value) in variables(&service["environment"]) {
        for (inside, outside) in &mounts {
            value = value.replace(inside, outside);
        }
        run = run.env(name, value);
    }
    let told = Started::read(&run.gives().text());
    for (name, value) in [
        ("LOG_LEVEL", "info"),
        ("DB_HOST", "db.internal"),
        ("DB_PASSWORD", "hunter2"),
    ] {
        assert_eq!(told.variables.get(name).map(String::as_str), Some(value));
    }
}

#[test]
fn a_configuration_in_an_image_comes_before_the_manifest_and_options_before_both() {
    let store = filled_store();
    let wrapper = store.home().join("lazycred-exec");
    symlink(PROGRAM, &wrapper).unwrap();
    let dev = r#"{"s3_path": "file:dev/", "key_alias": "local:dev"}"#;
    store.write("app/.lazycred", dev);
    let put = store
        .run("--quiet put common")
        .stdin(r#"{"log_level": "dev"}"#);
    put.cwd(store.home().join("app")).ok();
    let prod = format!("file:{}/", store.home().join(RECORDS).display());
    let option = format!("--s3-path {prod}");
    for (secrets, options, said, status) in [
        ("common", "", "dev\n", 0),
        ("common", &*option, "info\n", 0),
        // As the page says of a comma, and of no reference at all.
        ("common,web", &option, "", 125),
        ("", &option, "", 125),
    ] {
        let run = store.run(["/bin/sh", "-c", "echo $LOG_LEVEL"]);
        let run = run.program(&wrapper).cwd(store.home().join("app"));
        let run = run.env("LAZYCRED_S3_PATH", &prod);
        let run = run.env("LAZYCRED_SECRETS", secrets);
        let run = run.env("LAZYCRED_OPTIONS", options).any_stderr();
        run.stdout(said).status(status);
    }
}

#[test]
fn a_compose_service_whose_image_stays_as_it_is_waits_for_lazycred_and_starts_with_it() {
    let [document] = &read::yaml("docker/compose.install.yaml")[..] else {
        panic!("one document");
    };
    let [install, web] = ["lazycred", "web"].map(|name| &document["services"][name]);
    assert_eq!(install["user"], "0", "a new volume belongs to root");
    let after = json!({"lazycred": {"condition": "service_completed_successfully"}});
    assert_eq!(web["depends_on"], after);
    let volumes = document["volumes"].as_object().unwrap();
    assert_eq!(volumes.keys().collect::<Vec<_>>(), ["lazycred"]);
    let mount = |service: &Value| string(only(&service["volumes"]));
    let place = mount(install).strip_prefix("lazycred:").unwrap().to_owned();
    assert_eq!(mount(web), format!("lazycred:{place}:ro"));
    let store = filled_store();
    let shared = installed(&words(&install["entrypoint"]), &place, &store);
    let program = only(&web["entrypoint"]);
    let program = shared.join(string(program).strip_prefix(&format!("{place}/")).unwrap());
    let variables: Variables = variables(&web["environment"])
        .into_iter()
        .map(|(name, value)| (name, interpolated(&value, |_| None)))
        .collect();
    let started = start_program(&program, &words(&web["command"]), &variables, &store);
    started.has_the_secrets_and(&["AWS_REGION"]);
    assert_eq!(started.arguments, ["--port", "8080"]);
}

#[test]
fn the_ecs_task_starts_its_server_with_its_secrets() {
    let task = read::json("ecs/task-definition.json");
    for (member, expected) in [
        ("requiresCompatibilities", json!(["FARGATE"])),
        ("networkMode", json!("awsvpc")),
        ("cpu", json!("256")),
        ("memory", json!("512")),
    ] {
        assert_eq!(task[member], expected, "Fargate takes no other {member}");
    }
    let container = only(&task["containerDefinitions"]);
    let mut all = words(&container["entryPoint"]);
    assert_eq!(all, instruction("ENTRYPOINT"));
    all.extend(words(&container["command"]));
    let variables = named_variables(&container["environment"]);
    let started = start(&all, &variables, &filled_store());
    started.has_the_secrets_and(&[]);
    assert_eq!(started.arguments, ["--port", "8080"]);
}

#[test]
fn an_ecs_task_whose_image_stays_as_it_is_waits_for_lazycred_and_starts_with_it() {
    let task = read::json("ecs/task-definition-install.json");
    let containers = task["containerDefinitions"].as_array().unwrap();
    let [install, web] = &containers[..] else {
        panic!("what installs, and the server");
    };
    assert_eq!(install["essential"], false, "the task would end with it");
    let after = json!([{"containerName": install["name"], "condition": "SUCCESS"}]);
    assert_eq!(web["dependsOn"], after);
    let volume = &only(&task["volumes"])["name"];
    let place = |container: &Value| {
        let mount = only(&container["mountPoints"]);
        assert_eq!(mount["sourceVolume"], *volume);
        string(&mount["containerPath"])
    };
    assert_eq!(only(&web["mountPoints"])["readOnly"], true);
    let store = filled_store();
    let shared = installed(&words(&install["entryPoint"]), &place(install), &store);
    let mut all = words(&web["entryPoint"]);
    all.extend(words(&web["command"]));
    let program = all.remove(0);
    let program = program
        .strip_prefix(&place(web))
        .expect("a program in the volume");
    let program = shared.join(program.trim_start_matches('/'));
    let variables = named_variables(&web["environment"]);
    let started = start_program(&program, &all, &variables, &store);
    started.has_the_secrets_and(&[]);
    assert_eq!(started.arguments, ["--port", "8080"]);
}

/// Runs an init container's command, with a folder in place of its volume, and gives that.
#[track_caller]
fn installed(command: &[String], place: &str, store: &Sandbox) -> PathBuf {
    assert_eq!(command, ["/lazycred", "install", place]);
    let shared = store.home().join("shared");
    fs::create_dir(&shared).unwrap();
    store
        .run(["install".as_ref(), shared.as_os_str()])
        .any_stderr()
        .ok();
    shared
}

#[test]
fn a_kubernetes_pod_whose_image_stays_as_it_is_starts_lazycred_from_a_volume() {
    for file in [
        "kubernetes/image-volume.yaml",
        "kubernetes/init-container.yaml",
    ] {
        let pod = pod(file);
        let container = only(&pod["containers"]);
        let volume = only(&pod["volumes"]);
        let place = |container: &Value| {
            let mount = only(&container["volumeMounts"]);
            assert_eq!(mount["name"], volume["name"]);
            string(&mount["mountPath"])
        };
        assert_eq!(only(&container["volumeMounts"])["readOnly"], true);
        let store = filled_store();
        let shared = if file.contains("init") {
            assert!(volume["emptyDir"].is_object());
            let init = only(&pod["initContainers"]);
            installed(&words(&init["command"]), &place(init), &store)
        } else {
            assert_eq!(volume["image"]["pullPolicy"], "IfNotPresent");
            // What the image has at its root.
            installed(&["/lazycred", "install", ""].map(str::to_owned), "", &store)
        };
        let command = words(&container["command"]);
        let program = command[0].strip_prefix(&place(container)).unwrap();
        let program = shared.join(program.trim_start_matches('/'));
        let all = [&command[1..], &words(&container["args"])].concat();
        let variables = named_variables(&container["env"]);
        let started = start_program(&program, &all, &variables, &store);
        started.has_the_secrets_and(&[]);
        assert_eq!(started.arguments, ["--port", "8080"]);
    }
}

#[test]
fn the_kubernetes_pod_starts_its_server_with_its_secrets() {
    let pod = pod("kubernetes/deployment.yaml");
    let container = only(&pod["containers"]);
    let replaced = &container["command"];
    assert!(replaced.is_null(), "{replaced} hides the ENTRYPOINT");
    let mut all = instruction("ENTRYPOINT");
    all.extend(words(&container["args"]));
    let variables = named_variables(&container["env"]);
    let started = start(&all, &variables, &filled_store());
    started.has_the_secrets_and(&[]);
    assert_eq!(started.arguments, ["--port", "8080"]);
}

/// The pod of a deployment whose parts refer to each other as they should.
#[track_caller]
fn pod(file: &str) -> Value {
    let [account, deployment] = &read::yaml(file)[..] else {
        panic!("a service account and a deployment");
    };
    let kind = |it: &Value| (string(&it["apiVersion"]), string(&it["kind"]));
    assert_eq!(kind(account), ("v1".into(), "ServiceAccount".into()));
    assert_eq!(kind(deployment), ("apps/v1".into(), "Deployment".into()));
    let template = &deployment["spec"]["template"];
    let selected = &deployment["spec"]["selector"]["matchLabels"];
    assert_eq!(*selected, template["metadata"]["labels"]);
    let pod = &template["spec"];
    assert_eq!(pod["serviceAccountName"], account["metadata"]["name"]);
    pod.clone()
}

/// ENTRYPOINT and CMD of the image.
fn image() -> Vec<String> {
    [instruction("ENTRYPOINT"), instruction("CMD")].concat()
}

#[track_caller]
fn only(list: &Value) -> &Value {
    let Some([one]) = list.as_array().map(Vec::as_slice) else {
        panic!("one, not {list}");
    };
    one
}

/// Where what is mounted in a container lies outside of it; all of it is there.
fn mounts(service: &Value, sandbox: &Sandbox, folder: &Path) -> Vec<(String, String)> {
    let home = sandbox.home().to_str().expect("a path that is UTF-8");
    let mut mounts = Vec::new();
    for volume in words(&service["volumes"]) {
        let volume = interpolated(&volume, |name| (name == "HOME").then(|| home.to_owned()));
        let [source, target, "ro"] = volume.split(':').collect::<Vec<_>>()[..] else {
            panic!("{volume} is not SOURCE:TARGET:ro");
        };
        let source = folder.join(source);
        assert!(source.exists(), "{} is not there", source.display());
        // A file is named by its folder, which has it under the same path.
        let (source, target) = match target.strip_suffix("/lazycred/dev.key") {
            Some(target) => (source.ancestors().nth(2).unwrap(), target),
            None => (&*source, target),
        };
        mounts.push((target.to_owned(), source.display().to_string()));
    }
    let variables = variables(&service["environment"]);
    for (name, value) in local_store::settings(Path::new("/secrets"), Path::new("/data")) {
        assert_eq!(variables.get(name), Some(&value));
    }
    mounts
}

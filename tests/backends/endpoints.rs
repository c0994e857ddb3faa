//! Where requests go: paths of endpoints, passwords in URLs, and plain http by
//! the address that is dialled.

use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::support::fake_aws::{FakeAws, record};
use crate::support::harness::{PROGRAM, Run, Sandbox};

/// A server, and the first lines of the requests that it got.
fn server() -> (FakeAws, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let server = FakeAws::holding(record(b"x"), move |request, _| {
        log.lock().unwrap().push(request.start.clone());
        None
    });
    (server, asked)
}

#[test]
fn an_endpoints_path_is_kept_with_and_without_its_last_slash() {
    let (server, asked) = server();
    let url = server.url();
    for path in " / /base /base/ /base/path /base/path/ /a%2Fb /acme".split(' ') {
        let all = format!("{url}{path}");
        let services = format!(
            "[profile p]\nservices = own\n[services own]\ns3 =\n  endpoint_url = {all}\nkms =\n  endpoint_url = {all}\n"
        );
        let one = format!("[profile p]\nendpoint_url = {all}\n");
        for (variables, config) in [
            (&["AWS_ENDPOINT_URL"][..], "[profile p]\n"),
            (&NAMES[3..5], "[profile p]\n"),
            (&[], &one),
            (&[], &services),
        ] {
            let mut sandbox = Sandbox::aws("", "acme/prod/", "acme");
            sandbox.write(".aws/config", config);
            // An empty one would stand before the profile's.
            sandbox.set("AWS_PROFILE", "p");
            let mut run = sandbox.run("get s").unset("AWS_ENDPOINT_URL").stdout("x");
            for name in variables {
                run = run.env(*name, &all);
            }
            run.ok();
            let base = path.trim_end_matches('/');
            let asked = std::mem::take(&mut *asked.lock().unwrap());
            let what = format!("{path:?} {variables:?} {config}");
            let get = format!("GET {base}/acme/prod/s?x-id=GetObject HTTP/1.1");
            assert_eq!(asked[0], get, "{what}");
            assert_eq!(asked[1], format!("POST {base}/ HTTP/1.1"), "{what}");
        }
    }
}

/// URLs whose user part some read one way and some another; none of these
/// words may be shown.
const AMBIGUOUS: [&str; 7] = [
    "http://u:hunter2-p@ss@h:1",
    "u:hunter2-p@ss@h:1",
    "http://u:hunter2-p#ss@h:1",
    "http://u:1/hunter2-p@h:1",
    "http://u:1?hunter2-p@h:1",
    "http://u:hunter2-p ss@h:1",
    "https://u:hunter2-p@ss@h",
];

fn secretive(endpoint: &str) -> Sandbox {
    let sandbox = Sandbox::aws(endpoint, "acme/", "acme");
    sandbox.never(b"hunter2-p");
    sandbox
}

/// What an endpoint's URL may be said by; the empty one is the profile.
const NAMES: [&str; 6] = [
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_KMS",
    "",
];

/// What three commands say where a name gives this URL: their arguments, status
/// and both streams.
fn told(endpoint: &str, name: &str, url: &str) -> Vec<(&'static [&'static str], i32, String)> {
    let sandbox = secretive(endpoint);
    let commands: [&[&str]; 3] = [
        &["-vv", "get", "s"],
        &["-vv", "doctor"],
        &["doctor", "--json"],
    ];
    let told = |args: &'static [&'static str]| {
        let run = sandbox.run(args);
        let run = if name.is_empty() {
            sandbox.write(".aws/config", format!("[default]\nendpoint_url = {url}\n"));
            run.unset("AWS_ENDPOINT_URL")
        } else {
            run.env(name, url)
        };
        let outcome = run.outcome();
        (
            args,
            outcome.status,
            outcome.stderr.clone() + &outcome.text(),
        )
    };
    commands.into_iter().map(told).collect()
}

#[test]
fn a_proxys_user_part_that_readers_differ_on_is_refused_and_never_shown() {
    let sandbox = secretive("https://127.0.0.1:1");
    for name in ["HTTPS_PROXY", "https_proxy"] {
        for url in AMBIGUOUS {
            for args in ["-vv get s", "doctor", "doctor --json"] {
                let outcome = sandbox.run(args).env(name, url).outcome();
                let told = format!("{}{}", outcome.stderr, outcome.text());
                let status = if args.starts_with("doctor") { 1 } else { 2 };
                assert_eq!(outcome.status, status, "{name}={url}: {told}");
                let said = format!("the variable {name} has a user name");
                assert!(told.contains(&said), "{told}");
                assert!(told.contains("%40"), "{told}");
            }
        }
        for url in ["http://p\r:1", "http://p:1\n"] {
            sandbox
                .run(["get", "s"])
                .env(name, url)
                .stderr_has(&format!("the variable {name} contains a control"))
                .status(2);
        }
    }
}

#[test]
fn a_sound_password_of_a_proxy_is_used_and_never_shown() {
    let (server, asked) = server();
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let sandbox = secretive("https://s3.test:1");
    for name in ["HTTPS_PROXY", "https_proxy"] {
        let url = format!("http://u:hunter2-p%40ss@127.0.0.1:{port}");
        for args in ["-vv get s", "-vv doctor"] {
            sandbox.run(args).env(name, &url).any_stdout().fails(1);
        }
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        let tunnel = |line: &String| line.starts_with("CONNECT s3.test:1 ");
        assert!(asked.iter().any(tunnel), "{asked:?}");
    }
    // Nobody says that it holds, so it neither leads anywhere nor is shown.
    for name in ["ALL_PROXY", "all_proxy"] {
        let run = sandbox.run(["-vv", "get", "s"]);
        run.env(name, "http://u:hunter2-p@127.0.0.1:9").fails(1);
        assert!(asked.lock().unwrap().is_empty());
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_and_never_replaced_or_shown() {
    let sandbox = secretive("https://127.0.0.1:1");
    for (url, why) in [
        ("http://u:hunter2-p@127.0.0.1:99999", "has a port"),
        ("u:hunter2-p@127.0.0.1:65536", "has a port"),
        ("http://127.0.0.1:1hunter2-p", "has a port"),
        ("127.0.0.1:-1", "has a port"),
        ("http://127.0.0.1:0/", "has a port"),
        ("http://127.0.0.1:", "has a port"),
        ("http://[::1]:65536", "has a port"),
        ("socks5://u:hunter2-p@127.0.0.1:1", "other than http://"),
        ("http://u:hunter2-p@[::1", "is not the URL of a proxy"),
        ("http://u:hunter2-p@", "is not the URL of a proxy"),
        ("http://", "is not the URL of a proxy"),
        ("http://u:hunter2-p@:80", "is not the URL of a proxy"),
    ] {
        for name in ["HTTPS_PROXY", "https_proxy"] {
            for args in ["-vv get s", "-vv doctor"] {
                let outcome = sandbox.run(args).env(name, url).outcome();
                let told = format!("{}{}", outcome.stderr, outcome.text());
                let status = if args.ends_with("doctor") { 1 } else { 2 };
                assert_eq!(outcome.status, status, "{name}={url}: {told}");
                let named = format!("the variable {name} ");
                let said = told.lines().find(|line| line.contains(&named));
                assert!(said.is_some_and(|line| line.contains(why)), "{url}: {told}");
                assert!(!told.contains("127.0.0.1:80"), "{told}");
            }
        }
    }
    // Where AWS is not used, nobody uses the proxy.
    let local = Sandbox::local();
    local.put("s", "x");
    let run = local.run(["get", "s"]);
    run.env("HTTPS_PROXY", "http://p:99999").stdout("x").ok();
}

#[test]
fn a_proxys_address_in_brackets_is_used_with_its_port_alone() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else {
        return;
    };
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let sandbox = secretive("https://s3.test:1");
    let place = format!("[::1]:{port}");
    for scheme in ["http://u:hunter2-p@", ""] {
        let run = sandbox.run("get s").stderr_has(&place);
        run.env("HTTPS_PROXY", format!("{scheme}{place}")).status(1);
    }
}

#[test]
fn an_endpoint_with_a_query_or_a_bad_port_is_refused() {
    let query = "has a `?` or `#`, which requests cannot use";
    for (url, why) in [
        ("http://127.0.0.1:1/?token=hunter2-p", query),
        ("http://127.0.0.1:1#hunter2-p", query),
        ("https://h/x?hunter2-p#hunter2-p", query),
        ("http://127.0.0.1?hunter2-p", query),
        ("hunter?hunter2-p", query),
        ("http://127.0.0.1:99999", "is not a usable URL"),
        ("http://[::1]:65536/x", "is not a usable URL"),
        ("http://127.0.0.1:0", "is not a usable URL"),
    ] {
        for name in &NAMES[2..] {
            for (args, status, told) in told("http://127.0.0.1:1", name, url) {
                let expected = if args.contains(&"doctor") { 1 } else { 2 };
                assert_eq!(status, expected, "{name}={url}: {told}");
                assert!(told.contains(why), "{name}={url}: {told}");
            }
        }
    }
}

#[test]
fn an_endpoint_with_a_user_part_is_refused_and_never_shown() {
    let (server, _) = server();
    let urls = AMBIGUOUS
        .iter()
        .chain(&["http://u:hunter2-p@127.0.0.1:9", "http://hunter2-p@h"]);
    for url in urls {
        for name in NAMES {
            for (_, status, told) in told(&server.url(), name, url) {
                assert!(matches!(status, 1 | 2), "{name} {url}: {told}");
                let said = if name.is_empty() {
                    "`endpoint_url` of the AWS profile `default`, in `".to_owned()
                } else {
                    format!("the variable {name} has a user name")
                };
                assert!(told.contains(&said), "{name} {url}: {told}");
            }
        }
    }
}

/// Runs where these lines are all that is known of names; `None` where this
/// user may not have such a place.
fn among_hosts(sandbox: &Sandbox, hosts: &str, args: &[&str]) -> Option<Run> {
    let may = Command::new("unshare").args(["-rm", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        return None;
    }
    let hosts = sandbox.write("hosts", hosts);
    let bind = "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";
    let all = ["-rm", "sh", "-c", bind, "sh", hosts.to_str().unwrap()];
    let all = [&all[..], &[PROGRAM], args].concat();
    Some(sandbox.run(all).program("/usr/bin/unshare"))
}

#[test]
fn plain_http_is_judged_by_the_address_that_is_dialled() {
    let (server, asked) = server();
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let stray = "192.0.2.7 localhost\n";
    let sandbox = Sandbox::aws(&format!("http://localhost:{port}"), "acme/", "acme");
    let get = ["--timeout", "3", "get", "s"];
    let Some(run) = among_hosts(&sandbox, stray, &get) else {
        return;
    };
    run.stderr(
        "lazycred: error: cannot read `s` (s3://acme/s): plain http to `localhost`, which is 192.0.2.7, is refused (endpoint from AWS_ENDPOINT_URL)\n\
         lazycred: hint: use https://, or set LAZYCRED_ALLOW_HTTP=1 if the connection cannot be intercepted\n",
    )
    .status(1);
    assert!(asked.lock().unwrap().is_empty());
    let allowed = among_hosts(&sandbox, stray, &get).unwrap();
    let outcome = allowed.env("LAZYCRED_ALLOW_HTTP", "1").outcome();
    assert!(!outcome.stderr.contains("is refused"), "{}", outcome.stderr);
    // A proxy changes nothing: plain http goes through none.
    let proxied = among_hosts(&sandbox, stray, &get).unwrap();
    let outcome = proxied.env("HTTPS_PROXY", server.url()).outcome();
    assert!(
        outcome.stderr.contains("192.0.2.7, is refused"),
        "{outcome}"
    );
    // Neither does a name that sounds remote and is this machine.
    let named = Sandbox::aws(&format!("http://s3.acme.test:{port}"), "acme/", "acme");
    let local = among_hosts(&named, "127.0.0.1 s3.acme.test\n", &get).unwrap();
    local.stdout("x").ok();
    let elsewhere = among_hosts(&named, "192.0.2.7 s3.acme.test\n", &get).unwrap();
    elsewhere.fails(1);
}

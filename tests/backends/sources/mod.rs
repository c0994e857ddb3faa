//! Each source of credentials: which one is used, and what is said where it has none.

mod container;
mod expired;
mod hostile;
mod instance;
mod named;
mod profiles;
mod roles;
mod sso;
mod web_identity;

use crate::support::fake_aws::{Answer, FakeAws, Request, record};
use crate::support::harness::{Run, Sandbox};

/// Holds one record for whoever signs with an id that begins with `FROM`, and says
/// which id that was otherwise. `rule` comes first.
fn server(rule: impl Fn(&Request, &str) -> Option<Answer> + Send + Sync + 'static) -> FakeAws {
    FakeAws::holding(record(b"x"), move |request, operation| {
        if let Some(answer) = rule(request, operation) {
            return Some(answer);
        }
        if operation.starts_with("AssumeRole") {
            let arn = field(request, "RoleArn").to_uppercase();
            let name = arn.rsplit('/').next().unwrap_or_default();
            return Some(Answer::role(operation, &format!("FROM{name}")));
        }
        let is_known = signed(request).starts_with("FROM");
        (!is_known).then(|| Answer::s3(403, "InvalidAccessKeyId", signed(request)))
    })
}

/// A field of a form, decoded.
fn field(request: &Request, name: &str) -> String {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let fields = body.split('&').filter_map(|pair| pair.split_once('='));
    let found = fields
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    let found = found.collect::<Vec<_>>().concat();
    crate::support::http::decode_path(&found).unwrap_or_default()
}

/// The access key id that a request is signed with.
fn signed(request: &Request) -> &str {
    let header = request.header("authorization").unwrap_or_default();
    let (_, rest) = header.split_once("Credential=").unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

/// The ids that the records were asked for with, in their order.
fn ids(server: &FakeAws) -> Vec<String> {
    let requests = server.requests().into_iter();
    let requests = requests.filter(|request| request.operation == "GetObject");
    requests
        .map(|request| signed(&request).to_owned())
        .collect()
}

/// Reaches the server, and has no credentials.
fn sandbox(server: &FakeAws) -> Sandbox {
    let mut sandbox = Sandbox::new();
    for (name, value) in [
        ("AWS_ENDPOINT_URL", server.url().as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
        ("AWS_REGION", "us-east-1"),
        ("LAZYCRED_S3_PATH", "acme/"),
        ("LAZYCRED_KEY_ALIAS", "acme"),
    ] {
        sandbox.set(name, value);
    }
    sandbox
}

/// The same run with a pair of key variables.
fn with_keys(run: Run, id: &str) -> Run {
    run.env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", "s")
}

/// All that a run says that ends with an error.
fn told(error: &str, hint: &str) -> String {
    format!("lazycred: error: {error}\nlazycred: hint: {hint}\n")
}

/// The same for a record that cannot be read.
fn unread(error: &str, hint: &str) -> String {
    told(&format!("cannot read `s` (s3://acme/s): {error}"), hint)
}

/// A pair of keys, as lines of a profile.
fn keys(id: &str) -> String {
    format!("aws_access_key_id = {id}\naws_secret_access_key = s\n")
}

/// `role_arn` of a role, as a line of a profile.
fn role(name: &str) -> String {
    format!("role_arn = arn:aws:iam::123456789012:role/{name}\n")
}

/// A firewall's page in place of an answer.
fn page() -> Answer {
    let page = "<!DOCTYPE html><html><title>Web Page Blocked</title>hunter2-hunter2</html>";
    Answer::empty(403).body("text/html", page)
}

/// What is said of it: what could not be got, and from where.
fn blocked(what: &str, server: &FakeAws) -> String {
    let url = server.url();
    let host = url.trim_start_matches("http://");
    format!(
        "lazycred: error: cannot read `s` (s3://acme/s): cannot get {what}: HTTP 403 and a web page instead of an answer: Web Page Blocked\n\
         lazycred: hint: a proxy or firewall answered in place of {host}, not AWS: have it allow that host, or check HTTPS_PROXY, NO_PROXY and the endpoint\n"
    )
}

const NO_ROLE: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them";

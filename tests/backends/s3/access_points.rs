//! Access points in the place of a bucket.

use serde_json::{Value, json};

use crate::commands::doctor::findings::findings;
use crate::support::fake_aws::{Answer, FakeAws, record};
use crate::support::harness::{SECRET_ACCESS_KEY, Sandbox};
use crate::support::network::{Kind, Network, Said};

const POINT: &str = "arn:aws:s3:eu-west-1:123456789012:accesspoint";
const HOST: &str = "my-1-123456789012.s3-accesspoint.eu-west-1.amazonaws.com";

/// AWS with a bucket, here at its access point `my-1` in Ireland, while KMS is in
/// Virginia.
fn network() -> Option<Network> {
    let mut network = Network::start()?;
    network.sandbox.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    network
        .sandbox
        .set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
    network.aws.make_bucket("my-1-123456789012", "eu-west-1");
    Some(network)
}

#[test]
fn an_access_point_is_asked_at_its_own_name_and_region_in_one_request() {
    let Some(network) = network() else {
        return;
    };
    let [slash, colon] = ["/my-1/prod/", ":my-1/prod/"].map(|end| format!("{POINT}{end}"));
    let run = network
        .run("--quiet put web")
        .env("LAZYCRED_S3_PATH", &slash);
    run.stdin("hunter2").ok();
    for s3_path in [&slash, &colon] {
        network.forget();
        let run = network.run("get web").env("LAZYCRED_S3_PATH", s3_path);
        run.stdout("hunter2").ok();
        assert_eq!(
            network.told(),
            [
                format!("GetObject {HOST}/prod/web by AKIDEXAMPLE"),
                "Decrypt kms.us-east-1.amazonaws.com by AKIDEXAMPLE".into(),
            ]
        );
        assert_eq!(network.asked()[0].request.region, "eu-west-1");
        let aws = network.dialled();
        let aws = aws.iter().filter(|place| place.ends_with(":443"));
        assert_eq!(aws.count(), 2);
    }
}

#[test]
fn a_version_2_record_opens_under_both_ways_to_write_the_arn() {
    let Some(network) = network() else {
        return;
    };
    let config = |end: &str| {
        let config = json!({"s3_path": format!("{POINT}{end}"), "key_alias": "acme", "format": 2,
            "min_format": 2, "account": "123456789012"});
        network.sandbox.write("lazycred.json", config.to_string());
    };
    config("/my-1/");
    let run = network.run("--quiet --config lazycred.json put web");
    run.stdin("hunter2").ok();
    config(":my-1/");
    for (command, stdout) in [("get web", "hunter2"), ("list", "web\n")] {
        let run = network.run(&format!("--config lazycred.json {command}"));
        run.stdout(stdout).ok();
    }
    network
        .run("--config lazycred.json history web")
        .any_stdout()
        .ok();
    network.run("--quiet --config lazycred.json rm web").ok();
    for asked in network.asked() {
        if asked.request.service == "s3" {
            assert_eq!(asked.host, HOST, "{asked}");
            let owner = asked.request.header("x-amz-expected-bucket-owner");
            assert_eq!(owner, Some("123456789012"), "{asked}");
        }
    }
}

#[test]
fn each_partition_has_its_own_names_of_access_points() {
    let Some(network) = network() else {
        return;
    };
    for (partition, region, end) in [
        ("aws-cn", "cn-north-1", "amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "amazonaws.com"),
        ("aws-eusc", "eusc-de-east-1", "amazonaws.eu"),
    ] {
        network.forget();
        let arn = format!("arn:{partition}:s3:{region}:123456789012:accesspoint/my-1/p/");
        let run = network.run("get web").env("LAZYCRED_S3_PATH", arn);
        let outcome = run.env("AWS_REGION", "us-east-1").outcome();
        let host = format!("my-1-123456789012.s3-accesspoint.{region}.{end}");
        let told = network.told();
        assert_eq!(
            told[0],
            format!("GetObject {host}/p/web by AKIDEXAMPLE"),
            "{outcome}"
        );
    }
}

#[test]
fn an_interface_endpoint_of_a_vpc_has_access_points_below_its_name() {
    let Some(network) = network() else {
        return;
    };
    let below = "accesspoint.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com";
    network.listen("198.51.100.10:80", Kind::Plain);
    let stored = record(b"hunter2");
    network.answer(move |asked| {
        let get = asked.request.operation == "GetObject";
        get.then(|| Said::from(Answer::new(200, stored.clone())))
    });
    let run = network.run("get web").any_stdout().any_stderr();
    run.env("LAZYCRED_S3_PATH", format!("{POINT}/my-1/prod/"))
        .env("AWS_ENDPOINT_URL_S3", format!("http://{below}"))
        .env("LAZYCRED_ALLOW_HTTP", "1")
        .outcome();
    let told = network.told();
    let get = format!("GetObject my-1-123456789012.{below}/prod/web by AKIDEXAMPLE");
    assert_eq!(told[0], get);
    assert_eq!(network.asked()[0].request.region, "eu-west-1");
    let dialled = network.dialled();
    let s3 = dialled.iter().filter(|place| place.ends_with(":80"));
    assert_eq!(s3.count(), 1, "{dialled:?}");
}

/// Where no server has access points.
fn elsewhere(server: &FakeAws) -> Sandbox {
    Sandbox::aws(&server.url(), &format!("{POINT}/my-1/prod/"), "acme")
}

#[test]
fn a_server_that_has_no_access_points_is_named_by_what_leads_there() {
    let server = FakeAws::start();
    let sandbox = elsewhere(&server);
    let said = |source: &str| {
        format!(
            "lazycred: error: `s3_path` is an access point's ARN, but {source} sends S3's requests to a server without access points\n"
        )
    };
    let get = || sandbox.run("get s");
    get()
        .stderr_has(&said("the variable AWS_ENDPOINT_URL"))
        .status(2);
    let run = get().env("AWS_ENDPOINT_URL_S3", server.url());
    run.stderr_has(&said("the variable AWS_ENDPOINT_URL_S3"))
        .status(2);
    let config = format!("[profile p]\nendpoint_url = {}\n", server.url());
    sandbox.write(".aws/config", config);
    let run = get().unset("AWS_ENDPOINT_URL").env("AWS_PROFILE", "p");
    run.stderr_has(&said("`endpoint_url` of the AWS profile `p`"))
        .status(2);
    assert!(server.requests().is_empty());
}

#[test]
fn an_arn_that_no_record_can_be_kept_at_is_refused_by_its_cause_wherever_it_stands() {
    let server = FakeAws::start();
    let mut sandbox = Sandbox::aws(&server.url(), "", "");
    sandbox.set("LAZYCRED_KEY_ALIAS", "acme");
    for (arn, cause, hint) in [
        (
            "arn:aws:s3:::acme/prod/",
            "the ARN of a bucket",
            "write `acme/prod/`",
        ),
        (
            "arn:aws:s3::123456789012:accesspoint/abc.mrap/",
            "a Multi-Region Access Point, whose requests go to several buckets, so that one write could undo another",
            "use the ARN of an access point of one Region, or one of the buckets",
        ),
        (
            "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1/accesspoint/a/",
            "in S3 on Outposts, which lazycred does not support",
            "use a bucket or an access point of a Region",
        ),
        (
            "arn:aws:s3:us-east-1:12345:accesspoint/a/",
            "an ARN whose account is not 12 digits",
            "an access point is `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/PREFIX`, ACCOUNT being 12 digits",
        ),
    ] {
        let said = format!("`s3_path` is `{arn}`, {cause}\nlazycred: hint: {hint}\n");
        let run = sandbox.run("get s").env("LAZYCRED_S3_PATH", arn);
        run.stderr(format!("lazycred: error: LAZYCRED_S3_PATH: {said}"))
            .status(2);
        for args in [
            ["--s3-path", arn, "get", "s"],
            ["--s3-path", arn, "policy", "reader"],
        ] {
            let run = sandbox.run(args);
            run.stderr(format!("lazycred: error: {said}")).status(2);
        }
        let file = sandbox.write("lazycred.json", json!({"s3_path": arn}).to_string());
        let run = sandbox.run("--config lazycred.json list");
        let file = file.display();
        run.stderr(format!("lazycred: error: `{file}`: {said}"))
            .status(2);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn an_arn_of_one_partition_with_a_region_of_another_is_refused() {
    let Some(network) = network() else {
        return;
    };
    let arn = "arn:aws-cn:s3:eu-west-1:123456789012:accesspoint/my-1/";
    let run = network.run("get web").env("LAZYCRED_S3_PATH", arn);
    run.stderr_has("in the partition `aws-cn`, but its region, eu-west-1, is in `aws`")
        .status(2);
    assert!(network.told().is_empty());
}

#[test]
fn a_bucket_region_that_an_access_point_contradicts_is_warned_of() {
    let Some(network) = network() else {
        return;
    };
    let config = json!({"s3_path": format!("{POINT}/my-1/"), "key_alias": "acme",
        "bucket_region": "us-west-2"});
    let file = network.sandbox.write("lazycred.json", config.to_string());
    let run = network.run("--config lazycred.json list");
    run.stderr(format!(
        "lazycred: warning: `{}`: ignoring `bucket_region`, which is `us-west-2`: the access point is in eu-west-1\n",
        file.display()
    ))
    .ok();
}

#[test]
fn policies_name_an_access_point_as_iam_does() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    let mut sandbox = Sandbox::new();
    sandbox.set("AWS_REGION", "us-east-1");
    sandbox.set("LAZYCRED_S3_PATH", format!("{POINT}:my-1/prod/"));
    sandbox.set("LAZYCRED_KEY_ALIAS", key);
    let policy = |kind: &str| -> Value {
        let shown = sandbox.run(["policy", kind]).gives().text();
        serde_json::from_str(&shown).unwrap()
    };
    for kind in ["reader", "writer", "admin"] {
        let statements = &policy(kind)["Statement"];
        assert_eq!(
            statements[0]["Resource"],
            format!("{POINT}/my-1/object/prod/*")
        );
        assert_eq!(statements[1]["Resource"], format!("{POINT}/my-1"));
    }
    let refused = sandbox.run("policy bucket");
    refused
        .stderr("lazycred: error: an access point's ARN does not name its bucket, which the policy must name\nlazycred: hint: pass --s3-path BUCKET/PREFIX/\n")
        .status(2);
}

#[test]
fn init_makes_no_access_point_and_doctor_says_what_one_does_not_tell() {
    let Some(network) = network() else {
        return;
    };
    let s3_path = format!("{POINT}/my-1/prod/");
    let run = network
        .run("init --create")
        .env("LAZYCRED_S3_PATH", &s3_path);
    run.stderr_has("`s3_path` is an access point's ARN, and its bucket is not known")
        .status(2);
    assert_eq!(
        network
            .aws
            .requests()
            .iter()
            .filter(|asked| asked.service == "s3")
            .count(),
        0
    );
    let run = network
        .run("doctor --write")
        .env("LAZYCRED_S3_PATH", &s3_path);
    let found = run.any_stdout().ok().text();
    for said in [
        "bucket settings",
        "an access point does not tell the settings of its bucket",
    ] {
        assert!(found.contains(said), "{found}");
    }
    let settings = [
        "GetBucketVersioning",
        "GetPublicAccessBlock",
        "GetBucketPolicy",
    ];
    let operations = network.aws.operations();
    assert!(
        !operations
            .iter()
            .any(|name| settings.contains(&name.as_str()))
    );

    network.aws.fault("*", crate::support::Fault::Denied);
    let run = network.run("doctor").env("LAZYCRED_S3_PATH", &s3_path);
    let found = run.any_stdout().any_stderr().outcome().text();
    let resource = format!("{POINT}/my-1");
    assert!(
        found.contains(&format!("allow s3:ListBucket on {resource}")),
        "{found}"
    );
}

#[test]
fn a_directory_bucket_is_asked_in_a_session_of_its_own() {
    let Some(network) = network() else {
        return;
    };
    let stored = record(b"hunter2");
    network.answer(move |asked| {
        let session = asked.request.query.iter().any(|(name, _)| name == "session");
        Some(Said::from(match &*asked.request.operation {
            _ if session => Answer::new(200, "<CreateSessionResult><Credentials><SessionToken>TOKEN</SessionToken><SecretAccessKey>s</SecretAccessKey><AccessKeyId>SESSION</AccessKeyId><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>"),
            "Decrypt" => return None,
            _ => Answer::new(200, stored.clone()),
        }))
    });
    let bucket = "acme--use1-az4--x-s3";
    let run = network.run("get web").any_stdout().any_stderr();
    run.env("LAZYCRED_S3_PATH", format!("{bucket}/prod/"))
        .outcome();
    let host = format!("{bucket}.s3express-use1-az4.us-east-1.amazonaws.com");
    let told = network.told();
    assert_eq!(told[0], format!("GET {host} by AKIDEXAMPLE"));
    assert!(
        told[1].starts_with(&format!("GET {host}/prod/web by SESSION")),
        "{told:?}"
    );
    let get = &network.asked()[1].request;
    assert_eq!(get.header("x-amz-s3session-token"), Some("TOKEN"));
    let run = network
        .run("policy reader")
        .env("LAZYCRED_S3_PATH", format!("{bucket}/prod/"));
    run.stderr_has("allow s3express:CreateSession on arn:aws:s3express:")
        .status(2);
}

#[test]
fn an_alias_of_an_access_point_is_a_bucket_like_any_other() {
    let Some(network) = network() else {
        return;
    };
    let alias = "my-1-abcdefghijklmnop-s3alias";
    network.aws.make_bucket(alias, "us-east-1");
    let s3_path = format!("{alias}/prod/");
    let put = network
        .run("--quiet put web")
        .env("LAZYCRED_S3_PATH", &s3_path);
    put.stdin("hunter2").ok();
    let host = format!("{alias}.s3.us-east-1.amazonaws.com/prod/web by AKIDEXAMPLE");
    assert!(network.told().contains(&format!("PutObject {host}")));
}

#[test]
fn doctor_shows_an_access_points_region_as_its_own() {
    let server = FakeAws::start();
    let mut sandbox = elsewhere(&server);
    sandbox.set("AWS_ENDPOINT_URL", "");
    sandbox.set("AWS_REGION", "");
    sandbox.write(".aws/config", "[default]\nregion = us-east-1\n");
    sandbox.set("HTTPS_PROXY", "http://127.0.0.1:9");
    let (found, _) = findings(&sandbox, &[]);
    let wrong = |finding: &Value| {
        let detail = finding["detail"].as_str().unwrap_or_default();
        detail.contains("`eu-west-1`, from the AWS profile")
    };
    assert!(!found.iter().any(wrong), "{found:?}");
}

//! Purpose, connections, bodies and stalls, over plain http to loopback.

use std::sync::mpsc;

use http_body_util::Full;
use hyper::body::Bytes;

use super::*;

/// Gets the root of a server with the default settings.
fn fetched(port: u16) -> Result<String, ConnectorError> {
    run(connector(Network::default()).get(&url(port)))
}

#[test]
fn plain_http_is_for_loopback_and_for_reading_credentials() {
    use PlainHttpRule::{Credentials, Services};
    let table = [
        (Services, "GET", "http://127.0.0.1", false, true),
        (Services, "POST", "http://localhost:5000", false, true),
        (Services, "POST", "http://[::1]", false, true),
        (Services, "GET", "http://10.0.0.1", false, false),
        (Services, "POST", "http://10.0.0.1", false, false),
        (Services, "POST", "http://10.0.0.1", true, true),
        (Services, "POST", "https://10.0.0.1", false, true),
        (Credentials, "GET", "http://169.254.169.254", false, true),
        (Credentials, "PUT", "http://169.254.169.254", false, true),
        (Credentials, "GET", "http://169.254.170.2", false, true),
        (Credentials, "GET", "http://[fd00:ec2::23]", false, true),
        (Credentials, "GET", "http://127.0.0.1:1", false, true),
        (Credentials, "GET", "http://192.0.2.1", false, false),
        (Credentials, "GET", "http://169.254.1.1", false, false),
        (Credentials, "GET", "http://192.0.2.1", true, true),
        (Credentials, "POST", "http://169.254.169.254", false, false),
        (Credentials, "POST", "http://169.254.169.254", true, true),
        (
            Credentials,
            "POST",
            "https://sts.amazonaws.com",
            false,
            true,
        ),
    ];
    for (purpose, method, url, allow_http, expected) in table {
        let network = Network {
            allow_http,
            ..Network::default()
        };
        let origin = Origin::of(&url.parse().unwrap()).unwrap();
        let method = method.parse().unwrap();
        let allowed = purpose.allowed(&method, &hyper::HeaderMap::new());
        let found = connector(network).shared.way(allowed, origin);
        assert_eq!(found.is_ok(), expected, "{purpose:?} {method} {url}");
    }
}

#[test]
fn a_refused_request_is_found_along_the_causes_and_is_not_retried() {
    let error = run(connector(Network::default()).get("http://10.0.0.1/")).unwrap_err();
    let expected = Refusal::PlainHttp {
        host: "10.0.0.1".into(),
        address: None,
    };
    assert_eq!(refusal(&error), Some(&expected));
    assert!(error.is_user());
    assert_eq!(
        chain(&error),
        "user error: plain http to `10.0.0.1` is refused"
    );
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let (heard, requests) = mpsc::channel();
    let port = server(move |number, mut socket| {
        while let Some(request) = hear(&mut socket) {
            heard.send((number, request)).unwrap();
            say(&mut socket, "one");
            hear(&mut socket).unwrap();
            let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n";
            socket.write_all(chunks.as_bytes()).unwrap();
        }
    });
    let client = connector(Network::default());
    run(async {
        for _ in 0..2 {
            let url = format!("http://127.0.0.1:{port}/a%2Fb?c=d");
            assert_eq!(client.get(&url).await.unwrap(), "one");
            assert_eq!(client.get(&url).await.unwrap(), "two");
        }
    });
    let expected = format!("get /a%2fb?c=d http/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n");
    assert_eq!(requests.recv().unwrap(), (0, expected.clone()));
    assert_eq!(requests.recv().unwrap(), (0, expected));
}

#[test]
fn a_connection_that_died_while_it_waited_is_replaced() {
    for noticed in [true, false] {
        let (told, gone) = mpsc::channel();
        let port = server(move |number, mut socket| {
            if hear(&mut socket).is_some() {
                say(&mut socket, &number.to_string());
            }
            drop(socket);
            told.send(()).unwrap();
        });
        let client = connector(Network::default());
        let url = url(port);
        run(async {
            assert_eq!(client.get(&url).await.unwrap(), "0");
            // A blocked thread does not notice that the server hangs up.
            gone.recv().unwrap();
            if noticed {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let request = HttpRequest::get(&url).unwrap();
            let request = request.map(|_| SdkBody::from("body"));
            let answer = client.call(request).await.unwrap();
            assert_eq!(answer.body().bytes(), Some(&b"1"[..]));
        });
    }
}

#[test]
fn a_body_that_is_cut_short_is_an_io_error() {
    let announced = "Content-Length: 700\r\n\r\nhello, world";
    let chunked = "Transfer-Encoding: chunked\r\n\r\nc\r\nhello, world\r\n";
    for (rest, of) in [(announced, " of 700"), (chunked, "")] {
        let port = server(move |_, mut socket| {
            hear(&mut socket);
            write!(socket, "HTTP/1.1 200 OK\r\n{rest}").unwrap();
        });
        let error = fetched(port).unwrap_err();
        assert!(error.is_io());
        let text = format!("the body from 127.0.0.1:{port} was cut short at 12{of} bytes");
        assert!(chain(&error).contains(&text), "{}", chain(&error));
    }
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let announced = "Content-Length: 1001\r\n\r\n".to_owned();
    let chunk = "x".repeat(500);
    let chunk = format!("1f4\r\n{chunk}\r\n");
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n{chunk}{chunk}1\r\nx\r\n");
    for rest in [announced, chunked] {
        let port = server(move |_, mut socket| {
            hear(&mut socket);
            write!(socket, "HTTP/1.1 200 OK\r\n{rest}").unwrap();
            hear(&mut socket);
        });
        let error = fetched(port).unwrap_err();
        let expected = Refusal::BodyTooLarge { limit: 1000 };
        assert_eq!(refusal(&error), Some(&expected));
        assert!(error.is_user());
    }
    let port = server(|_, mut socket| {
        hear(&mut socket);
        say(&mut socket, &"x".repeat(1000));
    });
    assert_eq!(fetched(port).unwrap().len(), 1000);
}

/// Sends ten bytes, one every 100 ms, and then nothing.
fn trickling(announced: usize) -> u16 {
    server(move |_, mut socket| {
        hear(&mut socket);
        let head = "HTTP/1.1 200 OK\r\nContent-Length";
        write!(socket, "{head}: {announced}\r\n\r\n").unwrap();
        for _ in 0..10 {
            thread::sleep(Duration::from_millis(100));
            if socket.write_all(b"x").is_err() {
                return;
            }
        }
        hear(&mut socket);
    })
}

#[test]
fn a_trickle_is_waited_for_and_a_stall_is_not() {
    assert_eq!(fetched(trickling(10)).unwrap(), "x".repeat(10));

    let port = trickling(11);
    let error = fetched(port).unwrap_err();
    assert!(error.is_timeout());
    let expected = format!("timeout: 127.0.0.1:{port}: no data for 0.5 s");
    assert_eq!(chain(&error), expected);
}

#[test]
fn a_read_timeout_bounds_the_whole_answer() {
    let port = trickling(10);
    let mut client = connector(Network::default());
    client.whole = Some(Duration::from_millis(250));
    let error = run(client.get(&url(port))).unwrap_err();
    assert!(error.is_timeout());
    let expected = format!("timeout: incomplete response from 127.0.0.1:{port} after 0.25 s");
    assert_eq!(chain(&error), expected);
}

#[test]
fn a_slow_upload_from_a_stream_is_waited_for() {
    const LENGTH: usize = 24 << 20;
    let port = server(|_, mut socket| {
        let mut rest = LENGTH;
        let mut buffer = vec![0; LENGTH / 12];
        while rest > 0 {
            thread::sleep(Duration::from_millis(100));
            let end = buffer.len().min(rest);
            socket.read_exact(&mut buffer[..end]).unwrap();
            rest -= end;
        }
        say(&mut socket, "thanks");
        hear(&mut socket);
    });
    let body = Full::new(Bytes::from(vec![b'x'; LENGTH]));
    let mut request = HttpRequest::new(SdkBody::from_body_1_x(body));
    request.set_method("PUT").unwrap();
    request.set_uri(url(port)).unwrap();
    let mut client = connector(Network::default());
    Arc::get_mut(&mut client.shared).unwrap().still = Duration::from_millis(800);
    let answer = run(client.call(request)).unwrap();
    assert_eq!(answer.body().bytes(), Some(&b"thanks"[..]));
}

#[test]
fn a_port_on_which_nobody_listens_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let hosts = ["127.0.0.1", "localhost"];
    let known = if has_localhost() { 2 } else { 1 };
    for host in &hosts[..known] {
        let url = format!("http://{host}:{port}/");
        let error = run(connector(Network::default()).get(&url)).unwrap_err();
        assert!(error.is_io());
        let expected =
            format!("io error: cannot connect to {host}:{port}: Connection refused (os error 111)");
        assert_eq!(chain(&error), expected);
    }
}

#[test]
fn no_password_is_in_what_is_printed() {
    let network = Network {
        https_proxy: Some("http://user:hunter2@proxy:3128".into()),
        ..Network::default()
    };
    let text = format!("{:?} {network:?}", clients(network.clone(), 1));
    assert!(!text.contains("hunter2"), "{text}");
}

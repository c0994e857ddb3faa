//! Connections opened ahead of the first request.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};

use aws_smithy_runtime_api::client::result::ConnectorError;
use futures_util::future::{join, join_all};
use tokio::time::{sleep, timeout};

use super::*;

/// Both views of one client.
fn pair(network: Network) -> (Clients, Connector) {
    let clients = clients(network, 1000);
    let shared = Arc::clone(&clients.shared);
    (clients, by(shared))
}

/// A server that reports each connection and each request, by number.
fn telling() -> (u16, Receiver<(usize, &'static str)>) {
    let (tell, told) = mpsc::channel();
    let port = server(move |number, mut socket| {
        tell.send((number, "connected")).unwrap();
        while hear(&mut socket).is_some() {
            tell.send((number, "asked")).unwrap();
            say(&mut socket, &number.to_string());
        }
        tell.send((number, "gone")).unwrap();
    });
    (port, told)
}

#[test]
fn a_connection_is_open_before_the_request_that_takes_it() {
    let (port, told) = telling();
    let url = url(port);
    run(async {
        let (clients, client) = pair(Network::default());
        clients.dial_ahead(&url, 1);
        yield_now().await;
        assert_eq!(told.recv().unwrap(), (0, "connected"));
        assert_eq!(client.get(&url).await.unwrap(), "0");
        assert_eq!(client.get(&url).await.unwrap(), "0");
    });
    let rest: Vec<_> = told.iter().take(3).collect();
    assert_eq!(rest, [(0, "asked"), (0, "asked"), (0, "gone")]);
    assert!(told.try_recv().is_err());
}

#[test]
fn requests_at_once_take_a_connection_each_and_only_missing_ones_are_dialled() {
    let (port, told) = telling();
    let url = url(port);
    run(async {
        let (clients, client) = pair(Network::default());
        clients.dial_ahead(&url, 2);
        clients.dial_ahead(&url, 3);
        let three = [client.get(&url), client.get(&url), client.get(&url)];
        let mut all = join_all(three).await;
        all.sort_by_key(|one| one.as_ref().ok().cloned());
        let all: Vec<String> = all.into_iter().map(Result::unwrap).collect();
        assert_eq!(all, ["0", "1", "2"]);
        clients.dial_ahead(&url, 3);
        yield_now().await;
    });
    let connected = told.try_iter().filter(|(_, what)| *what == "connected");
    assert_eq!(connected.count(), 3);
}

#[test]
fn nothing_is_sent_on_a_connection_that_no_request_takes() {
    let (tell, told) = mpsc::channel();
    let port = server(move |_, mut socket| {
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).unwrap();
        tell.send(bytes).unwrap();
    });
    run(async {
        let (clients, _) = pair(Network::default());
        clients.dial_ahead(&url(port), 2);
        sleep(Duration::from_millis(50)).await;
    });
    assert_eq!([told.recv().unwrap(), told.recv().unwrap()], [b"", b""]);
}

#[test]
fn a_connection_that_died_before_its_request_is_dialled_again() {
    for noticed in [true, false] {
        let (tell, told) = mpsc::channel();
        let port = server(move |number, mut socket| {
            if number == 0 {
                drop(socket);
                tell.send(()).unwrap();
            } else if hear(&mut socket).is_some() {
                say(&mut socket, &number.to_string());
            }
        });
        let url = url(port);
        run(async {
            let (clients, client) = pair(Network::default());
            clients.dial_ahead(&url, 1);
            yield_now().await;
            told.recv().unwrap();
            if noticed {
                sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(client.get(&url).await.unwrap(), "1");
        });
    }
}

#[test]
fn a_dial_that_failed_before_its_request_is_made_again_and_one_that_is_waited_for_is_not() {
    for is_over in [true, false] {
        let (tell, told) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(gate);
        // Once the gate is open, fails the TLS handshake.
        let port = server(move |_, mut socket| {
            gate.lock().unwrap().recv().ok();
            socket.write_all(b"no\n").unwrap();
            socket.read_to_end(&mut Vec::new()).ok();
            tell.send(()).unwrap();
        });
        let url = format!("https://127.0.0.1:{port}/");
        let error: ConnectorError = run(async {
            let (clients, client) = pair(Network::default());
            clients.dial_ahead(&url, 1);
            if is_over {
                drop(open);
                while told.try_recv().is_err() {
                    sleep(Duration::from_millis(5)).await;
                }
                client.get(&url).await.unwrap_err()
            } else {
                // The server fails the dial only once the request waits for it.
                let (answer, ()) = join(client.get(&url), async { drop(open) }).await;
                answer.unwrap_err()
            }
        });
        let expected = format!("io error: cannot connect to 127.0.0.1:{port}: ");
        assert!(chain(&error).starts_with(&expected), "{}", chain(&error));
        // The finished dial has reported already.
        told.recv().unwrap();
        assert!(told.recv_timeout(Duration::from_millis(50)).is_err());
    }
}

#[test]
fn no_packet_goes_to_where_no_request_may_go() {
    let (tell, told) = mpsc::channel();
    let port = server(move |_, _| tell.send(()).unwrap());
    // A local address that does not count as loopback.
    for (url, allow_http, dials) in [
        (format!("http://0.0.0.0:{port}/"), false, 0),
        (format!("http://0.0.0.0:{port}/"), true, 1),
        ("nonsense".into(), true, 0),
    ] {
        run(async {
            let (clients, _) = pair(Network {
                allow_http,
                ..Network::default()
            });
            clients.dial_ahead(&url, 1);
            sleep(Duration::from_millis(50)).await;
        });
        thread::sleep(Duration::from_millis(50));
        assert_eq!(told.try_iter().count(), dials, "{url}");
    }
}

#[test]
fn connections_of_a_post_are_hung_up_on_and_no_others() {
    let (port, told) = telling();
    let url = url(port);
    run(async {
        let (clients, client) = pair(Network::default());
        let by_post = || {
            let mut request = HttpRequest::get(&*url).unwrap();
            request.set_method("POST").unwrap();
            client.call(request)
        };
        for expected in ["0", "0"] {
            assert_eq!(client.get(&url).await.unwrap(), expected);
            clients.hang_up();
            yield_now().await;
        }
        by_post().await.unwrap();
        assert_eq!(client.get(&url).await.unwrap(), "0");
        clients.hang_up();
        yield_now().await;
        assert_eq!(client.get(&url).await.unwrap(), "1");
        // While there still is a client, whose end would end it too.
        let gone = async {
            while told.try_recv() != Ok((0, "gone")) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(30), gone).await.unwrap();
    });
}

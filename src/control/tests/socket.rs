//! The socket: requests over it, who may use it, what it takes.

use super::*;
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
};
use tokio::sync::oneshot;

/// Runs `test` against a relay's socket, with the configuration of its installation.
fn with_socket(test: impl FnOnce(&Config, &House) + Send) {
    let house = House::of(&["alice@example.org"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let config = house.site.config.clone();
    let desk = Arc::new(Desk::new(house.site.clone(), Arc::default()));
    let served = {
        let _inside = runtime.enter();
        let shutdown = async { drop(stopped.await) };
        runtime.spawn(listen(&config, desk, shutdown).unwrap())
    };
    test(&config, &house);
    stop.send(()).unwrap();
    runtime.block_on(served).unwrap();
    assert!(!socket_path(&config).exists(), "the socket stayed behind");
}

#[test]
fn a_request_over_the_socket_is_carried_out_in_the_users_name() {
    with_socket(|config, house| {
        let case = NewCase { label: Some("Moreno".to_owned()), ..NewCase::default() };
        let asked = ask(config, Request::Case(CaseRequest::Open(case))).unwrap();
        assert!(asked.by_relay);
        let Data::Opened(case) = asked.response.data else { panic!() };
        assert_eq!(case.label.as_deref(), Some("Moreno"));
        let last = house.site.store.trail(&TrailFilter { last: Some(1), ..TrailFilter::default() }).unwrap();
        assert_eq!(last[0].actor, Actor::Admin(this_user()));
    });
}

#[test]
fn a_refusal_and_a_body_come_through() {
    with_socket(|config, _| {
        let unknown = Request::Staff(StaffRequest::Show { email: "eve@example.org".to_owned() });
        assert!(ask(config, unknown).err().unwrap().why.contains("no such staff member"));
        let mut response = ask(config, Request::Trail(TrailRequest::Export)).unwrap().response;
        let mut body = Vec::new();
        response.body.take().unwrap().read_to_end(&mut body).unwrap();
        assert!(matches!(response.data, Data::Export { length, .. } if length == body.len() as u64 && length > 0));
    });
}

#[test]
fn only_the_owner_can_connect_and_a_second_relay_is_refused() {
    with_socket(|config, house| {
        let mode = fs::metadata(socket_path(config)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let desk = Arc::new(Desk::new(house.site.clone(), Arc::default()));
        assert!(matches!(listen(config, desk, async {}), Err(ListenError::InUse(_))));
    });
}

#[test]
fn a_stale_socket_is_replaced() {
    let house = House::new();
    let config = house.site.config.clone();
    drop(std::os::unix::net::UnixListener::bind(socket_path(&config)).unwrap());
    assert!(
        matches!(UnixStream::connect(socket_path(&config)), Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused)
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let desk = Arc::new(Desk::new(house.site.clone(), Arc::default()));
    let _listening = listen(&config, desk, std::future::pending()).unwrap();
    assert!(UnixStream::connect(socket_path(&config)).is_ok());
}

#[test]
fn nonsense_and_endless_requests_are_refused() {
    with_socket(|config, _| {
        let say = |bytes: &[u8]| {
            let mut stream = UnixStream::connect(socket_path(config)).unwrap();
            // The relay may answer and close before everything is written.
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = String::new();
            let _ = BufReader::new(stream).read_line(&mut answer);
            answer
        };
        assert!(say(b"{\"staff\":\"nonsense\"}\n").contains("does not understand"));
        assert!(say(b"{\"staff\":\"list\"}").contains("incomplete"));
        assert!(say(b"{\"staff\":\"list\"}\n").contains("alice@example.org"));
        let endless = vec![b'x'; 1024 * 1024];
        assert!(say(&endless).contains("1 MiB"));
    });
}

#[test]
fn with_no_relay_the_installation_is_opened_here_and_a_locked_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let config = set_up(dir.path());
    let asked = ask(&config, Request::Staff(StaffRequest::List)).unwrap();
    assert!(!asked.by_relay);
    let _open = Site::open(config.clone()).unwrap();
    let refusal = ask(&config, Request::Staff(StaffRequest::List)).err().unwrap();
    assert!(refusal.why.contains("running"), "{refusal}");
}

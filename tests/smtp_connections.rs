//! What dialogues cannot say: several connections at once, handshakes, certificates that change, a door that panics, a relay
//! that stops.

#[path = "support/smtp_client.rs"]
mod smtp_client;
#[path = "support/smtp_door.rs"]
mod smtp_door;

use sealdrop::config::Smtp;
use smtp_client::{Client, TLS_1_3_AND_1_2};
use smtp_door::{Relay, limits};
use std::time::Duration;

/// Sends the envelope and one line of message from `sender`, up to the final dot.
async fn send_mail(client: &mut Client, sender: &str) {
    client.say(&format!("MAIL FROM:<{sender}>\r\nRCPT TO:<river-tiger-42@in.example.org>\r\nDATA\r\n")).await;
    for code in ["250", "250", "354"] {
        client.expect(code).await;
    }
    client.say("hello\r\n.\r\n").await;
}

#[tokio::test]
async fn tls_1_3_with_the_hybrid_key_exchange_and_tls_1_2_are_served() {
    let mut relay = Relay::start(limits()).await;
    for (versions, over) in
        [(TLS_1_3_AND_1_2, "over TLSv1.3 X25519MLKEM768"), (&[&rustls::version::TLS12][..], "over TLSv1.2 X25519")]
    {
        let mut client = Client::connect(&relay).await;
        client.expect("220").await;
        client.say("STARTTLS\r\n").await;
        client.expect("220").await;
        client.shake_hands(&relay, versions).await.unwrap();
        client.say("EHLO client.example\r\n").await;
        client.expect("250").await;
        send_mail(&mut client, "ana@example.org").await;
        client.expect("250 2.0.0 received and sealed").await;
        assert!(relay.event().await.starts_with("took "));
        assert_eq!(relay.event().await, over);
    }
}

#[tokio::test]
async fn a_new_certificate_is_used_at_once_and_old_connections_live_on() {
    let relay = Relay::start(limits()).await;
    let mut old = Client::secured(&relay).await;
    let before = relay.tls.certificate();
    assert_eq!(old.tls().peer_certificates().unwrap()[0], before);

    relay.renew_certificate();
    assert!(relay.tls.reload_if_changed().unwrap());

    let new = Client::secured(&relay).await;
    assert_ne!(new.tls().peer_certificates().unwrap()[0], before);
    send_mail(&mut old, "ana@example.org").await;
    old.expect("250 2.0.0 ").await;

    std::fs::write(relay.certificate_file(), "broken").unwrap();
    assert!(relay.tls.reload_if_changed().is_err());
    Client::secured(&relay).await;
}

#[tokio::test]
async fn connections_over_the_limit_are_turned_away_and_places_come_back() {
    let relay = Relay::start(Smtp { max_connections_per_address: 2, ..limits() }).await;
    let mut first = Client::connect(&relay).await;
    first.expect("220").await;
    let mut second = Client::connect(&relay).await;
    second.expect("220").await;
    assert_eq!(relay.listener.connections(), 2);
    let mut third = Client::connect(&relay).await;
    third.expect("421").await;
    third.expect_end().await;

    first.say("QUIT\r\n").await;
    first.expect("221").await;
    first.expect_end().await;
    first.hang_up();
    while relay.listener.connections() == 2 {
        tokio::task::yield_now().await;
    }
    Client::connect(&relay).await.expect("220").await;
}

#[tokio::test]
async fn a_panic_behind_the_door_costs_one_session() {
    let mut relay = Relay::start(limits()).await;
    let mut bystander = Client::secured(&relay).await;
    let mut victim = Client::secured(&relay).await;
    send_mail(&mut victim, "panics@example.org").await;
    victim.expect_end().await;
    assert_eq!(relay.event().await, "let go of <panics@example.org> to abuse");
    send_mail(&mut bystander, "ana@example.org").await;
    bystander.expect("250 2.0.0 ").await;
    Client::secured(&relay).await;
    drop(bystander);
    while relay.listener.connections() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_relay_that_stops_lets_data_end_and_sends_the_idle_away() {
    let mut relay = Relay::start(limits()).await;
    let mut idle = Client::secured(&relay).await;
    let mut sending = Client::secured(&relay).await;
    let mut chunking = Client::secured(&relay).await;
    for client in [&mut sending, &mut chunking] {
        client.say("MAIL FROM:<ana@example.org>\r\nRCPT TO:<river-tiger-42@in.example.org>\r\n").await;
        client.expect("250").await;
        client.expect("250").await;
    }
    sending.say("DATA\r\n").await;
    sending.expect("354").await;
    chunking.say("BDAT 5\r\nhello").await;
    chunking.expect("250").await;

    relay.stop.send_replace(true);
    idle.expect("421 4.3.2").await;
    idle.expect_end().await;
    drop(idle);

    sending.say("hello\r\n.\r\n").await;
    sending.expect("250 2.0.0 received").await;
    sending.expect("421 4.3.2").await;
    drop(sending);
    chunking.say("BDAT 0 LAST\r\n").await;
    chunking.expect("250 2.0.0 received").await;
    chunking.expect("421 4.3.2").await;
    drop(chunking);

    (&mut relay.served).await.unwrap();
    assert!(tokio::net::TcpStream::connect(relay.starttls).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn data_that_trickles_is_too_slow() {
    let limits = Smtp { data_timeout: Duration::from_millis(300), min_data_rate: 1_000_000, ..limits() };
    let relay = Relay::start(limits).await;
    let mut client = Client::secured(&relay).await;
    client.say("MAIL FROM:<ana@example.org>\r\nRCPT TO:<river-tiger-42@in.example.org>\r\nDATA\r\n").await;
    for code in ["250", "250", "354"] {
        client.expect(code).await;
    }
    // Never silent for as long as the timeout, yet a thousand times slower than asked for.
    let mut every = tokio::time::interval(Duration::from_millis(5));
    let (mut reader, mut said) = (None, 0);
    while reader.is_none() {
        every.tick().await;
        client.say("slow\r\n").await;
        said += 1;
        assert!(said < 2000, "ten seconds, and the relay still listens");
        reader = client.try_line().await;
    }
    assert!(reader.unwrap().starts_with("421 4.4.2 "));
    assert!(said > 5, "the rate is looked at only after the timeout");
}

#[tokio::test]
async fn replies_to_pipelined_commands_go_out_in_one_write() {
    let relay = Relay::start(limits()).await;
    let mut client = Client::secured(&relay).await;
    client.say("NOOP\r\nNOOP\r\nRSET\r\nMAIL FROM:<ana@example.org>\r\n").await;
    let came = client.read().await;
    assert_eq!(String::from_utf8(came).unwrap(), "250 2.0.0 OK\r\n".repeat(3) + "250 2.1.0 OK\r\n");
}

#[tokio::test]
async fn a_peer_that_never_reads_does_not_hold_its_place() {
    let relay = Relay::start(Smtp { command_timeout: Duration::from_millis(200), ..limits() }).await;
    let mut client = Client::connect(&relay).await;
    client.expect("220").await;
    let flood = "HELP\r\n".repeat(10_000);
    while relay.listener.connections() > 0 {
        client.try_say(&flood).await;
    }
}

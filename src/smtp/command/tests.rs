//! Lines that are commands, and lines that are not.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<Command, Fault> {
    parse(format!("{text}\r\n").as_bytes())
}

fn mail_of(address: &str, size: u64, smtputf8: bool) -> Result<Command, Fault> {
    let reverse_path = Address::parse(address).map_or(ReversePath::Null, ReversePath::Mailbox);
    Ok(Command::Mail(Mail { reverse_path, size, smtputf8 }))
}

#[test]
fn mail_with_what_we_offer() {
    assert_eq!(read("MAIL FROM:<ana@example.org>"), mail_of("ana@example.org", 0, false));
    assert_eq!(read("mail from: <ana@example.org>  SIZE=5 "), mail_of("ana@example.org", 5, false));
    assert_eq!(read("MAIL FROM:<> BODY=8BITMIME SMTPUTF8 SIZE=52428800"), mail_of("", 52_428_800, true));
    assert_eq!(read("MAIL FROM:<\"a b\"@c> BODY=7BIT"), mail_of("a b@c", 0, false));
}

#[test]
fn mail_with_what_we_do_not_offer() {
    for text in ["BODY=BINARYMIME", "RET=HDRS", "ENVID=x", "AUTH=<>", "REQUIRETLS", "HOLDFOR=5", "X=Y", "BY=9;R"] {
        assert_eq!(read(&format!("MAIL FROM:<> {text}")), Err(Fault::ParameterNotOffered), "{text}");
    }
    for text in ["BODY=OTHER", "SIZE=", "SIZE=-1", "SIZE=1x", "SIZE=184467440737095516159"] {
        assert_eq!(read(&format!("MAIL FROM:<> {text}")), Err(Fault::ParameterValue), "{text}");
    }
    assert_eq!(read("RCPT TO:<a@b> NOTIFY=NEVER"), Err(Fault::ParameterNotOffered));
    assert_eq!(read("RCPT TO:<a@b> ORCPT=rfc822;a@b"), Err(Fault::ParameterNotOffered));
}

#[test]
fn paths_are_not_confused() {
    assert_eq!(read("RCPT TO:<postmaster>"), Ok(Command::Rcpt(ForwardPath::Postmaster)));
    assert_eq!(read("RCPT TO:<>"), Err(Fault::ForwardPath));
    assert_eq!(read("RCPT TO:<ana>"), Err(Fault::ForwardPath));
    assert_eq!(read("MAIL FROM:<postmaster>"), Err(Fault::ReversePath));
    assert_eq!(read("MAIL FROM:<a@b>SIZE=1"), Err(Fault::Syntax(MAIL_SYNTAX)));
    assert_eq!(read("MAIL FROM:<a@b>>"), Err(Fault::Syntax(MAIL_SYNTAX)));
    assert_eq!(read("MAIL FROM:a@b"), Err(Fault::Syntax(MAIL_SYNTAX)));
    assert_eq!(read("MAIL TO:<a@b>"), Err(Fault::Syntax(MAIL_SYNTAX)));
    assert_eq!(read("RCPT"), Err(Fault::Syntax(RCPT_SYNTAX)));
}

#[test]
fn chunk_sizes() {
    assert_eq!(read("BDAT 0 LAST"), Ok(Command::Bdat { size: 0, last: true }));
    assert_eq!(read("bdat 86400 last"), Ok(Command::Bdat { size: 86400, last: true }));
    assert_eq!(read("BDAT 7"), Ok(Command::Bdat { size: 7, last: false }));
    for text in ["BDAT", "BDAT LAST", "BDAT -1", "BDAT 1 FIRST", "BDAT 1x", "BDAT 184467440737095516159"] {
        assert_eq!(read(text), Err(Fault::ChunkSize), "{text}");
    }
}

#[test]
fn other_commands() {
    assert_eq!(read("EHLO mx.example.org"), Ok(Command::Ehlo("mx.example.org".to_owned())));
    assert_eq!(read("helo [192.0.2.1]"), Ok(Command::Helo("[192.0.2.1]".to_owned())));
    assert_eq!(read("noop whatever"), Ok(Command::Noop));
    assert_eq!(read("AUTH"), Ok(Command::Auth));
    assert_eq!(read("DATA "), Ok(Command::Data));
    assert_eq!(read("DATA now"), Err(Fault::Syntax("DATA")));
    assert_eq!(read("STARTTLS now"), Err(Fault::Syntax("STARTTLS")));
    assert_eq!(read("EHLO"), Err(Fault::Syntax("EHLO domain")));
    assert_eq!(read("EHLO \t"), Err(Fault::Syntax("EHLO domain")));
    assert_eq!(read("HELO a\tb"), Err(Fault::Syntax("HELO domain")));
    for text in ["", " ", "LHLO a", "BURL a LAST", "GET / HTTP/1.1", "MAILFROM:<a@b>", "\u{16}\u{3}\u{1}"] {
        assert!(matches!(read(text), Err(Fault::Unknown | Fault::NotALine)), "{text}");
    }
}

#[test]
fn lines_that_two_readers_could_split_differently() {
    for line in ["NOOP\n", "NOOP\r", "NOOP", "NOOP\rRSET\r\n", "NOOP\nRSET\r\n", "NO\0OP\r\n", "NOOP\r\r\n"] {
        assert_eq!(parse(line.as_bytes()), Err(Fault::NotALine), "{line:?}");
    }
    assert_eq!(parse(b"NOOP \xff\r\n"), Err(Fault::NotUtf8));
    assert_eq!(parse(format!("NOOP {}\r\n", "x".repeat(MAX_LINE)).as_bytes()), Err(Fault::LineTooLong));
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&line);
    }

    #[test]
    fn no_argument_makes_it_panic(
        verb in "(MAIL FROM:|RCPT TO:|BDAT |EHLO |NOOP |VRFY )",
        rest in "[<>@:,\"\\\\ a-z0-9=.é\\[\\]]{0,60}",
    ) {
        let _ = read(&format!("{verb}{rest}"));
    }
}

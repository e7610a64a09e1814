//! What the configuration takes, refuses, and says about it.

use super::*;

const MINIMAL: &str = "[relay]\ndomain = \"in.example.org\"\n[staff_mail]\nhost = \"mail.example.org\"\n";
const SHIPPED: &str = include_str!("../../config/sealdrop.toml");

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse_with(text, Path::new("/etc/sealdrop/sealdrop.toml"), None)
}

/// The minimal configuration with `line` in `section`.
fn with(section: &str, line: &str) -> Result<Config, ConfigError> {
    let head = format!("[{section}]\n");
    let text = if MINIMAL.contains(&head) {
        MINIMAL.replace(&head, &format!("{head}{line}\n"))
    } else {
        format!("{MINIMAL}{head}{line}\n")
    };
    parse(&text)
}

#[track_caller]
fn refused(section: &str, line: &str, expected: &str) {
    let error = with(section, line).unwrap_err().0;
    assert!(error.contains(expected), "{line}: {error}");
}

#[test]
fn the_shipped_file_holds_the_defaults() {
    assert_eq!(parse(SHIPPED).unwrap(), parse(MINIMAL).unwrap());
}

#[test]
fn the_shipped_file_names_every_key_and_no_other() {
    let document = Document::parse(MINIMAL, Path::new("x"), Path::new("/")).unwrap();
    settings::read(&document, Path::new("x"), None);
    let shipped: toml::Table = SHIPPED.parse().unwrap();
    let known = document.known();
    assert_eq!(known.len(), shipped.len());
    for (section, mut keys) in known {
        let mut written: Vec<&str> = shipped[section].as_table().unwrap().keys().map(String::as_str).collect();
        keys.sort();
        written.sort();
        assert_eq!(keys, written, "[{section}]");
    }
}

#[test]
fn paths_are_relative_to_the_file() {
    let config = parse(MINIMAL).unwrap();
    assert_eq!(config.relay.data_dir, Path::new("/etc/sealdrop/data"));
    assert_eq!(config.tls.certificate, Path::new("/etc/sealdrop/tls/cert.pem"));
    assert_eq!(config.store.key_file, Path::new("/etc/sealdrop/at-rest.key"));
    assert_eq!(with("tls", r#"key = "/k.pem""#).unwrap().tls.key, Path::new("/k.pem"));
}

#[test]
fn a_relative_file_gives_absolute_paths() {
    let config = Config::parse_with(MINIMAL, Path::new("sealdrop.toml"), None).unwrap();
    assert!(config.file.is_absolute() && config.relay.data_dir.is_absolute());
}

#[test]
fn names_an_unknown_key_with_its_line_and_the_nearest() {
    let error = with("smtp", r#"listn = ["0.0.0.0:25"]"#).unwrap_err().0;
    assert_eq!(error, r#"/etc/sealdrop/sealdrop.toml:6: unknown key "listn" in [smtp]; did you mean "listen"?"#);
    refused("log", "colour = true", "the keys there are format, level");
    refused("smpt", "listen = []", r#"unknown section [smpt]; did you mean "smtp"?"#);
    let misspelt = parse(&MINIMAL.replace("domain", "domian")).unwrap_err().0;
    assert_eq!(misspelt, r#"/etc/sealdrop/sealdrop.toml:2: unknown key "domian" in [relay]; did you mean "domain"?"#);
}

#[test]
fn says_how_a_value_is_written() {
    let error = with("smtp", r#"max_message_size = "50 Mb""#).unwrap_err().0;
    let expected = r#"/etc/sealdrop/sealdrop.toml:6: max_message_size: "50 Mb" is not a size; write it like "50 MiB""#;
    assert_eq!(error, expected);
    refused("smtp", "max_message_size = 52428800", "52428800 is not a size");
    refused("retention", r#"originals = "30 days""#, r#""30 days" is not a time; write it like "30s""#);
    refused("smtp", r#"max_errors = "ten""#, r#""ten" is not a whole number"#);
    refused("smtp", r#"listen = "0.0.0.0:25""#, "is not a list");
    refused("smtp", r#"listen = ["0.0.0.0:25", "25"]"#, r#"listen: "25" is not an IP address with a port"#);
    refused("client_reply", r#"enabled = "yes""#, "is not true or false");
    refused("sandbox", r#"mode = "on""#, r#"one of "required", "available", "off""#);
    refused("openpgp", r#"profile = "modern""#, r#"one of "compatible", "rfc9580""#);
    refused("relay", r#"admins = ["admin"]"#, r#""admin" is not an email address"#);
    refused("client_reply", r#"languages = ["en", "fr"]"#, "those are en, es");
    refused("relay", r#"hostname = "mx in""#, "is not a host name");
    refused("staff_mail", r#"from = "intake""#, "is not an email address");
}

#[test]
fn says_which_range_a_value_must_keep_to() {
    refused("smtp", r#"max_message_size = "2 GiB""#, r#""2 GiB" is out of range; "64 KiB" to "1 GiB" can be set"#);
    refused("smtp", "max_errors = 0", "0 is out of range; 1 to 1000 can be set");
    refused("smtp", "max_errors = -1", "-1 is out of range");
    refused("staff_mail", "port = 70000", "70000 is out of range; 1 to 65535 can be set");
    refused("staff_mail", "port = 99999999999999", "is out of range");
    refused("smtp", r#"command_timeout = "10ms""#, r#""1s" to "1h" can be set"#);
}

#[test]
fn names_all_problems_at_once_in_order() {
    let error = parse(&format!("{MINIMAL}[log]\nlevel = \"loud\"\n[smtp]\nmax_errors = 0\n")).unwrap_err().0;
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].contains(":6: level") && lines[1].contains(":8: max_errors"), "{error}");
}

#[test]
fn says_what_is_missing() {
    let error = parse("").unwrap_err().0;
    assert!(error.contains("[relay] domain: missing") && error.contains("[staff_mail] host: missing"), "{error}");
}

#[test]
fn says_where_it_is_not_toml() {
    let error = parse("[relay]\ndomain = in.example.org\n").unwrap_err().0;
    assert!(error.starts_with("/etc/sealdrop/sealdrop.toml:2: "), "{error}");
    refused("limits", "max_parts = 10\nmax_parts = 20", ":7: ");
    let error = parse("relay = 5").unwrap_err().0;
    assert!(error.contains("relay is not a section; write [relay]"), "{error}");
}

#[test]
fn takes_no_secret_and_does_not_echo_one() {
    let error = with("staff_mail", r#"password = "hunter2""#).unwrap_err().0;
    assert!(error.contains("put it into a file of its own") && error.contains("password_file"), "{error}");
    assert!(!error.contains("hunter2"));
    refused("log", r#"token = "hunter2""#, "no secret is written into this file");
    refused("staff_mail", r#"password_fil = "p""#, r#"did you mean "password_file"?"#);
}

#[test]
fn plaintext_only_to_this_machine() {
    let to = |host: &str| parse(&MINIMAL.replace("mail.example.org\"", &format!("{host}\"\ntls = \"none\"")));
    for host in ["127.0.0.1", "127.9.9.9", "::1", "localhost"] {
        assert_eq!(to(host).unwrap().staff_mail.smarthost.port, 25, "{host}");
    }
    for host in ["mail.example.org", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org"] {
        let error = to(host).unwrap_err().0;
        assert!(error.contains("for a server on this machine only"), "{host}: {error}");
    }
    refused("client_reply", "host = \"mail.example.org\"\ntls = \"none\"", "for a server on this machine only");
}

#[test]
fn a_login_needs_both_halves() {
    refused("staff_mail", r#"username = "relay""#, "a username without a password");
    refused("staff_mail", r#"password_file = "p""#, "a password without a username");
    refused("client_reply", "username = \"u\"\npassword_file = \"p\"", "no host to log in to");
    let login = with("staff_mail", "username = \"u\"\npassword_file = \"p\"").unwrap().staff_mail.smarthost.login;
    assert_eq!(login, Some(("u".to_owned(), PathBuf::from("/etc/sealdrop/p"))));
}

#[test]
fn the_at_rest_key_stays_out_of_the_data_directory() {
    for inside in ["data/at-rest.key", "./data/../data/k", "/etc/sealdrop/data/k"] {
        refused("store", &format!("key_file = {inside:?}"), "inside data_dir");
    }
    with("store", r#"key_file = "data.key""#).unwrap();
    with("store", r#"key_file = "data/../keys/k""#).unwrap();
    let error = with("relay", r#"data_dir = ".""#).unwrap_err().0;
    assert!(error.contains("inside data_dir"), "{error}");
}

#[test]
fn credentials_of_systemd_come_first() {
    let directory = env::temp_dir().join(format!("sealdrop-credentials-{}", std::process::id()));
    fs::create_dir(&directory).unwrap();
    let credentials = directory.as_path();
    let parse = |text: &str| Config::parse_with(text, Path::new("/etc/sealdrop.toml"), Some(credentials));
    assert_eq!(parse(MINIMAL).unwrap().store.key_file, Path::new("/etc/at-rest.key"), "nothing was handed over yet");
    for name in ["at-rest-key", "staff-mail-password"] {
        fs::write(credentials.join(name), "secret").unwrap();
    }
    let config = parse(&format!("{MINIMAL}username = \"u\"\n")).unwrap();
    assert_eq!(config.store.key_file, credentials.join("at-rest-key"));
    assert_eq!(config.staff_mail.smarthost.login, Some(("u".to_owned(), credentials.join("staff-mail-password"))));
    fs::remove_dir_all(credentials).unwrap();
}

#[test]
fn ciphertext_outlives_its_delivery() {
    refused("retention", r#"originals = "2d""#, "shorter than [staff_mail] give_up_after");
}

#[test]
fn a_port_follows_from_how_tls_starts() {
    assert_eq!(with("staff_mail", r#"tls = "implicit""#).unwrap().staff_mail.smarthost.port, 465);
    assert_eq!(with("staff_mail", "tls = \"implicit\"\nport = 2465").unwrap().staff_mail.smarthost.port, 2465);
}

#[test]
fn another_smarthost_for_replies_only_if_named() {
    assert_eq!(parse(MINIMAL).unwrap().client_reply.smarthost, None);
    let reply = with("client_reply", r#"host = "out.example.org""#).unwrap().client_reply;
    assert_eq!(reply.smarthost.map(|other| (other.host, other.port)), Some(("out.example.org".to_owned(), 587)));
}

#[test]
fn a_missing_file_says_how_to_make_one() {
    let error = Config::read(Path::new("/nonexistent/sealdrop.toml")).unwrap_err().0;
    assert!(error.starts_with("/nonexistent/sealdrop.toml: ") && error.contains("sealdrop init"), "{error}");
}

fn options() -> InitOptions {
    InitOptions {
        domain: "in.example.org".to_owned(),
        hostname: "mx.in.example.org".to_owned(),
        admin: None,
        smarthost: None,
        listen: None,
        listen_tls: None,
    }
}

#[test]
fn the_template_is_a_working_configuration() {
    let mut expected = parse(MINIMAL).unwrap();
    assert_eq!(parse(&template(&options())).unwrap(), expected);

    let chosen = InitOptions {
        admin: Some("admin@example.org".to_owned()),
        smarthost: Some(("127.0.0.1".to_owned(), 2525)),
        listen: Some(([127, 0, 0, 1], 0).into()),
        listen_tls: Some(([127, 0, 0, 1], 1465).into()),
        ..options()
    };
    expected.relay.admins = vec!["admin@example.org".to_owned()];
    expected.smtp.listen = vec![([127, 0, 0, 1], 0).into()];
    expected.smtp.listen_tls = vec![([127, 0, 0, 1], 1465).into()];
    let smarthost = &mut expected.staff_mail.smarthost;
    (smarthost.host, smarthost.port, smarthost.tls) = ("127.0.0.1".to_owned(), 2525, SmarthostTls::None);
    assert_eq!(parse(&template(&chosen)).unwrap(), expected);
}

#[test]
fn the_template_cannot_be_made_to_say_something_else() {
    let domain = "x\"\n[log]\nlevel = \"trace\"\n#".to_owned();
    let error = parse(&template(&InitOptions { domain, ..options() })).unwrap_err().0;
    assert!(error.contains("is not a domain"), "{error}");
}

#[test]
fn resolvers_are_addresses_with_or_without_a_port() {
    let senders = with("senders", r#"resolvers = ["127.0.0.1", "::1", "[::1]:5353"]"#).unwrap().senders;
    let written: Vec<String> = senders.resolvers.iter().map(ToString::to_string).collect();
    assert_eq!(written, ["127.0.0.1:53", "[::1]:53", "[::1]:5353"]);
    assert!(senders.verify && senders.dns_timeout.as_secs() == 5);
    refused("senders", r#"resolvers = ["dns.example.org"]"#, "the IP address of a resolver");
    refused("senders", r#"dns_timeout = "2m""#, "dns_timeout");
}

#[test]
fn photos_are_looked_at_in_stream_unless_told_otherwise() {
    let intake = parse(MINIMAL).unwrap().intake;
    assert_eq!((intake.picture_care, intake.max_photo_size), (PictureCare::Headers, 12 << 20));
    let intake = with("intake", "picture_care = \"sharpness\"").unwrap().intake;
    assert_eq!(intake.picture_care, PictureCare::Sharpness);
    refused("intake", "picture_care = \"all\"", "picture_care: \"all\" is not");
    refused("intake", "photo_budget = \"2 MiB\"", "less than max_photo_size");
}

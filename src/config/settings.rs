//! Every key of the configuration: its name, default and range, each once. `config/sealdrop.toml` says the same to the
//! admin, and a test holds the two together. Reads no file but the reply texts, and asks whether systemd handed over a
//! credential.

use super::{
    ClientReply, Config, Intake, Limits, Log, LogFormat, OpenPgp, PictureCare, Profile, Relay, Retention, Sandbox,
    SandboxMode, Senders, Smarthost, SmarthostTls, Smtp, StaffMail, Store, Subject, Tls,
    document::{Document, Section},
};
use crate::{
    envelope::Address,
    texts::{Texts, is_code},
};
use std::{
    net::{IpAddr, SocketAddr},
    path::{Component, Path, PathBuf},
    time::Duration,
};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// Reads all of it; what is wrong is noted in the document. `credentials` is the directory of systemd's credentials.
pub(super) fn read(document: &Document, file: &Path, credentials: Option<&Path>) -> Config {
    let relay = relay(&document.section("relay"));
    let smtp = smtp(&document.section("smtp"));
    let intake = intake(&document.section("intake"));
    let tls = tls(&document.section("tls"));
    let openpgp = openpgp(&document.section("openpgp"));
    let staff_mail = staff_mail(&document.section("staff_mail"), &relay, credentials);
    let client_reply = client_reply(&document.section("client_reply"), credentials);
    let senders = senders(&document.section("senders"));
    let retention = retention(&document.section("retention"), &staff_mail);
    let limits = limits(&document.section("limits"));
    let store = store(&document.section("store"), &relay, credentials);
    let sandbox = sandbox(&document.section("sandbox"));
    let log = log(&document.section("log"));
    let file = file.to_owned();
    Config {
        file,
        relay,
        smtp,
        intake,
        tls,
        openpgp,
        staff_mail,
        client_reply,
        senders,
        retention,
        limits,
        store,
        sandbox,
        log,
    }
}

fn relay(section: &Section) -> Relay {
    let domain = section.text("domain", "").to_lowercase();
    if !section.names("domain") {
        section.missing("domain", r#"missing; name the domain whose mail is ours, like "in.example.org""#);
    } else if !is_domain(&domain) {
        section.complain("domain", format!(r#"{domain:?} is not a domain; write it like "in.example.org""#));
    }
    let hostname = section.text("hostname", &format!("mx.{domain}")).to_lowercase();
    if section.names("hostname") && !is_domain(&hostname) {
        section.complain("hostname", format!(r#"{hostname:?} is not a host name; write it like "mx.in.example.org""#));
    }
    let data_dir = path(section, "data_dir", "data");
    let address = |text: &str| Address::parse(text).ok().map(|address| address.as_str().to_lowercase());
    let admins = section.list("admins", &[], r#"an email address; write it like "admin@example.org""#, address);
    Relay { domain, hostname, data_dir, admins }
}

fn smtp(section: &Section) -> Smtp {
    let socket = |text: &str| text.parse::<SocketAddr>().ok();
    let expected = r#"an IP address with a port; write it like "0.0.0.0:25" or "[::]:25""#;
    let smtp = Smtp {
        listen: section.list("listen", &["0.0.0.0:25"], expected, socket),
        listen_tls: section.list("listen_tls", &["0.0.0.0:465"], expected, socket),
        max_message_size: section.size("max_message_size", 50 * MIB, 64 * KIB..=GIB),
        max_connections: section.count("max_connections", 2_000, 1..=100_000),
        max_connections_per_address: section.count("max_connections_per_address", 30, 1..=100_000),
        max_recipients: section.count("max_recipients", 10, 1..=100),
        max_errors: section.count("max_errors", 10, 1..=1_000),
        max_unknown_recipients: section.count("max_unknown_recipients", 5, 1..=1_000),
        command_timeout: section.duration("command_timeout", 5 * MINUTE, SECOND..=HOUR),
        data_timeout: section.duration("data_timeout", 3 * MINUTE, SECOND..=HOUR),
        data_deadline: section.duration("data_deadline", 2 * HOUR, SECOND..=DAY),
        min_data_rate: section.size("min_data_rate", 8 * KIB, 0..=MIB),
        session_deadline: section.duration("session_deadline", 4 * HOUR, SECOND..=7 * DAY),
        max_hops: section.count("max_hops", 100, 5..=1_000),
    };
    if smtp.listen.is_empty() && smtp.listen_tls.is_empty() {
        section.complain(
            "listen",
            "both listen and listen_tls are empty, so no mail could come in; name an address in one",
        );
    }
    smtp
}

fn intake(section: &Section) -> Intake {
    let care = [("headers", PictureCare::Headers), ("sharpness", PictureCare::Sharpness)];
    let intake = Intake {
        picture_care: section.choice("picture_care", &care),
        max_photo_size: section.size("max_photo_size", 12 * MIB, 64 * KIB..=64 * MIB),
        photo_budget: section.size("photo_budget", 64 * MIB, MIB..=16 * GIB),
        photo_time: section.duration("photo_time", 3 * SECOND, SECOND..=MINUTE),
    };
    if intake.photo_budget < intake.max_photo_size {
        section.complain("photo_budget", "less than max_photo_size: a photo of that size could never be measured");
    }
    intake
}

fn tls(section: &Section) -> Tls {
    Tls { certificate: path(section, "certificate", "tls/cert.pem"), key: path(section, "key", "tls/key.pem") }
}

fn openpgp(section: &Section) -> OpenPgp {
    OpenPgp {
        profile: section.choice("profile", &[("compatible", Profile::Compatible), ("rfc9580", Profile::Rfc9580)]),
        recovery_certificate: section.path("recovery_certificate", ""),
    }
}

fn staff_mail(section: &Section, relay: &Relay, credentials: Option<&Path>) -> StaffMail {
    if !section.names("host") {
        section.missing("host", r#"missing; name the mail server of your staff, like "mail.example.org""#);
    }
    let credential = credential(credentials, "staff-mail-password");
    let from = section.text("from", &format!("intake@{}", relay.domain));
    if section.names("from") && Address::parse(&from).is_err() {
        section.complain("from", format!(r#"{from:?} is not an email address; write it like "intake@in.example.org""#));
    }
    StaffMail {
        smarthost: smarthost(section, credential),
        from,
        subject: section.choice("subject", &[("case", Subject::Case), ("hidden", Subject::Hidden)]),
        max_message_size: section.size("max_message_size", 20 * MIB, 64 * KIB..=GIB),
        workers: section.count("workers", 4, 1..=64),
        timeout: section.duration("timeout", 5 * MINUTE, SECOND..=HOUR),
        give_up_after: section.duration("give_up_after", 5 * DAY, MINUTE..=30 * DAY),
    }
}

fn client_reply(section: &Section, credentials: Option<&Path>) -> ClientReply {
    let another = smarthost(section, credential(credentials, "client-reply-password"));
    if another.host.is_empty() && section.names("username") {
        section.complain("username", "there is no host to log in to; name one in host, or leave username empty");
    }
    let texts_dir = section.path("texts", "");
    let (texts, sound) = texts(section, texts_dir.as_deref());
    let codes = texts.codes().join(", ");
    // A language whose file is broken has its own complaint.
    let known = |text: &str| texts.language(text).is_some() || !sound && is_code(text);
    let spoken = |text: &str| known(text).then(|| text.to_owned());
    let expected =
        format!("a language that clients can be answered in; those are {codes}, and a file in texts adds one");
    let reply = ClientReply {
        enabled: section.flag("enabled", true),
        languages: section.list("languages", &["en", "es"], &expected, spoken),
        texts,
        texts_dir,
        smarthost: (!another.host.is_empty()).then_some(another),
        min_interval: section.duration("min_interval", 10 * MINUTE, Duration::ZERO..=DAY),
        max_per_day: section.number("max_per_day", 5, 1..=1_000),
        max_per_hour: section.number("max_per_hour", 200, 1..=1_000_000),
    };
    if reply.languages.is_empty() {
        section.complain("languages", r#"names no language; write at least one, like ["en"]"#);
    }
    reply
}

fn senders(section: &Section) -> Senders {
    // A port other than 53 is named behind a colon.
    let resolver = |text: &str| text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)));
    let expected = r#"the IP address of a resolver; write it like "127.0.0.1" or "[::1]:5353""#;
    Senders {
        verify: section.flag("verify", true),
        dns_timeout: section.duration("dns_timeout", 5 * SECOND, SECOND..=MINUTE),
        resolvers: section.list("resolvers", &[], expected, resolver),
    }
}

/// The reply texts: the built-in ones, and those of the files in the directory that is named. False: some are broken.
fn texts(section: &Section, directory: Option<&Path>) -> (Texts, bool) {
    let Some(directory) = directory else { return (Texts::built_in(), true) };
    let (texts, problems) = Texts::read(directory);
    let sound = problems.is_empty();
    section.complain_elsewhere(problems);
    (texts, sound)
}

/// The keys that say how a mail server is reached. An empty host stands for none.
fn smarthost(section: &Section, credential: Option<PathBuf>) -> Smarthost {
    let host = section.text("host", "").to_lowercase();
    if !host.is_empty() && !is_domain(&host) && host.parse::<IpAddr>().is_err() {
        section
            .complain("host", format!(r#"{host:?} is not a host; write it like "mail.example.org", the port apart"#));
    }
    let ways =
        [("starttls", SmarthostTls::StartTls), ("implicit", SmarthostTls::Implicit), ("none", SmarthostTls::None)];
    let tls = section.choice("tls", &ways);
    if tls == SmarthostTls::None && !is_loopback(&host) {
        section.complain(
            "tls",
            r#""none" is for a server on this machine only (127.0.0.1, ::1, localhost); use "starttls""#,
        );
    }
    let usual = match tls {
        SmarthostTls::StartTls => 587,
        SmarthostTls::Implicit => 465,
        SmarthostTls::None => 25,
    };
    let port = u16::try_from(section.number("port", usual, 1..=65_535)).unwrap_or(587);
    Smarthost { host, port, tls, ca_file: section.path("ca_file", ""), login: login(section, credential) }
}

fn login(section: &Section, credential: Option<PathBuf>) -> Option<(String, PathBuf)> {
    let username = section.text("username", "");
    let named = section.path("password_file", "");
    if username.is_empty() {
        if named.is_some() {
            section.complain("password_file", "a password without a username; set username too, or leave both empty");
        }
        return None;
    }
    let password = credential.or(named);
    if password.is_none() {
        section.complain("username", "a username without a password; name the file that holds it in password_file");
    }
    Some((username, password?))
}

fn retention(section: &Section, staff_mail: &StaffMail) -> Retention {
    let originals = section.duration("originals", 30 * DAY, DAY..=100 * YEAR);
    if originals < staff_mail.give_up_after {
        let text =
            "shorter than [staff_mail] give_up_after: ciphertext would go while its delivery is still being tried";
        section.complain("originals", text);
    }
    Retention { originals, trail: section.duration("trail", 6 * YEAR, 30 * DAY..=100 * YEAR) }
}

fn limits(section: &Section) -> Limits {
    Limits {
        min_free_space: section.size("min_free_space", 512 * MIB, 0..=1_024 * GIB),
        max_arrivals: section.count("max_arrivals", 256, 1..=100_000),
        max_parts: section.count("max_parts", 1_000, 10..=100_000),
        max_depth: section.count("max_depth", 32, 2..=200),
    }
}

fn store(section: &Section, relay: &Relay, credentials: Option<&Path>) -> Store {
    section.choice("backend", &[("embedded", ())]);
    let named = path(section, "key_file", "at-rest.key");
    if let Some(credential) = credential(credentials, "at-rest-key") {
        return Store { key_file: credential };
    }
    if plain(&named).starts_with(plain(&relay.data_dir)) {
        let text =
            "the at-rest key would lie inside data_dir, so that a thief of that directory had both; keep it elsewhere";
        section.complain("key_file", text);
    }
    Store { key_file: named }
}

fn sandbox(section: &Section) -> Sandbox {
    let modes = [("required", SandboxMode::Required), ("available", SandboxMode::Available), ("off", SandboxMode::Off)];
    Sandbox { mode: section.choice("mode", &modes) }
}

fn log(section: &Section) -> Log {
    let levels = ["info", "error", "warn", "debug", "trace"].map(|level| (level, level));
    Log {
        format: section.choice("format", &[("text", LogFormat::Text), ("json", LogFormat::Json)]),
        level: section.choice("level", &levels).to_owned(),
    }
}

/// A path that cannot be left empty.
fn path(section: &Section, key: &'static str, default: &str) -> PathBuf {
    section.path(key, default).unwrap_or_else(|| {
        section.complain(key, format!("empty; name a path, like {default:?}"));
        PathBuf::new()
    })
}

/// The credential of this name, if systemd handed it over (systemd.exec(5), `LoadCredential=`).
fn credential(directory: Option<&Path>, name: &str) -> Option<PathBuf> {
    directory.map(|directory| directory.join(name)).filter(|file| file.exists())
}

/// Letters, digits and hyphens in labels of up to 63 (RFC 1123, section 2.1); other scripts in their `xn--` form.
fn is_domain(text: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label_ok)
}

/// Whether mail to `host` cannot leave this machine. Names other than `localhost` are not looked up.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The path without `.` and `..`, as it reads: nothing of it may exist yet.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

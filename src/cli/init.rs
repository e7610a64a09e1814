//! `sealdrop init`: writes a working set-up. Overwrites nothing; the configuration comes last, so that a set-up that was
//! interrupted is not taken for a whole one.

use super::{Failure, Globals, files, print};
use crate::{
    chance,
    clock::Clock,
    config::{Config, InitOptions, template},
    openpgp::RelayKey,
    secret::KEY_LENGTH,
    tls::{SelfSigned, make_self_signed},
};
use clap::Args;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

#[derive(Args)]
pub struct InitArgs {
    /// Where the set-up goes; created when it is not there
    dir: PathBuf,
    /// Mail to this domain is taken
    #[arg(long)]
    domain: String,
    /// What this machine is called in DNS, in its greeting and its certificate [default: mx.DOMAIN]
    #[arg(long)]
    hostname: Option<String>,
    /// Who is told when the relay needs help
    #[arg(long, value_name = "EMAIL")]
    admin: Option<String>,
    /// The staff's mail server, through which everything goes out
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port)]
    smarthost: Option<(String, u16)>,
}

/// Writes a set-up and says what comes next.
pub fn run(args: &InitArgs, globals: &Globals) -> Result<(), Failure> {
    let options = InitOptions {
        domain: args.domain.clone(),
        hostname: args.hostname.clone().unwrap_or_else(|| format!("mx.{}", args.domain)),
        admin: args.admin.clone(),
        smarthost: args.smarthost.clone(),
        listen: None,
        listen_tls: None,
    };
    let config = write(&args.dir, &template(&options))?;
    let records = dns_records(&config);
    if globals.json {
        return print::json(&serde_json::json!({ "config": config.file, "dns": records }));
    }
    print::out(&next_steps(&config, &records))
}

/// Writes a set-up with a configuration of this text into `dir`, and gives the configuration.
pub fn write(dir: &Path, text: &str) -> Result<Config, Failure> {
    let dir = std::path::absolute(dir).map_err(|_| Failure::usage("DIR is empty; name a directory"))?;
    let file = dir.join("sealdrop.toml");
    let config = Config::parse(text, &file)?;
    let now = Clock::system().now();
    let SelfSigned { certificate_pem, key_pem } = make_self_signed(&config.relay.hostname, now)
        .map_err(|error| Failure::usage(format!("{error}; choose another --hostname")))?;
    let relay_key = RelayKey::generate(&config.staff_mail.from, now);
    let relay_cert = dir.join("relay-cert.asc");
    let tls_key = &config.tls.key;
    nothing_there(&[
        &file,
        &config.store.key_file,
        &config.relay.data_dir,
        &relay_cert,
        &config.tls.certificate,
        tls_key,
    ])?;

    files::make_dir(&dir, 0o755)?;
    files::make_dir(&config.relay.data_dir, 0o700)?;
    files::make_dir(tls_key.parent().unwrap_or(&dir), 0o755)?;
    files::write_new(&config.store.key_file, 0o600, &fresh_at_rest_key())?;
    files::write_new(&config.relay.data_dir.join("relay-key.asc"), 0o600, &relay_key.to_armored())?;
    files::write_new(&relay_cert, 0o644, relay_key.certificate_armored().as_bytes())?;
    files::write_new(tls_key, 0o600, key_pem.as_bytes())?;
    files::write_new(&config.tls.certificate, 0o644, certificate_pem.as_bytes())?;
    files::write_new(&file, 0o644, text.as_bytes())?;
    Ok(config)
}

/// Refuses when any of these is there already.
fn nothing_there(paths: &[&Path]) -> Result<(), Failure> {
    match paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(path) => Err(Failure::failed(format!(
            "{} is there already, and nothing is overwritten; choose another directory or move it away",
            path.display()
        ))),
    }
}

/// A random at-rest key, as its file holds it: in hexadecimal, on a line.
fn fresh_at_rest_key() -> Zeroizing<Vec<u8>> {
    let key: Zeroizing<[u8; KEY_LENGTH]> = Zeroizing::new(chance::bytes());
    let mut text = Zeroizing::new(Vec::with_capacity(2 * KEY_LENGTH + 1));
    for byte in *key {
        text.extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
    }
    text.push(b'\n');
    text
}

/// The DNS records to publish, in the form of a zone file.
fn dns_records(config: &Config) -> Vec<String> {
    let (domain, hostname) = (&config.relay.domain, &config.relay.hostname);
    let (smarthost, from) = (&config.staff_mail.smarthost.host, &config.staff_mail.from);
    let from_domain = from.rsplit('@').next().unwrap_or(domain);
    let sender = match smarthost.parse::<IpAddr>() {
        // What the world sees is not that address.
        Ok(address) if address.is_loopback() => "ip4:THE-PUBLIC-ADDRESS-OF-YOUR-MAIL-SERVER".to_owned(),
        Ok(IpAddr::V4(address)) => format!("ip4:{address}"),
        Ok(IpAddr::V6(address)) => format!("ip6:{address}"),
        Err(_) => format!("a:{smarthost}"),
    };
    vec![
        format!("{domain}.  MX   10 {hostname}."),
        format!("{hostname}.  A    THE-PUBLIC-IPV4-ADDRESS-OF-THIS-MACHINE"),
        format!("{hostname}.  AAAA THE-PUBLIC-IPV6-ADDRESS-OF-THIS-MACHINE"),
        format!("{from_domain}.  TXT  \"v=spf1 {sender} -all\""),
        format!("_dmarc.{from_domain}.  TXT  \"v=DMARC1; p=reject\""),
    ]
}

fn next_steps(config: &Config, records: &[String]) -> String {
    let file = config.file.display();
    let dir = config.file.parent().unwrap_or(Path::new(".")).display();
    format!(
        "A set-up for {domain} is in {dir}. Keep a copy of {key} in a safe place.\n\
         Give {dir}/relay-cert.asc to the staff: their mail program verifies the relay's mail with it.\n\n\
         Next steps:\n\
         1. Look through {file}, the staff's mail server above all.\n\
         2. sealdrop --config {file} staff add EMAIL --key FILE\n\
         3. sealdrop --config {file} check, then `serve` in place of `check`\n\n\
         DNS records to publish (the AAAA record only if the machine has such an address):\n   {records}\n",
        domain = config.relay.domain,
        key = config.store.key_file.display(),
        records = records.join("\n   "),
    )
}

/// Parses `mail.example.org:587` or `[2001:db8::1]:587`.
fn host_and_port(text: &str) -> Result<(String, u16), String> {
    let parsed = text.rsplit_once(':').and_then(|(host, port)| {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let clear = !host.is_empty() && (bare.is_some() || !host.contains(':'));
        let port = port.parse().ok().filter(|port| *port != 0)?;
        clear.then(|| (bare.unwrap_or(host).to_owned(), port))
    });
    parsed.ok_or_else(|| "say HOST:PORT, such as mail.example.org:587".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smarthost_is_a_host_and_a_port() {
        assert_eq!(host_and_port("mail.example.org:587"), Ok(("mail.example.org".to_owned(), 587)));
        assert_eq!(host_and_port("[2001:db8::1]:465"), Ok(("2001:db8::1".to_owned(), 465)));
        for bad in ["mail.example.org", "2001:db8::1", ":587", "host:0", "host:99999", "host:"] {
            assert!(host_and_port(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_at_rest_key_is_64_hexadecimal_digits() {
        let key = fresh_at_rest_key();
        assert_eq!(key.len(), 65);
        assert!(key[..64].iter().all(u8::is_ascii_hexdigit));
        assert_ne!(*key, *fresh_at_rest_key());
    }
}

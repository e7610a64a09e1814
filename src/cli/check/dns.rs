//! What DNS says about the domain: MX (RFC 5321, section 5), the host's addresses, SPF (RFC 7208) of the domain that the
//! relay's own mail is from; and whether the resolvers answer that senders are verified with. A question that gets no answer is a warning: it tells nothing about the set-up.

use super::Finding;
use crate::{config::Config, senders::Verifier};
use hickory_resolver::{
    TokioResolver,
    net::NetError,
    proto::rr::{RData, RecordType},
};

/// What DNS says.
pub async fn findings(config: &Config) -> Vec<Finding> {
    let built = TokioResolver::builder_tokio().and_then(|mut builder| {
        builder.options_mut().timeout = std::time::Duration::from_secs(3);
        builder.options_mut().attempts = 1;
        builder.build()
    });
    let resolver = match built {
        Ok(resolver) => resolver,
        Err(error) => return vec![not_asked(&error)],
    };
    let (domain, hostname) = (&config.relay.domain, &config.relay.hostname);
    let from = config.staff_mail.from.rsplit('@').next().unwrap_or(domain);
    vec![
        mx(&resolver, domain, hostname).await,
        addresses(&resolver, hostname).await,
        spf(&resolver, from).await,
        senders(config).await,
    ]
}

/// Whether senders can be verified.
async fn senders(config: &Config) -> Finding {
    if !config.senders.verify {
        return Finding::warning(
            "senders",
            "are not verified: staff cannot tell a forgery; set [senders] verify = true",
        );
    }
    match Verifier::new(&config.senders, &config.relay.hostname) {
        Err(error) => Finding::problem("senders", error.to_string()),
        Ok(verifier) if verifier.is_answered(&config.relay.domain).await => {
            Finding::ok("senders", "are verified (SPF, DKIM, DMARC)")
        }
        Ok(_) => Finding::warning(
            "senders",
            "cannot be verified while no resolver answers, and each mail waits [senders] dns_timeout: look at [senders] \
             resolvers or /etc/resolv.conf",
        ),
    }
}

async fn mx(resolver: &TokioResolver, domain: &str, hostname: &str) -> Finding {
    let wanted = format!("`{domain}. MX 10 {hostname}.`");
    match records(resolver, domain, RecordType::MX).await {
        Err(error) => not_asked(&error),
        Ok(found) if found.is_empty() => {
            Finding::problem("DNS", format!("{domain} has no MX record: publish {wanted}"))
        }
        Ok(found) => {
            let ours = found.iter().any(|record| match record {
                RData::MX(mx) => mx.exchange.to_ascii().trim_end_matches('.').eq_ignore_ascii_case(hostname),
                _ => false,
            });
            match ours {
                true => Finding::ok("DNS", format!("mail to {domain} goes to {hostname}")),
                false => Finding::problem("DNS", format!("mail to {domain} goes to another host: publish {wanted}")),
            }
        }
    }
}

async fn addresses(resolver: &TokioResolver, hostname: &str) -> Finding {
    match resolver.lookup_ip(format!("{hostname}.")).await {
        Ok(found) => {
            let found: Vec<_> = found.iter().map(|address| address.to_string()).collect();
            Finding::ok("DNS", format!("{hostname} is {}", found.join(", ")))
        }
        Err(error) if error.is_no_records_found() || error.is_nx_domain() => {
            Finding::problem("DNS", format!("{hostname} has no address: publish an A or AAAA record"))
        }
        Err(error) => not_asked(&error),
    }
}

async fn spf(resolver: &TokioResolver, from: &str) -> Finding {
    match records(resolver, from, RecordType::TXT).await {
        Err(error) => not_asked(&error),
        Ok(found) => {
            let is_spf = |record: &RData| matches!(record, RData::TXT(text) if text.to_string().starts_with("v=spf1"));
            match found.iter().any(is_spf) {
                true => Finding::ok("DNS", format!("{from} has an SPF record")),
                false => {
                    let text = format!(
                        "{from} has no SPF record: confirmations may be taken for spam; publish one that names the mail server"
                    );
                    Finding::warning("DNS", text)
                }
            }
        }
    }
}

/// The records of a name; none when the name or the type is not there.
async fn records(resolver: &TokioResolver, name: &str, of: RecordType) -> Result<Vec<RData>, NetError> {
    match resolver.lookup(format!("{name}."), of).await {
        Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
        Err(error) if error.is_no_records_found() || error.is_nx_domain() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn not_asked(error: &NetError) -> Finding {
    Finding::warning(
        "DNS",
        format!("could not be asked ({error}): look at /etc/resolv.conf and the network, then check again"),
    )
}

//! Asks DNS about the sender of one message while that comes in: SPF from the start, signatures and policy from when the
//! header is whole, all at once. After the end of data it waits for what is still open, but never past its deadline.
//! Nothing that DNS says or does not say fails here: what has no answer is unknown.

use super::{
    Evidence, Header, Verification,
    header::{Claim, plain_domain},
    judge::{Answers, Dmarc, Outcome, Policy},
};
use crate::{
    config,
    envelope::{Envelope, ReversePath},
};
use hickory_resolver::{
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    system_conf::read_system_conf,
};
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, DnsError, Error, MessageAuthenticator,
    SpfOutput, SpfResult, dkim::Signature, dmarc, dmarc::verify::DmarcParameters, spf::verify::SpfParameters,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

/// How long one question may wait for its answer before it is asked again.
const ONE_QUESTION: Duration = Duration::from_secs(2);
/// Answers that are kept, each of 64 KiB at the very most.
const KEPT_ANSWERS: u64 = 1024;
/// The longest that an answer is kept, and that a missing one is believed to be missing.
const KEPT_FOR: Duration = Duration::from_secs(3600);
const MISSING_FOR: Duration = Duration::from_secs(300);

/// There is no DNS to ask: the system names no resolver.
#[derive(Debug, thiserror::Error)]
#[error("no DNS resolver can be used: name one in [senders] resolvers, or in /etc/resolv.conf")]
pub struct ResolverError;

/// Asks about senders, with one cache for all messages. Must be made within a tokio runtime.
pub struct Verifier {
    dns: MessageAuthenticator,
    timeout: Duration,
    /// What SPF's macros call us.
    hostname: String,
}

/// The questions about one message. Dropped, they are asked no further.
pub struct Inquiry {
    verifier: Arc<Verifier>,
    /// The domain that SPF is asked about.
    envelope: Option<String>,
    author: Option<String>,
    /// The header could not be examined whole.
    unread: bool,
    claims: Vec<Claim>,
    open: JoinSet<Answer>,
}

/// The answer to one question.
enum Answer {
    Spf(SpfResult),
    /// By its place among the claims.
    Signature(usize, Outcome),
    /// The policy is in the cache now; it is applied when all else is known.
    Policy,
}

impl Verifier {
    /// With the resolvers of the configuration, or else the system's.
    pub fn new(settings: &config::Senders, hostname: &str) -> Result<Self, ResolverError> {
        let (resolvers, mut options) = match settings.resolvers.as_slice() {
            [] => read_system_conf().map_err(|_| ResolverError)?,
            some => {
                let servers = some.iter().map(name_server).collect();
                (ResolverConfig::from_parts(None, Vec::new(), servers), ResolverOpts::default())
            }
        };
        options.timeout = settings.dns_timeout.min(ONE_QUESTION);
        options.attempts = 2;
        options.cache_size = KEPT_ANSWERS;
        options.positive_max_ttl = Some(KEPT_FOR);
        options.negative_max_ttl = Some(MISSING_FOR);
        let dns = MessageAuthenticator::new(resolvers, options).map_err(|_| ResolverError)?;
        Ok(Self { dns, timeout: settings.dns_timeout, hostname: hostname.to_owned() })
    }

    /// Whether a resolver answers at all, whatever it says about this domain. Waits no longer than for a message.
    pub async fn is_answered(&self, domain: &str) -> bool {
        let asked = self.dns.txt_raw_lookup(format!("{domain}."));
        match tokio::time::timeout(self.timeout, asked).await {
            Ok(Ok(_)) | Ok(Err(Error::Dns(DnsError::RecordNotFound(_)))) => true,
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Begins to ask about a message, with SPF. Must be called within a tokio runtime.
    pub fn begin(self: &Arc<Self>, envelope: &Envelope) -> Inquiry {
        let sender = match &envelope.reverse_path {
            ReversePath::Null => None,
            ReversePath::Mailbox(address) => Some(Zeroizing::new(address.as_str().to_owned())),
        };
        let domain = match &envelope.reverse_path {
            // RFC 7208, section 2.4: the name in EHLO stands for a null reverse-path.
            ReversePath::Null => plain_domain(&envelope.hello),
            ReversePath::Mailbox(address) => plain_domain(address.domain()),
        };
        let mut open = JoinSet::new();
        if domain.is_some() {
            let (verifier, peer, hello) = (self.clone(), envelope.peer.to_canonical(), envelope.hello.clone());
            open.spawn(async move {
                let question = match &sender {
                    None => SpfParameters::verify_ehlo(peer, &hello, &verifier.hostname),
                    Some(sender) => SpfParameters::verify_mail_from(peer, &hello, &verifier.hostname, sender),
                };
                Answer::Spf(verifier.dns.verify_spf(question).await.result())
            });
        }
        Inquiry { verifier: self.clone(), envelope: domain, author: None, unread: false, claims: Vec::new(), open }
    }

    /// Whether the signature holds, should the body be what it says.
    async fn verify(&self, header: &Header, claim: &Claim) -> Outcome {
        let Some(message) = header.with_only(claim) else { return Outcome::Unknown };
        let outputs = self.dns.verify_dkim(&message.0).await;
        match outputs.first().map(DkimOutput::result) {
            Some(DkimResult::Pass) => Outcome::Pass,
            Some(DkimResult::TempError(_)) => Outcome::Unknown,
            _ => Outcome::Fail,
        }
    }

    /// Asks DMARC about the author's domain (RFC 9989, section 4.10), given what SPF and the signatures came to.
    async fn policy(&self, author: &str, envelope: &str, spf: SpfResult, signatures: &[(String, Outcome)]) -> Dmarc {
        let message = AuthenticatedMessage { from: vec![format!("author@{author}")], ..Default::default() };
        let signed: Vec<(Signature, Outcome)> = signatures
            .iter()
            .map(|(domain, outcome)| (Signature { d: domain.clone(), ..Default::default() }, *outcome))
            .collect();
        let outputs: Vec<DkimOutput> = signed
            .iter()
            .map(|(signature, outcome)| match outcome {
                Outcome::Pass => DkimOutput::pass().with_signature(signature),
                Outcome::Fail => DkimOutput::fail(Error::NotAligned).with_signature(signature),
                Outcome::Unknown => DkimOutput::temp_err(no_answer()).with_signature(signature),
            })
            .collect();
        let spf_output = SpfOutput::new(envelope.to_owned()).with_result(spf);
        let question = DmarcParameters {
            message: &message,
            dkim_output: &outputs,
            dkim2_output: None,
            rfc5321_mail_from_domain: envelope,
            spf_output: &spf_output,
        };
        dmarc_of(&self.dns.verify_dmarc(question).await)
    }
}

impl Inquiry {
    /// The header is whole: asks about its signatures and the author's policy.
    pub fn header(&mut self, header: Header) {
        self.unread = !header.is_whole();
        let Some(author) = header.author().map(str::to_owned) else { return };
        self.claims = header.claims().to_vec();
        let header = Arc::new(header);
        for (place, claim) in self.claims.iter().cloned().enumerate() {
            let (verifier, header) = (self.verifier.clone(), header.clone());
            self.open.spawn(async move { Answer::Signature(place, verifier.verify(&header, &claim).await) });
        }
        let (verifier, asked) = (self.verifier.clone(), author.clone());
        self.open.spawn(async move {
            verifier.policy(&asked, "", SpfResult::None, &[]).await;
            Answer::Policy
        });
        self.author = Some(author);
    }

    /// The message is over: waits for what is still open, for as long as the configuration allows and no longer.
    pub async fn conclude(mut self, evidence: Evidence) -> Verification {
        if let Some(header) = evidence.header {
            self.header(header);
        }
        self.unread |= evidence.lost;
        let deadline = Instant::now() + self.verifier.timeout;
        let asked = self.envelope.is_some();
        let mut spf = if asked { SpfResult::TempError } else { SpfResult::None };
        let mut outcomes = vec![Outcome::Unknown; self.claims.len()];
        while let Ok(Some(answer)) = timeout_at(deadline, self.open.join_next()).await {
            match answer {
                Ok(Answer::Spf(result)) => spf = result,
                Ok(Answer::Signature(place, outcome)) => outcomes[place] = outcome,
                // A question that failed has no answer.
                Ok(Answer::Policy) | Err(_) => {}
            }
        }
        let signatures: Vec<(String, Outcome)> = self
            .claims
            .iter()
            .zip(outcomes)
            .map(|(claim, outcome)| {
                let outcome = if evidence.body.bear_out(claim) { outcome } else { Outcome::Fail };
                (claim.domain.clone(), outcome)
            })
            .collect();
        let envelope = self.envelope.as_deref().unwrap_or_default();
        let dmarc = match &self.author {
            None => Dmarc::NoRecord,
            Some(author) => {
                let asked = self.verifier.policy(author, envelope, spf, &signatures);
                timeout_at(deadline, asked).await.unwrap_or(Dmarc::Unknown)
            }
        };
        let Self { author, envelope, unread, .. } = self;
        Verification::of(Answers { author, spf, envelope, signatures, dmarc, unread })
    }
}

fn dmarc_of(output: &DmarcOutput) -> Dmarc {
    let policy = match output.policy() {
        dmarc::Policy::Reject => Policy::Reject,
        dmarc::Policy::Quarantine => Policy::Quarantine,
        dmarc::Policy::None | dmarc::Policy::Unspecified => Policy::None,
    };
    match output.result() {
        DmarcResult::Pass => Dmarc::Pass(policy),
        DmarcResult::Fail(_) => Dmarc::Fail(policy),
        DmarcResult::None => Dmarc::NoRecord,
        DmarcResult::TempError(_) | DmarcResult::PermError(_) => Dmarc::Unknown,
    }
}

fn no_answer() -> Error {
    Error::Dns(DnsError::Resolver(String::new()))
}

fn name_server(at: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    server.connections.iter_mut().for_each(|connection| connection.port = at.port());
    server
}

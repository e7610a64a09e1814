//! How much one peer may ask of us: connections, errors, slowness. Pure but for the count of connections.
//! Must never keep or log a peer's address longer than its connection lives.

use crate::config::Smtp;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// An unknown recipient's reply waits this much longer for each that came before it in the session.
const TARPIT_STEP: Duration = Duration::from_millis(200);
/// And never longer than this.
const TARPIT_MOST: Duration = Duration::from_secs(3);

/// Counts connections, in all and from each address. Clones count together.
#[derive(Clone, Default)]
pub struct Slots(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    all: usize,
    from: HashMap<IpAddr, usize>,
}

/// A place for one connection; given back when dropped.
pub struct Slot {
    slots: Slots,
    origin: IpAddr,
}

impl Slots {
    /// A place for a connection from `peer`; None when there are too many already.
    pub fn admit(&self, peer: IpAddr, limits: &Smtp) -> Option<Slot> {
        let origin = origin(peer);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let from = counts.from.get(&origin).copied().unwrap_or(0);
        if counts.all >= limits.max_connections || from >= limits.max_connections_per_address {
            return None;
        }
        counts.all += 1;
        counts.from.insert(origin, from + 1);
        Some(Slot { slots: self.clone(), origin })
    }

    /// Connections at this moment.
    pub fn taken(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        let left = counts.from.get_mut(&self.origin).map(|from| {
            *from -= 1;
            *from
        });
        if left == Some(0) {
            counts.from.remove(&self.origin);
        }
    }
}

/// What counts as one address: an IPv4 address, or a whole IPv6 /64, which is what one customer has.
fn origin(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// Too many errors or unknown recipients: the session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misbehaved;

/// How a peer behaved in one session.
#[derive(Default)]
pub struct Conduct {
    errors: usize,
    unknown: usize,
}

impl Conduct {
    /// Counts an error.
    pub fn error(&mut self, limits: &Smtp) -> Result<(), Misbehaved> {
        self.errors += 1;
        if self.errors > limits.max_errors { Err(Misbehaved) } else { Ok(()) }
    }

    /// Counts a recipient that is not ours, and says how long its reply waits: nothing for the first, so that a slip costs
    /// nothing, then more and more, so that guessing does.
    pub fn unknown_recipient(&mut self, limits: &Smtp) -> Result<Duration, Misbehaved> {
        let before = u32::try_from(self.unknown).unwrap_or(u32::MAX);
        self.unknown += 1;
        if self.unknown > limits.max_unknown_recipients {
            return Err(Misbehaved);
        }
        Ok(TARPIT_STEP.saturating_mul(before).min(TARPIT_MOST))
    }
}

/// The data comes in too slowly, or took too long in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSlow;

/// How fast one message comes in. Only the time in which we waited for the peer counts against its rate.
pub struct Pace {
    began: Instant,
    waited: Duration,
    bytes: u64,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self { began: now, waited: Duration::ZERO, bytes: 0 }
    }

    /// `bytes` came after waiting for `waited`.
    pub fn came(&mut self, bytes: usize, waited: Duration) {
        self.bytes += bytes as u64;
        self.waited += waited;
    }

    /// Until when the next bytes must come.
    pub fn deadline(&self, now: Instant, limits: &Smtp) -> Result<Instant, TooSlow> {
        let end = self.began + limits.data_deadline;
        let counts = self.waited > limits.data_timeout;
        // bytes / waited < rate, without dividing.
        let too_slow =
            counts && u128::from(self.bytes) * 1000 < u128::from(limits.min_data_rate) * self.waited.as_millis();
        if too_slow || now >= end { Err(TooSlow) } else { Ok(end.min(now + limits.data_timeout)) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::smtp) fn limits() -> Smtp {
        Smtp {
            listen: Vec::new(),
            listen_tls: Vec::new(),
            max_message_size: 1000,
            max_connections: 3,
            max_connections_per_address: 2,
            max_recipients: 2,
            max_errors: 2,
            max_unknown_recipients: 3,
            command_timeout: Duration::from_secs(60),
            data_timeout: Duration::from_secs(10),
            data_deadline: Duration::from_secs(100),
            min_data_rate: 100,
            session_deadline: Duration::from_secs(600),
            max_hops: 30,
        }
    }

    #[test]
    fn connections_are_counted_in_all_and_from_each_network() {
        let slots = Slots::default();
        let admit = |peer: &str| slots.admit(peer.parse().unwrap(), &limits());
        let first = admit("2001:db8::1").unwrap();
        let second = admit("2001:db8::ffff:0:0:2").unwrap();
        assert!(admit("2001:db8::3").is_none(), "the same /64");
        let third = admit("2001:db8:0:1::1").unwrap();
        assert!(admit("192.0.2.1").is_none(), "three in all");
        drop((first, second));
        let fourth = admit("192.0.2.1").unwrap();
        let _fifth = admit("::ffff:192.0.2.1").unwrap();
        drop(third);
        assert!(admit("192.0.2.1").is_none(), "a mapped address is the same one");
        drop(fourth);
        assert_eq!(slots.taken(), 1);
        assert_eq!(slots.0.lock().unwrap().from.len(), 1, "no address is kept");
    }

    #[test]
    fn guessing_gets_slower_and_then_ends() {
        let mut conduct = Conduct::default();
        assert_eq!(conduct.unknown_recipient(&limits()), Ok(Duration::ZERO));
        assert_eq!(conduct.unknown_recipient(&limits()), Ok(TARPIT_STEP));
        assert_eq!(conduct.unknown_recipient(&limits()), Ok(TARPIT_STEP * 2));
        assert_eq!(conduct.unknown_recipient(&limits()), Err(Misbehaved));
        assert_eq!([(); 3].map(|()| conduct.error(&limits())), [Ok(()), Ok(()), Err(Misbehaved)]);
        let patient = Smtp { max_unknown_recipients: usize::MAX, ..limits() };
        conduct.unknown = usize::MAX - 1;
        assert_eq!(conduct.unknown_recipient(&patient), Ok(TARPIT_MOST));
    }

    #[test]
    fn slow_data_ends_and_our_own_slowness_does_not_count() {
        let start = Instant::now();
        let seconds = Duration::from_secs;
        let mut pace = Pace::new(start);
        assert_eq!(pace.deadline(start, &limits()), Ok(start + seconds(10)));
        pace.came(10, seconds(9));
        assert!(pace.deadline(start + seconds(9), &limits()).is_ok(), "too early to tell");
        assert!(pace.deadline(start + seconds(50), &limits()).is_ok(), "we were slow");
        pace.came(10, seconds(9));
        assert_eq!(pace.deadline(start + seconds(59), &limits()), Err(TooSlow));
        pace.came(10_000, seconds(1));
        assert_eq!(pace.deadline(start + seconds(95), &limits()), Ok(start + seconds(100)));
        assert_eq!(pace.deadline(start + seconds(100), &limits()), Err(TooSlow));
    }
}

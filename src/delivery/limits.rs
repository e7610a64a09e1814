//! How many confirmations may go out: one a sender and case in some minutes, a few a sender in a day, and a cap over
//! all (mail-rules, section 3). Nothing here knows an address: ledgers go by keyed tags.
//!
//! A ledger is read before a confirmation and written with its outcome, so nobody else may confirm to the same sender
//! in between: that is a [`Turn`]. The cap over all is counted in memory, where every turn in progress is seen, and is
//! written down for the next start.

use crate::{
    clock::Timestamp,
    config::ClientReply,
    digest::Digest,
    envelope::Address,
    intake::Withhold,
    secret::AtRestKey,
    store::{Change, ReplyLedger},
};
use std::{
    collections::HashSet,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The names of the ledgers that a confirmation touches.
#[derive(Clone, Copy)]
pub struct Keys {
    pub pair: Digest,
    pub sender: Digest,
    pub everybody: Digest,
}

impl Keys {
    /// The ledgers of `sender`, whose letters may be of either case, and of the case.
    pub fn new(at_rest: &AtRestKey, sender: &Address, case: &str) -> Self {
        let sender = zeroize::Zeroizing::new(sender.as_str().to_lowercase());
        let pair = zeroize::Zeroizing::new(format!("{}\0{case}", *sender));
        Self {
            pair: at_rest.tag("sender+case", pair.as_bytes()),
            sender: at_rest.tag("sender", sender.as_bytes()),
            everybody: at_rest.tag("everybody", b""),
        }
    }
}

/// The name of the ledger of one sender: what an admin's unblocking goes by.
pub fn sender_tag(at_rest: &AtRestKey, sender: &Address) -> Digest {
    Keys::new(at_rest, sender, "").sender
}

/// The ledgers of one sender, as they stand.
pub struct Ledgers {
    pub pair: ReplyLedger,
    pub sender: ReplyLedger,
    pub everybody: ReplyLedger,
}

impl Ledgers {
    /// Why this sender gets no confirmation now, if so.
    pub fn withhold(&self, limits: &ClientReply, now: Timestamp) -> Option<Withhold> {
        let today = self.sender.sent.iter().filter(|&&sent| now.since(sent) < DAY).count();
        if self.sender.blocked {
            Some(Withhold::Bounced)
        } else if self.pair.sent.last().is_some_and(|&sent| now.since(sent) < limits.min_interval) {
            Some(Withhold::TooSoon)
        } else if today >= limits.max_per_day as usize {
            Some(Withhold::Limit)
        } else {
            None
        }
    }

    /// What to write when a confirmation was withheld: its documents are counted into the next, and so is whether the client
    /// is to send something of it `again`.
    pub fn carry(mut self, keys: Keys, documents: u32, again: bool) -> Vec<Change> {
        if documents == 0 && !again {
            return Vec::new();
        }
        self.pair.earlier |= again;
        self.pair.carried = self.pair.carried.saturating_add(documents);
        vec![Change::PutLedger { key: keys.pair, ledger: self.pair }]
    }

    /// What to write when a confirmation was sent.
    pub fn sent(mut self, keys: Keys, limits: &ClientReply, now: Timestamp, everybody: ReplyLedger) -> Vec<Change> {
        self.pair.carried = 0;
        self.pair.earlier = false;
        record(&mut self.pair, now, DAY.max(limits.min_interval));
        record(&mut self.sender, now, DAY);
        vec![
            Change::PutLedger { key: keys.pair, ledger: self.pair },
            Change::PutLedger { key: keys.sender, ledger: self.sender },
            Change::PutLedger { key: keys.everybody, ledger: everybody },
        ]
    }

    /// What to write when a confirmation bounced: no more to this sender. It counts under the cap over all like one that was
    /// sent: a stranger who forges senders must not make us try without end.
    pub fn bounced(mut self, keys: Keys, everybody: ReplyLedger) -> Vec<Change> {
        self.sender.blocked = true;
        vec![
            Change::PutLedger { key: keys.sender, ledger: self.sender },
            Change::PutLedger { key: keys.everybody, ledger: everybody },
        ]
    }
}

fn record(ledger: &mut ReplyLedger, now: Timestamp, keep: Duration) {
    ledger.sent.retain(|&sent| now.since(sent) < keep);
    ledger.sent.push(now);
}

/// Whose turn it is. Clones share it.
#[derive(Clone, Default)]
pub struct Replies(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Rung whenever a turn ends.
    ended: Notify,
}

#[derive(Default)]
struct State {
    /// Senders that are being confirmed to.
    busy: HashSet<Digest>,
    /// Confirmations of the last hour, sent or on their way; None before the stored ledger was seen.
    hour: Option<Vec<Timestamp>>,
}

impl Replies {
    /// The turn to confirm to `sender`; None while somebody else has it.
    pub fn turn(&self, sender: Digest) -> Option<Turn> {
        let free = self.state().busy.insert(sender);
        free.then(|| Turn { replies: self.clone(), sender, reserved: None })
    }

    /// The turn to confirm to `sender` once nobody else has it: a mail to two cases makes two confirmations at once. None when
    /// that takes longer than `patience`.
    pub async fn await_turn(&self, sender: Digest, patience: Duration) -> Option<Turn> {
        let wait = async {
            loop {
                // Listened for before the look, so that a turn which ends in between is not missed.
                let mut ended = pin!(self.0.ended.notified());
                ended.as_mut().enable();
                if let Some(turn) = self.turn(sender) {
                    return turn;
                }
                ended.await;
            }
        };
        tokio::time::timeout(patience, wait).await.ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn to confirm to one sender. Ends when it is dropped, and then gives back its place under the cap unless the
/// confirmation was sent.
pub struct Turn {
    replies: Replies,
    sender: Digest,
    reserved: Option<Timestamp>,
}

impl Turn {
    /// Takes a place under the cap over all; false when there is none. `stored` is the ledger of everybody.
    pub fn reserve(&mut self, stored: &ReplyLedger, limits: &ClientReply, now: Timestamp) -> bool {
        let mut state = self.replies.state();
        let hour = state.hour.get_or_insert_with(|| stored.sent.clone());
        hour.retain(|&sent| now.since(sent) < HOUR);
        let free = hour.len() < limits.max_per_hour as usize;
        if free {
            hour.push(now);
            self.reserved = Some(now);
        }
        free
    }

    /// The confirmation was sent, or bounced: the place stays taken. Gives the ledger of everybody to be written.
    pub fn used(&mut self) -> ReplyLedger {
        self.reserved = None;
        ReplyLedger { sent: self.replies.state().hour.clone().unwrap_or_default(), ..ReplyLedger::default() }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.replies.state();
        state.busy.remove(&self.sender);
        self.replies.0.ended.notify_waiters();
        if let (Some(reserved), Some(hour)) = (self.reserved, &mut state.hour)
            && let Some(place) = hour.iter().position(|&sent| sent == reserved)
        {
            hour.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> ClientReply {
        let min_interval = Duration::from_secs(600);
        let (languages, texts) = (Vec::new(), crate::texts::Texts::built_in());
        ClientReply {
            enabled: true,
            languages,
            texts,
            texts_dir: None,
            smarthost: None,
            min_interval,
            max_per_day: 5,
            max_per_hour: 3,
        }
    }

    fn at(minutes: u64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000).plus(Duration::from_secs(60 * minutes))
    }

    fn ledger(sent: &[u64]) -> ReplyLedger {
        ReplyLedger { sent: sent.iter().map(|&minutes| at(minutes)).collect(), ..ReplyLedger::default() }
    }

    fn ledgers(pair: &[u64], sender: &[u64]) -> Ledgers {
        Ledgers { pair: ledger(pair), sender: ledger(sender), everybody: ReplyLedger::default() }
    }

    fn keys() -> Keys {
        let sender = Address::parse("ana@example.org").unwrap();
        Keys::new(&AtRestKey::new(&[7; 32]), &sender, "river-tiger-42")
    }

    #[test]
    fn one_in_ten_minutes_and_five_a_day() {
        let limits = limits();
        assert_eq!(ledgers(&[], &[]).withhold(&limits, at(0)), None);
        assert_eq!(ledgers(&[0], &[0]).withhold(&limits, at(9)), Some(Withhold::TooSoon));
        assert_eq!(ledgers(&[0], &[0]).withhold(&limits, at(10)), None);
        // Another case of the same sender is not too soon.
        assert_eq!(ledgers(&[], &[0]).withhold(&limits, at(1)), None);
        let five = [0, 10, 20, 30, 40];
        assert_eq!(ledgers(&[], &five).withhold(&limits, at(50)), Some(Withhold::Limit));
        assert_eq!(ledgers(&[], &five).withhold(&limits, at(24 * 60)), None);
    }

    #[test]
    fn a_clock_that_was_set_back_opens_no_gate() {
        assert_eq!(ledgers(&[60], &[60]).withhold(&limits(), at(0)), Some(Withhold::TooSoon));
    }

    #[test]
    fn a_bounce_ends_it() {
        let changes = ledgers(&[], &[]).bounced(keys(), ledger(&[7]));
        let [Change::PutLedger { key, ledger }, Change::PutLedger { key: cap, ledger: everybody }] = &changes[..]
        else {
            panic!("{changes:?}")
        };
        assert_eq!((*key, *cap), (keys().sender, keys().everybody));
        assert_eq!(everybody.sent, [at(7)], "a bounce takes a place under the cap");
        let blocked = Ledgers { sender: ledger.clone(), ..ledgers(&[], &[]) };
        assert_eq!(blocked.withhold(&limits(), at(9999)), Some(Withhold::Bounced));
    }

    #[test]
    fn what_was_carried_is_kept_until_it_is_told() {
        let changes = ledgers(&[0], &[0]).carry(keys(), 3, true);
        let [Change::PutLedger { ledger, .. }] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((ledger.carried, ledger.earlier), (3, true));
        let next = Ledgers { pair: ledger.clone(), ..ledgers(&[], &[]) };
        let changes = next.sent(keys(), &limits(), at(11), ReplyLedger::default());
        let [Change::PutLedger { key, ledger }, ..] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((*key, ledger.carried, ledger.earlier), (keys().pair, 0, false));
        assert_eq!(ledger.sent, [at(0), at(11)]);
        assert!(ledgers(&[0], &[0]).carry(keys(), 0, false).is_empty());
    }

    #[test]
    fn a_senders_letters_may_be_of_either_case() {
        let other = Address::parse("ANA@Example.org").unwrap();
        let other = Keys::new(&AtRestKey::new(&[7; 32]), &other, "river-tiger-42");
        assert_eq!((other.pair, other.sender), (keys().pair, keys().sender));
        assert_ne!(other.pair, other.sender);
    }

    #[tokio::test]
    async fn who_waits_gets_the_turn_when_it_ends() {
        let (replies, sender) = (Replies::default(), Digest([1; 32]));
        let turn = replies.turn(sender).unwrap();
        assert!(replies.await_turn(sender, Duration::from_millis(1)).await.is_none(), "it never ended");
        let (waited, ()) = tokio::join!(replies.await_turn(sender, Duration::from_secs(5)), async { drop(turn) });
        assert!(waited.is_some());
    }

    #[test]
    fn a_sender_has_one_turn_at_a_time() {
        let replies = Replies::default();
        let turn = replies.turn(keys().sender).unwrap();
        assert!(replies.turn(keys().sender).is_none());
        assert!(replies.turn(keys().pair).is_some());
        drop(turn);
        assert!(replies.turn(keys().sender).is_some());
    }

    #[test]
    fn the_cap_counts_what_is_on_its_way_and_forgets_what_was_not_sent() {
        let (replies, limits, stored) = (Replies::default(), limits(), ledger(&[0]));
        let mut turns: Vec<Turn> = (1..=3u8).map(|n| replies.turn(Digest([n; 32])).unwrap()).collect();
        assert!(turns[0].reserve(&stored, &limits, at(1)));
        assert!(turns[1].reserve(&stored, &limits, at(1)));
        assert!(!turns[2].reserve(&stored, &limits, at(1)));
        assert_eq!(turns[0].used().sent, [at(0), at(1), at(1)]);
        drop(turns.remove(1));
        let mut third = turns.pop().unwrap();
        assert!(third.reserve(&stored, &limits, at(2)));
        assert_eq!(third.used().sent, [at(0), at(1), at(2)]);
        drop(third);
        let mut later = replies.turn(Digest([9; 32])).unwrap();
        assert!(!later.reserve(&stored, &limits, at(59)));
        assert!(later.reserve(&stored, &limits, at(60)));
    }
}

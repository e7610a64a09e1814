//! The desk: carries out what admins ask, one request at a time, whether it comes over the socket or from this process.

use super::{Data, Refusal, Request, Response};
use crate::{
    audit::{Actor, Event},
    clock::Timestamp,
    envelope::Address,
    queue::JobId,
    site::Site,
    store::Change,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Carries out requests on one installation.
pub struct Desk {
    pub(super) site: Site,
    /// Wakes the delivery loop when mail became due.
    wake: Arc<Notify>,
    /// Requests read and then change: two at once could each undo the other.
    turn: Mutex<()>,
}

impl Desk {
    /// A desk for `site`. `wake` is notified when a request makes mail due at once.
    pub fn new(site: Site, wake: Arc<Notify>) -> Self {
        Self { site, wake, turn: Mutex::new(()) }
    }

    /// Carries out one request for `actor`. Blocks on the disk. After a refusal nothing is changed.
    pub fn handle(&self, actor: Actor, request: Request) -> Result<Response, Refusal> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        match request {
            Request::Staff(request) => self.staff(&actor, request).map(Response::from),
            Request::Key(request) => self.keys(&actor, request).map(Response::from),
            Request::Case(request) => self.cases(&actor, request).map(Response::from),
            Request::Message(request) => self.messages(&actor, request),
            Request::Queue(request) => self.queue(&actor, request).map(Response::from),
            Request::Reply(request) => self.replies(&actor, request).map(Response::from),
            Request::Trail(request) => self.trail(request),
            Request::Survey => self.survey().map(|survey| Data::Survey(survey).into()),
        }
    }

    /// The present moment by the installation's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.site.clock.now()
    }

    /// Applies changes with their events in the admin's name.
    pub(super) fn apply(&self, actor: &Actor, changes: Vec<Change>, events: Vec<Event>) -> Result<Vec<JobId>, Refusal> {
        let events = events.into_iter().map(|event| (actor.clone(), event)).collect();
        Ok(self.site.store.apply(self.now(), changes, events)?)
    }

    /// Tells the delivery loop that mail is due.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }
}

/// A staff member's address as the store keeps it: all in lower case.
pub(super) fn email(text: &str) -> Result<String, Refusal> {
    let address = Address::parse(text.trim()).map_err(|problem| {
        Refusal::new(
            format!("`{text}` cannot be used"),
            problem.to_string(),
            "give an address such as alice@example.org",
        )
    })?;
    Ok(address.as_str().to_lowercase())
}

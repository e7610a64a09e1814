//! What happens under TLS: carries out the steps of the [`Session`]. The only place where a message's data is asked for.

use super::{
    Door,
    connection::Ending,
    data::{BdatReceiver, DataReceiver},
    receipt::Receipt,
    reply::Reply,
    session::{Destination, Opening, Session, Step, Tls},
    talk::Talk,
};
use tokio::io::{AsyncRead, AsyncWrite};

impl<D: Door, IO: AsyncRead + AsyncWrite + Unpin> Talk<D, IO> {
    /// Talks until there is a reason to end.
    pub async fn under_tls(&mut self, session: &mut Session<Tls<Receipt<D::Mail>>>) -> Ending {
        loop {
            if let Err(ending) = self.one_command(session).await {
                return ending;
            }
        }
    }

    async fn one_command(&mut self, session: &mut Session<Tls<Receipt<D::Mail>>>) -> Result<(), Ending> {
        let command = match self.next_command(session.between_chunks()).await? {
            Ok(command) => command,
            Err(fault) => return self.fault(fault),
        };
        let (door, peer) = (&self.visit.door, self.visit.peer);
        let step =
            session.command(command, self.visit.clock.now(), |recipient, from| door.recipient(recipient, from, peer));
        match step {
            Step::Reply(reply) => self.answer(&reply),
            Step::Refuse(rejection) => self.refuse(rejection).await,
            Step::Data(opening) => self.data(opening).await,
            Step::Chunk { size, last, into } => {
                if let Some(receipt) = self.chunk(size, last, into).await? {
                    session.keep(receipt);
                }
                Ok(())
            }
            Step::Quit => {
                self.wire.send(&Reply::BYE);
                Err(Ending::Quit)
            }
        }
    }

    /// DATA: asks for the message only once the door is open for it.
    async fn data(&mut self, opening: Opening) -> Result<(), Ending> {
        let mut receipt = self.open(opening).await;
        if receipt.refusal().is_none() {
            self.wire.send(&Reply::GO_AHEAD);
            self.take(DataReceiver::new(), &mut receipt).await?;
        }
        self.answer(&receipt.finish().await)
    }

    /// BDAT: the chunk is read whatever becomes of it (RFC 3030, section 2). Gives the message back while more of it is to
    /// come.
    async fn chunk(
        &mut self,
        size: u64,
        last: bool,
        into: Destination<Receipt<D::Mail>>,
    ) -> Result<Option<Receipt<D::Mail>>, Ending> {
        let mut receipt = match into {
            Destination::New(opening) => self.open(opening).await,
            Destination::Going(receipt) => receipt,
            Destination::Nowhere(reply) => Receipt::refused(reply),
        };
        self.take_chunk(BdatReceiver::new(size), size, &mut receipt).await?;
        if last || receipt.refusal().is_some() {
            self.answer(&receipt.finish().await)?;
            return Ok(None);
        }
        self.answer(&Reply::chunk_taken(size))?;
        Ok(Some(receipt))
    }

    async fn open(&mut self, opening: Opening) -> Receipt<D::Mail> {
        Receipt::new(self.visit.door.begin(opening.envelope, opening.declared).await)
    }
}

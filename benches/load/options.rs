//! What the load generator is told.

use super::support::client::Target;
use std::fmt;

pub const USAGE: &str = "\
usage: load [--load BYTESxMESSAGESxCONNECTIONS]… [--rounds N] [--recipients N] [--per-connection N] [--sink]
            [--plain HOST:PORT --to ADDRESS --pid PID]

  --load            a load; default 100000x2000x20, 3000000x100x8, 12000000x40x4
  --rounds          each load is repeated so often, medians are printed; default 5
  --recipients      staff that each message is sealed to; default 1
  --per-connection  mails on one connection before the next is opened; default all
  --sink            the staff's mail server is a sink that takes everything; default: it is down, mail waits
  --plain           send the same to a server in plaintext as well, in turn with the relay; PID is its first process";

/// One load.
pub struct Load {
    pub bytes: usize,
    pub messages: usize,
    pub connections: usize,
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { bytes, messages, connections } = self;
        write!(f, "{messages} mails of {bytes} bytes over {connections} connections")
    }
}

pub struct Options {
    pub loads: Vec<Load>,
    pub rounds: u64,
    pub recipients: usize,
    /// 0: all.
    pub per_connection: usize,
    pub sink: bool,
    /// Another server and its first process.
    pub plain: Option<(Target, u32)>,
}

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { loads: Vec::new(), rounds: 5, recipients: 1, per_connection: 0, sink: false, plain: None };
        let (mut plain, mut to, mut pid) = (None, None, None);
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{flag} wants a value"));
            match flag.as_str() {
                "--bench" => {}
                "--load" => options.loads.push(load(&value()?)?),
                "--rounds" => options.rounds = number(&value()?)?,
                "--recipients" => options.recipients = number(&value()?)?,
                "--per-connection" => options.per_connection = number(&value()?)?,
                "--sink" => options.sink = true,
                "--plain" => plain = Some(value()?),
                "--to" => to = Some(value()?),
                "--pid" => pid = Some(number(&value()?)?),
                _ => return Err(format!("{flag} is not known")),
            }
        }
        if let Some(address) = plain {
            let address = address.parse().map_err(|_| format!("{address} is no address with a port"))?;
            let to = to.ok_or("--plain wants --to")?;
            options.plain = Some((Target { address, to, tls: None }, pid.ok_or("--plain wants --pid")?));
        }
        if options.loads.is_empty() {
            options.loads =
                ["100000x2000x20", "3000000x100x8", "12000000x40x4"].map(load).into_iter().collect::<Result<_, _>>()?;
        }
        Ok(options)
    }

    /// What the figures depend on.
    pub fn describe(&self) -> String {
        let staff = if self.sink { "takes everything" } else { "is down, sealed mail waits" };
        let session = match self.per_connection {
            0 => "connections are kept".to_owned(),
            most => format!("{most} mails a connection"),
        };
        let (rounds, recipients) = (self.rounds, self.recipients);
        format!("{rounds} rounds, medians; sealed to {recipients}; the staff's mail server {staff}; {session}")
    }
}

fn load(text: &str) -> Result<Load, String> {
    let numbers: Vec<usize> = text.split('x').map(number).collect::<Result<_, _>>()?;
    match numbers[..] {
        [bytes, messages, connections] if connections > 0 => Ok(Load { bytes, messages, connections }),
        _ => Err(format!("{text} is not BYTESxMESSAGESxCONNECTIONS")),
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{text} is not a number"))
}

//! A real DNS server on loopback, over UDP and TCP, which says what a test wants, or nothing, and counts what it was asked.

use hickory_server::{
    Server,
    net::runtime::Time,
    proto::{
        op::{Header, HeaderCounts, Metadata, ResponseCode},
        rr::{
            Name, RData, Record, RecordType,
            rdata::{A, CNAME, MX, TXT},
        },
    },
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo},
    zone_handler::MessageResponseBuilder,
};
use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::{TcpListener, UdpSocket};

/// Something that the server knows of a name.
#[derive(Clone)]
pub enum Says {
    Text(String),
    Address(Ipv4Addr),
    Alias(String),
    Exchange(String),
    /// The name is known, and every question about it stays without an answer.
    Nothing,
}

/// A DNS server that runs until it is dropped.
pub struct DnsServer {
    pub address: SocketAddr,
    zone: Arc<Zone>,
    _server: Server<Handler>,
}

#[derive(Default)]
struct Zone {
    names: Mutex<HashMap<String, Vec<Says>>>,
    asked: Mutex<Vec<String>>,
}

impl DnsServer {
    /// A server that knows these names, written without the dot at their end. Every other does not exist.
    pub async fn start(names: &[(&str, Says)]) -> Self {
        let zone = Arc::new(Zone::default());
        let (udp, tcp) = sockets().await;
        let address = udp.local_addr().unwrap();
        let mut server = Server::new(Handler(zone.clone()));
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(60), 64);
        let server = Self { address, zone, _server: server };
        names.iter().for_each(|(name, says)| server.add(name, says.clone()));
        server
    }

    /// Lets it know more.
    pub fn add(&self, name: &str, says: Says) {
        self.zone.names.lock().unwrap().entry(name.to_lowercase()).or_default().push(says);
    }

    /// The names and types it was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.zone.asked.lock().unwrap().clone()
    }
}

/// Text that DNS may hold in several strings.
pub fn text(text: &str) -> Says {
    Says::Text(text.to_owned())
}

/// A UDP socket and a TCP listener on the same free port.
async fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

impl Zone {
    /// The answers to a question; None for silence, an error for a name that does not exist.
    fn answer(&self, name: &Name, kind: RecordType) -> Option<Result<Vec<Record>, ResponseCode>> {
        let plain = name.to_ascii().trim_end_matches('.').to_lowercase();
        self.asked.lock().unwrap().push(format!("{plain} {kind}"));
        let names = self.names.lock().unwrap();
        let Some(known) = names.get(&plain) else { return Some(Err(ResponseCode::NXDomain)) };
        if known.iter().any(|says| matches!(says, Says::Nothing)) {
            return None;
        }
        let data = known.iter().filter_map(|says| data(says, kind));
        Some(Ok(data.map(|data| Record::from_rdata(name.clone(), 300, data)).collect()))
    }
}

fn data(says: &Says, kind: RecordType) -> Option<RData> {
    let name = |text: &str| Name::from_ascii(format!("{text}.")).unwrap();
    match (says, kind) {
        (Says::Text(text), RecordType::TXT) => {
            let pieces = text.as_bytes().chunks(255).map(|piece| String::from_utf8(piece.to_vec()).unwrap());
            Some(RData::TXT(TXT::new(pieces.collect())))
        }
        (Says::Address(address), RecordType::A) => Some(RData::A(A(*address))),
        (Says::Exchange(host), RecordType::MX) => Some(RData::MX(MX::new(10, name(host)))),
        (Says::Alias(other), _) => Some(RData::CNAME(CNAME(name(other)))),
        _ => None,
    }
}

/// `Server` takes its handler by value, and the test keeps hold of the zone.
struct Handler(Arc<Zone>);

/// What the trait's macro would make of an `async fn`: the macro is not in our tree.
impl RequestHandler for Handler {
    fn handle_request<'s, 'r, 'f, R, T>(
        &'s self,
        request: &'r Request,
        mut handle: R,
    ) -> Pin<Box<dyn Future<Output = ResponseInfo> + Send + 'f>>
    where
        R: 'f + ResponseHandler,
        T: 'f + Time,
        's: 'f,
        'r: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let mut metadata = Metadata::response_from_request(&request.metadata);
            let nothing_said = ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() });
            let Ok(info) = request.request_info() else { return nothing_said };
            let Some(answer) = self.0.answer(info.query.original().name(), info.query.query_type()) else {
                return nothing_said;
            };
            metadata.authoritative = true;
            metadata.recursion_available = true;
            metadata.response_code = answer.as_ref().err().copied().unwrap_or(ResponseCode::NoError);
            let records = answer.unwrap_or_default();
            let response = MessageResponseBuilder::from_message_request(request).build(metadata, &records, [], [], []);
            handle.send_response(response).await.unwrap_or(nothing_said)
        })
    }
}

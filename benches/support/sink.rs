//! The staff's mail server: takes everything, keeps nothing but the count.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Starts a server that takes every mail, in plaintext on loopback.
pub fn start() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("a bound socket");
    thread::spawn(move || {
        for stream in socket.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(stream: TcpStream) -> io::Result<()> {
    let mut answer = stream.try_clone()?;
    let mut lines = BufReader::with_capacity(64 * 1024, stream);
    answer.write_all(b"220 sink\r\n")?;
    let (mut line, mut data) = (Vec::new(), false);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match (data, &word[..]) {
            (true, _) if line == b".\r\n" => b"250 kept nothing\r\n",
            (true, _) => continue,
            (false, b"EHLO") => b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            (false, b"DATA") => b"354 go on\r\n",
            (false, b"QUIT") => return answer.write_all(b"221 bye\r\n"),
            (false, _) => b"250 ok\r\n",
        };
        data = word == b"DATA" && !data;
        answer.write_all(reply)?;
    }
}

//! TLS: what turns bytes of a program into bytes for the network and back. It knows no sockets: the library moves the bytes (`stdlib/std/tls.plat`).
//!
//! Programs that reach none of its rows are linked with a runtime without it (`compiler/build.rs`).
//!
//! Invariant: whoever uses a session holds its lock, for no longer than it takes to encrypt or decrypt what one call brings.

mod reasons;
mod settings;

use std::io::{ErrorKind as Kind, Read, Write};

use plat_abi::layout::ErrorKind;
use rustls::pki_types::CertificateDer;
use rustls::{Connection, ProtocolVersion};
use webpki::EndEntityCert;

use crate::sync_shim::Mutex;
pub use settings::Settings;

/// Why something cannot be done, for programs and for people.
#[derive(Debug)]
pub struct Failure {
    /// As far as programs tell apart.
    pub kind: ErrorKind,
    /// In words.
    pub reason: String,
}

impl Failure {
    fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}

/// What there is to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// So many bytes.
    Bytes(usize),
    /// Nothing, until more has come.
    Nothing,
    /// Nothing any more: the other side has said so.
    End,
}

/// What two sides have agreed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// The version of TLS.
    Version,
    /// How they encrypt.
    Cipher,
    /// What they will speak (ALPN).
    Protocol,
    /// The names that the other side's certificate is for, a line each.
    PeerNames,
}

/// One side of a connection.
pub struct Session {
    connection: Mutex<Connection>,
}

impl Session {
    fn new(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection) }
    }

    fn with<T>(&self, body: impl FnOnce(&mut Connection) -> T) -> T {
        let mut connection = self.connection.lock().expect("nobody panics with the lock");
        body(&mut connection)
    }

    /// Whether the two sides know each other.
    pub fn is_ready(&self) -> bool {
        self.with(|connection| !connection.is_handshaking())
    }

    /// Brings what has come from the other side. How much of it was used: all, unless what came before has to be taken first.
    pub fn bring(&self, bytes: &[u8]) -> Result<usize, Failure> {
        self.with(|connection| {
            let mut rest = bytes;
            while !rest.is_empty() {
                match connection.read_tls(&mut rest) {
                    Ok(0) => break,
                    Ok(_) => {}
                    // There is too much that nobody has taken.
                    Err(error) if error.kind() == Kind::Other => break,
                    Err(error) => return Err(Failure::new(ErrorKind::InvalidData, error.to_string())),
                }
                connection.process_new_packets().map_err(|error| reasons::of(&error))?;
            }
            Ok(bytes.len() - rest.len())
        })
    }

    /// Takes what the other side has said, to the beginning of `room`, which is not empty.
    pub fn take(&self, room: &mut [u8]) -> Taken {
        match self.with(|connection| connection.reader().read(room)) {
            Ok(0) => Taken::End,
            Ok(count) => Taken::Bytes(count),
            // Whether that is because the connection has ended is for those to say who know the connection.
            Err(_) => Taken::Nothing,
        }
    }

    /// Says something to the other side: the bytes, or the first of them. How many.
    pub fn put(&self, bytes: &[u8]) -> usize {
        // It writes to memory, and takes what there is room for.
        self.with(|connection| connection.writer().write(bytes).unwrap_or(0))
    }

    /// Gives some of what is to be sent to the other side, no more than `room` says. How much; 0 if there is nothing.
    pub fn send(&self, mut room: usize, mut into: impl FnMut(&[u8])) -> usize {
        let given = room;
        self.with(|connection| {
            while room > 0 && connection.wants_write() {
                let mut sink = Sink { room: &mut room, into: &mut into };
                if connection.write_tls(&mut sink).unwrap_or(0) == 0 {
                    break;
                }
            }
        });
        given - room
    }

    /// Says that nothing more will be said.
    pub fn finish(&self) {
        self.with(|connection| connection.send_close_notify());
    }

    /// What the two sides have agreed on; nothing if they have not.
    pub fn fact(&self, fact: Fact) -> String {
        self.with(|connection| match fact {
            Fact::Version => match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".into(),
                Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".into(),
                _ => String::new(),
            },
            Fact::Cipher => {
                let suite = connection.negotiated_cipher_suite();
                suite.map_or_else(String::new, |suite| format!("{:?}", suite.suite()))
            }
            Fact::Protocol => {
                String::from_utf8_lossy(connection.alpn_protocol().unwrap_or_default()).into_owned()
            }
            Fact::PeerNames => {
                let chain = connection.peer_certificates().unwrap_or_default();
                chain.first().map_or_else(String::new, names_of)
            }
        })
    }
}

/// The names of machines, and those that are addresses (URI), that a certificate is for, a line each.
fn names_of(certificate: &CertificateDer<'_>) -> String {
    let Ok(parsed) = EndEntityCert::try_from(certificate) else { return String::new() };
    let names: Vec<&str> = parsed.valid_dns_names().chain(parsed.valid_uri_names()).collect();
    names.join("\n")
}

/// Takes what is to be sent, as long as there is room.
struct Sink<'a, F> {
    room: &'a mut usize,
    into: &'a mut F,
}

impl<F: FnMut(&[u8])> Write for Sink<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = bytes.len().min(*self.room);
        (self.into)(&bytes[..count]);
        *self.room -= count;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

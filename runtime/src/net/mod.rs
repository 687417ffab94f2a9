//! Sockets: sources of the reactor that talk to other machines, or to other programs on this one.
//!
//! Everything here is one call of the system that does not block. What cannot be done at once fails with `WouldBlock`, and the library
//! waits for the source.

pub mod address;
mod options;
mod spare;

use core::mem::MaybeUninit;
use std::io::{self, ErrorKind, IoSlice};
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::path::Path;

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};

use crate::reactor::{self, Direction, Done, Source, faults};
use crate::scheduler::worker::Worker;
pub use options::{option, set_option};

/// What is passed with everything that is sent: a peer that is gone is an error, not a signal.
#[cfg(not(target_vendor = "apple"))]
const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
const SEND_FLAGS: i32 = 0;

/// A socket that does not block and that programs started later do not have.
fn socket(domain: Domain, ty: Type, protocol: Option<Protocol>) -> io::Result<Socket> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return Socket::new(domain, ty.nonblocking(), protocol);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let socket = Socket::new(domain, ty, protocol)?;
        prepare(&socket)?;
        Ok(socket)
    }
}

/// Makes what a system gives by default what is needed.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn prepare(socket: &Socket) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    #[cfg(target_vendor = "apple")]
    socket.set_nosigpipe(true)?;
    Ok(())
}

fn tcp(address: SocketAddr) -> io::Result<Socket> {
    socket(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))
}

fn add(worker: &Worker, socket: Socket, peer: Option<SocketAddr>) -> io::Result<u32> {
    reactor::add(worker, OwnedFd::from(socket), peer)
}

/// A source that accepts connections. The address may be used again at once after a program that had it has ended.
pub fn listen(worker: &Worker, address: SocketAddr, backlog: i32) -> io::Result<u32> {
    let socket = tcp(address)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    spare::keep();
    add(worker, socket, None)
}

/// A source that accepts connections at a path.
pub fn listen_at_path(worker: &Worker, path: &Path, backlog: i32) -> io::Result<u32> {
    let socket = socket(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    socket.listen(backlog)?;
    spare::keep();
    add(worker, socket, None)
}

/// A source for the next connection.
pub fn accept(worker: &Worker, listener: &Source) -> io::Result<u32> {
    let mut accepted = None;
    listener.attempt(Direction::In, |descriptor| {
        accepted = Some(accept_from(&SockRef::from(&descriptor))?);
        Ok(Done { count: 0, is_all: false })
    })?;
    let (socket, address) = accepted.expect("the attempt succeeded");
    add(worker, socket, address.as_socket())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn accept_from(listener: &Socket) -> io::Result<(Socket, SockAddr)> {
    listener.accept4(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn accept_from(listener: &Socket) -> io::Result<(Socket, SockAddr)> {
    let (socket, address) = listener.accept()?;
    prepare(&socket)?;
    Ok((socket, address))
}

/// Accepts a connection and ends it, by means of the descriptor that is kept for that.
pub fn shed(listener: &Source) -> io::Result<()> {
    spare::lend(|| listener.with(|descriptor| accept_from(&SockRef::from(&descriptor)).map(drop)))
}

/// A source that is about to be connected.
pub fn connect(worker: &Worker, address: SocketAddr) -> io::Result<u32> {
    let socket = tcp(address)?;
    begin_to_connect(&socket, &address.into())?;
    add(worker, socket, Some(address))
}

/// A source that is connected to a path.
pub fn connect_to_path(worker: &Worker, path: &Path) -> io::Result<u32> {
    let socket = socket(Domain::UNIX, Type::STREAM, None)?;
    // A local attempt has no middle: `WouldBlock` says that the listener has too many already.
    socket.connect(&SockAddr::unix(path)?)?;
    add(worker, socket, None)
}

/// Two sources that are connected to each other.
pub fn pair(worker: &mut Worker) -> io::Result<(u32, u32)> {
    let (one, other) = Socket::pair(Domain::UNIX, Type::STREAM, None)?;
    one.set_nonblocking(true)?;
    other.set_nonblocking(true)?;
    let one = add(worker, one, None)?;
    match add(worker, other, None) {
        Ok(other) => Ok((one, other)),
        Err(error) => {
            reactor::remove(worker, one);
            Err(error)
        }
    }
}

fn begin_to_connect(socket: &Socket, address: &SockAddr) -> io::Result<()> {
    match socket.connect(address) {
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(()),
        // The attempt goes on.
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        result => result,
    }
}

/// Finds out whether an attempt to connect has succeeded.
pub fn finish_connect(source: &Source) -> io::Result<()> {
    let done = source.attempt(Direction::Out, |descriptor| {
        let socket = SockRef::from(&descriptor);
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        match socket.peer_addr() {
            Ok(_) => Ok(Done { count: 0, is_all: false }),
            Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
            Err(error) => Err(error),
        }
    });
    done.map(drop)
}

/// A source for datagrams.
pub fn datagrams(worker: &Worker, address: SocketAddr) -> io::Result<u32> {
    let socket = socket(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.bind(&address.into())?;
    add(worker, socket, None)
}

/// Connects a source for datagrams.
pub fn set_peer(source: &Source, address: SocketAddr) -> io::Result<()> {
    source.with(|descriptor| SockRef::from(&descriptor).connect(&address.into()))
}

/// Receives into the buffer. How much; 0 at the end.
pub fn receive(source: &Source, buffer: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    source.attempt(Direction::In, |descriptor| {
        let length = faults::part(buffer.len());
        let buffer = &mut buffer[..length];
        let count = SockRef::from(&descriptor).recv(buffer)?;
        // Less than there was room for is all there is; the end comes with an event of its own.
        Ok(Done { count, is_all: 0 < count && count < buffer.len() })
    })
}

/// Finds out whether there is something to receive, be it the end or an error.
pub fn find_readable(source: &Source) -> io::Result<()> {
    let looked = source.attempt(Direction::In, |descriptor| {
        SockRef::from(&descriptor).peek(&mut [MaybeUninit::uninit()])?;
        Ok(Done { count: 0, is_all: false })
    });
    looked.map(drop)
}

/// Receives a datagram, and who has sent it.
pub fn receive_from(
    source: &Source,
    buffer: &mut [MaybeUninit<u8>],
) -> io::Result<(usize, Option<SocketAddr>)> {
    let mut sender = None;
    let count = source.attempt(Direction::In, |descriptor| {
        let (count, address) = SockRef::from(&descriptor).recv_from(buffer)?;
        sender = address.as_socket();
        Ok(Done { count, is_all: false })
    })?;
    Ok((count, sender))
}

/// Sends bytes. How many.
pub fn send(source: &Source, bytes: &[u8]) -> io::Result<usize> {
    source.attempt(Direction::Out, |descriptor| {
        let bytes = &bytes[..faults::part(bytes.len())];
        let count = SockRef::from(&descriptor).send_with_flags(bytes, SEND_FLAGS)?;
        Ok(Done { count, is_all: count < bytes.len() })
    })
}

/// Sends several pieces at once. How many bytes.
pub fn send_all(source: &Source, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    let pieces = &pieces[..faults::part(pieces.len())];
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    source.attempt(Direction::Out, |descriptor| {
        let count = SockRef::from(&descriptor).send_vectored_with_flags(pieces, SEND_FLAGS)?;
        Ok(Done { count, is_all: count < length })
    })
}

/// Sends a datagram; without an address, to whom the source is connected.
pub fn send_to(source: &Source, bytes: &[u8], address: Option<SocketAddr>) -> io::Result<usize> {
    let address = address.map(SockAddr::from);
    source.attempt(Direction::Out, |descriptor| {
        let socket = SockRef::from(&descriptor);
        let count = match &address {
            Some(address) => socket.send_to_with_flags(bytes, address, SEND_FLAGS),
            None => socket.send_with_flags(bytes, SEND_FLAGS),
        }?;
        Ok(Done { count, is_all: false })
    })
}

/// Ends one direction of a connection.
pub fn shutdown(source: &Source, direction: Direction) -> io::Result<()> {
    let how = match direction {
        Direction::In => Shutdown::Read,
        Direction::Out => Shutdown::Write,
    };
    source.with(|descriptor| SockRef::from(&descriptor).shutdown(how))
}

/// The source's own address.
pub fn local_address(source: &Source) -> io::Result<Option<SocketAddr>> {
    source.with(|descriptor| Ok(SockRef::from(&descriptor).local_addr()?.as_socket()))
}

/// The addresses of a name, in the order in which they are to be tried. Blocks its thread.
pub fn resolve(name: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((name, 0).to_socket_addrs()?.collect())
}

//! Reading and writing of sources whatever they stand for: a pipe, a terminal, a file.
//!
//! A descriptor that another process has, too, must not be switched to fail instead of blocking: the other one would find it switched. So
//! each call asks for that (`RWF_NOWAIT`), and where the system cannot do so, for a terminal or a file that is not in memory, it is made on a
//! thread that may block: of what is registered only once it is ready, so that the wait for that can be cancelled. There it
//! blocks nevertheless if another process is faster; then it costs a thread of the pool, never a worker.

use core::mem::MaybeUninit;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use crate::reactor::{self, Direction, Done, Source, faults};
use crate::scheduler::worker::Worker;

/// As much as a pipe that is ready takes at once: with more, a call would wait for who reads.
const PIPE_PIECE: usize = libc::PIPE_BUF;

/// How long a call may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// Not at all: it is made by a worker.
    Now,
    /// As long as it takes: it is made by a thread that may block.
    Blocking,
}

/// What became of a try that does not fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// So many bytes were read or written.
    Done(usize),
    /// It has to be done with [`Patience::Blocking`].
    Elsewhere,
}

/// A source for one of the descriptors 0, 1 and 2 that the program was started with.
pub fn standard(worker: &Worker, descriptor: RawFd) -> io::Result<u32> {
    // SAFETY: copies a descriptor, if there is such a one.
    let copy = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3) };
    if copy < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it has just been made, and is nobody else's.
    reactor::add_any(worker, unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Reads into the buffer; nothing at the end.
pub fn read(source: &Source, buffer: &mut [MaybeUninit<u8>], patience: Patience) -> io::Result<Tried> {
    let part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: faults::part(buffer.len()) };
    attempt(source, Direction::In, patience, |descriptor| match patience {
        // SAFETY: the system writes to the buffer alone.
        Patience::Now => unsafe { now::read(descriptor, &part) },
        // SAFETY: likewise.
        Patience::Blocking => counted(unsafe { libc::read(descriptor, part.iov_base, part.iov_len) }),
    })
}

/// Writes the bytes, or the first of them.
pub fn write(source: &Source, bytes: &[u8], patience: Patience) -> io::Result<Tried> {
    let is_limited = patience == Patience::Blocking && source.is_registered();
    let length = faults::part(if is_limited { bytes.len().min(PIPE_PIECE) } else { bytes.len() });
    let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: length };
    attempt(source, Direction::Out, patience, |descriptor| match patience {
        // SAFETY: the system reads the bytes alone.
        Patience::Now => unsafe { now::write(descriptor, &part) },
        // SAFETY: likewise.
        Patience::Blocking => counted(unsafe { libc::write(descriptor, part.iov_base, part.iov_len) }),
    })
}

/// Writes the bytes, or the first of them, however long that takes.
pub fn write_plainly(descriptor: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the system reads the bytes alone.
    counted(unsafe { libc::write(descriptor.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) })
}

/// Writes the bytes, or the first of them, to a pipe or whatever else may have no room: that is an error of the kind `WouldBlock` then.
pub fn write_without_waiting(descriptor: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let bytes = &bytes[..faults::part(bytes.len())];
    let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: the system reads the bytes alone.
    match unsafe { now::write(descriptor.as_raw_fd(), &part) } {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOSYS)) => {
            if is_ready(descriptor, Direction::Out)? {
                write_plainly(descriptor, &bytes[..bytes.len().min(PIPE_PIECE)])
            } else {
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
        result => result,
    }
}

/// What a descriptor stands for, by the numbers of the system's `S_IFMT`.
pub fn file_type(descriptor: BorrowedFd<'_>) -> Option<libc::mode_t> {
    let mut found = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the call fills the structure, or fails.
    unsafe {
        let status = libc::fstat(descriptor.as_raw_fd(), found.as_mut_ptr());
        (status == 0).then(|| found.assume_init().st_mode & libc::S_IFMT)
    }
}

/// Blocks until it is worth writing.
pub fn wait_for_room(descriptor: RawFd) {
    let mut asked = libc::pollfd { fd: descriptor, events: libc::POLLOUT, revents: 0 };
    // SAFETY: the call reads and writes this alone. If it fails it is tried in vain.
    unsafe { libc::poll(&raw mut asked, 1, -1) };
}

/// What a call of the system gave, which leaves its error behind.
fn counted(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| match io::Error::last_os_error() {
        // It is open (kept by `Source`), but not for this: the number alone would say that it is closed.
        error if error.raw_os_error() == Some(libc::EBADF) => io::Error::from_raw_os_error(libc::EACCES),
        error => error,
    })
}

fn attempt(
    source: &Source,
    direction: Direction,
    patience: Patience,
    transfer: impl Fn(RawFd) -> io::Result<usize>,
) -> io::Result<Tried> {
    let mut tried = Tried::Elsewhere;
    source.attempt(direction, |descriptor| {
        match transfer(descriptor.as_raw_fd()) {
            Ok(count) => tried = Tried::Done(count),
            Err(error) if !is_for_elsewhere(source, &error, patience) => return Err(error),
            Err(_) if source.is_registered() && !is_ready(descriptor, direction)? => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Err(_) => {}
        }
        // A terminal gives a line at a time, however many there are: less than was asked for need not be all.
        Ok(Done { count: 0, is_all: false })
    })?;
    Ok(tried)
}

/// Whether a call that failed is to be made where it may block.
fn is_for_elsewhere(source: &Source, error: &io::Error, patience: Patience) -> bool {
    match error.raw_os_error() {
        // A file has to be fetched. Of anything else there will be an event.
        Some(libc::EAGAIN) => !source.is_registered(),
        Some(libc::EOPNOTSUPP | libc::ENOSYS) => patience == Patience::Now,
        _ => false,
    }
}

/// Whether a call would not have to wait.
fn is_ready(descriptor: BorrowedFd<'_>, direction: Direction) -> io::Result<bool> {
    let events = if direction == Direction::In { libc::POLLIN } else { libc::POLLOUT };
    let mut asked = libc::pollfd { fd: descriptor.as_raw_fd(), events, revents: 0 };
    // SAFETY: the call reads and writes this alone.
    match unsafe { libc::poll(&raw mut asked, 1, 0) } {
        ready if ready >= 0 => Ok(ready > 0),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Calls that fail instead of blocking, at the position where the descriptor is.
#[cfg(target_os = "linux")]
mod now {
    use std::io;
    use std::os::fd::RawFd;

    /// Stands for that position.
    const HERE: libc::off_t = -1;

    /// # Safety
    /// `part` is memory that nobody else uses.
    pub unsafe fn read(descriptor: RawFd, part: &libc::iovec) -> io::Result<usize> {
        // SAFETY: by the contract.
        super::counted(unsafe { libc::preadv2(descriptor, part, 1, HERE, libc::RWF_NOWAIT) })
    }

    /// # Safety
    /// `part` is memory that nobody changes.
    pub unsafe fn write(descriptor: RawFd, part: &libc::iovec) -> io::Result<usize> {
        // SAFETY: by the contract.
        super::counted(unsafe { libc::pwritev2(descriptor, part, 1, HERE, libc::RWF_NOWAIT) })
    }
}

/// Other systems have no such calls.
#[cfg(not(target_os = "linux"))]
mod now {
    use std::io;
    use std::os::fd::RawFd;

    /// # Safety
    /// None: it does nothing.
    pub unsafe fn read(_descriptor: RawFd, _part: &libc::iovec) -> io::Result<usize> {
        Err(io::Error::from_raw_os_error(libc::ENOSYS))
    }

    /// # Safety
    /// None: it does nothing.
    pub unsafe fn write(_descriptor: RawFd, _part: &libc::iovec) -> io::Result<usize> {
        Err(io::Error::from_raw_os_error(libc::ENOSYS))
    }
}

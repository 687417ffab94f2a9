//! Who in the program is told of signals.
//!
//! Each has the end of a pair of sockets, to which a byte comes for each signal: so a task waits for signals as for anything else from outside, and nothing
//! of the scheduler runs in the thread that takes them.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use crate::sync_shim::{Mutex, MutexGuard};

/// The signals that the program can be told of. They are always blocked in all threads: a thread that runs cannot be made to block one later.
pub const KNOWN: [libc::c_int; 6] =
    [libc::SIGHUP, libc::SIGINT, libc::SIGUSR1, libc::SIGUSR2, libc::SIGTERM, libc::SIGWINCH];

/// Somebody who is told.
struct Subscription {
    /// The source that tells.
    source: u32,
    /// A bit for the number of each signal.
    signals: u64,
    writer: UnixStream,
}

static SUBSCRIPTIONS: Mutex<Vec<Subscription>> = Mutex::new(Vec::new());

fn subscriptions() -> MutexGuard<'static, Vec<Subscription>> {
    SUBSCRIPTIONS.lock().expect("no holder of this lock panics")
}

/// Two ends that do not block: a byte for each signal comes out of the second once [`add`] has the first.
pub fn ends() -> io::Result<(UnixStream, OwnedFd)> {
    let (writer, reader) = UnixStream::pair()?;
    writer.set_nonblocking(true)?;
    reader.set_nonblocking(true)?;
    Ok((writer, reader.into()))
}

/// Has the source told of the signals, a bit for the number of each.
pub fn add(source: u32, signals: u64, writer: UnixStream) {
    subscriptions().push(Subscription { source, signals, writer });
}

/// Has the source told no more.
pub fn remove(source: u32) {
    subscriptions().retain(|subscription| subscription.source != source);
}

/// Tells all who want to know. Whether anybody does.
pub fn deliver(signal: libc::c_int) -> bool {
    let mut has_any = false;
    for subscription in subscriptions().iter() {
        if subscription.signals >> signal & 1 == 1 {
            has_any = true;
            // Who has not looked for thousands of signals loses the next.
            let _ = (&subscription.writer).write(&[signal as u8]);
        }
    }
    has_any
}

//! How bytes get out without waiting, depending on what the descriptor stands for.
//!
//! Its mode must stay as it is: other processes have it, too. So a pipe or a socket is asked each time not to let the call wait. A
//! terminal cannot be asked, but opened again: what it is opened as is the program's own, and may fail instead of blocking. Files and
//! devices do not wait for anybody.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;

use crate::stream;

/// A way out of the program.
pub enum Outlet {
    /// A file, or a device.
    Ready(BorrowedFd<'static>),
    /// A pipe, a socket, or a terminal that could not be opened again.
    Asked(BorrowedFd<'static>),
    /// A terminal, opened again.
    Own(File),
}

impl Outlet {
    /// The way out through one of the program's standard descriptors.
    pub fn of(descriptor: RawFd) -> Self {
        // SAFETY: it is open (kept by `standard`), and nobody closes it.
        let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
        match stream::file_type(descriptor) {
            Some(libc::S_IFIFO | libc::S_IFSOCK) => Self::Asked(descriptor),
            Some(libc::S_IFCHR) if descriptor.is_terminal() => {
                reopen(descriptor).map_or(Self::Asked(descriptor), Self::Own)
            }
            _ => Self::Ready(descriptor),
        }
    }

    /// The descriptor that is written to.
    pub fn descriptor(&self) -> RawFd {
        match self {
            Self::Ready(descriptor) | Self::Asked(descriptor) => descriptor.as_raw_fd(),
            Self::Own(file) => file.as_raw_fd(),
        }
    }

    /// Writes the bytes, or the first of them, without waiting.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Ready(descriptor) => stream::write_plainly(*descriptor, bytes),
            Self::Asked(descriptor) => stream::write_without_waiting(*descriptor, bytes),
            Self::Own(file) => stream::write_plainly(file.as_fd(), bytes),
        }
    }
}

/// What the descriptor stands for, opened so that it does not block. `None` where the system does not open things anew by their descriptors.
fn reopen(descriptor: BorrowedFd<'_>) -> Option<File> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let path = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path).ok()
}

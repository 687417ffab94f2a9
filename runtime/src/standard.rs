//! The descriptors 0, 1 and 2, which every program may read from and write to.

use std::fs::OpenOptions;
use std::os::fd::{IntoRawFd, RawFd};

/// Opens those of them that are closed, so that nothing else gets their numbers: what is printed would go there. What is read from them is
/// at its end then, and what is written is lost. Before anything else is opened.
pub fn open_all() {
    for descriptor in 0..3 {
        if is_closed(descriptor) {
            // It gets the lowest number that is free: this one.
            let _ = OpenOptions::new().read(true).write(true).open("/dev/null").map(IntoRawFd::into_raw_fd);
        }
    }
}

fn is_closed(descriptor: RawFd) -> bool {
    // SAFETY: asks for flags alone.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) == -1 }
}

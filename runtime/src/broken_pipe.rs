//! Writing to who does not read any more, which the system answers with SIGPIPE.
//!
//! The signal is blocked in all threads, so that the writer gets an error: programs decide what that means to them. `print`, which cannot
//! fail, asks for the signal's usual effect, so that `program | head` ends as others do. Programs started by this one have it as usual.

use core::mem::MaybeUninit;
use core::ptr;

/// Blocks the signal, in this thread and in those that it will start.
pub fn block() {
    mask(libc::SIG_BLOCK);
}

/// Lets the signal that a write of this thread has caused do what it does: it ends the program, unless who started it wants it to be
/// ignored.
pub fn deliver() {
    mask(libc::SIG_UNBLOCK);
    mask(libc::SIG_BLOCK);
}

fn mask(how: libc::c_int) {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initialises the set; the other calls change it, and read it to change the mask of this thread alone.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        libc::pthread_sigmask(how, set.as_ptr(), ptr::null_mut());
    }
}

//! Signals that are for the program as a whole: SIGINT and SIGTERM cancel it, a second one ends it at once.
//!
//! They are blocked in all threads and taken by one that waits for nothing else. So no handler ever runs, neither on a fiber's
//! small stack nor in the middle of a lock, and no system call is interrupted. Rejected: a handler that wakes a
//! worker; it would need an alternate stack for each thread, those of C libraries included.
//!
//! A program that was started with a signal ignored, as shells start what runs in the background, goes on ignoring it.

use core::mem::MaybeUninit;
use core::ptr;

use crate::scheduler::Runtime;
use crate::sync_shim::thread;

/// What a thread that only waits needs, with room for the C library's own data.
const STACK_BYTES: usize = 64 << 10;

/// Added to a signal's number: the exit code of a program that it ends, as shells count.
const EXIT_CODE_BASE: i32 = 128;

/// The signals that are blocked and have to be waited for.
#[derive(Clone, Copy)]
pub struct Watch(libc::sigset_t);

/// Blocks the signals, in this thread and in those that it will start.
pub fn block() -> Watch {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initialises the set; the other calls read it or change it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        let mut set = set.assume_init();
        for signal in [libc::SIGINT, libc::SIGTERM] {
            if !is_ignored(signal) {
                libc::sigaddset(&raw mut set, signal);
            }
        }
        let watch = Watch(set);
        watch.mask(libc::SIG_BLOCK);
        watch
    }
}

fn is_ignored(signal: libc::c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: asks for the action alone, which all-zero bytes are one of.
    let action = unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

impl Watch {
    /// Starts the thread that takes the signals. Where the system has no more threads, they end the program as is usual.
    pub fn start(self, runtime: &'static Runtime) {
        let thread = thread::Builder::new().name(String::from("plat-signals")).stack_size(STACK_BYTES);
        if thread.spawn(move || self.take_all(runtime)).is_err() {
            self.mask(libc::SIG_UNBLOCK);
        }
    }

    fn mask(self, how: libc::c_int) {
        // SAFETY: reads the set and changes the mask of this thread alone.
        unsafe { libc::pthread_sigmask(how, &raw const self.0, ptr::null_mut()) };
    }

    fn take_all(self, runtime: &'static Runtime) {
        let mut is_interrupted = false;
        while let Some(signal) = self.wait() {
            let exit_code = EXIT_CODE_BASE + signal;
            if is_interrupted {
                // SAFETY: `_exit` only ends the process.
                unsafe { libc::_exit(exit_code) }
            }
            runtime.interrupt(exit_code);
            is_interrupted = true;
        }
    }

    fn wait(self) -> Option<libc::c_int> {
        let mut signal = 0;
        // SAFETY: reads the set and writes the number.
        let error = unsafe { libc::sigwait(&raw const self.0, &raw mut signal) };
        (error == 0).then_some(signal)
    }
}

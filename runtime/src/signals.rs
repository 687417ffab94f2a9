//! Signals that are for the program as a whole: SIGINT and SIGTERM cancel it, a second one ends it at once. So does the first where no
//! task comes to a suspension point: such a program can neither be cancelled nor clean up. SIGQUIT asks what the program is doing.
//!
//! They are blocked in all threads and taken by one that waits for nothing else. So no handler ever runs, neither on a fiber's
//! small stack nor in the middle of a lock, and no system call is interrupted. Rejected: a handler that wakes a
//! worker; it would need an alternate stack for each thread, those of C libraries included.
//!
//! A program that was started with a signal ignored, as shells start what runs in the background, goes on ignoring it; `platc tasks` gets
//! an answer all the same.

use core::mem::MaybeUninit;
use core::ptr;
use core::time::Duration;

use crate::inspect::{self, Without};
use crate::scheduler::Runtime;
use crate::sync_shim::thread;
use crate::timeline;

/// What the thread needs to draw a picture, with room for the C library's own data.
const STACK_BYTES: usize = 256 << 10;

/// How long a program may take to notice that it has been cancelled.
const GRACE: Duration = Duration::from_secs(1);

/// Added to a signal's number: the exit code of a program that it ends, as shells count.
const EXIT_CODE_BASE: i32 = 128;

/// The signals that are blocked and have to be waited for.
#[derive(Clone, Copy)]
pub struct Watch {
    set: libc::sigset_t,
    /// What SIGQUIT gets if nobody listens for the answer.
    unasked: Without,
}

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
        libc::sigaddset(&raw mut set, libc::SIGQUIT);
        let unasked = if is_ignored(libc::SIGQUIT) { Without::Silent } else { Without::ToStandardError };
        let watch = Watch { set, unasked };
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
        unsafe { libc::pthread_sigmask(how, &raw const self.set, ptr::null_mut()) };
    }

    fn take_all(self, runtime: &'static Runtime) {
        let exit_code = EXIT_CODE_BASE + self.take_one(runtime);
        runtime.interrupt(exit_code);
        if let Some(second) = self.wait_for(GRACE) {
            self.take_second(runtime, second);
        }
        if !runtime.has_noticed_interrupt() {
            end(exit_code);
        }
        loop {
            self.take_second(runtime, self.wait());
        }
    }

    /// Waits for the first signal that is to end the program.
    fn take_one(self, runtime: &'static Runtime) -> libc::c_int {
        loop {
            match self.wait() {
                libc::SIGQUIT => inspect::answer(runtime, self.unasked),
                signal => return signal,
            }
        }
    }

    fn take_second(self, runtime: &'static Runtime, signal: libc::c_int) {
        match signal {
            libc::SIGQUIT => inspect::answer(runtime, self.unasked),
            signal => end(EXIT_CODE_BASE + signal),
        }
    }

    fn wait(self) -> libc::c_int {
        let mut signal = 0;
        // SAFETY: reads the set and writes the number. It does not fail: the set is one that the system knows.
        unsafe { libc::sigwait(&raw const self.set, &raw mut signal) };
        signal
    }

    /// The next signal, if one comes in time.
    fn wait_for(self, time: Duration) -> Option<libc::c_int> {
        let time = libc::timespec { tv_sec: time.as_secs() as i64, tv_nsec: time.subsec_nanos().into() };
        // SAFETY: reads the set and the time.
        let signal = unsafe { libc::sigtimedwait(&raw const self.set, ptr::null_mut(), &raw const time) };
        (signal > 0).then_some(signal)
    }
}

fn end(exit_code: i32) -> ! {
    timeline::finish();
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(exit_code) }
}

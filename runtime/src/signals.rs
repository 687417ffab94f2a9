//! Signals that are for the program as a whole. The program may ask to be told of them (`subscriptions`), and then decides itself; else SIGINT and SIGTERM cancel it, a second one ends it at once. So does the first where no
//! task comes to a suspension point or a poll, because all are in functions of C: such a program can neither be cancelled nor clean up. SIGQUIT asks what the program is doing.
//!
//! They are blocked in all threads and taken by one that waits for nothing else but the monitor's next look. So no handler ever runs, neither on a fiber's
//! small stack nor in the middle of a lock, and no system call is interrupted. Rejected: a handler that wakes a
//! worker; it would need an alternate stack for each thread, those of C libraries included.
//!
//! A program that was started with a signal ignored, as shells start what runs in the background, goes on ignoring it; `platc tasks` gets
//! an answer all the same.

pub mod subscriptions;

use core::mem::MaybeUninit;
use core::ptr;
use core::time::Duration;
use std::time::Instant;

use crate::inspect::{self, Without};
use crate::scheduler::Runtime;
use crate::scheduler::monitor::Monitor;
use crate::sync_shim::{AtomicUsize, Ordering, thread};
use crate::timeline;

/// What the thread needs to draw a picture, with room for the C library's own data.
const STACK_BYTES: usize = 256 << 10;

/// How long a program may take to notice that it has been cancelled.
const GRACE: Duration = Duration::from_secs(1);

/// Wakes the thread for the monitor. Ignored unless somebody waits for it, so one from elsewhere does no harm.
const WAKE: libc::c_int = libc::SIGURG;

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
        for signal in subscriptions::KNOWN {
            if !is_ignored(signal) {
                libc::sigaddset(&raw mut set, signal);
            }
        }
        libc::sigaddset(&raw mut set, libc::SIGQUIT);
        libc::sigaddset(&raw mut set, WAKE);
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
        // SAFETY: `pthread_self` has no preconditions.
        let thread = unsafe { libc::pthread_self() };
        THREAD.store(thread as usize, Ordering::Release);
        let mut attendant = Attendant { watch: self, runtime, monitor: Monitor::new(runtime) };
        attendant.serve();
    }

    /// The next signal. Waits no longer than that, if it is something.
    fn wait(self, time: Option<Duration>) -> Option<libc::c_int> {
        let time = time.map(|time| libc::timespec {
            tv_sec: time.as_secs() as i64,
            tv_nsec: time.subsec_nanos().into(),
        });
        let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: reads the set, and the time unless there is none.
        let signal = unsafe { libc::sigtimedwait(&raw const self.set, ptr::null_mut(), time) };
        (signal > 0).then_some(signal)
    }
}

/// The thread that takes signals, 0 before it runs.
static THREAD: AtomicUsize = AtomicUsize::new(0);

/// Has the monitor look again. From any thread.
pub fn wake_monitor() {
    let thread = THREAD.load(Ordering::Acquire);
    if thread != 0 {
        // SAFETY: the thread never ends.
        unsafe { libc::pthread_kill(thread as libc::pthread_t, WAKE) };
    }
}

/// What the thread does that takes signals.
struct Attendant {
    watch: Watch,
    runtime: &'static Runtime,
    monitor: Monitor,
}

impl Attendant {
    fn serve(&mut self) -> ! {
        let exit_code = EXIT_CODE_BASE + self.take_one();
        self.runtime.interrupt(exit_code);
        if let Some(second) = self.next(Some(Instant::now() + GRACE)) {
            self.take_second(second);
        }
        if !self.runtime.has_noticed_interrupt() {
            end(exit_code);
        }
        loop {
            if let Some(signal) = self.next(None) {
                self.take_second(signal);
            }
        }
    }

    /// Waits for the first signal that is to end the program.
    fn take_one(&mut self) -> libc::c_int {
        loop {
            match self.next(None) {
                Some(libc::SIGQUIT) => inspect::answer(self.runtime, self.watch.unasked),
                Some(signal) => return signal,
                None => {}
            }
        }
    }

    fn take_second(&self, signal: libc::c_int) {
        match signal {
            libc::SIGQUIT => inspect::answer(self.runtime, self.watch.unasked),
            signal => end(EXIT_CODE_BASE + signal),
        }
    }

    /// The next signal from outside that is to end the program or asks what it is doing, if one comes before `end`. The monitor looks meanwhile.
    fn next(&mut self, end: Option<Instant>) -> Option<libc::c_int> {
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return None;
            }
            let looks = self.monitor.look();
            let pause = [left, looks].into_iter().flatten().min();
            match self.watch.wait(pause) {
                Some(WAKE) | None => {}
                Some(signal) if subscriptions::deliver(signal) => {}
                Some(signal @ (libc::SIGINT | libc::SIGTERM | libc::SIGQUIT)) => return Some(signal),
                Some(signal) => fall_back(signal),
            }
        }
    }
}

/// Does what the system does with a signal that a program knows nothing of: most end it.
fn fall_back(signal: libc::c_int) {
    if signal == libc::SIGWINCH {
        return;
    }
    timeline::finish();
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initialises the set; the other calls change it and the mask of this thread, and send the signal to it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        let mut set = set.assume_init();
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::raise(signal);
    }
}

fn end(exit_code: i32) -> ! {
    timeline::finish();
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(exit_code) }
}

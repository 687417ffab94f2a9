//! Programs that this one has started. Who has one ends it by giving it up, so that none is left behind.

mod orphans;

use core::mem::MaybeUninit;
use core::ptr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};

use plat_abi::layout::{ChildWords, StreamUse};

use crate::reactor::{self, Direction, Done, Source};
use crate::scheduler::worker::Worker;
use crate::sync_shim::Mutex;

/// Added to the number of the signal that ended a program, where others have their exit code.
const SIGNALLED: usize = 256;

/// Stands for a source where there is none.
const NONE: i64 = -1;

const EXPECTATION: &str = "no holder of this lock panics";

/// A program that was started. Its number is not another's before its outcome is known here.
pub struct Process(Mutex<Child>);

/// What a program is started with.
pub struct Start<'a> {
    /// Its path, or a name that is looked for in the directories of `PATH`.
    pub program: &'a str,
    /// Its arguments.
    pub arguments: Vec<&'a str>,
    /// Names and values of environment variables, taking turns.
    pub environment: Vec<&'a str>,
    /// Where it begins; where this program is, if empty.
    pub directory: &'a str,
}

impl Start<'_> {
    /// Starts it as the words say, which become what there is of it. Blocks its thread until it runs.
    pub fn start(&self, worker: &mut Worker, words: &mut ChildWords) -> io::Result<Process> {
        let mut child = self.command(words).spawn()?;
        (words.input, words.output, words.errors, words.ended) = (NONE, NONE, NONE, NONE);
        words.id = i64::from(child.id());
        let added = add_streams(worker, &mut child, words).and_then(|()| add_end(worker, &child, words));
        match added {
            Ok(()) => Ok(Process(Mutex::new(child))),
            Err(error) => {
                for number in [words.input, words.output, words.errors] {
                    if number != NONE {
                        reactor::remove(worker, number as u32);
                    }
                }
                orphans::end(child);
                Err(error)
            }
        }
    }

    fn command(&self, words: &ChildWords) -> Command {
        let mut command = Command::new(self.program);
        command.args(&self.arguments);
        if words.inherits_environment == 0 {
            command.env_clear();
        }
        for pair in self.environment.chunks_exact(2) {
            command.env(pair[0], pair[1]);
        }
        if !self.directory.is_empty() {
            command.current_dir(self.directory);
        }
        command.stdin(stdio(words.input)).stdout(stdio(words.output)).stderr(stdio(words.errors));
        // SAFETY: between `fork` and `exec`, which is where it is called, it only makes calls that may be made there.
        unsafe { command.pre_exec(unblock_signals) };
        command
    }
}

/// Gives a program the signals that are blocked in this one for reasons of its own (`signals`, `broken_pipe`).
fn unblock_signals() -> io::Result<()> {
    let mut none = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initialises the set, which the other call reads to change the mask of this thread alone.
    let result = unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn stdio(number: i64) -> Stdio {
    match number {
        number if number == StreamUse::Null as i64 => Stdio::null(),
        number if number == StreamUse::Pipe as i64 => Stdio::piped(),
        _ => Stdio::inherit(),
    }
}

/// Sources for the ends of its pipes.
fn add_streams(worker: &Worker, child: &mut Child, words: &mut ChildWords) -> io::Result<()> {
    let input = child.stdin.take().map(OwnedFd::from);
    let output = child.stdout.take().map(OwnedFd::from);
    let errors = child.stderr.take().map(OwnedFd::from);
    let places = [&mut words.input, &mut words.output, &mut words.errors];
    for (place, descriptor) in places.into_iter().zip([input, output, errors]) {
        if let Some(descriptor) = descriptor {
            *place = reactor::add_any(worker, descriptor)?.into();
        }
    }
    Ok(())
}

/// A source that tells of its end, where the system has such a thing.
fn add_end(worker: &Worker, child: &Child, words: &mut ChildWords) -> io::Result<()> {
    match descriptor_of(child) {
        Ok(descriptor) => words.ended = reactor::add(worker, descriptor, None)?.into(),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => return Err(error),
        Err(_) => {}
    }
    Ok(())
}

/// A descriptor that can be read once the program has ended.
#[cfg(target_os = "linux")]
fn descriptor_of(child: &Child) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;

    // SAFETY: asks for a descriptor of a process that nobody has waited for.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id() as libc::pid_t, 0) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it has just been made, and is nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as libc::c_int) })
}

#[cfg(not(target_os = "linux"))]
fn descriptor_of(_child: &Child) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Process {
    /// How it has ended: its exit code, or [`SIGNALLED`] and a signal. Fails with `WouldBlock` if it has not; then `ended` tells when.
    pub fn outcome(&self, ended: Option<&Source>) -> io::Result<usize> {
        match ended {
            None => self.look(),
            Some(source) => {
                source.attempt(Direction::In, |_| Ok(Done { count: self.look()?, is_all: false }))
            }
        }
    }

    fn look(&self) -> io::Result<usize> {
        let status = self.0.lock().expect(EXPECTATION).try_wait()?;
        status.map(number_of).ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    /// Sends it a signal, unless it has ended.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        let mut child = self.0.lock().expect(EXPECTATION);
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        // SAFETY: nobody has waited for the process, so that the number is still its own.
        if unsafe { libc::kill(child.id() as libc::pid_t, signal) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Ends it.
    pub fn end(self) {
        orphans::end(self.0.into_inner().expect(EXPECTATION));
    }
}

fn number_of(status: ExitStatus) -> usize {
    let signalled = || SIGNALLED + status.signal().unwrap_or_default() as usize;
    status.code().map_or_else(signalled, |code| code as usize)
}

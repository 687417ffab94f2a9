//! Standard output and standard error as `print` and `eprint` write to them: whole lines, atomic between tasks.
//!
//! A line is one `write`, so that another process that reads the pipe sees it at once and whole. Rejected: buffering when
//! the output is no terminal; a program that is killed would lose what it has printed.
//!
//! No call waits for who reads: where there is no room the task waits (`wait`), not its worker. What there was no room for of a line that
//! has been begun goes out before anything else does, whoever prints next, so lines stay whole even when who prints is cancelled.

mod outlet;
mod wait;

use std::io::{self, ErrorKind};
use std::os::fd::RawFd;

use crate::broken_pipe;
use crate::reactor::{self, Direction, Done, Source};
use crate::scheduler::worker::Worker;
use crate::stream;
use crate::sync_shim::{Mutex, MutexGuard};
use outlet::Outlet;
pub use wait::print;

/// Standard output.
pub static OUTPUT: Printer = Printer::new(libc::STDOUT_FILENO);

/// Standard error.
pub static ERRORS: Printer = Printer::new(libc::STDERR_FILENO);

/// Longest line that is put together with its line break on the stack.
const INLINE_LINE: usize = 1024;

/// Where lines go.
pub struct Printer {
    descriptor: RawFd,
    state: Mutex<State>,
}

/// What the tasks that print have in common.
struct State {
    /// Found out by the first line.
    outlet: Option<Outlet>,
    /// What tells that there is room again, since there was none for the first time.
    source: Option<&'static Source>,
    /// What has still to be written of a line that has been begun.
    rest: Vec<u8>,
}

/// How far a line has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Nothing of it has been written.
    Nowhere,
    /// What has not been written of it is in [`State::rest`].
    Begun,
    /// It has been written, or cannot be.
    Done,
}

impl Printer {
    const fn new(descriptor: RawFd) -> Self {
        Self { descriptor, state: Mutex::new(State { outlet: None, source: None, rest: Vec::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    /// Writes what there is room for of `text` and a line break. A reader that has gone away ends the program by SIGPIPE; other
    /// errors (a full disk) are lost, as they are in C.
    pub fn advance(&self, text: &str, progress: Progress) -> Progress {
        let mut inline = [0; INLINE_LINE];
        let long;
        let line = if let Some(line) = inline.get_mut(..=text.len()) {
            line[..text.len()].copy_from_slice(text.as_bytes());
            line[text.len()] = b'\n';
            &*line
        } else {
            long = [text.as_bytes(), b"\n"].concat();
            &long
        };
        let mut state = self.state();
        state.outlet.get_or_insert_with(|| Outlet::of(self.descriptor));
        let mut reached = progress;
        match state.write_line(line, &mut reached) {
            Ok(()) => Progress::Done,
            Err(error) if error.kind() == ErrorKind::WouldBlock => reached,
            Err(error) => {
                state.rest.clear();
                if error.kind() == ErrorKind::BrokenPipe {
                    broken_pipe::deliver();
                }
                Progress::Done
            }
        }
    }

    /// What tells that there is room. An error where the system has no more descriptors.
    fn source(&self, worker: &Worker) -> io::Result<&'static Source> {
        let mut state = self.state();
        if let Some(source) = state.source {
            return Ok(source);
        }
        let descriptor = state.outlet.as_ref().map_or(self.descriptor, Outlet::descriptor);
        let source = reactor::source(stream::standard(worker, descriptor)?);
        state.source = Some(source);
        Ok(source)
    }
}

impl State {
    /// Writes what has been begun, then the line; says how far that has come where it fails.
    fn write_line(&mut self, line: &[u8], progress: &mut Progress) -> io::Result<()> {
        self.write_rest()?;
        if *progress == Progress::Nowhere {
            let count = self.put(line)?;
            if count < line.len() {
                *progress = Progress::Begun;
                self.rest.extend(&line[count..]);
                self.write_rest()?;
            }
        }
        Ok(())
    }

    fn write_rest(&mut self) -> io::Result<()> {
        while !self.rest.is_empty() {
            let count = self.put(&self.rest)?;
            self.rest.drain(..count);
        }
        Ok(())
    }

    /// Writes some of the bytes, without waiting.
    fn put(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(outlet) = &self.outlet else { return Err(ErrorKind::NotConnected.into()) };
        let count = match self.source {
            Some(source) => source.attempt(Direction::Out, |_| {
                outlet.write(bytes).map(|count| Done { count, is_all: false })
            })?,
            None => loop {
                match outlet.write(bytes) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    result => break result?,
                }
            },
        };
        if count == 0 { Err(ErrorKind::WriteZero.into()) } else { Ok(count) }
    }
}

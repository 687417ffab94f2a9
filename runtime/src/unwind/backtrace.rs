//! Backtraces: the functions of the program that a panic came through.
//!
//! A backtrace keeps return addresses, few of each end of a deep stack; names and places are looked up when it is shown.
//! What it shows, innermost first, is a line for each function of the program, inlined or not:
//!
//! ```text
//!   at FILE:LINE:COLUMN in FUNCTION
//! ```
//!
//! Functions of the library do not say where they are: those that were called last are left out, so that the user's own line
//! stands first, and those that called the user's code back are one line, `through FUNCTION`, which names the one that the
//! user called. `PLAT_BACKTRACE=full` shows all of them like the others.

use core::fmt::Write;
use std::collections::VecDeque;

use plat_abi::layout::Location;

use super::frame::{Frame, Origin, Written, origins, origins_of};
use super::tables::Program;
use crate::task::TaskRef;

/// Calls that are shown of the inner end of a stack. A recursion shows its pattern, and a message fits a screen.
const INNER: usize = 10;

/// Calls that are shown of the outer end: how the recursion began.
const OUTER: usize = 5;

/// The calls on a stack.
pub struct Backtrace {
    /// Where the innermost function is shown, instead of at its call.
    first: Option<Written>,
    /// Return addresses of the innermost calls, innermost first.
    inner: Vec<usize>,
    /// Return addresses of the outermost calls.
    outer: VecDeque<usize>,
    /// How many calls between them are not kept.
    omitted: usize,
}

impl Backtrace {
    /// The calls of the task from `frame` outwards, up to its entry.
    pub fn new(frame: Frame, task: TaskRef) -> Self {
        let mut backtrace = Self { first: None, inner: Vec::new(), outer: VecDeque::new(), omitted: 0 };
        let mut frame = frame;
        while !frame.ends(task) {
            backtrace.push(frame.return_address());
            frame = frame.outwards();
        }
        backtrace
    }

    /// As `new`, but the first function is shown where it has opened a scope.
    pub fn at(first: Option<Written>, frame: Frame, task: TaskRef) -> Self {
        Self { first, ..Self::new(frame, task) }
    }

    fn push(&mut self, return_address: usize) {
        if self.inner.len() < INNER {
            self.inner.push(return_address);
            return;
        }
        if self.outer.len() == OUTER {
            self.outer.pop_front();
            self.omitted += 1;
        }
        self.outer.push_back(return_address);
    }

    /// The user's line that comes first; the library's own where there is no other.
    pub fn place(&self, program: &Program) -> Option<&'static Location> {
        let mut calls = self.inner(program).flatten();
        let first = calls.next()?;
        if first.is_users {
            return Some(first.place);
        }
        Some(calls.find(|origin| origin.is_users).map_or(first.place, |origin| origin.place))
    }

    /// The innermost calls, each as the functions that it was written in.
    fn inner<'a>(&'a self, program: &'a Program) -> impl Iterator<Item = Vec<Origin>> + 'a {
        let mut first = self.first;
        self.inner.iter().map(move |&address| match first.take() {
            Some(first) => origins_of(program, Some(first)).collect(),
            None => origins(program, address).collect(),
        })
    }

    /// Writes its lines. The first says `head` instead of `at`.
    pub fn write(&self, program: &Program, head: &str, text: &mut String) {
        let mut lines =
            Lines { program, full: program.shows_all_frames(), head, text, library: None, any: false };
        for call in self.inner(program) {
            lines.add_call(call);
        }
        if self.omitted > 0 {
            lines.flush_library();
            let _ = writeln!(lines.text, "  … {} more calls", self.omitted);
        }
        for &address in &self.outer {
            lines.add_call(origins(program, address).collect());
        }
        lines.end(self);
    }
}

/// Writes lines as calls come.
struct Lines<'a> {
    program: &'a Program,
    full: bool,
    /// What the next line begins with.
    head: &'a str,
    text: &'a mut String,
    /// The last of the library's functions since the user's.
    library: Option<&'static str>,
    /// Whether a function of the user has been shown.
    any: bool,
}

impl Lines<'_> {
    fn add_call(&mut self, call: Vec<Origin>) {
        for origin in call {
            if origin.is_users || self.full {
                self.flush_library();
                self.show(&origin);
            } else if self.any && !origin.is_generated {
                self.library = Some(origin.function);
            }
        }
    }

    fn show(&mut self, origin: &Origin) {
        let head = core::mem::replace(&mut self.head, "at");
        let _ = writeln!(self.text, "  {head} {} in {}", self.program.display(origin.place), origin.function);
        self.any = true;
    }

    fn flush_library(&mut self) {
        if let Some(function) = self.library.take() {
            let _ = writeln!(self.text, "  through {function}");
        }
    }

    /// What called the outermost function of the user is not worth a line. Where there is none, the library's own place is.
    fn end(mut self, backtrace: &Backtrace) {
        if !self.any
            && let Some(origin) = backtrace.inner(self.program).flatten().next()
        {
            self.show(&origin);
        }
    }
}

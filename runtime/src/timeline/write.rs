//! The file: an array of events in Chrome's JSON format. A program that is killed leaves it without its end, which readers accept.
//!
//! Workers are threads there, and what a task runs between two waits is a slice, named after the place of its spawn; inline tasks are slices inside
//! the one that waits for them. Arrows lead from `spawn` to where the task begins, and from where it is woken to where it goes on.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::process;
use std::time::Instant;

use super::{Cause, Event, Kind, Label};
use crate::sync_shim::OnceLock;
use crate::text::json::Quoted;
use crate::text::output;
use crate::unwind::tables::Program;

/// Events of a trace, at most: some 400 MB, which viewers still open.
pub const LIMIT: usize = 4_000_000;

/// Whether a trace takes more events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It does.
    Left,
    /// It is full.
    None,
}

/// The file.
pub struct Writer {
    /// `None` once it is closed, or cannot be written.
    file: Option<File>,
    program: Program,
    written: usize,
    /// How many workers have been named.
    named: usize,
}

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Nanoseconds since the first call.
pub fn now() -> u64 {
    BEGAN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

impl Writer {
    /// A new file.
    pub fn create(path: &OsStr, program: Program) -> io::Result<Self> {
        now();
        let mut file = File::create(path)?;
        file.write_all(b"[{\"name\": \"trace\", \"ph\": \"M\"}")?;
        Ok(Self { file: Some(file), program, written: 0, named: 0 })
    }

    /// Writes events of a worker, as far as there is room.
    pub fn write(&mut self, worker: usize, events: &[Event]) -> Room {
        let mut text = String::new();
        while self.named <= worker {
            let name = format!("worker {}", self.named);
            let _ = write!(
                text,
                ",\n{{\"name\": \"thread_name\", \"ph\": \"M\", \"pid\": {}, \"tid\": {}, \"args\": {{\"name\": {}}}}}",
                process::id(),
                self.named,
                Quoted(&name)
            );
            self.named += 1;
        }
        for event in events.iter().take(LIMIT - self.written) {
            self.encode(worker, event, &mut text);
        }
        self.written += events.len().min(LIMIT - self.written);
        self.put(&text);
        if self.file.is_some() && self.written < LIMIT {
            return Room::Left;
        }
        self.close();
        Room::None
    }

    /// Ends the file.
    pub fn close(&mut self) {
        self.put("\n]\n");
        self.file = None;
    }

    fn put(&mut self, text: &str) {
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all(text.as_bytes())
        {
            output::write_error(format_args!("PLAT_TRACE: the trace cannot be written: {error}\n"));
            self.file = None;
        }
    }

    fn encode(&self, worker: usize, event: &Event, text: &mut String) {
        let mut line = |phase: &str, rest: core::fmt::Arguments<'_>| {
            let (micros, nanos) = (event.nanoseconds / 1000, event.nanoseconds % 1000);
            let _ = write!(
                text,
                ",\n{{\"ph\": \"{phase}\", \"pid\": {}, \"tid\": {worker}, \"ts\": {micros}.{nanos:03}{rest}}}",
                process::id()
            );
        };
        match &event.kind {
            Kind::Spawned(task) => line("s", format_args!("{}", Arrow("spawn", *task))),
            Kind::Woken(task) => line("s", format_args!("{}", Arrow("wake", *task))),
            Kind::Stolen => line("i", format_args!(", \"s\": \"t\", \"name\": \"steal\"")),
            Kind::Begun { task, by } => {
                line(
                    "B",
                    format_args!(
                        ", \"name\": {}, \"args\": {{\"task\": {}}}",
                        Quoted(&self.name(task)),
                        task.id
                    ),
                );
                match by {
                    Cause::Spawned => line("f", format_args!(", \"bp\": \"e\"{}", Arrow("spawn", task.id))),
                    Cause::Woken => line("f", format_args!(", \"bp\": \"e\"{}", Arrow("wake", task.id))),
                    Cause::Itself => {}
                }
            }
            Kind::Left(None) => line("E", format_args!("")),
            Kind::Left(Some(reason)) => {
                line("E", format_args!(", \"args\": {{\"waits in\": \"{}\"}}", reason.name()));
            }
        }
    }

    fn name(&self, task: &Label) -> String {
        match task.spawned_at {
            None => String::from("main"),
            Some(place) => self.program.display(self.program.location(place)),
        }
    }
}

/// One end of an arrow of this kind to a task.
struct Arrow(&'static str, u32);

impl core::fmt::Display for Arrow {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self(kind, task) = self;
        write!(formatter, ", \"name\": \"{kind}\", \"cat\": \"{kind}\", \"id\": {task}")
    }
}

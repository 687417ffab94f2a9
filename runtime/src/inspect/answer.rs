//! Answers SIGQUIT: with a picture on standard error, or to whoever asks by `platc tasks`.
//!
//! Who asks listens on an abstract socket named after this process, then sends the signal. So nothing is open, nor
//! stands in a folder, while nobody asks. The socket only counts if its owner could send the signal, too: it must belong to
//! the same user, or to root.

use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process;
use std::time::Duration;

use super::picture::Picture;
use super::{json, text};
use crate::scheduler::{Busy, Runtime};
use crate::text::output;
use crate::unwind::tables::Program;

/// How long an asker may take to say what it wants and to read it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether anybody reads standard error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Without an asker the picture goes there.
    ToStandardError,
    /// Without an asker nothing is said.
    Silent,
}

/// What an asker wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

/// Answers one signal. Not on a worker.
pub fn answer(runtime: &'static Runtime, without: Without) {
    match Asker::connect() {
        Some(mut asker) => {
            let form = asker.form();
            // An asker that has gone needs no answer.
            let _ = asker.0.write_all(picture(runtime, form).as_bytes());
        }
        None if without == Without::ToStandardError => {
            output::write_error(format_args!("{}", picture(runtime, Form::Text)));
        }
        None => {}
    }
}

fn picture(runtime: &'static Runtime, form: Form) -> String {
    let (program, workers) = (&runtime.program, runtime.worker_count());
    match (runtime.while_paused(|| Picture::take(program, &|fiber| runtime.partner(fiber))), form) {
        (Ok(picture), Form::Json) => json::line(&picture, program, workers),
        (Ok(picture), Form::Text) => heading(workers) + &text::tree(&picture, program),
        (Err(restless), Form::Json) => json::error(&complaint(program, &restless)),
        (Err(restless), Form::Text) => heading(workers) + &complaint(program, &restless) + "\n",
    }
}

fn heading(workers: usize) -> String {
    let plural = if workers == 1 { "" } else { "s" };
    format!("tasks of process {} on {workers} worker{plural}\n", process::id())
}

/// Why there is no picture.
fn complaint(program: &Program, restless: &[Busy]) -> String {
    let busy =
        |busy: &Busy| format!("worker {} has run {} for too long", busy.worker, text::busy(program, busy));
    let mut all: Vec<String> = restless.iter().map(busy).collect();
    if all.is_empty() {
        // It has come to rest since, or it is no worker.
        all.push(String::from("another thread has run a task for too long"));
    }
    format!("no tasks can be shown: {}", all.join(", "))
}

/// Who asks.
struct Asker(UnixStream);

impl Asker {
    fn connect() -> Option<Self> {
        let address = SocketAddr::from_abstract_name(format!("plat-tasks-{}", process::id())).ok()?;
        let socket = UnixStream::connect_addr(&address).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).ok()?;
        socket.set_write_timeout(Some(PATIENCE)).ok()?;
        may_ask(&socket).then_some(Self(socket))
    }

    fn form(&self) -> Form {
        let mut line = String::new();
        // Who says nothing gets text.
        let _ = BufReader::new(&self.0).read_line(&mut line);
        if line.trim_end() == "json" { Form::Json } else { Form::Text }
    }
}

/// Whether the socket's other end belongs to who may send signals to this process.
fn may_ask(socket: &UnixStream) -> bool {
    let mut peer = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the call writes at most `length` bytes to `peer`, and `length`; `geteuid` has no preconditions.
    let (result, own) = unsafe {
        let result = libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        );
        (result, libc::geteuid())
    };
    result == 0 && (peer.uid == own || peer.uid == 0)
}

//! `platc tasks`: asks a running program for its tasks.
//!
//! A program answers to SIGQUIT, on an abstract socket named after its process if somebody listens there. Anything else that got the
//! signal would die of it, so this looks first whether the process has the thread that takes a Plat program's signals.

use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::failure::{Failure, reason};

/// The name of the thread that takes signals.
const SIGNAL_THREAD: &str = "plat-signals";

/// SIGQUIT, number 3, in a mask of signals.
const SIGQUIT_BIT: u64 = 1 << 2;

/// How long the thread of a program that has just begun may take to give itself its name.
const NAMING: Duration = Duration::from_secs(2);

/// How long a program may take: a second to come to rest, and then as long as it has tasks to show.
const PATIENCE: Duration = Duration::from_secs(10);

/// The form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A tree for people.
    Text,
    /// One object on one line.
    Json,
}

/// Asks the program with this process number.
pub fn ask(process: u32, form: Form) -> Result<String, Failure> {
    check_is_plat(process)?;
    let listener = listen(process)?;
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || sender.send(receive(&listener, form)));
    signal(process)?;
    match answer.recv_timeout(PATIENCE) {
        Ok(Ok(answer)) if !answer.is_empty() => Ok(answer),
        Ok(Err(error)) => Err(no_answer(process).note(reason(&error))),
        _ => Err(no_answer(process)),
    }
}

fn no_answer(process: u32) -> Failure {
    Failure::failed(format!("process {process} does not answer"))
}

fn check_is_plat(process: u32) -> Result<(), Failure> {
    let folder = Path::new("/proc").join(process.to_string());
    if !folder.is_dir() {
        return Err(Failure::usage(format!("there is no process {process}")));
    }
    let deadline = Instant::now() + NAMING;
    while blocks_sigquit(&folder) {
        if has_signal_thread(&folder) {
            return Ok(());
        }
        if Instant::now() > deadline {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(Failure::usage(format!("process {process} is not a program of Plat")))
}

/// A Plat program blocks the signal from its first moment on; hardly any other does.
fn blocks_sigquit(process: &Path) -> bool {
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & SIGQUIT_BIT != 0)
}

fn has_signal_thread(process: &Path) -> bool {
    let threads = fs::read_dir(process.join("task")).into_iter().flatten().flatten();
    let mut names = threads.filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok());
    names.any(|name| name.trim_end() == SIGNAL_THREAD)
}

fn listen(process: u32) -> Result<UnixListener, Failure> {
    let name = format!("plat-tasks-{process}");
    let listener = SocketAddr::from_abstract_name(name).and_then(|name| UnixListener::bind_addr(&name));
    listener.map_err(|error| {
        let failure = Failure::failed(format!("cannot listen to process {process}"));
        failure.note(reason(&error)).help("if somebody else is asking it, try again")
    })
}

fn signal(process: u32) -> Result<(), Failure> {
    let kill = Command::new("kill").args(["-s", "QUIT", &process.to_string()]).output();
    let failure = Failure::failed(format!("cannot send a signal to process {process}"));
    match kill {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(failure.note(String::from_utf8_lossy(&output.stderr).trim_end())),
        Err(error) => Err(failure.note(format!("`kill`: {}", reason(&error)))),
    }
}

fn receive(listener: &UnixListener, form: Form) -> std::io::Result<String> {
    let (mut socket, _) = listener.accept()?;
    socket.write_all(match form {
        Form::Text => b"text\n",
        Form::Json => b"json\n",
    })?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

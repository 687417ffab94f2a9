//! Runs programs: with their input, until they end or their time is up.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The name by which this binary is the compiler.
pub const COMPILER: &str = "platc";

/// Names the sanitizer by which the programs of the tests are watched. What it reports changes their exit codes.
const SANITIZE: &str = "PLAT_SANITIZE";

/// No test's process takes more than a second on an idle machine; this leaves room for busy ones.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// How a process ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ended {
    /// The exit code; 128 and the signal's number for one that a signal ended, as shells count.
    pub fn code(&self) -> i32 {
        self.status.code().or(self.status.signal().map(|signal| 128 + signal)).expect("one of the two")
    }

    /// Complains unless the process ended with this code.
    pub fn expect_code(&self, code: i32) -> Result<&Self, String> {
        if self.code() == code {
            return Ok(self);
        }
        let Self { status, stdout, stderr } = self;
        Err(format!(
            "ended with {status}, not with exit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        ))
    }
}

/// The compiler with these arguments, to be run in `folder`.
pub fn platc<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Command {
    let binary = std::env::current_exe().expect("this binary has a path");
    let arguments: Vec<A> = arguments.into_iter().collect();
    let mut command = program(&binary, folder);
    command.arg0(COMPILER).args(&arguments);
    let is_build = arguments.first().is_some_and(|first| first.as_ref() == "build");
    let emits = arguments.iter().any(|argument| argument.as_ref() == "--emit");
    if let Some(sanitizer) = std::env::var_os(SANITIZE).filter(|_| is_build && !emits) {
        command.arg("--sanitize").arg(sanitizer);
    }
    command
}

/// A program, to be run in `folder`, with an environment that does not depend on who runs the tests.
pub fn program(path: &Path, folder: &Path) -> Command {
    let mut command = Command::new(path);
    command.current_dir(folder);
    for variable in [
        "PLAT_WORKERS",
        "PLAT_LEAKS",
        "PLAT_CANCEL_AT",
        "PLAT_PANIC_AT",
        "PLAT_STACK_MAX",
        "PLAT_STACK_CHECK",
        "PLAT_BACKTRACE",
        "PLAT_TRACE",
        "PLAT_WATCHDOG",
        "PLAT_FAULTS",
        "RUST_BACKTRACE",
        "NO_COLOR",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs to the end. A process that does not end in time is killed and complained about.
pub fn run(command: &mut Command, stdin: &str) -> Result<Ended, String> {
    run_within(command, stdin, TIMEOUT)
}

/// As [`run`], of a process that takes so long at most.
pub fn run_within(command: &mut Command, stdin: &str, timeout: Duration) -> Result<Ended, String> {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let mut input = child.stdin.take().expect("standard input is a pipe");
    let stdin = stdin.to_owned();
    // The process may end without reading its input.
    let writer = thread::spawn(move || drop(input.write_all(stdin.as_bytes())));
    let stdout = read_to_end(child.stdout.take().expect("standard output is a pipe"));
    let stderr = read_to_end(child.stderr.take().expect("standard error is a pipe"));
    let deadline = Instant::now() + timeout;
    let status = loop {
        match child.try_wait().expect("the child is ours") {
            Some(status) => break Some(status),
            None if Instant::now() > deadline => {
                child.kill().and_then(|()| child.wait()).expect("the child is ours");
                break None;
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let text = |reader: thread::JoinHandle<Vec<u8>>| {
        let bytes = reader.join().expect("reading does not panic");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (stdout, stderr) = (text(stdout), text(stderr));
    writer.join().expect("writing does not panic");
    match status {
        Some(status) => Ok(Ended { status, stdout, stderr }),
        None => Err(format!(
            "{command:?} did not end in {timeout:?} and was killed\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )),
    }
}

fn read_to_end(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

//! A process that has so much time.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How often one looks for the end of a process that has closed its output before.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How a process ended, and what it wrote.
#[derive(Debug)]
pub struct Ended {
    /// Its status; `None` if its time was up and it was killed.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// Which of the two a piece of output is from.
#[derive(Clone, Copy)]
enum Stream {
    Output,
    Error,
}

/// Runs a process without input to its end, but not for longer than `limit`.
pub fn run(command: &mut Command, limit: Option<Duration>) -> io::Result<Ended> {
    let pipes = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn()?;
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        forward(stdout, Stream::Output, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        forward(stderr, Stream::Error, sender);
    }
    let mut ended = Ended { status: None, stdout: Vec::new(), stderr: Vec::new() };
    let has_closed = ended.collect(&receiver, deadline);
    ended.status = if has_closed { wait_until(&mut child, deadline)? } else { None };
    if ended.status.is_none() {
        // It may have ended by itself in this moment: then there is nothing to kill.
        let _ = child.kill();
        child.wait()?;
        // Processes of its own may keep the pipes open: what is there by now is all.
        ended.take(receiver.try_iter());
    }
    Ok(ended)
}

/// Reads a pipe to its end, on a thread of its own, so that a process never waits for a reader.
fn forward(mut pipe: impl Read + Send + 'static, stream: Stream, sender: Sender<(Stream, Vec<u8>)>) {
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if sender.send((stream, buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    });
}

impl Ended {
    fn take(&mut self, pieces: impl IntoIterator<Item = (Stream, Vec<u8>)>) {
        for (stream, piece) in pieces {
            match stream {
                Stream::Output => self.stdout.extend(piece),
                Stream::Error => self.stderr.extend(piece),
            }
        }
    }

    /// Collects output until both pipes are closed. False if time is up before.
    fn collect(&mut self, receiver: &Receiver<(Stream, Vec<u8>)>, deadline: Option<Instant>) -> bool {
        loop {
            let received = match deadline {
                Some(deadline) => receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())),
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match received {
                Ok(piece) => self.take([piece]),
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
    }
}

/// The status of a process that has closed its output, or `None` if time is up before it ends.
fn wait_until(child: &mut Child, deadline: Option<Instant>) -> io::Result<Option<ExitStatus>> {
    let Some(deadline) = deadline else { return child.wait().map(Some) };
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

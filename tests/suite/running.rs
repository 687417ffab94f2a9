//! What a program can be told while it runs, and asked for.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::process::{self, platc};
use crate::scratch::Scratch;

/// No test waits longer for a program to say or do something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that has been started. One that a failed test leaves behind is killed.
pub struct Running {
    child: Option<Child>,
    stdout: mpsc::Receiver<String>,
    stderr: mpsc::Receiver<String>,
}

/// Builds the program into `scratch`.
pub fn build(scratch: &Scratch, program: &str, options: &[&str]) -> Outcome {
    scratch.write("main.plat", program);
    let mut compiler = platc(scratch.path(), ["build", "main.plat", "-o", "program"]);
    process::run(compiler.args(options), "")?.expect_code(0).map(drop)
}

/// The program that [`build`] has built.
pub fn built(scratch: &Scratch) -> Command {
    let folder = scratch.path();
    process::program(&folder.join("program"), folder)
}

impl Running {
    /// Starts a program.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let pipes = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().map_err(|error| format!("cannot run {command:?}: {error}"))?;
        let stdout = lines(child.stdout.take().expect("standard output is a pipe"));
        let stderr = lines(child.stderr.take().expect("standard error is a pipe"));
        Ok(Self { child: Some(child), stdout, stderr })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("only `end` takes it").id()
    }

    /// Waits until the program has printed this line; the lines before it are lost.
    pub fn prints(&self, line: &str) -> Outcome {
        wait_for(&self.stdout, |printed| printed == line)
    }

    /// Waits until the program has printed a line that begins with this, and gives the rest of it; the lines before it are lost.
    pub fn tells(&self, prefix: &str) -> Result<String, String> {
        let mut rest = String::new();
        wait_for(&self.stdout, |line| {
            let found = line.strip_prefix(prefix);
            rest = found.unwrap_or_default().into();
            found.is_some()
        })?;
        Ok(rest)
    }

    /// Waits until the program has written a line with these words to standard error; the lines before it are lost.
    pub fn complains(&self, words: &str) -> Outcome {
        wait_for(&self.stderr, |line| line.contains(words))
    }

    /// Sends a signal: `INT`, `TERM`, ….
    pub fn signal(&self, name: &str) -> Outcome {
        send(name, self.id())
    }

    /// Waits for its end, by this exit code, or by the signal that it is 128 less than; gives the lines of standard output that nobody has waited for.
    pub fn ends(self, code: i32) -> Result<Vec<String>, String> {
        self.end(code).map(|(output, _)| output)
    }

    /// As `ends`, but gives the lines of standard error.
    pub fn ends_with_errors(self, code: i32) -> Result<Vec<String>, String> {
        self.end(code).map(|(_, errors)| errors)
    }

    fn end(mut self, code: i32) -> Result<(Vec<String>, Vec<String>), String> {
        let (sender, ended) = mpsc::channel();
        let id = self.id();
        let mut child = self.child.take().expect("only this takes it");
        thread::spawn(move || sender.send(child.wait()));
        let Ok(status) = ended.recv_timeout(PATIENCE) else {
            send("KILL", id)?;
            return Err(format!("did not end in {PATIENCE:?}"));
        };
        let status = status.map_err(|error| error.to_string())?;
        let errors: Vec<String> = self.stderr.iter().collect();
        // As shells count.
        let ended = status.code().or(status.signal().map(|signal| 128 + signal));
        if ended != Some(code) {
            return Err(format!("ended with {status}, not with exit code {code}:\n{}", errors.join("\n")));
        }
        Ok((self.stdout.iter().collect(), errors))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn send(signal: &str, process: u32) -> Outcome {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    match sent {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("cannot send SIG{signal}: {other:?}")),
    }
}

fn lines(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // Nobody may listen any more; the program must not block all the same.
            let _ = sender.send(line);
        }
    });
    lines
}

fn wait_for(lines: &mpsc::Receiver<String>, mut is_it: impl FnMut(&str) -> bool) -> Outcome {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if is_it(&line) => return Ok(()),
            Ok(line) => seen.push(line),
            Err(_) => return Err(format!("the line did not come; there were:\n{}", seen.join("\n"))),
        }
    }
}

/// A path that a shell takes as one word.
pub fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

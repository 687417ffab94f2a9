//! `platc test`: runs each test in a process of its own and reports as cargo does.
//!
//! All tests are in one executable, which runs the one whose number stands in its environment. A process per test
//! costs about a millisecond, and nothing that a test does can touch another: a panic, a deadlock, a leak, a stack that
//! overflows, `exit`, a loop without end.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::failure::{Exit, Failure, reason};
use super::limited::{self, Ended};
use super::output;

/// The variable that tells the executable which test to run.
const NUMBER: &str = "PLAT_TEST";

/// What the runtime exits with.
const PANICKED: i32 = 101;
const DEADLOCKED: i32 = 102;
const LEAKED: i32 = 103;
const EXITED: i32 = 104;

/// How a test ended.
struct Outcome {
    /// What went wrong; `None` if nothing did.
    complaint: Option<String>,
    output: Ended,
}

/// The tests of an executable that are to run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The executable.
    pub executable: &'a Path,
    /// The tests.
    pub tests: &'a [Test<'a>],
    /// How many others there are.
    pub left_out: usize,
    /// How long each may take.
    pub limit: Option<Duration>,
}

/// A test to run: its number in the executable and its name.
pub type Test<'a> = (usize, &'a str);

/// Prints the names of tests.
pub fn list(tests: &[Test<'_>]) -> Result<Exit, Failure> {
    let mut text: String = tests.iter().map(|(_, name)| format!("{name}: test\n")).collect();
    text += &format!("\n{}\n", count(tests.len(), "test"));
    output::print(&text)?;
    Ok(Exit::Success)
}

/// Runs tests and reports how they ended.
pub fn run(run: Run<'_>) -> Result<Exit, Failure> {
    let Run { tests, left_out, .. } = run;
    let start = Instant::now();
    output::print(&format!("\nrunning {}\n", count(tests.len(), "test")))?;
    let mut failed: Vec<(&str, Outcome)> = Vec::new();
    in_order(run, |(_, name), outcome| {
        let outcome = outcome?;
        let word = if outcome.complaint.is_none() { "ok" } else { "FAILED" };
        output::print(&format!("test {name} ... {word}\n"))?;
        if outcome.complaint.is_some() {
            failed.push((name, outcome));
        }
        Ok(())
    })?;
    let mut text = String::new();
    if !failed.is_empty() {
        text += "\nfailures:\n";
        text.extend(failed.iter().map(|(name, outcome)| report(name, outcome)));
        text += "\nfailures:\n";
        text.extend(failed.iter().map(|(name, _)| format!("    {name}\n")));
    }
    let word = if failed.is_empty() { "ok" } else { "FAILED" };
    text += &format!(
        "\ntest result: {word}. {} passed; {} failed; {left_out} filtered out; finished in {:.2}s\n",
        tests.len() - failed.len(),
        failed.len(),
        start.elapsed().as_secs_f64(),
    );
    output::print(&text)?;
    Ok(if failed.is_empty() { Exit::Success } else { Exit::Failed })
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// What a failed test has said.
fn report(name: &str, outcome: &Outcome) -> String {
    let mut text = format!("\n---- {name} ----\n");
    for said in [&outcome.output.stdout, &outcome.output.stderr] {
        text += &String::from_utf8_lossy(said);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    text + &format!("the test {}\n", outcome.complaint.as_deref().unwrap_or_default())
}

/// Runs tests side by side, as many as there are processors, and tells `finish` of each in the order given.
fn in_order<'t>(
    run: Run<'t>,
    mut finish: impl FnMut(Test<'t>, Result<Outcome, Failure>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Run { executable, tests, limit, .. } = run;
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let threads = thread::available_parallelism().map_or(1, usize::from).min(tests.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                // Relaxed: only the numbers must differ.
                while let Some(&(number, _)) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver goes when one test could not be run: then the others need not.
                    if sender.send((number, run_one(executable, number, limit))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early: Vec<(usize, Result<Outcome, Failure>)> = Vec::new();
        for &test in tests {
            let outcome = loop {
                if let Some(at) = early.iter().position(|(number, _)| *number == test.0) {
                    break early.swap_remove(at).1;
                }
                match receiver.recv() {
                    Ok(ended) => early.push(ended),
                    Err(_) => return Ok(()),
                }
            };
            finish(test, outcome)?;
        }
        drop(receiver);
        Ok(())
    })
}

fn run_one(executable: &Path, number: usize, limit: Option<Duration>) -> Result<Outcome, Failure> {
    let mut command = Command::new(executable);
    command.env(NUMBER, number.to_string()).env("PLAT_LEAKS", "1");
    let output = limited::run(&mut command, limit)
        .map_err(|error| Failure::failed(format!("cannot start the tests: {}", reason(&error))))?;
    let Some(status) = output.status else {
        let seconds = limit.unwrap_or_default().as_secs();
        return Ok(Outcome { complaint: Some(format!("took longer than {seconds} s")), output });
    };
    let complaint = match (status.code(), status.signal()) {
        (Some(0), _) => None,
        (Some(PANICKED), _) => Some("panicked".to_owned()),
        (Some(DEADLOCKED), _) => Some("waits for ever".to_owned()),
        (Some(LEAKED), _) => Some("leaves objects alive".to_owned()),
        (Some(EXITED), _) => Some("ended the program".to_owned()),
        (Some(code), _) => Some(format!("ended the program with exit code {code}")),
        (None, signal) => Some(format!("was ended by signal {}", signal.unwrap_or_default())),
    };
    Ok(Outcome { complaint, output })
}

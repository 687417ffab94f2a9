//! Programs that are cancelled, and that panic, at each of their suspension points in turn: what they promise holds wherever that is.
//!
//! A program in `tests/points` asserts in a `defer` of `main` that nothing was lost or done twice. Whatever happens, that must hold, and
//! the program must not wait for ever, or leave anything behind in memory. A line `//@ also: MESSAGE` names a panic that may follow from
//! the one that is tried, `//@ handles panics` says that the program may go on after it, and one that says `//@ catches panics` is only cancelled.

use std::path::Path;

use libtest_mimic::Trial;

use crate::process::{self, Ended};
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, root, trial};

/// Points that are tried of a program at most, evenly spread: some milliseconds each.
const MOST: u64 = 250;

/// Points that are tried on two workers. The points are others there each time, so that a few are as good as all.
const FEW: u64 = 20;

/// What a program ends with that was cancelled.
const CANCELLED: i32 = 130;

/// What a program ends with that has panicked.
const PANICKED: i32 = 101;

/// What a program says that catches panics and reports them itself: it is only cancelled.
const CATCHES_PANICS: &str = "//@ catches panics";

/// What happens at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Cancel,
    Panic,
}

/// One run of a program.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    deed: Deed,
    /// With 0 nothing happens, and the program tells how many there are.
    point: u64,
    workers: u32,
}

/// What a program says about itself.
struct Promise<'a> {
    also: Vec<&'a str>,
    handles_panics: bool,
}

/// Two tests per program, or one.
pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for path in files_under(&root().join("tests/points")) {
        trials.push(trial_of(&path, Deed::Cancel));
        if !read(&path).lines().any(|line| line == CATCHES_PANICS) {
            trials.push(trial_of(&path, Deed::Panic));
        }
    }
    trials
}

fn trial_of(path: &Path, deed: Deed) -> Trial {
    let name = path.file_stem().expect("a program has a name").to_string_lossy();
    let verb = if deed == Deed::Cancel { "cancel" } else { "panic" };
    let path = path.to_owned();
    trial(format!("points::{verb}::{name}"), move || try_all(&read(&path), deed))
}

fn try_all(program: &str, deed: Deed) -> Outcome {
    let scratch = Scratch::new();
    build(&scratch, program, &[])?;
    let promise = Promise::of(program);
    let first = Attempt { deed, point: 0, workers: 1 };
    let count = count(&first.run(&scratch)?)?;
    for (workers, most) in [(1, MOST), (2, FEW)] {
        for point in (1..=count).step_by(count.div_ceil(most) as usize) {
            let attempt = Attempt { deed, point, workers };
            promise.check(attempt, &attempt.run(&scratch)?)?;
        }
    }
    Ok(())
}

impl Attempt {
    fn run(self, scratch: &Scratch) -> Result<Ended, String> {
        let mut command = built(scratch);
        let variable = if self.deed == Deed::Cancel { "PLAT_CANCEL_AT" } else { "PLAT_PANIC_AT" };
        command.env(variable, self.point.to_string());
        command.env("PLAT_WORKERS", self.workers.to_string()).env("PLAT_LEAKS", "1");
        process::run(&mut command, "")
    }
}

/// How many suspension points a program says that it has come to.
fn told(ended: &Ended) -> Option<u64> {
    ended.stderr.lines().find_map(|line| line.strip_prefix("suspension points: ")?.parse().ok())
}

fn count(ended: &Ended) -> Result<u64, String> {
    ended.expect_code(0)?;
    told(ended)
        .filter(|&count| count >= 10)
        .ok_or_else(|| format!("no number of suspension points in {:?}", ended.stderr))
}

impl<'a> Promise<'a> {
    fn of(program: &'a str) -> Self {
        let lines = || program.lines().filter_map(|line| line.strip_prefix("//@ "));
        Self {
            also: lines().filter_map(|line| line.strip_prefix("also: ")).collect(),
            handles_panics: lines().any(|line| line == "handles panics"),
        }
    }

    fn check(&self, attempt: Attempt, ended: &Ended) -> Outcome {
        let is_kept = match attempt.deed {
            // It may have finished before it noticed.
            Deed::Cancel => matches!(ended.code(), 0 | CANCELLED) && without_count(ended).is_empty(),
            // Where time decides there may be fewer points than before.
            Deed::Panic if told(ended).is_some() => ended.code() == 0 && without_count(ended).is_empty(),
            Deed::Panic => {
                let is_code = ended.code() == PANICKED || ended.code() == 0 && self.handles_panics;
                is_code && self.expects(attempt.point, ended)
            }
        };
        match is_kept {
            true => Ok(()),
            false => Err(format!(
                "{attempt:?} ended with {}\n--- stdout\n{}\n--- stderr\n{}",
                ended.status, ended.stdout, ended.stderr
            )),
        }
    }

    /// Whether standard error tells of the panic that is tried and what may follow from it, and of nothing else.
    fn expects(&self, point: u64, ended: &Ended) -> bool {
        let first = format!("panic: suspension point {point}");
        ended.stderr.lines().enumerate().all(|(number, line)| match line.strip_prefix("also: ") {
            Some(message) => self.also.contains(&message),
            None if number == 0 => line == first,
            None => line.starts_with("  "),
        })
    }
}

/// What stands in standard error beside the number of points.
fn without_count(ended: &Ended) -> String {
    ended.stderr.lines().filter(|line| !line.starts_with("suspension points: ")).collect()
}

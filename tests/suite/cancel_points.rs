//! Programs that are cancelled at each of their suspension points in turn: what they promise holds wherever that is.
//!
//! A program in `tests/points` asserts in a `defer` of `main` that nothing was lost or done twice. Cancelled or not, it must not panic,
//! wait for ever, or leave anything behind in memory.

use std::path::Path;

use libtest_mimic::Trial;

use crate::process::{self, Ended};
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, root, trial};

/// Points that are tried of a program at most, evenly spread: some milliseconds each.
const MOST: u64 = 250;

/// What a program ends with that was cancelled.
const CANCELLED: i32 = 130;

/// A test per program.
pub fn trials() -> Vec<Trial> {
    let programs = files_under(&root().join("tests/points"));
    let name = |path: &Path| path.file_stem().expect("a program has a name").to_string_lossy().into_owned();
    programs
        .into_iter()
        .map(|path| trial(format!("cancel_points::{}", name(&path)), move || try_all(&read(&path))))
        .collect()
}

fn try_all(program: &str) -> Outcome {
    let scratch = Scratch::new();
    build(&scratch, program, &[])?;
    let count = count(&run(&scratch, 0, 1)?)?;
    let step = count.div_ceil(MOST);
    for point in (1..=count).step_by(step as usize) {
        check(&run(&scratch, point, 1)?, point, 1)?;
    }
    // The points are others there, so that a few of them are as good as all.
    for point in (1..=count).step_by(count.div_ceil(20) as usize) {
        check(&run(&scratch, point, 2)?, point, 2)?;
    }
    Ok(())
}

/// Runs the program, cancelled at a point; at point 0 it is not cancelled and tells how many there are.
fn run(scratch: &Scratch, point: u64, workers: u32) -> Result<Ended, String> {
    let mut command = built(scratch);
    command.env("PLAT_CANCEL_AT", point.to_string());
    command.env("PLAT_WORKERS", workers.to_string()).env("PLAT_LEAKS", "1");
    process::run(&mut command, "")
}

fn count(ended: &Ended) -> Result<u64, String> {
    ended.expect_code(0)?;
    let line = ended.stderr.lines().find_map(|line| line.strip_prefix("suspension points: "));
    let count = line.and_then(|count| count.parse().ok()).filter(|&count| count > 10);
    count.ok_or_else(|| format!("no number of suspension points in {:?}", ended.stderr))
}

fn check(ended: &Ended, point: u64, workers: u32) -> Outcome {
    // It may have finished before it noticed.
    let is_fine = matches!(ended.code(), 0 | CANCELLED) && ended.stderr.is_empty();
    match is_fine {
        true => Ok(()),
        false => Err(format!(
            "cancelled at point {point} on {workers} workers it ended with {}\n--- stdout\n{}\n--- stderr\n{}",
            ended.status, ended.stdout, ended.stderr
        )),
    }
}

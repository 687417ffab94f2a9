//! What gdb shows of compiled programs. Without gdb there is nothing to test, and these tests pass.

use std::fs;
use std::process::Command;

use libtest_mimic::Trial;

use crate::process::{self, platc};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// Line 2 is where it stops: below `half`, inlined into `step`, called by a task of `main`.
const PROGRAM: &str = r#"fn half(n: Int) -> Int {
  10 / n
}

fn step(n: Int) -> Int { if n > 3 { step(n - 1) } else { half(n) + 1 } }

fn main() {
  concurrent {
    let task = spawn { step(5) };
    print(task.await());
  }
}
"#;

/// As above, but so deep that the task has borrowed a second segment of stack.
const DEEP_PROGRAM: &str = r#"fn half(n: Int) -> Int {
  10 / n
}

fn step(n: Int) -> Int { if n > 3 { step(n - 1) + 1 } else { half(n) + 1 } }

fn main() {
  concurrent {
    let task = spawn { yield_now(); step(3_000) };
    yield_now();
    print(task.await());
  }
}
"#;

/// All tests with the debugger.
pub fn trials() -> Vec<Trial> {
    let builds = [("debug_build", &[][..]), ("release_build", &["--release", "-g"])];
    let trials = builds.into_iter().flat_map(|(name, options)| {
        [
            trial(format!("debugger::gdb_shows_functions_and_lines_of_a_{name}"), move || {
                shows_lines(options)
            }),
            trial(format!("debugger::gdb_goes_through_the_segments_of_a_stack_of_a_{name}"), move || {
                goes_through_segments(options)
            }),
        ]
    });
    trials.collect()
}

fn shows_lines(options: &[&str]) -> Outcome {
    let expected =
        ["half (", "steps.plat:2", "step (", "steps.plat:5", "main.task1 (", "steps.plat:9", "2\t  10 / n"];
    shows(PROGRAM, options, &["break steps.plat:2", "run", "backtrace", "list", "info frame"], &expected)
}

fn goes_through_segments(options: &[&str]) -> Outcome {
    let expected = ["#0  half (", "#3000", "main.task1 (", "steps.plat:9"];
    shows(DEEP_PROGRAM, options, &["break steps.plat:2", "run", "backtrace 1", "backtrace -3"], &expected)
}

/// Complains unless gdb, given these commands, shows all that is expected, and nothing strange.
fn shows(program: &str, options: &[&str], commands: &[&str], expected: &[&str]) -> Outcome {
    let scratch = Scratch::new();
    if Command::new("gdb").arg("--version").output().is_err() {
        return Ok(());
    }
    fs::write(scratch.path().join("steps.plat"), program).map_err(|error| error.to_string())?;
    let build = ["build", "steps.plat", "-o", "steps"].iter().chain(options);
    process::run(&mut platc(scratch.path(), build), "")?.expect_code(0)?;
    let shown = gdb(&scratch, commands)?;
    for expected in expected {
        if !shown.contains(expected) {
            return Err(format!("gdb does not show `{expected}`:\n{shown}"));
        }
    }
    let strange = ["corrupt stack", "previous frame inner", "?? ()"];
    match strange.iter().find(|words| shown.contains(**words)) {
        Some(words) => Err(format!("gdb says `{words}`:\n{shown}")),
        None => Ok(()),
    }
}

/// What gdb prints for these commands.
fn gdb(scratch: &Scratch, commands: &[&str]) -> Result<String, String> {
    let mut gdb = process::program("gdb".as_ref(), scratch.path());
    gdb.args(["-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "set pagination off"]);
    for command in commands {
        gdb.args(["-ex", command]);
    }
    let ended = process::run(gdb.arg("steps").env("PLAT_WORKERS", "1"), "")?;
    Ok(format!("{}{}", ended.stdout, ended.stderr))
}

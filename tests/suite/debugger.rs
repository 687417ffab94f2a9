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

/// All tests with the debugger.
pub fn trials() -> Vec<Trial> {
    let builds = [("debug_build", &[][..]), ("release_build", &["--release", "-g"])];
    let trials = builds.into_iter().map(|(name, options)| {
        trial(format!("debugger::gdb_shows_functions_and_lines_of_a_{name}"), move || shows_lines(options))
    });
    trials.collect()
}

fn shows_lines(options: &[&str]) -> Outcome {
    let scratch = Scratch::new();
    if Command::new("gdb").arg("--version").output().is_err() {
        return Ok(());
    }
    fs::write(scratch.path().join("steps.plat"), PROGRAM).map_err(|error| error.to_string())?;
    let build = ["build", "steps.plat", "-o", "steps"].iter().chain(options);
    process::run(&mut platc(scratch.path(), build), "")?.expect_code(0)?;
    let shown = gdb(&scratch, &["break steps.plat:2", "run", "backtrace", "list", "info frame"])?;
    for expected in
        ["half (", "steps.plat:2", "step (", "steps.plat:5", "main.task1 (", "steps.plat:9", "2\t  10 / n"]
    {
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

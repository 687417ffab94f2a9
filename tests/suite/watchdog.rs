//! `PLAT_WATCHDOG`: naming what holds a worker.

use libtest_mimic::Trial;

use crate::process;
use crate::running::{Running, build, built};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// A task is in C for three seconds.
const NAPPING: &str = r#"extern "C" { fn usleep(micros: UInt32) -> Int32; }

fn nap() {
  let _ = usleep(3_000_000);
}

fn main() {
  concurrent {
    let napper = spawn { print("ready"); nap() };
    napper.await();
  }
}
"#;

/// A task computes for two seconds.
const COMPUTING: &str = r#"
fn spin(start: Instant) -> Int {
  var rounds = 0;
  while start.elapsed() < 2s {
    rounds += 1;
  }
  rounds
}

fn main() {
  concurrent {
    let spinner = spawn { spin(Instant.now()) };
    let _ = spinner.await();
  }
}
"#;

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests of the watchdog.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("a_call_of_c_that_holds_a_worker_is_named", a_call_of_c_that_holds_a_worker_is_named),
        ("a_loop_that_holds_a_worker_is_named", a_loop_that_holds_a_worker_is_named),
        ("a_time_that_is_none_is_complained_about", a_time_that_is_none_is_complained_about),
        ("a_program_in_c_says_where_when_it_is_asked", a_program_in_c_says_where_when_it_is_asked),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("watchdog::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// What the watchdog of a program says.
fn complaints(scratch: &Scratch, program: &str, time: &str) -> Result<String, String> {
    build(scratch, program, &["--release"])?;
    let mut program = built(scratch);
    let ended = process::run(program.env("PLAT_WATCHDOG", time).env("PLAT_WORKERS", "2"), "")?;
    Ok(ended.expect_code(0)?.stderr.clone())
}

fn a_call_of_c_that_holds_a_worker_is_named(scratch: &Scratch) -> Outcome {
    let said = complaints(scratch, NAPPING, "200ms")?;
    // On a busy machine other things may take long as well.
    expect_once(&said, ", in usleep of C called at main.plat:4:11 in nap")
}

fn a_loop_that_holds_a_worker_is_named(scratch: &Scratch) -> Outcome {
    let said = complaints(scratch, COMPUTING, "200ms")?;
    expect_once(&said, ", at main.plat:4:3 in spin")
}

fn expect_once(said: &str, words: &str) -> Outcome {
    let is_that = |line: &&str| line.starts_with("watchdog: for ") && line.ends_with(words);
    if said.lines().filter(is_that).count() != 1 {
        return Err(format!("the watchdog says: {said}"));
    }
    Ok(())
}

fn a_time_that_is_none_is_complained_about(scratch: &Scratch) -> Outcome {
    let said = complaints(scratch, NAPPING, "soon")?;
    let expected = "PLAT_WATCHDOG: `soon` is no duration such as `100ms` or `2s`\n";
    if said == expected { Ok(()) } else { Err(format!("it says: {said}")) }
}

fn a_program_in_c_says_where_when_it_is_asked(scratch: &Scratch) -> Outcome {
    build(scratch, NAPPING, &[])?;
    let program = Running::start(&mut built(scratch))?;
    program.prints("ready")?;
    program.signal("QUIT")?;
    program.complains(", in usleep of C called at main.plat:4:11 in nap for too long")?;
    program.signal("KILL")
}

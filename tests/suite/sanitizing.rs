//! `platc build --sanitize thread`: what ThreadSanitizer is told of a program's memory, and of what comes before what. All tests of the suite can
//! be run so, by `PLAT_SANITIZE=thread`.

use std::process::Command;

use libtest_mimic::Trial;

use crate::process::{self, Ended};
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// An object goes to another thread and comes back.
const PROGRAM: &str = "\
class Tally { var count: Int = 0; }

fn main() {
  let tally = Tally();
  tally.count = 1;
  let thread = Thread.spawn(body = {
    tally.count += 1;
    tally
  });
  let back = thread.join();
  print(back.count);
}
";

/// What the sanitizer ends a program with when it has reported something.
const REPORTED: i32 = 66;

/// A library whose function takes the place of the sanitizer's: nothing comes after anything any more.
const NO_ORDER: &str = "void __tsan_acquire(void *address) { (void)address; }\n";

/// All tests of it.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("sanitizing::what_is_in_order_is_not_reported", || {
            let ended = watched(&Scratch::new(), |_| ())?;
            ended.expect_code(0)?;
            if ended.stdout == "2\n" { Ok(()) } else { Err(format!("printed {}", ended.stdout)) }
        }),
        trial("sanitizing::what_is_out_of_order_is_reported_with_its_line", reports_a_race),
    ]
}

/// Builds the program to be watched, and runs it.
fn watched(scratch: &Scratch, prepare: impl FnOnce(&mut Command)) -> Result<Ended, String> {
    build(scratch, PROGRAM, &["--sanitize", "thread"])?;
    let mut program = built(scratch);
    prepare(&mut program);
    process::run(&mut program, "")
}

fn reports_a_race() -> Outcome {
    let scratch = Scratch::new();
    scratch.write("no_order.c", NO_ORDER);
    let mut compiler = process::program("cc".as_ref(), scratch.path());
    compiler.args(["-shared", "-fPIC", "no_order.c", "-o", "no_order.so"]);
    process::run(&mut compiler, "")?.expect_code(0)?;
    let ended = watched(&scratch, |program| {
        program.env("LD_PRELOAD", scratch.path().join("no_order.so"));
    })?;
    ended.expect_code(REPORTED)?;
    let expected = ["data race", "main.plat:7", "main.plat:11"];
    match expected.iter().find(|words| !ended.stderr.contains(**words)) {
        Some(missing) => Err(format!("`{missing}` is not in the report:\n{}", ended.stderr)),
        None => Ok(()),
    }
}

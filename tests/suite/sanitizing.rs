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

/// An object goes to a task and comes back. With one worker only the tasks tell what runs apart.
const TASKS: &str = "\
class Tally { var count: Int = 0; }

fn main() {
  let tally = Tally();
  tally.count = 1;
  concurrent {
    let task = spawn {
      tally.count += 1;
      tally
    };
    print(task.await().count);
  }
}
";

/// More tasks are under way than have contexts of their own in the sanitizer, and they go from worker to worker.
const CROWD: &str = "\
class Tally { var count: Int = 0; }

fn main() {
  let (tallies, total) = (Channel<Tally>.init(capacity = 3), Atomic<Int>.init(0));
  concurrent {
    for n in 0..400 {
      spawn {
        let tally = Tally();
        tally.count = n;
        yield_now();
        tally.count += 1;
        tallies.send(tally);
      };
    }
    for _ in 0..400 {
      let tally = tallies.recv().unwrap();
      spawn {
        tally.count += 1;
        total.fetch_add(tally.count);
      };
    }
  }
  print(total.load());
}
";

/// What the sanitizer ends a program with when it has reported something.
const REPORTED: i32 = 66;

/// A library whose function takes the place of the sanitizer's: nothing comes after anything any more.
const NO_ORDER: &str = "void __tsan_acquire(void *address) { (void)address; }\n";

/// All tests of it.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("sanitizing::what_is_in_order_is_not_reported", || is_in_order(PROGRAM, "2\n")),
        trial("sanitizing::what_one_worker_does_in_order_is_not_reported", || is_in_order(TASKS, "2\n")),
        trial("sanitizing::what_many_tasks_do_in_order_is_not_reported", || is_in_order(CROWD, "80600\n")),
        trial("sanitizing::what_is_out_of_order_is_reported_with_its_line", || {
            reports_a_race(PROGRAM, "4", ["main.plat:7", "main.plat:11"])
        }),
        trial("sanitizing::tasks_are_told_apart_though_one_worker_runs_them", || {
            reports_a_race(TASKS, "1", ["main.plat:8", "main.plat:5"])
        }),
    ]
}

fn is_in_order(program: &str, printed: &str) -> Outcome {
    let ended = watched(&Scratch::new(), program, |_| ())?;
    ended.expect_code(0)?;
    if ended.stdout == printed { Ok(()) } else { Err(format!("printed {}", ended.stdout)) }
}

/// Builds the program to be watched, and runs it.
fn watched(scratch: &Scratch, program: &str, prepare: impl FnOnce(&mut Command)) -> Result<Ended, String> {
    build(scratch, program, &["--sanitize", "thread"])?;
    let mut program = built(scratch);
    prepare(&mut program);
    process::run(&mut program, "")
}

fn reports_a_race(program: &str, workers: &str, lines: [&str; 2]) -> Outcome {
    let scratch = Scratch::new();
    scratch.write("no_order.c", NO_ORDER);
    let mut compiler = process::program("cc".as_ref(), scratch.path());
    compiler.args(["-shared", "-fPIC", "no_order.c", "-o", "no_order.so"]);
    process::run(&mut compiler, "")?.expect_code(0)?;
    let ended = watched(&scratch, program, |program| {
        program.env("LD_PRELOAD", scratch.path().join("no_order.so")).env("PLAT_WORKERS", workers);
    })?;
    ended.expect_code(REPORTED)?;
    let mut expected = ["data race"].into_iter().chain(lines);
    match expected.find(|words| !ended.stderr.contains(words)) {
        Some(missing) => Err(format!("`{missing}` is not in the report:\n{}", ended.stderr)),
        None => Ok(()),
    }
}

//! SIGINT and SIGTERM: the first cancels the program, the second ends it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use libtest_mimic::Trial;

use crate::running::{Running, build, built, quoted};
use crate::scratch::Scratch;
use crate::{Outcome, expect, read, root, trial};

/// Waits for ever, in `main` and in a task; prints what its `defer`s do.
const WAITING: &str = r#"
fn wait(channel: Channel<Int>, name: String, begun: Channel<Unit>) {
  defer { print("${name} is cleaned up"); }
  begun.send(());
  let _ = channel.recv();
  print("never received");
}

fn spin() {
  loop { yield_now() }
}

fn main() {
  defer { print("main is cleaned up"); }
  concurrent {
    let channel = Channel<Int>.init();
    let begun = Channel<Unit>.init(capacity = 1);
    let _ = spawn { spin() };
    let _ = spawn { wait(channel, "the task", begun) };
    // A task that has not begun when it is cancelled has nothing to clean up.
    let _ = begun.recv();
    print("ready");
    wait(channel, "the body", begun);
  }
  print("never here");
}
"#;

/// Takes for ever to clean up.
const STUBBORN: &str = r#"
fn main() {
  defer {
    print("cleaning up");
    loop { yield_now() }
  }
  print("ready");
  loop { yield_now() }
}
"#;

/// Compute for ever, in a loop and by recursion, and never wait.
const COMPUTING: &str = r#"
fn fib(n: Int) -> Int { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }

fn main() {
  defer { print("main is cleaned up"); }
  concurrent {
    let _ = spawn {
      defer { print("the task is cleaned up"); }
      print("ready");
      fib(90)
    };
    var n = 0;
    loop { n = n.wrapping_add(1); }
  }
}
"#;

/// Takes some signals for a while, and then waits for ever.
const ASKING: &str = r#"
use std::process::signals;

fn main() {
  defer { print("main is cleaned up"); }
  {
    let asked = signals([Hangup, Terminate]).unwrap();
    print("ready");
    print(asked.recv());
    print(asked.recv());
  }
  print("asks no more");
  sleep(1h);
}
"#;

/// Set in the environment of a suite that was started anew.
const STARTED_ANEW: &str = "PLAT_TESTS_HEED_SIGNALS";

/// Starts the suite anew if it ignores signals, as whoever runs it in the background may have made it do: the programs under test would
/// inherit that. Returns where there is nothing to do or no way to do it.
pub fn heed_all() {
    if !ignores_some() || std::env::var_os(STARTED_ANEW).is_some() {
        return;
    }
    let Ok(suite) = std::env::current_exe() else { return };
    let mut anew = Command::new("env");
    anew.arg("--default-signal=HUP,INT,QUIT").arg(suite).args(std::env::args_os().skip(1));
    // It returns only if that cannot be run: then tests of signals may fail.
    let _ = anew.env(STARTED_ANEW, "1").exec();
}

/// Whether SIGHUP, SIGINT or SIGQUIT is ignored, the signals 1 to 3.
fn ignores_some() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 0b111 != 0)
}

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests of signals.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("a_signal_cancels_main_and_its_tasks", a_signal_cancels_main_and_its_tasks),
        ("a_signal_cancels_computations", a_signal_cancels_computations),
        ("a_second_signal_ends_the_program_at_once", a_second_signal_ends_the_program_at_once),
        ("an_ignored_signal_stays_ignored", an_ignored_signal_stays_ignored),
        ("who_asks_for_a_signal_decides", who_asks_for_a_signal_decides),
        (
            "a_signal_that_nobody_has_asked_for_ends_the_program",
            a_signal_that_nobody_has_asked_for_ends_the_program,
        ),
        ("the_example_ends_on_ctrl_c", the_example_ends_on_ctrl_c),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("signals::{name}"), move || test(&Scratch::new())))
        .collect()
}

fn a_signal_cancels_main_and_its_tasks(scratch: &Scratch) -> Outcome {
    build(scratch, WAITING, &[])?;
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        for workers in ["1", "4"] {
            let program = Running::start(built(scratch).env("PLAT_WORKERS", workers))?;
            program.prints("ready")?;
            program.signal(signal)?;
            let mut printed = program.ends(code)?;
            if printed.pop().as_deref() != Some("main is cleaned up") {
                return Err(String::from("`main` was not cleaned up last"));
            }
            printed.sort();
            if printed != ["the body is cleaned up", "the task is cleaned up"] {
                return Err(format!("with {workers} workers there was printed: {printed:?}"));
            }
        }
    }
    Ok(())
}

fn a_signal_cancels_computations(scratch: &Scratch) -> Outcome {
    for options in [&[][..], &["--release"]] {
        build(scratch, COMPUTING, options)?;
        for workers in ["1", "2"] {
            let program = Running::start(built(scratch).env("PLAT_WORKERS", workers))?;
            program.prints("ready")?;
            program.signal("TERM")?;
            let printed = program.ends(143)?;
            if printed != ["the task is cleaned up", "main is cleaned up"] {
                return Err(format!("with {workers} workers there was printed: {printed:?}"));
            }
        }
    }
    Ok(())
}

fn a_second_signal_ends_the_program_at_once(scratch: &Scratch) -> Outcome {
    build(scratch, STUBBORN, &[])?;
    let program = Running::start(&mut built(scratch))?;
    program.prints("ready")?;
    program.signal("INT")?;
    program.prints("cleaning up")?;
    program.signal("TERM")?;
    program.ends(143).map(drop)
}

fn who_asks_for_a_signal_decides(scratch: &Scratch) -> Outcome {
    build(scratch, ASKING, &[])?;
    for workers in ["1", "4"] {
        let program = Running::start(built(scratch).env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1"))?;
        program.prints("ready")?;
        program.signal("TERM")?;
        program.prints("Terminate")?;
        program.signal("HUP")?;
        program.prints("Hangup")?;
        program.prints("asks no more")?;
        program.signal("TERM")?;
        if program.ends(143)? != ["main is cleaned up"] {
            return Err("`main` was not cleaned up".into());
        }
    }
    Ok(())
}

fn a_signal_that_nobody_has_asked_for_ends_the_program(scratch: &Scratch) -> Outcome {
    build(scratch, WAITING, &[])?;
    for (signal, number) in [("HUP", 1), ("USR1", 10), ("USR2", 12)] {
        let program = Running::start(&mut built(scratch))?;
        program.prints("ready")?;
        program.signal("WINCH")?;
        program.signal(signal)?;
        let printed = program.ends(128 + number)?;
        if !printed.is_empty() {
            return Err(format!("after SIG{signal} there was printed: {printed:?}"));
        }
    }
    Ok(())
}

fn an_ignored_signal_stays_ignored(scratch: &Scratch) -> Outcome {
    build(scratch, WAITING, &[])?;
    let executable = quoted(&scratch.path().join("program"));
    let program =
        Running::start(Command::new("sh").args(["-c", &format!("trap '' INT; exec {executable}")]))?;
    program.prints("ready")?;
    program.signal("INT")?;
    program.signal("INT")?;
    program.signal("TERM")?;
    program.ends(143).map(drop)
}

/// `examples/cancel_on_ctrl_c.plat` prints what stands beside it.
fn the_example_ends_on_ctrl_c(scratch: &Scratch) -> Outcome {
    let example = root().join("examples/cancel_on_ctrl_c.plat");
    build(scratch, &read(&example), &[])?;
    for workers in ["1", "4"] {
        let program = Running::start(built(scratch).env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1"))?;
        let first = "serving: stop with ctrl-c";
        program.prints(first)?;
        program.signal("INT")?;
        let rest = program.ends(130)?;
        let printed: String = std::iter::once(first.to_owned()).chain(rest).map(|line| line + "\n").collect();
        expect::compare(&example.with_extension("stdout"), &printed)?;
    }
    Ok(())
}

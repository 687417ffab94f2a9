//! `PLAT_TRACE`: what workers did, as viewers of traces read it.

use std::collections::HashMap;
use std::fs;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::process;
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// Tasks that hand values over, and small ones that run inline.
const PROGRAM: &str = r#"fn main() {
  let channel = Channel<Int>.init();
  concurrent {
    let _ = spawn { for value in channel { print(value); } };
    for n in 0..3 { channel.send(n); }
    channel.close();
  }
  concurrent {
    for n in 0..5_000 { let _ = spawn { n * n }; }
  }
}
"#;

const DEADLOCK: &str = "fn main() {\n  let channel = Channel<Int>.init();\n  print(channel.recv());\n}\n";

const PANIC: &str = "fn main() {\n  concurrent {\n    let _ = spawn { panic(\"no\") };\n  }\n}\n";

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests of traces.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("a_trace_has_slices_and_arrows", a_trace_has_slices_and_arrows),
        ("a_trace_is_whole_however_the_program_ends", a_trace_is_whole_however_the_program_ends),
        ("a_trace_that_cannot_be_written_stops_nothing", a_trace_that_cannot_be_written_stops_nothing),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("traces::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// Builds and runs a program, which ends with `code`, and gives the events of its trace.
fn trace(scratch: &Scratch, program: &str, workers: &str, code: i32) -> Result<Vec<Value>, String> {
    build(scratch, program, &[])?;
    let file = scratch.path().join("trace.json");
    let mut program = built(scratch);
    process::run(program.env("PLAT_TRACE", &file).env("PLAT_WORKERS", workers), "")?.expect_code(code)?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| format!("{error} in {text}"))
}

fn count(events: &[Value], is_it: impl Fn(&Value) -> bool) -> usize {
    events.iter().filter(|event| is_it(event)).count()
}

fn expect(what: &str, actual: usize, expected: usize) -> Outcome {
    if actual == expected { Ok(()) } else { Err(format!("{what}: {actual}, not {expected}")) }
}

/// Every slice of a worker ends, inner ones first, and time goes forward.
fn slices_are_nested(events: &[Value]) -> Outcome {
    let mut workers: HashMap<u64, (i64, f64)> = HashMap::new();
    for event in events.iter().filter(|event| event["ts"].is_number()) {
        let worker = event["tid"].as_u64().ok_or("an event has no worker")?;
        let (depth, last) = workers.entry(worker).or_default();
        let now = event["ts"].as_f64().unwrap_or_default();
        if now < *last {
            return Err(format!("time goes back: {event}"));
        }
        *last = now;
        *depth += match event["ph"].as_str() {
            Some("B") => 1,
            Some("E") => -1,
            _ => 0,
        };
        if *depth < 0 {
            return Err(format!("no slice ends here: {event}"));
        }
    }
    expect("open slices", workers.values().map(|(depth, _)| *depth as usize).sum(), 0)
}

fn a_trace_has_slices_and_arrows(scratch: &Scratch) -> Outcome {
    for workers in ["1", "4"] {
        let events = trace(scratch, PROGRAM, workers, 0)?;
        slices_are_nested(&events)?;
        let begins = |name: &str| count(&events, |event| event["ph"] == "B" && event["name"] == name);
        expect("small tasks", begins("main.plat:9:33"), 5_000)?;
        expect("spawns", count(&events, |event| event["ph"] == "s" && event["name"] == "spawn"), 5_001)?;
        expect("their ends", count(&events, |event| event["ph"] == "f" && event["name"] == "spawn"), 5_001)?;
        if count(&events, |event| event["args"]["waits in"] == "recv") == 0 {
            return Err(String::from("nobody waits in `recv`"));
        }
        if count(&events, |event| event["ph"] == "s" && event["name"] == "wake") == 0 {
            return Err(String::from("nobody is woken"));
        }
        expect("the first worker", count(&events, |event| event["args"]["name"] == "worker 0"), 1)?;
    }
    Ok(())
}

fn a_trace_is_whole_however_the_program_ends(scratch: &Scratch) -> Outcome {
    let deadlocked = trace(scratch, DEADLOCK, "2", 102)?;
    slices_are_nested(&deadlocked)?;
    expect("waits", count(&deadlocked, |event| event["args"]["waits in"] == "recv"), 1)?;
    slices_are_nested(&trace(scratch, PANIC, "2", 101)?)?;
    let exiting = "use std::process;\nfn main() {\n  process::exit(code = 3);\n}\n";
    expect("slices of `main`", count(&trace(scratch, exiting, "2", 3)?, |event| event["name"] == "main"), 1)
}

fn a_trace_that_cannot_be_written_stops_nothing(scratch: &Scratch) -> Outcome {
    build(scratch, PROGRAM, &[])?;
    let ended = process::run(built(scratch).env("PLAT_TRACE", "/nowhere/trace.json"), "")?;
    let expected = "PLAT_TRACE: cannot write `/nowhere/trace.json`: No such file or directory (os error 2)\n";
    if ended.expect_code(0)?.stderr != expected {
        return Err(format!("it says: {}", ended.stderr));
    }
    Ok(())
}

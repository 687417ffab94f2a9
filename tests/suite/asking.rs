//! Asking a running program for its tasks: `platc tasks` and SIGQUIT.

use std::process::Command;

use libtest_mimic::Trial;

use crate::process::{self, platc};
use crate::running::{Running, build, built, quoted};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// A task computes, the others wait; the one that waits for a value has a scope of its own.
const PROGRAM: &str = r#"fn receive(channel: Channel<Int>) -> Int {
  channel.recv().unwrap_or(0)
}

fn nested(channel: Channel<Int>) -> Int {
  concurrent {
    let inner = spawn { receive(channel) };
    inner.await()
  }
}

fn spin() {
  print("ready");
  loop { yield_now() }
}

fn main() {
  let channel = Channel<Int>.init();
  concurrent(name = "crowd") {
    for _ in 0..50 { let _ = spawn { receive(channel) }; }
    let _ = spawn { nested(channel) };
    let spinner = spawn(name = "spinner") { spin() };
    spinner.await();
  }
}
"#;

/// Never comes to rest.
const LOOPING: &str = "fn main() {\n  print(\"ready\");\n  loop { }\n}\n";

/// Is in C for longer than whoever asks waits.
const IN_C: &str = r#"extern "C" { fn usleep(micros: UInt32) -> Int32; }
fn main() {
  print("ready");
  let _ = usleep(20_000_000);
}
"#;

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("a_program_shows_the_tree_of_its_tasks", a_program_shows_the_tree_of_its_tasks),
        ("a_program_lists_its_tasks_as_json", a_program_lists_its_tasks_as_json),
        ("sigquit_shows_the_tasks_on_standard_error", sigquit_shows_the_tasks_on_standard_error),
        ("a_program_that_ignores_sigquit_answers", a_program_that_ignores_sigquit_answers),
        ("a_program_that_computes_shows_where", a_program_that_computes_shows_where),
        ("a_program_that_does_not_rest_says_what_it_runs", a_program_that_does_not_rest_says_what_it_runs),
        ("other_processes_are_not_asked", other_processes_are_not_asked),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("asking::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// Builds and starts a program, which is ready when it says so.
fn start(scratch: &Scratch, program: &str, workers: &str) -> Result<Running, String> {
    build(scratch, program, &["--release"])?;
    let program = Running::start(built(scratch).env("PLAT_WORKERS", workers))?;
    program.prints("ready")?;
    Ok(program)
}

fn ask(scratch: &Scratch, program: &Running, options: &[&str]) -> Result<String, String> {
    let process = program.id().to_string();
    let ended = process::run(platc(scratch.path(), ["tasks", &process]).args(options), "")?;
    Ok(ended.expect_code(0)?.stdout.clone())
}

/// The tree without what differs from run to run: how long tasks wait, and which of those that are alike stand first.
fn without_ages(tree: &str) -> Vec<String> {
    let cut = |line: &str| line.rsplit_once(" for ").map_or(line, |(start, _)| start).trim_end().to_owned();
    tree.lines().skip(1).map(cut).collect()
}

fn a_program_shows_the_tree_of_its_tasks(scratch: &Scratch) -> Outcome {
    for workers in ["1", "4"] {
        let program = start(scratch, PROGRAM, workers)?;
        // The tasks come to wait one after the other.
        let expected = [
            "main waits in await at main.plat:23:5 in main",
            "  concurrent crowd at main.plat:19:3 in main",
            "    task-2 spawned at main.plat:20:30 waits in recv at main.plat:2:3 in receive",
            "    task-3 spawned at main.plat:20:30 waits in recv at main.plat:2:3 in receive",
            "    task-4 spawned at main.plat:20:30 waits in recv at main.plat:2:3 in receive",
            "    task-52 spawned at main.plat:21:13 waits in await at main.plat:8:5 in nested",
            "      concurrent at main.plat:6:3 in nested",
            "        task-N spawned at main.plat:7:17 waits in recv at main.plat:2:3 in receive",
            "    spinner spawned at main.plat:22:19 is ready at main.plat:14:10 in spin",
            "    … and 47 more like task-2",
        ];
        let mut tree = String::new();
        for _ in 0..100 {
            tree = ask(scratch, &program, &[])?;
            let inner = tree.lines().find(|line| line.contains("main.plat:7:17")).map(str::trim_start);
            let number = inner.and_then(|line| line.split(' ').next()).unwrap_or("task-N");
            if without_ages(&tree.replace(number, "task-N")) == expected {
                tree.clear();
                break;
            }
        }
        program.signal("TERM")?;
        program.ends(143)?;
        if !tree.is_empty() {
            return Err(format!("with {workers} workers the tree is\n{tree}"));
        }
    }
    Ok(())
}

fn a_program_lists_its_tasks_as_json(scratch: &Scratch) -> Outcome {
    let program = start(scratch, PROGRAM, "2")?;
    let text = ask(scratch, &program, &["--json"])?;
    let answer: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    let main = &answer["tasks"][0];
    let scope = &answer["scopes"][0];
    let facts = [
        answer["process"] == program.id(),
        answer["workers"] == 2,
        answer["omitted"] == 0,
        main["name"] == "main",
        main["scope"].is_null(),
        main["spawned"].is_null(),
        main["reason"] == "await",
        main["at"] == "main.plat:23:5",
        scope["task"] == 1,
        scope["at"] == "main.plat:19:3",
        scope["name"] == "crowd",
        scope["in"] == "main",
        scope["cancelled"] == false,
        answer["tasks"][1]["scope"] == scope["id"],
    ];
    program.signal("TERM")?;
    program.ends(143)?;
    match facts.iter().position(|fact| !fact) {
        None => Ok(()),
        Some(fact) => Err(format!("fact {fact} does not hold of {text}")),
    }
}

fn sigquit_shows_the_tasks_on_standard_error(scratch: &Scratch) -> Outcome {
    let program = start(scratch, PROGRAM, "2")?;
    program.signal("QUIT")?;
    program.complains(&format!("tasks of process {} on 2 workers", program.id()))?;
    program.complains("main waits in await at main.plat:23:5 in main")?;
    program.signal("INT")?;
    program.ends(130).map(drop)
}

fn a_program_that_ignores_sigquit_answers(scratch: &Scratch) -> Outcome {
    build(scratch, PROGRAM, &[])?;
    let executable = quoted(&scratch.path().join("program"));
    let program =
        Running::start(Command::new("sh").args(["-c", &format!("trap '' QUIT; exec {executable}")]))?;
    program.prints("ready")?;
    program.signal("QUIT")?;
    let answer = ask(scratch, &program, &[])?;
    program.signal("TERM")?;
    let errors = program.ends_with_errors(143)?;
    if !errors.is_empty() || !answer.contains("main waits in await") {
        return Err(format!("the answer is\n{answer}\nand on standard error stands\n{}", errors.join("\n")));
    }
    Ok(())
}

fn a_program_that_computes_shows_where(scratch: &Scratch) -> Outcome {
    for workers in ["1", "2"] {
        let program = start(scratch, LOOPING, workers)?;
        let answer = ask(scratch, &program, &[])?;
        program.signal("TERM")?;
        program.ends(143)?;
        let words = "main is ready at main.plat:3:3 in main";
        if !answer.contains(words) {
            return Err(format!("`{words}` does not stand in\n{answer}"));
        }
    }
    Ok(())
}

fn a_program_that_does_not_rest_says_what_it_runs(scratch: &Scratch) -> Outcome {
    let program = start(scratch, IN_C, "2")?;
    let answer = ask(scratch, &program, &[])?;
    let json = ask(scratch, &program, &["--json"])?;
    program.signal("KILL")?;
    let words = "no tasks can be shown: worker 0 has run main, in usleep of C called at main.plat:4:11 in main for too long";
    if !answer.contains(words) || !json.contains(words) {
        return Err(format!("`{words}` does not stand in\n{answer}{json}"));
    }
    Ok(())
}

fn other_processes_are_not_asked(scratch: &Scratch) -> Outcome {
    let other = Running::start(Command::new("sleep").arg("20"))?;
    for (process, words) in [
        (other.id().to_string(), "is not a program of Plat"),
        (String::from("4194305"), "there is no process 4194305"),
        (String::from("1x"), "invalid value '1x'"),
    ] {
        let ended = process::run(&mut platc(scratch.path(), ["tasks", &process]), "")?;
        ended.expect_code(2)?;
        if !ended.stderr.contains(words) {
            return Err(format!("`{words}` does not stand in: {}", ended.stderr));
        }
    }
    // It is still alive, or could not get the signal.
    other.signal("TERM")
}

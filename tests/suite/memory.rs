//! What programs of many tasks take of the machine's memory.

use std::fs;

use libtest_mimic::Trial;

use crate::running::{Running, build, built};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// So many tasks wait at once for values of channels of their own; then they end, and the program stays.
const TASKS: u64 = 100_000;
const CROWD: &str = r#"
const TASKS: Int = 100_000;
const WAITING: Atomic<Int> = Atomic.init(0);
const ALL_WAIT: Channel<Unit> = Channel.init(capacity = 1);

fn wait(channel: Channel<Int>) -> Int {
  if WAITING.fetch_add(1) == TASKS - 1 {
    ALL_WAIT.send(());
  }
  channel.recv().unwrap()
}

fn gather() -> Int {
  concurrent {
    var channels: List<Channel<Int>> = [];
    var tasks: List<Task<Int>> = [];
    for _ in 0..TASKS {
      let channel = Channel<Int>.init(capacity = 1);
      channels.push(channel);
      tasks.push(spawn { wait(channel) });
    }
    let _ = ALL_WAIT.recv();
    for channel in channels { channel.send(1); }
    var sum = 0;
    for task in tasks { sum += task.await(); }
    sum
  }
}

fn main() {
  assert_eq(gather(), TASKS);
  print("gathered");
  sleep(1h);
}
"#;

/// Bytes that each may take, with its channel and its share of the lists.
const MOST_FOR_TASK: u64 = 1229;

/// Bytes that a program takes without tasks, and more.
const BESIDE: u64 = 8 << 20;

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests of memory.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("a_task_that_waits_takes_little", a_task_that_waits_takes_little),
        ("stacks_go_back_to_the_system_after_a_peak", stacks_go_back_to_the_system_after_a_peak),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("memory::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// The most memory that the program has taken so far, and what it takes once its tasks have ended.
fn peak_and_rest(scratch: &Scratch) -> Result<(u64, u64), String> {
    build(scratch, CROWD, &["--release"])?;
    let program = Running::start(built(scratch).env("PLAT_WORKERS", "2"))?;
    program.prints("gathered")?;
    let path = format!("/proc/{}/status", program.id());
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.map(|kilobytes| kilobytes << 10).ok_or_else(|| format!("no {name} in {status}"))
    };
    Ok((bytes("VmHWM:")?, bytes("VmRSS:")?))
}

fn a_task_that_waits_takes_little(scratch: &Scratch) -> Outcome {
    let (peak, _) = peak_and_rest(scratch)?;
    let most = TASKS * MOST_FOR_TASK + BESIDE;
    if peak > most { Err(format!("the program has taken {peak} bytes, more than {most}")) } else { Ok(()) }
}

fn stacks_go_back_to_the_system_after_a_peak(scratch: &Scratch) -> Outcome {
    let (peak, rest) = peak_and_rest(scratch)?;
    if rest > peak / 2 { Err(format!("of {peak} bytes {rest} are kept")) } else { Ok(()) }
}

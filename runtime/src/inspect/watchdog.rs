//! `PLAT_WATCHDOG=100ms`: names what holds a worker for longer than that, because it computes or calls C without a pause.
//!
//! A thread looks at each worker a few times within that time. A worker is held while no task of it begins, ends, waits, spawns or wakes another.
//! A call of C is seen from outside; a task that computes is asked where it is, and says so at its next poll.
//! Rejected: to be on always; the thread would wake an idle processor again and again.

use core::time::Duration;
use std::env;
use std::time::Instant;

use super::text;
use crate::fiber::FiberRef;
use crate::scheduler::Runtime;
use crate::scheduler::polls::Asked;
use crate::scheduler::worker::Worker;
use crate::sync_shim::{Mutex, thread};
use crate::text::output;

/// Looks within the time that is allowed: a report comes late by a quarter of it at most.
const LOOKS: u32 = 4;

/// How many times the time that is allowed a task may take to say where it is.
const PATIENCE: u32 = 2;

/// The least time that can be asked for: looks take some microseconds.
const LEAST: Duration = Duration::from_millis(1);

/// What is known of a worker.
struct Watched {
    /// Its progress when it was looked at last.
    progress: Option<i64>,
    /// When that was seen for the first time.
    since: Instant,
    is_reported: bool,
}

/// Where a worker's task was when it was asked.
struct Noted {
    worker: usize,
    /// The worker's progress then.
    progress: Option<i64>,
    place: String,
}

/// What has been noted since the last report, at most one of each worker.
static NOTED: Mutex<Vec<Noted>> = Mutex::new(Vec::new());

const EXPECTATION: &str = "no holder of this lock panics";

/// Notes where the fiber is that has come to a poll.
pub fn note_place(worker: &Worker, fiber: FiberRef) {
    let (index, runtime) = (worker.index(), worker.runtime);
    let Some(place) = text::place(&runtime.program, fiber) else { return };
    let mut noted = NOTED.lock().expect(EXPECTATION);
    noted.retain(|other| other.worker != index);
    noted.push(Noted { worker: index, progress: runtime.progress(index), place });
}

/// Where the task is that has held the worker since its progress was that, if it has said so.
fn take_noted(worker: usize, progress: Option<i64>) -> Option<String> {
    let mut noted = NOTED.lock().expect(EXPECTATION);
    let last = noted.iter().position(|noted| noted.worker == worker).map(|index| noted.swap_remove(index));
    last.filter(|noted| noted.progress == progress).map(|noted| noted.place)
}

/// Starts to watch, if `PLAT_WATCHDOG` says so.
pub fn watch(runtime: &'static Runtime) {
    let Some(text) = env::var_os("PLAT_WATCHDOG").filter(|text| !text.is_empty()) else { return };
    let Some(limit) = text.to_str().and_then(parse_duration) else {
        let text = text.display();
        output::write_error(format_args!("PLAT_WATCHDOG: `{text}` is no duration such as `100ms` or `2s`\n"));
        return;
    };
    let thread = thread::Builder::new().name(String::from("plat-watchdog"));
    if thread.spawn(move || look_on(runtime, limit.max(LEAST))).is_err() {
        output::write_error(format_args!("PLAT_WATCHDOG: the system has no thread for it\n"));
    }
}

fn look_on(runtime: &'static Runtime, limit: Duration) {
    let unknown = || Watched { progress: None, since: Instant::now(), is_reported: false };
    let mut workers: Vec<Watched> = (0..runtime.worker_count()).map(|_| unknown()).collect();
    loop {
        thread::sleep(limit / LOOKS);
        for (index, watched) in workers.iter_mut().enumerate() {
            look(runtime, index, watched, limit);
        }
    }
}

fn look(runtime: &'static Runtime, worker: usize, watched: &mut Watched, limit: Duration) {
    let progress = runtime.progress(worker);
    if progress.is_none() || progress != watched.progress {
        *watched = Watched { progress, since: Instant::now(), is_reported: false };
        return;
    }
    if watched.is_reported {
        return;
    }
    let held = watched.since.elapsed();
    let place = if held < limit { None } else { take_noted(worker, progress) };
    let Some(busy) = runtime.busy(worker) else { return };
    let may_tell = busy.foreign.is_none() && held < PATIENCE * limit;
    if held < limit || may_tell && place.is_none() {
        runtime.ask(worker, Asked::Place);
        return;
    }
    watched.is_reported = true;
    let task = text::busy(&runtime.program, &busy);
    let place = place.unwrap_or_default();
    output::write_error(format_args!(
        "watchdog: for {}ms worker {worker} is held by {task}{place}\n",
        held.as_millis()
    ));
}

/// A duration as programs write it.
fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let number = digits.parse().ok()?;
    match &text[digits.len()..] {
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("100ms"), Some(Duration::from_millis(100)));
        assert_eq!(parse_duration("2m"), Some(Duration::from_secs(120)));
        for text in ["", "ms", "100", "-1s", "1.5s", "1h", "18446744073709551615m"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}

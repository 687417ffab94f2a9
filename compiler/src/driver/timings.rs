//! How long each stage took.

use std::time::{Duration, Instant};

/// The stages that have run, in order.
#[derive(Debug, Default)]
pub struct Timings {
    /// Whether the user wants to see them.
    wanted: bool,
    stages: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// No stage has run yet.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, stages: Vec::new() }
    }

    /// Runs a stage and notes how long it took.
    pub fn stage<T>(&mut self, name: &'static str, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = run();
        self.stages.push((name, start.elapsed()));
        result
    }

    /// Prints a line per stage and the sum to standard error, if that is wanted.
    pub fn report(&self) {
        if !self.wanted {
            return;
        }
        let total: Duration = self.stages.iter().map(|(_, time)| *time).sum();
        for (name, time) in self.stages.iter().copied().chain([("total", total)]) {
            eprintln!("{name:>10} {:>9.3} ms", time.as_secs_f64() * 1e3);
        }
    }
}

//! Programs that make tasks collide: at channels, selects, locks, timers, queues of tasks, limits and hosts, on 1, 2 and 8 workers, and once
//! watched by ThreadSanitizer.
//!
//! Each checks itself what must hold in the end, however it went, and leaves nothing behind in memory. Here they run for a moment;
//! `PLAT_STRESS=5000 cargo test -p plat-tests -- stress` has each do so many rounds.

use std::env;
use std::path::Path;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::process;
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, root, trial};

/// Rounds where nothing else is said: some hundredths of a second.
const FEW: u32 = 20;

/// Time for a hundred rounds, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// A test per program.
pub fn trials() -> Vec<Trial> {
    let programs = files_under(&root().join("tests/stress"));
    let name = |path: &Path| path.file_stem().expect("a program has a name").to_string_lossy().into_owned();
    programs
        .into_iter()
        .map(|path| trial(format!("stress::{}", name(&path)), move || run(&read(&path))))
        .collect()
}

fn run(program: &str) -> Outcome {
    let rounds = env::var("PLAT_STRESS").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW);
    let scratch = Scratch::new();
    let builds: [(&[&str], &[&str]); 2] =
        [(&["--release"], &["1", "2", "8"]), (&["--sanitize", "thread"], &["4"])];
    for (options, all_workers) in builds {
        build(&scratch, program, options)?;
        for workers in all_workers {
            let mut command = built(&scratch);
            command.arg(rounds.to_string()).env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1");
            let patience = process::TIMEOUT + PATIENCE * (rounds / 100);
            let ended = process::run_within(&mut command, "", patience)?;
            let place = |complaint| format!("{} on {workers} workers: {complaint}", options.join(" "));
            ended.expect_code(0).map_err(place)?;
        }
    }
    Ok(())
}

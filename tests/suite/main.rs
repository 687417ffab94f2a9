//! Plat's test suite, one binary.
//!
//! `cargo test -p plat-tests -- WORDS` runs the tests whose names contain the words; `PLAT_BLESS=1` in the environment rewrites
//! the expected outputs of UI tests. There is no registration: a test is a file in `tests/ui`, an example in
//! `examples`, a diagnostic code, or a function in one of the lists here.
//!
//! The compiler under test is this binary itself: called by the name `platc` it is the compiler (whose own `main`
//! is the same one line). So the compiler that the tests run is always the one built with them.
#![forbid(unsafe_code)]

mod asking;
mod codes;
mod debugger;
mod docs;
mod driver;
mod edits;
mod examples;
mod expect;
mod fix;
mod full_disk;
mod fuzz;
mod header;
mod leaving;
mod library;
mod memory;
mod points;
mod process;
mod projects;
mod running;
mod sanitizing;
mod scratch;
mod secure;
mod serving;
mod signals;
mod streams;
mod stress;
mod tidy;
mod traces;
mod trees;
mod ui;
mod watchdog;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// What `platc` itself has, for the processes that are the compiler.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a test that did not pass has to say.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let called_as = std::env::args_os().next().map(PathBuf::from);
    if called_as.is_some_and(|path| path.file_name() == Some(process::COMPILER.as_ref())) {
        return platc::driver::main(std::env::args_os());
    }
    signals::heed_all();
    let arguments = Arguments::from_args();
    let mut trials = ui::trials();
    trials.extend(examples::trials());
    trials.extend(asking::trials());
    trials.extend(points::trials());
    trials.extend(codes::trials());
    trials.extend(debugger::trials());
    trials.extend(docs::trials());
    trials.extend(driver::trials());
    trials.extend(fix::trials());
    trials.extend(leaving::trials());
    trials.extend(library::trials());
    trials.extend(memory::trials());
    trials.extend(projects::trials());
    trials.extend(sanitizing::trials());
    trials.extend(secure::trials());
    trials.extend(serving::trials());
    trials.extend(signals::trials());
    trials.extend(streams::trials());
    trials.extend(full_disk::trials());
    trials.extend(stress::trials());
    trials.extend(tidy::trials());
    trials.extend(traces::trials());
    trials.extend(trees::trials());
    trials.extend(watchdog::trials());
    trials.extend(web::trials());
    trials.extend(fuzz::trials());
    trials.extend(edits::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The workspace's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the suite stands in a folder of the workspace")
}

/// A test of that name.
fn trial(name: impl Into<String>, run: impl FnOnce() -> Outcome + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(Into::into))
}

/// All files under `folder`, sorted by path; none when there is no such folder.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The text of a file that the suite cannot do without.
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

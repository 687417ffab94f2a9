//! Every example builds, runs and prints what `examples/NAME.stdout` says, however many workers run it. One that is a
//! folder is a project, which also passes its own tests. Those that serve until they are stopped are tested by `serving`, those that read
//! standard input by `streams`.

use std::path::Path;

use libtest_mimic::Trial;

use crate::process;
use crate::scratch::Scratch;
use crate::serving::SERVERS;
use crate::streams::FILTERS;
use crate::{Outcome, expect, files_under, read, root, trial};

/// A test per example, and one for the program in the README.
pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = std::fs::read_dir(root().join("examples"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "plat"))
        .filter(|path| !SERVERS.iter().chain(FILTERS).any(|other| path.file_stem() == Some(other.as_ref())))
        .map(|path| {
            let name = path.file_stem().expect("it has an ending").to_string_lossy().into_owned();
            trial(format!("examples::{name}"), move || run(&path))
        })
        .collect();
    trials.push(trial("examples::the_readme_shows_one", the_readme_shows_one));
    trials
}

fn run(path: &Path) -> Outcome {
    for options in [&["build"][..], &["build", "--release"]] {
        let scratch = Scratch::new();
        let executable = scratch.path().join("program");
        let mut compiler = process::platc(root(), options);
        let source = path.strip_prefix(root()).expect("it was found there");
        let ended = process::run(compiler.arg(source).arg("-o").arg(&executable), "")?;
        if !ended.expect_code(0)?.stderr.is_empty() {
            return Err(format!("an example compiles without a word, but:\n{}", ended.stderr));
        }
        for workers in ["1", "4"] {
            let mut program = process::program(&executable, scratch.path());
            program.env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1");
            let ended = process::run(&mut program, "")?;
            let complaint = |text| format!("{} with PLAT_WORKERS={workers}: {text}", options.join(" "));
            ended.expect_code(0).map_err(complaint)?;
            expect::compare(&path.with_extension("stdout"), &ended.stdout).map_err(complaint)?;
        }
    }
    if path.is_dir() {
        let ended = process::run(&mut process::platc(path, ["test"]), "")?;
        ended.expect_code(0)?;
    }
    Ok(())
}

/// The program that the README shows is an example, so that it is run with them.
fn the_readme_shows_one() -> Outcome {
    let readme = read(&root().join("README.md"));
    let shown = readme.split("```plat\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown = shown.ok_or("the README shows no program in a ```plat block")?;
    let examples = files_under(&root().join("examples"));
    let is_example =
        examples.iter().any(|path| std::fs::read_to_string(path).is_ok_and(|text| text == shown));
    if is_example { Ok(()) } else { Err("the program in the README is none of the examples".into()) }
}

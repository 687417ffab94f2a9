//! `tests/ui/<area>/<claim>.plat`: one claim per file, whose name is the sentence.
//!
//! Beside a test stands what it prints: `.stderr` and `.stdout` (of the compiler for a checked program, of the
//! program for one that runs), or what `--emit` prints with the stage's name as ending; no file means nothing.
//! Programs run once for each number of workers, and must leave no block on the heap unless they panic.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::header::{Expected, Header, Mode, expectations};
use crate::process::{self, Ended};
use crate::scratch::Scratch;
use crate::{Outcome, expect, files_under, read, root, trial};

/// Exit codes of a panic and of a deadlock, after which the heap is as it is.
const ABNORMAL: [i32; 2] = [101, 102];

/// Where the tests stand; they are compiled from there, so that messages show the same paths everywhere.
pub fn folder() -> PathBuf {
    root().join("tests/ui")
}

/// A test per `.plat` file, and one that finds files which belong to no test.
pub fn trials() -> Vec<Trial> {
    let tests = files_under(&folder()).into_iter().filter(|path| has_ending(path, "plat"));
    let mut trials: Vec<Trial> = tests.map(|path| trial(name(&path), move || run(&path))).collect();
    trials.push(trial("ui::no_orphans", no_orphans));
    trials
}

fn name(path: &Path) -> String {
    let claim = path.strip_prefix(folder()).expect("it was found there").with_extension("");
    format!("ui::{}", claim.display().to_string().replace('/', "::"))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}

fn run(path: &Path) -> Outcome {
    let text = read(path);
    let header = Header::parse(&text)?;
    let expected = expectations(&text)?;
    let source = path.strip_prefix(folder()).expect("it was found there");
    match &header.mode {
        Mode::CheckFail => check(source, &expected, 1),
        Mode::CheckPass => check(source, &expected, 0),
        Mode::Run(code) => build_and_run(source, &header, &expected, *code),
        Mode::Emit(stage) => emit(source, stage),
    }
}

fn check(source: &Path, expected: &[Expected], code: i32) -> Outcome {
    let mut compiler = process::platc(&folder(), [Path::new("check"), source]);
    let ended = process::run(&mut compiler, "")?;
    ended.expect_code(code)?;
    same_diagnostics(expected, &ended, source)?;
    expect::compare(&folder().join(source).with_extension("stderr"), &ended.stderr)
}

fn emit(source: &Path, stage: &str) -> Outcome {
    let mut compiler = process::platc(&folder(), ["build", "--emit", stage]);
    let ended = process::run(compiler.arg(source), "")?;
    ended.expect_code(0)?;
    expect::compare(&folder().join(source).with_extension(stage), &ended.stdout)
}

fn build_and_run(source: &Path, header: &Header, expected: &[Expected], code: i32) -> Outcome {
    let profiles: &[&[&str]] = if header.release { &[&[], &["--release"]] } else { &[&[]] };
    for options in profiles {
        let scratch = Scratch::new();
        let executable = scratch.path().join("program");
        let mut compiler = process::platc(&folder(), ["build"]);
        let ended = process::run(compiler.args(*options).arg(source).arg("-o").arg(&executable), "")?;
        ended.expect_code(0)?;
        same_diagnostics(expected, &ended, source)?;
        for workers in &header.workers {
            let mut program = process::program(&executable, scratch.path());
            program.args(&header.args).env("PLAT_WORKERS", workers.to_string());
            if !ABNORMAL.contains(&code) {
                program.env("PLAT_LEAKS", "1");
            }
            let ended = process::run(&mut program, &header.stdin)?;
            let runs = || format!("with PLAT_WORKERS={workers} {}: ", options.join(" "));
            as_expected(source, code, &ended).map_err(|complaint| runs() + &complaint)?;
        }
    }
    Ok(())
}

fn as_expected(source: &Path, code: i32, ended: &Ended) -> Outcome {
    ended.expect_code(code)?;
    let beside = folder().join(source);
    expect::compare(&beside.with_extension("stdout"), &ended.stdout)?;
    expect::compare(&beside.with_extension("stderr"), &number_tasks(&ended.stderr))
}

/// A text in which tasks are numbered by their first appearance, `task-#1`: their real numbers depend on which worker
/// was first.
fn number_tasks(text: &str) -> String {
    let mut pieces = text.split("task-");
    let mut numbered = String::from(pieces.next().unwrap_or_default());
    let mut seen = Vec::new();
    for piece in pieces {
        let rest = piece.trim_start_matches(|character: char| character.is_ascii_digit());
        let id = &piece[..piece.len() - rest.len()];
        let number = seen.iter().position(|other| *other == id).unwrap_or_else(|| {
            seen.push(id);
            seen.len() - 1
        });
        numbered += &format!("task-#{}{rest}", number + 1);
    }
    numbered
}

/// Compares the compiler's diagnostics with the annotations, which a bless never rewrites.
fn same_diagnostics(expected: &[Expected], ended: &Ended, source: &Path) -> Outcome {
    let actual = diagnostics(&ended.stderr, source);
    if actual == expected {
        return Ok(());
    }
    let mut complaint = String::from("the `//~` annotations do not fit:\n");
    for Expected { line, code } in expected.iter().filter(|one| !actual.contains(one)) {
        complaint += &format!("  line {line}: {code} is expected and missing\n");
    }
    for Expected { line, code } in actual.iter().filter(|one| !expected.contains(one)) {
        complaint += &format!("  line {line}: {code} has no annotation\n");
    }
    Err(format!("{complaint}--- stderr\n{}", ended.stderr))
}

/// Line and code of each diagnostic in the compiler's output, sorted. Line 0 stands for another file.
fn diagnostics(stderr: &str, source: &Path) -> Vec<Expected> {
    let mut found = Vec::new();
    let mut lines = stderr.lines();
    while let Some(line) = lines.next() {
        let head = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["));
        let Some((code, _)) = head.and_then(|head| head.split_once(']')) else { continue };
        let place = lines.next().unwrap_or_default().trim_start().trim_start_matches("--> ");
        let here = place.strip_prefix(&format!("{}:", source.display()));
        let line = here.and_then(|rest| rest.split(':').next()?.parse().ok()).unwrap_or(0);
        found.push(Expected { line, code: code.into() });
    }
    found.sort();
    found
}

/// Every file belongs to a test that writes such a file.
fn no_orphans() -> Outcome {
    let mut orphans = BTreeSet::new();
    for path in files_under(&folder()).into_iter().filter(|path| !has_ending(path, "plat")) {
        let test = path.with_extension("plat");
        let mode =
            std::fs::read_to_string(test).ok().and_then(|text| Header::parse(&text).ok()).map(|it| it.mode);
        let belongs = match mode {
            Some(Mode::CheckFail | Mode::CheckPass) => has_ending(&path, "stderr"),
            Some(Mode::Run(_)) => has_ending(&path, "stderr") || has_ending(&path, "stdout"),
            Some(Mode::Emit(stage)) => has_ending(&path, &stage),
            None => false,
        };
        if !belongs {
            orphans.insert(path);
        }
    }
    if orphans.is_empty() { Ok(()) } else { Err(format!("these files belong to no test: {orphans:#?}")) }
}

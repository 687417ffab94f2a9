//! `tests/ui/<area>/<claim>.plat`: one claim per file, whose name is the sentence.
//!
//! A claim about several files is a folder `tests/ui/<area>/<claim>/` with a `main.plat`: its other files are the
//! program's modules. A claim about a project is a folder with a `plat.toml` and a `src/main.plat`.
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

/// The program's own file in a test that is a folder.
const MAIN: &str = "main.plat";

/// What makes a test's folder a project.
const MANIFEST: &str = "plat.toml";

/// The ending of what `check --effects` prints.
const EFFECTS: &str = "effects";

/// A diagnostic with the file it stands in.
type Placed = (String, Expected);

/// Stack for a million calls, and not so much that a dozen endless recursions at once use up a machine's memory.
const STACK_MAX: &str = "256M";

/// Exit codes of a panic and of a deadlock, after which the heap is as it is.
const ABNORMAL: [i32; 2] = [101, 102];

/// Where the tests stand; they are compiled from there, so that messages show the same paths everywhere.
pub fn folder() -> PathBuf {
    root().join("tests/ui")
}

/// A test per `.plat` file, and one that finds files which belong to no test.
pub fn trials() -> Vec<Trial> {
    let tests = files_under(&folder()).into_iter().filter(|path| has_ending(path, "plat") && is_test(path));
    let mut trials: Vec<Trial> = tests.map(|path| trial(name(&path), move || run(&path))).collect();
    trials.push(trial("ui::no_orphans", no_orphans));
    trials
}

/// Whether it is a test of its own, not a module of one.
fn is_test(path: &Path) -> bool {
    test_folder(path).is_none_or(|folder| path == main_of(folder))
}

/// The program's own file in a test that is a folder.
fn main_of(folder: &Path) -> PathBuf {
    if folder.join(MANIFEST).is_file() { folder.join("src").join(MAIN) } else { folder.join(MAIN) }
}

/// The folder that is a test and holds the file.
fn test_folder(path: &Path) -> Option<&Path> {
    let outer = path.ancestors().skip(1).take_while(|outer| *outer != folder());
    // A project may contain the packages that it depends on.
    outer.filter(|outer| outer.join(MAIN).is_file() || outer.join(MANIFEST).is_file()).last()
}

fn name(path: &Path) -> String {
    let claim = path.strip_prefix(folder()).expect("it was found there");
    let claim = match test_folder(path) {
        Some(folder) => folder.strip_prefix(self::folder()).expect("it was found there").to_owned(),
        None => claim.with_extension(""),
    };
    format!("ui::{}", claim.display().to_string().replace('/', "::"))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}

fn run(path: &Path) -> Outcome {
    let text = read(path);
    let header = Header::parse(&text)?;
    let expected = all_expectations(path)?;
    let source = path.strip_prefix(folder()).expect("it was found there");
    let project = test_folder(path).filter(|folder| folder.join(MANIFEST).is_file());
    let program =
        project.map_or(source, |project| project.strip_prefix(folder()).expect("it was found there"));
    match &header.mode {
        Mode::CheckFail => check(program, source, &expected, 1),
        Mode::CheckPass => check(program, source, &expected, 0),
        Mode::Run(code) => build_and_run(program, source, &header, &expected, *code),
        Mode::Emit(stage) => prints(source, &["build", "--emit", stage], stage),
        Mode::Effects => prints(source, &["check", "--effects"], EFFECTS),
    }
}

/// What the test's file and its modules expect, sorted.
fn all_expectations(path: &Path) -> Result<Vec<Placed>, String> {
    let files = test_folder(path).map_or_else(|| vec![path.to_owned()], files_under);
    let mut all = Vec::new();
    for file in files.iter().filter(|file| has_ending(file, "plat") || file.ends_with(MANIFEST)) {
        let name = file.strip_prefix(folder()).expect("it was found there").display().to_string();
        let expected = expectations(&read(file)).map_err(|problem| format!("{name}: {problem}"))?;
        all.extend(expected.into_iter().map(|one| (name.clone(), one)));
    }
    all.sort();
    Ok(all)
}

fn check(program: &Path, source: &Path, expected: &[Placed], code: i32) -> Outcome {
    let mut compiler = process::platc(&folder(), [Path::new("check"), program]);
    let ended = process::run(&mut compiler, "")?;
    ended.expect_code(code)?;
    same_diagnostics(expected, &ended)?;
    expect::compare(&folder().join(source).with_extension("stderr"), &ended.stderr)
}

fn prints(source: &Path, command: &[&str], ending: &str) -> Outcome {
    let mut compiler = process::platc(&folder(), command);
    let ended = process::run(compiler.arg(source), "")?;
    ended.expect_code(0)?;
    expect::compare(&folder().join(source).with_extension(ending), &ended.stdout)
}

fn build_and_run(program: &Path, source: &Path, header: &Header, expected: &[Placed], code: i32) -> Outcome {
    let profiles: &[&[&str]] = if header.release { &[&[], &["--release"]] } else { &[&[]] };
    for options in profiles {
        let scratch = Scratch::new();
        let executable = scratch.path().join("program");
        let mut compiler = process::platc(&folder(), ["build"]);
        let ended = process::run(compiler.args(*options).arg(program).arg("-o").arg(&executable), "")?;
        ended.expect_code(0)?;
        same_diagnostics(expected, &ended)?;
        let faults = faults_of(source).filter(|_| !header.whole);
        let plain = header.workers.iter().map(|&workers| (workers, None));
        let faulty = header.workers.iter().max().zip(faults).map(|(&workers, seed)| (workers, Some(seed)));
        for (workers, seed) in plain.chain(faulty) {
            let mut program = process::program(&executable, scratch.path());
            program.args(&header.args).env("PLAT_WORKERS", workers.to_string());
            program.env("PLAT_STACK_MAX", STACK_MAX).env("PLAT_STACK_CHECK", "1");
            if !ABNORMAL.contains(&code) {
                program.env("PLAT_LEAKS", "1");
            }
            if let Some(stack) = &header.stack {
                program.env("PLAT_STACK_MAX", stack);
            }
            if let Some(every) = polls_of(source) {
                program.env("PLAT_POLL_EVERY", every);
            }
            if let Some(seed) = seed {
                program.env("PLAT_FAULTS", seed);
            }
            let ended = process::run(&mut program, &header.stdin)?;
            let faults = seed.map(|seed| format!(" PLAT_FAULTS={seed}")).unwrap_or_default();
            let runs = || format!("with PLAT_WORKERS={workers}{faults} {}: ", options.join(" "));
            as_expected(source, code, &ended).map_err(|complaint| runs() + &complaint)?;
        }
    }
    Ok(())
}

/// How many polls pass between two at which others have their turn, in the areas whose tests go through all that a poll may do at any place.
/// Elsewhere polls do what time makes them do.
fn polls_of(source: &Path) -> Option<&'static str> {
    const AREAS: [(&str, &str); 4] = [("defer", "1"), ("stacks", "2"), ("structure", "1"), ("sync", "3")];
    let area = source.iter().next()?.to_str()?;
    AREAS.iter().find(|(name, _)| *name == area).map(|&(_, every)| every)
}

/// In what order operations are interrupted, in vain, or done in part, in a run more of tests of areas that read and write.
fn faults_of(source: &Path) -> Option<&'static str> {
    const AREAS: [&str; 6] = ["fs", "http", "io", "net", "process", "tls"];
    let area = source.iter().next()?.to_str()?;
    AREAS.contains(&area).then_some("7")
}

fn as_expected(source: &Path, code: i32, ended: &Ended) -> Outcome {
    ended.expect_code(code)?;
    let beside = folder().join(source);
    expect::compare(&beside.with_extension("stdout"), &ended.stdout)?;
    expect::compare(&beside.with_extension("stderr"), &without_depths(&number_tasks(&ended.stderr)))
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

/// A text in which backtraces do not say how many calls they leave out: how deep a stack overflows depends on the frames' sizes.
fn without_depths(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_suffix(" more calls") {
        Some(count) if count.starts_with("  … ") => "  … # more calls\n".to_owned(),
        _ => format!("{line}\n"),
    });
    let shown: String = lines.collect();
    if text.ends_with('\n') { shown } else { shown.trim_end_matches('\n').to_owned() }
}

/// Compares the compiler's diagnostics with the annotations, which a bless never rewrites.
fn same_diagnostics(expected: &[Placed], ended: &Ended) -> Outcome {
    let actual = diagnostics(&ended.stderr);
    if actual == expected {
        return Ok(());
    }
    let mut complaint = String::from("the `//~` annotations do not fit:\n");
    for (file, Expected { line, code }) in expected.iter().filter(|one| !actual.contains(one)) {
        complaint += &format!("  {file}, line {line}: {code} is expected and missing\n");
    }
    for (file, Expected { line, code }) in actual.iter().filter(|one| !expected.contains(one)) {
        complaint += &format!("  {file}, line {line}: {code} has no annotation\n");
    }
    Err(format!("{complaint}--- stderr\n{}", ended.stderr))
}

/// File, line and code of each diagnostic in the compiler's output, sorted.
fn diagnostics(stderr: &str) -> Vec<Placed> {
    let mut found = Vec::new();
    let mut lines = stderr.lines();
    while let Some(line) = lines.next() {
        let head = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["));
        let Some((code, _)) = head.and_then(|head| head.split_once(']')) else { continue };
        let place = lines.next().unwrap_or_default().trim_start().trim_start_matches("--> ");
        let mut parts = place.split(':');
        let file = parts.next().unwrap_or_default().to_owned();
        let line = parts.next().and_then(|line| line.parse().ok()).unwrap_or(0);
        found.push((file, Expected { line, code: code.into() }));
    }
    found.sort();
    found
}

/// Every file belongs to a test that writes such a file.
fn no_orphans() -> Outcome {
    let mut orphans = BTreeSet::new();
    for path in files_under(&folder()) {
        if has_ending(&path, "plat") || path.ends_with(MANIFEST) {
            continue;
        }
        let test = path.with_extension("plat");
        let mode =
            std::fs::read_to_string(test).ok().and_then(|text| Header::parse(&text).ok()).map(|it| it.mode);
        let belongs = match mode {
            Some(Mode::CheckFail | Mode::CheckPass) => has_ending(&path, "stderr"),
            Some(Mode::Run(_)) => has_ending(&path, "stderr") || has_ending(&path, "stdout"),
            Some(Mode::Emit(stage)) => has_ending(&path, &stage),
            Some(Mode::Effects) => has_ending(&path, EFFECTS),
            None => false,
        };
        if !belongs {
            orphans.insert(path);
        }
    }
    if orphans.is_empty() { Ok(()) } else { Err(format!("these files belong to no test: {orphans:#?}")) }
}

//! Random trees of structured concurrency, run by the real runtime, against a sequential model of what they may end with.
//!
//! One Plat program, `tests/trees/interpreter.plat`, runs them all: `tree` is what it reads, `generate` makes trees from numbers, `model` says
//! how each may end. Whatever a tree ends with, no `defer` may have run twice or not at all, no task may outlive its scope, no message may be
//! lost, and nothing may stay behind in memory.
//!
//! `PLAT_TREES=100000 cargo test -p plat-tests -- trees` runs so many on 1, 2 and 8 workers. They are the same each time unless
//! `PLAT_TREES_SEED` says another number. A tree that fails is printed with its number: `PLAT_TREES_ONLY=number`, with that seed, runs it alone,
//! a thousand times.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::process::{self, Ended};
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, read, root, trial};
use model::{End, Ends};
use tree::Body;

mod generate;
mod model;
mod tree;

/// Trees that are run where nothing else is said: a second's worth.
const FEW: u64 = 2_000;

/// How many trees run at once: enough that some always wait while others compute.
const AT_ONCE: u64 = 64;

/// Trees that are made in search of one that has but one end: every third does.
const ATTEMPTS: u64 = 8;

/// How often a tree is run that is run alone.
const AGAIN: u64 = 1_000;

/// Time for a thousand trees, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(3);

/// The tests.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("trees::a_tree_ends_as_it_may", run_all),
        trial("trees::most_trees_have_one_end", most_have_one_end),
    ]
}

/// Numbers of trees, and the trees.
type Trees = Vec<(u64, Body)>;

fn run_all() -> Outcome {
    let seed = number("PLAT_TREES_SEED").unwrap_or(0);
    let trees: Trees = match number("PLAT_TREES_ONLY") {
        Some(only) => (0..AGAIN).map(|_| (only, tree(seed, only))).collect(),
        None => (0..number("PLAT_TREES").unwrap_or(FEW)).map(|number| (number, tree(seed, number))).collect(),
    };
    let scratch = Scratch::new();
    build(&scratch, &read(&root().join("tests/trees/interpreter.plat")), &["--release"])?;
    for workers in [1, 2, 8] {
        run(&scratch, &trees, workers)
            .map_err(|complaint| format!("PLAT_TREES_SEED={seed}, {workers} workers: {complaint}"))?;
    }
    Ok(())
}

fn run(scratch: &Scratch, trees: &Trees, workers: u32) -> Outcome {
    let mut program = built(scratch);
    program.env("PLAT_WORKERS", workers.to_string()).env("PLAT_LEAKS", "1");
    let patience = PATIENCE * (1 + trees.len() as u32 / 1_000) + process::TIMEOUT;
    check(&process::run_within(&mut program, &input(trees), patience)?, trees)
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// A tree. Every second one has but one end, where the model is as sharp as it can be.
fn tree(seed: u64, number: u64) -> Body {
    let attempt = |attempt: u64| generate::generate(seed << 40 | attempt << 32 | number);
    let certain = (0..ATTEMPTS).map(attempt).find(|body| model::ends(body).is_certain());
    certain.filter(|_| number.is_multiple_of(2)).unwrap_or_else(|| attempt(0))
}

/// What the interpreter reads.
fn input(trees: &Trees) -> String {
    let mut text = format!("{AT_ONCE}\n");
    for (number, body) in trees {
        let mut numbers = Vec::new();
        tree::encode(body, &mut numbers);
        write!(text, "{number}").expect("strings take all");
        numbers.iter().for_each(|number| write!(text, " {number}").expect("strings take all"));
        text.push('\n');
    }
    text
}

fn check(ended: &Ended, trees: &Trees) -> Outcome {
    let bodies: BTreeMap<u64, &Body> = trees.iter().map(|(number, body)| (*number, body)).collect();
    for line in ended.stdout.lines() {
        let (number, end) = parse(line).ok_or_else(|| format!("the interpreter printed `{line}`"))?;
        let body = bodies.get(&number).ok_or("there is no such tree")?;
        let ends = model::ends(body);
        if let Some(complaint) = ends.forbid(&end, body) {
            return Err(format!("PLAT_TREES_ONLY={number} {complaint}, it may come to {ends:?}\n{body:?}"));
        }
    }
    ended.expect_code(0)?;
    let printed = ended.stdout.lines().count();
    match printed == trees.len() {
        true => Ok(()),
        false => Err(format!("of {} trees {printed} have ended", trees.len())),
    }
}

/// Reads `17 value 3` or `17 panic 12 13`: what was broken leaves a line that is neither.
fn parse(line: &str) -> Option<(u64, End)> {
    let mut words = line.split(' ');
    let number = words.next()?.parse().ok()?;
    let kind = words.next()?;
    let numbers = words.map(|word| word.parse().ok()).collect::<Option<Vec<i64>>>()?;
    let end = match (kind, numbers.as_slice()) {
        ("value", [value]) => End::Value(*value),
        ("panic", [first, beside @ ..]) => End::Panic(*first, beside.to_vec()),
        _ => return None,
    };
    Some((number, end))
}

/// A model that allows everything would be worth nothing. And all trees have to end.
fn most_have_one_end() -> Outcome {
    let ends: Vec<Ends> = (0..FEW).map(|number| model::ends(&tree(0, number))).collect();
    if let Some(number) = ends.iter().position(Ends::may_block) {
        return Err(format!("tree {number} may wait for ever"));
    }
    let certain = ends.iter().filter(|ends| ends.is_certain()).count();
    match certain * 2 > ends.len() {
        true => Ok(()),
        false => Err(format!("of {} trees only {certain} have one end", ends.len())),
    }
}

//! No input makes the compiler panic: a fuzz target per stage, without a fuzzer.
//!
//! Every input is made from a number, so that one that fails can be made again: `PLAT_FUZZ_SEED=123 cargo test -p
//! plat-tests -- fuzz` runs that one alone. Each target runs for one second, or for `PLAT_FUZZ_SECONDS`. Programs are made
//! in four ways: bytes, words of the language in any order, programs of this repository with something changed, and one
//! thing inside itself many times. The last is also run through the whole compiler in a process of its own, because what
//! overflows a stack cannot be caught.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use plat_syntax::diagnostics::Sink;
use plat_syntax::source::{FileId, Origin, SourceMap};
use plat_syntax::syntax;
use platc::driver::input::{Input, Purpose};
use platc::driver::pipeline::{Goal, Profile, Session, compile};

use crate::scratch::Scratch;
use crate::{Outcome, files_under, process, read, root, trial};

mod nesting;
pub mod random;

use random::Random;

/// A stage of the compiler, as far as it is run.
type Target = fn(&str);

/// A way of making programs.
type Maker = fn(&mut Random) -> String;

/// A test per target and way of making programs, and those of deep programs.
pub fn trials() -> Vec<Trial> {
    let targets: [(&str, Target); 3] = [("parse", parse), ("check", check), ("build", build)];
    let makers: [(&str, Maker); 3] = [("bytes", bytes), ("words", words), ("changed", changed)];
    let mut trials = Vec::new();
    for (stage, target) in targets {
        for (kind, maker) in makers {
            trials.push(trial(format!("fuzz::{stage}::{kind}"), move || run(target, maker)));
        }
    }
    trials.extend(nesting::trials());
    trials
}

/// Stack for the compiler, as its own driver gives it.
const STACK: usize = 512 << 20;

fn run(target: Target, maker: Maker) -> Outcome {
    let work = move || match seed() {
        Some(seed) => one(target, maker, seed),
        None => {
            let end = Instant::now() + seconds();
            (0..).take_while(|_| Instant::now() < end).try_for_each(|seed| one(target, maker, seed))
        }
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).map_err(|error| error.to_string())?;
    thread.join().unwrap_or_else(|_| Err("the fuzzer itself panicked".into()))
}

fn one(target: Target, maker: Maker, seed: u64) -> Outcome {
    let text = maker(&mut Random::new(seed));
    catch_unwind(AssertUnwindSafe(|| target(&text))).map_err(|payload| {
        let message = payload.downcast_ref::<String>().cloned();
        let message = message.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        format!("the compiler panicked, PLAT_FUZZ_SEED={seed}: {}\n{text}", message.unwrap_or_default())
    })
}

fn seed() -> Option<u64> {
    std::env::var("PLAT_FUZZ_SEED").ok()?.parse().ok()
}

fn seconds() -> Duration {
    let given = std::env::var("PLAT_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(given.unwrap_or(1))
}

/// Text to a syntax tree.
fn parse(text: &str) {
    let mut sink = Sink::default();
    let file = syntax::parse(file_of(text), text, &mut sink);
    let _ = syntax::printer::ast(&file);
    let _ = sink.finish();
}

fn file_of(text: &str) -> FileId {
    SourceMap::default().add("fuzz.plat".into(), text.into(), Origin::User)
}

/// As far as the passes over MIR.
fn check(text: &str) {
    through(text, Goal::Check);
}

/// As far as an object file.
fn build(text: &str) {
    through(text, Goal::Object(Profile::DEBUG));
}

fn through(text: &str, goal: Goal) {
    let scratch = Scratch::new();
    scratch.write("fuzz.plat", text);
    let mut session = Session::default();
    // Errors are what most programs have; panics are what is looked for.
    let input = Input::File(scratch.path().join("fuzz.plat"));
    let _ = compile(&mut session, &input, Purpose::Program, goal);
    let _ = session.sink.finish();
}

/// Characters of every kind.
fn bytes(random: &mut Random) -> String {
    let length = random.below(400);
    let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
    let printable = random.below(2) == 0;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if printable { text.chars().map(|c| char::from(b' ' + (c as u32 % 95) as u8)).collect() } else { text }
}

/// What programs are made of.
const WORDS: &[&str] = &[
    "fn",
    "let",
    "var",
    "const",
    "struct",
    "class",
    "enum",
    "interface",
    "extend",
    "type",
    "newtype",
    "pub",
    "use",
    "if",
    "else",
    "match",
    "for",
    "in",
    "while",
    "loop",
    "break",
    "continue",
    "return",
    "and",
    "or",
    "not",
    "as",
    "true",
    "false",
    "self",
    "mut",
    "inout",
    "move",
    "static",
    "init",
    "deinit",
    "defer",
    "concurrent",
    "spawn",
    "race",
    "select",
    "atomically",
    "blocking",
    "extern",
    "retry",
    "or_else",
    "test",
    "timeout",
    "default",
    "await",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    ">>",
    "<<",
    ">=",
    "<=",
    "==",
    "!=",
    "=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "&",
    "|",
    "^",
    "~",
    "?",
    ".",
    "..",
    "..=",
    ",",
    ";",
    ":",
    "::",
    "->",
    "=>",
    "+=",
    "||",
    "&&",
    "!",
    "@",
    "#",
    "0",
    "1",
    "42",
    "0xff",
    "1.5",
    "1e9",
    "5ms",
    "3s",
    "255u8",
    "'a'",
    "\"text\"",
    "\"${",
    "}\"",
    "r\"raw\"",
    "\"\"\"\n",
    "_",
    "x",
    "y",
    "f",
    "main",
    "X",
    "Int",
    "String",
    "List",
    "Option",
    "Some",
    "None",
    "Ok",
    "Err",
    "Result",
    "Self",
    "LIMIT",
    "MAX",
    "T",
    "Point",
    "//",
    "/*",
    "*/",
    "\n",
];

/// Words in any order, often inside a function.
fn words(random: &mut Random) -> String {
    let count = random.below(120);
    let soup: Vec<&str> = (0..count).map(|_| random.pick(WORDS)).collect();
    let soup = soup.join(" ");
    if random.below(3) == 0 { soup } else { format!("fn main() {{ {soup} }}") }
}

/// The programs of this repository.
fn corpus() -> &'static [String] {
    static CORPUS: OnceLock<Vec<String>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let folders = ["tests/ui", "examples", "stdlib"].map(|folder| root().join(folder));
        let files = folders.iter().flat_map(|folder| files_under(folder));
        let programs = files.filter(|path: &PathBuf| path.extension().is_some_and(|ending| ending == "plat"));
        programs.map(|path| read(&path)).filter(|text| text.len() < 20_000).collect()
    })
}

/// The pieces of a text: words, numbers, and single characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length =
            if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        pieces.push(&rest[..length]);
        rest = &rest[length..];
    }
    pieces
}

/// A program with a few pieces changed.
fn changed(random: &mut Random) -> String {
    let corpus = corpus();
    let text = &corpus[random.below(corpus.len())];
    let other = pieces(&corpus[random.below(corpus.len())]);
    let mut pieces = pieces(text);
    for _ in 0..=random.below(4) {
        if pieces.is_empty() {
            break;
        }
        let at = random.below(pieces.len());
        let end = (at + 1 + random.below(12)).min(pieces.len());
        match random.below(7) {
            0 => drop(pieces.drain(at..end)),
            1 => pieces[at] = random.pick(WORDS),
            2 => pieces.insert(at, random.pick(WORDS)),
            3 => {
                let copy = pieces[at..end].to_vec();
                let to = random.below(pieces.len());
                pieces.splice(to..to, copy);
            }
            4 => {
                let with = random.below(pieces.len());
                pieces.swap(at, with);
            }
            5 if !other.is_empty() => {
                let from = random.below(other.len());
                let to = (from + 1 + random.below(12)).min(other.len());
                pieces.splice(at..at, other[from..to].iter().copied());
            }
            _ => pieces.truncate(at + 1),
        }
    }
    pieces.concat()
}

/// Runs the whole compiler on a text, in a process of its own, and says how it ended.
fn in_process(text: &[u8], arguments: &[&str]) -> Result<process::Ended, String> {
    let scratch = Scratch::new();
    std::fs::write(scratch.path().join("fuzz.plat"), text).map_err(|error| error.to_string())?;
    process::run(process::platc(scratch.path(), arguments).arg("fuzz.plat"), "")
}

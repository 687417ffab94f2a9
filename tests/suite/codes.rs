//! Every diagnostic code has an explanation whose programs do what it says, and a UI test.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use libtest_mimic::Trial;
use plat_syntax::diagnostics::Code;
use plat_syntax::diagnostics::codes::ALL;

use crate::header::expectations;
use crate::process;
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, root, trial, ui};

/// A test per code, and one that finds pages of codes that do not exist.
pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> =
        ALL.iter().map(|&code| trial(format!("codes::{code}"), move || check(code))).collect();
    trials.push(trial("codes::no_orphan_pages", no_orphan_pages));
    trials.push(trial("codes::each_in_its_place", each_in_its_place));
    trials
}

fn check(code: Code) -> Outcome {
    let scratch = Scratch::new();
    scratch.write("src/main.plat", "fn main() {}\n");
    let (mut has_failing, mut has_mended) = (false, false);
    for Block { language, text } in blocks(code.page()) {
        match language {
            "plat,fail" => {
                expect_first(&scratch, text, code)?;
                has_failing = true;
            }
            "plat" => {
                expect_silence(&scratch, text)?;
                has_mended = true;
            }
            "toml,fail" => {
                scratch.write("plat.toml", text);
                expect_first_of(&scratch, ".", code)?;
                has_failing = true;
            }
            "toml" => {
                scratch.write("plat.toml", text);
                expect_silence_of(&scratch, ".")?;
                has_mended = true;
            }
            // A module, which the programs after it may use.
            _ => {
                let name = language.strip_prefix("plat,file(").and_then(|rest| rest.strip_suffix(')'));
                if let Some(name) = name {
                    scratch.write(name, text);
                }
            }
        }
    }
    if !has_failing {
        return Err("the page has no ```plat,fail block, a program that gets this diagnostic".into());
    }
    if !has_mended {
        return Err("the page has no ```plat block, the program mended".into());
    }
    has_ui_test(code)
}

fn expect_silence(scratch: &Scratch, program: &str) -> Outcome {
    scratch.write("page.plat", program);
    expect_silence_of(scratch, "page.plat")
}

fn expect_silence_of(scratch: &Scratch, program: &str) -> Outcome {
    let ended = process::run(&mut process::platc(scratch.path(), ["check", program]), "")?;
    if ended.expect_code(0)?.stderr.is_empty() {
        return Ok(());
    }
    Err(format!("the mended program is not without a word:\n{}", ended.stderr))
}

/// The first diagnostic of the page's failing program is the one that the page explains.
fn expect_first(scratch: &Scratch, program: &str, code: Code) -> Outcome {
    scratch.write("page.plat", program);
    expect_first_of(scratch, "page.plat", code)
}

fn expect_first_of(scratch: &Scratch, program: &str, code: Code) -> Outcome {
    let arguments = ["check", "--message-format", "json", program];
    let ended = process::run(&mut process::platc(scratch.path(), arguments), "")?;
    ended.expect_code(if code.name().starts_with('W') { 0 } else { 1 })?;
    let first = ended.stderr.lines().next().ok_or("the failing program gets no diagnostic")?;
    let message: serde_json::Value = serde_json::from_str(first).map_err(|error| error.to_string())?;
    if message["code"] == code.name() {
        return Ok(());
    }
    Err(format!("the first diagnostic of the failing program is not {code}:\n{}", ended.stderr))
}

fn has_ui_test(code: Code) -> Outcome {
    static TESTED: OnceLock<BTreeSet<String>> = OnceLock::new();
    if TESTED.get_or_init(tested_codes).contains(code.name()) {
        return Ok(());
    }
    Err(format!("no test in tests/ui expects `//~ {code}`"))
}

/// The codes that UI tests expect.
fn tested_codes() -> BTreeSet<String> {
    let mut tests = files_under(&ui::folder());
    tests.retain(|path| path.extension().is_some_and(|ending| ending == "plat" || ending == "toml"));
    let expected = tests.iter().filter_map(|path| expectations(&read(path)).ok());
    expected.flatten().map(|one| one.code).collect()
}

/// A fenced block.
struct Block<'a> {
    /// What stands after the opening fence.
    language: &'a str,
    text: &'a str,
}

/// The fenced blocks of a page, in order.
fn blocks(page: &str) -> impl Iterator<Item = Block<'_>> {
    page.split("```").skip(1).step_by(2).filter_map(|block| {
        let (language, text) = block.split_once('\n')?;
        Some(Block { language, text })
    })
}

fn no_orphan_pages() -> Outcome {
    let pages = files_under(&root().join("compiler/syntax/src/diagnostics/explain"));
    let orphan = pages
        .iter()
        .find(|page| Code::find(&page.file_stem().unwrap_or_default().to_string_lossy()).is_none());
    orphan.map_or(Ok(()), |page| Err(format!("{} explains no code", page.display())))
}

/// Codes stand by range, in each range errors before warnings.
fn each_in_its_place() -> Outcome {
    let place = |code: &Code| {
        let (letter, digits) = code.name().split_at(1);
        (digits[..2].to_owned(), letter.to_owned(), digits.to_owned())
    };
    match ALL.windows(2).find(|pair| place(&pair[0]) >= place(&pair[1])) {
        Some(pair) => Err(format!("{} stands before {} in the list of codes", pair[0], pair[1])),
        None => Ok(()),
    }
}

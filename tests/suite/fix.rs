//! `platc fix`: what it changes, and what it leaves to people.

use std::fs;

use libtest_mimic::Trial;

use crate::process::{self, Ended, platc};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

type Test = fn(&Scratch) -> Outcome;

/// All tests of `platc fix`.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("edits_are_made_until_nothing_is_offered", edits_are_made_until_nothing_is_offered),
        ("a_dry_run_changes_nothing", a_dry_run_changes_nothing),
        ("what_takes_judgement_is_left", what_takes_judgement_is_left),
        ("edits_that_make_it_worse_are_taken_back", edits_that_make_it_worse_are_taken_back),
        ("only_files_of_the_project_are_changed", only_files_of_the_project_are_changed),
    ];
    tests.iter().map(|&(name, test)| trial(format!("fix::{name}"), move || test(&Scratch::new()))).collect()
}

fn fix(scratch: &Scratch, arguments: &[&str]) -> Result<Ended, String> {
    process::run(&mut platc(scratch.path(), [&["fix"], arguments].concat()), "")
}

fn same(actual: &str, expected: &str) -> Outcome {
    if actual == expected { Ok(()) } else { Err(format!("this is\n{actual}\nand not\n{expected}")) }
}

fn says(text: &str, words: &str) -> Outcome {
    if text.contains(words) { Ok(()) } else { Err(format!("`{words}` does not stand in:\n{text}")) }
}

fn file(scratch: &Scratch, name: &str) -> String {
    fs::read_to_string(scratch.path().join(name)).unwrap_or_default()
}

const MISTAKEN: &str = "\
const limit: Int = 3;
struct point { let x: Int }

fn find(n: Int) -> Option<Int> {
  var m = n
  if m > limt { None } else { m }
}

fn main() {
  let p = Point(x = 1);
  match find(p.x) { Some(n) -> print(n), None -> {} }
}
";

const MENDED: &str = "\
const LIMIT: Int = 3;
struct Point { let x: Int; }

fn find(n: Int) -> Option<Int> {
  let m = n;
  if m > LIMIT { None } else { Some(m) }
}

fn main() {
  let p = Point(x = 1);
  match find(p.x) { Some(n) -> print(n), None -> {} }
}
";

// The second round finds the name, the third the type and the needless `var`.
fn edits_are_made_until_nothing_is_offered(scratch: &Scratch) -> Outcome {
    scratch.write("a.plat", MISTAKEN);
    let ended = fix(scratch, &["a.plat"])?;
    same(&ended.expect_code(0)?.stdout, "fixed a.plat (7 fixes)\n")?;
    same(&ended.stderr, "")?;
    same(&file(scratch, "a.plat"), MENDED)?;
    same(&fix(scratch, &["a.plat"])?.expect_code(0)?.stdout, "")
}

fn a_dry_run_changes_nothing(scratch: &Scratch) -> Outcome {
    scratch.write("a.plat", MISTAKEN);
    let ended = fix(scratch, &["--dry-run", "a.plat"])?;
    says(&ended.expect_code(1)?.stdout, "a.plat:1:7: E0008: write `LIMIT`\n")?;
    says(&ended.stdout, "a.plat:5:11: E0102: write `;` here\n")?;
    same(&file(scratch, "a.plat"), MISTAKEN)
}

fn what_takes_judgement_is_left(scratch: &Scratch) -> Outcome {
    let text = "fn main() {\n  let n = 1;\n  n = 2;\n  let text: String = 3;\n  print(text + unknown);\n}\n";
    scratch.write("a.plat", text);
    let ended = fix(scratch, &["a.plat"])?;
    says(&ended.expect_code(1)?.stderr, "E0301")?;
    says(&ended.stderr, "E0201")?;
    says(&file(scratch, "a.plat"), "let text: String = 3;")
}

// The one mistake that is found at first is mended, and then those behind it show.
fn edits_that_make_it_worse_are_taken_back(scratch: &Scratch) -> Outcome {
    let text = "fn main() {\n  let n = 1\n  n.a();\n  n.b();\n  n.c();\n}\n";
    scratch.write("a.plat", text);
    let ended = fix(scratch, &["a.plat"])?;
    says(&ended.expect_code(1)?.stderr, "more errors than there were: nothing has been changed")?;
    same(&file(scratch, "a.plat"), text)
}

fn only_files_of_the_project_are_changed(scratch: &Scratch) -> Outcome {
    scratch.write("other/plat.toml", "name = \"other\"\nversion = \"0.1.0\"\n");
    let foreign = "pub fn two() -> Int { var n = 2; n }\npub fn wrong() -> Int { twoo() }\n";
    scratch.write("other/src/lib.plat", foreign);
    let manifest =
        "name = \"mine\"\nversion = \"0.1.0\"\n\n[dependencies]\nother = { path = \"../other\" }\n";
    scratch.write("mine/plat.toml", manifest);
    scratch.write("mine/src/part.plat", "pub fn three() -> Int { let count = 3; coumt }\n");
    let main = "use other::lib;\nuse part;\nfn main() { print(lib::two() + part::three()); }\n";
    scratch.write("mine/src/main.plat", main);
    let ended = fix(scratch, &["mine"])?;
    says(&ended.expect_code(1)?.stdout, "fixed mine/src/part.plat (1 fix)\n")?;
    says(&ended.stderr, "E0201")?;
    same(&file(scratch, "other/src/lib.plat"), foreign)?;
    same(&file(scratch, "mine/src/part.plat"), "pub fn three() -> Int { let count = 3; count }\n")
}

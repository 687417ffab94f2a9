//! Projects and tests from the command line: `platc new`, `platc test`, packages, libraries of C.

use std::fs;
use std::process::Command;

use libtest_mimic::Trial;

use crate::process::{self, Ended, platc};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests of projects.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("a_new_project_runs_and_is_tested", a_new_project_runs_and_is_tested),
        ("new_wants_a_name_that_is_free", new_wants_a_name_that_is_free),
        ("commands_find_the_project_around_them", commands_find_the_project_around_them),
        ("a_file_of_a_project_sees_its_modules", a_file_of_a_project_sees_its_modules),
        ("tests_report_as_cargo_does", tests_report_as_cargo_does),
        ("each_way_to_fail_is_told_apart", each_way_to_fail_is_told_apart),
        ("a_test_that_goes_on_and_on_is_ended", a_test_that_goes_on_and_on_is_ended),
        ("a_filter_chooses_tests", a_filter_chooses_tests),
        (
            "tests_of_a_folder_have_the_names_of_their_modules",
            tests_of_a_folder_have_the_names_of_their_modules,
        ),
        ("the_library_passes_its_own_tests", the_library_passes_its_own_tests),
        ("a_program_is_built_without_its_tests", a_program_is_built_without_its_tests),
        ("a_test_build_has_no_use_for_main", a_test_build_has_no_use_for_main),
        ("a_missing_library_of_c_is_named", a_missing_library_of_c_is_named),
        ("a_missing_function_of_c_is_named", a_missing_function_of_c_is_named),
        ("a_library_of_c_is_linked_with", a_library_of_c_is_linked_with),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("projects::{name}"), move || test(&Scratch::new())))
        .collect()
}

fn call(scratch: &Scratch, arguments: &[&str]) -> Result<Ended, String> {
    process::run(&mut platc(scratch.path(), arguments), "")
}

fn call_in(scratch: &Scratch, folder: &str, arguments: &[&str]) -> Result<Ended, String> {
    process::run(&mut platc(&scratch.path().join(folder), arguments), "")
}

fn says(text: &str, words: &str) -> Outcome {
    if text.contains(words) { Ok(()) } else { Err(format!("`{words}` does not stand in:\n{text}")) }
}

/// The output without how long it took.
fn timeless(text: &str) -> String {
    text.lines().map(|line| line.split("; finished in").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn same(actual: &str, expected: &str) -> Outcome {
    if actual.trim() == expected.trim() {
        return Ok(());
    }
    Err(format!("printed\n{actual}\nand not\n{expected}"))
}

fn a_new_project_runs_and_is_tested(scratch: &Scratch) -> Outcome {
    says(&call(scratch, &["new", "hello"])?.expect_code(0)?.stdout, "made the project `hello`")?;
    same(&call_in(scratch, "hello", &["run"])?.expect_code(0)?.stdout, "Hello, world!")?;
    call_in(scratch, "hello", &["check"])?.expect_code(0)?;
    call_in(scratch, "hello", &["build"])?.expect_code(0)?;
    let program = scratch.path().join("hello/hello");
    let ended = process::run(&mut process::program(&program, scratch.path()), "")?;
    same(&ended.expect_code(0)?.stdout, "Hello, world!")?;
    let ended = call_in(scratch, "hello", &["test"])?;
    same(
        &timeless(&ended.expect_code(0)?.stdout),
        "\
running 2 tests
test greeting::greets by name ... ok
test tests::greeting::greets the world ... ok

test result: ok. 2 passed; 0 failed; 0 filtered out",
    )
}

fn new_wants_a_name_that_is_free(scratch: &Scratch) -> Outcome {
    let ended = call(scratch, &["new", "My-Tool"])?;
    says(&ended.expect_code(2)?.stderr, "`My-Tool` is no name for a project")?;
    says(&ended.stderr, "`my_tool` would be one")?;
    call(scratch, &["new", "deep/inside/tool"])?.expect_code(0)?;
    says(&call(scratch, &["new", "deep/inside/tool"])?.expect_code(2)?.stderr, "exists already")
}

fn commands_find_the_project_around_them(scratch: &Scratch) -> Outcome {
    call(scratch, &["new", "hello"])?.expect_code(0)?;
    same(&call_in(scratch, "hello/src", &["run"])?.expect_code(0)?.stdout, "Hello, world!")?;
    same(&call(scratch, &["run", "hello"])?.expect_code(0)?.stdout, "Hello, world!")?;
    says(&call_in(scratch, "hello", &["test", "the world"])?.expect_code(0)?.stdout, "1 passed")
}

fn a_file_of_a_project_sees_its_modules(scratch: &Scratch) -> Outcome {
    call(scratch, &["new", "hello"])?.expect_code(0)?;
    scratch.write(
        "hello/examples/shout.plat",
        "use hello::greeting;\nfn main() { print(greeting::greet(\"all\")); }\n",
    );
    same(&call(scratch, &["run", "hello/examples/shout.plat"])?.expect_code(0)?.stdout, "Hello, all!")?;
    scratch
        .write("hello/src/deep/part.plat", "use greeting::greet;\nfn main() { print(greet(\"part\")); }\n");
    same(&call(scratch, &["run", "hello/src/deep/part.plat"])?.expect_code(0)?.stdout, "Hello, part!")?;
    call(scratch, &["check", "hello/src/greeting.plat"])?.expect_code(0)?;
    says(
        &call(scratch, &["test", "hello/src/greeting.plat"])?.expect_code(0)?.stdout,
        "test greets by name ... ok",
    )
}

const TESTS: &str = r#"
fn add(x: Int, y: Int) -> Int { x + y }

test "adds" { assert_eq(add(1, 2), 3); }

test "adds wrong" {
  print("about to fail");
  assert_eq(add(1, 2), 4);
}

test "spawns" {
  let sum = concurrent {
    let one = spawn { add(1, 1) };
    one.await() + 1
  };
  assert_eq(sum, 3);
}
"#;

fn tests_report_as_cargo_does(scratch: &Scratch) -> Outcome {
    scratch.write("sums.plat", TESTS);
    let ended = call(scratch, &["test", "sums.plat"])?;
    let text = timeless(&ended.expect_code(1)?.stdout);
    says(&text, "running 3 tests\ntest adds ... ok\ntest adds wrong ... FAILED\ntest spawns ... ok\n")?;
    says(&text, "---- adds wrong ----\nabout to fail\n")?;
    says(&text, "sums.plat:8:3")?;
    says(&text, "failures:\n    adds wrong\n\ntest result: FAILED. 2 passed; 1 failed; 0 filtered out")
}

fn each_way_to_fail_is_told_apart(scratch: &Scratch) -> Outcome {
    let text = r#"
extern "C" { fn abort() -> Never; fn exit(code: Int32) -> Never; }
fn forever(n: Int) -> Int { forever(n + 1) + 1 }
test "waits" { let ch = Channel<Int>.init(); print(ch.recv()); }
test "overflows" { print(forever(0)); }
test "leaves" { exit(7); }
test "dies" { abort(); }
test "pretends" { print("so far"); std::process::exit(0); }
test "is well" {}
"#;
    scratch.write("ways.plat", text);
    let ended = call(scratch, &["test", "ways.plat"])?;
    let text = &ended.expect_code(1)?.stdout;
    says(text, "the test waits for ever")?;
    says(text, "stack overflow")?;
    says(text, "the test ended the program with exit code 7")?;
    says(text, "the test was ended by signal 6")?;
    says(text, "---- pretends ----\nso far\nthe test called `exit(0)`\nthe test ended the program\n")?;
    says(text, "1 passed; 5 failed")
}

fn a_test_that_goes_on_and_on_is_ended(scratch: &Scratch) -> Outcome {
    let text = "test \"goes on and on\" { print(\"round and round\"); loop {} }\ntest \"is well\" {}\n";
    scratch.write("endless.plat", text);
    let ended = call(scratch, &["test", "--timeout", "2", "endless.plat"])?;
    let text = &ended.expect_code(1)?.stdout;
    says(text, "---- goes on and on ----\nround and round\nthe test took longer than 2 s\n")?;
    says(text, "1 passed; 1 failed")
}

fn a_filter_chooses_tests(scratch: &Scratch) -> Outcome {
    scratch.write("sums.plat", TESTS);
    let ended = call(scratch, &["test", "sums.plat", "spawn"])?;
    says(&ended.expect_code(0)?.stdout, "running 1 test\ntest spawns ... ok\n")?;
    says(&ended.stdout, "1 passed; 0 failed; 2 filtered out")?;
    let ended = call(scratch, &["test", "sums.plat", "nothing"])?;
    says(&ended.expect_code(0)?.stdout, "0 passed; 0 failed; 3 filtered out")?;
    let ended = call(scratch, &["test", "--list", "sums.plat", "adds"])?;
    same(&ended.expect_code(0)?.stdout, "adds: test\nadds wrong: test\n\n2 tests")?;
    // Names are found without a look at types.
    scratch.write("wrong.plat", "test \"one\" { let x: Int = true; }\ntest \"two\" { 1 + \"\"; }\n");
    let ended = call(scratch, &["test", "--list", "wrong.plat"])?;
    same(&ended.expect_code(0)?.stdout, "one: test\ntwo: test\n\n2 tests")
}

fn tests_of_a_folder_have_the_names_of_their_modules(scratch: &Scratch) -> Outcome {
    scratch.write("all/first.plat", "use inner::second;\ntest \"one\" { assert_eq(second::two(), 2); }\n");
    scratch.write("all/inner/second.plat", "pub fn two() -> Int { 2 }\ntest \"two\" { }\n");
    scratch.write("all/none.plat", "fn main() { }\n");
    let ended = call(scratch, &["test", "all"])?;
    says(&ended.expect_code(0)?.stdout, "test first::one ... ok\ntest inner::second::two ... ok\n")
}

fn the_library_passes_its_own_tests(scratch: &Scratch) -> Outcome {
    let ended = call(scratch, &["test", "std"])?;
    says(&ended.expect_code(0)?.stdout, "test result: ok.")
}

fn a_program_is_built_without_its_tests(scratch: &Scratch) -> Outcome {
    let text = "fn main() { print(1); }\ntest \"adds\" { assert_eq(1, \"one\"); }\n";
    scratch.write("mistaken.plat", text);
    says(&call(scratch, &["check", "mistaken.plat"])?.expect_code(1)?.stderr, "E0301")?;
    scratch.write("right.plat", "fn main() { print(1); }\ntest \"fails\" { panic(\"no\"); }\n");
    same(&call(scratch, &["run", "right.plat"])?.expect_code(0)?.stdout, "1")
}

fn a_test_build_has_no_use_for_main(scratch: &Scratch) -> Outcome {
    let text = "fn shown() -> Int { 1 }\nfn idle() { }\nfn main() { print(shown()); }\ntest \"runs\" { assert(true); }\n";
    scratch.write("program.plat", text);
    let ended = call(scratch, &["test", "program.plat"])?;
    says(&ended.expect_code(0)?.stderr, "the function `idle` is never used")?;
    let warnings = ended.stderr.matches("is never used").count();
    same(&warnings.to_string(), "1")
}

fn a_missing_library_of_c_is_named(scratch: &Scratch) -> Outcome {
    let text = "extern \"C\" link \"nowhere_to_be_found\" {\n  fn nowhere(x: Int) -> Int;\n}\nfn main() { print(nowhere(1)); }\n";
    scratch.write("a.plat", text);
    let ended = call(scratch, &["build", "a.plat"])?;
    says(&ended.expect_code(1)?.stderr, "there is no library `nowhere_to_be_found` to link with")?;
    says(&ended.stderr, "a.plat:2:6")
}

fn a_missing_function_of_c_is_named(scratch: &Scratch) -> Outcome {
    let text = "extern \"C\" {\n  fn nowhere_to_be_found(x: Int) -> Int;\n}\nfn main() { print(nowhere_to_be_found(1)); }\n";
    scratch.write("a.plat", text);
    let ended = call(scratch, &["build", "a.plat"])?;
    says(&ended.expect_code(1)?.stderr, "there is no function `nowhere_to_be_found` in C")?;
    says(&ended.stderr, "a.plat:2:6")
}

fn a_library_of_c_is_linked_with(scratch: &Scratch) -> Outcome {
    let text = "\
#include <stdint.h>
#include <stdbool.h>
int64_t mix(int8_t a, uint8_t b, int16_t c, bool d, uint32_t e, int64_t f, float g, double h) {
  return a + b + c + d + e + f + (int64_t)g + (int64_t)h;
}
int8_t narrow(void) { return -3; }
bool truth(int32_t x) { return x > 0; }
";
    scratch.write("mix.c", text);
    let mut compiler = Command::new("cc");
    compiler.current_dir(scratch.path()).args(["-c", "mix.c", "-o", "mix.o"]);
    process::run(&mut compiler, "")?.expect_code(0)?;
    let mut archiver = Command::new("ar");
    process::run(archiver.current_dir(scratch.path()).args(["rcs", "libmix.a", "mix.o"]), "")?
        .expect_code(0)?;
    let text = r#"
extern "C" link "mix" {
  fn mix(a: Int8, b: UInt8, c: Int16, d: Bool, e: UInt32, f: Int, g: Float32, h: Float) -> Int;
  fn narrow() -> Int8;
  fn truth(x: Int32) -> Bool;
}

fn main() {
  print(mix(-1, 255, -300, true, 4000000000, 1000000, 2.5, 3.5));
  print(narrow());
  print(truth(1), );
  print(truth(-1));
}
"#;
    scratch.write("mixed.plat", text);
    for options in [&["run"][..], &["run", "--release"]] {
        let mut compiler = platc(scratch.path(), options);
        let ended = process::run(compiler.arg("mixed.plat").env("LIBRARY_PATH", scratch.path()), "")?;
        same(&ended.expect_code(0)?.stdout, "4000999960\n-3\ntrue\nfalse")?;
    }
    fs::remove_file(scratch.path().join("libmix.a")).map_err(|error| error.to_string())
}

//! The command line: what it accepts, what it says, and how it ends.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::process::{self, COMPILER, Ended, platc};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

const HELLO: &str = "fn main() {\n  print(\"hello\");\n}\n";
const MISTAKEN: &str = "fn main() {\n  print(missing);\n}\n";

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests of the command line.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("no_command_is_a_usage_error", no_command_is_a_usage_error),
        ("version_and_help_succeed", version_and_help_succeed),
        ("explain_prints_the_page_of_a_code", explain_prints_the_page_of_a_code),
        ("unreadable_programs_are_usage_errors", unreadable_programs_are_usage_errors),
        ("a_file_that_is_not_utf8_is_named_with_the_place", a_file_that_is_not_utf8_is_named_with_the_place),
        ("an_empty_file_has_no_main", an_empty_file_has_no_main),
        ("ten_megabytes_of_program_compile", ten_megabytes_of_program_compile),
        ("ten_megabytes_of_rubbish_end_soon", ten_megabytes_of_rubbish_end_soon),
        ("build_writes_the_executable_it_is_asked_for", build_writes_the_executable_it_is_asked_for),
        ("the_result_never_overwrites_the_program", the_result_never_overwrites_the_program),
        ("an_output_that_cannot_be_written_is_an_error", an_output_that_cannot_be_written_is_an_error),
        ("links_and_devices_are_written_and_not_replaced", links_and_devices_are_written_and_not_replaced),
        ("a_failed_build_leaves_nothing_behind", a_failed_build_leaves_nothing_behind),
        ("a_missing_linker_is_named", a_missing_linker_is_named),
        ("a_failing_linker_is_quoted", a_failing_linker_is_quoted),
        ("builds_are_the_same_bit_for_bit", builds_are_the_same_bit_for_bit),
        ("the_binary_alone_works_anywhere", the_binary_alone_works_anywhere),
        ("run_passes_arguments_input_and_exit_code", run_passes_arguments_input_and_exit_code),
        ("run_of_a_mistaken_program_exits_with_1", run_of_a_mistaken_program_exits_with_1),
        ("run_leaves_nothing_behind", run_leaves_nothing_behind),
        ("a_signal_ends_run_as_it_ends_the_program", a_signal_ends_run_as_it_ends_the_program),
        ("json_has_an_object_per_diagnostic", json_has_an_object_per_diagnostic),
        ("short_messages_are_one_line_each", short_messages_are_one_line_each),
        ("colour_is_used_when_asked_for", colour_is_used_when_asked_for),
        ("every_stage_can_be_printed", every_stage_can_be_printed),
        ("timings_list_the_stages", timings_list_the_stages),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("driver::{name}"), move || test(&Scratch::new())))
        .collect()
}

fn call(scratch: &Scratch, arguments: &[&str]) -> Result<Ended, String> {
    process::run(&mut platc(scratch.path(), arguments), "")
}

/// Calls the compiler, which ends with `code` and says `words` on standard error.
fn fails(scratch: &Scratch, arguments: &[&str], code: i32, words: &str) -> Outcome {
    let ended = call(scratch, arguments)?;
    ended.expect_code(code)?;
    says(&ended.stderr, words)
}

fn says(text: &str, words: &str) -> Outcome {
    if text.contains(words) { Ok(()) } else { Err(format!("`{words}` does not stand in:\n{text}")) }
}

fn same<T: PartialEq + std::fmt::Debug>(actual: T, expected: T) -> Outcome {
    if actual == expected { Ok(()) } else { Err(format!("{actual:?} is not {expected:?}")) }
}

fn no_command_is_a_usage_error(scratch: &Scratch) -> Outcome {
    fails(scratch, &[], 2, "Usage: platc")?;
    fails(scratch, &["frobnicate"], 2, "unrecognized subcommand")?;
    fails(scratch, &["check"], 2, "no program is named")?;
    fails(scratch, &["build", "--emit", "bytecode", "a.plat"], 2, "tokens, ast, hir, mir, clif, asm, obj")
}

fn version_and_help_succeed(scratch: &Scratch) -> Outcome {
    let version = call(scratch, &["--version"])?;
    says(&version.expect_code(0)?.stdout, "platc 0.")?;
    let help = call(scratch, &["--help"])?;
    says(&help.expect_code(0)?.stdout, "explain")
}

fn explain_prints_the_page_of_a_code(scratch: &Scratch) -> Outcome {
    let page = call(scratch, &["explain", "e0101"])?;
    says(&page.expect_code(0)?.stdout, "```plat,fail")?;
    fails(scratch, &["explain", "E9999"], 2, "there is no diagnostic `E9999`")
}

fn unreadable_programs_are_usage_errors(scratch: &Scratch) -> Outcome {
    fails(scratch, &["check", "missing.plat"], 2, "`missing.plat`: no such file or directory")?;
    fails(scratch, &["build", "."], 2, "`.`: it is a directory")?;
    fails(scratch, &["run", "missing.plat"], 2, "no such file or directory")
}

fn a_file_that_is_not_utf8_is_named_with_the_place(scratch: &Scratch) -> Outcome {
    scratch.write("latin1.plat", b"fn main() {\n  print(\"caf\xe9\");\n}\n");
    fails(scratch, &["check", "latin1.plat"], 1, "the byte 0xe9 at latin1.plat:2:13")
}

fn an_empty_file_has_no_main(scratch: &Scratch) -> Outcome {
    scratch.write("empty.plat", "");
    fails(scratch, &["build", "empty.plat"], 1, "main")
}

fn ten_megabytes_of_program_compile(scratch: &Scratch) -> Outcome {
    let comment = "// A line of which there are many.\n";
    scratch.write("large.plat", comment.repeat((10 << 20) / comment.len()) + HELLO);
    call(scratch, &["check", "large.plat"])?.expect_code(0).map(drop)
}

fn ten_megabytes_of_rubbish_end_soon(scratch: &Scratch) -> Outcome {
    scratch.write("rubbish.plat", "(]x\n".repeat((10 << 20) / 4));
    call(scratch, &["check", "rubbish.plat"])?.expect_code(1)?;
    scratch.write("line.plat", "+ ".repeat((10 << 20) / 2));
    call(scratch, &["check", "line.plat"])?.expect_code(1).map(drop)
}

fn build_writes_the_executable_it_is_asked_for(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    call(scratch, &["build", "hello.plat"])?.expect_code(0)?;
    call(scratch, &["build", "--release", "hello.plat", "-o", "greeting"])?.expect_code(0)?;
    for name in ["hello", "greeting"] {
        let program = scratch.path().join(name);
        let ended = process::run(&mut process::program(&program, scratch.path()), "")?;
        same(ended.expect_code(0)?.stdout.as_str(), "hello\n")?;
    }
    Ok(())
}

fn the_result_never_overwrites_the_program(scratch: &Scratch) -> Outcome {
    scratch.write("hello", HELLO);
    fails(scratch, &["build", "hello"], 2, "would overwrite the program")?;
    fails(scratch, &["build", "hello", "-o", "./hello"], 2, "would overwrite the program")
}

fn an_output_that_cannot_be_written_is_an_error(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    fs::create_dir(scratch.path().join("folder")).map_err(|error| error.to_string())?;
    fails(scratch, &["build", "hello.plat", "-o", "folder"], 1, "`folder`: it is a directory")?;
    fails(
        scratch,
        &["build", "hello.plat", "-o", "none/hello"],
        1,
        "`none/hello`: no such file or directory",
    )?;
    // Nobody may create files there, not even root.
    fails(scratch, &["build", "hello.plat", "-o", "/proc/hello"], 1, "cannot write `/proc/hello`")
}

fn links_and_devices_are_written_and_not_replaced(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    let pipe = scratch.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().map_err(|error| error.to_string())?;
    same(made.success(), true)?;
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe)
    });
    call(scratch, &["build", "hello.plat", "--emit", "ast", "-o", "pipe"])?.expect_code(0)?;
    let received = reader.join().expect("reading does not panic").map_err(|error| error.to_string())?;
    same(received.is_empty(), false)?;
    same(pipe.exists() && !pipe.is_file(), true)?;

    let link = scratch.path().join("link");
    scratch.write("real", "");
    std::os::unix::fs::symlink("real", &link).map_err(|error| error.to_string())?;
    call(scratch, &["build", "hello.plat", "-o", "link"])?.expect_code(0)?;
    same(link.is_symlink(), true)?;
    same(fs::metadata(&link).map_err(|error| error.to_string())?.len() > 0, true)
}

fn a_failed_build_leaves_nothing_behind(scratch: &Scratch) -> Outcome {
    scratch.write("mistaken.plat", MISTAKEN);
    call(scratch, &["build", "mistaken.plat"])?.expect_code(1)?;
    same(names(scratch.path()), HashSet::from(["mistaken.plat".into()]))
}

fn a_missing_linker_is_named(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    let mut compiler = platc(scratch.path(), ["build", "hello.plat"]);
    let ended = process::run(compiler.env("PATH", scratch.path()), "")?;
    says(&ended.expect_code(1)?.stderr, "no linker found")?;
    same(names(scratch.path()), HashSet::from(["hello.plat".into()]))
}

fn a_failing_linker_is_quoted(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    let linker = scratch.write("cc", "#!/bin/sh\necho 'out of ink' >&2\nexit 1\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(linker, executable).map_err(|error| error.to_string())?;
    let mut compiler = platc(scratch.path(), ["build", "hello.plat"]);
    let ended = process::run(compiler.env("PATH", scratch.path()), "")?;
    says(&ended.expect_code(1)?.stderr, "out of ink")
}

fn builds_are_the_same_bit_for_bit(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    for options in [&[][..], &["--release"]] {
        let mut executables = Vec::new();
        for output in ["first", "second"] {
            call(scratch, &[&["build", "hello.plat", "-o", output], options].concat())?.expect_code(0)?;
            executables.push(fs::read(scratch.path().join(output)).map_err(|error| error.to_string())?);
        }
        if executables[0] != executables[1] {
            return Err(format!("two builds of one program with {options:?} differ"));
        }
    }
    Ok(())
}

fn the_binary_alone_works_anywhere(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let copy = scratch.path().join(COMPILER);
    fs::copy(this, &copy).map_err(|error| error.to_string())?;
    let mut compiler = Command::new(copy);
    let path = std::env::var_os("PATH").unwrap_or_default();
    compiler.env_clear().env("PATH", path).current_dir(scratch.path()).args(["run", "hello.plat"]);
    let ended = process::run(&mut compiler, "")?;
    same(ended.expect_code(0)?.stdout.as_str(), "hello\n")
}

fn run_passes_arguments_input_and_exit_code(scratch: &Scratch) -> Outcome {
    scratch.write("seven.plat", "fn main() -> Int32 {\n  7\n}\n");
    for after in [&[][..], &["--", "a"], &["a", "--release"], &["--flag"]] {
        call(scratch, &[&["run", "seven.plat"], after].concat())?.expect_code(7)?;
    }
    scratch.write("panics.plat", "fn main() {\n  panic(\"on purpose\");\n}\n");
    fails(scratch, &["run", "panics.plat"], 101, "on purpose")
}

fn run_of_a_mistaken_program_exits_with_1(scratch: &Scratch) -> Outcome {
    scratch.write("mistaken.plat", MISTAKEN);
    fails(scratch, &["run", "mistaken.plat"], 1, "mistaken.plat:2:9")
}

fn run_leaves_nothing_behind(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    let temporary = Scratch::new();
    let mut compiler = platc(scratch.path(), ["run", "hello.plat"]);
    let ended = process::run(compiler.env("TMPDIR", temporary.path()), "")?;
    same(ended.expect_code(0)?.stdout.as_str(), "hello\n")?;
    same(names(temporary.path()), HashSet::new())?;
    same(names(scratch.path()), HashSet::from(["hello.plat".into()]))
}

fn a_signal_ends_run_as_it_ends_the_program(scratch: &Scratch) -> Outcome {
    scratch.write("loops.plat", "fn main() {\n  print(\"running\");\n  loop { }\n}\n");
    // The program has platc's process, so a signal sent to that is the program's.
    let mut shell = process::program(Path::new("/bin/sh"), scratch.path());
    let binary = std::env::current_exe().map_err(|error| error.to_string())?;
    let link = scratch.path().join(COMPILER);
    std::os::unix::fs::symlink(binary, &link).map_err(|error| error.to_string())?;
    let script = "\"$0\" run loops.plat > out & for i in $(seq 200); do grep -q running out && break; sleep 0.05; done; \
        kill -TERM $!; wait $!";
    let ended = process::run(shell.arg("-c").arg(script).arg(link), "")?;
    same(ended.code(), 128 + 15)
}

fn json_has_an_object_per_diagnostic(scratch: &Scratch) -> Outcome {
    scratch.write("mistaken.plat", MISTAKEN);
    let ended = call(scratch, &["check", "--message-format", "json", "mistaken.plat"])?;
    let lines: Vec<&str> = ended.expect_code(1)?.stderr.lines().collect();
    same(lines.len(), 1)?;
    let message: serde_json::Value = serde_json::from_str(lines[0]).map_err(|error| error.to_string())?;
    same(message["severity"].as_str(), Some("error"))?;
    same(message["spans"][0]["file"].as_str(), Some("mistaken.plat"))?;
    same(message["spans"][0]["line"].as_u64(), Some(2))?;
    same(message["spans"][0]["column"].as_u64(), Some(9))?;
    same(message["spans"][0]["start"].as_u64(), Some(20))?;
    same(message["spans"][0]["end"].as_u64(), Some(27))?;
    let ended = call(scratch, &["check", "--message-format", "json", "missing.plat"])?;
    let message: serde_json::Value =
        serde_json::from_str(&ended.stderr).map_err(|error| error.to_string())?;
    same(message["code"].is_null(), true)
}

fn short_messages_are_one_line_each(scratch: &Scratch) -> Outcome {
    scratch.write("mistaken.plat", MISTAKEN);
    let ended = call(scratch, &["check", "--message-format", "short", "mistaken.plat"])?;
    same(ended.expect_code(1)?.stderr.lines().count(), 1)?;
    says(&ended.stderr, "mistaken.plat:2:9: error[E")
}

fn colour_is_used_when_asked_for(scratch: &Scratch) -> Outcome {
    scratch.write("mistaken.plat", MISTAKEN);
    for (choice, colored) in [("always", true), ("never", false), ("auto", false)] {
        let ended = call(scratch, &["check", "--color", choice, "mistaken.plat"])?;
        same((choice, ended.stderr.contains('\x1b')), (choice, colored))?;
    }
    Ok(())
}

fn every_stage_can_be_printed(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    for stage in ["tokens", "ast", "hir", "mir", "clif", "asm"] {
        let ended = call(scratch, &["build", "--emit", stage, "hello.plat"])?;
        says(&ended.expect_code(0)?.stdout, "main").or_else(|_| says(&ended.stdout, "print"))?;
    }
    call(scratch, &["build", "--emit", "obj", "hello.plat"])?.expect_code(0)?;
    let object = fs::read(scratch.path().join("hello.o")).map_err(|error| error.to_string())?;
    same(&object[..4], b"\x7fELF")?;
    same(names(scratch.path()), HashSet::from(["hello.plat".into(), "hello.o".into()]))
}

fn timings_list_the_stages(scratch: &Scratch) -> Outcome {
    scratch.write("hello.plat", HELLO);
    let ended = call(scratch, &["build", "--timings", "hello.plat"])?;
    ["parse", "link", "total"].iter().try_for_each(|stage| says(&ended.stderr, stage))
}

/// The names of the files in a folder.
fn names(folder: &Path) -> HashSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

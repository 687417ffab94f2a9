//! Standard input and output as pipes: nobody blocks a worker, what is cancelled has taken nothing, and who has gone away is an error.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use libtest_mimic::Trial;

use crate::process;
use crate::running::{build, built, quoted};
use crate::scratch::Scratch;
use crate::{Outcome, read, root, trial};

/// Examples that read standard input.
pub const FILTERS: &[&str] = &["search_lines"];

/// Waits for a line, gives up, and waits again, while another task of the same worker goes on.
const PATIENT: &str = r#"
use std::io;

fn main() {
  concurrent {
    let ticks = Channel<Int>.init();
    spawn { for n in 0..3 { sleep(1ms); ticks.send(n); } };
    let early = with_timeout(duration = 20ms, body = { io::stdin().read_line() });
    print("early: ${early.is_ok()}");
    for _ in 0..3 { print("tick ${ticks.recv().unwrap()}"); }
    print(io::stdin().read_line());
    print(io::stdin().read_line());
  }
}
"#;

/// Writes until that fails, and says why to standard error.
const TALKATIVE: &str = r#"
use std::io;

fn main() {
  loop {
    match io::stdout().write_text("something\n") {
      Ok(_) -> {},
      Err(error) -> { eprint("${error.kind}: ${error}"); return },
    }
  }
}
"#;

/// Prints without end.
const PRINTING: &str = "fn main() { loop { print(\"something\") } }";

/// Writes more than a pipe takes, and waits for who reads, while another task goes on.
const WAITING: &str = r#"
use std::io;

fn main() {
  concurrent {
    let written = spawn { io::stdout().write_text("0123456789".repeat(20000)) };
    sleep(20ms);
    eprint("still here: ${written.is_done()}");
    written.await().unwrap();
  }
}
"#;

/// Prints more than a pipe takes, in several tasks, and gives up on lines that a pipe never takes as a whole.
const PRINTERS: &str = r#"
class Noisy {
  deinit { print("released"); }
}

fn main() {
  concurrent {
    for n in 0..3 {
      let _ = spawn {
        let _noisy = Noisy();
        for line in 0..1000 { print("${n} ${line} ${"x".repeat(100)}"); }
      };
    }
    let given_up = with_timeout(duration = 20ms, body = { loop { print("given up".repeat(1000)); } });
    eprint("still here: ${given_up.is_err()}");
  }
  print("end");
}
"#;

/// Reads and writes what may not be there.
const BARE: &str = r#"
use std::io;
use std::net::TcpListener;

fn main() {
  let listener = TcpListener.bind("127.0.0.1:0").unwrap();
  print("nobody hears this");
  assert_eq(io::stdin().read_text().unwrap(), "");
  io::stdout().write_text("or this").unwrap();
  listener.close();
}
"#;

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("waiting_for_input_keeps_nobody_waiting", waiting_for_input_keeps_nobody_waiting),
        ("waiting_for_room_keeps_nobody_waiting", waiting_for_room_keeps_nobody_waiting),
        ("printing_without_room_keeps_nobody_waiting", printing_without_room_keeps_nobody_waiting),
        ("writing_to_nobody_is_an_error", writing_to_nobody_is_an_error),
        ("printing_to_nobody_ends_the_program", printing_to_nobody_ends_the_program),
        ("closed_descriptors_are_like_empty_ones", closed_descriptors_are_like_empty_ones),
        ("a_full_disk_is_an_error", a_full_disk_is_an_error),
        ("an_example_searches_lines", an_example_searches_lines),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("streams::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// A program with pipes on both sides.
struct Piped {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Piped {
    fn start(command: &mut Command) -> Result<Self, String> {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().map_err(text)?;
        let input = child.stdin.take().expect("it is a pipe");
        let output = BufReader::new(child.stdout.take().expect("it is a pipe"));
        Ok(Self { child, input, output })
    }

    fn prints(&mut self, expected: &str) -> Outcome {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(text)?;
        if line.trim_end() == expected { Ok(()) } else { Err(format!("{line:?} instead of {expected:?}")) }
    }
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}

fn waiting_for_input_keeps_nobody_waiting(scratch: &Scratch) -> Outcome {
    build(scratch, PATIENT, &[])?;
    for workers in ["1", "4"] {
        let mut program = Piped::start(built(scratch).env("PLAT_WORKERS", workers))?;
        program.prints("early: false")?;
        for tick in 0..3 {
            program.prints(&format!("tick {tick}"))?;
        }
        program.input.write_all(b"late\nhalf").map_err(text)?;
        program.prints("Ok(Some(\"late\"))")?;
        program.input.write_all(b" and half").map_err(text)?;
        drop(program.input);
        let mut line = String::new();
        program.output.read_line(&mut line).map_err(text)?;
        let status = program.child.wait().map_err(text)?;
        if line != "Ok(Some(\"half and half\"))\n" || !status.success() {
            return Err(format!("{line:?}, {status}"));
        }
    }
    Ok(())
}

fn waiting_for_room_keeps_nobody_waiting(scratch: &Scratch) -> Outcome {
    build(scratch, WAITING, &[])?;
    let mut program = Piped::start(built(scratch).env("PLAT_WORKERS", "1"))?;
    let mut complaint = String::new();
    let mut errors = BufReader::new(program.child.stderr.take().expect("it is a pipe"));
    errors.read_line(&mut complaint).map_err(text)?;
    let mut written = Vec::new();
    std::io::Read::read_to_end(&mut program.output, &mut written).map_err(text)?;
    let is_whole = written == "0123456789".repeat(20000).as_bytes();
    if complaint == "still here: false\n" && is_whole {
        program.child.wait().map(drop).map_err(text)
    } else {
        Err(format!("{complaint:?}, and {} bytes", written.len()))
    }
}

fn printing_without_room_keeps_nobody_waiting(scratch: &Scratch) -> Outcome {
    build(scratch, PRINTERS, &[])?;
    for (workers, faults) in [("1", None), ("4", None), ("4", Some("7"))] {
        let mut command = built(scratch);
        command.env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1");
        if let Some(seed) = faults {
            command.env("PLAT_FAULTS", seed);
        }
        let mut program = Piped::start(&mut command)?;
        let mut errors = BufReader::new(program.child.stderr.take().expect("it is a pipe"));
        let mut complaint = String::new();
        errors.read_line(&mut complaint).map_err(text)?;
        let mut printed = String::new();
        std::io::Read::read_to_string(&mut program.output, &mut printed).map_err(text)?;
        let status = program.child.wait().map_err(text)?;
        if complaint != "still here: true\n" || !status.success() {
            return Err(format!("{complaint:?}, {status}"));
        }
        expect_whole_lines(&printed)
            .map_err(|text| format!("{workers} workers, faults {faults:?}: {text}"))?;
    }
    Ok(())
}

/// What `PRINTERS` has printed: no line is missing, in the middle of another, or out of order.
fn expect_whole_lines(printed: &str) -> Outcome {
    let mut next = [0; 3];
    let mut others = Vec::new();
    for line in printed.lines() {
        let mut words = line.splitn(3, ' ');
        match (words.next().and_then(|word| word.parse::<usize>().ok()), words.next(), words.next()) {
            (Some(task), Some(number), Some(filling)) if number == next[task].to_string() => {
                next[task] += 1;
                if filling != "x".repeat(100) {
                    return Err(format!("{line:?}"));
                }
            }
            _ => others.push(line),
        }
    }
    let given_up = "given up".repeat(1000);
    others.retain(|&line| line != given_up);
    if next == [1000; 3] && others == ["released", "released", "released", "end"] {
        Ok(())
    } else {
        Err(format!("{next:?}, and {others:?}"))
    }
}

/// Lets a program of which nobody reads more than a line come to its end.
fn abandon(scratch: &Scratch, program: &str) -> Result<process::Ended, String> {
    build(scratch, program, &[])?;
    let executable = quoted(&scratch.path().join("program"));
    // The exit code is the program's, not that of who reads.
    let script = format!("{{ {executable}; echo \"code $?\" >&2; }} | head -1");
    process::run(Command::new("sh").args(["-c", &script]), "")
}

fn writing_to_nobody_is_an_error(scratch: &Scratch) -> Outcome {
    let ended = abandon(scratch, TALKATIVE)?;
    let expected = "BrokenPipe: write to standard output: broken pipe\ncode 0\n";
    if ended.stderr == expected { Ok(()) } else { Err(ended.stderr) }
}

fn printing_to_nobody_ends_the_program(scratch: &Scratch) -> Outcome {
    let ended = abandon(scratch, PRINTING)?;
    // 128 and SIGPIPE.
    if ended.stderr == "code 141\n" { Ok(()) } else { Err(ended.stderr) }
}

fn closed_descriptors_are_like_empty_ones(scratch: &Scratch) -> Outcome {
    build(scratch, BARE, &[])?;
    let executable = quoted(&scratch.path().join("program"));
    let script = format!("exec {executable} <&- >&-");
    let ended = process::run(Command::new("sh").args(["-c", &script]), "")?;
    ended.expect_code(0).map(drop)
}

fn a_full_disk_is_an_error(scratch: &Scratch) -> Outcome {
    build(scratch, TALKATIVE, &[])?;
    let executable = quoted(&scratch.path().join("program"));
    let ended = process::run(Command::new("sh").args(["-c", &format!("exec {executable} > /dev/full")]), "")?;
    let expected = "StorageFull: write to standard output: no space left on device\n";
    if ended.stderr == expected { Ok(()) } else { Err(ended.stderr) }
}

fn an_example_searches_lines(scratch: &Scratch) -> Outcome {
    build(scratch, &read(&root().join("examples/search_lines.plat")), &[])?;
    let input = "one\ntwo\nTwelve\nno line break at two";
    let searches: [(&[&str], i32, &str); 5] = [
        (&["two"], 0, "two\nno line break at two\n"),
        (&["-n", "-i", "TW"], 0, "2:two\n3:Twelve\n4:no line break at two\n"),
        (&["-n", ""], 0, "1:one\n2:two\n3:Twelve\n4:no line break at two\n"),
        (&["three"], 1, ""),
        (&[], 2, ""),
    ];
    for (arguments, code, expected) in searches {
        let ended = process::run(built(scratch).args(arguments).env("PLAT_LEAKS", "1"), input)?;
        if ended.expect_code(code)?.stdout != expected {
            return Err(format!("{arguments:?}: {}", ended.stdout));
        }
    }
    Ok(())
}

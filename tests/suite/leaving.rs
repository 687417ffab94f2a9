//! Random programs that leave blocks in every way, compared with a model: returns, jumps, panics, `defer`s that panic themselves,
//! `catch_panic`, tasks. The seeds are fixed, so that a failure can be repeated.

use std::fmt::Write;
use std::fs;

use libtest_mimic::Trial;

use crate::process::{self, platc};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// Programs, and functions in each: compiling costs more than running.
const PROGRAMS: u64 = 6;
const FUNCTIONS: usize = 40;

/// Functions that others call: more would multiply what is printed.
const CALLED: usize = 6;

/// Statements of a function, at most.
const STATEMENTS: usize = 24;

const HEAD: &str = "fn yes() -> Bool { true }\n\nfn boom(what: String) { if yes() { panic(what) } }\n\n";

/// All tests.
pub fn trials() -> Vec<Trial> {
    let trials = (1..=PROGRAMS)
        .map(|seed| trial(format!("leaving::blocks_are_left_as_modelled_{seed}"), move || run(seed)));
    trials.chain([trial("leaving::a_stack_that_overflows_leaves_room_for_defers", overflow)]).collect()
}

/// The `defer` of the innermost frame calls a function that checks the stack.
fn overflow() -> Outcome {
    const PROGRAM: &str = "
fn sum_to(n: Int) -> Int { if n == 0 { 0 } else { n + sum_to(n - 1) } }

fn down(n: Int, inout sums: Int) -> Int {
  defer { sums += sum_to(20) - 209; }
  1 + down(n + 1, &sums)
}

fn overflow() -> Bool {
  var sums = 0;
  let caught = catch_panic(body = { down(0, &sums) });
  match caught {
    Ok(_) -> false,
    Err(panic) -> {
      print(panic.message());
      sums > 1000
    }
  }
}

fn main() {
  concurrent {
    let task = spawn { overflow() };
    print(task.await());
  }
  print(overflow());
}
";
    let expected = "stack overflow\ntrue\nstack overflow\ntrue\n";
    compare(PROGRAM, expected)
}

fn run(seed: u64) -> Outcome {
    let mut generator = Generator { random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), left: 0, labels: 0 };
    let functions: Vec<Vec<Step>> = (0..FUNCTIONS).map(|number| generator.function(number)).collect();
    let mut model = Model { functions: &functions, output: String::new() };
    let mut program = HEAD.to_owned();
    for (number, function) in functions.iter().enumerate() {
        let _ = writeln!(program, "fn f{number}() {{\n  var n = {number};");
        write_steps(&mut program, function);
        program += "}\n\n";
    }
    program += "fn main() {\n";
    for number in 0..FUNCTIONS {
        let _ = writeln!(
            program,
            "  print(\"f{number}\");\n  print(catch_panic(body = {{ f{number}() }}).is_err());"
        );
        let _ = writeln!(model.output, "f{number}");
        let is_panic = model.call(number).is_err();
        let _ = writeln!(model.output, "{is_panic}");
    }
    program += "}\n";
    compare(&program, &model.output)
}

fn compare(program: &str, expected: &str) -> Outcome {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("leaving.plat"), program).map_err(|error| error.to_string())?;
    for options in [&[][..], &["--release"]] {
        let build = ["build", "leaving.plat", "-o", "leaving"].iter().chain(options);
        process::run(&mut platc(scratch.path(), build), "")?.expect_code(0)?;
        for workers in ["1", "4"] {
            let mut executable = process::program(&scratch.path().join("leaving"), scratch.path());
            executable.env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1").env("PLAT_STACK_MAX", "1M");
            let ended = process::run(&mut executable, "")?;
            ended.expect_code(0).map_err(|complaint| format!("{complaint}\n--- program\n{program}"))?;
            if ended.stdout != expected {
                let difference = crate::expect::difference(expected, &ended.stdout);
                return Err(format!(
                    "{options:?} with {workers} workers:\n{difference}\n--- program\n{program}"
                ));
            }
        }
    }
    Ok(())
}

/// A statement of a random function.
enum Step {
    /// `print` of the number of a label.
    Print(u32),
    /// `n += 1;`
    Count,
    /// `print(n);`
    PrintCount,
    Panic(u32),
    Return,
    Break,
    Continue,
    Call(usize),
    Block(Vec<Step>),
    Defer(Vec<Step>),
    Loop(Vec<Step>),
    Catch(u32, Vec<Step>),
    Task(u32, Vec<Step>),
}

/// What may stand at a place.
#[derive(Clone, Copy)]
struct Context {
    function: usize,
    may_return: bool,
    in_loop: bool,
    may_count: bool,
    depth: usize,
}

struct Generator {
    random: u64,
    left: usize,
    labels: u32,
}

impl Generator {
    fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 32) as usize % bound
    }

    fn label(&mut self) -> u32 {
        self.labels += 1;
        self.labels
    }

    fn function(&mut self, function: usize) -> Vec<Step> {
        self.left = STATEMENTS;
        self.steps(Context { function, may_return: true, in_loop: false, may_count: true, depth: 0 })
    }

    fn steps(&mut self, context: Context) -> Vec<Step> {
        let mut steps = Vec::new();
        for _ in 0..=self.below(5) {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            steps.push(self.step(context));
        }
        steps
    }

    fn step(&mut self, context: Context) -> Step {
        let inner = Context { depth: context.depth + 1, ..context };
        let apart = Context { may_return: false, in_loop: false, ..inner };
        match self.below(if context.depth < 4 { 20 } else { 8 }) {
            0 | 1 => Step::Print(self.label()),
            2 if context.may_count => Step::Count,
            3 => Step::PrintCount,
            4 => Step::Panic(self.label()),
            5 if context.may_return => Step::Return,
            6 if context.in_loop => {
                if self.below(2) == 0 {
                    Step::Break
                } else {
                    Step::Continue
                }
            }
            7 if context.function > 0 => Step::Call(self.below(context.function.min(CALLED))),
            8..=12 => Step::Defer(self.steps(apart)),
            13 | 14 => Step::Block(self.steps(inner)),
            15 | 16 => Step::Loop(self.steps(Context { in_loop: true, ..inner })),
            17 | 18 => Step::Catch(self.label(), self.steps(apart)),
            19 => Step::Task(self.label(), self.steps(Context { may_count: false, ..apart })),
            _ => Step::Print(self.label()),
        }
    }
}

fn write_steps(text: &mut String, steps: &[Step]) {
    for step in steps {
        let _ = match step {
            Step::Print(label) => writeln!(text, "print({label});"),
            Step::Count => writeln!(text, "n += 1;"),
            Step::PrintCount => writeln!(text, "print(\"n ${{n}}\");"),
            Step::Panic(label) => writeln!(text, "boom(\"{label}\");"),
            Step::Return => writeln!(text, "if yes() {{ return; }}"),
            Step::Break => writeln!(text, "if yes() {{ break; }}"),
            Step::Continue => writeln!(text, "if yes() {{ continue; }}"),
            Step::Call(number) => writeln!(text, "f{number}();"),
            Step::Block(steps) => nest(text, "{", steps, "}"),
            Step::Defer(steps) => nest(text, "defer {", steps, "}"),
            Step::Loop(steps) => nest(text, "for _ in 0..2 {", steps, "}"),
            Step::Catch(label, steps) => nest(
                text,
                &format!("let r{label} = catch_panic(body = {{"),
                steps,
                &format!("}});\nprint(r{label}.is_err());"),
            ),
            Step::Task(label, steps) => nest(
                text,
                &format!("concurrent {{\nlet t{label} = spawn {{"),
                steps,
                &format!("}};\nt{label}.await();\n}}"),
            ),
        };
    }
}

fn nest(text: &mut String, head: &str, steps: &[Step], tail: &str) -> std::fmt::Result {
    writeln!(text, "{head}")?;
    write_steps(text, steps);
    writeln!(text, "{tail}")
}

/// How a block is left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    End,
    Return,
    Break,
    Continue,
}

/// Something panicked.
struct Panicked;

/// Runs the functions as the language says.
struct Model<'f> {
    functions: &'f [Vec<Step>],
    output: String,
}

impl Model<'_> {
    fn call(&mut self, number: usize) -> Result<Way, Panicked> {
        let functions = self.functions;
        let mut count = number;
        self.block(&functions[number], &mut count)
    }

    fn print(&mut self, line: impl std::fmt::Display) {
        let _ = writeln!(self.output, "{line}");
    }

    fn block(&mut self, steps: &[Step], count: &mut usize) -> Result<Way, Panicked> {
        let mut deferred = Vec::new();
        let mut way = Ok(Way::End);
        for step in steps {
            if let Step::Defer(steps) = step {
                deferred.push(steps);
                continue;
            }
            way = self.step(step, count);
            if !matches!(way, Ok(Way::End)) {
                break;
            }
        }
        // Every one runs, whether or not another panics.
        while let Some(steps) = deferred.pop() {
            if self.block(steps, count).is_err() {
                way = Err(Panicked);
            }
        }
        way
    }

    fn step(&mut self, step: &Step, count: &mut usize) -> Result<Way, Panicked> {
        match step {
            Step::Print(label) => self.print(label),
            Step::Count => *count += 1,
            Step::PrintCount => self.print(format!("n {count}")),
            Step::Panic(_) => return Err(Panicked),
            Step::Return => return Ok(Way::Return),
            Step::Break => return Ok(Way::Break),
            Step::Continue => return Ok(Way::Continue),
            Step::Call(number) => {
                self.call(*number)?;
            }
            Step::Block(steps) => return self.block(steps, count),
            Step::Defer(_) => unreachable!("the block keeps them"),
            Step::Loop(steps) => {
                for _ in 0..2 {
                    match self.block(steps, count)? {
                        Way::End | Way::Continue => {}
                        Way::Break => break,
                        Way::Return => return Ok(Way::Return),
                    }
                }
            }
            Step::Catch(_, steps) => {
                let is_panic = self.block(steps, count).is_err();
                self.print(is_panic);
            }
            Step::Task(_, steps) => {
                self.block(steps, count)?;
            }
        }
        Ok(Way::End)
    }
}

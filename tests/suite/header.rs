//! What a UI test says about itself.
//!
//! The first line is its mode, `//@ check-fail`; more `//@ name: value` lines may follow. A line with a diagnostic
//! carries its code, `//~ E0203`; `//~^ E0203` speaks of the line above (`^^` of two above), `//~v` of the one below.

/// What is done with a test's program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// It has errors.
    CheckFail,
    /// It has none.
    CheckPass,
    /// It runs and ends with this exit code.
    Run(i32),
    /// This stage prints what stands beside it.
    Emit(String),
    /// The effects of its functions are what stands beside it.
    Effects,
}

/// A UI test's header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// What is done with the program.
    pub mode: Mode,
    /// The program's arguments.
    pub args: Vec<String>,
    /// The program's standard input.
    pub stdin: String,
    /// The numbers of workers that it runs with, one run each.
    pub workers: Vec<u32>,
    /// The size of the main stack, as `PLAT_STACK_MAX` says it.
    pub stack: Option<String>,
    /// Whether it is also built with `--release`.
    pub release: bool,
    /// Whether what it prints depends on how much each operation reads or writes.
    pub whole: bool,
}

/// A diagnostic that the test expects.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Expected {
    /// The line, from 1.
    pub line: usize,
    /// The code.
    pub code: String,
}

impl Header {
    /// Reads the header of a test.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().map_while(|line| line.strip_prefix("//@")).map(str::trim);
        let mode = lines.next().ok_or("the first line is not a mode such as `//@ check-fail`")?;
        let mut header = Self {
            mode: Mode::parse(mode)?,
            args: Vec::new(),
            stdin: String::new(),
            workers: vec![1, 4],
            stack: None,
            release: false,
            whole: false,
        };
        for line in lines {
            header.option(line)?;
        }
        Ok(header)
    }

    fn option(&mut self, line: &str) -> Result<(), String> {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        match name.trim() {
            "args" => self.args = value.split_whitespace().map(String::from).collect(),
            "stdin" => self.stdin = value.replace("\\n", "\n"),
            "workers" => {
                let numbers: Result<Vec<u32>, _> =
                    value.split(',').map(|number| number.trim().parse()).collect();
                self.workers = numbers.map_err(|_| format!("`{value}` is no list of numbers"))?;
            }
            "stack" => self.stack = Some(value.to_owned()),
            "release" => self.release = true,
            "whole" => self.whole = true,
            other => return Err(format!("there is no option `{other}`")),
        }
        Ok(())
    }
}

impl Mode {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, argument) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        match (name, argument) {
            ("check-fail", None) => Ok(Self::CheckFail),
            ("check-pass", None) => Ok(Self::CheckPass),
            ("run-pass", None) => Ok(Self::Run(0)),
            ("run-fail", Some(code)) => match code.parse() {
                Ok(code) if code != 0 => Ok(Self::Run(code)),
                _ => Err(format!("`{code}` is not the exit code of a failure")),
            },
            ("effects", None) => Ok(Self::Effects),
            ("emit", Some(stage)) => Ok(Self::Emit(stage.into())),
            _ => Err(format!("there is no mode `{text}`")),
        }
    }
}

/// The diagnostics that a test's text expects, sorted.
pub fn expectations(text: &str) -> Result<Vec<Expected>, String> {
    let mut expected = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, annotation)) = line.split_once("//~") else { continue };
        let number = index + 1;
        let codes = annotation.trim_start_matches(['^', 'v']);
        let marks = &annotation[..annotation.len() - codes.len()];
        let line = match marks {
            "" => number,
            "v" => number + 1,
            _ if !marks.contains('v') && marks.len() < number => number - marks.len(),
            _ => return Err(format!("line {number}: `//~{marks}` points nowhere")),
        };
        let codes: Vec<&str> = codes.split_whitespace().collect();
        if codes.is_empty() || !codes.iter().all(|code| is_code(code)) {
            return Err(format!("line {number}: codes such as `E0203` follow `//~`, and nothing else"));
        }
        expected.extend(codes.into_iter().map(|code| Expected { line, code: code.into() }));
    }
    expected.sort();
    Ok(expected)
}

fn is_code(word: &str) -> bool {
    word.strip_prefix(['E', 'W'])
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}

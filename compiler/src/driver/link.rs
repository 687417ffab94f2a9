//! Object + runtime → executable, by the system's C compiler.
//!
//! `build.rs` has linked the runtime archive and the parts of Rust's library that it uses into one relocatable
//! object, which this binary carries: linking hello takes 20 ms instead of 60 with GNU ld, and writing the object out
//! each time (about 1 ms) is cheaper than a cache that could go stale. Executables are position-independent and
//! load the C library dynamically: a static one begins at 730 kB before the first line of Plat.
//!
//! Nothing here finds its way into the executable that differs between two builds: no path, no time, no build id.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::failure::{Failure, reason};
use super::output::{Pending, TempDir};
use super::pipeline::Profile;
use crate::codegen::Sanitizer;

static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.o"));

/// The same with TLS and hashes, which is larger.
static SECURE_RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime_secure.o"));

/// C compilers to link through, best first.
const COMPILERS: [&str; 3] = ["cc", "gcc", "clang"];

/// Linkers faster than the system's own: the program looked for and its name for `-fuse-ld`.
const FAST_LINKERS: [(&str, &str); 2] = [("mold", "mold"), ("ld.lld", "lld")];

/// A linker's complaint is quoted up to this many lines: the first ones name the cause.
const MAX_QUOTED_LINES: usize = 20;

/// How ThreadSanitizer behaves unless `TSAN_OPTIONS` says otherwise. The runtime copies memory by functions of C, which the sanitizer would see
/// without seeing the order that the runtime makes. Threads that it ends with, it does not wait for; by then the tasks are over.
const SANITIZER_OPTIONS: &str = "const char *__tsan_default_options(void) {
  return \"ignore_interceptors_accesses=1:report_thread_leaks=0:atexit_sleep_ms=0\";
}
";

/// Whether the executable keeps its symbols, for debuggers and profilers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Symbols {
    /// Kept.
    Keep,
    /// Left out: the executable is about a third smaller.
    Strip,
}

/// What is linked into an executable.
#[derive(Debug, Default)]
pub struct Linkable {
    /// The program.
    pub object: Vec<u8>,
    /// The functions of C that it calls.
    pub foreign: Vec<ForeignFunction>,
    /// Whether it calls functions of the runtime that speak TLS or make hashes.
    pub needs_secure: bool,
}

/// A function of C.
#[derive(Debug)]
pub struct ForeignFunction {
    /// Its symbol.
    pub name: String,
    /// The library that is said to have it.
    pub library: Option<String>,
    /// Where it was declared, for messages.
    pub place: String,
}

impl Linkable {
    /// The libraries that functions of C come from, each once.
    fn libraries(&self) -> Vec<&str> {
        let mut libraries: Vec<&str> =
            self.foreign.iter().filter_map(|function| function.library.as_deref()).collect();
        libraries.sort_unstable();
        libraries.dedup();
        libraries
    }
}

/// Links a program with the runtime into `target`.
pub fn link(program: &Linkable, target: &Path, profile: Profile) -> Result<(), Failure> {
    let pending = Pending::create(target)?;
    let directory = TempDir::new()?;
    let runtime = if program.needs_secure { SECURE_RUNTIME } else { RUNTIME };
    let mut inputs =
        vec![directory.write("program.o", &program.object)?, directory.write("runtime.o", runtime)?];
    if profile.sanitizer == Sanitizer::Thread {
        inputs.push(directory.write("sanitizer.c", SANITIZER_OPTIONS.as_bytes())?);
    }
    let arguments = arguments(&inputs, &program.libraries(), pending.path(), profile);
    if let Some(linker) = fast_linker() {
        // An old C compiler may not know the linker's name: then the system's own one has the last word.
        let choice = format!("-fuse-ld={linker}");
        if call(&[arguments.as_slice(), &[choice]].concat())?.status.success() {
            return pending.commit();
        }
    }
    let output = call(&arguments)?;
    if output.status.success() { pending.commit() } else { Err(complaint(&output, program, profile)) }
}

fn arguments(inputs: &[PathBuf], libraries: &[&str], output: &Path, profile: Profile) -> Vec<String> {
    let mut arguments: Vec<String> = vec!["-pie".into(), "-o".into(), output.display().to_string()];
    arguments.extend(inputs.iter().map(|input| input.display().to_string()));
    arguments.extend(libraries.iter().map(|library| format!("-l{library}")));
    let options = [
        // The unwinder that Rust's library refers to, without one more shared library to load.
        "-static-libgcc",
        "-Wl,--gc-sections,--as-needed,--build-id=none",
        // Code and constants share pages: filling up one for each kind takes 8 kB, which no program has a use for.
        "-Wl,-z,noseparate-code",
        // Part of the C library since glibc 2.34, separate before.
        "-lpthread",
        "-ldl",
        "-lm",
    ];
    arguments.extend(options.map(String::from));
    if profile.sanitizer == Sanitizer::Thread {
        arguments.push("-fsanitize=thread".into());
    }
    if profile.symbols == Symbols::Strip {
        arguments.push("-s".into());
    }
    arguments
}

fn fast_linker() -> Option<&'static str> {
    let path = std::env::var_os("PATH")?;
    let installed = |program: &str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    FAST_LINKERS.into_iter().find(|(program, _)| installed(program)).map(|(_, name)| name)
}

fn call(arguments: &[String]) -> Result<Output, Failure> {
    for compiler in COMPILERS {
        match Command::new(compiler).args(arguments).env("LC_ALL", "C").output() {
            Ok(output) => return Ok(output),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Failure::failed(format!(
                    "cannot run the linker `{compiler}`: {}",
                    reason(&error)
                )));
            }
        }
    }
    Err(Failure::failed("no linker found")
        .note("executables are linked by the system's C compiler; `cc`, `gcc` and `clang` are not in PATH")
        .help("install one: `apt install gcc libc6-dev`, `dnf install gcc`, `apk add build-base`"))
}

fn complaint(output: &Output, program: &Linkable, profile: Profile) -> Failure {
    let text = String::from_utf8_lossy(&output.stderr);
    if profile.sanitizer == Sanitizer::Thread && is_missing_sanitizer(&text) {
        return Failure::failed("the system's C compiler has no ThreadSanitizer").help(
            "install it: `apt install gcc`, `dnf install libtsan`, `apt install libclang-rt-dev` for clang",
        );
    }
    for function in &program.foreign {
        if let Some(library) = &function.library
            && is_missing_library(&text, library)
        {
            return missing_library(library, &function.place);
        }
    }
    let missing = program.foreign.iter().find(|function| is_missing_symbol(&text, &function.name));
    if let Some(function) = missing {
        return missing_function(function);
    }
    let quoted: Vec<&str> = text.lines().take(MAX_QUOTED_LINES).collect();
    Failure::failed("the linker failed").note(format!("it said:\n{}", quoted.join("\n")))
}

/// Whether a linker (GNU ld, lld, mold) complains that it does not find the library.
fn is_missing_library(complaint: &str, library: &str) -> bool {
    let flag = format!("-l{library}");
    let names_it = |line: &str| {
        line.split([' ', ':']).any(|word| word == flag)
            || line.ends_with(&format!("library not found: {library}"))
    };
    complaint.lines().any(|line| says_missing(line) && names_it(line))
}

/// Whether a linker complains that it does not find a part of ThreadSanitizer.
fn is_missing_sanitizer(complaint: &str) -> bool {
    complaint.lines().any(|line| says_missing(line) && line.contains("tsan"))
}

fn says_missing(line: &str) -> bool {
    line.contains("find") || line.contains("found")
}

/// Whether a linker complains that nothing defines the symbol.
fn is_missing_symbol(complaint: &str, symbol: &str) -> bool {
    let is_end = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    let names_it = |line: &str, words: &str| {
        let found = line.split_once(words).and_then(|(_, rest)| rest.strip_prefix(symbol));
        found.is_some_and(is_end)
    };
    let wordings = ["undefined reference to `", "undefined symbol: "];
    complaint.lines().any(|line| wordings.iter().any(|words| names_it(line, words)))
}

fn missing_library(library: &str, place: &str) -> Failure {
    Failure::failed(format!("there is no library `{library}` to link with"))
        .note(format!("`link \"{library}\"` stands in the block of the function at {place}"))
        .help("install what the system calls the library's development files")
        .help("if it stands in a folder of its own, name that in the environment variable LIBRARY_PATH")
}

fn missing_function(function: &ForeignFunction) -> Failure {
    let failure = Failure::failed(format!("there is no function `{}` in C", function.name))
        .note(format!("it is declared at {}", function.place));
    match &function.library {
        Some(library) => failure.note(format!("neither the library `{library}` nor C's own has it")),
        None => failure.help("name the library that has it: `extern \"C\" link \"name\" { … }`"),
    }
}

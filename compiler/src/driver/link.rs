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

static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.o"));

/// C compilers to link through, best first.
const COMPILERS: [&str; 3] = ["cc", "gcc", "clang"];

/// Linkers faster than the system's own: the program looked for and its name for `-fuse-ld`.
const FAST_LINKERS: [(&str, &str); 2] = [("mold", "mold"), ("ld.lld", "lld")];

/// A linker's complaint is quoted up to this many lines: the first ones name the cause.
const MAX_QUOTED_LINES: usize = 20;

/// Whether the executable keeps its symbols, for debuggers and profilers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Symbols {
    /// Kept.
    Keep,
    /// Left out: the executable is about a third smaller.
    Strip,
}

/// Links the program's object with the runtime into `target`.
pub fn link(object: &[u8], target: &Path, symbols: Symbols) -> Result<(), Failure> {
    let pending = Pending::create(target)?;
    let directory = TempDir::new()?;
    let inputs = [directory.write("program.o", object)?, directory.write("runtime.o", RUNTIME)?];
    let arguments = arguments(&inputs, pending.path(), symbols);
    if let Some(linker) = fast_linker() {
        // An old C compiler may not know the linker's name: then the system's own one has the last word.
        let choice = format!("-fuse-ld={linker}");
        if call(&[arguments.as_slice(), &[choice]].concat())?.status.success() {
            return pending.commit();
        }
    }
    let output = call(&arguments)?;
    if output.status.success() { pending.commit() } else { Err(complaint(&output)) }
}

fn arguments(inputs: &[PathBuf], output: &Path, symbols: Symbols) -> Vec<String> {
    let mut arguments: Vec<String> = vec!["-pie".into(), "-o".into(), output.display().to_string()];
    arguments.extend(inputs.iter().map(|input| input.display().to_string()));
    let options = [
        // The unwinder that Rust's library refers to, without one more shared library to load.
        "-static-libgcc",
        "-Wl,--gc-sections,--as-needed,--build-id=none",
        // Part of the C library since glibc 2.34, separate before.
        "-lpthread",
        "-ldl",
        "-lm",
    ];
    arguments.extend(options.map(String::from));
    if symbols == Symbols::Strip {
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

fn complaint(output: &Output) -> Failure {
    let text = String::from_utf8_lossy(&output.stderr);
    let quoted: Vec<&str> = text.lines().take(MAX_QUOTED_LINES).collect();
    Failure::failed("the linker failed").note(format!("it said:\n{}", quoted.join("\n")))
}

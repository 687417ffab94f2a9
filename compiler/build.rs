//! Builds what the `platc` binary carries: the runtime as relocatable objects, without TLS and hashes and with them, and the standard library's texts.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use plat_abi::functions::{Part, RuntimeFn};

/// Names a runtime archive with TLS and hashes built elsewhere (`cargo rustc -p plat-rt --profile runtime --crate-type staticlib`), for
/// those who package Plat or build several checkouts of it.
const PREBUILT: &str = "PLAT_RUNTIME_ARCHIVE";

fn main() {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().expect("the compiler stands in a folder of the workspace");
    let out = PathBuf::from(variable("OUT_DIR"));
    for input in ["runtime", "stdlib", "Cargo.toml", "Cargo.lock", "compiler/build.rs"] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    println!("cargo::rerun-if-env-changed={PREBUILT}");
    let (small, whole) = match env::var_os(PREBUILT) {
        Some(archive) => {
            let archive = PathBuf::from(archive);
            println!("cargo::rerun-if-changed={}", archive.display());
            (archive.clone(), archive)
        }
        None => build_runtimes(&root, &out),
    };
    prelink(&small, &[Part::Core], &out.join("runtime.o"));
    prelink(&whole, &[Part::Core, Part::Secure], &out.join("runtime_secure.o"));
    fs::write(out.join("stdlib.rs"), list_stdlib(&root.join("stdlib"))).expect("OUT_DIR can be written");
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// The runtime archive without TLS and hashes, and with them.
///
/// A program without them is to have nothing of them, and a linker cannot take all of it out of the archive with them: optimised as one, the texts
/// of both stand in one section. Rejected: an archive of these alone beside the small one. Both would hold Rust's library, and cannot be
/// linked together.
fn build_runtimes(root: &Path, out: &Path) -> (PathBuf, PathBuf) {
    // OUT_DIR is `target/PROFILE/build/platc-HASH/out`.
    let target = out.ancestors().nth(4).unwrap_or(out);
    // Each has a directory of its own, so that they are built at the same time.
    let (small, whole) = (target.join("runtime-archive"), target.join("runtime-archive-secure"));
    thread::scope(|scope| {
        let small = scope.spawn(|| build_runtime(root, &small, &["--no-default-features"]));
        let whole = build_runtime(root, &whole, &[]);
        (small.join().expect("the thread has said why it panicked"), whole)
    })
}

/// Builds a runtime archive by a cargo of its own: it needs another profile and crate type than the compiler.
///
/// That cargo works in a target directory of its own, because the outer one holds the lock of the usual. The
/// directory is shared by all profiles of the outer build, so that the runtime is built once for all of them.
fn build_runtime(root: &Path, directory: &Path, options: &[&str]) -> PathBuf {
    let target = variable("TARGET");
    let mut cargo = Command::new(variable("CARGO"));
    cargo.args([
        "rustc",
        "--quiet",
        "--locked",
        "--package",
        "plat-rt",
        "--lib",
        "--crate-type",
        "staticlib",
    ]);
    cargo.args(["--profile", "runtime", "--target", &target]).args(options);
    cargo.arg("--target-dir").arg(directory).arg("--manifest-path").arg(root.join("Cargo.toml"));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_outer_build) {
            cargo.env_remove(name);
        }
    }
    // An empty list also overrides flags from cargo's configuration files.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "");
    run(&mut cargo);
    directory.join(target).join("runtime").join("libplat_rt.a")
}

/// Whether an environment variable is about the outer build: its flags (such as loom's), its wrappers (such as
/// clippy's), and what it tells this script.
fn belongs_to_outer_build(name: &str) -> bool {
    let wrappers =
        ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTC", "RUSTDOC", "RUSTFLAGS", "RUSTDOCFLAGS"];
    let outer =
        ["CARGO_ENCODED_", "CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_"];
    let script = [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_TARGET_DIR",
        "OUT_DIR",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
    ];
    wrappers.contains(&name) || script.contains(&name) || outer.iter().any(|prefix| name.starts_with(prefix))
}

/// Links the archive to one relocatable object that holds what programs can reach that need these parts, and nothing else where
/// the linker can drop the rest from such an object (GNU ld can).
fn prelink(archive: &Path, parts: &[Part], object: &Path) {
    let functions = RuntimeFn::ALL.iter().filter(|function| parts.contains(&function.part()));
    let symbols = functions.map(|function| function.symbol()).chain(["plat_rt_start", "plat_foreign"]);
    let roots: Vec<String> = symbols.map(|symbol| format!("-Wl,--undefined={symbol}")).collect();
    let linker = |options: &str| {
        let mut linker = Command::new("cc");
        linker.args(["-r", "-nostdlib", options]).args(&roots).arg("-o").arg(object).arg(archive);
        linker
    };
    // The names of local functions stay: a profiler would give their time to whatever stands before them.
    let small = linker("-Wl,--gc-sections,--strip-debug").output();
    if !small.is_ok_and(|output| output.status.success()) {
        run(&mut linker("-Wl,--strip-debug"));
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} failed: {status}");
}

/// `FILES`, the library's texts by path and name for messages, as Rust source.
fn list_stdlib(folder: &Path) -> String {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let mut source = String::from("const FILES: &[(&str, &str, &str)] = &[\n");
    for path in files {
        let inside = path.strip_prefix(folder).expect("it was found there");
        let name = if inside.starts_with("std") { inside.to_owned() } else { Path::new("std").join(inside) };
        writeln!(source, "    ({inside:?}, {name:?}, include_str!({path:?})),").expect("a string grows");
    }
    source + "];\n"
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "plat") {
            files.push(path);
        }
    }
}

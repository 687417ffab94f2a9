//! Runs a program in place of `platc`.
//!
//! The process becomes the program, so exit code, signals, terminal and standard streams are the program's own,
//! with nothing between. Rejected: a child process, whose death by a signal can be passed on only by unsafe code.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::failure::{Failure, reason};
use super::link::{self, Linkable};
use super::output::TempDir;
use super::pipeline::Profile;

/// Links the object to an executable that has no name any more, so that nothing is left behind.
pub fn link_unnamed(program: &Linkable, profile: Profile) -> Result<File, Failure> {
    let directory = TempDir::new()?;
    let path = directory.join("program");
    link::link(program, &path, profile)?;
    File::open(&path)
        .map_err(|error| Failure::failed(format!("cannot start the program: {}", reason(&error))))
}

/// Becomes the program, which is told that `name` is its own. Returns only when that fails.
pub fn become_program(executable: &File, name: &Path, args: &[OsString]) -> Failure {
    let path = format!("/proc/self/fd/{}", executable.as_raw_fd());
    let error = Command::new(path).arg0(name).args(args).exec();
    Failure::failed(format!("cannot start the program: {}", reason(&error)))
        .note(format!("it was built in `{}`", std::env::temp_dir().display()))
        .help("if programs there may not be run, set TMPDIR to another directory")
}

//! Files that the driver writes: temporary directories, and results that appear whole or not at all.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::failure::{Failure, reason};

/// A private directory that goes when it is dropped.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
}

impl TempDir {
    /// A new, empty directory, in `$TMPDIR` or `/tmp`.
    pub fn new() -> Result<Self, Failure> {
        let parent = std::env::temp_dir();
        for attempt in 0u32.. {
            let path = parent.join(format!("platc-{}-{attempt}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let problem = format!("cannot write to `{}`: {}", parent.display(), reason(&error));
                    return Err(
                        Failure::failed(problem).help("set TMPDIR to a directory that can be written")
                    );
                }
            }
        }
        unreachable!("some number is free")
    }

    /// The path of `name` in the directory.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file into the directory.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.join(name);
        fs::write(&path, bytes).map_err(|error| unwritable(&path, &error))?;
        Ok(path)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning of its temporary directory.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A file that is written beside its final place and takes it by [`Pending::commit`], or vanishes.
///
/// Only a regular file is replaced. What goes to a device or a pipe, such as `/dev/null`, is made elsewhere and written
/// into it.
#[derive(Debug)]
pub struct Pending {
    temporary: PathBuf,
    target: PathBuf,
    /// Where the temporary file stands when the target is no regular file.
    elsewhere: Option<TempDir>,
}

impl Pending {
    /// Makes sure that `target` can be written, and creates the temporary file.
    pub fn create(target: &Path) -> Result<Self, Failure> {
        if target.is_dir() {
            let problem = format!("cannot write `{}`: it is a directory", target.display());
            return Err(Failure::failed(problem).help("choose another name with `-o`"));
        }
        // A link stays, and what it leads to is replaced.
        let target =
            if target.is_symlink() { target.canonicalize().ok() } else { None }.unwrap_or(target.into());
        if target.exists() && !target.is_file() {
            let elsewhere = TempDir::new()?;
            return Ok(Self { temporary: elsewhere.join("output"), target, elsewhere: Some(elsewhere) });
        }
        let Some(name) = target.file_name() else {
            return Err(Failure::usage(format!("`{}` is no name for a file", target.display())));
        };
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.tmp", std::process::id()));
        let temporary = target.with_file_name(hidden);
        let created = OpenOptions::new().write(true).create(true).truncate(true).open(&temporary);
        created.map_err(|error| unwritable(&target, &error))?;
        Ok(Self { temporary, target, elsewhere: None })
    }

    /// Where to write until the file is whole.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Puts the file in its place.
    pub fn commit(self) -> Result<(), Failure> {
        let written = match self.elsewhere {
            None => fs::rename(&self.temporary, &self.target),
            Some(_) => fs::read(&self.temporary).and_then(|bytes| fs::write(&self.target, bytes)),
        };
        written.map_err(|error| unwritable(&self.target, &error))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // After `commit` there is nothing left to remove.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Writes a whole file.
pub fn write(target: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let pending = Pending::create(target)?;
    fs::write(pending.path(), bytes).map_err(|error| unwritable(target, &error))?;
    pending.commit()
}

/// Prints to standard output. A reader that has seen enough (`| head`) is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to standard output: {}", reason(&error))))
        }
        _ => Ok(()),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("cannot write `{}`: {}", path.display(), reason(error)))
}

//! A disk that is full: what was there before stays, and errors say what failed.
//!
//! The disk is a small file system in memory, in name spaces of its own. Where the system does not allow that the test is ignored, and
//! what can be tried with `/dev/full` is left.

use std::process::Command;

use libtest_mimic::Trial;

use crate::process;
use crate::running::{build, built};
use crate::scratch::Scratch;
use crate::{Outcome, trial};

/// Mounts a disk of 64 KiB at its first argument, and becomes the rest, with the disk as its current folder.
const ON_SMALL_DISK: &str = "mount -t tmpfs -o size=64k none \"$1\" && cd \"$1\" && shift && exec \"$@\"";

/// Works on a disk that has 48 KiB of 64 taken, and prints what came of it.
const PROGRAM: &str = r#"
use std::fs;
use std::fs::File;
use std::io;
use std::io::{BufferedWriter, IoError};

fn said<T>(result: Result<T, IoError>) -> String {
  match result { Ok(_) -> "fine", Err(error) -> "${error.kind}: ${error}" }
}

fn main() -> Result<Unit> {
  let old = "before ".repeat(1000).bytes();
  let large = Bytes.filled(60_000, 97);
  fs::write("old", old)?;
  fs::write("filler", Bytes.filled(40_000, 98))?;

  print(said(fs::replace("old", large)));
  print("${fs::read("old")? == old}, ${fs::list(".")?.map(|entry| entry.unwrap().name).collect().sorted()}");

  print(said(fs::append("old", large)));
  let longer = fs::read("old")?;
  print("${longer.starts_with(old)} ${longer.length() > old.length()}");
  let file = File.open("old", write = true)?;
  file.set_length(old.length())?;

  print(said(fs::copy("filler", "copy")));
  print("${fs::read("filler")? == Bytes.filled(40_000, 98)} ${fs::read("old")? == old}");
  fs::remove("copy")?;

  print(said(fs::write("new", large)));
  fs::remove("new")?;
  print(said(io::copy(File.open("filler")?, File.create("copy")?)));
  fs::remove("copy")?;

  // What a buffer could not write it keeps, until there is room.
  let buffered = BufferedWriter.init(File.create("lines")?);
  var (kept, failed) = (0, "");
  while failed.is_empty() {
    match buffered.write_text("line ${kept}\n") { Ok(_) -> kept += 1, Err(error) -> failed = "${error.kind}: ${error}" }
  }
  print(failed);
  print(said(buffered.flush()));
  fs::remove("filler")?;
  buffered.flush()?;
  print(fs::read_text("lines")? == (0..kept).map(|n| "line ${n}\n").collect().join());
  let other = Bytes.filled(10_000, 99);
  fs::replace("old", other)?;
  print(fs::read("old")? == other);
  Ok(())
}
"#;

const EXPECTED: &str = "\
StorageFull: replace old: no space left on device
true, [\"filler\", \"old\"]
StorageFull: write to old: no space left on device
true true
StorageFull: copy filler to copy: no space left on device
true true
StorageFull: write to new: no space left on device
StorageFull: write to copy: no space left on device
StorageFull: write to lines: no space left on device
StorageFull: write to lines: no space left on device
true
true
";

/// Writes to a device that never has room.
const TO_DEVICE: &str = r#"
use std::fs;
use std::fs::File;
use std::io;
use std::io::{BufferedWriter, BytesReader};

fn main() -> Result<Unit> {
  print(fs::write("/dev/full", [1]));
  print(fs::append("/dev/full", [1]));
  print(io::copy(BytesReader.init([1]), File.create("/dev/full")?));
  let buffered = BufferedWriter.init(File.create("/dev/full")?);
  buffered.write_text("kept")?;
  for _ in 0..2 { print(buffered.flush()); }
  print(File.open("/dev/full", write = true)?.set_length(1).is_err());
  Ok(())
}
"#;

/// All tests.
pub fn trials() -> Vec<Trial> {
    let with_disk = || with_disk(&Scratch::new());
    vec![
        trial("full_disk::nothing_that_was_there_is_lost", with_disk).with_ignored_flag(!may_mount()),
        trial("full_disk::a_device_without_room_is_an_error", || with_device(&Scratch::new())),
    ]
}

/// A command that runs others where nobody else sees what they mount.
fn apart() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", ON_SMALL_DISK, "sh"]);
    command
}

fn may_mount() -> bool {
    apart().arg(std::env::temp_dir()).arg("true").output().is_ok_and(|output| output.status.success())
}

fn with_disk(scratch: &Scratch) -> Outcome {
    build(scratch, PROGRAM, &[])?;
    let program = built(scratch);
    let disk = scratch.path().join("disk");
    std::fs::create_dir(&disk).map_err(|error| error.to_string())?;
    let mut command = apart();
    command.arg(disk).arg(program.get_program()).env("PLAT_LEAKS", "1");
    let ended = process::run(&mut command, "")?;
    let printed = &ended.expect_code(0)?.stdout;
    if printed == EXPECTED { Ok(()) } else { Err(printed.clone()) }
}

fn with_device(scratch: &Scratch) -> Outcome {
    build(scratch, TO_DEVICE, &[])?;
    let ended = process::run(&mut built(scratch), "")?;
    let printed = &ended.expect_code(0)?.stdout;
    let failures = printed.matches("write to /dev/full: no space left on device").count();
    let is_right = failures == 5 && printed.ends_with("true\n");
    if is_right { Ok(()) } else { Err(printed.clone()) }
}

//! Reads the program's files into the source map. The only reader of source files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use plat_syntax::source::{FileId, Origin, SourceMap};

use super::failure::{Failure, reason};

/// Places in a file are 32-bit, so a text is shorter than this.
const MAX_BYTES: u64 = u32::MAX as u64;

/// Reads the file that the command line names.
pub fn load(path: &Path, sources: &mut SourceMap) -> Result<FileId, Failure> {
    let name = path.display().to_string();
    let bytes = read(path, &name)?;
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
    Ok(sources.add(name, text, Origin::User))
}

fn read(path: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Failure::usage(format!("cannot read `{name}`: {}", reason(&error)));
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("cannot read `{name}`: it is a directory"))
            .help("name the file that holds the program's `main`"));
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(MAX_BYTES) as usize);
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 == MAX_BYTES {
        return Err(Failure::usage(format!("cannot read `{name}`: it is larger than 4 GiB")));
    }
    Ok(bytes)
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Failure {
    let bytes = error.as_bytes();
    let at = error.utf8_error().valid_up_to();
    let line_start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(&bytes[line_start..at]).chars().count() + 1;
    Failure::failed(format!("`{name}` is not UTF-8"))
        .note(format!(
            "the byte 0x{:02x} at {name}:{line}:{column} does not belong to a character",
            bytes[at]
        ))
        .help("save the file with the encoding UTF-8")
}

//! A directory that is being listed, some entries at a time.

use std::fs::{self, DirEntry, ReadDir};
use std::io;
use std::path::Path;

use plat_abi::layout::FileType;

use crate::sync_shim::Mutex;

/// Entries that are given at once: enough that going to another thread for them costs little, and few enough that who needs only the first
/// does not wait.
const AT_ONCE: usize = 128;

/// The listing.
pub struct Listing(Mutex<State>);

struct State {
    entries: ReadDir,
    /// What comes after the entries that were given last.
    failure: Option<io::Error>,
}

impl Listing {
    /// Begins to list a directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(State { entries: fs::read_dir(path)?, failure: None })))
    }

    /// Gives the next entries with their types to `take`. How many those were; none at the end. A name that is no text is given with
    /// [`FileType::Unnamed`], as far as it is.
    pub fn next(&self, mut take: impl FnMut(FileType, &str)) -> io::Result<usize> {
        let mut state = self.0.lock().expect("no holder of this lock panics");
        if let Some(failure) = state.failure.take() {
            return Err(failure);
        }
        for count in 0..AT_ONCE {
            match state.entries.next() {
                Some(Ok(entry)) => give(&entry, &mut take),
                Some(Err(error)) if count == 0 => return Err(error),
                Some(Err(error)) => {
                    state.failure = Some(error);
                    return Ok(count);
                }
                None => return Ok(count),
            }
        }
        Ok(AT_ONCE)
    }
}

fn give(entry: &DirEntry, take: &mut impl FnMut(FileType, &str)) {
    let name = entry.file_name();
    match name.to_str() {
        // It may be gone already.
        Some(name) => take(entry.file_type().map_or(FileType::Other, super::file_type), name),
        None => take(FileType::Unnamed, &name.to_string_lossy()),
    }
}

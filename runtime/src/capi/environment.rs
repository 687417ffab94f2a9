//! Rows that ask for what the program was started with.

use super::error::status;
use crate::scheduler::worker::Worker;
use crate::text::string::{Builder, from_text, text};

/// Row `argument_count`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn argument_count(_worker: *mut Worker) -> i64 {
    std::env::args_os().skip(1).count() as i64
}

/// Row `argument`.
///
/// # Safety
/// Called by compiled code on `worker`.
pub unsafe extern "C" fn argument(worker: *mut Worker, index: i64) -> *mut u8 {
    let argument = std::env::args_os().skip(1).nth(index as usize).unwrap_or_default();
    // SAFETY: the worker's record belongs to its thread, which runs this.
    unsafe { from_text(&mut (*worker).heap, &argument.to_string_lossy()).cast() }
}

/// Row `environment_variable`.
///
/// # Safety
/// Called by compiled code on `worker` with a live string and the place of another.
pub unsafe extern "C" fn environment_variable(worker: *mut Worker, name: *mut u8, into: *mut u8) -> i64 {
    // SAFETY: as the row promises.
    let name = unsafe { text(name.cast()) };
    // A name that no variable can have makes `var_os` panic on some systems.
    let is_possible = !name.is_empty() && !name.contains(['=', '\0']);
    let Some(value) = is_possible.then(|| std::env::var_os(name)).flatten() else { return 0 };
    // SAFETY: as the row promises.
    unsafe { Builder::new(&mut (*worker).heap, into.cast()).push(&value.to_string_lossy()) };
    1
}

/// Row `environment`.
///
/// # Safety
/// Called by compiled code on `worker`.
pub unsafe extern "C" fn environment(worker: *mut Worker) -> *mut u8 {
    let mut all = String::new();
    for (name, value) in std::env::vars_os() {
        all += &format!("{}={}\0", name.to_string_lossy(), value.to_string_lossy());
    }
    // SAFETY: the worker's record belongs to its thread, which runs this.
    unsafe { from_text(&mut (*worker).heap, &all).cast() }
}

/// Row `current_directory`.
///
/// # Safety
/// Called by compiled code on `worker` with the place of a live string.
pub unsafe extern "C" fn current_directory(worker: *mut Worker, into: *mut u8) -> i64 {
    status(std::env::current_dir().map(|directory| {
        // SAFETY: as the row promises.
        unsafe { Builder::new(&mut (*worker).heap, into.cast()).push(&directory.to_string_lossy()) };
        0
    }))
}

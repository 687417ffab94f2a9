//! What the compiler tells of a program: functions, call sites, owned slots, places.

use core::slice;
use std::env;

use plat_abi::layout::{CallSite, FunctionEntry, InlinedCall, Location, ProgramDescriptor, Slot, StaticText};

use crate::sync_shim::OnceLock;

/// A program's tables.
pub struct Program {
    /// As the compiler emitted them.
    pub descriptor: &'static ProgramDescriptor,
    /// Functions by address; sorted when first needed, which most runs never do.
    by_address: OnceLock<Vec<&'static FunctionEntry>>,
    shows_all_frames: OnceLock<bool>,
}

// SAFETY: the tables are constant data of the executable.
unsafe impl Send for Program {}
// SAFETY: as above.
unsafe impl Sync for Program {}

/// The text of static data.
pub fn text(text: &StaticText) -> &str {
    // SAFETY: the compiler emits the length with the bytes, and they are UTF-8 from source it has read as such.
    unsafe { str::from_utf8_unchecked(slice::from_raw_parts(text.data, text.length as usize)) }
}

impl Program {
    /// The tables of `descriptor`.
    pub fn new(descriptor: &'static ProgramDescriptor) -> Self {
        Self { descriptor, by_address: OnceLock::new(), shows_all_frames: OnceLock::new() }
    }

    fn functions(&self) -> &[&'static FunctionEntry] {
        self.by_address.get_or_init(|| {
            let table = self.descriptor;
            // SAFETY: the compiler emits the count with the table.
            let all = unsafe { slice::from_raw_parts(table.functions, table.function_count as usize) };
            let mut functions: Vec<_> = all.iter().collect();
            functions.sort_unstable_by_key(|function| function.address as usize);
            functions
        })
    }

    /// The function and the call that goes on at `return_address`.
    pub fn call_site(&self, return_address: usize) -> Option<(&'static FunctionEntry, &'static CallSite)> {
        // A call that never returns may be the last thing in its function, so look for the call, not behind it.
        let call = return_address.checked_sub(1)?;
        let functions = self.functions();
        let index = functions.partition_point(|function| function.address as usize <= call);
        let function = *functions.get(index.checked_sub(1)?)?;
        let offset = return_address - function.address as usize;
        if offset > function.size as usize {
            return None;
        }
        let count = function.call_site_count as usize;
        // SAFETY: the compiler emits each function's rows as part of the table.
        let rows = unsafe {
            slice::from_raw_parts(self.descriptor.call_sites.add(function.first_call_site as usize), count)
        };
        let row = rows.binary_search_by_key(&offset, |row| row.return_offset as usize).ok()?;
        Some((function, &rows[row]))
    }

    /// The owned values of a call site.
    pub fn slots(&self, site: &CallSite) -> &'static [Slot] {
        if site.slot_count == 0 {
            return &[];
        }
        // SAFETY: the compiler emits each call site's rows as part of the table.
        unsafe {
            slice::from_raw_parts(
                self.descriptor.slots.add(site.first_slot as usize),
                site.slot_count as usize,
            )
        }
    }

    /// A place by its index.
    pub fn location(&self, index: u32) -> &'static Location {
        // SAFETY: the compiler emits only indices of rows that exist.
        unsafe { &*self.descriptor.locations.add(index as usize) }
    }

    /// The inlined call whose body a place stands in.
    pub fn inlined_call(&self, place: &Location) -> Option<&'static InlinedCall> {
        let row = place.inlined.checked_sub(1)?;
        // SAFETY: as in `location`.
        Some(unsafe { &*self.descriptor.inlined.add(row as usize) })
    }

    /// Whether backtraces show the library's functions like the program's.
    pub fn shows_all_frames(&self) -> bool {
        *self
            .shows_all_frames
            .get_or_init(|| env::var_os("PLAT_BACKTRACE").is_some_and(|value| value == "full"))
    }

    /// A place as `file:line:column`.
    pub fn display(&self, location: &Location) -> String {
        // SAFETY: as in `location`.
        let file = unsafe { &*self.descriptor.files.add(location.file as usize) };
        format!("{}:{}:{}", text(file), location.line, location.column)
    }
}

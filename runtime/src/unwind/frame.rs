//! Frames of compiled code on a suspended or unwinding fiber.
//!
//! Compiled functions keep the frame-pointer chain: a frame pointer points at the caller's, with the return address above.

use core::ptr;

use plat_abi::fork::ScopeSite;
use plat_abi::layout::{Location, Part};

use super::tables::{Program, text};
use crate::context::{
    FRAME_POINTER_WORD, POLL_BYTES, RETURN_ADDRESS_WORD, SAVED_BYTES, call_return_address,
    catch_return_addresses, deinit_return_address, entry_return_address, poll_return_address,
    segment_return_address,
};
use crate::fiber::FiberRef;
use crate::task::TaskRef;

/// A function's activation: where it goes on, and its frame pointer.
#[derive(Clone, Copy)]
pub struct Frame {
    return_address: usize,
    frame_pointer: usize,
    /// The stack pointer once the frames above this one are gone.
    stack_pointer: usize,
}

/// The word at `address` on a fiber's stack.
fn word(address: usize) -> usize {
    // SAFETY: callers follow saved stack pointers and the frame-pointer chain of a fiber that does not run (kept by the
    // stubs and by compiled code), so the address is on its stack.
    unsafe { ptr::with_exposed_provenance::<usize>(address).read() }
}

impl Frame {
    /// The innermost frame of a fiber that does not run.
    pub fn top(fiber: FiberRef) -> Self {
        Self::saved_at(fiber.sp.get())
    }

    /// The frame whose stub has saved its registers at `stack_pointer`. One that is at a poll of a loop has saved them twice.
    fn saved_at(stack_pointer: usize) -> Self {
        let frame = Self {
            return_address: word(stack_pointer + RETURN_ADDRESS_WORD * 8),
            frame_pointer: word(stack_pointer + FRAME_POINTER_WORD * 8),
            stack_pointer,
        };
        if frame.return_address == poll_return_address() {
            return Self::saved_at(stack_pointer + POLL_BYTES);
        }
        frame
    }

    /// The frame this one returns to.
    pub fn caller(self) -> Self {
        Self {
            return_address: word(self.frame_pointer + 8),
            frame_pointer: word(self.frame_pointer),
            stack_pointer: self.end(),
        }
    }

    /// At the return into a stub: the frame whose registers the stub had saved. For a task's entry that of the task which
    /// waits below, if one does; for cleanup the frame it cleans up; for a `catch` its caller.
    pub fn below_stub(self) -> Self {
        Self::saved_at(self.stack_pointer)
    }

    /// The frame outwards from a compiled one, past stubs that called cleanup or a `catch`'s body, and past the frame of a function
    /// that has gone on on another segment. The last is the stub that called the task's entry.
    pub fn outwards(self) -> Self {
        let mut frame = self.caller();
        loop {
            if frame.is_cleanup_return() || frame.is_catch_return() {
                frame = frame.below_stub();
            } else if frame.is_segment_return() {
                frame = frame.caller().caller();
            } else {
                return frame;
            }
        }
    }

    /// Makes the fiber one that has saved its registers in this frame, as a stub would: all below is gone.
    pub fn stand_on(self, fiber: FiberRef) {
        let saved = self.stack_pointer - SAVED_BYTES;
        for (index, value) in
            [(FRAME_POINTER_WORD, self.frame_pointer), (RETURN_ADDRESS_WORD, self.return_address)]
        {
            // SAFETY: below its stack pointer a frame that is being unwound has free stack: at least that of the stub that began
            // the unwinding (kept by `StackBounds` of the compiler).
            unsafe { ptr::with_exposed_provenance_mut::<usize>(saved).add(index).write(value) };
        }
        fiber.sp.set(saved);
    }

    /// Whether the frames of `task`, which has not ended, are above this one: it is the stub that called the task's entry, or the frame
    /// of the function that has called that by itself.
    pub fn ends(self, task: TaskRef) -> bool {
        self.is_entry_return() || self.calls(task)
    }

    /// Whether this is the frame of the function that has called the entry of `task`, which runs, by itself: the record stands in that.
    /// The record may be in a frame as well of a task that a stub has called; then that comes first.
    pub fn calls(self, task: TaskRef) -> bool {
        let is_stub = self.is_segment_return() || self.is_cleanup_return() || self.is_catch_return();
        // The two ends of a stub may stand on different stacks.
        !is_stub && (self.stack_pointer..self.frame_pointer).contains(&task.as_ptr().addr())
    }

    /// Whether this is no compiled frame but the stub that called a task's entry.
    pub fn is_entry_return(self) -> bool {
        self.return_address == entry_return_address()
    }

    /// Whether this is no compiled frame but the stub that called cleanup code.
    pub fn is_cleanup_return(self) -> bool {
        self.return_address == call_return_address()
    }

    /// Whether this is no compiled frame but the stub that called the body of a `catch`.
    pub fn is_catch_return(self) -> bool {
        catch_return_addresses().contains(&self.return_address)
    }

    /// Whether this is no compiled frame but the stub that called a `deinit`.
    pub fn is_deinit_return(self) -> bool {
        self.return_address == deinit_return_address()
    }

    /// Whether this is no compiled frame but the stub that called a function on another segment of the stack.
    pub fn is_segment_return(self) -> bool {
        self.return_address == segment_return_address()
    }

    /// Ends the use of a field of an object whose slot is at `offset`.
    pub fn end_use(self, offset: i32) {
        // SAFETY: the slot of a use that has begun holds the address of a word in an object that the frame, or one outwards, keeps.
        unsafe { self.slot(offset).cast::<*mut u64>().read().write(0) };
    }

    /// Its frame pointer.
    pub fn frame_pointer(self) -> usize {
        self.frame_pointer
    }

    /// Where the frame goes on.
    pub fn return_address(self) -> usize {
        self.return_address
    }

    /// The stack pointer once the frames above are gone.
    pub fn stack_pointer(self) -> usize {
        self.stack_pointer
    }

    /// The first address above the frame.
    pub fn end(self) -> usize {
        self.frame_pointer + 16
    }

    /// The address of a local.
    pub fn slot(self, offset: i32) -> *mut u8 {
        ptr::with_exposed_provenance_mut(self.frame_pointer.wrapping_add_signed(offset as isize))
    }
}

/// A function, inlined or not, that a call was written in.
pub struct Origin {
    /// The call's place.
    pub place: &'static Location,
    /// The function's name.
    pub function: &'static str,
    /// Whether the program's author wrote it.
    pub is_users: bool,
    /// Whether nobody wrote it.
    pub is_generated: bool,
}

/// Where something stands in the code of a function.
#[derive(Clone, Copy)]
pub struct Written {
    /// The name of the function whose code it is.
    function: &'static str,
    /// Whose function that is, as a [`Part`].
    part: u32,
    /// Index of the place in the locations.
    location: u32,
}

impl From<&'static ScopeSite> for Written {
    fn from(site: &'static ScopeSite) -> Self {
        Self { function: text(&site.function), part: site.part, location: site.location }
    }
}

/// The functions that the call which returns to `return_address` was written in, innermost first: those inlined, then the one
/// whose code it stands in.
pub fn origins(program: &Program, return_address: usize) -> impl Iterator<Item = Origin> + use<'_> {
    let call = program.call_site(return_address);
    let written = call.map(|(function, site)| Written {
        function: text(&function.name),
        part: function.part,
        location: site.location,
    });
    origins_of(program, written)
}

/// The functions that code was written in, as `origins`, that stands at such a place.
pub fn origins_of(program: &Program, written: Option<Written>) -> impl Iterator<Item = Origin> + use<'_> {
    let mut next =
        written.map(|written| ((written.function, written.part), program.location(written.location)));
    core::iter::from_fn(move || {
        let (entry, place) = next?;
        let inlined = program.inlined_call(place);
        next = inlined.map(|call| (entry, program.location(call.call)));
        let (function, part) = match inlined {
            Some(call) => (text(&call.callee), call.part),
            None => entry,
        };
        let is_users = part == Part::Program as u32;
        Some(Origin { place, function, is_users, is_generated: part == Part::Generated as u32 })
    })
}

/// Where in the program's own code a task is: the innermost call that is in no library's. The library's own when there is no other.
pub fn innermost_origin(program: &Program, top: Frame, task: TaskRef) -> Option<Origin> {
    let mut innermost = None;
    let mut frame = top;
    while !frame.ends(task) {
        for origin in origins(program, frame.return_address()) {
            if origin.is_users {
                return Some(origin);
            }
            innermost = innermost.or(Some(origin));
        }
        frame = frame.outwards();
    }
    innermost
}

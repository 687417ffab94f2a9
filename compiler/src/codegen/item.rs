//! What code and data refer to: functions, runtime functions, glue, constants and tables.
//!
//! An [`Item`] is written into a function's relocations as a number, so that functions can be compiled apart from
//! the object file and from each other; `object` gives it a symbol when it is defined.

use cranelift_codegen::ir::UserExternalName;
use plat_abi::functions::RuntimeFn;
use plat_syntax::index::Id;

use super::layout::TypeIndex;
use super::sanitizer::{SanitizerFn, Watch};
use crate::bug;
use crate::hir::{FnId, VariantId};
use crate::mir::{FunctionId, Local, Poll};

/// Something with a symbol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Item {
    /// A function of the program.
    Function(FunctionId),
    /// A runtime function.
    Runtime(RuntimeFn),
    /// A generated function.
    Glue(Glue),
    /// A string literal, by its number in the program.
    String(u32),
    /// The empty buffer.
    EmptyBuffer,
    /// The block of a boxed enum's variant without payload.
    EmptyVariant(TypeIndex, VariantId),
    /// A table of an interface's values, by its number in the program.
    InterfaceTable(u32),
    /// A type, for the runtime.
    TypeInfo(TypeIndex),
    /// A task body, for the runtime.
    TaskDescriptor(FunctionId),
    /// The same, of tasks whose records stand in frames.
    FrameTask(FunctionId),
    /// Where a function opens a scope, for the runtime.
    ScopeSite(FunctionId, Local),
    /// The cell of a constant that this function computes, for the runtime.
    Global(FunctionId),
    /// The block of a function that captures nothing.
    Closure(FunctionId),
    /// What to do with the blocks of a closure.
    ClosureInfo(FunctionId),
    /// The table the runtime starts the program from.
    Program,
    /// `memmove` of the C library.
    Memmove,
    /// `plat_rt_start` of the runtime.
    Start,
    /// A function of C.
    Foreign(FnId),
    /// `plat_foreign` of the runtime, as it is called for a function of C: with that function's signature.
    ForeignStub(FnId),
    /// `plat_call_deinit` of the runtime.
    CallDeinit,
    /// `plat_loop_poll` or `plat_loop_pause` of the runtime.
    Poll(Poll),
    /// A function of ThreadSanitizer.
    Sanitizer(SanitizerFn),
    /// `plat_foreign` of the runtime, as it is called for one.
    SanitizerStub,
    /// `__morestack` of the runtime, as it is called for a function of the program: with that function's signature.
    MoreStack(FunctionId),
}

/// Functions generated for a type or a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Glue {
    /// `(slot)`: releases the value in a slot.
    Drop(TypeIndex),
    /// `(slot)`: makes the value in a slot shared.
    Share(TypeIndex),
    /// `(block, count)`: takes a reference off a block whose count, just read, is not above 1.
    Free(TypeIndex),
    /// `(block)`: makes what a block refers to shared, which is shared itself already.
    ShareContents(TypeIndex),
    /// `(object)`: frees the block of an object that neither references nor weak references are left to.
    FreeWeak(TypeIndex),
    /// `(object)`: ends the life of an object with a `deinit` to which no references are left.
    EndObject(TypeIndex),
    /// `(link)`: releases the contents of a chain of blocks of one group, and frees them.
    FreeChain(u32),
    /// `(link)`: makes what a block refers to shared, and what that refers to within its group.
    ShareAll(u32),
    /// `(record)`: releases the captures of a task that never started.
    DropCaptures(FunctionId),
    /// `(guard)`: calls the body of a `defer` with the addresses that the guard holds.
    RunDefer(FunctionId),
    /// What calls of a function value call: takes the captures out of the block and calls the body.
    ClosureEntry(FunctionId),
    /// `(block, rest) -> rest`: releases the captures of a closure and frees its block; see `Emitter::write_free_closure`.
    FreeClosure(FunctionId),
    /// `(block)`: makes the captures of a closure shared.
    ShareClosure(FunctionId),
    /// `(address)`: tells ThreadSanitizer of something that the caller does.
    Watch(Watch),
    /// `(record)`: runs `main` as a task.
    MainTask,
    /// `main` of the C library.
    Main,
}

impl Item {
    /// The number it has in relocations.
    pub fn encode(self) -> UserExternalName {
        let (namespace, index) = match self {
            Self::Function(id) => (0, id.0),
            Self::Runtime(function) => (1, function as u32),
            Self::String(number) => (2, number),
            Self::EmptyBuffer => (3, 0),
            Self::TypeInfo(number) => (4, number),
            Self::TaskDescriptor(id) => (5, id.0),
            Self::FrameTask(id) => (33, id.0),
            Self::ScopeSite(id, scope) => (SCOPE_SITES + scope.0, id.0),
            Self::Program => (6, 0),
            Self::Memmove => (7, 0),
            Self::Start => (8, 0),
            Self::Foreign(id) => (9, id.0),
            Self::ForeignStub(id) => (10, id.0),
            Self::Global(id) => (11, id.0),
            Self::Closure(id) => (12, id.0),
            Self::ClosureInfo(id) => (13, id.0),
            Self::InterfaceTable(number) => (14, number),
            Self::MoreStack(id) => (15, id.0),
            Self::CallDeinit => (31, 0),
            Self::Poll(poll) => (34, u32::from(poll == Poll::Ends)),
            Self::Sanitizer(function) => (35, function.number()),
            Self::SanitizerStub => (36, 0),
            Self::Glue(Glue::Watch(watch)) => (37, watch.number()),
            Self::Glue(Glue::Drop(number)) => (16, number),
            Self::Glue(Glue::Share(number)) => (17, number),
            Self::Glue(Glue::Free(number)) => (18, number),
            Self::Glue(Glue::ShareContents(number)) => (19, number),
            Self::Glue(Glue::FreeChain(group)) => (20, group),
            Self::Glue(Glue::DropCaptures(id)) => (21, id.0),
            Self::Glue(Glue::MainTask) => (22, 0),
            Self::Glue(Glue::Main) => (23, 0),
            Self::Glue(Glue::ShareAll(group)) => (24, group),
            Self::Glue(Glue::RunDefer(id)) => (32, id.0),
            Self::Glue(Glue::FreeWeak(number)) => (30, number),
            Self::Glue(Glue::EndObject(number)) => (38, number),
            Self::Glue(Glue::ClosureEntry(id)) => (25, id.0),
            Self::Glue(Glue::FreeClosure(id)) => (26, id.0),
            Self::Glue(Glue::ShareClosure(id)) => (27, id.0),
            Self::EmptyVariant(number, variant) => (EMPTY_VARIANTS + variant.0, number),
        };
        UserExternalName { namespace, index }
    }

    /// The item with this number.
    pub fn decode(name: &UserExternalName) -> Self {
        let index = name.index;
        match name.namespace {
            0 => Self::Function(FunctionId(index)),
            1 => Self::Runtime(RuntimeFn::ALL[index as usize]),
            2 => Self::String(index),
            3 => Self::EmptyBuffer,
            4 => Self::TypeInfo(index),
            5 => Self::TaskDescriptor(FunctionId(index)),
            33 => Self::FrameTask(FunctionId(index)),
            6 => Self::Program,
            7 => Self::Memmove,
            8 => Self::Start,
            9 => Self::Foreign(FnId(index)),
            10 => Self::ForeignStub(FnId(index)),
            11 => Self::Global(FunctionId(index)),
            12 => Self::Closure(FunctionId(index)),
            13 => Self::ClosureInfo(FunctionId(index)),
            14 => Self::InterfaceTable(index),
            15 => Self::MoreStack(FunctionId(index)),
            31 => Self::CallDeinit,
            35 => Self::Sanitizer(SanitizerFn::from_number(index)),
            36 => Self::SanitizerStub,
            37 => Self::Glue(Glue::Watch(Watch::from_number(index))),
            34 => Self::Poll(if index == 0 { Poll::Pauses } else { Poll::Ends }),
            16 => Self::Glue(Glue::Drop(index)),
            17 => Self::Glue(Glue::Share(index)),
            18 => Self::Glue(Glue::Free(index)),
            19 => Self::Glue(Glue::ShareContents(index)),
            20 => Self::Glue(Glue::FreeChain(index)),
            21 => Self::Glue(Glue::DropCaptures(FunctionId::from_index(index as usize))),
            22 => Self::Glue(Glue::MainTask),
            23 => Self::Glue(Glue::Main),
            24 => Self::Glue(Glue::ShareAll(index)),
            32 => Self::Glue(Glue::RunDefer(FunctionId::from_index(index as usize))),
            30 => Self::Glue(Glue::FreeWeak(index)),
            38 => Self::Glue(Glue::EndObject(index)),
            25 => Self::Glue(Glue::ClosureEntry(FunctionId(index))),
            26 => Self::Glue(Glue::FreeClosure(FunctionId(index))),
            27 => Self::Glue(Glue::ShareClosure(FunctionId(index))),
            scope if scope >= SCOPE_SITES => Self::ScopeSite(FunctionId(index), Local(scope - SCOPE_SITES)),
            variant if variant >= EMPTY_VARIANTS => {
                Self::EmptyVariant(index, VariantId(variant - EMPTY_VARIANTS))
            }
            other => bug!("no items are numbered in {other}"),
        }
    }

    /// Whether it is code.
    pub fn is_function(self) -> bool {
        let is_elsewhere = matches!(
            self,
            Self::Memmove
                | Self::Start
                | Self::CallDeinit
                | Self::Poll(_)
                | Self::Foreign(_)
                | Self::ForeignStub(_)
                | Self::Sanitizer(_)
                | Self::SanitizerStub
                | Self::MoreStack(_)
        );
        is_elsewhere || matches!(self, Self::Function(_) | Self::Runtime(_) | Self::Glue(_))
    }

    /// Whether the linker puts it into the same executable, within reach of a relative call.
    pub fn is_colocated(self) -> bool {
        !matches!(self, Self::Memmove | Self::Foreign(_) | Self::Sanitizer(_))
    }
}

/// The variants of boxed enums are numbered from here on.
const EMPTY_VARIANTS: u32 = 64;

/// Scopes are numbered from here on. No enum has as many variants, and no function as many locals.
const SCOPE_SITES: u32 = 1 << 31;

//! Stubs for x86-64, System V. The worker record is in `r15`.

use core::arch::global_asm;

use super::{
    ACTION_RUN, ACTION_SWITCH, COMPILED_SP, CURRENT_FIBER, DESCRIPTOR_ENTRY, FIBER_SP, TASK_DESCRIPTOR,
    WORKER_SP,
};

/// Words that a suspending stub pushes: `r14 r13 r12 rbx rbp`, lowest first.
pub const SAVED_WORDS: usize = 5;
/// Where among them the frame pointer stands.
pub const FRAME_POINTER_WORD: usize = 4;
/// Where behind them the return address stands.
pub const RETURN_ADDRESS_WORD: usize = 5;
/// Where at the stack pointer kept by a `[leaf]` stub the return address stands.
pub const LEAF_RETURN_ADDRESS_WORD: usize = 0;

global_asm!(
    ".pushsection .text.plat_context,\"ax\",@progbits",
    ".globl plat_context_enter",
    ".globl plat_context_call_glue",
    ".globl plat_context_dispatch",
    ".globl plat_context_entry_return",
    ".hidden plat_context_enter",
    ".hidden plat_context_call_glue",
    ".hidden plat_context_dispatch",
    ".hidden plat_context_entry_return",
    ".type plat_context_enter,@function",
    ".type plat_context_call_glue,@function",
    ".type plat_context_dispatch,@function",
    // enter(rdi: worker, rsi: value, rdx: action)
    ".p2align 4",
    "plat_context_enter:",
    "push rbp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "sub rsp, 8",
    "mov r15, rdi",
    "mov [r15 + {worker_sp}], rsp",
    "mov rax, rsi",
    // Here rsp is the worker's, rax the value and rdx the action of an outcome.
    "plat_context_dispatch:",
    "cmp rdx, {switch}",
    "je 2f",
    "mov rcx, [r15 + {fiber}]",
    "mov rsp, [rcx + {fiber_sp}]",
    "cmp rdx, {run}",
    "je 3f",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "pop rcx",
    "jmp rcx",
    // Back to the worker loop, to where `enter` was called.
    "2:",
    "add rsp, 8",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    // Run a task's entry above what the fiber's stack holds.
    "3:",
    "mov rdi, rax",
    "mov rax, [rax + {descriptor}]",
    "call [rax + {entry}]",
    "plat_context_entry_return:",
    "mov rcx, [r15 + {fiber}]",
    "mov [rcx + {fiber_sp}], rsp",
    "mov rsp, [r15 + {worker_sp}]",
    "mov rdi, r15",
    "call {entry_finished}",
    "test rdx, rdx",
    "jne plat_context_dispatch",
    // As in a stub that returns, but the registers come from the stack: the entry may have been begun by a worker loop.
    "mov rcx, [r15 + {fiber}]",
    "mov rsp, [rcx + {fiber_sp}]",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    // call_glue(rdi: worker, rsi: glue, rdx: slot, rcx: stack top)
    ".p2align 4",
    "plat_context_call_glue:",
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "push [rdi + {worker_sp}]",
    "push [rdi + {compiled_sp}]",
    "sub rsp, 8",
    "mov r15, rdi",
    "mov [r15 + {worker_sp}], rsp",
    "mov rsp, rcx",
    "mov rdi, rdx",
    "call rsi",
    "mov rsp, [r15 + {worker_sp}]",
    "add rsp, 8",
    "pop [r15 + {compiled_sp}]",
    "pop [r15 + {worker_sp}]",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    ".popsection",
    worker_sp = const WORKER_SP,
    compiled_sp = const COMPILED_SP,
    fiber = const CURRENT_FIBER,
    fiber_sp = const FIBER_SP,
    descriptor = const TASK_DESCRIPTOR,
    entry = const DESCRIPTOR_ENTRY,
    switch = const ACTION_SWITCH,
    run = const ACTION_RUN,
    entry_finished = sym crate::task::run::entry_finished,
);

/// Defines the stub of one row: `define_stub!(effect, name, path of the function)`.
macro_rules! define_stub {
    (leaf, $name:ident, $function:path) => {
        core::arch::global_asm!(
            concat!(".pushsection .text.plat_", stringify!($name), ",\"ax\",@progbits"),
            concat!(".globl plat_", stringify!($name)),
            concat!(".hidden plat_", stringify!($name)),
            concat!(".type plat_", stringify!($name), ",@function"),
            ".p2align 4",
            concat!("plat_", stringify!($name), ":"),
            "mov [r15 + {compiled_sp}], rsp",
            "mov rsp, [r15 + {worker_sp}]",
            "call {function}",
            "mov rsp, [r15 + {compiled_sp}]",
            "ret",
            ".popsection",
            worker_sp = const core::mem::offset_of!($crate::scheduler::worker::Worker, worker_sp),
            compiled_sp = const core::mem::offset_of!($crate::scheduler::worker::Worker, compiled_sp),
            function = sym $function,
        );
    };
    ($effect:ident, $name:ident, $function:path) => {
        core::arch::global_asm!(
            concat!(".pushsection .text.plat_", stringify!($name), ",\"ax\",@progbits"),
            concat!(".globl plat_", stringify!($name)),
            concat!(".hidden plat_", stringify!($name)),
            concat!(".type plat_", stringify!($name), ",@function"),
            ".p2align 4",
            concat!("plat_", stringify!($name), ":"),
            "push rbp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "mov rax, [r15 + {fiber}]",
            "mov [rax + {fiber_sp}], rsp",
            "mov rsp, [r15 + {worker_sp}]",
            "call {function}",
            "test rdx, rdx",
            "jne plat_context_dispatch",
            "mov rcx, [r15 + {fiber}]",
            "mov rsp, [rcx + {fiber_sp}]",
            // Rust has kept the registers.
            "add rsp, {saved}",
            "ret",
            ".popsection",
            worker_sp = const core::mem::offset_of!($crate::scheduler::worker::Worker, worker_sp),
            fiber = const core::mem::offset_of!($crate::scheduler::worker::Worker, fiber),
            fiber_sp = const core::mem::offset_of!($crate::fiber::Fiber, sp),
            saved = const $crate::context::SAVED_WORDS * 8,
            function = sym $function,
        );
    };
}
pub(crate) use define_stub;

//! Stubs for aarch64, AAPCS64. The worker record is in `x21`.

use core::arch::global_asm;

use super::{
    ACTION_CALL, ACTION_RESUME, ACTION_RUN, ACTION_SWITCH, ARGUMENT_BYTES, CALL_ARGUMENT, CALL_CODE,
    CALL_FRAME_POINTER, CALLEE, COMPILED_SP, CURRENT_FIBER, DESCRIPTOR_ENTRY, FIBER_SP, FIBER_TASK,
    FOREIGN_SP, GLUE_ARGUMENT, GLUE_CODE, SEGMENT_TOP, TASK_DESCRIPTOR, TASK_SHIELDS, WORKER_SP,
};

/// Words that a suspending stub pushes: `d8`–`d15`, `x19 x20 x22`–`x28`, one of padding, `x29 x30`, lowest first.
pub const SAVED_WORDS: usize = 20;
/// Bytes that a suspended fiber has on its stack above the frame it goes on in.
pub const SAVED_BYTES: usize = SAVED_WORDS * 8;
/// Where among them the frame pointer stands.
pub const FRAME_POINTER_WORD: usize = 18;
/// Where among them the return address stands: on this target it comes in a register.
pub const RETURN_ADDRESS_WORD: usize = 19;
/// Bytes that `plat_loop_poll` puts between the frame that it was called in and what the stub of row `poll` saves: `x29 x30` first, as that
/// would, then `x0`–`x17`, and `q0`–`q31`.
pub const POLL_BYTES: usize = 16 + 18 * 8 + 32 * 16;

const _: () = assert!(RETURN_ADDRESS_WORD + 1 == SAVED_WORDS, "the return address is pushed first");

/// Pushes what [`SAVED_WORDS`] lists.
macro_rules! save_registers {
    () => {
        "sub sp, sp, #160
         stp d8, d9, [sp]
         stp d10, d11, [sp, #16]
         stp d12, d13, [sp, #32]
         stp d14, d15, [sp, #48]
         stp x19, x20, [sp, #64]
         stp x22, x23, [sp, #80]
         stp x24, x25, [sp, #96]
         stp x26, x27, [sp, #112]
         str x28, [sp, #128]
         stp x29, x30, [sp, #144]"
    };
}

/// Pops what `save_registers` pushed.
macro_rules! restore_registers {
    () => {
        "ldp d8, d9, [sp]
         ldp d10, d11, [sp, #16]
         ldp d12, d13, [sp, #32]
         ldp d14, d15, [sp, #48]
         ldp x19, x20, [sp, #64]
         ldp x22, x23, [sp, #80]
         ldp x24, x25, [sp, #96]
         ldp x26, x27, [sp, #112]
         ldr x28, [sp, #128]
         ldp x29, x30, [sp, #144]
         add sp, sp, #160"
    };
}
pub(crate) use save_registers;

global_asm!(
    ".pushsection .text.plat_context,\"ax\",@progbits",
    ".globl plat_context_enter",
    ".globl plat_context_glue_entry",
    ".globl plat_context_dispatch",
    ".globl plat_context_entry_return",
    ".globl plat_context_call_return",
    ".globl plat_context_catch_return",
    ".globl plat_context_deinit_return",
    ".globl plat_context_segment_return",
    ".globl plat_context_poll_return",
    ".hidden plat_context_poll_return",
    ".globl plat_loop_poll",
    ".hidden plat_loop_poll",
    ".type plat_loop_poll,@function",
    ".globl plat_loop_pause",
    ".hidden plat_loop_pause",
    ".type plat_loop_pause,@function",
    ".hidden plat_context_enter",
    ".hidden plat_context_glue_entry",
    ".hidden plat_context_dispatch",
    ".hidden plat_context_entry_return",
    ".hidden plat_context_call_return",
    ".hidden plat_context_catch_return",
    ".hidden plat_context_deinit_return",
    ".hidden plat_context_segment_return",
    ".type plat_context_enter,@function",
    ".type plat_context_glue_entry,@function",
    ".type plat_context_dispatch,@function",
    ".globl plat_foreign",
    ".hidden plat_foreign",
    ".type plat_foreign,@function",
    ".globl plat_call_deinit",
    ".hidden plat_call_deinit",
    ".type plat_call_deinit,@function",
    ".globl __morestack",
    ".hidden __morestack",
    ".type __morestack,@function",
    // foreign(what C wants): calls the function of C in the worker record.
    ".p2align 4",
    "plat_foreign:",
    "stp x29, x30, [sp, #-16]!",
    "ldr x16, [x21, #{callee}]",
    "mov x9, sp",
    "str x9, [x21, #{compiled_sp}]",
    "str x9, [x21, #{foreign_sp}]",
    "ldr x9, [x21, #{worker_sp}]",
    "mov sp, x9",
    "blr x16",
    "str xzr, [x21, #{foreign_sp}]",
    "ldr x9, [x21, #{compiled_sp}]",
    "mov sp, x9",
    "ldp x29, x30, [sp], #16",
    "ret",
    // enter(x0: worker, x1: value, x2: action)
    ".p2align 4",
    "plat_context_enter:",
    save_registers!(),
    "str x21, [sp, #136]",
    "mov x21, x0",
    "mov x9, sp",
    "str x9, [x21, #{worker_sp}]",
    "mov x0, x1",
    "mov x1, x2",
    // Here sp is the worker's, x0 the value and x1 the action of an outcome.
    "plat_context_dispatch:",
    "cmp x1, #{resume}",
    "b.hi 8f",
    "ldr x9, [x21, #{fiber}]",
    "ldr x9, [x9, #{fiber_sp}]",
    "mov sp, x9",
    restore_registers!(),
    "br x30",
    "8:",
    "cmp x1, #{switch}",
    "b.eq 2f",
    "ldr x9, [x21, #{fiber}]",
    "ldr x9, [x9, #{fiber_sp}]",
    "mov sp, x9",
    "cmp x1, #{run}",
    "b.eq 3f",
    "cmp x1, #{call}",
    "b.eq 4f",
    "b 5f",
    // Back to the worker loop, to where `enter` was called.
    "2:",
    "ldr x21, [sp, #136]",
    restore_registers!(),
    "ret",
    // Run a task's entry above what the fiber's stack holds.
    "3:",
    "ldr x9, [x0, #{descriptor}]",
    "ldr x9, [x9, #{entry}]",
    "blr x9",
    "plat_context_entry_return:",
    "mov x9, sp",
    "ldr x10, [x21, #{fiber}]",
    "str x9, [x10, #{fiber_sp}]",
    "ldr x9, [x21, #{worker_sp}]",
    "mov sp, x9",
    "mov x0, x21",
    "bl {entry_finished}",
    "b plat_context_dispatch",
    // Call compiled code above what the fiber's stack holds, and let the runtime go on.
    "4:",
    "ldr x29, [x21, #{call_frame_pointer}]",
    "ldr x0, [x21, #{call_argument}]",
    "ldr x9, [x21, #{call_code}]",
    "blr x9",
    "plat_context_call_return:",
    "mov x9, sp",
    "ldr x10, [x21, #{fiber}]",
    "str x9, [x10, #{fiber_sp}]",
    "ldr x9, [x21, #{worker_sp}]",
    "mov sp, x9",
    "mov x0, x21",
    "bl {cleanup_finished}",
    "b plat_context_dispatch",
    // The same, and then return 0 from the stub.
    "5:",
    "ldr x29, [x21, #{call_frame_pointer}]",
    "ldr x0, [x21, #{call_argument}]",
    "ldr x9, [x21, #{call_code}]",
    "blr x9",
    "plat_context_catch_return:",
    restore_registers!(),
    "mov x0, #0",
    "ret",
    // glue_entry(x0: task)
    ".p2align 4",
    "plat_context_glue_entry:",
    "ldr x9, [x0, #{glue_code}]",
    "ldr x0, [x0, #{glue_argument}]",
    "br x9",
    // call_deinit(x0: object, x1: deinit): as a stub that catches.
    ".p2align 4",
    "plat_call_deinit:",
    save_registers!(),
    // The task is shielded, as often as can be counted.
    "ldr x9, [x21, #{fiber}]",
    "ldr x9, [x9, #{task}]",
    "ldrh w10, [x9, #{shields}]",
    "add w10, w10, #1",
    "tbnz w10, #16, 8f",
    "strh w10, [x9, #{shields}]",
    "8:",
    "blr x1",
    "plat_context_deinit_return:",
    "ldr x9, [x21, #{fiber}]",
    "ldr x9, [x9, #{task}]",
    "ldrh w10, [x9, #{shields}]",
    "add w11, w10, #1",
    "tbnz w11, #16, 8f",
    "sub w10, w10, #1",
    "strh w10, [x9, #{shields}]",
    "8:",
    restore_registers!(),
    "mov x0, #0",
    "ret",
    // loop_poll(), loop_pause(): calls row `poll`, and keeps all registers.
    ".p2align 4",
    "plat_loop_pause:",
    "stp x29, x30, [sp, #-16]!",
    "sub sp, sp, #656",
    "stp x0, x1, [sp]",
    "mov x1, #0",
    "b 9f",
    ".p2align 4",
    "plat_loop_poll:",
    "stp x29, x30, [sp, #-16]!",
    "sub sp, sp, #656",
    "stp x0, x1, [sp]",
    "mov x1, #1",
    "9:",
    "stp x2, x3, [sp, #16]",
    "stp x4, x5, [sp, #32]",
    "stp x6, x7, [sp, #48]",
    "stp x8, x9, [sp, #64]",
    "stp x10, x11, [sp, #80]",
    "stp x12, x13, [sp, #96]",
    "stp x14, x15, [sp, #112]",
    "stp x16, x17, [sp, #128]",
    "stp q0, q1, [sp, #144]",
    "stp q2, q3, [sp, #176]",
    "stp q4, q5, [sp, #208]",
    "stp q6, q7, [sp, #240]",
    "stp q8, q9, [sp, #272]",
    "stp q10, q11, [sp, #304]",
    "stp q12, q13, [sp, #336]",
    "stp q14, q15, [sp, #368]",
    "stp q16, q17, [sp, #400]",
    "stp q18, q19, [sp, #432]",
    "stp q20, q21, [sp, #464]",
    "stp q22, q23, [sp, #496]",
    "stp q24, q25, [sp, #528]",
    "stp q26, q27, [sp, #560]",
    "stp q28, q29, [sp, #592]",
    "stp q30, q31, [sp, #624]",
    "mov x0, x21",
    "bl plat_poll",
    "plat_context_poll_return:",
    "ldp x0, x1, [sp]",
    "ldp x2, x3, [sp, #16]",
    "ldp x4, x5, [sp, #32]",
    "ldp x6, x7, [sp, #48]",
    "ldp x8, x9, [sp, #64]",
    "ldp x10, x11, [sp, #80]",
    "ldp x12, x13, [sp, #96]",
    "ldp x14, x15, [sp, #112]",
    "ldp x16, x17, [sp, #128]",
    "ldp q0, q1, [sp, #144]",
    "ldp q2, q3, [sp, #176]",
    "ldp q4, q5, [sp, #208]",
    "ldp q6, q7, [sp, #240]",
    "ldp q8, q9, [sp, #272]",
    "ldp q10, q11, [sp, #304]",
    "ldp q12, q13, [sp, #336]",
    "ldp q14, q15, [sp, #368]",
    "ldp q16, q17, [sp, #400]",
    "ldp q18, q19, [sp, #432]",
    "ldp q20, q21, [sp, #464]",
    "ldp q22, q23, [sp, #496]",
    "ldp q24, q25, [sp, #528]",
    "ldp q26, q27, [sp, #560]",
    "ldp q28, q29, [sp, #592]",
    "ldp q30, q31, [sp, #624]",
    "add sp, sp, #656",
    "ldp x29, x30, [sp], #16",
    "ret",
    // morestack(what the callee wants): copies the arguments on the stack, and calls it there.
    ".p2align 4",
    "__morestack:",
    "stp x29, x30, [sp, #-16]!",
    "mov x29, sp",
    "ldr x10, [x21, #{argument_bytes}]",
    "ldr x9, [x21, #{segment_top}]",
    "sub x9, x9, x10",
    "add x11, x29, #16",
    "b 7f",
    "6:",
    "sub x10, x10, #8",
    "ldr x12, [x11, x10]",
    "str x12, [x9, x10]",
    "7:",
    "cbnz x10, 6b",
    "mov sp, x9",
    "ldr x16, [x21, #{callee}]",
    "blr x16",
    "plat_context_segment_return:",
    "mov sp, x29",
    "sub sp, sp, #128",
    "stp x0, x1, [sp]",
    "stp x2, x3, [sp, #16]",
    "stp x4, x5, [sp, #32]",
    "stp x6, x7, [sp, #48]",
    "stp d0, d1, [sp, #64]",
    "stp d2, d3, [sp, #80]",
    "stp d4, d5, [sp, #96]",
    "stp d6, d7, [sp, #112]",
    "mov x9, sp",
    "str x9, [x21, #{compiled_sp}]",
    "ldr x9, [x21, #{worker_sp}]",
    "mov sp, x9",
    "mov x0, x21",
    "bl {segment_finished}",
    "ldr x9, [x21, #{compiled_sp}]",
    "mov sp, x9",
    "ldp x0, x1, [sp]",
    "ldp x2, x3, [sp, #16]",
    "ldp x4, x5, [sp, #32]",
    "ldp x6, x7, [sp, #48]",
    "ldp d0, d1, [sp, #64]",
    "ldp d2, d3, [sp, #80]",
    "ldp d4, d5, [sp, #96]",
    "ldp d6, d7, [sp, #112]",
    "add sp, sp, #128",
    "ldp x29, x30, [sp], #16",
    "ret",
    ".popsection",
    callee = const CALLEE,
    argument_bytes = const ARGUMENT_BYTES,
    segment_top = const SEGMENT_TOP,
    glue_code = const GLUE_CODE,
    glue_argument = const GLUE_ARGUMENT,
    worker_sp = const WORKER_SP,
    compiled_sp = const COMPILED_SP,
    foreign_sp = const FOREIGN_SP,
    fiber = const CURRENT_FIBER,
    fiber_sp = const FIBER_SP,
    task = const FIBER_TASK,
    shields = const TASK_SHIELDS,
    descriptor = const TASK_DESCRIPTOR,
    entry = const DESCRIPTOR_ENTRY,
    resume = const ACTION_RESUME,
    switch = const ACTION_SWITCH,
    run = const ACTION_RUN,
    call = const ACTION_CALL,
    call_code = const CALL_CODE,
    call_argument = const CALL_ARGUMENT,
    call_frame_pointer = const CALL_FRAME_POINTER,
    cleanup_finished = sym crate::task::run::cleanup_finished,
    entry_finished = sym crate::task::run::entry_finished,
    segment_finished = sym crate::scheduler::worker::segment_finished,
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
            // The link register is kept above the stack pointer that glue would be called with.
            "stp x29, x30, [sp, #-16]!",
            "mov x9, sp",
            "str x9, [x21, #{compiled_sp}]",
            "ldr x9, [x21, #{worker_sp}]",
            "mov sp, x9",
            "bl {function}",
            "ldr x9, [x21, #{compiled_sp}]",
            "mov sp, x9",
            "ldp x29, x30, [sp], #16",
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
            $crate::context::save_registers!(),
            "mov x9, sp",
            "ldr x10, [x21, #{fiber}]",
            "str x9, [x10, #{fiber_sp}]",
            "ldr x9, [x21, #{worker_sp}]",
            "mov sp, x9",
            "bl {function}",
            "cbnz x1, 4f",
            "ldr x10, [x21, #{fiber}]",
            "ldr x9, [x10, #{fiber_sp}]",
            "mov sp, x9",
            // Rust has kept the other registers.
            "ldp x29, x30, [sp, #144]",
            "add sp, sp, #160",
            "ret",
            "4:",
            "b plat_context_dispatch",
            ".popsection",
            worker_sp = const core::mem::offset_of!($crate::scheduler::worker::Worker, worker_sp),
            fiber = const core::mem::offset_of!($crate::scheduler::worker::Worker, fiber),
            fiber_sp = const core::mem::offset_of!($crate::fiber::Fiber, sp),
            function = sym $function,
        );
    };
}
pub(crate) use define_stub;

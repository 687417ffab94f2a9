//! The shape of frames, `.eh_frame`: how debuggers and profilers find callers.
//!
//! Every function begins by linking its frame into the chain of frame pointers, so one rule after that serves all of it. Addresses are
//! relative to where they stand, because executables are position-independent. A task's first frame says that it has no
//! caller: below it is the runtime's.

use cranelift_codegen::gimli::write::{
    Address, CallFrameInstruction, CommonInformationEntry, EhFrame, Error, FrameDescriptionEntry, FrameTable,
    Writer,
};
use cranelift_codegen::gimli::{self, AArch64, Encoding, Format, Register, X86_64};

use crate::codegen::compiled::Compiled;
use crate::codegen::item::{Glue, Item};
use crate::codegen::program::Program;
use crate::mir::FunctionKind;

/// How the functions of a machine begin.
struct Prologue {
    stack_pointer: Register,
    frame_pointer: Register,
    return_address: Register,
    /// Bytes from the stack pointer to the caller's frame at the first instruction.
    entry_offset: i32,
    /// Where code goes on once the frame pointer is saved.
    saved_at: u32,
    /// Where it goes on once the frame pointer is set.
    set_at: u32,
}

/// `push rbp` and `mov rbp, rsp`.
const X86_64_PROLOGUE: Prologue = Prologue {
    stack_pointer: X86_64::RSP,
    frame_pointer: X86_64::RBP,
    return_address: X86_64::RA,
    entry_offset: 8,
    saved_at: 1,
    set_at: 4,
};

/// `stp x29, x30, [sp, #-16]!` and `mov x29, sp`.
const AARCH64_PROLOGUE: Prologue = Prologue {
    stack_pointer: AArch64::SP,
    frame_pointer: AArch64::X29,
    return_address: AArch64::X30,
    entry_offset: 0,
    saved_at: 4,
    set_at: 8,
};

/// Bytes of the saved frame pointer and return address.
const HEAD: i32 = 16;

/// Writes the frames of all functions, whose symbols are numbered as they stand.
pub fn write<W: Writer>(
    program: &Program<'_>,
    code: &[Compiled],
    section: &mut EhFrame<W>,
) -> Result<(), Error> {
    let prologue = if program.is_x86() { &X86_64_PROLOGUE } else { &AARCH64_PROLOGUE };
    let mut table = FrameTable::default();
    let common = table.add_cie(prologue.common());
    for (symbol, compiled) in code.iter().enumerate() {
        let has_caller = !is_first_of_task(program, compiled.item);
        table.add_fde(common, prologue.frame(symbol, compiled, has_caller));
    }
    table.write_eh_frame(section)
}

fn is_first_of_task(program: &Program<'_>, item: Item) -> bool {
    match item {
        Item::Function(id) => program.mir.functions[id].kind == FunctionKind::TaskBody,
        item => item == Item::Glue(Glue::MainTask),
    }
}

impl Prologue {
    fn common(&self) -> CommonInformationEntry {
        let encoding = Encoding { format: Format::Dwarf32, version: 1, address_size: 8 };
        let mut common = CommonInformationEntry::new(encoding, 1, -8, self.return_address);
        common.fde_address_encoding = gimli::DwEhPe(gimli::DW_EH_PE_pcrel.0 | gimli::DW_EH_PE_sdata4.0);
        common.add_instruction(CallFrameInstruction::Cfa(self.stack_pointer, self.entry_offset));
        if self.entry_offset > 0 {
            common.add_instruction(CallFrameInstruction::Offset(self.return_address, -8));
        }
        common
    }

    fn frame(&self, symbol: usize, compiled: &Compiled, has_caller: bool) -> FrameDescriptionEntry {
        let start = Address::Symbol { symbol, addend: 0 };
        let mut frame = FrameDescriptionEntry::new(start, compiled.code.len() as u32);
        if !has_caller {
            frame.add_instruction(0, CallFrameInstruction::Undefined(self.return_address));
        }
        frame.add_instruction(self.saved_at, CallFrameInstruction::CfaOffset(HEAD));
        frame.add_instruction(self.saved_at, CallFrameInstruction::Offset(self.frame_pointer, -HEAD));
        if self.entry_offset == 0 && has_caller {
            frame.add_instruction(self.saved_at, CallFrameInstruction::Offset(self.return_address, -8));
        }
        frame.add_instruction(self.set_at, CallFrameInstruction::CfaRegister(self.frame_pointer));
        frame
    }
}

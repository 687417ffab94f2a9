//! Values of interfaces' types: making them, and calling methods through their tables.

use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::abi::Pass;
use super::call::Row;
use super::data::{Data, Pointer};
use super::emitter::{Address, Emitter};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::{CONTENT, METHODS, POINTER, Shape, TABLE};
use super::program::Program;
use crate::bug;
use crate::mir::{Argument, EntryId, Operand, Place};
use crate::types::Ty;

impl FunctionCompiler<'_, '_> {
    /// A new block that holds the operand.
    pub fn interface_value(&mut self, interface: Ty, operand: &Operand) -> Value {
        let (value, ty) = self.operand(operand);
        let table = self.emitter.program.table(interface, ty);
        let Shape::Interface(blocks) = &self.emitter.program.layouts.of(interface).shape else {
            bug!("{interface:?} is no interface")
        };
        let size = blocks[self.emitter.program.table_kind(table) as usize].size;
        let bytes = self.emitter.int(types::I64, i64::from(size));
        let block = self.emitter.allocate(interface, bytes);
        let address = self.emitter.constant(Item::InterfaceTable(table));
        self.emitter.store(address, Address::header(block, TABLE as usize));
        self.store_memory(Address::data(block).at(CONTENT), ty, &value);
        block
    }

    /// Calls a method through the table of the first argument.
    pub fn call_entry(&mut self, target: Option<&Place>, id: EntryId, args: &[Argument]) {
        let program = self.emitter.program;
        let entry = &program.mir.entries[id];
        let offset = METHODS + entry.number * POINTER.bytes();
        let passes_place = matches!(args.first(), Some(Argument::Place(_)));
        let abi = &program.entry_abis[id];
        self.call_with(target, abi, entry.result, args, Row::Written, |emitter, signature, values| {
            let first = usize::from(matches!(abi.result, Pass::Address));
            let code = method_address(emitter, values[first], passes_place, offset);
            let signature = emitter.builder.import_signature(signature.clone());
            let call = emitter.builder.ins().call_indirect(signature, code, values);
            emitter.builder.inst_results(call).to_vec()
        });
    }
}

/// The method at this offset in the table of an interface's value, which is given by itself or by the address of its place.
fn method_address(emitter: &mut Emitter<'_, '_>, this: Value, is_place: bool, offset: u32) -> Value {
    let block = if is_place { emitter.load(POINTER, Address::data(this)) } else { this };
    let table = emitter.load(POINTER, Address::header(block, TABLE as usize));
    emitter.load(POINTER, Address::header(table, offset as usize))
}

/// A table as data: its number among those of the interface, then the methods.
pub fn table(program: &Program<'_>, number: u32) -> Data {
    let table = &program.mir.tables[number as usize];
    let mut data = Data::zeroed(METHODS as usize + table.methods.len() * POINTER.bytes() as usize);
    data.set_u64(0, u64::from(program.table_kind(number)));
    for (position, &method) in table.methods.iter().enumerate() {
        let offset = METHODS as usize + position * POINTER.bytes() as usize;
        data.set_pointer(offset, Pointer::Item(Item::Function(method)));
    }
    data
}

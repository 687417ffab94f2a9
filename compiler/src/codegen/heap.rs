//! Blocks on the heap: buffers and the payloads of boxed enums.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::BufferHeader;

use super::emitter::{Address, Base, Emitter, Region};
use super::item::Item;
use super::layout::{BOX_TAG, ELEMENTS, POINTER, Shape, TABLE, tag_type};
use super::sanitizer::Watch;
use crate::hir::VariantId;
use crate::types::Ty;

impl Emitter<'_, '_> {
    /// Elements in a buffer.
    pub fn buffer_length(&mut self, buffer: Value) -> Value {
        self.load(types::I64, Address::header(buffer, offset_of!(BufferHeader, length)))
    }

    /// Says how many elements are in a buffer.
    pub fn set_buffer_length(&mut self, buffer: Value, length: Value) {
        self.store(length, Address::header(buffer, offset_of!(BufferHeader, length)));
    }

    /// Elements there is room for in a buffer.
    pub fn buffer_capacity(&mut self, buffer: Value) -> Value {
        self.load(types::I64, Address::header(buffer, offset_of!(BufferHeader, capacity)))
    }

    /// Where an element stands.
    pub fn element_address(&mut self, buffer: Value, index: Value, size: u32) -> Address {
        let offset = self.scale(index, size);
        let base = self.builder.ins().iadd(buffer, offset);
        Address { base: Base::Value(base), offset: ELEMENTS, region: Region::Contents }
    }

    /// Bytes of that many elements.
    pub fn scale(&mut self, count: Value, size: u32) -> Value {
        if size.is_power_of_two() {
            return self.builder.ins().ishl_imm_u(count, i64::from(size.trailing_zeros()));
        }
        self.builder.ins().imul_imm_s(count, i64::from(size))
    }

    /// Whether nothing else refers to the block. A shared one counts too when this task holds the last reference.
    pub fn is_unique(&mut self, block: Value) -> Value {
        // Whether the count is 1 or -1, in two instructions.
        let count = self.load_count(block);
        self.watch(Watch::Acquire, block);
        let zero_or_two = self.builder.ins().iadd_imm_s(count, 1);
        let rest = self.builder.ins().band_imm_s(zero_or_two, !2);
        self.builder.ins().icmp_imm_s(IntCC::Equal, rest, 0)
    }

    /// Reads a count such that what other tasks did to the block before they let go of it is seen after.
    fn load_count(&mut self, block: Value) -> Value {
        if self.program.is_x86() {
            // Every load is an acquire load there, and a plain one does not keep Cranelift from reusing loads.
            return self.load(types::I64, Address::header(block, 0));
        }
        let flags = MemFlagsData::trusted();
        self.builder.ins().atomic_load(types::I64, flags, block)
    }

    /// A new buffer of type `ty` with room for `capacity` elements of `size` bytes.
    pub fn new_buffer(&mut self, ty: Ty, size: u32, capacity: Value) -> Value {
        let (allocate, rest) = (self.builder.create_block(), self.builder.create_block());
        let buffer = self.builder.append_block_param(rest, types::I64);
        let empty = self.constant(Item::EmptyBuffer);
        self.builder.ins().brif(capacity, allocate, &[], rest, &[empty.into()]);
        self.builder.seal_block(allocate);
        self.builder.switch_to_block(allocate);
        let bytes = self.buffer_size(capacity, size);
        let new = self.allocate(ty, bytes);
        let zero = self.int(types::I64, 0);
        self.set_buffer_length(new, zero);
        self.store(capacity, Address::header(new, offset_of!(BufferHeader, capacity)));
        self.builder.ins().jump(rest, &[new.into()]);
        self.builder.seal_block(rest);
        self.builder.switch_to_block(rest);
        buffer
    }

    /// Bytes of a buffer of that capacity; more than there is memory for when they cannot be counted.
    fn buffer_size(&mut self, capacity: Value, element: u32) -> Value {
        let bytes = self.scale(capacity, element);
        let bytes = self.builder.ins().iadd_imm_s(bytes, i64::from(ELEMENTS));
        let limit = i64::MAX / i64::from(element.max(1)) - i64::from(ELEMENTS);
        let is_absurd = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, capacity, limit);
        let all = self.int(types::I64, i64::MAX);
        self.builder.ins().select(is_absurd, all, bytes)
    }

    /// A new block of that many bytes, with one reference.
    pub fn allocate(&mut self, ty: Ty, bytes: Value) -> Value {
        let info = self.constant(Item::TypeInfo(self.program.layouts.number(ty)));
        let block = self.call_runtime(RuntimeFn::alloc, &[bytes, info]).expect("alloc has a result");
        let one = self.int(types::I64, 1);
        self.store(one, Address::header(block, 0));
        block
    }

    /// Frees the block of a buffer.
    pub fn free_buffer(&mut self, buffer: Value, element: u32) {
        let capacity = self.buffer_capacity(buffer);
        let bytes = self.scale(capacity, element);
        let bytes = self.builder.ins().iadd_imm_s(bytes, i64::from(ELEMENTS));
        self.free(buffer, bytes);
    }

    /// Frees a block of that many bytes.
    pub fn free(&mut self, block: Value, bytes: Value) {
        self.call_runtime(RuntimeFn::free, &[block, bytes]);
    }

    /// A new block for a variant of a boxed enum; its payload is not filled in.
    pub fn new_box(&mut self, ty: Ty, variant: VariantId, size: u32, variants: usize) -> Value {
        let bytes = self.int(types::I64, i64::from(size));
        let block = self.allocate(ty, bytes);
        let tag = self.int(tag_type(variants), i64::from(variant.0));
        self.store(tag, Address::header(block, BOX_TAG as usize));
        block
    }

    /// Which of the things it can be the block of a boxed enum or interface's value is: the variant, or the number of the
    /// table.
    pub fn block_kind(&mut self, ty: Ty, block: Value) -> Value {
        match &self.program.layouts.of(ty).shape {
            Shape::Boxed(variants) => self.box_tag(block, variants.len()),
            _ => {
                let table = self.load(POINTER, Address::header(block, TABLE as usize));
                self.load(types::I64, Address::header(table, 0))
            }
        }
    }

    /// The tag in a boxed enum's block.
    pub fn box_tag(&mut self, block: Value, variants: usize) -> Value {
        self.load(tag_type(variants), Address::header(block, BOX_TAG as usize))
    }
}

//! Static data: bytes with pointers among them.

use std::mem::offset_of;

use cranelift_codegen::binemit::Addend;
use cranelift_module::DataId;
use plat_abi::layout::{BUFFER_DATA, BufferHeader, GlobalCell};

use super::item::Item;
use super::layout::BOX_TAG;
use crate::hir::VariantId;
use crate::mir::FunctionId;

/// Data to be written into the object file.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The bytes; zero where pointers stand.
    pub bytes: Vec<u8>,
    /// The pointers, by offset.
    pub pointers: Vec<(u32, Pointer)>,
}

/// What a pointer in data points to.
#[derive(Clone, Copy, Debug)]
pub enum Pointer {
    /// An item.
    Item(Item),
    /// A table, some bytes from its beginning.
    Table(DataId, Addend),
}

impl Data {
    /// `size` zero bytes.
    pub fn zeroed(size: usize) -> Self {
        Self { bytes: vec![0; size], pointers: Vec::new() }
    }

    /// Sets 32 bits.
    pub fn set_u32(&mut self, offset: usize, value: u32) {
        self.bytes[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
    }

    /// Sets 64 bits.
    pub fn set_u64(&mut self, offset: usize, value: u64) {
        self.bytes[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
    }

    /// Sets a pointer.
    pub fn set_pointer(&mut self, offset: usize, pointer: Pointer) {
        self.pointers.push((offset as u32, pointer));
    }
}

/// A string literal: a buffer whose count is 0, so that nobody counts or frees it.
pub fn string(text: &str) -> Data {
    let mut data = Data::zeroed(BUFFER_DATA);
    data.set_u64(offset_of!(BufferHeader, length), text.len() as u64);
    data.bytes.extend_from_slice(text.as_bytes());
    data
}

/// The buffer that all lists begin with.
pub fn empty_buffer() -> Data {
    Data::zeroed(BUFFER_DATA)
}

/// The block of a boxed enum's variant without payload: count 0 and the tag.
pub fn empty_variant(variant: VariantId) -> Data {
    let mut data = Data::zeroed(BOX_TAG as usize + 8);
    data.set_u32(BOX_TAG as usize, variant.0);
    data
}

/// The cell of a constant that has not been used.
pub fn global(task: FunctionId) -> Data {
    let mut data = Data::zeroed(size_of::<GlobalCell>());
    data.set_pointer(offset_of!(GlobalCell, descriptor), Pointer::Item(Item::TaskDescriptor(task)));
    data
}

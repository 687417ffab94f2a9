//! What all generated functions are written with: memory accesses, calls of items, blocks off the main path.

use plat_syntax::hash::HashMap;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{
    self, AliasRegion, AliasRegionData, AtomicRmwOp, ExtFuncData, ExternalName, GlobalValueData, InstBuilder,
    MemFlagsData, Signature, StackSlot, StackSlotData, StackSlotKind, Value, types,
};
use cranelift_frontend::{FunctionBuilder, Variable};
use plat_abi::functions::RuntimeFn;

use super::abi;
use super::item::{Glue, Item};
use super::layout::{Leaf, POINTER};
use super::program::Program;
use super::sanitizer::Watch;

/// Memory that no access to another region touches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Region {
    /// Slots of the function's own frame.
    Frame,
    /// Heads of blocks: counts, lengths, capacities, tags.
    Header,
    /// Everything that values are stored in: elements, payloads, places of callers, task records.
    Data,
    /// As `Data`, with which it is one, where several tasks might come to it: elements and fields of objects.
    Contents,
    /// The worker record.
    Worker,
}

impl Region {
    fn description(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Header => "block headers",
            Self::Data | Self::Contents => "data",
            Self::Worker => "worker record",
        }
    }
}

/// Where an address begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// At a slot of the frame.
    Slot(StackSlot),
    /// At a computed address.
    Value(Value),
}

/// An address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address {
    /// Where it begins.
    pub base: Base,
    /// Bytes from there.
    pub offset: i32,
    /// What kind of memory it is in.
    pub region: Region,
}

impl Address {
    /// The address of a slot.
    pub fn slot(slot: StackSlot) -> Self {
        Self { base: Base::Slot(slot), offset: 0, region: Region::Frame }
    }

    /// A computed address of a value.
    pub fn data(address: Value) -> Self {
        Self { base: Base::Value(address), offset: 0, region: Region::Data }
    }

    /// The address of what is in a block.
    pub fn contents(block: Value) -> Self {
        Self { region: Region::Contents, ..Self::data(block) }
    }

    /// A word in the head of a block.
    pub fn header(block: Value, offset: usize) -> Self {
        Self { base: Base::Value(block), offset: offset as i32, region: Region::Header }
    }

    /// The address some bytes further.
    pub fn at(self, offset: u32) -> Self {
        Self { offset: self.offset + offset as i32, ..self }
    }
}

/// A value to be taken apart: in registers or in memory.
#[derive(Clone, Debug)]
pub enum Source {
    /// Its leaves.
    Leaves(Vec<(Leaf, Value)>),
    /// Where it stands.
    Memory(Address),
}

/// Writes one function.
pub struct Emitter<'p, 'b> {
    /// The program it is part of.
    pub program: &'p Program<'p>,
    /// Cranelift's builder of it.
    pub builder: FunctionBuilder<'b>,
    /// The chain of blocks to be freed, where the function frees one.
    pub chain: Option<Chain>,
    /// The blocks whose contents are still to be shared, where the function shares many.
    pub unshared: Option<WorkStack>,
    functions: HashMap<Item, ir::FuncRef>,
    constants: HashMap<Item, ir::GlobalValue>,
    regions: HashMap<Region, AliasRegion>,
}

/// The chain of blocks that a `FreeChain` function works off: they have lost their last reference, and are linked by
/// their counts.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    /// The group its blocks belong to.
    pub group: u32,
    /// Holds the link to the first: its address with its kind, or 0.
    pub head: Variable,
}

/// Blocks that a `ShareAll` function has yet to look into: a stack of links, in the frame until it outgrows that.
#[derive(Clone, Copy, Debug)]
pub struct WorkStack {
    /// The group its blocks belong to.
    pub group: u32,
    /// Holds the address of the first link.
    pub base: Variable,
    /// Holds how many links there are.
    pub length: Variable,
    /// Holds how many links there is room for.
    pub capacity: Variable,
    /// Where it begins.
    pub first: StackSlot,
}

impl<'p, 'b> Emitter<'p, 'b> {
    /// Writes through `builder`.
    pub fn new(program: &'p Program<'p>, builder: FunctionBuilder<'b>) -> Self {
        let (functions, constants, regions) = (HashMap::default(), HashMap::default(), HashMap::default());
        Self { program, builder, chain: None, unshared: None, functions, constants, regions }
    }

    fn flags(&mut self, region: Region) -> MemFlagsData {
        // They may overlap.
        let region = if region == Region::Contents { Region::Data } else { region };
        let regions = &mut self.builder.func.dfg.alias_regions;
        let region = *self.regions.entry(region).or_insert_with(|| {
            let data = AliasRegionData { user_id: region as u32, description: region.description().into() };
            regions.insert(data)
        });
        MemFlagsData::trusted().with_alias_region(Some(region))
    }

    /// Reads a scalar.
    pub fn load(&mut self, ty: ir::Type, address: Address) -> Value {
        self.watch_access(address, ty, Watch::reading);
        let flags = self.flags(address.region);
        let (base, offset) = self.split_address(address);
        self.builder.ins().load(ty, flags, base, offset)
    }

    /// Writes a scalar.
    pub fn store(&mut self, value: Value, address: Address) {
        let ty = self.builder.func.dfg.value_type(value);
        self.watch_access(address, ty, Watch::writing);
        let flags = self.flags(address.region);
        let (base, offset) = self.split_address(address);
        self.builder.ins().store(flags, value, base, offset);
    }

    fn split_address(&mut self, address: Address) -> (Value, Offset32) {
        match address.base {
            Base::Value(base) => (base, Offset32::new(address.offset)),
            Base::Slot(slot) => {
                (self.builder.ins().stack_addr(POINTER, slot, address.offset), Offset32::new(0))
            }
        }
    }

    /// The address as a value.
    pub fn address(&mut self, address: Address) -> Value {
        match self.split_address(address) {
            (base, offset) if i64::from(offset) == 0 => base,
            (base, offset) => self.builder.ins().iadd_imm_s(base, i64::from(offset)),
        }
    }

    /// Adds to the word at an address, atomically; returns what it was.
    pub fn atomic_add(&mut self, address: Value, amount: i64) -> Value {
        let amount = self.int(types::I64, amount);
        self.builder.ins().atomic_rmw(types::I64, MemFlagsData::trusted(), AtomicRmwOp::Add, address, amount)
    }

    /// A new slot of the frame.
    pub fn new_slot(&mut self, size: u32, align: u32) -> StackSlot {
        // Slots of whole words, so that values can be copied by words.
        let size = size.next_multiple_of(8);
        let align_shift = align.max(8).trailing_zeros() as u8;
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, align_shift);
        self.builder.create_sized_stack_slot(data)
    }

    /// An integer constant.
    pub fn int(&mut self, ty: ir::Type, value: i64) -> Value {
        let bits = ty.bits();
        let value = if bits < 64 { value & ((1 << bits) - 1) } else { value };
        self.builder.ins().iconst(ty, value)
    }

    /// Reads a scalar of a value.
    pub fn read(&mut self, source: &Source, offset: u32, ty: ir::Type) -> Value {
        match source {
            Source::Memory(address) => self.load(ty, address.at(offset)),
            Source::Leaves(leaves) => {
                let found = leaves.iter().find(|(leaf, _)| leaf.offset == offset);
                let &(leaf, value) = found.unwrap_or_else(|| crate::bug!("no scalar at {offset}"));
                self.convert_bits(value, leaf.ty, ty)
            }
        }
    }

    /// The same bits as another type of the same size.
    pub fn convert_bits(&mut self, value: Value, from: ir::Type, to: ir::Type) -> Value {
        if from == to { value } else { self.builder.ins().bitcast(to, MemFlagsData::new(), value) }
    }

    /// The worker record. Read anew for each use: a call before may have moved the task to another worker.
    pub fn worker(&mut self) -> Value {
        self.builder.ins().get_pinned_reg(POINTER)
    }

    /// The address of a constant or table.
    pub fn constant(&mut self, item: Item) -> Value {
        let function = &mut self.builder.func;
        let global = *self.constants.entry(item).or_insert_with(|| {
            let name = function.declare_imported_user_function(item.encode());
            function.create_global_value(GlobalValueData::Symbol {
                name: ExternalName::user(name),
                offset: 0.into(),
                colocated: item.is_colocated(),
                tls: false,
            })
        });
        self.builder.ins().symbol_value(POINTER, global)
    }

    fn import(&mut self, item: Item, signature: &Signature) -> ir::FuncRef {
        let function = &mut self.builder.func;
        *self.functions.entry(item).or_insert_with(|| {
            let name = function.declare_imported_user_function(item.encode());
            let signature = function.import_signature(signature.clone());
            function.import_function(ExtFuncData {
                name: ExternalName::user(name),
                signature,
                colocated: item.is_colocated(),
                patchable: false,
            })
        })
    }

    /// The address of a generated function's code.
    pub fn code_address(&mut self, glue: super::item::Glue) -> Value {
        let signature = abi::glue_signature(self.program, glue);
        self.function_address(Item::Glue(glue), &signature)
    }

    /// The address of a function's code.
    pub fn function_address(&mut self, item: Item, signature: &Signature) -> Value {
        let function = self.import(item, signature);
        self.builder.ins().func_addr(POINTER, function)
    }

    /// Calls an item.
    pub fn call(&mut self, item: Item, signature: &Signature, args: &[Value]) -> Vec<Value> {
        let function = self.import(item, signature);
        let call = self.builder.ins().call(function, args);
        self.builder.inst_results(call).to_vec()
    }

    /// Calls a runtime function.
    pub fn call_runtime(&mut self, function: RuntimeFn, args: &[Value]) -> Option<Value> {
        let results =
            if self.is_watched() { self.call_ordered(function, args) } else { self.call_row(function, args) };
        results.first().copied()
    }

    /// Calls a runtime function of which the sanitizer is not told.
    pub fn call_row(&mut self, function: RuntimeFn, args: &[Value]) -> Vec<Value> {
        let mut all = vec![self.worker()];
        all.extend_from_slice(args);
        self.call(Item::Runtime(function), &abi::runtime_signature(function), &all)
    }

    /// Calls a generated function.
    pub fn call_glue(&mut self, glue: Glue, args: &[Value]) {
        let signature = abi::glue_signature(self.program, glue);
        self.call(Item::Glue(glue), &signature, args);
    }

    /// Goes to a new block off the main path if the condition holds; the main path goes on in another. Returns both,
    /// and leaves the builder in the first.
    pub fn begin_cold(&mut self, condition: Value) -> ColdBlock {
        let cold = self.builder.create_block();
        self.builder.set_cold_block(cold);
        let rest = self.builder.create_block();
        self.builder.ins().brif(condition, cold, &[], rest, &[]);
        self.builder.seal_block(cold);
        self.builder.switch_to_block(cold);
        ColdBlock { rest }
    }

    /// Ends a block off the main path that does not come back.
    pub fn end_cold_unreachable(&mut self, cold: ColdBlock) {
        self.unreachable();
        self.resume(cold);
    }

    /// Ends a block off the main path that comes back, and goes on with the main path.
    pub fn end_cold(&mut self, cold: ColdBlock) {
        self.builder.ins().jump(cold.rest, &[]);
        self.resume(cold);
    }

    /// Ends a block off the main path, which comes back if a value is 0. Leaves the builder in another where it is not.
    pub fn end_cold_if_zero(&mut self, value: Value, cold: &ColdBlock) {
        let other = self.builder.create_block();
        self.builder.set_cold_block(other);
        self.builder.ins().brif(value, other, &[], cold.rest, &[]);
        self.builder.seal_block(other);
        self.builder.switch_to_block(other);
    }

    /// Goes on with the main path.
    pub fn resume(&mut self, cold: ColdBlock) {
        self.builder.seal_block(cold.rest);
        self.builder.switch_to_block(cold.rest);
    }

    /// Says that what stands here is never reached.
    pub fn unreachable(&mut self) {
        self.builder.ins().trap(ir::TrapCode::unwrap_user(1));
    }

    /// Runs `body` if the condition holds.
    pub fn when(&mut self, condition: Value, body: impl FnOnce(&mut Self)) {
        let (then, rest) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(condition, then, &[], rest, &[]);
        self.builder.seal_block(then);
        self.builder.switch_to_block(then);
        body(self);
        self.builder.ins().jump(rest, &[]);
        self.builder.seal_block(rest);
        self.builder.switch_to_block(rest);
    }

    /// Runs `body` with each index from 0 up to `count`.
    pub fn for_each_index(&mut self, count: Value, body: impl FnOnce(&mut Self, Value)) {
        let (head, inside, rest) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let index = self.builder.append_block_param(head, types::I64);
        let zero = self.int(types::I64, 0);
        self.builder.ins().jump(head, &[zero.into()]);
        self.builder.switch_to_block(head);
        let is_inside = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, count);
        self.builder.ins().brif(is_inside, inside, &[], rest, &[]);
        self.builder.seal_block(inside);
        self.builder.switch_to_block(inside);
        body(self, index);
        let next = self.builder.ins().iadd_imm_s(index, 1);
        self.builder.ins().jump(head, &[next.into()]);
        self.builder.seal_block(head);
        self.builder.seal_block(rest);
        self.builder.switch_to_block(rest);
    }

    /// Copies a value of this many bytes within memory.
    pub fn copy_memory(&mut self, from: Address, to: Address, size: u32) {
        if size > MOST_COPIED_INLINE {
            let (to, from) = (self.address(to), self.address(from));
            let size = self.int(types::I64, i64::from(size));
            self.move_memory(to, from, size);
            return;
        }
        let mut offset = 0;
        for ty in [types::I64, types::I32, types::I16, types::I8] {
            while offset + ty.bytes() <= size {
                let word = self.load(ty, from.at(offset));
                self.store(word, to.at(offset));
                offset += ty.bytes();
            }
        }
    }

    /// Moves bytes that may overlap.
    pub fn move_memory(&mut self, to: Value, from: Value, size: Value) {
        let args = [to, from, size];
        if self.is_watched() {
            // The sanitizer's own, which may need any stack.
            return self.call_sanitizer(Item::Memmove, &abi::memmove_signature(), &args);
        }
        self.call(Item::Memmove, &abi::memmove_signature(), &args);
    }
}

/// Larger values are copied by `memmove`. Sixteen words are about as much code as a call that saves registers.
const MOST_COPIED_INLINE: u32 = 128;

/// Where the main path goes on after a block off it.
#[must_use]
pub struct ColdBlock {
    rest: ir::Block,
}

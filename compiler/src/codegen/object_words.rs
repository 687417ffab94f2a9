//! Objects: their blocks, the words in them that only the compiler knows, and weak references.
//!
//! All references to an object that keep it alive count as one weak reference together: when the last of them goes, the
//! contents are released, and the block stays until the last weak reference has gone. The count of an object that is
//! being released is 0, as that of a static block: taking references to it changes nothing, and a weak reference to it
//! finds nothing.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::WORKER_DEINIT_PANIC;
use plat_syntax::index::Symbol;

use super::abi;
use super::counts::CountOp;
use super::emitter::{Address, Emitter, Source};
use super::func::FunctionCompiler;
use super::item::{Glue, Item};
use super::layout::{Leaf, Object, POINTER};
use super::locals::Storage;
use super::rvalue::pointer_value;
use crate::bug;
use crate::mir::{FunctionId, Local, Operand, Place, Projection, UseStep};
use crate::types::Ty;

/// The bit that tells the link in a chain of blocks to be freed from a count: no count gets that far.
pub const IN_CHAIN: i64 = plat_abi::layout::COUNT_IN_CHAIN;

impl Emitter<'_, '_> {
    /// Does `op` to a weak reference.
    pub fn count_weak(&mut self, op: CountOp, class: Ty, object: Value) {
        let word = self.weak_count(class, object);
        match op {
            CountOp::Retain => {
                self.atomic_add(word, 1);
            }
            CountOp::Release => self.release_weak(class, object, word),
            // Another task may make a reference of it that keeps the object alive.
            CountOp::Share => self.count_pointer(op, class, object),
        }
    }

    fn weak_count(&mut self, class: Ty, object: Value) -> Value {
        let offset = self.program.layouts.object(class).weak_count;
        let offset = offset.unwrap_or_else(|| bug!("no weak reference to {class:?} was expected"));
        self.builder.ins().iadd_imm_s(object, i64::from(offset))
    }

    fn release_weak(&mut self, class: Ty, object: Value, word: Value) {
        // Pairs with itself: the last one sees what the others did to the block.
        let before = self.atomic_add(word, -1);
        let is_last = self.builder.ins().icmp_imm_s(IntCC::Equal, before, 1);
        let cold = self.begin_cold(is_last);
        let free = Glue::FreeWeak(self.program.layouts.number(class));
        self.call_glue(free, &[object]);
        self.end_cold(cold);
    }

    /// Frees the block of an object.
    pub fn write_free_weak(&mut self, class: Ty, object: Value) {
        let size = self.program.layouts.object(class).size;
        let bytes = self.int(types::I64, i64::from(size));
        self.free(object, bytes);
    }

    /// Ends the life of an object that nothing keeps alive any more; one with a `deinit` after the transaction that the task is in.
    pub fn free_object(&mut self, ty: Ty, object: Value) {
        let has_deinit = self.program.deinit(ty).is_some();
        if has_deinit || self.program.layouts.object(ty).weak_count.is_some() {
            let none = self.int(types::I64, 0);
            self.store(none, Address::header(object, 0));
        }
        if !has_deinit || !self.program.has_transactions {
            return self.end_object(ty, object);
        }
        let [later, now, done] = [(); 3].map(|()| self.builder.create_block());
        let in_transaction = self.in_transaction();
        self.builder.ins().brif(in_transaction, later, &[], now, &[]);
        self.builder.seal_block(later);
        self.builder.switch_to_block(later);
        let end = Glue::EndObject(self.program.layouts.number(ty));
        let end = self.constant(Item::Glue(end));
        self.call_runtime(RuntimeFn::transaction_drop, &[object, end]);
        self.builder.ins().jump(done, &[]);
        self.builder.seal_block(now);
        self.builder.switch_to_block(now);
        self.end_object(ty, object);
        self.builder.ins().jump(done, &[]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    /// Runs the `deinit` of an object, releases its fields in order, and frees its block.
    pub fn end_object(&mut self, ty: Ty, object: Value) {
        let layout = self.program.layouts.object(ty);
        if let Some(deinit) = self.program.deinit(ty) {
            self.call_deinit(deinit, object);
        }
        self.count_contents(CountOp::Release, ty, object);
        match layout.weak_count {
            Some(offset) => {
                let word = self.builder.ins().iadd_imm_s(object, i64::from(offset));
                self.release_weak(ty, object, word);
            }
            None => self.write_free_weak(ty, object),
        }
    }
}

impl Emitter<'_, '_> {
    /// Calls a `deinit`. What that panics with is put aside until the release is over.
    fn call_deinit(&mut self, deinit: FunctionId, object: Value) {
        let code = self.function_address(Item::Function(deinit), &self.program.abis[deinit].signature);
        let caught = self.call(Item::CallDeinit, &abi::call_deinit_signature(), &[object, code])[0];
        let cold = self.begin_cold(caught);
        self.call_runtime(RuntimeFn::deinit_panicked, &[caught]);
        self.end_cold(cold);
    }

    /// Whether a `deinit` has panicked in the release before.
    pub fn has_deinit_panicked(&mut self) -> Value {
        self.worker_field(WORKER_DEINIT_PANIC, types::I64)
    }
}

impl FunctionCompiler<'_, '_> {
    /// A new object with these fields.
    pub fn new_object(&mut self, ty: Ty, layout: &Object, operands: &[Operand]) -> Value {
        let bytes = self.emitter.int(types::I64, i64::from(layout.size));
        let object = self.emitter.allocate(ty, bytes);
        let in_use = layout.in_use.iter().map(|&(_, offset)| (Some(offset), 0));
        for (offset, first) in [(layout.weak_count, 1), (layout.identity, 0)].into_iter().chain(in_use) {
            if let Some(offset) = offset {
                let first = self.emitter.int(types::I64, first);
                self.emitter.store(first, Address::header(object, offset as usize));
            }
        }
        self.store_parts(Address::data(object), &layout.parts, operands);
        object
    }

    /// A weak reference to the object at a place.
    pub fn weaken(&mut self, place: &Place) -> Source {
        let (location, ty) = self.resolve(place);
        let object = self.load_pointer(location, ty);
        self.emitter.count_weak(CountOp::Retain, ty, object);
        pointer_value(object)
    }

    /// The object that a weak reference refers to, or null.
    pub fn upgrade(&mut self, place: &Place) -> Source {
        let object = self.pointer_at(place);
        let is_alive = self.emitter.call_runtime(RuntimeFn::object_upgrade, &[object]);
        let is_alive = is_alive.unwrap_or_else(|| bug!("object_upgrade has a result"));
        let none = self.emitter.int(POINTER, 0);
        let found = self.emitter.builder.ins().select(is_alive, object, none);
        Source::Leaves(vec![(Leaf { offset: 0, ty: POINTER }, found)])
    }

    /// Keeps track of something being in use: its word holds where that began, or 0.
    pub fn compile_in_use(&mut self, step: UseStep, place: &Place) {
        let program = self.emitter.program;
        let (word, name) = self.word_of_use(place);
        if !matches!(step, UseStep::End(_)) {
            let since = self.emitter.load(types::I64, word);
            let cold = self.emitter.begin_cold(since);
            let name = self.emitter.constant(Item::String(program.string_number(name)));
            self.call_unwinding(RuntimeFn::panic_in_use, &[name, since]);
            self.emitter.end_cold_unreachable(cold);
        }
        let now = match step {
            UseStep::Check => return,
            UseStep::End(_) => self.emitter.int(types::I64, 0),
            UseStep::Begin(guard) => {
                let address = self.emitter.address(word);
                self.set_use(guard, address);
                let here = program.string_number(program.place_text(self.span));
                self.emitter.constant(Item::String(here))
            }
        };
        self.emitter.store(now, word);
    }

    /// The word that says whether something is in use, and what that is called.
    fn word_of_use(&mut self, place: &Place) -> (Address, Symbol) {
        let program = self.emitter.program;
        let mut reference = place.clone();
        let Some(Projection::ClassField(field)) = reference.projections.pop() else {
            return (Address::data(self.place_address(place)), program.closure_in_use());
        };
        let (location, ty) = self.resolve(&reference);
        let object = self.load_pointer(location, ty);
        let found = program.layouts.object(ty).in_use.iter().find(|(other, _)| *other == field);
        let &(_, offset) = found.unwrap_or_else(|| bug!("{place:?} is not watched"));
        (Address::header(object, offset as usize), program.field_in_use(ty, field))
    }

    /// Lets the unwinder find the word that says that a field is in use.
    fn set_use(&mut self, guard: Local, word: Value) {
        let Storage::Slot(slot) = *self.locals.storage(guard) else { bug!("{guard} has a slot") };
        self.emitter.store(word, Address::slot(slot));
    }

    /// The number by which the object at a place is displayed.
    pub fn identity(&mut self, place: &Place) -> Value {
        let (location, ty) = self.resolve(place);
        let object = self.load_pointer(location, ty);
        let offset = self.emitter.program.layouts.object(ty).identity;
        let offset = offset.unwrap_or_else(|| bug!("{ty:?} has no place for a number"));
        let word = self.emitter.builder.ins().iadd_imm_s(object, i64::from(offset));
        let number = self.emitter.call_runtime(RuntimeFn::object_identity, &[word]);
        number.unwrap_or_else(|| bug!("object_identity has a result"))
    }
}

//! Reference counts: retaining, releasing and sharing values of any type.
//!
//! A count above 0 belongs to one task and is counted in line. The rest, shared counts, static blocks and the
//! last reference, is left to blocks off the main path and to generated functions.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, Value, types};
use cranelift_frontend::{Switch, Variable};
use plat_abi::functions::RuntimeFn;

use super::emitter::{Address, Emitter, Source};
use super::item::Glue;
use super::layout::{Leaf, POINTER, Part, Shape, tag_type};
use super::object_words::IN_CHAIN;
use super::recursion::GroupMember;
use super::sanitizer::Watch;
use crate::types::Ty;

/// Bytes of the word that counts references, as their logarithm. To the sanitizer a task that counts by itself writes it, and one that counts
/// with others reads it: those may do so at once, and with them nobody else.
const COUNT_SIZE: u8 = 3;

/// What to do with the references in a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CountOp {
    /// One reference more.
    Retain,
    /// One reference less.
    Release,
    /// Count atomically from now on.
    Share,
}

impl Source {
    /// A part of the value.
    fn part(&self, part: Part, size: u32) -> Self {
        match self {
            Self::Memory(address) => Self::Memory(address.at(part.offset)),
            Self::Leaves(leaves) => {
                let inside = part.offset..part.offset + size;
                let leaves = leaves.iter().filter(|(leaf, _)| inside.contains(&leaf.offset));
                let moved =
                    leaves.map(|&(leaf, value)| (Leaf { offset: leaf.offset - part.offset, ..leaf }, value));
                Self::Leaves(moved.collect())
            }
        }
    }
}

impl Emitter<'_, '_> {
    /// Does `op` to each reference in a value of type `ty`.
    pub fn count(&mut self, op: CountOp, ty: Ty, value: &Source) {
        let layouts = &self.program.layouts;
        let layout = layouts.of(ty);
        if !layout.is_managed {
            return;
        }
        match &layout.shape {
            Shape::Scalar => {}
            Shape::Record(parts) => self.count_parts(op, parts, value),
            Shape::Tagged(variants) => self.count_variants(op, variants, value),
            Shape::Niche { part, .. } => {
                let pointer = self.read(value, 0, POINTER);
                let inner = value.part(*part, layout.size);
                self.when(pointer, |this| this.count(op, part.ty, &inner));
            }
            Shape::Task
            | Shape::Channel
            | Shape::String
            | Shape::Buffer(_)
            | Shape::Closure
            | Shape::Object(_)
            | Shape::Weak(_)
            | Shape::Interface(_)
            | Shape::Boxed(_) => {
                let pointer = self.read(value, 0, POINTER);
                self.count_pointer(op, ty, pointer);
            }
        }
    }

    fn count_parts(&mut self, op: CountOp, parts: &[Part], value: &Source) {
        for &part in parts {
            let size = self.program.layouts.of(part.ty).size;
            self.count(op, part.ty, &value.part(part, size));
        }
    }

    fn count_variants(&mut self, op: CountOp, variants: &[Vec<Part>], value: &Source) {
        let tag = self.read(value, 0, tag_type(variants.len()));
        self.for_each_managed_variant(tag, variants.iter().map(Vec::as_slice), |this, _, parts| {
            this.count_parts(op, parts, value);
        });
    }

    /// Runs `body` for the variant with this tag, if something in it is counted.
    fn for_each_managed_variant<'v>(
        &mut self,
        tag: Value,
        variants: impl Iterator<Item = &'v [Part]>,
        mut body: impl FnMut(&mut Self, usize, &[Part]),
    ) {
        let is_managed = |part: &Part| self.program.layouts.is_managed(part.ty);
        let managed: Vec<_> =
            variants.enumerate().filter(|(_, parts)| parts.iter().any(is_managed)).collect();
        if let [(variant, parts)] = managed[..] {
            let is_it = self.builder.ins().icmp_imm_u(IntCC::Equal, tag, variant as i64);
            return self.when(is_it, |this| body(this, variant, parts));
        }
        let rest = self.builder.create_block();
        let mut switch = Switch::new();
        let blocks: Vec<_> = managed.iter().map(|_| self.builder.create_block()).collect();
        for (&(variant, _), &block) in managed.iter().zip(&blocks) {
            switch.set_entry(variant as u128, block);
        }
        switch.emit(&mut self.builder, tag, rest);
        for ((variant, parts), block) in managed.into_iter().zip(blocks) {
            self.builder.seal_block(block);
            self.builder.switch_to_block(block);
            body(self, variant, parts);
            self.builder.ins().jump(rest, &[]);
        }
        self.builder.seal_block(rest);
        self.builder.switch_to_block(rest);
    }

    pub(super) fn count_pointer(&mut self, op: CountOp, ty: Ty, pointer: Value) {
        let runtime = match (&self.program.layouts.of(ty).shape, op) {
            (Shape::Weak(class), _) => return self.count_weak(op, *class, pointer),
            (Shape::Task | Shape::Channel, CountOp::Share) => return,
            (Shape::Task, CountOp::Retain) => RuntimeFn::task_retain,
            (Shape::Task, CountOp::Release) => RuntimeFn::task_release,
            (Shape::Channel, CountOp::Retain) => RuntimeFn::channel_retain,
            (Shape::Channel, CountOp::Release) => RuntimeFn::channel_release,
            _ => return self.count_block(op, ty, pointer),
        };
        self.call_runtime(runtime, &[pointer]);
    }

    fn count_block(&mut self, op: CountOp, ty: Ty, block: Value) {
        match op {
            CountOp::Retain => self.retain_block(block),
            CountOp::Release => self.release_block(ty, block),
            CountOp::Share => self.share_block(ty, block),
        }
    }

    fn retain_block(&mut self, block: Value) {
        let head = Address::header(block, 0);
        let count = self.load(types::I64, head);
        let is_special = self.builder.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, count, 0);
        let done = self.builder.create_block();
        let cold = self.begin_cold(is_special);
        let is_static = self.builder.ins().icmp_imm_s(IntCC::Equal, count, 0);
        let shared = self.builder.create_block();
        self.builder.set_cold_block(shared);
        self.builder.ins().brif(is_static, done, &[], shared, &[]);
        self.builder.seal_block(shared);
        self.builder.switch_to_block(shared);
        self.watch(Watch::Read(COUNT_SIZE), block);
        self.atomic_add(block, -1);
        self.builder.ins().jump(done, &[]);
        self.resume(cold);
        self.watch(Watch::Write(COUNT_SIZE), block);
        let more = self.builder.ins().iadd_imm_s(count, 1);
        self.store(more, head);
        self.builder.ins().jump(done, &[]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    fn release_block(&mut self, ty: Ty, block: Value) {
        let head = Address::header(block, 0);
        let count = self.load(types::I64, head);
        let is_special = self.builder.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, count, 1);
        let done = self.builder.create_block();
        let cold = self.begin_cold(is_special);
        match (self.chain, self.program.layouts.group(ty)) {
            (Some(chain), Some(member)) if chain.group == member.group => {
                self.release_into_chain(chain.head, member, block, count);
            }
            _ => {
                let free = Glue::Free(self.program.layouts.number(ty));
                self.call_glue(free, &[block, count]);
            }
        }
        self.builder.ins().jump(done, &[]);
        self.resume(cold);
        self.watch(Watch::Write(COUNT_SIZE), block);
        let less = self.builder.ins().iadd_imm_s(count, -1);
        self.store(less, head);
        self.builder.ins().jump(done, &[]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    /// Takes a reference off a block whose count is not above 1, and puts it into the chain if that was the last.
    fn release_into_chain(&mut self, head: Variable, member: GroupMember, block: Value, count: Value) {
        let rest = self.builder.create_block();
        self.take_last_reference(block, count, rest);
        let next = self.builder.use_var(head);
        // A weak reference must not take the link for a count.
        let next = self.builder.ins().bor_imm_u(next, IN_CHAIN);
        self.store(next, Address::header(block, 0));
        let link = self.link(block, member);
        self.builder.def_var(head, link);
        self.builder.ins().jump(rest, &[]);
        self.builder.seal_block(rest);
        self.builder.switch_to_block(rest);
    }

    /// Goes on if the reference taken off the block, whose count was just read and is not above 1, was the last one;
    /// else goes to `rest`.
    pub fn take_last_reference(&mut self, block: Value, count: Value, rest: ir::Block) {
        let (not_local, shared, last) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let is_local = self.builder.ins().icmp_imm_s(IntCC::Equal, count, 1);
        self.builder.ins().brif(is_local, last, &[], not_local, &[]);
        self.builder.seal_block(not_local);
        self.builder.switch_to_block(not_local);
        self.builder.ins().brif(count, shared, &[], rest, &[]);
        self.builder.seal_block(shared);
        self.builder.switch_to_block(shared);
        // Pairs with itself: what other tasks did to the block before they let go of it happens before the block is freed.
        self.watch(Watch::Read(COUNT_SIZE), block);
        self.watch(Watch::Release, block);
        let before = self.atomic_add(block, 1);
        let was_last = self.builder.ins().icmp_imm_s(IntCC::Equal, before, -1);
        self.builder.ins().brif(was_last, last, &[], rest, &[]);
        self.builder.seal_block(last);
        self.builder.switch_to_block(last);
        self.watch(Watch::Acquire, block);
    }

    fn share_block(&mut self, ty: Ty, block: Value) {
        let head = Address::header(block, 0);
        let count = self.load(types::I64, head);
        let is_local = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThan, count, 0);
        let has_contents = match &self.program.layouts.of(ty).shape {
            Shape::Buffer(element) => self.program.layouts.is_managed(*element),
            Shape::Boxed(_) | Shape::Closure | Shape::Interface(_) => true,
            Shape::Object(object) => object.parts.iter().any(|part| self.program.layouts.is_managed(part.ty)),
            _ => false,
        };
        self.when(is_local, |this| {
            this.watch(Watch::Write(COUNT_SIZE), block);
            let shared = this.builder.ins().ineg(count);
            this.store(shared, head);
            match (this.unshared, this.program.layouts.group(ty)) {
                _ if !has_contents => {}
                (Some(work), Some(member)) if work.group == member.group => {
                    let link = this.link(block, member);
                    this.push_work(work, link);
                }
                _ => this.call_glue(Glue::ShareContents(this.program.layouts.number(ty)), &[block]),
            }
        });
    }

    /// Does `op` to the references in the block of a buffer, object, boxed enum, interface's value or closure of type `ty`.
    pub fn count_contents(&mut self, op: CountOp, ty: Ty, block: Value) {
        match &self.program.layouts.of(ty).shape {
            Shape::Buffer(element) => self.count_elements(op, *element, block),
            Shape::Closure if op == CountOp::Share => self.share_captures(block),
            Shape::Boxed(variants) | Shape::Interface(variants) => {
                let tag = self.block_kind(ty, block);
                let payloads = variants.iter().map(|variant| variant.parts.as_slice());
                self.for_each_managed_variant(tag, payloads, |this, _, parts| {
                    this.count_parts(op, parts, &Source::Memory(Address::data(block)));
                });
            }
            Shape::Object(object) => {
                self.count_parts(op, &object.parts, &Source::Memory(Address::data(block)))
            }
            _ => {}
        }
    }

    fn count_elements(&mut self, op: CountOp, element: Ty, buffer: Value) {
        let layout = self.program.layouts.of(element);
        if !layout.is_managed {
            return;
        }
        let length = self.buffer_length(buffer);
        self.for_each_index(length, |this, index| {
            let address = this.element_address(buffer, index, layout.size);
            this.count(op, element, &Source::Memory(address));
        });
    }
}

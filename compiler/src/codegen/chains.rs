//! Generated functions that go through values of any depth in a loop: recursion would need a stack of any size.
//!
//! A *link* to a block is its address with its kind in the group of types that can refer to each other, which stands above it.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, Value, types};
use cranelift_frontend::Switch;
use plat_abi::functions::RuntimeFn;

use super::counts::CountOp;
use super::emitter::{Address, Chain, Emitter, WorkStack};
use super::item::Item;
use super::layout::POINTER;
use super::object_words::IN_CHAIN;
use super::recursion::{GroupMember, KIND_SHIFT, MAX_KINDS};
use crate::types::Ty;

/// Links that a work stack in the frame has room for. Most values are flat: a tree needs as many as it is deep times how
/// many branches its nodes have.
const FIRST_LINKS: u32 = 32;

impl Emitter<'_, '_> {
    /// Frees a chain of blocks. Blocks that lose their last reference meanwhile join it, linked by the word that held
    /// the count.
    pub fn write_free_chain(&mut self, group: u32, first: Value) {
        let head = self.builder.declare_var(types::I64);
        self.builder.def_var(head, first);
        self.chain = Some(Chain { group, head });
        let (next, take, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().jump(next, &[]);
        self.builder.switch_to_block(next);
        let link = self.builder.use_var(head);
        self.builder.ins().brif(link, take, &[], done, &[]);
        self.builder.seal_block(take);
        self.builder.switch_to_block(take);
        self.for_kind_of(
            group,
            link,
            next,
            |this, ty, block| this.free_block(ty, block),
            |this, block| {
                let rest = this.load(types::I64, Address::header(block, 0));
                let rest = this.builder.ins().band_imm_s(rest, !IN_CHAIN);
                this.builder.def_var(head, rest);
            },
        );
        self.builder.seal_block(next);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    /// Shares what a block refers to, and what that refers to within its group.
    pub fn write_share_all(&mut self, group: u32, first: Value) {
        let work = self.new_work_stack(group);
        self.unshared = Some(work);
        self.push_work(work, first);
        let (next, take, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().jump(next, &[]);
        self.builder.switch_to_block(next);
        let length = self.builder.use_var(work.length);
        self.builder.ins().brif(length, take, &[], done, &[]);
        self.builder.seal_block(take);
        self.builder.switch_to_block(take);
        let length = self.builder.ins().iadd_imm_s(length, -1);
        self.builder.def_var(work.length, length);
        let top = self.work_address(work, length);
        let link = self.load(POINTER, top);
        self.for_kind_of(
            group,
            link,
            next,
            |this, ty, block| this.count_contents(CountOp::Share, ty, block),
            |_, _| {},
        );
        self.builder.seal_block(next);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
        self.free_work(work);
    }

    /// Takes a link apart, runs `begin` with its block, then `body` with the block's type and the block, and goes on
    /// with `next`.
    fn for_kind_of(
        &mut self,
        group: u32,
        link: Value,
        next: ir::Block,
        mut body: impl FnMut(&mut Self, Ty, Value),
        begin: impl FnOnce(&mut Self, Value),
    ) {
        let members = self.program.layouts.group_members(group);
        let kind = self.builder.ins().ushr_imm_u(link, i64::from(KIND_SHIFT));
        let block = self.builder.ins().band_imm_s(link, (1 << KIND_SHIFT) - 1);
        begin(self, block);
        let targets: Vec<_> = members.iter().take(MAX_KINDS).map(|_| self.builder.create_block()).collect();
        let mut switch = Switch::new();
        for (kind, &target) in targets.iter().enumerate().skip(1) {
            switch.set_entry(kind as u128, target);
        }
        switch.emit(&mut self.builder, kind, targets[0]);
        for (&ty, &target) in members.iter().zip(&targets) {
            self.builder.seal_block(target);
            self.builder.switch_to_block(target);
            body(self, ty, block);
            self.builder.ins().jump(next, &[]);
        }
    }

    /// The link to a block.
    pub fn link(&mut self, block: Value, member: GroupMember) -> Value {
        if member.kind == 0 {
            return block;
        }
        let kind = self.int(types::I64, i64::from(member.kind) << KIND_SHIFT);
        self.builder.ins().bor(block, kind)
    }

    fn new_work_stack(&mut self, group: u32) -> WorkStack {
        let first = self.new_slot(FIRST_LINKS * POINTER.bytes(), POINTER.bytes());
        let [base, length, capacity] = [(); 3].map(|()| self.builder.declare_var(types::I64));
        let address = self.address(Address::slot(first));
        self.builder.def_var(base, address);
        let none = self.int(types::I64, 0);
        self.builder.def_var(length, none);
        let room = self.int(types::I64, i64::from(FIRST_LINKS));
        self.builder.def_var(capacity, room);
        WorkStack { group, base, length, capacity, first }
    }

    fn work_address(&mut self, work: WorkStack, index: Value) -> Address {
        let base = self.builder.use_var(work.base);
        let offset = self.scale(index, POINTER.bytes());
        Address::data(self.builder.ins().iadd(base, offset))
    }

    /// Puts a link on the work stack.
    pub fn push_work(&mut self, work: WorkStack, link: Value) {
        let length = self.builder.use_var(work.length);
        let capacity = self.builder.use_var(work.capacity);
        let is_full = self.builder.ins().icmp(IntCC::Equal, length, capacity);
        self.when(is_full, |this| this.grow_work(work, length));
        let top = self.work_address(work, length);
        self.store(link, top);
        let length = self.builder.ins().iadd_imm_s(length, 1);
        self.builder.def_var(work.length, length);
    }

    /// Moves the work stack to a block of twice the size.
    fn grow_work(&mut self, work: WorkStack, length: Value) {
        let bytes = self.scale(length, POINTER.bytes());
        let doubled = self.builder.ins().iadd(bytes, bytes);
        let owner = self.program.layouts.group_members(work.group)[0];
        let info = self.constant(Item::TypeInfo(self.program.layouts.number(owner)));
        let grown = self.call_runtime(RuntimeFn::alloc, &[doubled, info]);
        let grown = grown.unwrap_or_else(|| crate::bug!("alloc has a result"));
        let base = self.builder.use_var(work.base);
        self.move_memory(grown, base, bytes);
        self.free_work(work);
        self.builder.def_var(work.base, grown);
        let capacity = self.builder.ins().iadd(length, length);
        self.builder.def_var(work.capacity, capacity);
    }

    /// Frees the block of the work stack, if it has left the frame.
    fn free_work(&mut self, work: WorkStack) {
        let base = self.builder.use_var(work.base);
        let first = self.address(Address::slot(work.first));
        let has_left = self.builder.ins().icmp(IntCC::NotEqual, base, first);
        self.when(has_left, |this| {
            let capacity = this.builder.use_var(work.capacity);
            let bytes = this.scale(capacity, POINTER.bytes());
            this.free(base, bytes);
        });
    }
}

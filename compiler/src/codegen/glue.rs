//! Generated functions: releasing, sharing and freeing values by type, and the entries of the program.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, SourceLoc, Value, types};
use cranelift_frontend::Switch;
use plat_abi::layout::TASK_CAPTURES;

use super::abi;
use super::counts::CountOp;
use super::emitter::{Address, Chain, Emitter, Source};
use super::item::{Glue, Item};
use super::layout::{Part, Shape};
use super::recursion::MAX_KINDS;
use super::unwind::Site;
use crate::bug;
use crate::mir::FunctionId;
use crate::types::Ty;

impl Emitter<'_, '_> {
    /// Writes the body of a generated function; returns its calls that can unwind.
    pub fn write_glue(&mut self, glue: Glue) -> Vec<Site> {
        let entry = self.builder.create_block();
        self.builder.append_block_params_for_function_params(entry);
        self.builder.switch_to_block(entry);
        let params = self.builder.block_params(entry).to_vec();
        let layouts = &self.program.layouts;
        match glue {
            Glue::Drop(ty) => self.count(CountOp::Release, layouts.ty(ty), &in_slot(params[0])),
            Glue::Share(ty) => self.count(CountOp::Share, layouts.ty(ty), &in_slot(params[0])),
            Glue::Free(ty) => self.write_free(layouts.ty(ty), params[0], params[1]),
            Glue::ShareBlock(ty) => self.write_share_block(layouts.ty(ty), params[0]),
            Glue::FreeChain(group) => self.write_free_chain(group, params[0]),
            Glue::DropCaptures(task) => self.write_drop_captures(task, params[0]),
            Glue::MainTask => return self.write_main_task(params[0]),
            Glue::Main => {
                self.write_main(params[0], params[1]);
                return Vec::new();
            }
        }
        self.builder.ins().return_(&[]);
        Vec::new()
    }

    fn write_free(&mut self, ty: Ty, block: Value, count: Value) {
        let done = self.builder.create_block();
        self.take_last_reference(block, count, done);
        match self.program.layouts.group(ty) {
            Some(member) => {
                let end = self.int(types::I64, 0);
                self.store(end, Address::header(block, 0));
                let link = self.builder.ins().iadd_imm_s(block, i64::from(member.kind));
                self.call_glue(Glue::FreeChain(member.group), &[link]);
            }
            None => self.free_block(ty, block),
        }
        self.builder.ins().jump(done, &[]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    /// Releases the contents of a block that nothing refers to any more, and frees it.
    fn free_block(&mut self, ty: Ty, block: Value) {
        match &self.program.layouts.of(ty).shape {
            Shape::String => self.free_buffer(block, 1),
            Shape::Buffer(element) => {
                self.count_contents(CountOp::Release, ty, block);
                self.free_buffer(block, self.program.layouts.of(*element).size);
            }
            Shape::Boxed(variants) => {
                let tag = self.box_tag(block, variants.len());
                self.count_contents(CountOp::Release, ty, block);
                let sizes: Vec<u32> = variants.iter().map(|variant| variant.size).collect();
                let bytes = self.size_by_tag(tag, &sizes);
                self.free(block, bytes);
            }
            shape => bug!("{shape:?} has no block to free"),
        }
    }

    fn size_by_tag(&mut self, tag: Value, sizes: &[u32]) -> Value {
        let mut result = self.int(types::I64, i64::from(sizes[0]));
        for (variant, &size) in sizes.iter().enumerate().skip(1) {
            if size != sizes[0] {
                let is_it = self.builder.ins().icmp_imm_u(IntCC::Equal, tag, variant as i64);
                let size = self.int(types::I64, i64::from(size));
                result = self.builder.ins().select(is_it, size, result);
            }
        }
        result
    }

    /// A value of any depth is released in a loop: blocks that lose their last reference join a chain, linked by the
    /// word that held the count.
    fn write_free_chain(&mut self, group: u32, first: Value) {
        let members = self.program.layouts.group_members(group);
        let head = self.builder.declare_var(types::I64);
        self.builder.def_var(head, first);
        self.chain = Some(Chain { group, head });
        let (next, done) = (self.builder.create_block(), self.builder.create_block());
        let blocks: Vec<_> = members.iter().take(MAX_KINDS).map(|_| self.builder.create_block()).collect();

        self.builder.ins().jump(next, &[]);
        self.builder.switch_to_block(next);
        let link = self.builder.use_var(head);
        let take = self.builder.create_block();
        self.builder.ins().brif(link, take, &[], done, &[]);
        self.builder.seal_block(take);
        self.builder.switch_to_block(take);
        let kind = self.builder.ins().band_imm_u(link, MAX_KINDS as i64 - 1);
        let block = self.builder.ins().isub(link, kind);
        let rest = self.load(types::I64, Address::header(block, 0));
        self.builder.def_var(head, rest);
        let mut switch = Switch::new();
        for (kind, &target) in blocks.iter().enumerate().skip(1) {
            switch.set_entry(kind as u128, target);
        }
        switch.emit(&mut self.builder, kind, blocks[0]);

        for (&ty, &target) in members.iter().zip(&blocks) {
            self.builder.seal_block(target);
            self.builder.switch_to_block(target);
            self.free_block(ty, block);
            self.builder.ins().jump(next, &[]);
        }
        self.builder.seal_block(next);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    fn write_share_block(&mut self, ty: Ty, block: Value) {
        let head = Address::header(block, 0);
        let count = self.load(types::I64, head);
        let shared = self.builder.ins().ineg(count);
        self.store(shared, head);
        self.count_contents(CountOp::Share, ty, block);
    }

    fn write_drop_captures(&mut self, task: FunctionId, record: Value) {
        let (captures, _) = self.program.captures(task);
        for Part { offset, ty } in captures {
            self.count(CountOp::Release, ty, &Source::Memory(Address::data(record).at(offset)));
        }
    }

    fn write_main(&mut self, argument_count: Value, arguments: Value) {
        let program = self.constant(Item::Program);
        let signature = abi::start_signature();
        let code = self.call(Item::Start, &signature, &[program, argument_count, arguments]);
        self.builder.ins().return_(&code);
    }

    /// Calls `main` and stores its result in the record of its task.
    fn write_main_task(&mut self, record: Value) -> Vec<Site> {
        let main = self.program.main();
        self.builder.set_srcloc(SourceLoc::new(1));
        let results = self.call(Item::Function(main), &self.program.abis[main].signature, &[]);
        self.builder.set_srcloc(SourceLoc::default());
        for result in results {
            self.store(result, Address::data(record).at(TASK_CAPTURES as u32));
        }
        self.builder.ins().return_(&[]);
        vec![Site { span: self.program.mir.functions[main].span, slots: Vec::new() }]
    }
}

fn in_slot(slot: Value) -> Source {
    Source::Memory(Address::data(slot))
}

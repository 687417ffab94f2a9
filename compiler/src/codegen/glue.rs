//! Generated functions: releasing, sharing and freeing values by type, and the entries of the program.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, SourceLoc, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::TASK_CAPTURES;

use super::abi;
use super::counts::CountOp;
use super::emitter::{Address, Emitter, Source};
use super::item::{Glue, Item};
use super::layout::{POINTER, Part, Shape};
use super::object_words::IN_CHAIN;
use super::sanitizer::Watch;
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
            Glue::Drop(ty) => {
                self.watch_unwinding();
                self.count(CountOp::Release, layouts.ty(ty), &in_slot(params[0]));
                self.watch_unwound();
            }
            Glue::Share(ty) => self.count(CountOp::Share, layouts.ty(ty), &in_slot(params[0])),
            Glue::Free(ty) => self.write_free(layouts.ty(ty), params[0], params[1]),
            Glue::ShareContents(ty) => self.write_share_contents(layouts.ty(ty), params[0]),
            Glue::FreeWeak(ty) => self.write_free_weak(layouts.ty(ty), params[0]),
            Glue::EndObject(ty) => self.end_object(layouts.ty(ty), params[0]),
            Glue::FreeChain(group) => self.write_free_chain(group, params[0]),
            Glue::ShareAll(group) => self.write_share_all(group, params[0]),
            Glue::DropCaptures(task) => self.write_drop_captures(task, params[0]),
            Glue::RunDefer(body) => return self.write_run_defer(body, params[0]),
            Glue::ClosureEntry(body) => return self.write_closure_entry(body, &params),
            Glue::FreeClosure(body) => {
                let rest = self.write_free_closure(body, params[0], params[1]);
                self.builder.ins().return_(&[rest]);
                return Vec::new();
            }
            Glue::ShareClosure(body) => self.write_share_closure(body, params[0]),
            Glue::Watch(watch) => self.write_watch(watch, params[0]),
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
                let end = self.int(types::I64, IN_CHAIN);
                self.store(end, Address::header(block, 0));
                let link = self.link(block, member);
                self.call_glue(Glue::FreeChain(member.group), &[link]);
            }
            None => self.free_block(ty, block),
        }
        self.builder.ins().jump(done, &[]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    /// Releases the contents of a block that nothing refers to any more, and frees it.
    pub fn free_block(&mut self, ty: Ty, block: Value) {
        match &self.program.layouts.of(ty).shape {
            Shape::String => self.free_buffer(block, 1),
            Shape::Buffer(element) => {
                self.count_contents(CountOp::Release, ty, block);
                self.free_buffer(block, self.program.layouts.of(*element).size);
            }
            Shape::Closure => self.free_closure(block),
            Shape::Boxed(variants) | Shape::Interface(variants) => {
                let tag = self.block_kind(ty, block);
                self.count_contents(CountOp::Release, ty, block);
                let sizes: Vec<u32> = variants.iter().map(|variant| variant.size).collect();
                let bytes = self.size_by_tag(tag, &sizes);
                self.free(block, bytes);
            }
            Shape::Object(_) => self.free_object(ty, block),
            shape => bug!("{shape:?} has no block to free"),
        }
    }

    fn size_by_tag(&mut self, tag: Value, sizes: &[u32]) -> Value {
        // Nothing makes a value of an interface that no type has.
        let first = sizes.first().copied().unwrap_or_default();
        let mut result = self.int(types::I64, i64::from(first));
        for (variant, &size) in sizes.iter().enumerate().skip(1) {
            if size != first {
                let is_it = self.builder.ins().icmp_imm_u(IntCC::Equal, tag, variant as i64);
                let size = self.int(types::I64, i64::from(size));
                result = self.builder.ins().select(is_it, size, result);
            }
        }
        result
    }

    fn write_share_contents(&mut self, ty: Ty, block: Value) {
        match self.program.layouts.group(ty) {
            Some(member) => {
                let link = self.link(block, member);
                self.call_glue(Glue::ShareAll(member.group), &[link]);
            }
            None => self.count_contents(CountOp::Share, ty, block),
        }
    }

    fn write_drop_captures(&mut self, task: FunctionId, record: Value) {
        self.watch(Watch::Acquire, record);
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

    /// Calls the body of a `defer` with the addresses that its guard holds.
    fn write_run_defer(&mut self, body: FunctionId, guard: Value) -> Vec<Site> {
        let function = &self.program.mir.functions[body];
        let addresses: Vec<Value> = function
            .params()
            .enumerate()
            .map(|(position, _)| {
                self.load(POINTER, Address::data(guard).at(position as u32 * POINTER.bytes()))
            })
            .collect();
        self.watch_unwinding();
        self.builder.set_srcloc(SourceLoc::new(1));
        self.call(Item::Function(body), &self.program.abis[body].signature, &addresses);
        self.builder.set_srcloc(SourceLoc::default());
        self.watch_unwound();
        self.builder.ins().return_(&[]);
        vec![Site { span: function.span, inlined: None, slots: Vec::new() }]
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
        self.release_globals();
        let site = Site { span: self.program.mir.functions[main].span, inlined: None, slots: Vec::new() };
        self.raise_deinit_panic();
        self.watch_leaving();
        self.builder.ins().return_(&[]);
        vec![site.clone(), site]
    }
}

impl Emitter<'_, '_> {
    /// Raises what a `deinit` of a constant has panicked with, at the second site of the function.
    fn raise_deinit_panic(&mut self) {
        let has_panicked = self.has_deinit_panicked();
        let cold = self.begin_cold(has_panicked);
        self.builder.set_srcloc(SourceLoc::new(2));
        self.call_runtime(RuntimeFn::raise_deinit_panic, &[]);
        self.builder.set_srcloc(SourceLoc::default());
        self.end_cold_unreachable(cold);
    }

    /// Releases the constants that were computed while `main` ran, the last one first.
    fn release_globals(&mut self) {
        let [head, each, end] = [(); 3].map(|()| self.builder.create_block());
        self.builder.ins().jump(head, &[]);
        self.builder.switch_to_block(head);
        let task = self.call_runtime(RuntimeFn::global_take, &[]);
        let task = task.unwrap_or_else(|| bug!("global_take has a result"));
        self.builder.ins().brif(task, each, &[], end, &[]);
        self.builder.switch_to_block(each);
        self.call_runtime(RuntimeFn::task_release, &[task]);
        self.builder.ins().jump(head, &[]);
        self.builder.switch_to_block(end);
    }
}

fn in_slot(slot: Value) -> Source {
    Source::Memory(Address::data(slot))
}

//! One function of the program, from MIR to CLIF.

use std::cmp::Reverse;

use cranelift_codegen::ir::{self, InstBuilder, SourceLoc, StackSlot, Value};
use cranelift_frontend::{FunctionBuilder, Switch};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::TASK_CAPTURES;
use plat_syntax::hash::HashMap;
use plat_syntax::index::IndexVec;
use plat_syntax::source::Span;

use super::DebugInfo;
use super::abi::{FunctionAbi, Pass};
use super::counts::CountOp;
use super::emitter::{Address, Emitter, Source};
use super::forks::Kept;
use super::layout::Leaf;
use super::locals::{Locals, Storage};
use super::marks::Marks;
use super::place::Location;
use super::program::Program;
use super::sanitizer::Watch;
use super::unwind::{Cleanup, Site};
use crate::mir::held::Held;
use crate::mir::managed::Managed;
use crate::mir::{
    BlockId, Function, FunctionId, FunctionKind, InlineSiteId, Local, LocalKind, Operand, Place,
    TerminatorKind,
};
use crate::types::Ty;

/// Compiles one function.
pub struct FunctionCompiler<'p, 'b> {
    /// Writes the code.
    pub emitter: Emitter<'p, 'b>,
    /// Its number.
    pub id: FunctionId,
    /// The function.
    pub function: &'p Function,
    /// How it is called.
    pub abi: &'p FunctionAbi,
    /// Where its locals are kept.
    pub locals: Locals,
    /// What its code was written for.
    pub marks: Marks,
    /// Where the statement being compiled was written.
    pub span: Span,
    /// The inlined call whose body that is.
    pub inlined: Option<InlineSiteId>,
    /// The locals that own something while it runs, in the order in which an unwinding cleans them up.
    pub owned: Vec<Local>,
    /// Slots that a statement may use for values on their way.
    pub temporaries: Temporaries,
    /// The tasks whose records stand in its frame, by their handles.
    pub forks: HashMap<Local, Kept>,
    blocks: IndexVec<BlockId, ir::Block>,
    /// The address of the caller's place for the result, or of the task's record.
    frame_argument: Option<Value>,
}

/// Slots that one statement uses and the next may use again.
#[derive(Default)]
pub struct Temporaries {
    free: Vec<(u32, StackSlot)>,
    used: Vec<(u32, StackSlot)>,
}

impl<'p, 'b> FunctionCompiler<'p, 'b> {
    /// Writes the function through `builder`; returns its marks.
    pub fn compile(
        program: &'p Program<'p>,
        managed: &Managed<'p>,
        id: FunctionId,
        builder: FunctionBuilder<'b>,
    ) -> Marks {
        let function = &program.mir.functions[id];
        let held = Held::solve(function, managed);
        let mut emitter = Emitter::new(program, builder);
        let locals = Locals::new(&mut emitter, function, &held);
        let blocks = function.blocks.iter().map(|_| emitter.builder.create_block()).collect();
        let mut compiler = Self {
            emitter,
            id,
            function,
            abi: &program.abis[id],
            locals,
            marks: Marks::default(),
            span: function.span,
            inlined: None,
            owned: Vec::new(),
            temporaries: Temporaries::default(),
            forks: HashMap::default(),
            blocks,
            frame_argument: None,
        };
        compiler.place_forks();
        compiler.mark_place();
        compiler.write_entry(id);
        compiler.write_blocks(&held);
        compiler.emitter.builder.seal_all_blocks();
        let config = program.isa.frontend_config();
        compiler.emitter.builder.finalize(config);
        compiler.marks
    }

    fn write_entry(&mut self, id: FunctionId) {
        let builder = &mut self.emitter.builder;
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let arguments = builder.block_params(entry).to_vec();
        if self.emitter.program.checks_stack[id] {
            self.check_stack(id, &arguments);
        }
        match self.function.kind {
            FunctionKind::TaskBody => self.take_captures(id, arguments[0]),
            FunctionKind::Plain | FunctionKind::ClosureBody => self.take_arguments(&arguments),
        }
        if let &Storage::Pointer(result) = self.locals.storage(Function::RESULT) {
            let place = self.result_place();
            self.emitter.builder.def_var(result, place);
        }
        let first = self.block(Function::ENTRY);
        self.emitter.builder.ins().jump(first, &[]);
    }

    fn take_arguments(&mut self, arguments: &[Value]) {
        let mut arguments = arguments.iter().copied();
        let mut next = || arguments.next().unwrap_or_else(|| crate::bug!("too few arguments"));
        if matches!(self.abi.result, Pass::Address) {
            self.frame_argument = Some(next());
        }
        for (param, pass) in self.function.params().zip(&self.abi.params) {
            match pass {
                Pass::Leaves(leaves) => {
                    let values: Vec<(Leaf, Value)> = leaves.iter().map(|&leaf| (leaf, next())).collect();
                    self.fill_param(param, &Source::Leaves(values));
                }
                Pass::Address => self.take_address(param, next()),
            }
        }
    }

    fn take_address(&mut self, param: Local, address: Value) {
        match self.locals.storage(param) {
            Storage::Pointer(variable) => self.emitter.builder.def_var(*variable, address),
            _ => self.fill_param(param, &Source::Memory(Address::data(address))),
        }
    }

    fn take_captures(&mut self, id: FunctionId, record: Value) {
        self.emitter.watch(Watch::Acquire, record);
        self.frame_argument = Some(record);
        let (captures, _) = self.emitter.program.captures(id);
        for (param, capture) in self.function.params().zip(captures) {
            let place = Location::Memory(Address::data(record).at(capture.offset));
            let value = self.load_value(place, capture.ty);
            self.fill_param(param, &value);
        }
    }

    fn fill_param(&mut self, param: Local, value: &Source) {
        let location = self.local_location(param);
        self.store(location, self.function.locals[param].ty, value);
    }

    fn write_blocks(&mut self, held: &Held) {
        for id in self.function.reverse_postorder() {
            let block = self.block(id);
            self.emitter.builder.switch_to_block(block);
            let written = &self.function.blocks[id];
            let mut state = held.on_entry(id).clone();
            for statement in &written.statements {
                self.span = statement.span;
                self.inlined = statement.site;
                self.mark_place();
                self.owned = in_order_of_cleanup(self.function, held.across(&state, &statement.kind).iter());
                held.step(&mut state, &statement.kind);
                self.temporaries.free.append(&mut self.temporaries.used);
                self.compile_statement(&statement.kind);
            }
            self.span = written.terminator.span;
            self.inlined = None;
            self.mark_place();
            self.compile_terminator(&written.terminator.kind);
        }
    }

    /// The block of this number in the code.
    pub fn block(&self, id: BlockId) -> ir::Block {
        self.blocks[id]
    }

    fn compile_terminator(&mut self, terminator: &TerminatorKind) {
        match terminator {
            TerminatorKind::Goto(target) => {
                let target = self.block(*target);
                self.emitter.builder.ins().jump(target, &[]);
            }
            TerminatorKind::Branch(condition, then, otherwise) => {
                let (then, otherwise) = (self.block(*then), self.block(*otherwise));
                let condition = self.scalar(condition);
                self.emitter.builder.ins().brif(condition, then, &[], otherwise, &[]);
            }
            TerminatorKind::Switch(value, cases, otherwise) => self.compile_switch(value, cases, *otherwise),
            TerminatorKind::Return => self.compile_return(),
            TerminatorKind::Unreachable => self.emitter.unreachable(),
        }
    }

    fn compile_switch(&mut self, value: &Operand, cases: &[(i128, BlockId)], otherwise: BlockId) {
        let otherwise = self.block(otherwise);
        let scalar = self.scalar(value);
        let bits = self.emitter.builder.func.dfg.value_type(scalar).bits();
        let mut switch = Switch::new();
        for &(case, target) in cases {
            switch.set_entry(case as u128 & (u128::MAX >> (128 - bits)), self.block(target));
        }
        switch.emit(&mut self.emitter.builder, scalar, otherwise);
    }

    fn compile_return(&mut self) {
        if self.function.kind == FunctionKind::TaskBody {
            // The record and whoever awaits refer to the result, perhaps on different workers at once.
            self.count_place(CountOp::Share, &Place::from(Function::RESULT));
        }
        let ty = self.function.result_ty();
        let location = self.local_location(Function::RESULT);
        let result = self.load_value(location, ty);
        let values = match (self.function.kind, &self.abi.result) {
            (FunctionKind::Plain | FunctionKind::ClosureBody, Pass::Leaves(_)) => match result {
                Source::Leaves(leaves) => leaves.into_iter().map(|(_, value)| value).collect(),
                Source::Memory(_) => crate::bug!("a result of few scalars is in memory"),
            },
            (FunctionKind::Plain | FunctionKind::ClosureBody, Pass::Address)
            | (FunctionKind::TaskBody, _) => {
                self.store_result(ty, &result);
                Vec::new()
            }
        };
        if let (FunctionKind::TaskBody, Some(record)) = (self.function.kind, self.frame_argument) {
            self.emitter.watch_end(record);
        }
        self.emitter.builder.ins().return_(&values);
    }

    fn store_result(&mut self, ty: Ty, result: &Source) {
        // Where the result was built in its place there is nothing to copy.
        if !matches!(self.locals.storage(Function::RESULT), Storage::Pointer(_)) {
            let place = self.result_place();
            self.store_memory(Address::data(place), ty, result);
        }
    }

    /// The address where the result goes.
    fn result_place(&mut self) -> Value {
        let argument = self.frame_argument.unwrap_or_else(|| crate::bug!("no place for the result"));
        match self.function.kind {
            FunctionKind::Plain | FunctionKind::ClosureBody => argument,
            FunctionKind::TaskBody => self.emitter.builder.ins().iadd_imm_u(argument, TASK_CAPTURES as i64),
        }
    }

    /// A slot for a value on its way, until the statement ends.
    pub fn temporary(&mut self, size: u32) -> Address {
        let size = size.next_multiple_of(16).max(16);
        let temporaries = &mut self.temporaries;
        let found = temporaries.free.iter().position(|&(other, _)| other == size);
        let (_, slot) = match found {
            Some(position) => temporaries.free.swap_remove(position),
            None => (size, self.emitter.new_slot(size, 16)),
        };
        self.temporaries.used.push((size, slot));
        Address::slot(slot)
    }

    /// Calls a runtime function that can unwind.
    pub fn call_unwinding(&mut self, function: RuntimeFn, args: &[Value]) -> Option<Value> {
        self.at_site(|emitter| emitter.call_runtime(function, args))
    }

    /// Runs `call`, which writes one call, as a site: with a row in the unwind table.
    pub fn at_site<T>(&mut self, call: impl FnOnce(&mut Emitter<'p, 'b>) -> T) -> T {
        let slots = self.owned.iter().filter_map(|&local| self.locals.cleanup(self.function, local));
        let slots = slots.collect();
        self.at_site_with(slots, call)
    }

    /// As `at_site`, with these slots to be cleaned up.
    pub fn at_site_with<T>(
        &mut self,
        slots: Vec<(Cleanup<Ty>, StackSlot)>,
        call: impl FnOnce(&mut Emitter<'p, 'b>) -> T,
    ) -> T {
        let mark = self.marks.add_site(Site { span: self.span, inlined: self.inlined, slots });
        self.emitter.builder.set_srcloc(mark);
        let result = call(&mut self.emitter);
        self.mark_place();
        result
    }

    /// Says what the code that follows is written for.
    fn mark_place(&mut self) {
        let mark = match self.emitter.program.debug_info {
            DebugInfo::None => SourceLoc::default(),
            DebugInfo::Lines => self.marks.add_place(self.span, self.inlined),
        };
        self.emitter.builder.set_srcloc(mark);
    }

    /// Whether the local is a parameter that stands for a place of the caller.
    pub fn is_inout(&self, local: Local) -> bool {
        self.function.locals[local].kind == LocalKind::Inout
    }
}

/// The locals as an unwinding cleans them up: the innermost block first; of a block its `defer`s, then what was declared last.
fn in_order_of_cleanup(function: &Function, locals: impl Iterator<Item = Local>) -> Vec<Local> {
    let mut locals: Vec<Local> = locals.collect();
    let key = |local: &Local| {
        let decl = &function.locals[*local];
        Reverse((decl.depth, decl.is_guard(), *local))
    };
    locals.sort_unstable_by_key(key);
    locals
}

//! Calls and tasks.

use cranelift_codegen::ir::{InstBuilder, Signature, Value, types};
use plat_abi::functions::{Effect, RuntimeFn, Word};
use plat_abi::layout::WORKER_CALLEE;

use super::abi::{self, FunctionAbi, Pass};
use super::emitter::{Address, Emitter, Source};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::{Leaf, POINTER};
use super::locals::addressed_local;
use super::place::Location;
use super::statement::is_site;
use crate::bug;
use crate::hir::FnId;
use crate::mir::{Argument, Callee, FunctionId, Local, Operand, Place, TaskScope};
use crate::types::{Ty, TyKind};

/// Whether a call has a row in the unwind table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Row {
    /// It has one.
    Written,
    /// Nobody would look for it.
    Needless,
}

impl<'p> FunctionCompiler<'p, '_> {
    /// Compiles a call.
    pub fn compile_call(&mut self, target: Option<&Place>, callee: &Callee, args: &[Argument]) {
        match callee {
            Callee::Function(id) => self.call_function(target, *id, args),
            Callee::Value(ty) => self.call_value(target, *ty, args),
            Callee::Entry(id) => self.call_entry(target, *id, args),
            Callee::Runtime(function) => self.call_runtime(target, *function, args),
            Callee::Primitive(primitive) => self.compile_primitive(target, *primitive, args),
            Callee::Foreign(function) => self.call_foreign(target, *function, args),
            Callee::Generic(..) | Callee::GenericBody(..) | Callee::Glue(..) => {
                bug!("{}: {callee:?} has no instance", self.function.name)
            }
        }
        if let Some(target) = target {
            self.share_stored(target);
        }
    }

    fn call_function(&mut self, target: Option<&Place>, id: FunctionId, args: &[Argument]) {
        let program = self.emitter.program;
        let result_ty = program.mir.functions[id].result_ty();
        let row = if is_site(program, id) { Row::Written } else { Row::Needless };
        self.call_with(target, &program.abis[id], result_ty, args, row, |emitter, signature, values| {
            emitter.call(Item::Function(id), signature, values)
        });
    }

    /// Passes the arguments, calls in the way that `call` does, and stores the result.
    pub fn call_with(
        &mut self,
        target: Option<&Place>,
        abi: &FunctionAbi,
        result_ty: Ty,
        args: &[Argument],
        row: Row,
        call: impl FnOnce(&mut Emitter<'_, '_>, &Signature, &[Value]) -> Vec<Value>,
    ) {
        let mut values = Vec::new();
        let lent = self.lend(args);
        let result = self.begin_result(target, &abi.result, result_ty, args, &mut values);
        for (arg, pass) in args.iter().zip(&abi.params) {
            self.push_argument(arg, pass, &mut values);
        }
        let returned = match row {
            Row::Written => self.at_site(|emitter| call(emitter, &abi.signature, &values)),
            Row::Needless => call(&mut self.emitter, &abi.signature, &values),
        };
        self.take_back(lent);
        self.reload_addressed(args);
        self.finish_result(target, &abi.result, result, &returned);
    }

    /// Passes the place for a result that is returned by address.
    pub fn begin_result(
        &mut self,
        target: Option<&Place>,
        pass: &Pass,
        ty: Ty,
        args: &[Argument],
        words: &mut Vec<Value>,
    ) -> Option<Address> {
        match pass {
            Pass::Leaves(_) => None,
            Pass::Address => {
                let address = self.result_address(target, ty, args);
                words.push(self.emitter.address(address));
                Some(address)
            }
        }
    }

    /// Stores what a call returned.
    pub fn finish_result(
        &mut self,
        target: Option<&Place>,
        pass: &Pass,
        result: Option<Address>,
        returned: &[Value],
    ) {
        let Some(target) = target else { return };
        let value = match (pass, result) {
            (Pass::Leaves(leaves), _) => {
                Source::Leaves(leaves.iter().copied().zip(returned.iter().copied()).collect())
            }
            (Pass::Address, Some(address)) => Source::Memory(address),
            (Pass::Address, None) => bug!("a result by address has one"),
        };
        let (location, ty) = self.resolve(target);
        if value.is_at(location) {
            return;
        }
        self.store(location, ty, &value);
    }

    /// Adds the words that an argument is passed as.
    pub fn push_argument(&mut self, arg: &Argument, pass: &Pass, values: &mut Vec<Value>) {
        match (arg, pass) {
            (Argument::Place(place), _) => values.push(self.place_address(place)),
            (Argument::Value(operand), Pass::Leaves(_)) => {
                let (value, _) = self.operand(operand);
                let Source::Leaves(leaves) = value else { bug!("an argument of few scalars is in memory") };
                values.extend(leaves.into_iter().map(|(_, value)| value));
            }
            (Argument::Value(operand), Pass::Address) => {
                let (value, ty) = self.operand(operand);
                let address = self.in_memory(&value, ty);
                values.push(self.emitter.address(address));
            }
        }
    }

    /// The address of a place in memory. A place of no size has any address.
    pub fn place_address(&mut self, place: &Place) -> Value {
        let address = match self.resolve(place) {
            (Location::Memory(address), _) => address,
            (Location::Variables(local, offset), _) => self.home(local).at(offset),
        };
        self.emitter.address(address)
    }

    /// Reads the variables whose homes a call may have changed.
    pub fn reload_addressed(&mut self, args: &[Argument]) {
        let layouts = &self.emitter.program.layouts;
        for local in args.iter().filter_map(|arg| addressed_local(layouts, self.function, arg)) {
            self.reload(local);
        }
    }

    /// Where the callee puts a result too large for registers: the target itself, if that is a local the call does not
    /// read.
    fn result_address(&mut self, target: Option<&Place>, ty: Ty, args: &[Argument]) -> Address {
        if let Some(target) = target
            && target.projections.is_empty()
            && !self.is_inout(target.local)
            && !self.locals.is_referenced(target.local)
            && !args.iter().any(|arg| mentions(arg, target.local))
            && let (Location::Memory(address), _) = self.resolve(target)
        {
            return address;
        }
        let size = self.emitter.program.layouts.of(ty).size;
        self.temporary(size)
    }

    fn call_runtime(&mut self, target: Option<&Place>, function: RuntimeFn, args: &[Argument]) {
        if function == RuntimeFn::keep || self.compile_select(target, function, args) {
            return;
        }
        let mut words = Vec::new();
        let lent = self.lend(args);
        let mut expected = function.parameters().iter();
        for arg in args {
            match arg {
                Argument::Place(place) => {
                    words.push(self.place_address(place));
                    expected.next();
                }
                Argument::Value(operand) => {
                    let (value, ty) = self.operand(operand);
                    let Source::Leaves(leaves) = value else { bug!("{function:?} takes words") };
                    for (_, value) in leaves {
                        let word = expected.next().unwrap_or_else(|| bug!("too many words for {function:?}"));
                        words.push(self.extend_to_word(value, ty, *word));
                    }
                }
            }
        }
        let result = if function.effect() == Effect::Leaf {
            self.emitter.call_runtime(function, &words)
        } else {
            self.call_unwinding(function, &words)
        };
        self.take_back(lent);
        self.reload_addressed(args);
        if let (Some(target), Some(result)) = (target, result) {
            let (location, ty) = self.resolve(target);
            let value = self.value_of_word(result, ty);
            self.store(location, ty, &value);
        }
    }

    /// Calls a function of C, on the worker's stack: the stub that goes there finds the function's address in the worker
    /// record, because the registers hold what C's convention wants in them.
    fn call_foreign(&mut self, target: Option<&Place>, function: FnId, args: &[Argument]) {
        let mut values = Vec::new();
        for arg in args {
            let Argument::Value(operand) = arg else { bug!("C takes no places") };
            let (value, ty) = self.operand(operand);
            let Source::Leaves(leaves) = value else { bug!("C takes scalars") };
            for (leaf, value) in leaves {
                let is_float = leaf.ty.is_float();
                values.push(if is_float { value } else { self.extend_to_word(value, ty, Word::Int) });
            }
        }
        let result = self.emitter.program.definitions.functions[function].result.ty;
        let returned = self.emitter.program.layouts.of(result).leaves.clone().unwrap_or_default();
        let params: Vec<_> =
            values.iter().map(|&value| self.emitter.builder.func.dfg.value_type(value)).collect();
        let results: Vec<_> = returned.iter().map(|leaf| leaf.ty).collect();
        let address = self.emitter.constant(Item::Foreign(function));
        let place = self.emitter.worker_place(WORKER_CALLEE);
        self.emitter.store(address, place);
        let signature = abi::signature(&params, &results);
        // Nothing unwinds there, but a watchdog tells where a call has been made that takes long.
        let stub = Item::ForeignStub(function);
        let values = self.at_site_with(Vec::new(), |emitter| emitter.call(stub, &signature, &values));
        let Some(target) = target else { return };
        let (location, ty) = self.resolve(target);
        self.store(location, ty, &Source::Leaves(returned.into_iter().zip(values).collect()));
    }

    /// A scalar as the word that a runtime function takes.
    fn extend_to_word(&mut self, value: Value, ty: Ty, word: Word) -> Value {
        let from = self.emitter.builder.func.dfg.value_type(value);
        let is_signed = matches!(ty.kind(), TyKind::Int(int) if int.is_signed());
        let ins = self.emitter.builder.ins();
        match (word, from) {
            (Word::F64, types::F32) => ins.fpromote(types::F64, value),
            (Word::F64, _) | (_, types::I64) => value,
            (Word::Int | Word::Ptr, _) if is_signed => ins.sextend(types::I64, value),
            (Word::Int | Word::Ptr, _) => ins.uextend(types::I64, value),
        }
    }

    /// The result of a runtime function as a value.
    fn value_of_word(&mut self, word: Value, ty: Ty) -> Source {
        let Some([leaf]) = self.emitter.program.layouts.of(ty).leaves.as_deref() else {
            bug!("a word is no {ty:?}")
        };
        let ins = self.emitter.builder.ins();
        let value = match leaf.ty {
            types::F32 => ins.fdemote(types::F32, word),
            types::I8 | types::I16 | types::I32 => ins.ireduce(leaf.ty, word),
            _ => word,
        };
        Source::Leaves(vec![(Leaf { offset: 0, ..*leaf }, value)])
    }

    /// Makes a task, stores its captures, and makes it ready.
    pub fn compile_spawn(
        &mut self,
        target: &Place,
        scope: &TaskScope,
        name: Option<&Operand>,
        body: &Callee,
        captures: &[Operand],
    ) {
        let Callee::Function(body) = *body else { bug!("{}: a task without instance", self.function.name) };
        let values: Vec<(Source, Ty)> = captures.iter().map(|capture| self.operand(capture)).collect();
        if let Some(&kept) = target.as_local().and_then(|handle| self.forks.get(&handle)) {
            let task = self.spawn_fork(kept, values);
            return self.store_handle(target, task);
        }
        let descriptor = self.emitter.constant(Item::TaskDescriptor(body));
        let (new, args, start) = match scope {
            TaskScope::Record(scope) => {
                let record = self.scope_record(*scope);
                (RuntimeFn::task_new, vec![descriptor, record], Some(RuntimeFn::task_start))
            }
            TaskScope::Claimed(record) => {
                let record = self.scalar(record);
                (RuntimeFn::task_new_claimed, vec![descriptor, record], Some(RuntimeFn::task_start))
            }
            TaskScope::Thread => {
                let none = self.emitter.int(POINTER, 0);
                (RuntimeFn::task_new, vec![descriptor, none], Some(RuntimeFn::thread_start))
            }
            TaskScope::Ended => (RuntimeFn::task_completed, vec![descriptor], None),
        };
        let task = self.emitter.call_runtime(new, &args);
        let task = task.unwrap_or_else(|| bug!("a new task is a result"));
        let (parts, _) = self.emitter.program.captures(body);
        for ((value, ty), part) in values.into_iter().zip(parts) {
            self.store_memory(Address::data(task).at(part.offset), ty, &value);
        }
        if let Some(name) = name {
            let name = self.scalar(name);
            self.emitter.call_runtime(RuntimeFn::task_set_name, &[task, name]);
        }
        if let Some(start) = start {
            if self.emitter.program.binds_locals {
                self.emitter.call_runtime(RuntimeFn::inherit_locals, &[task]);
            }
            self.emitter.call_runtime(start, &[task]);
        }
        self.store_handle(target, task);
    }

    /// A handle of the task that computes a constant.
    pub fn compile_global(&mut self, target: &Place, body: &Callee) {
        let Callee::Function(body) = *body else {
            bug!("{}: a constant without instance", self.function.name)
        };
        let cell = self.emitter.constant(Item::Global(body));
        let task = self.emitter.call_runtime(RuntimeFn::global_task, &[cell]);
        self.store_handle(target, task.unwrap_or_else(|| bug!("global_task has a result")));
    }

    fn store_handle(&mut self, target: &Place, task: Value) {
        let (location, ty) = self.resolve(target);
        self.store(location, ty, &Source::Leaves(vec![(Leaf { offset: 0, ty: POINTER }, task)]));
    }
}

impl Source {
    /// Whether it is the value at that location, which then need not be stored there.
    fn is_at(&self, location: Location) -> bool {
        match (self, location) {
            (Self::Memory(address), Location::Memory(other)) => *address == other,
            _ => false,
        }
    }
}

fn mentions(arg: &Argument, local: Local) -> bool {
    arg.place().is_some_and(|place| place.local == local)
}

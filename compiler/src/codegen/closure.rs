//! Functions and closures as values: their blocks, their entries, and calls of them.
//!
//! A value points to a block: [`ClosureHeader`], then the captures. A call goes to the *entry* of the body, which takes the
//! captures out of the block and calls the body with them. A variable is passed to the body by its address, which is in
//! the block: where the variable lives in the block too, the address leads there.

use plat_syntax::hash::HashMap;
use std::mem::offset_of;

use cranelift_codegen::ir::{InstBuilder, SourceLoc, Value, types};
use plat_abi::layout::{CLOSURE_CAPTURES, ClosureHeader, ClosureInfo};

use super::abi::{self, FunctionAbi, Pass};
use super::counts::CountOp;
use super::emitter::{Address, Chain, Emitter, Source};
use super::func::FunctionCompiler;
use super::item::{Glue, Item};
use super::layout::{Layouts, POINTER, Packer, Part};
use super::program::Program;
use super::unwind::Site;
use crate::bug;
use crate::hir::ParamMode;
use crate::mir::{
    Argument, Callee, Capture, Closure, Function, FunctionId, LocalKind, Mir, Operand, Place, Storage,
};
use crate::types::{FnSig, Ty};

/// Where a capture is in the block of a closure.
#[derive(Clone, Copy, Debug)]
pub enum Captured {
    /// The value.
    Value(Part),
    /// The address of a variable, and where the variable is if the block is on the heap.
    Variable {
        /// Offset of the address.
        address: u32,
        /// The variable.
        variable: Part,
    },
}

/// The block of a closure.
pub struct ClosureBlock {
    /// Its captures.
    pub captures: Vec<Captured>,
    /// Its size in a frame, where variables stand outside.
    pub frame_size: u32,
    /// Its size on the heap.
    pub heap_size: u32,
}

impl ClosureBlock {
    /// The blocks of closures with this body.
    pub fn new(layouts: &Layouts, body: &Function) -> Self {
        let mut packer = Packer::new(CLOSURE_CAPTURES as u32);
        let captures = body.params().take(body.capture_count as usize).map(|param| &body.locals[param]);
        let mut placed: Vec<Captured> = captures
            .map(|decl| match decl.kind {
                LocalKind::Inout => {
                    let address = packer.place_pointer();
                    Captured::Variable { address, variable: Part { offset: 0, ty: decl.ty } }
                }
                _ => Captured::Value(packer.place(decl.ty, layouts.of(decl.ty))),
            })
            .collect();
        let frame_size = packer.end();
        for capture in &mut placed {
            if let Captured::Variable { variable, .. } = capture {
                *variable = packer.place(variable.ty, layouts.of(variable.ty));
            }
        }
        Self { captures: placed, frame_size, heap_size: packer.end().next_multiple_of(8) }
    }
}

impl Emitter<'_, '_> {
    /// Releases the captures of a closure that nothing refers to any more, and frees its block.
    pub fn free_closure(&mut self, block: Value) {
        let free = self.closure_info(block, offset_of!(ClosureInfo, free));
        let head = self.chain.map(|chain| chain.head);
        let rest = match head {
            Some(head) => self.builder.use_var(head),
            None => self.int(types::I64, 0),
        };
        let signature = self.builder.import_signature(abi::free_closure_signature());
        let call = self.builder.ins().call_indirect(signature, free, &[block, rest]);
        let rest = self.builder.inst_results(call)[0];
        if let Some(head) = head {
            self.builder.def_var(head, rest);
        }
    }

    /// Makes the captures of a closure shared.
    pub fn share_captures(&mut self, block: Value) {
        let share = self.closure_info(block, offset_of!(ClosureInfo, share));
        self.when(share, |this| {
            let signature = this.builder.import_signature(abi::signature(&[POINTER], &[]));
            this.builder.ins().call_indirect(signature, share, &[block]);
        });
    }

    fn closure_info(&mut self, block: Value, offset: usize) -> Value {
        let info = self.load(POINTER, Address::header(block, offset_of!(ClosureHeader, info)));
        self.load(POINTER, Address::header(info, offset))
    }

    /// `(block, rest) -> rest`: releases what closures with this body capture, and frees the block. Blocks of the closure's
    /// group that lose their last reference meanwhile join the chain `rest`.
    pub fn write_free_closure(&mut self, body: FunctionId, block: Value, rest: Value) -> Value {
        let head = self.builder.declare_var(types::I64);
        self.builder.def_var(head, rest);
        let group = self.program.values.ty_of(body).and_then(|ty| self.program.layouts.group(ty));
        self.chain = group.map(|member| Chain { group: member.group, head });
        self.count_captures(CountOp::Release, body, block);
        let size = ClosureBlock::new(&self.program.layouts, &self.program.mir.functions[body]).heap_size;
        let bytes = self.int(types::I64, i64::from(size));
        self.free(block, bytes);
        self.builder.use_var(head)
    }

    /// `(block)`: makes what closures with this body capture shared.
    pub fn write_share_closure(&mut self, body: FunctionId, block: Value) {
        self.count_captures(CountOp::Share, body, block);
    }

    fn count_captures(&mut self, op: CountOp, body: FunctionId, block: Value) {
        let captures = ClosureBlock::new(&self.program.layouts, &self.program.mir.functions[body]).captures;
        for capture in captures {
            let (Captured::Value(part) | Captured::Variable { variable: part, .. }) = capture;
            self.count(op, part.ty, &Source::Memory(Address::data(block).at(part.offset)));
        }
    }

    /// The entry of a function as a value: `(result address?, block, arguments …)`.
    pub fn write_closure_entry(&mut self, body: FunctionId, given: &[Value]) -> Vec<Site> {
        let program = self.program;
        let (function, abi) = (&program.mir.functions[body], &program.abis[body]);
        let mut given = given.iter().copied();
        let mut next = || given.next().unwrap_or_else(|| bug!("too few arguments for {}", function.name));
        let mut passed = Vec::new();
        if matches!(abi.result, Pass::Address) {
            passed.push(next());
        }
        let block = next();
        let captures = ClosureBlock::new(&program.layouts, function).captures;
        for ((capture, param), pass) in captures.into_iter().zip(function.params()).zip(&abi.params) {
            let is_owned = function.locals[param].kind == LocalKind::Owned;
            self.pass_capture(block, capture, is_owned, pass, &mut passed);
        }
        let own = function.params().zip(&abi.params).skip(function.capture_count as usize);
        for ((param, pass), &mode) in own.zip(program.values.modes_of(body)) {
            let source = match pass {
                Pass::Address => {
                    let address = next();
                    passed.push(address);
                    Source::Memory(Address::data(address))
                }
                Pass::Leaves(leaves) => {
                    let leaves: Vec<_> = leaves.iter().map(|&leaf| (leaf, next())).collect();
                    passed.extend(leaves.iter().map(|&(_, value)| value));
                    Source::Leaves(leaves)
                }
            };
            // Callers of function values keep what they do not give away.
            let decl = &function.locals[param];
            if decl.kind == LocalKind::Owned && mode == ParamMode::Value {
                self.count(CountOp::Retain, decl.ty, &source);
            }
        }
        self.builder.set_srcloc(SourceLoc::new(1));
        let results = self.call(Item::Function(body), &abi.signature, &passed);
        self.builder.set_srcloc(SourceLoc::default());
        self.builder.ins().return_(&results);
        vec![Site { span: function.span, inlined: None, slots: Vec::new() }]
    }

    fn pass_capture(
        &mut self,
        block: Value,
        capture: Captured,
        is_owned: bool,
        pass: &Pass,
        passed: &mut Vec<Value>,
    ) {
        let inside = Address::data(block);
        let part = match capture {
            Captured::Variable { address, .. } => {
                let address = self.load(POINTER, inside.at(address));
                return passed.push(address);
            }
            Captured::Value(part) => part,
        };
        let place = inside.at(part.offset);
        if is_owned {
            self.count(CountOp::Retain, part.ty, &Source::Memory(place));
        }
        match pass {
            Pass::Address => passed.push(self.address(place)),
            Pass::Leaves(leaves) => {
                for leaf in leaves {
                    passed.push(self.load(leaf.ty, place.at(leaf.offset)));
                }
            }
        }
    }
}

impl FunctionCompiler<'_, '_> {
    /// Makes a function value.
    pub fn closure(&mut self, closure: &Closure) -> Value {
        let Callee::Function(body) = closure.body else {
            bug!("{}: a closure without body", self.function.name)
        };
        if closure.captures.is_empty() {
            return self.emitter.constant(Item::Closure(body));
        }
        let program = self.emitter.program;
        let layout = ClosureBlock::new(&program.layouts, &program.mir.functions[body]);
        let captures: Vec<Stored> = closure.captures.iter().map(|capture| self.capture(capture)).collect();
        let (block, address) = match closure.storage {
            Storage::Frame => {
                let slot = self.emitter.new_slot(layout.frame_size, 16);
                let count = self.emitter.int(types::I64, 0);
                self.emitter.store(count, Address::slot(slot));
                (Address::slot(slot), self.emitter.address(Address::slot(slot)))
            }
            Storage::Heap => {
                let bytes = self.emitter.int(types::I64, i64::from(layout.heap_size));
                let block = self.emitter.allocate(closure.ty, bytes);
                let info = self.emitter.constant(Item::ClosureInfo(body));
                self.emitter.store(info, Address::header(block, offset_of!(ClosureHeader, info)));
                (Address::data(block), block)
            }
        };
        let code = self.emitter.code_address(Glue::ClosureEntry(body));
        self.emitter.store(code, block.at(offset_of!(ClosureHeader, code) as u32));
        for (stored, captured) in captures.into_iter().zip(layout.captures) {
            match (captured, stored) {
                (Captured::Value(part), Stored::Value(value, ty)) => {
                    self.store_memory(block.at(part.offset), ty, &value);
                }
                (Captured::Variable { address, .. }, Stored::Address(place)) => {
                    self.emitter.store(place, block.at(address));
                }
                (Captured::Variable { address, variable }, Stored::Value(value, ty)) => {
                    let inside = block.at(variable.offset);
                    self.store_memory(inside, ty, &value);
                    let inside = self.emitter.address(inside);
                    self.emitter.store(inside, block.at(address));
                }
                (Captured::Value(_), Stored::Address(_)) => {
                    bug!("{}: a capture fits nowhere", self.function.name)
                }
            }
        }
        address
    }

    fn capture(&mut self, capture: &Capture) -> Stored {
        match capture {
            Capture::Value(operand) | Capture::Owned(operand) => {
                let (value, ty) = self.operand(operand);
                Stored::Value(value, ty)
            }
            Capture::Place(place) => {
                self.unshare_around(place);
                Stored::Address(self.place_address(place))
            }
        }
    }

    /// Calls the function value that is the first argument.
    pub fn call_value(&mut self, target: Option<&Place>, ty: Ty, args: &[Argument]) {
        let Some(signature) = ty.signature() else { bug!("calls a {ty:?}") };
        let abi = FunctionAbi::of_values(&self.emitter.program.layouts, signature);
        let [Argument::Value(value), args @ ..] = args else { bug!("calls no value") };
        let block = self.function_block(value);
        let mut words = Vec::new();
        let lent = self.lend(args);
        let result = self.begin_result(target, &abi.result, signature.result(), args, &mut words);
        words.push(block);
        for (arg, pass) in args.iter().zip(&abi.params) {
            self.push_argument(arg, pass, &mut words);
        }
        let code = Address::header(block, offset_of!(ClosureHeader, code));
        let code = self.emitter.load(POINTER, code);
        let returned = self.at_site(|emitter| {
            let signature = emitter.builder.import_signature(abi.signature.clone());
            let call = emitter.builder.ins().call_indirect(signature, code, &words);
            emitter.builder.inst_results(call).to_vec()
        });
        self.take_back(lent);
        self.reload_addressed(args);
        self.finish_result(target, &abi.result, result, &returned);
    }

    fn function_block(&mut self, value: &Operand) -> Value {
        let (value, _) = self.operand(value);
        self.emitter.read(&value, 0, POINTER)
    }
}

/// What is stored of a capture.
enum Stored {
    Value(Source, Ty),
    Address(Value),
}

/// Which functions the program uses as values.
#[derive(Default)]
pub struct FunctionValues {
    by_ty: Vec<(Ty, Vec<FunctionId>)>,
    made: HashMap<FunctionId, Ty>,
}

impl FunctionValues {
    /// Notes that a value of type `ty` is made of the function.
    pub fn add(&mut self, ty: Ty, body: FunctionId) {
        let ty = ty.without_sharing();
        if self.made.insert(body, ty).is_some() {
            return;
        }
        match self.by_ty.iter_mut().find(|(known, _)| *known == ty) {
            Some((_, bodies)) => bodies.push(body),
            None => self.by_ty.push((ty, vec![body])),
        }
    }

    /// The functions that a call of a value of this type may call, in the order they were found.
    pub fn of(&self, ty: Ty) -> &[FunctionId] {
        let ty = ty.without_sharing();
        let found = self.by_ty.iter().find(|(known, _)| *known == ty);
        found.map_or(&[], |(_, bodies)| bodies.as_slice())
    }

    /// The type of the values made of a function.
    pub fn ty_of(&self, body: FunctionId) -> Option<Ty> {
        self.made.get(&body).copied()
    }

    /// How values made of the function take their arguments.
    pub fn modes_of(&self, body: FunctionId) -> &'static [ParamMode] {
        self.ty_of(body).and_then(Ty::signature).map_or(&[], FnSig::modes)
    }

    /// The types of the values that closures of each function type capture.
    pub fn captured(&self, mir: &Mir) -> HashMap<Ty, Vec<Ty>> {
        let captured = |bodies: &Vec<FunctionId>| {
            let bodies = bodies.iter().map(|&body| &mir.functions[body]);
            bodies
                .flat_map(|body| {
                    body.params().take(body.capture_count as usize).map(|param| body.locals[param].ty)
                })
                .collect()
        };
        self.by_ty.iter().map(|(ty, bodies)| (*ty, captured(bodies))).collect()
    }
}

/// Whether the blocks of closures with this body hold something to share.
pub fn has_captures_to_share(program: &Program<'_>, body: FunctionId) -> bool {
    let captures = ClosureBlock::new(&program.layouts, &program.mir.functions[body]).captures;
    captures.iter().any(|capture| {
        let (Captured::Value(part) | Captured::Variable { variable: part, .. }) = capture;
        program.layouts.is_managed(part.ty)
    })
}

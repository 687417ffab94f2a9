//! One function: its signature, its locals, and how it is left.
//!
//! An initialiser has no `self` to begin with: each field is a local of its own, so that nothing is ever half initialised.
//! `self` is put together from them where it is first used as a value, or at the end (`initialiser.rs`).

use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use super::ProgramLowerer;
use super::closures::param_kind;
use super::consts::Folded;
use super::defers::Deferred;
use super::initialiser::InitSelf;
use super::limited::Ways;
use super::place::Path;
use crate::bug;
use crate::hir::{self, Body, ExprId, FnId, FnKind, LocalId, LoopId, ParamMode};
use crate::mir::builder::Builder;
use crate::mir::printer::function_name;
use crate::mir::{
    BlockId, Const, Effects, Function, FunctionId, FunctionKind, Local, LocalKind, Operand, Place, Poll,
    Rvalue, StatementKind, TerminatorKind, UseStep,
};
use crate::typeck::results::BodyTypes;
use crate::types::{Ty, TyKind};

/// Lowers one function, or the body of a task or closure.
pub(super) struct FunctionLowerer<'p, 'a> {
    pub program: &'p mut ProgramLowerer<'a>,
    /// The HIR function, also of the body of a task or closure in it.
    pub origin: FnId,
    pub body: &'a Body,
    pub types: &'a BodyTypes,
    /// The expressions that are constants.
    pub folded: Folded,
    pub builder: Builder,
    /// The MIR local of each HIR local that has been met.
    pub locals: HashMap<LocalId, Local>,
    /// What the names after the `for inout`s around the expression stand for.
    pub elements: HashMap<LocalId, Path>,
    /// MIR locals that may be assigned again, or that stand for places of the caller.
    pub changing: HashSet<Local>,
    /// Those that closures refer to: whatever calls something may change them.
    pub referenced: HashSet<Local>,
    /// What encloses the expression being lowered and must be left to leave it, outermost first.
    pub frames: Vec<Frame>,
    /// The `defer`s met so far.
    pub deferred: Vec<Deferred>,
    /// The variables of the blocks that enclose the expression being lowered, and of those that were.
    pub blocks: Vec<Vec<Local>>,
    /// Temporaries that were released at the end of their statement.
    pub settled: HashSet<Local>,
    /// What the arms of the `select` that is being lowered offer so far, with the variables it is taken from.
    pub offers: Vec<(LocalId, Local)>,
    /// `self` of an initialiser.
    pub init_self: Option<InitSelf>,
    /// How the body of a limited scope, which this is, may leave more than itself.
    pub ways: Option<Ways>,
    /// How the limited scopes that have been met may, each by the closure that is its body.
    pub limited: HashMap<ExprId, Ways>,
}

/// A loop, scope or block with a `defer` that is being lowered.
#[derive(Clone, Debug)]
pub(super) enum Frame {
    /// A loop.
    Loop {
        id: LoopId,
        /// Where `break` goes, with its value in `dest`.
        exit: BlockId,
        /// Where `continue` goes.
        next: BlockId,
        dest: Dest,
    },
    /// An open scope.
    Scope(Local),
    /// A `defer`, by its position among those of the function.
    Defer(usize),
    /// A block: the number of its list of variables, which keep their values until it ends.
    Block(usize),
    /// The use of a field of an object by a `for inout`, or of a closure by its body.
    Use(Local, Place),
}

/// Where the value of an expression goes. Values of type `Unit` and `Never` go nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dest {
    /// Into a local that nothing in the expression reads.
    Local(Local),
    /// It is dropped.
    Nothing,
}

impl<'p, 'a> FunctionLowerer<'p, 'a> {
    /// Lowers a function of the program.
    pub fn lower(program: &'p mut ProgramLowerer<'a>, id: FnId, body: &'a Body) -> FunctionId {
        let (function, types) = (program.function(id), program.types(id));
        let init_self = init_self(function, body);
        let result = init_self.map_or_else(|| program.result_ty(id), |local| types.locals[local]);
        let name = function_name(program.definitions(), id);
        let shell = shell(program, id, name, FunctionKind::Plain, function.span);
        let mut lowerer = Self::new(program, id, body, Builder::new(shell, result));
        lowerer.declare_params(function, init_self);
        if let Some(local) = init_self {
            lowerer.declare_init_fields(local, result);
        }
        let value = body.value.unwrap_or_else(|| bug!("{} has no value", function.name));
        lowerer.lower_body(value)
    }

    /// A lowerer of a function that has a signature but no parameters yet.
    pub fn new(program: &'p mut ProgramLowerer<'a>, origin: FnId, body: &'a Body, builder: Builder) -> Self {
        let types = program.types(origin);
        let folded = program.folded(origin, body);
        Self {
            program,
            origin,
            body,
            types,
            folded,
            builder,
            locals: HashMap::default(),
            elements: HashMap::default(),
            changing: HashSet::default(),
            referenced: HashSet::default(),
            frames: Vec::new(),
            deferred: Vec::new(),
            blocks: Vec::new(),
            settled: HashSet::default(),
            offers: Vec::new(),
            init_self: None,
            ways: None,
            limited: HashMap::default(),
        }
    }

    fn declare_params(&mut self, function: &hir::Function, init_self: Option<LocalId>) {
        let locals = self.body.params.iter().copied().filter(|&local| Some(local) != init_self);
        let locals: Vec<_> = locals.collect();
        let has_self = matches!(function.kind, FnKind::Method | FnKind::MutMethod | FnKind::Deinit);
        let self_mode = if function.kind == FnKind::MutMethod { ParamMode::Inout } else { ParamMode::Value };
        let modes = function.params.iter().map(|param| param.mode);
        let modes = has_self.then_some(self_mode).into_iter().chain(modes);
        for (local, mode) in locals.into_iter().zip(modes) {
            self.declare_param(local, param_kind(mode));
        }
    }

    /// Adds a parameter that stands for a HIR local.
    pub fn declare_param(&mut self, local: LocalId, kind: LocalKind) -> Local {
        let name = self.body.locals[local].name;
        let param = self.builder.param(self.types.locals[local], Some(name), kind);
        self.locals.insert(local, param);
        if kind == LocalKind::Inout {
            self.changing.insert(param);
        }
        self.note_referenced(local, param);
        param
    }

    /// Lowers the value and returns it.
    pub fn lower_body(mut self, value: ExprId) -> FunctionId {
        let span = self.body.exprs[value].span;
        self.begin_body();
        if self.ways.is_some() {
            self.lower_limited_body(value, span.shrink_to_end());
        } else {
            match self.init_self {
                Some(_) => self.lower_into(Dest::Nothing, value),
                None => self.lower_into(self.result_dest(), value),
            }
            self.return_result(span.shrink_to_end());
        }
        let function = self.builder.finish();
        self.program.add(function)
    }

    /// Where the function's result goes.
    pub fn result_dest(&self) -> Dest {
        let result = self.builder.function().result_ty();
        if result.is_unit() || result.is_never() { Dest::Nothing } else { Dest::Local(Function::RESULT) }
    }

    /// Leaves the function, whose result has been stored unless it is the `self` of an initialiser.
    pub fn return_result(&mut self, span: Span) {
        self.leave_frames(0, span);
        self.store_init_self(span);
        self.builder.terminate(TerminatorKind::Return, span);
    }

    /// Leaves early what was begun since there were `depth` frames, innermost first: scopes, and blocks with their `defer`s
    /// and variables.
    pub fn leave_frames(&mut self, depth: usize, span: Span) {
        for position in (depth..self.frames.len()).rev() {
            match self.frames[position].clone() {
                Frame::Use(guard, field) => {
                    self.builder.push(StatementKind::InUse(UseStep::End(guard), field), span);
                }
                Frame::Scope(scope) => self.builder.push(StatementKind::ScopeLeave(scope), span),
                Frame::Defer(position) => self.run_deferred(position, span),
                Frame::Block(block) => self.release_variables(block, span),
                Frame::Loop { .. } => {}
            }
        }
    }

    /// The MIR local of a HIR local.
    pub fn local(&mut self, local: LocalId) -> Local {
        if let Some(&known) = self.locals.get(&local) {
            return known;
        }
        let hir::Local { name, kind, .. } = self.body.locals[local];
        let variable = self.builder.variable(self.types.locals[local], Some(name));
        self.keep_until_block_ends(variable);
        if kind == hir::LocalKind::Var {
            self.changing.insert(variable);
        }
        self.locals.insert(local, variable);
        self.note_referenced(local, variable);
        variable
    }

    fn note_referenced(&mut self, local: LocalId, as_mir: Local) {
        if self.types.referenced.contains(&local) {
            self.referenced.insert(as_mir);
        }
    }

    /// The type of an expression.
    pub fn ty(&self, expr: ExprId) -> Ty {
        self.types.exprs[expr]
    }

    /// Where an expression stands.
    pub fn span(&self, expr: ExprId) -> Span {
        self.body.exprs[expr].span
    }

    /// The type of an operand.
    pub fn operand_ty(&self, operand: &Operand) -> Ty {
        self.builder.function().operand_ty(self.program.definitions(), operand)
    }

    /// The type of a place.
    pub fn place_ty(&self, place: &Place) -> Ty {
        self.builder.function().place_ty(self.program.definitions(), place)
    }

    /// A new temporary that holds the value of `operand` from now on.
    pub fn keep(&mut self, operand: Operand, span: Span) -> Operand {
        let ty = self.operand_ty(&operand);
        Operand::Use(self.builder.assign_temp(ty, Rvalue::Use(operand), span).into())
    }

    /// The place that an operand reads; of a constant a new temporary.
    pub fn operand_place(&mut self, operand: Operand, span: Span) -> Place {
        match operand {
            Operand::Use(place) => place,
            constant => {
                let ty = self.operand_ty(&constant);
                self.builder.assign_temp(ty, Rvalue::Use(constant), span).into()
            }
        }
    }

    /// Stores a value where it goes. One that is dropped is still evaluated where that may panic.
    pub fn store(&mut self, dest: Dest, ty: Ty, rvalue: Rvalue, span: Span) {
        match dest {
            Dest::Local(local) => self.builder.assign(local, rvalue, span),
            Dest::Nothing if matches!(rvalue, Rvalue::Use(_)) => {}
            Dest::Nothing => {
                self.builder.assign_temp(ty, rvalue, span);
            }
        }
    }

    /// An `Int`.
    pub fn int(value: i128) -> Operand {
        Operand::Const(Const::Int(value, Ty::int()))
    }
}

/// `self` of an initialiser.
fn init_self(function: &hir::Function, body: &Body) -> Option<LocalId> {
    let is_init_self = |(_, local): &(LocalId, &hir::Local)| local.kind == hir::LocalKind::InitSelf;
    let local = body.locals.iter_enumerated().find(is_init_self).map(|(id, _)| id);
    (function.kind == FnKind::Init).then_some(local).flatten()
}

/// A function without parameters, locals and blocks.
pub(super) fn shell(
    program: &ProgramLowerer<'_>,
    origin: FnId,
    name: String,
    kind: FunctionKind,
    span: Span,
) -> Function {
    let function = program.function(origin);
    Function {
        name,
        origin: Some(origin),
        span,
        kind,
        is_library: function.is_library,
        type_param_count: function.type_params.len() as u32,
        param_count: 0,
        capture_count: 0,
        locals: IndexVec::new(),
        blocks: IndexVec::new(),
        inline_sites: IndexVec::new(),
        deepest: 0,
        effects: Effects::ALL,
        poll: Poll::Ends,
    }
}

/// The type parameters of a function as arguments: what a task body in it is called with.
pub(super) fn identity_args(function: &hir::Function) -> Vec<Ty> {
    let names = function.type_params.iter().map(|param| param.name);
    names
        .enumerate()
        .map(|(position, name): (usize, Symbol)| Ty::new(TyKind::Param(position as u32, name)))
        .collect()
}

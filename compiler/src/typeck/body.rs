//! The state of checking one body, and the order in which it is done.

use plat_syntax::diagnostics::{Diagnostic, Sink};
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use crate::hir::{Body, Expr, ExprId, FnBody, FnId, FnKind, Function, LocalId, LoopId, PatId};
use crate::types::{Ty, TypePrinter};

use super::expect::{Expect, Why};
use super::infer::InferTable;
use super::loops::LoopState;
use super::settle::Pending;
use super::tasks::Exit;
use super::{BodyTypes, Common, Program, captures, init};

/// Checks one body.
pub(super) struct Checker<'a, 's> {
    pub(super) program: &'a Program<'a>,
    pub(super) common: Common,
    pub(super) function: &'a Function,
    pub(super) body: &'a Body,
    pub(super) sink: &'s mut Sink,
    pub(super) infer: InferTable,
    pub(super) types: BodyTypes,
    /// Locals that have a type by now.
    pub(super) locals: IndexVec<LocalId, LocalState>,
    /// The function and the bodies of tasks and closures around the expression, outermost first.
    pub(super) exits: Vec<Exit>,
    /// Loops that are open or done.
    pub(super) loops: IndexVec<LoopId, Option<LoopState>>,
    /// Whether the point that checking has reached cannot be reached by the program.
    pub(super) is_unreachable: bool,
    /// What waits until all types are known.
    pub(super) pending: Pending,
    /// Locals declared without a value.
    pub(super) late_locals: Vec<LocalId>,
    /// Closures given to `move` parameters, which capture as tasks do.
    pub(super) copying_closures: HashSet<ExprId>,
    /// The values of `let`s without a type: a name that could give a function gives one there.
    pub(super) open_values: HashSet<ExprId>,
    /// The final types of those with unknowns, as far as they have been asked for.
    pub(super) final_types: HashMap<Ty, Ty>,
}

/// What is known of a local.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LocalState {
    /// Its type, once its pattern has been met.
    pub(super) ty: Option<Ty>,
    /// How many bodies of tasks and closures enclose its declaration.
    pub(super) task_depth: usize,
    /// The value it was declared with, when its pattern is just its name.
    pub(super) value: Option<ExprId>,
    /// Whether it was declared without a value.
    pub(super) is_late: bool,
    /// Whether it stands for a key of a dict whose values a `for inout` changes.
    pub(super) is_key: bool,
}

impl<'a, 's> Checker<'a, 's> {
    /// Checks a function or default value.
    pub(super) fn check_function(
        program: &'a Program<'a>,
        id: FnId,
        body: &'a Body,
        sink: &'s mut Sink,
    ) -> BodyTypes {
        let mut checker = Self::new(program, id, body, sink);
        let result = match checker.function.kind {
            FnKind::Init => checker.common.unit,
            _ => checker.function.result.ty,
        };
        checker.bind_params();
        checker.exits.push(Exit::function(result, id));
        if let Some(value) = body.value {
            checker.check_body(value, result, Why::Result(id));
        }
        checker.finish()
    }

    /// Checks the value of a constant that does not declare its type, and returns that too.
    pub(super) fn check_const(program: &'a Program<'a>, id: FnId, sink: &'s mut Sink) -> (BodyTypes, Ty) {
        let FnBody::Plat(body) = &program.function(id).body else {
            return (BodyTypes::default(), program.common.error);
        };
        let mut checker = Self::new(program, id, body, sink);
        let Some(value) = body.value else { return (checker.finish(), program.common.error) };
        checker.exits.push(Exit::function(program.common.error, id));
        checker.infer(value, Expect::Nothing);
        let types = checker.finish();
        let ty = types.exprs[value];
        (types, ty)
    }

    fn new(program: &'a Program<'a>, id: FnId, body: &'a Body, sink: &'s mut Sink) -> Self {
        let error = program.common.error;
        let types = BodyTypes {
            exprs: IndexVec::filled(body.exprs.len(), error),
            pats: IndexVec::filled(body.pats.len(), error),
            locals: IndexVec::filled(body.locals.len(), error),
            ..BodyTypes::default()
        };
        Self {
            program,
            common: program.common,
            function: program.function(id),
            body,
            sink,
            infer: InferTable::default(),
            types,
            locals: IndexVec::filled(body.locals.len(), LocalState::default()),
            exits: Vec::new(),
            loops: IndexVec::filled(body.loop_count as usize, None),
            is_unreachable: false,
            pending: Pending::default(),
            late_locals: Vec::new(),
            copying_closures: HashSet::default(),
            open_values: HashSet::default(),
            final_types: HashMap::default(),
        }
    }

    /// Gives `self` and the parameters their types.
    fn bind_params(&mut self) {
        let function = self.function;
        let has_self = function.kind != FnKind::Static;
        let this = self.program.definitions().self_type(function).filter(|_| has_self);
        let types = this.into_iter().chain(function.params.iter().map(|param| param.ty.ty));
        for (&local, ty) in self.body.params.iter().zip(types) {
            self.locals[local].ty = Some(ty);
        }
    }

    /// Checks the value of a body. What a body of type `Unit` ends with is dropped.
    pub(super) fn check_body(&mut self, value: ExprId, result: Ty, why: Why) {
        if self.infer.shallow(result).is_unit() {
            self.drop_value(value);
        } else {
            self.check(value, result, why);
        }
    }

    fn finish(mut self) -> BodyTypes {
        self.settle();
        let found = init::check(&self, &self.late_locals);
        found.diagnostics.into_iter().for_each(|diagnostic| self.sink.emit(diagnostic));
        self.types.completions = found.completions;
        captures::check(&mut self);
        self.check_shared_values();
        self.check_scopes();
        self.types
    }

    /// The expression with this id.
    pub(super) fn expr(&self, id: ExprId) -> &'a Expr {
        &self.body.exprs[id]
    }

    /// Where the expression stands.
    pub(super) fn span(&self, id: ExprId) -> Span {
        self.body.exprs[id].span
    }

    /// Where the pattern stands.
    pub(super) fn pat_span(&self, id: PatId) -> Span {
        self.body.pats[id].span
    }

    /// The name of a local.
    pub(super) fn local_name(&self, id: LocalId) -> Symbol {
        self.body.locals[id].name
    }

    /// The type as a program would write it, literals at their defaults.
    pub(super) fn show(&self, ty: Ty) -> String {
        TypePrinter::new(self.program.definitions(), self.infer.with_defaults(ty)).to_string()
    }

    /// Reports a mistake.
    pub(super) fn emit(&mut self, diagnostic: Diagnostic) {
        self.sink.emit(diagnostic);
    }

    /// Reports a mistake in an expression, whose type is then wrong.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Ty {
        self.sink.emit(diagnostic);
        self.common.error
    }

    /// How many bodies of tasks and closures enclose the point that checking has reached.
    pub(super) fn task_depth(&self) -> usize {
        self.exits.len().saturating_sub(1)
    }
}

//! Constants: what the compiler knows the value of is put where it is used; others are results of tasks that compute them once.

use std::rc::Rc;

use plat_abi::functions::RuntimeFn;
use plat_syntax::index::IndexVec;
use plat_syntax::source::Span;

use super::ProgramLowerer;
use super::function::{Dest, FunctionLowerer, shell};
use crate::bug;
use crate::hir::{self, Body, ConstId, ExprId, ExprKind, FnId, Literal, Sign};
use crate::mir::builder::Builder;
use crate::mir::typing::field_tys;
use crate::mir::{
    Argument, Callee, Const, Function, FunctionId, FunctionKind, Operand, Place, Rvalue, StatementKind,
    TerminatorKind,
};
use crate::typeck::values::{Known, Value, literal_value};
use crate::types::{Ty, TyKind};

/// The expressions of a body that are constants as they stand.
pub(super) type Folded = Rc<IndexVec<ExprId, Option<Const>>>;

impl FunctionLowerer<'_, '_> {
    /// The value of an expression that is a constant as it stands.
    pub fn constant(&self, expr: ExprId) -> Option<Const> {
        if self.types.conversions.contains_key(&expr) { None } else { self.own_constant(expr) }
    }

    /// The value of an expression that is a constant before it becomes a value of an interface's type.
    pub fn own_constant(&self, expr: ExprId) -> Option<Const> {
        self.folded[expr].clone()
    }

    /// A constant by name.
    pub fn lower_const(&mut self, dest: Dest, id: ConstId, span: Span) {
        let function = self.program.definitions().consts[id].value;
        let ty = self.program.result_ty(function);
        if let Some(value) = self.program.const_value(id) {
            let rvalue = self.value(value, ty, span);
            return self.store(dest, ty, rvalue, span);
        }
        let body = Callee::GenericBody(self.program.const_task(id), Vec::new());
        let task = Place::from(self.builder.temp(Ty::new(TyKind::Task(ty))));
        self.builder.push(StatementKind::Global { target: task.clone(), body }, span);
        let args = vec![Argument::Value(Operand::Use(task.clone()))];
        self.builder.call(None, Callee::Runtime(RuntimeFn::task_await), args, span);
        if !ty.is_unit() {
            self.store(dest, ty, Rvalue::TaskResult(task), span);
        }
    }

    /// What makes a known value.
    pub fn value(&mut self, value: &Value, ty: Ty, span: Span) -> Rvalue {
        let Value::Aggregate(variant, fields) = value else {
            return Rvalue::Use(Operand::Const(scalar(value, ty)));
        };
        let tys = field_tys(self.program.definitions(), ty, *variant).unwrap_or_default();
        let operands = fields.iter().zip(tys).map(|(field, ty)| match self.value(field, ty, span) {
            Rvalue::Use(operand) => operand,
            made => Operand::Use(self.builder.assign_temp(ty, made, span).into()),
        });
        Rvalue::Aggregate(ty, *variant, operands.collect())
    }
}

impl<'a> ProgramLowerer<'a> {
    /// The value of a `const` that needs no running.
    pub fn const_value(&self, id: ConstId) -> Option<&'a Value> {
        self.results.facts().consts[id].as_ref()
    }

    /// What a function without parameters returns, if that needs no running.
    pub fn known_result(&self, id: FnId) -> Option<Value> {
        self.results.body(id)?;
        match self.results.facts().of_function(id) {
            Known::Value(value) => Some(value),
            Known::Panics(..) | Known::Nothing => None,
        }
    }

    /// The task body that computes a constant: it calls its value's function.
    fn const_task(&mut self, id: ConstId) -> FunctionId {
        if let Some(&task) = self.const_tasks.get(&id) {
            return task;
        }
        let hir::Const { name, span, value, .. } = self.definitions().consts[id];
        let ty = self.result_ty(value);
        let shell = shell(self, value, format!("{name}.task"), FunctionKind::TaskBody, span);
        let mut builder = Builder::new(shell, ty);
        let callee = self.callee(value, &[]);
        let has_result = !ty.is_unit() && !ty.is_never();
        builder.call(has_result.then(|| Function::RESULT.into()), callee, Vec::new(), span);
        let end = if ty.is_never() { TerminatorKind::Unreachable } else { TerminatorKind::Return };
        builder.terminate(end, span);
        let task = self.add(builder.finish());
        self.const_tasks.insert(id, task);
        task
    }

    /// The constants among the expressions of a function's body, which its tasks share.
    pub fn folded(&mut self, id: FnId, body: &Body) -> Folded {
        if let Some(folded) = &self.folded {
            return Rc::clone(folded);
        }
        let types = self.types(id);
        let known = self.results.facts().of_body(body, types);
        let constants = known.iter_enumerated().map(|(expr, known)| match known {
            Known::Value(Value::Aggregate(..)) | Known::Panics(..) | Known::Nothing => None,
            // Text that a function puts together is not worth a copy in the program of every result.
            Known::Value(Value::String(_)) if !is_text(&body.exprs[expr].kind) => None,
            Known::Value(value) => Some(scalar(value, types.exprs[expr])),
        });
        let folded = Folded::new(constants.collect());
        self.folded = Some(Rc::clone(&folded));
        folded
    }
}

fn is_text(expr: &ExprKind) -> bool {
    matches!(expr, ExprKind::Literal(_) | ExprKind::Const(_))
}

/// A value that is not made of others, of this type.
pub(super) fn scalar(value: &Value, ty: Ty) -> Const {
    match *value {
        Value::Bool(value) => Const::Bool(value),
        Value::Int(value) => Const::Int(value, ty),
        Value::Float(value) => Const::Float(value, ty),
        Value::Char(value) => Const::Char(value),
        Value::String(text) => Const::String(text),
        Value::Aggregate(..) => bug!("{value:?} has parts"),
    }
}

/// The value of a literal with its sign, of a type that its context decided.
pub(super) fn literal_const(literal: &Literal, sign: Sign, ty: Ty) -> Const {
    match literal_value(literal, sign, ty) {
        Some(value) => scalar(&value, ty),
        None => bug!("{literal:?} of type {ty:?} was not checked"),
    }
}

//! What is stored, passed and tested has the type that is expected there.

use super::{Context, Phase, Report};
use crate::hir::ParamMode;
use crate::mir::typing::field_tys;
use crate::mir::{
    Argument, BinaryOp, Callee, Capture, Closure, Function, Glue, LocalKind, Operand, Place, Rvalue,
    StatementKind, Storage, TerminatorKind,
};
use crate::types::{FnSig, Ty, TyKind, TypePrinter};

pub(super) fn check(context: &Context<'_>, report: &mut Report<'_>) {
    let function = report.function;
    let checker = Checker { context, function };
    for (id, block) in function.blocks.iter_enumerated() {
        for (position, statement) in block.statements.iter().enumerate() {
            report.at(id, position);
            checker.check_statement(report, &statement.kind);
        }
        report.at(id, block.statements.len());
        checker.check_terminator(report, &block.terminator.kind);
    }
}

struct Checker<'a> {
    context: &'a Context<'a>,
    function: &'a Function,
}

impl Checker<'_> {
    fn place_ty(&self, place: &Place) -> Ty {
        self.function.place_ty(self.context.definitions, place)
    }

    fn operand_ty(&self, operand: &Operand) -> Ty {
        self.function.operand_ty(self.context.definitions, operand)
    }

    fn argument_ty(&self, argument: &Argument) -> Ty {
        match argument {
            Argument::Value(operand) => self.operand_ty(operand),
            Argument::Place(place) => self.place_ty(place),
        }
    }

    fn expect(&self, report: &mut Report<'_>, what: &str, expected: Ty, found: Ty) {
        // Whether a function value can be shared is the type checker's business.
        report.require(expected.without_sharing() == found.without_sharing(), || {
            let name = |ty| TypePrinter::new(self.context.definitions, ty).to_string();
            format!("{what}: expected {}, found {}", name(expected), name(found))
        });
    }

    fn expect_int(&self, report: &mut Report<'_>, what: &str, operand: &Operand) {
        self.expect(report, what, Ty::int(), self.operand_ty(operand));
    }

    fn check_statement(&self, report: &mut Report<'_>, kind: &StatementKind) {
        match kind {
            StatementKind::Assign(place, rvalue) | StatementKind::Init(place, rvalue) => {
                self.check_rvalue(report, rvalue);
                if report.violations.is_empty() {
                    let value = self.function.rvalue_ty(self.context.definitions, rvalue);
                    self.expect(report, "stored value", self.place_ty(place), value);
                }
            }
            StatementKind::Call { target, callee, args } => {
                self.check_call(report, target.as_ref(), callee, args);
            }
            StatementKind::SetLength(place, length) => {
                self.check_buffer(report, place);
                self.expect_int(report, "length", length);
            }
            StatementKind::MoveElements { source, from, target, to, count } => {
                self.check_buffer(report, source);
                self.expect(report, "target of moved elements", self.place_ty(source), self.place_ty(target));
                self.expect_int(report, "index of the source", from);
                self.expect_int(report, "index of the target", to);
                self.expect_int(report, "count", count);
            }
            StatementKind::CheckIndex { index, length } => {
                self.expect_int(report, "index", index);
                self.expect_int(report, "length", length);
            }
            StatementKind::Spawn { target, body, captures, .. } => {
                self.check_spawn(report, target, body, captures);
            }
            StatementKind::Global { target, body } => self.check_spawn(report, target, body, &[]),
            StatementKind::Defer { body, captures, .. } => {
                let args: Vec<_> = captures.iter().cloned().map(Argument::Place).collect();
                self.check_call(report, None, body, &args);
            }
            StatementKind::Release(_)
            | StatementKind::Disarm(_)
            | StatementKind::Shield { .. }
            | StatementKind::Unshield(_)
            | StatementKind::Touch(_)
            | StatementKind::Poll(_)
            | StatementKind::KeepAlive(_)
            | StatementKind::InUse(..)
            | StatementKind::Forget(_)
            | StatementKind::Share(_)
            | StatementKind::Withdraw { .. }
            | StatementKind::ScopeEnter(_)
            | StatementKind::ScopeExit(_)
            | StatementKind::ScopeLeave(_) => {}
        }
    }

    fn check_terminator(&self, report: &mut Report<'_>, kind: &TerminatorKind) {
        match kind {
            TerminatorKind::Branch(condition, ..) => {
                self.expect(report, "condition", Ty::bool(), self.operand_ty(condition));
            }
            TerminatorKind::Switch(operand, ..) => {
                let ty = self.operand_ty(operand);
                let fits = matches!(ty.kind(), TyKind::Int(_) | TyKind::Char | TyKind::Bool);
                report.require(fits, || format!("switch on {ty:?}"));
            }
            TerminatorKind::Goto(_) | TerminatorKind::Return | TerminatorKind::Unreachable => {}
        }
    }

    fn check_buffer(&self, report: &mut Report<'_>, place: &Place) {
        let ty = self.place_ty(place);
        report.require(matches!(ty.kind(), TyKind::Buffer(_)), || format!("{ty:?} is no buffer"));
    }

    fn check_rvalue(&self, report: &mut Report<'_>, rvalue: &Rvalue) {
        match rvalue {
            Rvalue::Binary(BinaryOp::Shl | BinaryOp::Shr, _, right)
            | Rvalue::Wrapping(BinaryOp::Shl | BinaryOp::Shr, _, right) => {
                let ty = self.operand_ty(right);
                report.require(matches!(ty.kind(), TyKind::Int(_)), || format!("shift by {ty:?}"));
            }
            Rvalue::BitPair(op, left, right) => {
                let (left, right) = (self.operand_ty(left), self.operand_ty(right));
                let fits =
                    [left, right].iter().all(|ty| matches!(ty.kind(), TyKind::Int(_) | TyKind::Param(..)));
                report.require(fits, || format!("{op:?} of {left:?} and {right:?}"));
            }
            Rvalue::Binary(_, left, right)
            | Rvalue::Wrapping(_, left, right)
            | Rvalue::MultiplyFolded(left, right)
            | Rvalue::Overflows(_, left, right) => {
                self.expect(report, "right side", self.operand_ty(left), self.operand_ty(right));
            }
            Rvalue::Aggregate(ty, variant, operands) => {
                self.check_aggregate(report, *ty, *variant, operands);
            }
            Rvalue::Discriminant(place) => {
                let ty = self.place_ty(place);
                report.require(matches!(ty.kind(), TyKind::Enum(..)), || format!("{ty:?} is no enum"));
            }
            Rvalue::IsUnique(place) if self.place_ty(place).as_interface().is_some() => {}
            Rvalue::Capacity(place) | Rvalue::IsUnique(place) => self.check_buffer(report, place),
            Rvalue::Interface(ty, _) => {
                report.require(ty.as_interface().is_some(), || format!("{ty:?} is no interface"));
            }
            Rvalue::Length(place) => {
                let ty = self.place_ty(place);
                let fits = matches!(ty.kind(), TyKind::Buffer(_) | TyKind::String);
                report.require(fits, || format!("{ty:?} has no length"));
            }
            Rvalue::TaskResult(place) => {
                let ty = self.place_ty(place);
                report.require(matches!(ty.kind(), TyKind::Task(_)), || format!("{ty:?} is no task"));
            }
            Rvalue::Weaken(place) | Rvalue::Identity(place) => {
                let ty = self.place_ty(place);
                report.require(matches!(ty.kind(), TyKind::Class(..) | TyKind::Param(..)), || {
                    format!("{ty:?} is no object")
                });
            }
            Rvalue::Upgrade(place, _) => {
                let ty = self.place_ty(place);
                report.require(matches!(ty.kind(), TyKind::Weak(_)), || format!("{ty:?} is not weak"));
            }
            Rvalue::Closure(closure) => self.check_closure(report, closure),
            Rvalue::NewBuffer(_, capacity) => self.expect_int(report, "capacity", capacity),
            Rvalue::Use(_)
            | Rvalue::Unary(..)
            | Rvalue::Cast(..)
            | Rvalue::Fits(..)
            | Rvalue::Float(..)
            | Rvalue::Bits(..)
            | Rvalue::IsManaged(_)
            | Rvalue::Reinterpret(..) => {}
        }
    }

    fn check_aggregate(
        &self,
        report: &mut Report<'_>,
        ty: Ty,
        variant: Option<crate::hir::VariantId>,
        operands: &[Operand],
    ) {
        let Some(fields) = field_tys(self.context.definitions, ty, variant) else {
            report.violation(format!("{ty:?} has no fields"));
            return;
        };
        report.require(fields.len() == operands.len(), || {
            format!("{} fields for a type that has {}", operands.len(), fields.len())
        });
        for (field, operand) in fields.into_iter().zip(operands) {
            self.expect(report, "field", field, self.operand_ty(operand));
        }
    }

    fn check_call(
        &self,
        report: &mut Report<'_>,
        target: Option<&Place>,
        callee: &Callee,
        args: &[Argument],
    ) {
        let Some((params, result)) = self.signature(callee) else {
            if let Callee::Runtime(function) = callee {
                let expected = function.parameters().len();
                report.require(args.len() == expected, || format!("{} takes {expected}", function.name()));
            }
            return;
        };
        report.require(params.len() == args.len(), || {
            format!("{} arguments for {} parameters of {callee:?}", args.len(), params.len())
        });
        for (param, argument) in params.into_iter().zip(args) {
            let is_place = matches!(argument, Argument::Place(_));
            report.require(is_place == param.is_place, || {
                format!("wrong way to pass an argument to {callee:?}")
            });
            self.expect(report, "argument", param.ty, self.argument_ty(argument));
        }
        if let Some(target) = target {
            self.expect(report, "result", self.place_ty(target), result);
        }
    }

    fn check_closure(&self, report: &mut Report<'_>, closure: &Closure) {
        let (Some((params, result)), Some(signature)) =
            (self.signature(&closure.body), closure.ty.signature())
        else {
            return report.violation("makes a closure of what is none");
        };
        let own = closure.captures.len();
        report.require(params.len() == own + signature.modes().len(), || {
            "wrong number of parameters".to_owned()
        });
        for (param, capture) in params.iter().zip(&closure.captures) {
            let (ty, is_place) = match capture {
                Capture::Value(operand) => (self.operand_ty(operand), false),
                Capture::Owned(operand) => (self.operand_ty(operand), true),
                Capture::Place(place) => (self.place_ty(place), true),
            };
            let fits_storage = match capture {
                Capture::Value(_) => true,
                Capture::Place(_) => self.context.phase != Phase::Owned || closure.storage == Storage::Frame,
                Capture::Owned(_) => closure.storage == Storage::Heap,
            };
            report.require(is_place == param.is_place && fits_storage, || "wrong way to capture".to_owned());
            self.expect(report, "capture", param.ty, ty);
        }
        for (param, (mode, ty)) in params.iter().skip(own).zip(signature.params()) {
            report.require(param.is_place == (mode == ParamMode::Inout), || {
                "wrong mode of a parameter".to_owned()
            });
            self.expect(report, "parameter of a function value", ty, param.ty);
        }
        self.expect(report, "result of a function value", signature.result(), result);
    }

    fn check_spawn(&self, report: &mut Report<'_>, target: &Place, body: &Callee, captures: &[Operand]) {
        let Some((params, result)) = self.signature(body) else {
            report.violation("spawns what is no task body");
            return;
        };
        report.require(params.len() == captures.len(), || "wrong number of captures".to_owned());
        for (param, capture) in params.into_iter().zip(captures) {
            self.expect(report, "capture", param.ty, self.operand_ty(capture));
        }
        self.expect(report, "task", Ty::new(TyKind::Task(result)), self.place_ty(target));
    }

    /// The parameters and the result of what is called; `None` for runtime functions and primitives, which take words.
    fn signature(&self, callee: &Callee) -> Option<(Vec<Param>, Ty)> {
        let mir = self.context.mir;
        match callee {
            Callee::Generic(id, args) => {
                let function = &mir.functions[*self.context.by_origin.get(id)?];
                Some(function_signature(function, args))
            }
            Callee::GenericBody(id, args) => Some(function_signature(mir.functions.get(*id)?, args)),
            Callee::Function(id) => Some(function_signature(mir.functions.get(*id)?, &[])),
            Callee::Value(ty) => Some(value_signature(*ty, ty.signature()?)),
            Callee::Glue(glue, ty) => glue_signature(*glue, *ty),
            Callee::Entry(id) => {
                let entry = mir.entries.get(*id)?;
                let param = |&(kind, ty): &(LocalKind, Ty)| Param { ty, is_place: kind == LocalKind::Inout };
                Some((entry.params.iter().map(param).collect(), entry.result))
            }
            Callee::Runtime(_) | Callee::Primitive(_) => None,
            Callee::Foreign(id) => {
                let function = &self.context.definitions.functions[*id];
                let params = function.params.iter().map(|param| Param { ty: param.ty.ty, is_place: false });
                Some((params.collect(), function.result.ty))
            }
        }
    }
}

struct Param {
    ty: Ty,
    is_place: bool,
}

fn function_signature(function: &Function, args: &[Ty]) -> (Vec<Param>, Ty) {
    let params = function.params().map(|local| {
        let decl = &function.locals[local];
        Param { ty: decl.ty.substitute(args), is_place: decl.kind == LocalKind::Inout }
    });
    (params.collect(), function.result_ty().substitute(args))
}

fn value_signature(ty: Ty, signature: FnSig) -> (Vec<Param>, Ty) {
    let params = signature.params().map(|(mode, ty)| Param { ty, is_place: mode == ParamMode::Inout });
    (std::iter::once(Param { ty, is_place: false }).chain(params).collect(), signature.result())
}

/// `None` where a type of the library that is not known here is involved.
fn glue_signature(glue: Glue, ty: Ty) -> Option<(Vec<Param>, Ty)> {
    let value = |ty| Param { ty, is_place: false };
    Some(match glue {
        Glue::Display => {
            let builder = Param { ty: Ty::string(), is_place: true };
            (vec![builder, value(ty), value(Ty::int())], Ty::unit())
        }
        Glue::Equal | Glue::Same => (vec![value(ty), value(ty)], Ty::bool()),
        Glue::Compare => (vec![value(ty), value(ty)], Ty::int()),
        Glue::Hash | Glue::Encode | Glue::Decode => return None,
    })
}

//! The entry of a program whose `main` may fail: calls `main` and makes an exit code of what it gives.

use plat_syntax::index::{IndexVec, Symbol};

use super::{Context, Lowered, ProgramLowerer};
use crate::bug;
use crate::hir::{FnId, InterfaceRef};
use crate::mir::Effects;
use crate::mir::builder::Builder;
use crate::mir::{Argument, Function, FunctionKind, Operand, Poll, TerminatorKind};
use crate::types::{Head, Ty, TyKind};

/// The entry before `main`, if that gives a `Result`.
pub(super) fn lower(context: &Context<'_>, main: FnId) -> Option<Lowered> {
    let mut program = ProgramLowerer::new(context);
    program.report_failure_of(main).then(|| program.finish())
}

impl ProgramLowerer<'_> {
    fn report_failure_of(&mut self, main: FnId) -> bool {
        let ty = self.result_ty(main);
        let TyKind::Enum(id, args) = *ty.kind() else { return false };
        if Some(id) != self.hir.lang.result {
            return false;
        }
        let exit_code = self.exit_code(args[1]);
        let span = self.function(main).span;
        let shell = Function {
            name: "main".to_owned(),
            origin: None,
            span,
            kind: FunctionKind::Plain,
            is_library: true,
            type_param_count: 0,
            param_count: 0,
            capture_count: 0,
            inline_sites: IndexVec::new(),
            deepest: 0,
            effects: Effects::ALL,
            poll: Poll::Ends,
            locals: IndexVec::new(),
            blocks: IndexVec::new(),
        };
        let mut builder = Builder::new(shell, self.result_ty(exit_code));
        let result = builder.temp(ty);
        let callee = self.callee(main, &[]);
        builder.call(Some(result.into()), callee, Vec::new(), span);
        let callee = self.callee(exit_code, args);
        let args = vec![Argument::Value(Operand::Use(result.into()))];
        builder.call(Some(Function::RESULT.into()), callee, args, span);
        builder.terminate(TerminatorKind::Return, span);
        self.add(builder.finish());
        true
    }

    /// The method of `Result` that prints an error of this type: with what caused it, if it knows.
    fn exit_code(&self, error: Ty) -> FnId {
        let name = if self.knows_causes(error) { "exit_code_with_causes" } else { "exit_code" };
        let members = self.hir.lang.result.map(|id| &self.definitions().enums[id].members[..]);
        let name = Symbol::intern(name);
        let mut members = members.unwrap_or_default().iter();
        let method = members.find(|&&member| self.function(member).name == name);
        *method.unwrap_or_else(|| bug!("Result has no {name}"))
    }

    fn knows_causes(&self, ty: Ty) -> bool {
        let (definitions, Some(error)) = (self.definitions(), self.hir.lang.error) else { return false };
        match (ty.as_interface(), Head::of(ty)) {
            (Some(interface), _) => {
                definitions.with_supers(interface, ty).contains(&InterfaceRef::plain(error))
            }
            (None, Some(head)) => definitions.implementations.explicit(head, error).next().is_some(),
            (None, None) => false,
        }
    }
}

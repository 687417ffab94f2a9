//! Calls of interfaces' methods, once the type that has the interface is known.
//!
//! Such a call becomes one of the type's method, of the interface's default, or of what is generated for the type's
//! structure. The other way round, an implementation of an interface that types have by structure replaces what would
//! be generated.

use plat_abi::layout::FormatSpec;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::Mono;
use crate::bug;
use crate::hir::{FnKind, Implementing, InterfaceId, Owner, Structural};
use crate::mir::{Argument, Callee, Const, Function, Glue, Operand, Place, Rvalue, Statement, StatementKind};
use crate::types::{Head, Ty};

impl Mono<'_> {
    /// The statement with an interface's method that it calls replaced by what does it.
    pub(super) fn resolve_interface(
        &mut self,
        function: &mut Function,
        statement: Statement,
        into: &mut Vec<Statement>,
    ) -> Statement {
        let StatementKind::Call { target, callee: Callee::Generic(method, type_args), args } =
            &statement.kind
        else {
            return statement;
        };
        let definitions = &self.hir.definitions;
        let asked = &definitions.functions[*method];
        let Some(Owner::Interface(interface)) = asked.owner else { return statement };
        let (target, mut args, span) = (target.clone(), args.clone(), statement.span);
        let kind = match definitions.implementing(*method, interface, type_args) {
            Implementing::Function(found, type_args) => {
                let given = &definitions.functions[found];
                if let (FnKind::MutMethod, FnKind::Method) = (asked.kind, given.kind) {
                    pass_by_value(&mut args);
                }
                StatementKind::Call { target, callee: Callee::Generic(found, type_args), args }
            }
            Implementing::Structure => {
                self.call_structure(function, interface, type_args[0], Call { target, args, span }, into)
            }
        };
        Statement { kind, ..statement }
    }

    /// What a type's structure does where no implementation says what to do.
    fn call_structure(
        &mut self,
        function: &mut Function,
        interface: InterfaceId,
        ty: Ty,
        call: Call,
        into: &mut Vec<Statement>,
    ) -> StatementKind {
        let Call { target, args, span } = call;
        let glue = match self.hir.lang.structural(interface) {
            Some(Structural::Eq) => Glue::Equal,
            Some(Structural::Ord) => Glue::Compare,
            Some(Structural::Hash) => Glue::Hash,
            Some(Structural::Display) => {
                return self.display(function, ty, Call { target, args, span }, into);
            }
            other => bug!(span, "{ty:?} does not have {other:?} by its structure"),
        };
        StatementKind::Call { target, callee: Callee::Glue(glue, ty), args }
    }

    /// `value.display()` by structure: appended to an empty text.
    fn display(
        &mut self,
        function: &mut Function,
        ty: Ty,
        call: Call,
        into: &mut Vec<Statement>,
    ) -> StatementKind {
        let Call { target, mut args, span } = call;
        let text = function.add_temp(Ty::string());
        let empty = Rvalue::Use(Operand::Const(Const::String(Symbol::intern(""))));
        into.push(Statement { kind: StatementKind::Assign(text.into(), empty), span, site: None });
        args.insert(0, Argument::Place(text.into()));
        args.push(Argument::Value(Operand::Const(Const::Format(FormatSpec::default()))));
        let kind = StatementKind::Call { target: None, callee: Callee::Glue(Glue::Display, ty), args };
        self.resolve_statement(function, Statement { kind, span, site: None }, into);
        let target = target.unwrap_or_else(|| function.add_temp(Ty::string()).into());
        StatementKind::Assign(target, Rvalue::Use(Operand::Use(text.into())))
    }

    /// The method that does `glue` for the type, if an implementation replaces what would be generated. Display always is
    /// generated: it puts the text that the method gives into the format.
    pub(super) fn replaced_glue(&self, glue: Glue, ty: Ty) -> Option<Callee> {
        if glue == Glue::Display {
            return None;
        }
        let definitions = &self.hir.definitions;
        let interface = self.hir.lang.interface(glue.structural())?;
        definitions.implementations.explicit(Head::of(ty)?, interface).next()?;
        let method = *definitions.interfaces[interface].members.first()?;
        match definitions.implementing(method, interface, &[ty]) {
            Implementing::Function(found, type_args) => Some(Callee::Generic(found, type_args)),
            Implementing::Structure => None,
        }
    }
}

/// A call that is being replaced.
struct Call {
    target: Option<Place>,
    args: Vec<Argument>,
    span: Span,
}

/// The receiver as a value: the interface allows the method to change it, this one does not.
fn pass_by_value(args: &mut [Argument]) {
    if let Some(first) = args.first_mut()
        && let Argument::Place(place) = first
    {
        *first = Argument::Value(Operand::Use(place.clone()));
    }
}

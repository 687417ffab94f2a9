//! Calls of interfaces' methods, once the type that has the interface is known.
//!
//! Such a call becomes one of the type's method, of the interface's default, or of what is generated for the type's
//! structure. The other way round, an implementation of an interface that types have by structure replaces what would
//! be generated.

use plat_abi::layout::FormatSpec;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::{Instance, Mono, names};
use crate::bug;
use crate::hir::{FnId, FnKind, Implementing, InterfaceId, InterfaceRef, Owner, Structural};
use crate::mir::typing::{param_kind, self_kind};
use crate::mir::{
    Argument, Callee, Const, Entry, EntryId, Function, Glue, Operand, Place, Rvalue, Statement,
    StatementKind, Table,
};
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
            Implementing::Table(number) => {
                let entry = self.entry(*method, type_args, number);
                StatementKind::Call { target, callee: Callee::Entry(entry), args }
            }
            Implementing::Instance(interface) => {
                let Some(number) = self.generic_entry(*method, interface, type_args) else {
                    return statement;
                };
                let entry = self.entry(*method, type_args, number);
                StatementKind::Call { target, callee: Callee::Entry(entry), args }
            }
        };
        Statement { kind, ..statement }
    }

    /// The entry of this number in the tables of values of the interface's type that is `Self` among the type arguments.
    fn entry(&mut self, method: FnId, type_args: &[Ty], number: u32) -> EntryId {
        let (definitions, this) = (&self.hir.definitions, type_args[0]);
        let asked = &definitions.functions[method];
        let entries = &mut self.entries;
        *self.entry_ids.entry((this, number)).or_insert_with(|| {
            let params = asked.params.iter();
            let params = params.map(|param| (param_kind(param.mode), param.ty.ty.substitute(type_args)));
            entries.push(Entry {
                interface: this,
                number,
                name: names::method_name(definitions, this, method),
                params: std::iter::once((self_kind(asked.kind), this)).chain(params).collect(),
                result: asked.result.ty.substitute(type_args),
            })
        })
    }

    /// The number in tables of an instance of a generic method, which all tables of the interface's type get on its first
    /// call. `None` after an error.
    fn generic_entry(&mut self, method: FnId, interface: InterfaceRef, type_args: &[Ty]) -> Option<u32> {
        let as_ty = type_args[0];
        let known = as_ty.as_interface()?;
        let first = self.hir.definitions.table(known).len();
        let own = self.hir.definitions.interfaces[interface.id].type_params.len();
        let instance = TableMethod { interface, method, args: type_args[own..].to_vec() };
        let instances = self.generic_entries.entry(as_ty).or_default();
        if let Some(position) = instances.iter().position(|known| *known == instance) {
            return Some((first + position) as u32);
        }
        instances.push(instance.clone());
        let position = instances.len() - 1;
        for at in 0..self.tables.len() {
            let Table { interface, ty, .. } = self.tables[at];
            if interface == as_ty {
                let function = self.request(Instance::Method(as_ty, instance.clone(), ty))?;
                self.tables[at].methods.push(function);
            }
        }
        Some((first + position) as u32)
    }

    /// Asks for the tables of the values of interfaces' types that the function makes.
    pub(super) fn request_tables(&mut self, function: &Function) {
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let StatementKind::Assign(_, Rvalue::Interface(interface, operand))
            | StatementKind::Init(_, Rvalue::Interface(interface, operand)) = &statement.kind
            {
                self.request_table(*interface, function.operand_ty(&self.hir.definitions, operand));
            }
        }
    }

    fn request_table(&mut self, as_ty: Ty, ty: Ty) {
        let Some(interface) = as_ty.as_interface() else { return };
        if !self.has_table.insert((as_ty, ty)) {
            return;
        }
        self.check_ty(ty);
        let entries = self.hir.definitions.table(interface).into_iter();
        let entries = entries.map(|(interface, method)| TableMethod { interface, method, args: Vec::new() });
        let generic = self.generic_entries.get(&as_ty).cloned().unwrap_or_default();
        let methods: Option<Vec<_>> =
            entries.chain(generic).map(|method| self.request(Instance::Method(as_ty, method, ty))).collect();
        // Otherwise there was an error, and the MIR is not used.
        if let Some(methods) = methods {
            self.tables.push(Table { interface: as_ty, ty, methods });
        }
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
            Some(Structural::Encode) => Glue::Encode,
            Some(Structural::Decode) => Glue::Decode,
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
            Implementing::Structure | Implementing::Table(_) | Implementing::Instance(_) => None,
        }
    }
}

/// A method in the tables of an interface's type: of that interface or one that it extends, with type arguments of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::passes) struct TableMethod {
    /// The interface it belongs to.
    pub(in crate::passes) interface: InterfaceRef,
    /// The method.
    pub(in crate::passes) method: FnId,
    /// Its own type arguments.
    pub(in crate::passes) args: Vec<Ty>,
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

//! Calls of methods.

use plat_syntax::diagnostics::Diagnostic;

use crate::hir::{AggregateId, Arg, ExprId, FnId, FnKind, MethodSource, Name, TypeRef};
use crate::types::{Ty, TyKind};

use super::CallTarget;
use super::body::Checker;
use super::errors::calls as errors;
use super::errors::{interfaces, types};
use super::expect::Expect;
use super::lookup::FoundMember;
use super::places::PlaceUse;

impl Checker<'_, '_> {
    /// `receiver.name(…)`
    pub(super) fn infer_method_call(
        &mut self,
        id: ExprId,
        receiver: ExprId,
        name: Name,
        written: &[TypeRef],
        args: &[Arg],
        expect: Expect,
    ) -> Ty {
        let ty = self.infer_known(receiver);
        if ty == self.common.error || ty.is_never() {
            self.infer_arguments(args);
            return ty;
        }
        let found = match self.find_member(ty, name) {
            Ok(found) => found,
            Err(others) => {
                if others.is_empty()
                    && let Some((field, signature)) = self.function_field(ty, name)
                {
                    let target = CallTarget::Field(field);
                    return self.call_signature(id, signature, name.symbol, target, args, expect);
                }
                self.infer_arguments(args);
                return self.no_method(receiver, ty, name, &others);
            }
        };
        let method = found.function;
        if self.is_for_select_alone(method) && !self.is_of_select(receiver, name) {
            self.infer_arguments(args);
            return self.no_method(receiver, ty, name, &[]);
        }
        let kind = self.program.function(method).kind;
        if kind == FnKind::Static {
            self.infer_arguments(args);
            let ty = self.show(ty);
            return self.fail(errors::function_on_value(name, &ty));
        }
        if ty.as_interface().is_some() {
            self.check_hidden_override(&found, name);
        }
        let type_args = self.type_args_of_fn(method, written, name.span);
        self.unify_owner(&found, &type_args, ty);
        let changed = (kind == FnKind::MutMethod).then_some(receiver);
        if changed.is_some() {
            self.require_place(receiver, PlaceUse::Receiver(name.symbol));
        }
        self.call_function(id, method, type_args, args, expect, changed)
    }

    /// A default that names `Self` is, for a value of the interface's type, the interface's: no type of the program may do it
    /// in another way. The library's types do the same in a faster way.
    fn check_hidden_override(&mut self, found: &FoundMember, name: Name) {
        let definitions = self.program.definitions();
        let Some(interface) = found.interface else { return };
        if definitions.bound_only_reason(found.function).is_none() {
            return;
        }
        let members = &definitions.interfaces[interface.id].members;
        let Some(position) = members.iter().position(|&member| member == found.function) else { return };
        let all = definitions.implementations.of_interface(interface.id).filter(|it| !it.is_library);
        let mut own = all.filter_map(|it| match it.methods[position] {
            MethodSource::Own(own) => Some((it.target, own)),
            MethodSource::Inherited(..) | MethodSource::Default => None,
        });
        if let Some((target, own)) = own.next() {
            let span = definitions.functions[own].span;
            let (ty, interface) = (self.show(target), definitions.interfaces[interface.id].name);
            self.emit(interfaces::hidden_override(name, interface.as_str(), &ty, span));
        }
    }

    /// Says which of the program's interfaces would give the type such a method.
    fn note_interfaces(&self, diagnostic: Diagnostic, name: Name, shown: &str) -> Diagnostic {
        let definitions = self.program.definitions();
        let has_it = |&member: &FnId| definitions.functions[member].name == name.symbol;
        let interfaces = definitions.interfaces.iter().filter(|it| !it.is_library);
        let interfaces = interfaces.filter(|it| it.type_params.len() == 1 && it.members.iter().any(&has_it));
        let names: Vec<_> = interfaces.map(|interface| interface.name.as_str()).collect();
        match names[..] {
            [] => diagnostic,
            _ => errors::note_interfaces(diagnostic, name, shown, &names),
        }
    }

    /// Whether only a `select` may call the function, and the library: it counts on what `resolve` makes around the call.
    pub(super) fn is_for_select_alone(&self, id: FnId) -> bool {
        let function = self.program.function(id);
        let selector = self.program.hir.lang.selector;
        let is_step = || {
            let name = function.name.as_str();
            let member = selector.and_then(|it| self.program.definitions().member_of_struct(it, name));
            function.kind == FnKind::Static && member == Some(id)
        };
        function.is_library
            && !self.function.is_library
            && (function.name.as_str() == "select_send" || is_step())
    }

    /// Whether the receiver is what an arm of a `select` waits for: `resolve` has put it where the name of the operation stands.
    fn is_of_select(&self, receiver: ExprId, name: Name) -> bool {
        self.span(receiver) == name.span
    }

    fn no_method(&mut self, receiver: ExprId, ty: Ty, name: Name, others: &[FnId]) -> Ty {
        let shown = self.show(ty);
        if let Some(&other) = others.first()
            && let Some(target) = self.target_of(other)
        {
            let target = self.show(target);
            return self.fail(errors::method_of_other_instance(name, &shown, &target));
        }
        if let Some(diagnostic) = self.private_member(ty, name, &shown) {
            return self.fail(diagnostic);
        }
        if self.is_of_select(receiver, name) {
            // What adds the arm comes before what gives its result, and one message is enough.
            return match name.symbol.as_str().strip_prefix("select_") {
                // What an arm is to send comes before all.
                Some("value") => self.fail(errors::not_selectable(name, "send", &shown)),
                Some(operation) => self.fail(errors::not_selectable(name, operation, &shown)),
                None => self.common.error,
            };
        }
        let is_method = |kind| matches!(kind, FnKind::Method | FnKind::MutMethod);
        let mut known = self.member_names(ty, is_method);
        known.retain(|known| !known.starts_with("select_") && !known.starts_with("selected_"));
        let mut diagnostic = errors::unknown_method(name, &shown, &known);
        if let Some((id, _)) = AggregateId::of(ty)
            && self.program.members.field(id, name.symbol).is_some()
        {
            diagnostic = errors::note_field(diagnostic, name);
        }
        diagnostic = match *ty.kind() {
            TyKind::Task(result) if !self.members_named(result, name).is_empty() => {
                types::suggest_await(diagnostic, self.span(receiver), self.needs_parentheses(receiver))
            }
            TyKind::Param(_, param) => errors::note_type_parameter(diagnostic, param),
            _ => self.note_interfaces(diagnostic, name, &shown),
        };
        self.fail(diagnostic)
    }
}

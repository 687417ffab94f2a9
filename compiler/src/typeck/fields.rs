//! Fields.

use plat_syntax::source::Span;

use crate::hir::{AggregateId, ExprId, FieldId, Name};
use crate::types::{Head, Ty, TyKind};

use super::body::Checker;
use super::errors::{calls as errors, privacy, types};
use super::expect::Expect;
use super::infer::VarKind;

impl Checker<'_, '_> {
    pub(super) fn infer_field(&mut self, id: ExprId, base: ExprId, name: Name, expect: Expect) -> Ty {
        let found = self.infer_known(base);
        match *found.kind() {
            TyKind::Error => self.common.error,
            TyKind::Never => self.common.never,
            _ => match AggregateId::of(found) {
                Some((aggregate, args)) => self.named_field(id, (aggregate, args), base, name, expect),
                None => self.no_field(id, found, base, name, expect),
            },
        }
    }

    fn named_field(
        &mut self,
        id: ExprId,
        (aggregate, args): (AggregateId, &'static [Ty]),
        base: ExprId,
        name: Name,
        expect: Expect,
    ) -> Ty {
        let found = self.types.exprs[base];
        let Some(field) = self.program.members.field(aggregate, name.symbol) else {
            return self.no_field(id, found, base, name, expect);
        };
        let definitions = self.program.definitions();
        let declaration = &definitions.fields(aggregate)[field];
        if !self.may_use_field(aggregate, declaration) {
            let ty = self.show(found);
            let has_method = self.method_named(found, name);
            let place = self.place_of_field(aggregate, declaration);
            return self.fail(privacy::private_field(name, &ty, has_method, place));
        }
        self.types.fields.insert(id, field);
        declaration.ty.ty.substitute(args)
    }

    /// Whether the type has a method of the name that may be used.
    fn method_named(&self, ty: Ty, name: Name) -> bool {
        let head = Head::of(self.infer.shallow(ty));
        let methods = head.map_or(&[][..], |head| self.program.members.methods(head, name.symbol));
        methods.iter().any(|&method| self.has_access(method))
    }

    fn no_field(&mut self, id: ExprId, found: Ty, base: ExprId, name: Name, expect: Expect) -> Ty {
        if let Some(function) = self.infer_method_value(id, base, found, name, expect) {
            return function;
        }
        let ty = self.show(found);
        if self.method_named(found, name) || self.find_member(found, name).is_ok() {
            return self.fail(errors::method_without_call(name, &ty));
        }
        let known = self.field_names(found);
        let diagnostic = errors::unknown_field(name, &ty, &known);
        let diagnostic = match *self.infer.shallow(found).kind() {
            TyKind::Task(_) => {
                types::suggest_await(diagnostic, self.span(base), self.needs_parentheses(base))
            }
            _ => diagnostic,
        };
        self.fail(diagnostic)
    }

    fn field_names(&self, ty: Ty) -> Vec<&'static str> {
        let Some((id, _)) = AggregateId::of(self.infer.shallow(ty)) else { return Vec::new() };
        let definitions = self.program.definitions();
        let fields = definitions.fields(id).iter();
        let visible = fields.filter(|field| self.may_use_field(id, field));
        visible.map(|field| field.name.as_str()).collect()
    }

    /// The type of an expression whose members are used, so that it must be known by now.
    pub(super) fn infer_known(&mut self, id: ExprId) -> Ty {
        let found = self.infer(id, Expect::Nothing);
        self.known(found, self.span(id))
    }

    /// The type, which must be known by now. A literal takes its default.
    fn known(&mut self, ty: Ty, span: Span) -> Ty {
        self.learn_from_bounds();
        let ty = self.infer.shallow(ty);
        match self.infer.unbound(ty) {
            None => ty,
            Some(VarKind::Any) => {
                self.report_unknown(ty, span);
                self.infer.unify(ty, self.common.error);
                self.common.error
            }
            Some(_) => {
                let default = self.infer.with_defaults(ty);
                self.infer.unify(ty, default);
                default
            }
        }
    }

    pub(super) fn infer_tuple_field(&mut self, id: ExprId, base: ExprId, position: u32, span: Span) -> Ty {
        let found = self.infer_known(base);
        match *found.kind() {
            TyKind::Error => self.common.error,
            TyKind::Never => self.common.never,
            TyKind::Tuple(parts) if (position as usize) < parts.len() => {
                self.types.fields.insert(id, FieldId(position));
                parts[position as usize]
            }
            _ => {
                let ty = self.show(found);
                self.fail(errors::unknown_tuple_field(
                    span,
                    position,
                    &ty,
                    found.parts().len(),
                    matches!(found.kind(), TyKind::Tuple(_)),
                ))
            }
        }
    }
}

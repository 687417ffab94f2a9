//! What a name gives as a function value: functions, variants, initialisers, and methods of a value, which the function holds.
//!
//! A method or variant that is not called is such a value only where a function is expected, and in a `let`: elsewhere it
//! is more likely that the call was forgotten.

use plat_syntax::index::Symbol;

use crate::hir::{AggregateId, EnumId, ExprId, ExprKind, FnId, FnKind, Name, TypeHead, TypeRef, VariantId};
use crate::types::{Sharing, Ty, TyKind};

use super::body::Checker;
use super::errors::{closures as errors, privacy};
use super::expect::Expect;
use super::signature::{Signature, Slot};
use super::{ArgSource, CallTarget, ResolvedCall};

/// The name after a type's dot that stands for its initialiser.
const INIT: &str = "init";

impl Checker<'_, '_> {
    /// Whether a name that could give a function gives one here.
    pub(super) fn may_be_function(&self, id: ExprId, expect: Expect) -> bool {
        self.open_values.contains(&id) || self.expected_function(expect).is_some()
    }

    fn expected_function(&self, expect: Expect) -> Option<Ty> {
        let Expect::Value(expected, _) = expect else { return None };
        let expected = self.infer.shallow(expected);
        expected.signature().map(|_| expected)
    }

    /// What is expected of the result where a function is expected.
    pub(super) fn expected_of_result(&self, expect: Expect) -> Expect {
        match (expect, self.expected_function(expect).and_then(Ty::signature)) {
            (Expect::Value(_, why), Some(signature)) => Expect::Value(signature.result(), why),
            _ => expect,
        }
    }

    /// A function by its name.
    pub(super) fn infer_function_value(
        &mut self,
        id: ExprId,
        function: FnId,
        written: &[TypeRef],
        expect: Expect,
    ) -> Ty {
        let type_args = self.type_args_of_fn(function, written, self.span(id));
        self.function_of(id, function, type_args, expect)
    }

    /// `Type.name`
    pub(super) fn infer_static_fn(&mut self, id: ExprId, head: &TypeHead, name: Name, expect: Expect) -> Ty {
        if name.symbol.as_str() == INIT {
            return self.infer_initialiser(id, head, expect);
        }
        let ty = self.type_of_head(head);
        let found = match self.find_member(ty, name) {
            Ok(found) => found,
            Err(others) => return self.no_static(ty, name, !others.is_empty()),
        };
        if self.program.function(found.function).kind != FnKind::Static {
            let ty = self.show(ty);
            return self.fail(errors::method_as_value(name, &ty));
        }
        let type_args = self.type_args_of_fn(found.function, &[], name.span);
        self.unify_owner(&found, &type_args, ty);
        self.function_of(id, found.function, type_args, expect)
    }

    /// `Type.init`
    fn infer_initialiser(&mut self, id: ExprId, head: &TypeHead, expect: Expect) -> Ty {
        let (aggregate, type_args) = match self.constructed(head, &[]) {
            Ok(constructed) => constructed,
            Err(ty) => return ty,
        };
        match self.program.members.initialiser(aggregate) {
            Some(initialiser) if self.has_access(initialiser) => {
                self.function_of(id, initialiser, type_args, expect)
            }
            Some(initialiser) => {
                let ty = self.show(aggregate.ty(&type_args));
                let place = self.place_of_function(initialiser);
                self.fail(privacy::private_init(head.span, &ty, place))
            }
            None => self.initialiser_from_fields(id, aggregate, type_args, head, expect),
        }
    }

    /// Fields that this body may not use keep their defaults.
    fn initialiser_from_fields(
        &mut self,
        id: ExprId,
        aggregate: AggregateId,
        type_args: Vec<Ty>,
        head: &TypeHead,
        expect: Expect,
    ) -> Ty {
        if let Some(diagnostic) = self.hidden_from_construction(aggregate, &type_args, &[], head.span) {
            return self.fail(diagnostic);
        }
        let signature = self.aggregate_signature(aggregate, &type_args);
        let fields = self.program.definitions().fields(aggregate).iter();
        let visible = fields.map(|field| self.may_use_field(aggregate, field)).collect();
        self.function_value(id, &signature, visible, &type_args, CallTarget::Struct, expect)
    }

    /// A variant with fields that is not called.
    pub(super) fn variant_function(
        &mut self,
        id: ExprId,
        enumeration: EnumId,
        variant: VariantId,
        type_args: &[Ty],
        expect: Expect,
    ) -> Ty {
        let signature = self.variant_signature(enumeration, variant, type_args);
        let all = vec![true; signature.slots.len()];
        self.function_value(id, &signature, all, type_args, CallTarget::Variant(variant), expect)
    }

    /// `base.method` without a call, where that is a function; `None` if there is no such method. One without parameters is more
    /// likely meant to be called, unless a function is expected.
    pub(super) fn infer_method_value(
        &mut self,
        id: ExprId,
        base: ExprId,
        ty: Ty,
        name: Name,
        expect: Expect,
    ) -> Option<Ty> {
        let is_expected = self.expected_function(expect).is_some();
        if !is_expected && !self.open_values.contains(&id) {
            return None;
        }
        let found = self.find_member(ty, name).ok()?;
        let function = self.program.function(found.function);
        if function.params.is_empty() && !is_expected {
            return None;
        }
        match function.kind {
            FnKind::Method => {}
            FnKind::MutMethod => {
                let base = match self.expr(base).kind {
                    ExprKind::Local(local) => self.local_name(local),
                    _ => Symbol::intern("it"),
                };
                return Some(self.fail(errors::changing_method_as_value(name, base)));
            }
            _ => return None,
        }
        let type_args = self.type_args_of_fn(found.function, &[], name.span);
        self.unify_owner(&found, &type_args, ty);
        Some(self.function_of(id, found.function, type_args, expect))
    }

    fn function_of(&mut self, id: ExprId, function: FnId, type_args: Vec<Ty>, expect: Expect) -> Ty {
        let signature = self.function_signature(function, &type_args);
        let all = vec![true; signature.slots.len()];
        let target = CallTarget::Fn(function, type_args.clone());
        self.function_value(id, &signature, all, &type_args, target, expect)
    }

    /// The type of a function value. Its parameters are those that may be given, without the last ones that have defaults if
    /// a function with fewer is expected.
    fn function_value(
        &mut self,
        id: ExprId,
        signature: &Signature,
        mut is_given: Vec<bool>,
        type_args: &[Ty],
        target: CallTarget,
        expect: Expect,
    ) -> Ty {
        let expected = self.expected_function(expect).and_then(Ty::signature);
        if let Some(expected) = expected {
            leave_out_defaults(&signature.slots, &mut is_given, expected.modes().len());
        }
        let slots = || signature.slots.iter().zip(&is_given);
        let params = slots().filter(|(_, is_given)| **is_given).map(|(slot, _)| (slot.mode, slot.ty));
        let params: Vec<_> = params.collect();
        let ty = Ty::function(&params, signature.result, Sharing::Transfer);
        if let Some(expected) = expected {
            self.infer.try_unify(ty, Ty::new(TyKind::Fn(expected.with_sharing(Sharing::Transfer))));
        }
        let declared = self.params_of(signature.called).to_vec();
        self.learn_from_bounds_of(&declared, type_args);
        self.require_bounds(&declared, type_args, signature.called, self.span(id));
        let mut given = 0;
        let args = slots().map(|(slot, &is_given)| match slot.default {
            Some(default) if !is_given => ArgSource::Default(default),
            _ => {
                given += 1;
                ArgSource::Given(given - 1)
            }
        });
        let args = args.collect();
        self.types.functions.insert(id, ResolvedCall { target, args });
        ty
    }
}

/// Leaves out parameters with defaults, the last ones first, until so many are left.
fn leave_out_defaults(slots: &[Slot], is_given: &mut [bool], wanted: usize) {
    let mut count = is_given.iter().filter(|is_given| **is_given).count();
    for (slot, is_given) in slots.iter().zip(is_given).rev() {
        if count <= wanted || slot.default.is_none() {
            return;
        }
        count -= usize::from(*is_given);
        *is_given = false;
    }
}

//! Elements, values of keys and slices: `xs[i]`, `dict[key]`, `xs[a..b]`.
//!
//! An element of a list is a place, and so is the value of a key. A slice is a value: a call of the library's method for it.

use plat_syntax::index::Symbol;

use crate::hir::{ExprId, ExprKind, StructId};
use crate::types::{Head, Ty, TyKind};

use super::body::Checker;
use super::errors::control;
use super::expect::{Expect, Why};
use super::lookup::FoundMember;
use super::signature::Called;
use super::{ArgSource, CallTarget, ResolvedCall};

/// The library's method for the part of a list or string in a range.
const SLICE_METHOD: &str = "in_range";

/// The library's method that finds the entry of a key.
const KEY_METHOD: &str = "position_of";

impl Checker<'_, '_> {
    /// `base[index]`
    pub(super) fn infer_index(&mut self, id: ExprId, base: ExprId, index: ExprId) -> Ty {
        let found = self.infer_known(base);
        let lang = self.program.hir.lang;
        match *found.kind() {
            TyKind::Struct(structure, args) if Some(structure) == lang.list => {
                if self.index_is_range(index) {
                    self.slice(id, found, index)
                } else {
                    args[0]
                }
            }
            TyKind::Struct(structure, args) if Some(structure) == lang.dict => {
                self.check(index, args[0], Why::Plain);
                self.require_key(found, index);
                args[1]
            }
            TyKind::String if self.index_is_range(index) => self.slice(id, found, index),
            TyKind::Error | TyKind::Never => {
                self.infer(index, Expect::Nothing);
                found
            }
            _ => {
                if !matches!(found.kind(), TyKind::String) {
                    self.infer(index, Expect::Nothing);
                }
                let ty = self.show(found);
                let is_string = matches!(found.kind(), TyKind::String);
                self.fail(control::not_indexable(self.span(base), &ty, is_string))
            }
        }
    }

    /// Checks an index, which is an `Int` or a range of them, and says whether it is a range.
    fn index_is_range(&mut self, index: ExprId) -> bool {
        let int = self.common.int;
        let Some(range) = self.program.hir.lang.range else { return false };
        let ints = Ty::structure(range, &[int]);
        if matches!(self.expr(index).kind, ExprKind::Range { .. }) {
            self.check(index, ints, Why::Index);
            return true;
        }
        let found = self.infer(index, Expect::Value(int, Why::Index));
        let found = self.infer.shallow(found);
        let is_range = is_instance_of(found, range);
        self.coerce(index, found, if is_range { ints } else { int }, Why::Index);
        is_range
    }

    /// Asks of the keys of a dict what finding one needs.
    fn require_key(&mut self, dict: Ty, index: ExprId) {
        let Some(method) = self.library_method(dict, Symbol::intern(KEY_METHOD)) else { return };
        let span = self.span(index);
        let type_args = self.type_args_of_fn(method.function, &[], span);
        self.unify_owner(&method, &type_args, dict);
        let params = &self.program.function(method.function).type_params;
        self.require_bounds(params, &type_args, Called::Fn(method.function), span);
    }

    /// `base[a..b]`
    fn slice(&mut self, id: ExprId, base: Ty, index: ExprId) -> Ty {
        let name = Symbol::intern(SLICE_METHOD);
        let span = self.span(index);
        let Some(method) = self.library_method(base, name) else { return self.common.error };
        let type_args = self.type_args_of_fn(method.function, &[], span);
        self.unify_owner(&method, &type_args, base);
        let target = CallTarget::Fn(method.function, type_args);
        self.types.calls.insert(id, ResolvedCall { target, args: vec![ArgSource::Given(0)] });
        base
    }

    /// The library's method of this name, which need not be public.
    fn library_method(&self, ty: Ty, name: Symbol) -> Option<FoundMember> {
        let methods = self.program.members.methods(Head::of(ty)?, name);
        let function = methods.iter().copied().find(|&method| self.program.function(method).is_library)?;
        Some(FoundMember { function, interface: None })
    }
}

fn is_instance_of(ty: Ty, structure: StructId) -> bool {
    matches!(*ty.kind(), TyKind::Struct(id, _) if id == structure)
}

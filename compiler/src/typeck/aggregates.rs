//! Tuples, lists and ranges.

use crate::hir::ExprId;
use crate::types::{Ty, TyKind};

use super::body::Checker;
use super::errors::operators;
use super::expect::{Expect, Why};
use super::infer::{Unknown, VarKind};
use super::settle::Need;
use super::signature::Called;

impl Checker<'_, '_> {
    pub(super) fn infer_tuple(&mut self, items: &[ExprId], expect: Expect) -> Ty {
        let (expected, why) = match expect {
            Expect::Value(ty, why) => match *ty.kind() {
                TyKind::Tuple(parts) if parts.len() == items.len() => (parts, why),
                _ => (&[][..], Why::Plain),
            },
            Expect::Nothing | Expect::Dropped => (&[][..], Why::Plain),
        };
        let mut types = Vec::with_capacity(items.len());
        for (position, &item) in items.iter().enumerate() {
            types.push(match expected.get(position) {
                Some(&expected) => {
                    self.check(item, expected, why);
                    expected
                }
                None => self.infer(item, Expect::Nothing),
            });
        }
        Ty::tuple(&types)
    }

    pub(super) fn infer_list(&mut self, id: ExprId, items: &[ExprId], expect: Expect) -> Ty {
        let Some(list) = self.program.hir.lang.list else { return self.common.error };
        let expected = match expect {
            Expect::Value(ty, why) => match *ty.kind() {
                TyKind::Struct(structure, args) if structure == list => Some((args[0], why)),
                _ => None,
            },
            Expect::Nothing | Expect::Dropped => None,
        };
        let mut element = expected;
        for &item in items {
            element = self.check_element(item, element);
        }
        let element = match element {
            Some((ty, _)) => ty,
            None => self.infer.fresh(VarKind::Any, Unknown::Element, self.span(id)),
        };
        Ty::structure(list, &[element])
    }

    /// `[key: value]`
    pub(super) fn infer_dict(&mut self, id: ExprId, entries: &[(ExprId, ExprId)], expect: Expect) -> Ty {
        let Some(dict) = self.program.hir.lang.dict else { return self.common.error };
        let expected = match expect {
            Expect::Value(ty, why) => match *ty.kind() {
                TyKind::Struct(structure, args) if structure == dict => Some((args, why)),
                _ => None,
            },
            Expect::Nothing | Expect::Dropped => None,
        };
        let mut key = expected.map(|(args, why)| (args[0], why));
        let mut value = expected.map(|(args, why)| (args[1], why));
        for &(written_key, written_value) in entries {
            key = self.check_element(written_key, key);
            value = self.check_element(written_value, value);
        }
        let [key, value] =
            [(key, Unknown::Key), (value, Unknown::DictValue)].map(|(known, what)| match known {
                Some((ty, _)) => ty,
                None => self.infer.fresh(VarKind::Any, what, self.span(id)),
            });
        let ty = Ty::structure(dict, &[key, value]);
        if let (Some(insert), false) = (self.program.dict_insert(), entries.is_empty()) {
            let params = &self.program.function(insert).type_params;
            self.require_bounds(params, &[key, value], Called::Fn(insert), self.span(id));
        }
        ty
    }

    /// Checks an element of a collection, which has the type of those before it. Gives what is known after it.
    fn check_element(&mut self, element: ExprId, known: Option<(Ty, Why)>) -> Option<(Ty, Why)> {
        match known {
            Some((ty, why)) => {
                self.check(element, ty, why);
                known
            }
            None => {
                let ty = self.infer(element, Expect::Nothing);
                (!ty.is_never()).then_some((ty, Why::Element(self.span(element))))
            }
        }
    }

    pub(super) fn infer_range(&mut self, start: ExprId, end: ExprId, expect: Expect) -> Ty {
        let Some(range) = self.program.hir.lang.range else { return self.common.error };
        let hint = match expect {
            Expect::Value(ty, why) => match *ty.kind() {
                TyKind::Struct(structure, args) if structure == range => Expect::Value(args[0], why),
                _ => Expect::Nothing,
            },
            Expect::Nothing | Expect::Dropped => Expect::Nothing,
        };
        let first = self.infer(start, hint);
        let last = self.infer(end, Expect::Value(first, Why::Operand(self.span(start))));
        let ty = if first.is_never() { last } else { first };
        if !last.is_never() && !self.infer.try_unify(first, last) {
            let (left, right) = (self.show(first), self.show(last));
            self.emit(operators::range_ends_differ(self.span(start), self.span(end), &left, &right));
            return self.common.error;
        }
        self.require(ty, Need::Ord, self.span(start));
        Ty::structure(range, &[ty])
    }
}

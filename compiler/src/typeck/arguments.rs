//! Arguments: which parameter each is for, whether it fits, and which places the call changes.

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;

use crate::hir::{Arg, ExprId, ExprKind, Name, ParamMode};
use crate::types::Ty;

use super::ArgSource;
use super::body::Checker;
use super::errors::{calls as errors, places};
use super::expect::{Expect, Why};
use super::places::{PlaceInCall, PlaceUse};
use super::signature::{Signature, Slot};

/// Which argument is for which parameter.
struct Matched {
    /// For each argument the position of its parameter.
    positions: Vec<Option<usize>>,
    /// How many arguments are for none, or for one that has another.
    mistakes: usize,
}

/// Named arguments are looked up in a table when there are more parameters than this.
const FEW: usize = 8;

impl Checker<'_, '_> {
    /// Checks the arguments of a call and says where each parameter's value comes from. `receiver` is what the call
    /// changes besides places passed with `&`.
    pub(super) fn check_arguments(
        &mut self,
        call: ExprId,
        signature: &Signature,
        args: &[Arg],
        expect: Expect,
        receiver: Option<ExprId>,
    ) -> Vec<ArgSource> {
        self.use_expected_result(signature.result, expect);
        let Matched { positions, mistakes } = self.match_arguments(signature, args);
        let mut places: Vec<_> =
            receiver.into_iter().map(|expr| PlaceInCall { expr, is_changed: true }).collect();
        // Closures come last: what the other arguments are may say what a closure's parameters are.
        let (closures, others): (Vec<_>, Vec<_>) =
            args.iter().zip(&positions).partition(|(arg, _)| self.is_closure(arg.value));
        for (arg, position) in others.into_iter().chain(closures) {
            match position.map(|position| &signature.slots[position]) {
                Some(slot) => self.check_argument(arg, slot, &mut places),
                None => {
                    self.infer(arg.value, Expect::Nothing);
                }
            }
        }
        self.check_overlaps(&places);
        self.sources(call, signature, &positions, mistakes)
    }

    fn is_closure(&self, expr: ExprId) -> bool {
        matches!(self.expr(expr).kind, ExprKind::Closure(_))
    }

    /// Learns type arguments from the type that is expected of the call. What does not fit is reported later.
    fn use_expected_result(&mut self, result: Ty, expect: Expect) {
        if let Expect::Value(expected, _) = expect
            && result.has_infer()
            // The arguments say what `T` itself is; its value becomes one of the interface's type after the call.
            && !(self.infer.unbound(result).is_some() && expected.as_interface().is_some())
        {
            self.infer.try_unify(result, expected);
        }
    }

    fn check_argument(&mut self, arg: &Arg, slot: &Slot, places: &mut Vec<PlaceInCall>) {
        self.learn_from_bounds();
        // A collection that takes any value keeps a closure as it keeps everything else.
        if slot.mode == ParamMode::Move && !slot.is_generic && self.is_closure(arg.value) {
            self.copying_closures.insert(arg.value);
        }
        let why = slot.name.map_or(Why::Plain, |name| Why::Param(name, slot.span));
        let is_changed = slot.mode == ParamMode::Inout;
        places.push(PlaceInCall { expr: arg.value, is_changed });
        match (is_changed, arg.is_inout) {
            (true, true) => self.check_inout(arg, slot, why),
            (true, false) => {
                self.check(arg.value, slot.ty, why);
                if self.types.exprs[arg.value] != self.common.error {
                    let name = slot.name.unwrap_or_else(|| Symbol::intern("_"));
                    self.emit(places::missing_ampersand(self.span(arg.value), name));
                }
            }
            (false, true) => {
                self.check(arg.value, slot.ty, why);
                self.emit(places::superfluous_ampersand(arg.span, self.span(arg.value), slot.name));
            }
            (false, false) => {
                self.check(arg.value, slot.ty, why);
            }
        }
    }

    /// The place must have exactly the parameter's type: values go in and out.
    fn check_inout(&mut self, arg: &Arg, slot: &Slot, why: Why) {
        let found = self.infer(arg.value, Expect::Value(slot.ty, why));
        if self.require_place(arg.value, PlaceUse::Inout) {
            self.coerce_place(arg.value, found, slot.ty, why);
        }
    }

    fn match_arguments(&mut self, signature: &Signature, args: &[Arg]) -> Matched {
        let slots = &signature.slots;
        let table = named_slots(slots, args);
        let mut given: Vec<Option<&Arg>> = vec![None; slots.len()];
        let mut positions = Vec::with_capacity(args.len());
        let mut superfluous = Vec::new();
        let mut mistakes = 0;
        for (index, arg) in args.iter().enumerate() {
            let position = match arg.name {
                Some(name) => self.named_position(signature, table.as_ref(), name),
                None => {
                    if index >= slots.len() {
                        superfluous.push(arg.span);
                    }
                    (index < slots.len()).then_some(index)
                }
            };
            if let Some(position) = position {
                match given[position] {
                    Some(first) => {
                        mistakes += 1;
                        self.emit(errors::duplicate_argument(arg.span, first.span, slots[position].name))
                    }
                    None => given[position] = Some(arg),
                }
            }
            mistakes += usize::from(position.is_none());
            positions.push(position);
        }
        if let (Some(&first), Some(&last)) = (superfluous.first(), superfluous.last()) {
            let name = self.called_name(signature.called);
            let declared = self.called_span(signature.called);
            self.emit(errors::too_many_arguments(first.to(last), name, slots.len(), args.len(), declared));
        }
        Matched { positions, mistakes }
    }

    fn named_position(
        &mut self,
        signature: &Signature,
        table: Option<&HashMap<Symbol, usize>>,
        name: Name,
    ) -> Option<usize> {
        let slots = &signature.slots;
        let found = match table {
            Some(table) => table.get(&name.symbol).copied(),
            None => slots.iter().position(|slot| slot.name == Some(name.symbol)),
        };
        if found.is_none() {
            let known: Vec<_> = slots.iter().filter_map(|slot| slot.name).map(Symbol::as_str).collect();
            let called = self.called_name(signature.called);
            self.emit(errors::unknown_argument(name, called, &known, self.called_span(signature.called)));
        }
        found
    }

    fn sources(
        &mut self,
        call: ExprId,
        signature: &Signature,
        positions: &[Option<usize>],
        mistakes: usize,
    ) -> Vec<ArgSource> {
        let mut sources: Vec<_> =
            signature.slots.iter().map(|slot| slot.default.map(ArgSource::Default)).collect();
        for (index, position) in positions.iter().enumerate() {
            if let Some(position) = *position {
                sources[position] = Some(ArgSource::Given(index));
            }
        }
        let missing = signature.slots.iter().zip(&sources).filter(|(_, source)| source.is_none());
        let missing: Vec<_> = missing.map(|(slot, _)| (slot.name, self.show(slot.ty))).collect();
        // A misspelt name is reported by itself; what it would have given is not missing as well.
        if missing.len() > mistakes {
            let name = self.called_name(signature.called);
            let declared = self.called_span(signature.called);
            self.emit(errors::missing_arguments(self.span(call), name, &missing, declared));
        }
        sources.into_iter().flatten().collect()
    }

    /// Gives the arguments of a wrong call their types.
    pub(super) fn infer_arguments(&mut self, args: &[Arg]) {
        for arg in args {
            self.infer(arg.value, Expect::Value(self.common.error, Why::Plain));
        }
    }
}

fn named_slots(slots: &[Slot], args: &[Arg]) -> Option<HashMap<Symbol, usize>> {
    let is_worth_it = slots.len() > FEW && args.iter().any(|arg| arg.name.is_some());
    let entry = |(position, slot): (usize, &Slot)| slot.name.map(|name| (name, position));
    is_worth_it.then(|| slots.iter().enumerate().filter_map(entry).collect())
}

//! From what was found in a function to messages.

use std::collections::VecDeque;

use plat_syntax::diagnostics::{Diagnostic, Sink};
use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::elements::Elements;
use super::errors::{self, Owner};
use super::fields::ChangedFields;
use super::journal::{Gift, How, Journal, Use};
use super::offers::may_run_deinit;
use super::{Summaries, type_params};
use crate::hir::{self, ClassId, FieldId, FnKind, Hir, ParamMode};
use crate::mir::transfer::{Known, Transfer};
use crate::mir::typing::field_tys;
use crate::mir::{Callee, Function, FunctionId, FunctionKind, Local, LocalKind, Mir};
use crate::types::{Ty, TyKind, TypePrinter};

/// Writes the messages for one function.
pub(super) struct Reporter<'a> {
    pub mir: &'a Mir,
    pub hir: &'a Hir,
    pub id: FunctionId,
    pub journal: &'a Journal,
    pub elements: &'a Elements,
    pub summaries: &'a Summaries,
}

impl Reporter<'_> {
    /// Reports all that is wrong.
    pub fn report(&self, sink: &mut Sink) {
        for used in &self.journal.uses {
            sink.emit(self.used(used));
        }
        for position in 0..self.function().param_count as usize {
            if let Some(gift) = self.journal.gift_of_param(position) {
                self.check_param(position, &self.journal.gifts[gift as usize], sink);
            }
        }
        for &span in &self.journal.leaks {
            sink.emit(errors::leaves_shared_state(span));
        }
        for &(local, gift) in &self.journal.places {
            let gift = &self.journal.gifts[gift as usize];
            sink.emit(self.still_held(local, gift));
        }
    }

    /// A place that holds the value still after it has been given away, and that others come to.
    fn still_held(&self, local: Local, gift: &Gift) -> Diagnostic {
        let given = self.name_near(gift.element);
        let is_callers = self.function().locals[local].kind == LocalKind::Inout;
        let owner = if is_callers { Owner::Place } else { Owner::Defer };
        let name = self.name(local).or(given);
        let diagnostic = errors::not_own(gift.span, given, &self.way(&gift.how), name, owner);
        let diagnostic = match self.elements.of(local) {
            Some(element) => self.explain_path(diagnostic, gift.element, element),
            None => diagnostic,
        };
        self.explain_type(diagnostic, gift.element)
    }

    fn function(&self) -> &Function {
        &self.mir.functions[self.id]
    }

    /// A value that is used after it has been given away.
    fn used(&self, used: &Use) -> Diagnostic {
        let gift = &self.journal.gifts[used.gift as usize];
        let given = self.name_near(gift.element);
        let name = self.name(used.local).or_else(|| self.name_near(used.element)).or(given);
        let way = self.way(&gift.how);
        let diagnostic = if used.is_beside && used.span == gift.span {
            errors::used_beside(used.span, name, given)
        } else {
            errors::used_after(used.span, name, gift.span, given, &way)
        };
        let diagnostic = self.explain_path(diagnostic, gift.element, used.element);
        let diagnostic = self.explain_type(diagnostic, used.element);
        let diagnostic = self.explain_offer(diagnostic, gift, used.element);
        match self.needless_vars(used.element) {
            Some(fields) => errors::needless_var_fields(diagnostic, &fields),
            None => errors::ways_out(diagnostic, &gift.how),
        }
    }

    /// A parameter that is given away, which its function may have to say.
    fn check_param(&self, position: usize, gift: &Gift, sink: &mut Sink) {
        let function = self.function();
        let Some(param) = function.params().nth(position) else { return };
        if self.summaries.may_give(self.mir, self.hir, self.id, position) {
            return;
        }
        let given = self.name_near(gift.element);
        let name = self.name(param).or(given);
        let diagnostic = errors::not_own(gift.span, given, &self.way(&gift.how), name, self.owner(position));
        let diagnostic = match self.elements.of_param(position) {
            Some(element) => self.explain_path(diagnostic, gift.element, element),
            None => diagnostic,
        };
        sink.emit(self.explain_type(diagnostic, gift.element));
    }

    /// Whose the parameter is.
    fn owner(&self, position: usize) -> Owner {
        let function = self.function();
        let definition = function.origin.map(|origin| &self.hir.definitions.functions[origin]);
        let is_capture = position < function.capture_count as usize;
        match (function.kind, definition) {
            (FunctionKind::ClosureBody, _) if is_capture => Owner::Closure(function.span),
            (FunctionKind::Plain, Some(definition)) => {
                let has_self = matches!(definition.kind, FnKind::Method | FnKind::MutMethod);
                match position.checked_sub(usize::from(has_self)) {
                    None => Owner::Object,
                    Some(own) => match definition.params.get(own) {
                        Some(param) if param.mode == ParamMode::Value => Owner::Caller(param.span),
                        _ => Owner::CallerOfValue,
                    },
                }
            }
            _ => Owner::CallerOfValue,
        }
    }

    fn way(&self, how: &How) -> errors::Way {
        match how {
            How::Captured => errors::Way::Captured,
            How::Sent => errors::Way::Sent,
            How::Kept => errors::Way::Kept,
            How::Passed(Callee::Generic(id, _)) => self.way_of(&self.hir.definitions.functions[*id]),
            How::Passed(_) => errors::Way::Passed(None),
        }
    }

    /// What a function of the library does that gives away what it is given.
    fn way_of(&self, function: &hir::Function) -> errors::Way {
        match function.name.as_str() {
            "spawn" if function.is_library => errors::Way::Captured,
            name if function.is_library && name.contains("send") => errors::Way::Sent,
            "init" if function.is_library => errors::Way::Kept,
            _ => errors::Way::Passed(Some(function.name)),
        }
    }

    /// The name that the program gives it.
    fn name(&self, local: Local) -> Option<Symbol> {
        self.function().locals[local].name.filter(|name| name.as_str() != hir::SELECT_LOCAL)
    }

    /// The variable that the element is, or that is the nearest to it.
    fn name_near(&self, element: u32) -> Option<Symbol> {
        let paths = self.search(element);
        let mut found: Vec<(u32, u32)> = paths.iter().map(|(&to, step)| (step.distance, to)).collect();
        found.sort_unstable();
        found.iter().find_map(|&(_, element)| self.name(self.elements.local(element)?))
    }

    /// Says where two values came to be one region, if they are not one and the same.
    fn explain_path(&self, diagnostic: Diagnostic, from: u32, to: u32) -> Diagnostic {
        let paths = self.search(from);
        let mut way = Vec::new();
        let mut at = to;
        while let Some(step) = paths.get(&at).and_then(|found| found.last) {
            way.push((at, step));
            at = step.0;
        }
        way.reverse();
        let mut diagnostic = diagnostic;
        let mut last_named = self.name_near(from);
        let mut spans: Vec<Span> = Vec::new();
        for (element, (_, span)) in way {
            spans.push(span);
            let name = self.elements.local(element).and_then(|local| self.name(local));
            if let (Some(before), Some(name)) = (last_named, name)
                && before != name
                && let Some(&span) = spans.iter().max_by_key(|span| span.end - span.start)
            {
                diagnostic = diagnostic.secondary(span, errors::joined(before, name));
            }
            if name.is_some() {
                last_named = name;
                spans.clear();
            }
        }
        diagnostic
    }

    /// Says when what an arm of a `select` was to send is there again.
    fn explain_offer(&self, diagnostic: Diagnostic, gift: &Gift, used: u32) -> Diagnostic {
        let local = |element| Some(&self.function().locals[self.elements.local(element)?]);
        let is_offer =
            local(gift.element).and_then(|it| it.name).is_some_and(|it| it.as_str() == hir::SELECT_LOCAL);
        if !is_offer {
            return diagnostic;
        }
        match local(used) {
            Some(used) if may_run_deinit(&self.hir.definitions, used.ty) => {
                errors::gone_in_all_arms(diagnostic, self.name_near(gift.element), used.name)
            }
            _ => errors::gone_in_one_arm(diagnostic),
        }
    }

    /// The type of the variable that the element is, and the part of it that makes it one task's.
    fn culprit(&self, element: u32) -> Option<(Ty, Ty)> {
        let ty = self.function().locals[self.elements.local(element)?].ty;
        Some((ty, self.culprit_of(ty)?))
    }

    fn culprit_of(&self, ty: Ty) -> Option<Ty> {
        let params = type_params(self.hir, self.function());
        Transfer::new(&self.hir.definitions, params, &Known::default()).culprit(ty)
    }

    /// Says which part of the value's type makes it one task's.
    fn explain_type(&self, diagnostic: Diagnostic, element: u32) -> Diagnostic {
        let Some((ty, culprit)) = self.culprit(element) else { return diagnostic };
        let show = |ty| TypePrinter::new(&self.hir.definitions, ty).to_string();
        let diagnostic = match *culprit.kind() {
            TyKind::Class(id, _) => self.explain_class(diagnostic, id, &show(culprit)),
            TyKind::Param(position, _) => {
                let param = type_params(self.hir, self.function()).get(position as usize);
                errors::type_param(diagnostic, &show(culprit), param.and_then(|it| self.place_of_bound(it)))
            }
            _ => errors::not_sharable(diagnostic, &show(culprit)),
        };
        if culprit == ty { diagnostic } else { errors::contains(diagnostic, &show(ty), &show(culprit)) }
    }

    /// Says which field makes objects of a class one task's: one that is changed rather than one that might as well be a `let`.
    fn explain_class(&self, diagnostic: Diagnostic, id: ClassId, name: &str) -> Diagnostic {
        let fields = self.hir.definitions.classes[id].fields.iter_enumerated();
        let vars: Vec<_> = fields.filter(|(_, field)| field.is_var).collect();
        let changed = vars.iter().find(|(field, _)| self.changed_fields().contains(id, *field));
        match changed.or(vars.first()) {
            Some((_, field)) => errors::var_field(diagnostic, name, field.name),
            None => errors::not_sharable(diagnostic, name),
        }
    }

    /// The `var` fields of the class that makes the value one task's, if nothing changes any of them, and nothing else would.
    fn needless_vars(&self, element: u32) -> Option<Vec<&hir::Field>> {
        let (_, culprit) = self.culprit(element)?;
        let TyKind::Class(id, _) = *culprit.kind() else { return None };
        let parts = field_tys(&self.hir.definitions, culprit, None)?;
        if parts.into_iter().any(|part| self.culprit_of(part).is_some()) {
            return None;
        }
        let class = &self.hir.definitions.classes[id];
        let fields = class.fields.iter_enumerated();
        let (ids, vars): (Vec<FieldId>, Vec<&hir::Field>) = fields.filter(|(_, field)| field.is_var).unzip();
        let is_needless = |&field: &FieldId| !self.changed_fields().contains(id, field);
        (!class.is_library && !vars.is_empty() && ids.iter().all(is_needless)).then_some(vars)
    }

    fn changed_fields(&self) -> &ChangedFields {
        self.summaries.changed_fields.get_or_init(|| ChangedFields::find(self.mir, &self.hir.definitions))
    }

    /// Where a bound of a type parameter of the function would stand, if it has none.
    fn place_of_bound(&self, param: &hir::TypeParam) -> Option<Span> {
        let origin = &self.hir.definitions.functions[self.function().origin?];
        let is_own = origin.owner.is_none() && !origin.is_library;
        (is_own && param.bounds.is_empty() && !param.is_implied).then(|| param.span.shrink_to_end())
    }

    /// The shortest ways from an element to all that it was joined with, wherever in the function that was.
    fn search(&self, from: u32) -> HashMap<u32, Step> {
        let mut edges: HashMap<u32, Vec<(u32, Span)>> = HashMap::default();
        for link in &self.journal.links {
            edges.entry(link.a).or_default().push((link.b, link.span));
            edges.entry(link.b).or_default().push((link.a, link.span));
        }
        let mut found: HashMap<u32, Step> = HashMap::default();
        found.insert(from, Step { distance: 0, last: None });
        let mut next = VecDeque::from([from]);
        while let Some(element) = next.pop_front() {
            let distance = found[&element].distance + 1;
            for &(other, span) in edges.get(&element).into_iter().flatten() {
                if let std::collections::hash_map::Entry::Vacant(entry) = found.entry(other) {
                    entry.insert(Step { distance, last: Some((element, span)) });
                    next.push_back(other);
                }
            }
        }
        found
    }
}

/// The end of the shortest way to an element.
#[derive(Clone, Copy)]
struct Step {
    distance: u32,
    /// The element before it, and where the two were joined.
    last: Option<(u32, Span)>,
}

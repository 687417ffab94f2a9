//! Variables that nobody reads, and `var`s that nobody changes.

use std::collections::BTreeMap;

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;
use plat_syntax::index::{Id, IndexVec};
use plat_syntax::source::Span;

use super::{Looked, PerLocal, errors};
use crate::hir::{Arg, Definitions, ExprId, ExprKind, FnKind, LocalId, LocalKind};
use crate::typeck::results::CallTarget;
use crate::types::{Ty, TyKind};

/// What is done with a variable.
#[derive(Clone, Copy, Default)]
struct Uses {
    is_read: bool,
    is_changed: bool,
    /// Where it is assigned first.
    assigned: Option<Span>,
}

/// Warns of the variables of a body.
pub(super) fn check(looked: &Looked<'_>, sink: &mut Sink) {
    let uses = uses(looked);
    for (id, local) in looked.body.locals.iter_enumerated() {
        let is_silent = looked.body.params.contains(&id) || local.name.as_str().starts_with('_');
        // What stands for a place is seen by others.
        let is_used = match local.kind {
            LocalKind::InitSelf => true,
            LocalKind::Inout => uses[id].is_read || uses[id].is_changed,
            LocalKind::Let | LocalKind::Var => uses[id].is_read,
        };
        if is_silent || is_used || is_observed(looked, id) {
            continue;
        }
        sink.emit(match (uses[id].assigned, uses[id].is_changed) {
            (None, false) => errors::unused_variable(local.span, local.name),
            (assigned, _) => errors::never_read(local.span, local.name, assigned),
        });
    }
    check_vars(looked, &uses, sink);
}

/// Whether the end of the variable's value can be seen, so that it may be there for nothing else.
fn is_observed(looked: &Looked<'_>, id: LocalId) -> bool {
    may_be_observed(&looked.hir.definitions, looked.types.locals[id], &mut HashSet::default())
}

/// Whether something happens when a value of the type ends, as far as that can be told from the type.
fn may_be_observed(definitions: &Definitions, ty: Ty, seen: &mut HashSet<Ty>) -> bool {
    if !seen.insert(ty) {
        return false;
    }
    let mut any = |mut parts: Box<dyn Iterator<Item = Ty> + '_>| {
        parts.any(|part| may_be_observed(definitions, part, seen))
    };
    match *ty.kind() {
        TyKind::Bool | TyKind::Char | TyKind::Never | TyKind::Int(_) | TyKind::Float(_) | TyKind::String => {
            false
        }
        TyKind::Fn(_) | TyKind::Error => false,
        TyKind::Struct(id, args) => {
            let fields = definitions.structs[id].fields.iter();
            any(Box::new(fields.map(move |field| field.ty.ty.substitute(args))))
        }
        TyKind::Enum(id, args) => {
            let fields = definitions.enums[id].variants.iter().flat_map(|variant| variant.fields.iter());
            any(Box::new(fields.map(move |field| field.ty.ty.substitute(args))))
        }
        TyKind::Tuple(_) | TyKind::Buffer(_) | TyKind::Task(_) | TyKind::ChannelHandle(_) => {
            any(Box::new(ty.parts().iter().copied()))
        }
        // Objects and what may hide one.
        _ => true,
    }
}

/// A `var` that declares several names is needless when none of them is changed.
fn check_vars(looked: &Looked<'_>, uses: &PerLocal<Uses>, sink: &mut Sink) {
    let mut by_keyword: BTreeMap<Span, Vec<LocalId>> = BTreeMap::new();
    for (id, local) in looked.body.locals.iter_enumerated() {
        if let (LocalKind::Var, Some(keyword)) = (local.kind, local.keyword) {
            by_keyword.entry(keyword).or_default().push(id);
        }
    }
    for (keyword, locals) in by_keyword {
        let is_needless = |&id: &LocalId| {
            !uses[id].is_changed
                && uses[id].assigned.is_none()
                && (uses[id].is_read || is_observed(looked, id))
        };
        if let (true, Some(&first)) = (locals.iter().all(is_needless), locals.first()) {
            let local = &looked.body.locals[first];
            sink.emit(errors::needless_var(local.span, local.name, keyword));
        }
    }
}

fn uses(looked: &Looked<'_>) -> PerLocal<Uses> {
    let mut uses: PerLocal<Uses> = IndexVec::filled(looked.body.locals.len(), Uses::default());
    let mut targets = vec![false; looked.body.exprs.len()];
    for (id, expr) in looked.body.exprs.iter_enumerated().rev() {
        match &expr.kind {
            ExprKind::Assign(place, _) | ExprKind::OpAssign(_, place, _) => {
                if let ExprKind::Local(local) = looked.body.exprs[*place].kind {
                    targets[place.index()] = true;
                    uses[local].assigned = Some(looked.body.exprs[*place].span);
                }
                change(looked, &mut uses, *place);
            }
            ExprKind::For { is_inout: true, iterable, .. } => change(looked, &mut uses, *iterable),
            ExprKind::Call { args, .. }
            | ExprKind::Construct { args, .. }
            | ExprKind::StaticCall { args, .. } => change_args(looked, &mut uses, args),
            ExprKind::MethodCall { receiver, args, .. } => {
                change_args(looked, &mut uses, args);
                if changes_receiver(looked, id) {
                    change(looked, &mut uses, *receiver);
                }
            }
            ExprKind::Local(local) => uses[*local].is_read |= !targets[id.index()],
            _ => {}
        }
    }
    uses
}

fn change_args(looked: &Looked<'_>, uses: &mut PerLocal<Uses>, args: &[Arg]) {
    for arg in args.iter().filter(|arg| arg.is_inout) {
        change(looked, uses, arg.value);
    }
}

/// Notes that the variable is changed where the place begins.
fn change(looked: &Looked<'_>, uses: &mut PerLocal<Uses>, mut place: ExprId) {
    loop {
        match looked.body.exprs[place].kind {
            ExprKind::Local(local) => return uses[local].is_changed = true,
            ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Index(base, _) => {
                place = base;
            }
            _ => return,
        }
    }
}

fn changes_receiver(looked: &Looked<'_>, call: ExprId) -> bool {
    match looked.types.calls.get(&call).map(|call| &call.target) {
        Some(CallTarget::Fn(id, _)) => looked.hir.definitions.functions[*id].kind == FnKind::MutMethod,
        // What is not seen through may change it.
        _ => true,
    }
}

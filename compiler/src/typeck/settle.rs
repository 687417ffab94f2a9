//! What waits until every type of a body is known: operators, bounds, conversions, ranges of literals, dropped values, and
//! exhaustiveness. Then the results get their final types.

use std::cmp::Reverse;

use plat_abi::layout::{FormatSpec, Notation};
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::source::Span;

use crate::hir::{self, Access, BinaryOp, Bound, ExprId, InterfaceRef, PatId, Sign, Structural};
use crate::types::{Head, InterfacePrinter, Ty, TyKind};

use super::body::Checker;
use super::bounds;
use super::errors::{calls, control, operators, patterns, types as errors};
use super::exhaustive::{self, Verdict};
use super::expect::Why;
use super::infer::Unknown;
use super::signature::Called;
use super::{CallTarget, ResolvedCall};

/// What is asked of a type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// `==` or a constant in a pattern.
    Eq,
    /// The ends of a range.
    Ord,
    /// A comparison.
    Compare(BinaryOp),
    /// A value in a string.
    Display,
    /// A value in a string in a notation for integers.
    IntegerFormat,
    /// A value in a string in a form for numbers.
    NumberFormat,
    /// Arithmetic: a number; `+` joins strings too.
    Arithmetic(BinaryOp),
    /// Bits and shifts.
    Integer(BinaryOp),
    /// `~`
    BitNot,
    /// `-` before anything but a literal.
    Signed,
    /// `-` before a literal, whose range is checked by itself.
    Negatable,
    /// `for` over a range.
    Countable,
    /// A range in a pattern.
    RangePattern,
    /// `as`
    Cast(Ty),
    /// What a type parameter is declared to need.
    Bound(Bound, BoundOf),
}

/// Whose type parameter a bound is.
#[derive(Clone, Copy, Debug)]
pub(super) struct BoundOf {
    /// What is called.
    pub(super) called: Called,
    /// Which of its type parameters.
    pub(super) position: usize,
}

impl Need {
    /// What an operator that is not a shift needs of its operands.
    pub(super) fn of(op: BinaryOp) -> Self {
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                Self::Arithmetic(op)
            }
            BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::Shl | BinaryOp::Shr => {
                Self::Integer(op)
            }
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                Self::Compare(op)
            }
        }
    }

    /// What a format needs beside `Display`.
    pub(super) fn of_format(format: &FormatSpec) -> Option<Self> {
        match format.kind {
            Notation::Hex | Notation::UpperHex | Notation::Binary | Notation::Octal => {
                Some(Self::IntegerFormat)
            }
            Notation::Exponent => Some(Self::NumberFormat),
            Notation::Plain => (format.plus || format.zero).then_some(Self::NumberFormat),
        }
    }

    /// Whether every type of this kind will do; asked of the most common types, to save the rest of the way.
    pub(super) fn is_met_by(self, ty: Ty) -> bool {
        match self {
            Self::Bound(..) => matches!(ty.kind(), TyKind::Error),
            Self::Eq | Self::Ord | Self::Display | Self::Compare(_) => matches!(
                ty.kind(),
                TyKind::Int(_)
                    | TyKind::Float(_)
                    | TyKind::Bool
                    | TyKind::Char
                    | TyKind::String
                    | TyKind::Error
            ),
            Self::Arithmetic(op) => match ty.kind() {
                TyKind::Int(_) | TyKind::Float(_) | TyKind::Error => true,
                TyKind::String => op == BinaryOp::Add,
                _ => false,
            },
            Self::Integer(_) | Self::BitNot | Self::IntegerFormat => {
                matches!(ty.kind(), TyKind::Int(_) | TyKind::Error)
            }
            Self::Signed => match ty.kind() {
                TyKind::Int(int) => int.is_signed(),
                TyKind::Float(_) | TyKind::Error => true,
                _ => false,
            },
            Self::Negatable | Self::NumberFormat => {
                matches!(ty.kind(), TyKind::Int(_) | TyKind::Float(_) | TyKind::Error)
            }
            Self::Countable => matches!(ty.kind(), TyKind::Int(_) | TyKind::Char | TyKind::Error),
            Self::RangePattern => {
                matches!(
                    ty.kind(),
                    TyKind::Int(_) | TyKind::Float(_) | TyKind::Char | TyKind::Error | TyKind::Never
                )
            }
            Self::Cast(target) => matches!(
                (ty.kind(), target.kind()),
                (TyKind::Error | TyKind::Never, _)
                    | (_, TyKind::Error)
                    | (TyKind::Int(_) | TyKind::Float(_), TyKind::Int(_) | TyKind::Float(_))
                    | (TyKind::Char | TyKind::Bool, TyKind::Int(_))
            ),
        }
    }

    /// What types of other kinds can do if they meet the need.
    fn structural(self) -> Option<Structural> {
        match self {
            Self::Eq | Self::Compare(BinaryOp::Eq | BinaryOp::Ne) => Some(Structural::Eq),
            Self::Ord | Self::Compare(_) => Some(Structural::Ord),
            Self::Display => Some(Structural::Display),
            _ => None,
        }
    }
}

/// An integer literal that may be out of range.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiteralCheck {
    pub(super) ty: Ty,
    pub(super) value: u128,
    pub(super) sign: Sign,
    pub(super) span: Span,
}

/// Patterns that must cover all values, or each some that those before it do not.
#[derive(Debug)]
pub(super) struct MatchCheck {
    /// What they belong to.
    pub(super) kind: MatchKind,
    /// The patterns, and whether each has a guard.
    pub(super) arms: Vec<(PatId, bool)>,
    /// Where they belong to.
    pub(super) span: Span,
}

/// What patterns belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MatchKind {
    /// A `match` of this value.
    Match {
        /// The value.
        scrutinee: ExprId,
    },
    /// `let`
    Let,
    /// `for`
    For,
    /// `if let`, `while let` or `let … else`: need not cover all values.
    Conditional,
}

impl MatchCheck {
    /// One pattern.
    pub(super) fn single(kind: MatchKind, pat: PatId, span: Span) -> Self {
        Self { kind, arms: vec![(pat, false)], span }
    }
}

/// How a value is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dropped {
    /// By the `;` after it.
    Statement,
    /// Because it ends a body, branch or arm without a value.
    Tail,
}

/// What waits until all types are known.
#[derive(Debug, Default)]
pub(super) struct Pending {
    needs: Vec<(Ty, Need, Span)>,
    /// Bounds that tell of type arguments once the type that meets them is known.
    pub(super) telling: Vec<(Ty, InterfaceRef)>,
    /// Values that became ones of an interface's type: the expression, its type, that type, and why it was expected.
    pub(super) conversions: Vec<(ExprId, Ty, Ty, Why)>,
    pub(super) literals: Vec<LiteralCheck>,
    pub(super) matches: Vec<MatchCheck>,
    pub(super) dropped: Vec<(ExprId, Dropped)>,
    /// Function values that must be sharable, with their types and those that are expected.
    pub(super) sharable: Vec<(ExprId, Ty, Ty)>,
    /// The results of closures whose bodies have no end, which say nothing of them: `Unit` if nothing else does.
    pub(super) endless: Vec<Ty>,
    /// Type arguments that follow from others which are wrong, and where.
    wrong_parts: HashSet<(Ty, Span)>,
}

impl Checker<'_, '_> {
    /// Asks something of a type, now or when it is known.
    pub(super) fn require(&mut self, ty: Ty, need: Need, span: Span) {
        let ty = self.infer.shallow(ty);
        if !need.is_met_by(ty) {
            self.pending.needs.push((ty, need, span));
        }
    }

    /// Everything that waited; then the final types.
    pub(super) fn settle(&mut self) {
        self.learn_from_bounds();
        self.infer.apply_defaults();
        self.learn_from_bounds();
        for result in std::mem::take(&mut self.pending.endless) {
            if self.infer.unbound(result).is_some() {
                self.infer.unify(result, self.common.unit);
            }
        }
        let mut pending = std::mem::take(&mut self.pending);
        // What closures capture is known only later.
        self.pending.sharable = std::mem::take(&mut pending.sharable);
        self.check_needs(pending.needs);
        for (expr, found, expected, why) in pending.conversions {
            self.check_conversion(expr, found, expected, why);
        }
        for check in pending.literals {
            self.check_literal(check);
        }
        self.finish_types();
        for (expr, how) in pending.dropped {
            self.check_dropped(expr, how);
        }
        for check in pending.matches {
            self.check_match(&check);
        }
    }

    /// Bounds that name other type arguments come first: what is wrong with those follows from them.
    fn check_needs(&mut self, mut needs: Vec<(Ty, Need, Span)>) {
        needs.sort_by_key(|(_, need, _)| match need {
            Need::Bound(Bound::Interface(interface), _) => Reverse(interface.args.len()),
            _ => Reverse(0),
        });
        let (known, unknown): (Vec<_>, Vec<_>) =
            needs.into_iter().partition(|&(ty, ..)| !self.infer.deep(ty).has_infer());
        for (ty, need, span) in known.into_iter().chain(unknown) {
            self.check_need(self.infer.deep(ty), need, span);
        }
    }

    fn check_need(&mut self, ty: Ty, need: Need, span: Span) {
        let ty = self.formatted(ty, need);
        if need.is_met_by(ty) || ty.has_error() || self.pending.wrong_parts.contains(&(ty, span)) {
            return;
        }
        if ty.has_infer() {
            return self.report_unknown(ty, span);
        }
        let bound = match need {
            Need::Bound(bound, _) => Some(self.known_bound(bound)),
            _ => need.structural().and_then(|structural| self.structural_bound(structural)),
        };
        if bound.is_some_and(|bound| self.is_bound_met(ty, bound) || self.is_known_wrong(ty, bound)) {
            return;
        }
        let shown = self.show(ty);
        let diagnostic = match need {
            Need::Bound(bound, of) => self.unmet_bound(ty, self.known_bound(bound), of, span),
            Need::Arithmetic(op) | Need::Integer(op) => operators::no_operator(span, op, &shown, ty),
            Need::Compare(op) => operators::not_comparable(span, op, &shown),
            Need::Eq => operators::not_comparable(span, BinaryOp::Eq, &shown),
            Need::Ord => operators::not_comparable(span, BinaryOp::Lt, &shown),
            Need::Display => operators::not_displayable(span, &shown),
            Need::IntegerFormat => operators::wrong_format(span, "an integer", &shown),
            Need::NumberFormat => operators::wrong_format(span, "a number", &shown),
            Need::BitNot => operators::no_bit_not(span, &shown),
            Need::Signed | Need::Negatable => {
                operators::no_negation(span, &shown, matches!(ty.kind(), TyKind::Int(_)))
            }
            Need::Countable => control::not_countable(span, &shown),
            Need::RangePattern => patterns::range_of_other(span, &shown),
            Need::Cast(target) => {
                let target_name = self.show(target);
                operators::cannot_cast(span, &shown, &target_name, cast_advice(ty, target))
            }
        };
        let diagnostic = match bound {
            Some(bound) => self.explain_obstacle(diagnostic, ty, bound),
            None => diagnostic,
        };
        self.emit(if self.is_task_type(ty) { errors::help_await(diagnostic) } else { diagnostic });
        if let Some(Bound::Interface(interface)) = bound {
            self.note_wrong_parts(interface, span);
        }
    }

    /// Whether what is in the way of the bound has been reported where it became a part of the type.
    fn is_known_wrong(&self, ty: Ty, bound: Bound) -> bool {
        let wrong = &self.pending.wrong_parts;
        let obstacle = || bounds::obstacle(self.program.hir, self.asker(), ty, bound);
        !wrong.is_empty()
            && obstacle().is_some_and(|it| it.ty != ty && wrong.iter().any(|&(part, _)| part == it.ty))
    }

    /// What follows from a bound that is not met is neither unknown nor wrong by itself.
    fn note_wrong_parts(&mut self, interface: InterfaceRef, span: Span) {
        let needed = self.program.definitions().interfaces[interface.id].needed_args();
        self.pending.wrong_parts.extend(interface.args.iter().skip(needed).map(|&arg| (arg, span)));
        for &arg in interface.args {
            self.infer.unify(arg, self.common.error);
        }
    }

    /// The bound with everything that is known filled in.
    fn known_bound(&self, bound: Bound) -> Bound {
        match bound {
            Bound::Interface(interface) if !interface.args.is_empty() => {
                Bound::Interface(interface.map(|arg| self.infer.deep(arg)))
            }
            _ => bound,
        }
    }

    /// The bound as programs write it.
    pub(super) fn show_bound(&self, bound: Bound) -> String {
        match bound {
            Bound::Sharable => "Sharable".into(),
            Bound::Object => "Object".into(),
            Bound::Interface(interface) => {
                let interface = interface.map(|arg| self.infer.with_defaults(arg));
                InterfacePrinter::of_bound(self.program.definitions(), interface).to_string()
            }
        }
    }

    /// What a format is for: a `newtype` is formatted as its value, but a `Duration` has a form of its own.
    fn formatted(&self, ty: Ty, need: Need) -> Ty {
        let is_duration =
            matches!(*ty.kind(), TyKind::Struct(id, _) if Some(id) == self.program.hir.lang.duration);
        match need {
            Need::IntegerFormat | Need::NumberFormat if !is_duration => {
                self.program.definitions().underlying(ty)
            }
            _ => ty,
        }
    }

    fn unmet_bound(
        &self,
        ty: Ty,
        bound: Bound,
        of: BoundOf,
        span: Span,
    ) -> plat_syntax::diagnostics::Diagnostic {
        let param = &self.params_of(of.called)[of.position];
        let declared = (param.span.file == span.file).then_some(param.span);
        let name = self.called_name(of.called);
        calls::unmet_bound(span, &self.show(ty), &self.show_bound(bound), param.name, name, declared)
    }

    /// Says how a type comes by an interface that does not hold by structure, and with which arguments it has it.
    fn suggest_implementation(
        &self,
        diagnostic: plat_syntax::diagnostics::Diagnostic,
        ty: Ty,
        bound: Bound,
    ) -> plat_syntax::diagnostics::Diagnostic {
        let Bound::Interface(interface) = bound else { return diagnostic };
        let structural = self.program.hir.lang.structural(interface.id);
        let is_structural = structural.is_some_and(|it| !it.speaks_json());
        let Some(head) = Head::of(ty).filter(|_| !is_structural) else { return diagnostic };
        let others = self.program.definitions().implementations.explicit(head, interface.id);
        let others = others.map(|it| Bound::Interface(it.interface.substitute(ty.parts())));
        let others: Vec<_> = others.map(|other| self.show_bound(other)).collect();
        let diagnostic = calls::note_implementations(diagnostic, &self.show(ty), &others);
        let declared = &self.program.definitions().interfaces[interface.id];
        // What goes through the values is not known, so it cannot be written.
        let can_be_written = interface.args.len() == declared.needed_args()
            && !interface.args.iter().any(|arg| arg.has_infer())
            && (declared.access == Access::Public || !declared.is_library)
            && !self.is_sealed(declared);
        let is_own =
            matches!(*ty.kind(), TyKind::Struct(id, _) if !self.program.definitions().structs[id].is_library);
        match can_be_written {
            true if is_own && structural.is_some() => {
                calls::suggest_vouching(diagnostic, &self.show(ty), &self.show_bound(bound))
            }
            true => calls::suggest_implementation(diagnostic, &self.show(ty), &self.show_bound(bound)),
            false => diagnostic,
        }
    }

    /// Whether the library keeps programs from implementing it: a method is given what they cannot name.
    fn is_sealed(&self, interface: &hir::Interface) -> bool {
        let definitions = self.program.definitions();
        let is_hidden = |param: &hir::Param| match *param.ty.ty.kind() {
            TyKind::Struct(id, _) => definitions.structs[id].access != Access::Public,
            _ => false,
        };
        interface.is_library
            && interface.members.iter().any(|&id| definitions.functions[id].params.iter().any(is_hidden))
    }

    /// Says which part of a type is in the way, and where a type parameter lacks a bound.
    pub(super) fn explain_obstacle(
        &self,
        diagnostic: plat_syntax::diagnostics::Diagnostic,
        ty: Ty,
        bound: Bound,
    ) -> plat_syntax::diagnostics::Diagnostic {
        let params = &self.function.type_params;
        let Some(obstacle) = bounds::obstacle(self.program.hir, self.asker(), ty, bound) else {
            return diagnostic;
        };
        let mut diagnostic = diagnostic;
        if obstacle.ty != ty {
            let bound = self.show_bound(obstacle.bound);
            diagnostic =
                operators::note_obstacle(diagnostic, &self.show(obstacle.ty), &bound, &obstacle.path);
        }
        diagnostic = self.suggest_implementation(diagnostic, obstacle.ty, obstacle.bound);
        match *obstacle.ty.kind() {
            TyKind::Param(position, _) => match params.get(position as usize) {
                Some(param) if param.span.file == self.function.span.file => operators::suggest_bound(
                    diagnostic,
                    param.name,
                    param.span,
                    !param.bounds.is_empty(),
                    &self.show_bound(obstacle.bound),
                ),
                _ => diagnostic,
            },
            _ => diagnostic,
        }
    }

    fn check_literal(&mut self, check: LiteralCheck) {
        let TyKind::Int(int) = *self.infer.shallow(check.ty).kind() else { return };
        let limit = match check.sign {
            Sign::Plus => int.max().unsigned_abs(),
            Sign::Minus => int.min().unsigned_abs(),
        };
        if check.value > limit {
            let minus = if check.sign == Sign::Minus { "-" } else { "" };
            let written = format!("{minus}{}", check.value);
            self.emit(operators::literal_out_of_range(check.span, &written, int));
        }
    }

    /// Reports an unknown that stayed one, once.
    pub(super) fn report_unknown(&mut self, ty: Ty, span: Span) {
        let ty = self.infer.deep(ty);
        let Some(var) = first_unknown(ty) else { return };
        let Some((what, declared)) = self.infer.report(var) else { return };
        let diagnostic = match what {
            Unknown::TypeArg(name) => errors::unknown_type_arg(declared, name),
            Unknown::Element => errors::unknown_element(declared),
            Unknown::Key => errors::unknown_in_dict(declared, "keys"),
            Unknown::DictValue => errors::unknown_in_dict(declared, "values"),
            Unknown::Local(name) => errors::unknown_local(declared, name),
            Unknown::Param(name) => errors::unknown_param(declared, name),
            Unknown::Literal | Unknown::Value => errors::unknown_type(span),
        };
        self.emit(diagnostic);
    }

    fn check_dropped(&mut self, id: ExprId, how: Dropped) {
        let ty = self.types.exprs[id];
        let span = self.span(id);
        match *ty.kind() {
            TyKind::Enum(enumeration, _) if Some(enumeration) == self.program.hir.lang.result => {
                self.emit(errors::dropped_result(span, how == Dropped::Statement));
            }
            TyKind::Task(result) if !result.is_unit() && !result.is_never() && !result.has_error() => {
                let result = self.show(result);
                self.emit(errors::dropped_task(span, &result));
            }
            _ => {}
        }
    }

    fn check_match(&mut self, check: &MatchCheck) {
        let Some(&(first, _)) = check.arms.first() else { return self.check_empty_match(check) };
        if check.arms.iter().any(|&(pat, _)| self.is_wrong(pat)) {
            return;
        }
        let verdict =
            exhaustive::check(self.program, self.body, &self.types, self.types.pats[first], &check.arms);
        self.report_missing(check, &verdict);
        if matches!(check.kind, MatchKind::Match { .. }) {
            for &arm in &verdict.unreachable {
                self.emit(patterns::unreachable_arm(self.pat_span(check.arms[arm].0)));
            }
        }
    }

    /// Without arms nothing says what is matched but the value itself.
    fn check_empty_match(&mut self, check: &MatchCheck) {
        let MatchKind::Match { scrutinee } = check.kind else { return };
        let ty = self.types.exprs[scrutinee];
        if ty.has_error() {
            return;
        }
        let verdict = exhaustive::check(self.program, self.body, &self.types, ty, &[]);
        self.report_missing(check, &verdict);
    }

    fn report_missing(&mut self, check: &MatchCheck, verdict: &Verdict) {
        if verdict.is_too_complex {
            return self.emit(patterns::too_complex(check.span));
        }
        if verdict.missing.is_empty() {
            return;
        }
        match check.kind {
            MatchKind::Match { scrutinee } => {
                let (span, ty) = (self.span(scrutinee), self.show(self.types.exprs[scrutinee]));
                self.emit(match self.matches_select(scrutinee) {
                    true => patterns::select_not_exhaustive(span, &ty, &verdict.missing),
                    false => patterns::not_exhaustive(span, &ty, &verdict.missing),
                });
            }
            MatchKind::Let => self.emit(patterns::refutable_let(check.span, &verdict.missing)),
            MatchKind::For => self.emit(patterns::refutable_for(check.span, &verdict.missing)),
            MatchKind::Conditional => {}
        }
    }

    /// Whether something in the pattern has been reported, so that nothing more can be said of it.
    fn is_wrong(&self, id: PatId) -> bool {
        use crate::hir::PatKind;
        if self.types.pats[id].has_error() {
            return true;
        }
        match &self.body.pats[id].kind {
            PatKind::Error => true,
            PatKind::Variant(_, _, args) | PatKind::Bare(_, args) | PatKind::Struct(_, args) => {
                !self.types.constructors.contains_key(&id)
                    || args.items.iter().any(|&(_, pat)| self.is_wrong(pat))
            }
            PatKind::Tuple(items) | PatKind::Or(items) => items.iter().any(|&pat| self.is_wrong(pat)),
            _ => false,
        }
    }

    /// Fills in everything that is known, and reports what is not.
    fn finish_types(&mut self) {
        for id in self.body.locals.ids() {
            if let Some(ty) = self.locals[id].ty {
                let span = self.body.locals[id].span;
                self.types.locals[id] = self.final_type(ty, span);
            }
        }
        for id in self.body.exprs.ids() {
            let ty = self.types.exprs[id];
            if ty.has_infer() {
                self.types.exprs[id] = self.final_type(ty, self.span(id));
            }
        }
        for id in self.body.pats.ids() {
            let ty = self.types.pats[id];
            if ty.has_infer() {
                self.types.pats[id] = self.final_type(ty, self.pat_span(id));
            }
        }
        let calls = std::mem::take(&mut self.types.calls);
        self.types.calls = self.final_calls(calls);
        let functions = std::mem::take(&mut self.types.functions);
        self.types.functions = self.final_calls(functions);
        let mut conversions = std::mem::take(&mut self.types.conversions);
        for (&id, ty) in conversions.iter_mut().filter(|(_, ty)| ty.has_infer()) {
            *ty = self.final_type(*ty, self.body.exprs[id].span);
        }
        self.types.conversions = conversions;
        self.settle_iterators();
    }

    fn final_calls(&mut self, mut calls: HashMap<ExprId, ResolvedCall>) -> HashMap<ExprId, ResolvedCall> {
        for (&id, call) in &mut calls {
            if let CallTarget::Fn(_, args) = &mut call.target {
                for arg in args.iter_mut().filter(|arg| arg.has_infer()) {
                    *arg = self.final_type(*arg, self.body.exprs[id].span);
                }
            }
        }
        calls
    }

    fn settle_iterators(&mut self) {
        let mut iterators = std::mem::take(&mut self.types.iterators);
        for (&id, calls) in &mut iterators {
            let span = self.body.exprs[id].span;
            calls.ty = self.final_type(calls.ty, span);
            for method in calls.make.iter_mut().chain([&mut calls.next]) {
                for arg in &mut method.type_args {
                    *arg = self.final_type(*arg, span);
                }
            }
        }
        self.types.iterators = iterators;
    }

    /// The type with everything filled in; wrong where something stayed unknown. Remembered, because closures in closures have
    /// types as deep as they are nested, of which each is a part of the next.
    fn final_type(&mut self, ty: Ty, span: Span) -> Ty {
        if !ty.has_infer() {
            return ty;
        }
        if let Some(&known) = self.final_types.get(&ty) {
            return known;
        }
        let head = self.infer.shallow(ty);
        let filled = match *head.kind() {
            TyKind::Infer(_) => {
                self.report_unknown(head, span);
                self.common.error
            }
            _ => head.map_parts(|part| self.final_type(part, span)),
        };
        let result = if filled.has_error() { self.common.error } else { filled };
        self.final_types.insert(ty, result);
        result
    }
}

/// Any unknown in the type.
fn first_unknown(ty: Ty) -> Option<crate::types::InferVar> {
    match *ty.kind() {
        TyKind::Infer(var) => Some(var),
        _ if ty.has_infer() => ty.parts().iter().find_map(|&part| first_unknown(part)),
        _ => None,
    }
}

/// What to do instead of a conversion that there is not.
fn cast_advice(from: Ty, to: Ty) -> operators::CastAdvice {
    match (from.kind(), to.kind()) {
        (_, TyKind::String) => operators::CastAdvice::Interpolate,
        (TyKind::String, TyKind::Int(_) | TyKind::Float(_)) => operators::CastAdvice::Parse,
        (TyKind::Int(_) | TyKind::Float(_), TyKind::Bool) => operators::CastAdvice::CompareWithZero,
        _ => operators::CastAdvice::Nothing,
    }
}

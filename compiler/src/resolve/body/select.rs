//! `select`: made of a selector and calls of the library.
//!
//! Everything that the arms mention is evaluated first. Then a selector gets an arm for each operation: `x.recv()` is added by
//! `x.select_recv(selector)`, and if it is chosen `x.selected_recv(selector)` gives its result, which the patterns of the arms match.
//! Nothing between making the selector and waiting with it can panic.
//!
//! What an arm is to send stands in an *offer* meanwhile, a hidden variable that the arm is given by its address. In the arm that has sent it
//! the offer is empty; in all others the variable that the value was taken from gets it back.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, hir_name};
use crate::hir::{
    Arg, Arm, Block, ExprId, ExprKind, Literal, LocalId, LocalKind, Name, PatArgs, PatId, PatKind,
    SELECT_LOCAL, Sign, Statement, TypeHead, TypeHeadKind,
};
use crate::resolve::errors::tasks as errors;

/// The operations that an arm can wait for.
const OPERATIONS: [&str; 6] = ["recv", "send", "await", "acquire", "accept", "read"];

/// The arms of one operation.
struct Group<'a> {
    wait: Wait<'a>,
    guard: Option<&'a ast::Expr>,
    arms: Vec<&'a ast::SelectArm>,
}

/// What a group waits for.
#[derive(Clone, Copy)]
enum Wait<'a> {
    Operation { place: &'a ast::Expr, name: Ident, args: &'a [ast::Arg], span: Span },
    Timeout(&'a ast::Expr),
}

/// A group whose parts have been evaluated.
struct Evaluated {
    /// What the operation is called on, or the duration.
    subject: LocalId,
    args: Vec<Arg>,
    guard: Option<LocalId>,
    /// Where what it is to send stands while the selector waits.
    offer: Option<LocalId>,
}

/// Something that an arm is to send.
struct Offer {
    /// Where it stands.
    slot: LocalId,
    /// The variable that was named.
    variable: Option<LocalId>,
}

impl BodyResolver<'_, '_> {
    /// `select(biased = true) { … }`
    pub fn select(&mut self, options: &[ast::Arg], arms: &[ast::SelectArm], span: Span) -> ExprKind {
        if arms.is_empty() {
            self.resolver.sink.emit(errors::empty_select(span));
            return ExprKind::Error;
        }
        let Some(selector) = self.resolver.lang_struct("Selector") else { return ExprKind::Error };
        let head = TypeHead { kind: TypeHeadKind::Struct(selector), args: Vec::new(), span };
        let (groups, default) = self.select_groups(arms);
        let mut maker = SelectMaker { this: self, head, span, statements: Vec::new(), offers: Vec::new() };
        let biased = maker.bias(options);
        let mut evaluated: Vec<_> = groups.iter().map(|group| maker.evaluate(group)).collect();
        for (group, parts) in groups.iter().zip(&mut evaluated) {
            parts.offer = maker.offer(group, parts);
        }
        let how = if default.is_some() { "look" } else { "wait" };
        let selector = maker.start(groups.len());
        for (group, parts) in groups.iter().zip(&evaluated) {
            maker.add_arm(group, parts, selector);
        }
        let chosen = maker.wait(selector, how, biased);
        for (group, parts) in groups.iter().zip(&evaluated) {
            maker.keep(group, parts);
        }
        let tail = maker.choose(&groups, &evaluated, default, selector, chosen);
        let statements = maker.statements;
        ExprKind::Block(Block { statements, tail: Some(tail), semicolon: None })
    }

    /// The arms by operation, and the one that does not wait.
    fn select_groups<'a>(
        &mut self,
        arms: &'a [ast::SelectArm],
    ) -> (Vec<Group<'a>>, Option<&'a ast::SelectArm>) {
        let (mut groups, mut default): (Vec<Group<'a>>, _) = (Vec::new(), None);
        for arm in arms {
            let wait = match &arm.kind {
                ast::SelectArmKind::Default => {
                    if let Some(first) = default.replace(arm) {
                        self.resolver.sink.emit(errors::second_default(arm.span, first.span));
                    }
                    continue;
                }
                ast::SelectArmKind::Timeout(duration) => Wait::Timeout(duration),
                ast::SelectArmKind::Operation { operation, .. } => match self.operation(operation) {
                    Some(wait) => wait,
                    None => continue,
                },
            };
            let guard = arm.guard.as_ref();
            match groups.iter_mut().find(|group| group.waits_alike(wait, guard)) {
                Some(group) => group.arms.push(arm),
                None => groups.push(Group { wait, guard, arms: vec![arm] }),
            }
        }
        (groups, default)
    }

    fn operation<'a>(&mut self, operation: &'a ast::Expr) -> Option<Wait<'a>> {
        let ast::ExprKind::MethodCall { receiver, name, args, .. } = &operation.kind else { return None };
        if !OPERATIONS.contains(&name.name.as_str()) {
            self.resolver.sink.emit(errors::no_select_operation(*name, &OPERATIONS));
            return None;
        }
        Some(Wait::Operation { place: receiver, name: *name, args, span: operation.span })
    }
}

impl<'a> Group<'a> {
    /// Whether an arm with this operation and guard belongs to the group.
    fn waits_alike(&self, wait: Wait<'a>, guard: Option<&ast::Expr>) -> bool {
        let (
            Wait::Operation { place, name, args: [], .. },
            Wait::Operation { place: other, name: other_name, args: [], .. },
        ) = (self.wait, wait)
        else {
            return false;
        };
        let guards_alike = match (self.guard, guard) {
            (None, None) => true,
            (Some(left), Some(right)) => are_alike(left, right),
            _ => false,
        };
        name.name == other_name.name && guards_alike && are_alike(place, other)
    }

    fn span(&self) -> Span {
        match self.wait {
            Wait::Operation { span, .. } => span,
            Wait::Timeout(duration) => duration.span,
        }
    }

    /// Whether the end of a channel, `None`, is left out by the patterns of a `recv`.
    fn leaves_out_none(&self) -> bool {
        let Wait::Operation { name, .. } = self.wait else { return false };
        let mut patterns = self.arms.iter().map(|arm| pattern_of(arm));
        name.name.as_str() == "recv" && patterns.all(|pattern| pattern.is_some_and(|it| !covers_none(it)))
    }
}

fn is_send(name: Ident) -> bool {
    name.name.as_str() == "send"
}

/// The pattern of an arm, if it has one.
fn pattern_of(arm: &ast::SelectArm) -> Option<&ast::Pattern> {
    match &arm.kind {
        ast::SelectArmKind::Operation { pattern, .. } => pattern.as_ref(),
        ast::SelectArmKind::Timeout(_) | ast::SelectArmKind::Default => None,
    }
}

fn covers_none(pattern: &ast::Pattern) -> bool {
    match &pattern.kind {
        ast::PatternKind::Constructor { path, .. } => {
            path.segments.last().is_none_or(|segment| segment.name.name.as_str() != "Some")
        }
        ast::PatternKind::Or(alternatives) => alternatives.iter().any(covers_none),
        _ => true,
    }
}

/// Whether two places or conditions are written alike. Of what is not worth comparing the answer is no.
fn are_alike(left: &ast::Expr, right: &ast::Expr) -> bool {
    use ast::ExprKind as Kind;
    match (&left.kind, &right.kind) {
        (Kind::SelfValue, Kind::SelfValue) => true,
        (Kind::Path(left), Kind::Path(right)) => match (left.as_ident(), right.as_ident()) {
            (Some(left), Some(right)) => left.name == right.name,
            _ => false,
        },
        (Kind::Int(left), Kind::Int(right)) => left == right,
        (Kind::Bool(left), Kind::Bool(right)) => left == right,
        (Kind::Field { base, name }, Kind::Field { base: other, name: other_name }) => {
            name.name == other_name.name && are_alike(base, other)
        }
        (Kind::TupleField { base, index, .. }, Kind::TupleField { base: other, index: position, .. }) => {
            index == position && are_alike(base, other)
        }
        (Kind::Index { base, index }, Kind::Index { base: other, index: position }) => {
            are_alike(index, position) && are_alike(base, other)
        }
        (Kind::Unary { op, operand }, Kind::Unary { op: other_op, operand: other }) => {
            op == other_op && are_alike(operand, other)
        }
        (
            Kind::Binary { op, left, right, .. },
            Kind::Binary { op: other_op, left: other_left, right: other_right, .. },
        ) => op == other_op && are_alike(left, other_left) && are_alike(right, other_right),
        _ => false,
    }
}

/// Makes the expressions of a `select`.
struct SelectMaker<'m, 'r, 'a> {
    this: &'m mut BodyResolver<'r, 'a>,
    /// The library's type of selectors.
    head: TypeHead,
    span: Span,
    statements: Vec<Statement>,
    offers: Vec<Offer>,
}

impl SelectMaker<'_, '_, '_> {
    /// What `biased` says.
    fn bias(&mut self, options: &[ast::Arg]) -> ExprKind {
        let mut biased = ExprKind::Literal(Literal::Bool(false));
        for option in options {
            let value = self.this.expr(&option.value);
            match option.name {
                Some(name) if name.name.as_str() == "biased" => {
                    let local = self.hide(value, option.span);
                    biased = self.this.use_local(local);
                }
                _ => self.this.resolver.sink.emit(errors::unknown_option("select", option.span, &["biased"])),
            }
        }
        biased
    }

    /// Evaluates what a group mentions, in the order in which it is written.
    fn evaluate(&mut self, group: &Group<'_>) -> Evaluated {
        let (subject, args) = match group.wait {
            Wait::Timeout(duration) => (duration, Vec::new()),
            Wait::Operation { place, args, .. } => (place, args.to_vec()),
        };
        let (span, subject) = (subject.span, self.this.expr(subject));
        let subject = match self.this.body.exprs[subject].kind {
            // It stays what it is: a copy would be counted.
            ExprKind::Local(local) if self.this.body.locals[local].kind == LocalKind::Let => local,
            _ => self.hide(subject, span),
        };
        let args = match group.wait {
            Wait::Operation { name, span, .. } if is_send(name) => {
                vec![self.sent_argument(subject, &args, name, span)]
            }
            _ => args.iter().map(|arg| self.argument(arg)).collect(),
        };
        let guard = group.guard.map(|guard| {
            let value = self.this.expr(guard);
            self.hide(value, guard.span)
        });
        Evaluated { subject, args, guard, offer: None }
    }

    /// Offers what a group is to send: `Selector.offer(subject.select_value(value))`, in a variable of its own. It is made when everything
    /// has been evaluated, which may still use what is taken here.
    fn offer(&mut self, group: &Group<'_>, parts: &Evaluated) -> Option<LocalId> {
        let Wait::Operation { name, span, .. } = group.wait else { return None };
        if !is_send(name) {
            return None;
        }
        let variable = self.this.body.sent_variable(&parts.args);
        let offer = self.static_call_at("offer", parts.args.clone(), span);
        let slot = self.hide_as(LocalKind::Var, offer, span);
        self.offers.push(Offer { slot, variable });
        Some(slot)
    }

    /// What an arm is to send, as its channel takes it: `subject.select_value(value)`. It is evaluated here, unless it is a variable or a literal.
    fn sent_argument(&mut self, subject: LocalId, args: &[ast::Arg], name: Ident, span: Span) -> Arg {
        let args: Vec<Arg> = args.iter().map(|arg| self.given_argument(arg)).collect();
        let is_plain = args.iter().all(|arg| self.is_plain(arg.value));
        let value = self.method_call(subject, self.name("select_value", name.span), args);
        let value = if is_plain { value } else { self.hidden(value, span) };
        Arg { name: None, is_inout: false, value, span }
    }

    fn argument(&mut self, arg: &ast::Arg) -> Arg {
        let given = self.given_argument(arg);
        if self.is_plain(given.value) {
            given
        } else {
            Arg { value: self.hidden(given.value, arg.value.span), ..given }
        }
    }

    fn given_argument(&mut self, arg: &ast::Arg) -> Arg {
        let value = self.this.expr(&arg.value);
        Arg { name: arg.name.map(hir_name), is_inout: arg.inout.is_some(), value, span: arg.span }
    }

    /// Whether it makes no difference when it is evaluated.
    fn is_plain(&self, value: ExprId) -> bool {
        matches!(self.this.body.exprs[value].kind, ExprKind::Literal(_) | ExprKind::Local(_))
    }

    fn start(&mut self, arms: usize) -> LocalId {
        let count = ExprKind::Literal(Literal::Int(arms as u128, None));
        let count = self.plain(count, self.span);
        let selector = self.static_call("start", vec![count]);
        self.hide(selector, self.span)
    }

    /// `if guard { subject.select_recv(…, selector) } else { selector.never() }`
    fn add_arm(&mut self, group: &Group<'_>, parts: &Evaluated, selector: LocalId) {
        let span = group.span();
        let add = match group.wait {
            Wait::Timeout(_) => {
                let duration = self.local_arg(parts.subject, "duration", span);
                self.method_call(selector, self.name("timeout", span), vec![duration])
            }
            Wait::Operation { name, .. } => {
                let mut args = match parts.offer {
                    Some(slot) => vec![Arg { is_inout: true, ..self.local_arg(slot, "value", span) }],
                    None => parts.args.clone(),
                };
                if name.name.as_str() == "recv" {
                    let ignores = ExprKind::Literal(Literal::Bool(group.leaves_out_none()));
                    args.push(self.named(ignores, "ignores_closed", span));
                }
                args.push(self.local_arg(selector, "selector", span));
                let name = self.name(&format!("select_{}", name.name), name.span);
                self.method_call(parts.subject, name, args)
            }
        };
        let statement = match parts.guard {
            None => add,
            Some(guard) => {
                let condition = self.local(guard, span);
                let never = self.method_call(selector, self.name("never", span), Vec::new());
                let otherwise = Some(never);
                self.this.new_expr(ExprKind::If { condition, then: add, otherwise }, span)
            }
        };
        self.statements.push(Statement::Expr(statement));
    }

    fn wait(&mut self, selector: LocalId, how: &str, biased: ExprKind) -> LocalId {
        let args = vec![self.named(biased, "is_biased", self.span)];
        let chosen = self.method_call(selector, self.name(how, self.span), args);
        self.hide(chosen, self.span)
    }

    /// The selector counts on it that what it waits for is there until it has waited.
    fn keep(&mut self, group: &Group<'_>, parts: &Evaluated) {
        if let Wait::Operation { span, .. } = group.wait {
            let subject = self.this.use_local(parts.subject);
            let subject = self.plain(subject, span);
            let kept = self.static_call("keep", vec![subject]);
            self.statements.push(Statement::Expr(kept));
        }
    }

    /// The `match` on the number of the arm that was chosen.
    fn choose(
        &mut self,
        groups: &[Group<'_>],
        evaluated: &[Evaluated],
        default: Option<&ast::SelectArm>,
        selector: LocalId,
        chosen: LocalId,
    ) -> ExprId {
        let mut arms = Vec::new();
        for (number, (group, parts)) in groups.iter().zip(evaluated).enumerate() {
            let is_last = default.is_none() && number + 1 == groups.len();
            let pat = if is_last {
                PatKind::Wild
            } else {
                PatKind::Literal(Literal::Int(number as u128, None), Sign::Plus)
            };
            let body = self.arm_body(group, parts, selector);
            let body = self.settle(parts.offer, body, group.span());
            arms.push(self.arm(pat, body, group.span()));
        }
        if let Some(default) = default {
            let body = self.this.in_scope(|this| this.expr(&default.body));
            let body = self.settle(None, body, default.span);
            arms.push(self.arm(PatKind::Wild, body, default.span));
        }
        if arms.is_empty() {
            return self.static_call("unreachable", Vec::new());
        }
        let scrutinee = self.local(chosen, self.span);
        self.this.new_expr(ExprKind::Match { scrutinee, arms }, self.span)
    }

    /// What happens when an operation was chosen: its result is matched with the patterns of its arms.
    fn arm_body(&mut self, group: &Group<'_>, parts: &Evaluated, selector: LocalId) -> ExprId {
        let Wait::Operation { name, span, .. } = group.wait else {
            return self.this.in_scope(|this| this.expr(&group.arms[0].body));
        };
        let selector = self.local_arg(selector, "selector", span);
        let name = self.name(&format!("selected_{}", name.name), name.span);
        let scrutinee = self.method_call(parts.subject, name, vec![selector]);
        let mut arms = Vec::new();
        for arm in &group.arms {
            let (pat, body) = self.this.in_scope(|this| {
                let pat = match pattern_of(arm) {
                    Some(pattern) => this.pattern(pattern),
                    None => this.new_pat(PatKind::Wild, arm.span),
                };
                (pat, this.expr(&arm.body))
            });
            arms.push(Arm { pat, guard: None, body, span: arm.span });
        }
        if group.leaves_out_none() {
            let none = Name { symbol: Symbol::intern("None"), span };
            let body = self.static_call("unreachable", Vec::new());
            arms.push(self.arm(PatKind::Bare(none, PatArgs::default()), body, span));
        }
        self.this.new_expr(ExprKind::Match { scrutinee, arms }, span)
    }

    /// The body of an arm, before which the offer that it has sent is known to be empty, and the others go back to where they came from.
    fn settle(&mut self, sent: Option<LocalId>, body: ExprId, span: Span) -> ExprId {
        if self.offers.is_empty() {
            return body;
        }
        let mut statements = Vec::new();
        if let Some(slot) = sent {
            let args = vec![self.local_arg(slot, "offer", span)];
            statements.push(Statement::Expr(self.static_call_at("sent", args, span)));
        }
        let offers: Vec<_> = self.offers.iter().map(|offer| (offer.slot, offer.variable)).collect();
        for (slot, variable) in offers.into_iter().filter(|&(slot, _)| sent != Some(slot)) {
            let mut args = vec![self.local_arg(slot, "offer", span)];
            args.extend(variable.map(|variable| self.local_arg(variable, "variable", span)));
            let name = if variable.is_some() { "restore" } else { "withdraw" };
            statements.push(Statement::Expr(self.static_call_at(name, args, span)));
        }
        let block = Block { statements, tail: Some(body), semicolon: None };
        self.this.new_expr(ExprKind::Block(block), span)
    }

    fn arm(&mut self, pat: PatKind, body: ExprId, span: Span) -> Arm {
        let pat: PatId = self.this.new_pat(pat, span);
        Arm { pat, guard: None, body, span }
    }

    /// A new local with this value.
    fn hide(&mut self, value: ExprId, span: Span) -> LocalId {
        self.hide_as(LocalKind::Let, value, span)
    }

    fn hide_as(&mut self, kind: LocalKind, value: ExprId, span: Span) -> LocalId {
        let local = self.this.new_local(Ident { name: Symbol::intern(SELECT_LOCAL), span }, kind);
        let pat = self.this.new_pat(PatKind::Bind(local), span);
        self.statements.push(Statement::Let { pat, ty: None, value: Some(value), otherwise: None });
        local
    }

    /// A value that is evaluated now, and used later.
    fn hidden(&mut self, value: ExprId, span: Span) -> ExprId {
        let local = self.hide(value, span);
        self.local(local, span)
    }

    fn local(&mut self, local: LocalId, span: Span) -> ExprId {
        let kind = self.this.use_local(local);
        self.this.new_expr(kind, span)
    }

    fn name(&self, name: &str, span: Span) -> Name {
        Name { symbol: Symbol::intern(name), span }
    }

    fn plain(&mut self, kind: ExprKind, span: Span) -> Arg {
        let value = self.this.new_expr(kind, span);
        Arg { name: None, is_inout: false, value, span }
    }

    fn named(&mut self, kind: ExprKind, name: &str, span: Span) -> Arg {
        Arg { name: Some(self.name(name, span)), ..self.plain(kind, span) }
    }

    fn local_arg(&mut self, local: LocalId, name: &str, span: Span) -> Arg {
        let kind = self.this.use_local(local);
        self.named(kind, name, span)
    }

    fn method_call(&mut self, receiver: LocalId, name: Name, args: Vec<Arg>) -> ExprId {
        let receiver = self.local(receiver, name.span);
        let kind = ExprKind::MethodCall { receiver, name, type_args: Vec::new(), args };
        self.this.new_expr(kind, name.span)
    }

    fn static_call(&mut self, name: &str, args: Vec<Arg>) -> ExprId {
        self.static_call_at(name, args, self.span)
    }

    fn static_call_at(&mut self, name: &str, args: Vec<Arg>, span: Span) -> ExprId {
        let (ty, name) = (TypeHead { span, ..self.head.clone() }, self.name(name, span));
        self.this.new_expr(ExprKind::StaticCall { ty, name, type_args: Vec::new(), args }, span)
    }
}

//! Expressions.

use super::Actions;
use crate::index::Symbol;
use crate::source::Span;
use crate::syntax::ast::{
    Arg, Block, Closure, ClosureForm, ClosureParam, Condition, Expr, ExprKind, For, Ident, If, MatchArm,
    Path, PathSegment, Pattern, PatternKind, SelectArm, SelectArmKind, StringPart, Type,
};
use crate::syntax::errors;

/// What stands between `for` and the body.
pub(in crate::syntax) struct ForHead {
    pub(in crate::syntax) inout: Option<Span>,
    pub(in crate::syntax) pattern: Pattern,
    pub(in crate::syntax) ty: Option<Type>,
    pub(in crate::syntax) iterable: Expr,
}

impl Actions<'_> {
    pub(in crate::syntax) fn expr(&self, start: u32, kind: ExprKind, end: u32) -> Expr {
        Expr { kind, span: self.span(start, end) }
    }

    pub(in crate::syntax) fn int_expr(&self, at: u32, index: u32) -> Expr {
        self.expr(at, ExprKind::Int(self.int(index)), at + 1)
    }

    pub(in crate::syntax) fn float_expr(&self, at: u32, index: u32) -> Expr {
        self.expr(at, ExprKind::Float(self.float(index)), at + 1)
    }

    pub(in crate::syntax) fn duration_expr(&self, at: u32, index: u32) -> Expr {
        self.expr(at, ExprKind::Duration(self.duration(index)), at + 1)
    }

    pub(in crate::syntax) fn path_expr(&self, (segments, span): (Vec<PathSegment>, Span)) -> Expr {
        Expr { kind: ExprKind::Path(Path { segments, span }), span }
    }

    pub(in crate::syntax) fn name_expr(&self, at: u32, name: Symbol) -> Expr {
        self.path_expr((vec![self.segment(at, name)], self.token_span(at)))
    }

    /// `parse::<Int>`: the type arguments belong to the last name.
    pub(in crate::syntax) fn explicit_type_args(
        &mut self,
        mut path: Vec<PathSegment>,
        colons: u32,
        args: Vec<Type>,
    ) -> Vec<PathSegment> {
        let span = self.token_span(colons);
        if let Some(last) = path.last_mut() {
            if last.args.is_empty() {
                last.args = args;
            } else {
                self.emit(errors::second_type_args(span));
            }
        }
        path
    }

    pub(in crate::syntax) fn parenthesized(&self, start: u32, expr: Expr, end: u32) -> Expr {
        Expr { span: self.span(start, end), ..expr }
    }

    pub(in crate::syntax) fn tuple(&self, start: u32, first: Expr, rest: Vec<Expr>, end: u32) -> Expr {
        if rest.is_empty() {
            return self.parenthesized(start, first, end);
        }
        let mut items = Vec::with_capacity(1 + rest.len());
        items.push(first);
        items.extend(rest);
        self.expr(start, ExprKind::Tuple(items), end)
    }

    pub(in crate::syntax) fn dict(
        &self,
        start: u32,
        first: (Expr, Expr),
        rest: Vec<(Expr, Expr)>,
        end: u32,
    ) -> Expr {
        let mut entries = Vec::with_capacity(1 + rest.len());
        entries.push(first);
        entries.extend(rest);
        self.expr(start, ExprKind::Dict(entries), end)
    }

    /// Adds a text to the parts of a string, unless it is empty.
    pub(in crate::syntax) fn string_parts(&self, mut parts: Vec<StringPart>, text: u32) -> Vec<StringPart> {
        let text = self.text(text);
        if !text.is_empty() {
            parts.push(StringPart::Text(text));
        }
        parts
    }

    pub(in crate::syntax) fn string_value(&self, value: Expr, format: Option<u32>) -> StringPart {
        let format = format.map(|index| self.buffer.formats[index as usize].clone());
        StringPart::Value { value, format }
    }

    pub(in crate::syntax) fn field(&self, base: Expr, name: Ident) -> Expr {
        let span = base.span.to(name.span);
        Expr { kind: ExprKind::Field { base: Box::new(base), name }, span }
    }

    pub(in crate::syntax) fn tuple_field(&self, base: Expr, index: u32, at: u32) -> Expr {
        let index_span = self.token_span(at);
        // A number that does not fit is the number of no field either.
        let index = u32::try_from(self.int(index).value).unwrap_or(u32::MAX);
        let span = base.span.to(index_span);
        Expr { kind: ExprKind::TupleField { base: Box::new(base), index, index_span }, span }
    }

    pub(in crate::syntax) fn index(&self, base: Expr, index: Expr, end: u32) -> Expr {
        let span = base.span.to(self.token_span(end - 1));
        Expr { kind: ExprKind::Index { base: Box::new(base), index: Box::new(index) }, span }
    }

    pub(in crate::syntax) fn try_operator(&self, operand: Expr, end: u32) -> Expr {
        let span = operand.span.to(self.token_span(end - 1));
        Expr { kind: ExprKind::Try(Box::new(operand)), span }
    }

    pub(in crate::syntax) fn method_call(
        &self,
        receiver: Expr,
        name: Ident,
        type_args: Vec<Type>,
        args: Vec<Arg>,
        end: u32,
    ) -> Expr {
        let span = receiver.span.to(self.token_span(end - 1));
        let kind = ExprKind::MethodCall { receiver: Box::new(receiver), name, type_args, args };
        Expr { kind, span }
    }

    /// A call; that of a field is a method call, unless the field stands in parentheses.
    pub(in crate::syntax) fn call(&self, callee: Expr, args: Vec<Arg>, end: u32) -> Expr {
        match callee.kind {
            ExprKind::Field { base, name } if name.span.end == callee.span.end => {
                self.method_call(*base, name, Vec::new(), args, end)
            }
            kind => {
                let callee = Expr { kind, span: callee.span };
                let span = callee.span.to(self.token_span(end - 1));
                Expr { kind: ExprKind::Call { callee: Box::new(callee), args }, span }
            }
        }
    }

    /// After a named argument all are named.
    pub(in crate::syntax) fn args(&mut self, args: Vec<Arg>) -> Vec<Arg> {
        let named = args.iter().enumerate().find_map(|(at, arg)| Some((at, arg.name?)));
        if let Some((at, name)) = named
            && let Some(bare) = args[at..].iter().find(|arg| arg.name.is_none())
        {
            self.emit(errors::positional_after_named(bare.span, name.span));
        }
        args
    }

    pub(in crate::syntax) fn arg(
        &self,
        start: u32,
        name: Option<Ident>,
        (inout, value): (Option<Span>, Expr),
        end: u32,
    ) -> Arg {
        let is_block = matches!(&value.kind, ExprKind::Block(block) if block.span == value.span);
        let value = if is_block && inout.is_none() { block_closure(value) } else { value };
        Arg { name, value, inout, span: self.span(start, end) }
    }

    pub(in crate::syntax) fn closure(
        &self,
        start: u32,
        params: Vec<ClosureParam>,
        result: Option<Type>,
        body: Expr,
        end: u32,
    ) -> Expr {
        let closure = Closure { form: ClosureForm::Bars, params, result, body };
        self.expr(start, ExprKind::Closure(Box::new(closure)), end)
    }

    pub(in crate::syntax) fn match_expr(
        &self,
        start: u32,
        subject: Expr,
        arms: Vec<MatchArm>,
        end: u32,
    ) -> Expr {
        self.expr(start, ExprKind::Match { subject: Box::new(subject), arms }, end)
    }

    pub(in crate::syntax) fn spawn(
        &self,
        start: u32,
        options: Option<Vec<Arg>>,
        body: Block,
        end: u32,
    ) -> Expr {
        self.expr(start, ExprKind::Spawn { options: options.unwrap_or_default(), body }, end)
    }

    pub(in crate::syntax) fn concurrent(
        &self,
        start: u32,
        options: Option<Vec<Arg>>,
        scope: Option<Ident>,
        body: Block,
        end: u32,
    ) -> Expr {
        self.expr(start, ExprKind::Concurrent { options: options.unwrap_or_default(), scope, body }, end)
    }

    pub(in crate::syntax) fn select(
        &self,
        start: u32,
        options: Option<Vec<Arg>>,
        arms: Vec<SelectArm>,
        end: u32,
    ) -> Expr {
        self.expr(start, ExprKind::Select { options: options.unwrap_or_default(), arms }, end)
    }

    pub(in crate::syntax) fn if_expr(
        &self,
        start: u32,
        condition: Condition,
        then: Block,
        otherwise: Option<Expr>,
        end: u32,
    ) -> Expr {
        self.expr(start, ExprKind::If(Box::new(If { condition, then, otherwise })), end)
    }

    pub(in crate::syntax) fn while_loop(
        &self,
        start: u32,
        condition: Box<Condition>,
        body: Block,
        end: u32,
    ) -> Expr {
        self.expr(start, ExprKind::While { label: None, condition, body }, end)
    }

    pub(in crate::syntax) fn for_loop(&self, start: u32, head: ForHead, body: Block, end: u32) -> Expr {
        let ForHead { inout, pattern, ty, iterable } = head;
        let head = For { label: None, inout, pattern, ty, iterable, body };
        self.expr(start, ExprKind::For(Box::new(head)), end)
    }

    pub(in crate::syntax) fn inout_head(&self, at: u32, pattern: Pattern, iterable: Expr) -> ForHead {
        ForHead { inout: Some(self.token_span(at)), pattern, ty: None, iterable }
    }

    pub(in crate::syntax) fn error_match_arm(&self, start: u32, end: u32) -> MatchArm {
        let pattern = self.pattern(start, PatternKind::Error, end);
        let body = self.expr(start, ExprKind::Error, end);
        MatchArm { pattern, guard: None, span: body.span, body }
    }

    pub(in crate::syntax) fn error_select_arm(&self, start: u32, end: u32) -> SelectArm {
        let body = self.expr(start, ExprKind::Error, end);
        SelectArm { kind: SelectArmKind::Default, guard: None, span: body.span, body }
    }
}

/// A block that stands alone as an argument is a closure without parameters.
fn block_closure(body: Expr) -> Expr {
    let span = body.span;
    let closure = Closure { form: ClosureForm::Block, params: Vec::new(), result: None, body };
    Expr { kind: ExprKind::Closure(Box::new(closure)), span }
}

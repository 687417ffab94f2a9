//! Patterns.

use super::Actions;
use crate::index::Symbol;
use crate::source::Span;
use crate::syntax::ast::{
    Path, PathSegment, Pattern, PatternArgs, PatternField, PatternKind, PatternLiteral, RangeLimits,
};
use crate::syntax::errors;

/// What stands between the commas of a constructor pattern.
pub(in crate::syntax) enum PatternArg {
    /// A field.
    Field(PatternField),
    /// `..`
    Rest(Span),
}

impl Actions<'_> {
    pub(in crate::syntax) fn pattern(&self, start: u32, kind: PatternKind, end: u32) -> Pattern {
        Pattern { kind, span: self.span(start, end) }
    }

    pub(in crate::syntax) fn binding(&self, at: u32, name: Symbol) -> Pattern {
        let name = self.ident(at, name);
        Pattern { kind: PatternKind::Binding(name), span: name.span }
    }

    pub(in crate::syntax) fn literal_pattern(&self, literal: PatternLiteral) -> Pattern {
        Pattern { span: literal.span, kind: PatternKind::Literal(literal) }
    }

    pub(in crate::syntax) fn range_pattern(
        &self,
        start: PatternLiteral,
        limits: RangeLimits,
        end: PatternLiteral,
    ) -> Pattern {
        let span = start.span.to(end.span);
        Pattern { kind: PatternKind::Range { start, end, limits }, span }
    }

    pub(in crate::syntax) fn tuple_pattern(
        &self,
        start: u32,
        first: Pattern,
        rest: Vec<Pattern>,
        end: u32,
    ) -> Pattern {
        if rest.is_empty() {
            return Pattern { span: self.span(start, end), ..first };
        }
        let mut items = vec![first];
        items.extend(rest);
        self.pattern(start, PatternKind::Tuple(items), end)
    }

    /// A constructor pattern; `args` come with the position after their closing parenthesis.
    pub(in crate::syntax) fn constructor(
        &mut self,
        (segments, span): (Vec<PathSegment>, Span),
        args: Option<(Vec<PatternArg>, u32)>,
    ) -> Pattern {
        let path = Path { segments, span };
        let Some((args, end)) = args else {
            return Pattern { kind: PatternKind::Constructor { path, args: None }, span };
        };
        let span = span.to(self.token_span(end - 1));
        let args = Some(self.pattern_args(args));
        Pattern { kind: PatternKind::Constructor { path, args }, span }
    }

    fn pattern_args(&mut self, args: Vec<PatternArg>) -> PatternArgs {
        let mut fields: Vec<PatternField> = Vec::with_capacity(args.len());
        let mut rest = None;
        for arg in args {
            match (arg, rest) {
                (PatternArg::Rest(span), None) => rest = Some(span),
                (PatternArg::Rest(span), Some(first)) => self.emit(errors::misplaced_rest(span, first)),
                (PatternArg::Field(field), None) => fields.push(field),
                (PatternArg::Field(field), Some(rest)) => {
                    self.emit(errors::misplaced_rest(rest, field.pattern.span));
                    fields.push(field);
                }
            }
        }
        self.check_named_last(&fields);
        PatternArgs { fields, rest }
    }

    fn check_named_last(&mut self, fields: &[PatternField]) {
        let Some(named) = fields.iter().position(|field| field.name.is_some()) else { return };
        if let Some(bare) = fields[named..].iter().find(|field| field.name.is_none()) {
            let name = fields[named].name.map_or(bare.pattern.span, |name| name.span);
            self.emit(errors::positional_after_named(bare.pattern.span, name));
        }
    }
}

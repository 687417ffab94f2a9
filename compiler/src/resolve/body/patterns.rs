//! Patterns.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, hir_name, literals};
use crate::hir::{
    ExprKind, Literal, LocalId, LocalKind, Name, PatArgs, PatId, PatKind, RangeEnd, Sign, TypeHeadKind,
};
use crate::resolve::errors::{self, NameKind};
use crate::resolve::imports::{Home, split_path};

/// The names that a pattern binds.
struct Bindings {
    /// How they may change.
    kind: LocalKind,
    /// The word `let` or `var` before the pattern.
    keyword: Option<Span>,
    /// What the pattern (or the current alternative of it) has bound so far.
    bound: Vec<(Ident, LocalId)>,
    /// What the first alternative of the `A | B` around has bound: the others bind the same locals.
    first: Vec<(Ident, LocalId)>,
}

impl Bindings {
    fn find(bound: &[(Ident, LocalId)], name: Symbol) -> Option<(Ident, LocalId)> {
        bound.iter().copied().find(|(ident, _)| ident.name == name)
    }
}

impl BodyResolver<'_, '_> {
    /// A whole pattern. The names it binds are in scope from here on.
    pub fn pattern(&mut self, pattern: &ast::Pattern) -> PatId {
        self.whole_pattern(pattern, LocalKind::Let, None)
    }

    /// The pattern after `for inout`, whose names stand for places.
    pub fn inout_pattern(&mut self, pattern: &ast::Pattern) -> PatId {
        self.whole_pattern(pattern, LocalKind::Inout, None)
    }

    /// The pattern of a closure's parameter.
    pub fn param_pattern(&mut self, pattern: &ast::Pattern, kind: LocalKind) -> PatId {
        self.whole_pattern(pattern, kind, None)
    }

    /// The pattern of a `let` or `var` statement, which stands at `span`.
    pub fn let_pattern(&mut self, binding: &ast::Let, span: Span) -> PatId {
        // Both words are of the same length.
        let keyword = Some(Span { end: span.start + "let".len() as u32, ..span });
        let kind = match binding.mutability {
            ast::Mutability::Var => LocalKind::Var,
            ast::Mutability::Let => LocalKind::Let,
        };
        self.whole_pattern(&binding.pattern, kind, keyword)
    }

    fn whole_pattern(&mut self, pattern: &ast::Pattern, kind: LocalKind, keyword: Option<Span>) -> PatId {
        let mut bindings = Bindings { kind, keyword, bound: Vec::new(), first: Vec::new() };
        let pat = self.sub_pattern(pattern, &mut bindings);
        for (name, local) in bindings.bound {
            self.names.declare(name.name, local);
        }
        pat
    }

    fn sub_pattern(&mut self, pattern: &ast::Pattern, bindings: &mut Bindings) -> PatId {
        let kind = match &pattern.kind {
            ast::PatternKind::Wildcard => PatKind::Wild,
            ast::PatternKind::Binding(name) => PatKind::Bind(self.bind(*name, bindings)),
            ast::PatternKind::Literal(literal) => self.literal_pattern(literal),
            ast::PatternKind::Range { start, end, limits } => self.range_pattern(start, end, *limits),
            ast::PatternKind::Constructor { path, args } => self.constructor(path, args.as_ref(), bindings),
            ast::PatternKind::Tuple(items) => {
                PatKind::Tuple(items.iter().map(|item| self.sub_pattern(item, bindings)).collect())
            }
            ast::PatternKind::Or(alternatives) => self.alternatives(alternatives, bindings),
            ast::PatternKind::Error => PatKind::Error,
        };
        self.new_pat(kind, pattern.span)
    }

    fn bind(&mut self, name: Ident, bindings: &mut Bindings) -> LocalId {
        if let Some((previous, local)) = Bindings::find(&bindings.bound, name.name) {
            self.resolver.sink.emit(errors::bound_twice(name, previous.span));
            return local;
        }
        let known = Bindings::find(&bindings.first, name.name).map(|(_, local)| local);
        let local = known.unwrap_or_else(|| {
            let local = self.new_local(name, bindings.kind);
            self.body.locals[local].keyword = bindings.keyword;
            local
        });
        bindings.bound.push((name, local));
        local
    }

    /// `A | B`: the first alternative makes the locals, the others bind the same ones.
    fn alternatives(&mut self, alternatives: &[ast::Pattern], bindings: &mut Bindings) -> PatKind {
        let outside = bindings.bound.clone();
        let outer_first = bindings.first.clone();
        let mut pats = Vec::new();
        let mut first: Option<Vec<(Ident, LocalId)>> = None;
        for alternative in alternatives {
            bindings.bound.clone_from(&outside);
            pats.push(self.sub_pattern(alternative, bindings));
            let own = bindings.bound[outside.len()..].to_vec();
            match &first {
                None => {
                    bindings.first.extend(own.iter().copied());
                    first = Some(own);
                }
                Some(expected) => {
                    self.check_same_names(expected, alternatives[0].span, &own, alternative.span)
                }
            }
        }
        bindings.first = outer_first;
        bindings.bound = outside;
        bindings.bound.extend(first.unwrap_or_default());
        PatKind::Or(pats)
    }

    /// Reports the first name that one of two alternatives binds and the other does not.
    fn check_same_names(
        &mut self,
        first: &[(Ident, LocalId)],
        first_span: Span,
        other: &[(Ident, LocalId)],
        other_span: Span,
    ) {
        let missing = |names: &[(Ident, LocalId)], from: &[(Ident, LocalId)]| {
            names.iter().find(|(name, _)| Bindings::find(from, name.name).is_none()).map(|&(name, _)| name)
        };
        if let Some(name) = missing(first, other) {
            self.resolver.sink.emit(errors::unequal_bindings(other_span, name.name, name.span));
        } else if let Some(name) = missing(other, first) {
            self.resolver.sink.emit(errors::unequal_bindings(first_span, name.name, name.span));
        }
    }

    fn literal_pattern(&mut self, literal: &ast::PatternLiteral) -> PatKind {
        match written(&literal.kind) {
            Written::Plain(literal, sign) => PatKind::Literal(literal, sign),
            Written::Duration(nanoseconds) => {
                self.duration_pattern(PatKind::Literal(nanoseconds, Sign::Plus), literal.span)
            }
            Written::Const(path) => self.const_pattern(path),
        }
    }

    /// `5s` is `Duration(5000000000)`.
    fn duration_pattern(&mut self, nanoseconds: PatKind, span: Span) -> PatKind {
        let Some(id) = self.resolver.lang_struct("Duration") else { return PatKind::Error };
        let value = self.new_pat(nanoseconds, span);
        PatKind::Struct(id, PatArgs { items: vec![(None, value)], has_rest: false, is_call: true })
    }

    fn range_pattern(
        &mut self,
        start: &ast::PatternLiteral,
        end: &ast::PatternLiteral,
        limits: ast::RangeLimits,
    ) -> PatKind {
        let span = start.span.to(end.span);
        let inclusive = limits == ast::RangeLimits::Closed;
        let are_durations = [start, end].map(|end| matches!(end.kind, ast::PatternLiteralKind::Duration(_)));
        let (Some(start), Some(end)) = (self.range_end(start), self.range_end(end)) else {
            return PatKind::Error;
        };
        let range = PatKind::Range { start, end, inclusive };
        if are_durations.contains(&true) { self.duration_pattern(range, span) } else { range }
    }

    /// An end of a range; `None` after a diagnostic.
    fn range_end(&mut self, end: &ast::PatternLiteral) -> Option<RangeEnd> {
        match written(&end.kind) {
            Written::Plain(literal, sign) => Some(RangeEnd::Literal(literal, sign)),
            Written::Duration(nanoseconds) => Some(RangeEnd::Literal(nanoseconds, Sign::Plus)),
            Written::Const(path) => match self.path_value(path) {
                ExprKind::Const(id) => {
                    let symbol = self.resolver.hir.definitions.consts[id].name;
                    Some(RangeEnd::Const(Name { symbol, span: end.span }, id))
                }
                _ => None,
            },
        }
    }

    fn const_pattern(&mut self, path: &ast::Path) -> PatKind {
        match self.path_value(path) {
            ExprKind::Const(id) => PatKind::Const(id),
            _ => PatKind::Error,
        }
    }

    /// `Some(x)`, `Shape::Rect(w = a, ..)`, `Point(x = 0, y)`
    fn constructor(
        &mut self,
        path: &ast::Path,
        args: Option<&ast::PatternArgs>,
        bindings: &mut Bindings,
    ) -> PatKind {
        let args = self.pattern_args(args, bindings);
        if let Some(segment) = path.segments.iter().find(|segment| !segment.args.is_empty()) {
            self.resolver.check_arity(path.span, segment.name.name, 0, segment.args.len());
            return PatKind::Error;
        }
        let (modules, rest) = split_path(&path.segments);
        let Some(home) = self.resolver.home_of(modules, self.scope.module) else { return PatKind::Error };
        match rest {
            [only] => self.single_constructor(home, only, path.span, args),
            [owner, member] => self.member_constructor(home, owner, member, path.span, args),
            _ => PatKind::Error,
        }
    }

    fn pattern_args(&mut self, args: Option<&ast::PatternArgs>, bindings: &mut Bindings) -> PatArgs {
        let Some(args) = args else { return PatArgs::default() };
        let items = args.fields.iter().map(|field| {
            let name = field.name.map(hir_name);
            (name, self.sub_pattern(&field.pattern, bindings))
        });
        PatArgs { items: items.collect(), has_rest: args.rest.is_some(), is_call: true }
    }

    fn single_constructor(
        &mut self,
        home: Home,
        segment: &ast::PathSegment,
        span: Span,
        args: PatArgs,
    ) -> PatKind {
        let name = segment.name;
        if home == Home::Here && self.resolver.scopes.is_variant(name.name) {
            return PatKind::Bare(hir_name(name), args);
        }
        let head = self.resolver.resolve_type_head(home, segment, span, self.scope);
        match head.map(|head| head.kind) {
            Some(TypeHeadKind::Struct(id)) => PatKind::Struct(id, args),
            Some(TypeHeadKind::Class(_)) => {
                self.resolver.sink.emit(errors::class_pattern(name));
                PatKind::Error
            }
            Some(TypeHeadKind::Error) => PatKind::Error,
            Some(TypeHeadKind::Enum(_) | TypeHeadKind::Whole(_)) | None => {
                let nearest = self.resolver.suggest(name.name, self.resolver.scopes.variant_names());
                self.resolver.sink.emit(errors::unknown_name(NameKind::Pattern, name, nearest));
                PatKind::Error
            }
        }
    }

    fn member_constructor(
        &mut self,
        home: Home,
        owner: &ast::PathSegment,
        member: &ast::PathSegment,
        span: Span,
        args: PatArgs,
    ) -> PatKind {
        let Some(head) = self.resolver.resolve_type_head(home, owner, span, self.scope) else {
            let nearest = self.nearest_title(owner.name.name);
            self.resolver.sink.emit(errors::unknown_name(NameKind::TypeOrVariant, owner.name, nearest));
            return PatKind::Error;
        };
        match head.kind {
            TypeHeadKind::Enum(id) => match self.find_variant(id, owner.name, member.name) {
                Some(variant) => PatKind::Variant(id, variant, args),
                None => PatKind::Error,
            },
            TypeHeadKind::Error => PatKind::Error,
            TypeHeadKind::Struct(_) | TypeHeadKind::Class(_) | TypeHeadKind::Whole(_) => {
                self.resolver.sink.emit(errors::not_in_type(owner.name.name, member.name));
                PatKind::Error
            }
        }
    }
}

/// A literal in a pattern, or a constant in the place of one.
enum Written<'p> {
    Plain(Literal, Sign),
    /// A number of nanoseconds.
    Duration(Literal),
    Const(&'p ast::Path),
}

fn written(literal: &ast::PatternLiteralKind) -> Written<'_> {
    let sign = |negative| if negative { Sign::Minus } else { Sign::Plus };
    match literal {
        ast::PatternLiteralKind::Int { negative, value } => {
            Written::Plain(literals::int_literal(*value), sign(*negative))
        }
        ast::PatternLiteralKind::Float { negative, value } => {
            Written::Plain(literals::float_literal(*value), sign(*negative))
        }
        ast::PatternLiteralKind::String(text) => {
            Written::Plain(Literal::String(Symbol::intern(text)), Sign::Plus)
        }
        ast::PatternLiteralKind::Char(value) => Written::Plain(Literal::Char(*value), Sign::Plus),
        ast::PatternLiteralKind::Bool(value) => Written::Plain(Literal::Bool(*value), Sign::Plus),
        ast::PatternLiteralKind::Duration(nanoseconds) => {
            Written::Duration(literals::duration_literal(*nanoseconds))
        }
        ast::PatternLiteralKind::Const(path) => Written::Const(path),
    }
}

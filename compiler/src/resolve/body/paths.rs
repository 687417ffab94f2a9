//! Names in expressions: locals, functions, constants, variants and types.

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, hir_name};
use crate::hir::{EnumId, ExprKind, FnId, TypeHead, TypeHeadKind, TypeRef, VariantId};
use crate::resolve::ModuleIndex;
use crate::resolve::errors::{self, NameKind};
use crate::resolve::imports::{Home, split_path};
use crate::resolve::later::Later;
use crate::resolve::scope::ValueDef;
use crate::types::Ty;

/// Whether a name is called, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Callee,
    Value,
}

impl BodyResolver<'_, '_> {
    /// A path that stands for a value.
    pub fn path_value(&mut self, path: &ast::Path) -> ExprKind {
        self.path(path, Use::Value)
    }

    /// A path that is called, unless a type has its name.
    pub fn path_callee(&mut self, path: &ast::Path) -> ExprKind {
        self.path(path, Use::Callee)
    }

    fn path(&mut self, path: &ast::Path, usage: Use) -> ExprKind {
        if let [first, member] = path.segments.as_slice()
            && self.is_sys(first)
        {
            return self.sys_function(member, path.span, usage);
        }
        let (modules, rest) = split_path(&path.segments);
        let Some(home) = self.resolver.home_of(modules, self.scope.module) else { return ExprKind::Error };
        match (home, rest) {
            (Home::Here, [only]) => self.single_name(only, path.span, usage),
            (Home::Module(module), [only]) => self.item_of_module(module, only, path.span),
            (_, [owner, member]) => self.member_path(home, owner, member),
            (_, [.., last]) => {
                let unknown = errors::unknown_name(NameKind::TypeOrVariant, last.name, None);
                self.error(unknown)
            }
            (_, []) => ExprKind::Error,
        }
    }

    /// `shapes::area`, `shapes::LIMIT`
    fn item_of_module(&mut self, module: ModuleIndex, segment: &ast::PathSegment, span: Span) -> ExprKind {
        if is_title_case(segment.name.name) {
            return match self.resolver.resolve_type_head(Home::Module(module), segment, span, self.scope) {
                Some(TypeHead { kind: TypeHeadKind::Error, .. }) | None => ExprKind::Error,
                Some(head) => self.error(errors::type_as_value(segment.name, head.kind)),
            };
        }
        let def = self.resolver.value_in(module, segment.name, self.scope.module);
        self.value(def, segment, span)
    }

    fn value(&mut self, def: ValueDef, segment: &ast::PathSegment, span: Span) -> ExprKind {
        match def {
            ValueDef::Fn(id) => self.function(id, segment, span),
            ValueDef::Const(id) if self.has_no_type_args(segment) => ExprKind::Const(id),
            ValueDef::Const(_) | ValueDef::Error => ExprKind::Error,
        }
    }

    fn error(&mut self, diagnostic: Diagnostic) -> ExprKind {
        self.resolver.sink.emit(diagnostic);
        ExprKind::Error
    }

    fn single_name(&mut self, segment: &ast::PathSegment, span: Span, usage: Use) -> ExprKind {
        let name = segment.name;
        if let Some(local) = self.names.find(name.name) {
            let kind = self.use_local(local);
            return if self.has_no_type_args(segment) { kind } else { ExprKind::Error };
        }
        match self.find_value(name.name) {
            Some(def) => self.value(def, segment, span),
            None if is_title_case(name.name) => self.title_name(segment, span),
            None => self.unknown_value(name, usage),
        }
    }

    pub fn find_value(&self, name: Symbol) -> Option<ValueDef> {
        let module = self.scope.module;
        self.resolver.scopes.find_value(module, name)
    }

    /// Whether it is the `sys` of the library's `sys::name`.
    fn is_sys(&self, segment: &ast::PathSegment) -> bool {
        segment.name.name.as_str() == "sys" && self.resolver.layer(self.scope.module).is_library()
    }

    fn sys_function(&mut self, segment: &ast::PathSegment, span: Span, usage: Use) -> ExprKind {
        match self.resolver.scopes.find_sys_value(segment.name.name) {
            Some(ValueDef::Fn(id)) if usage == Use::Callee => self.function(id, segment, span),
            _ => self.error(errors::unknown_name(NameKind::Function, segment.name, None)),
        }
    }

    fn function(&mut self, id: FnId, segment: &ast::PathSegment, span: Span) -> ExprKind {
        let args = self.resolver.resolve_types(&segment.args, self.scope);
        let params = self.resolver.hir.definitions.functions[id].type_params.iter();
        let expected = params.filter(|param| !param.is_implied).count();
        if !args.is_empty() && !self.resolver.check_arity(span, segment.name.name, expected, args.len()) {
            return ExprKind::Error;
        }
        ExprKind::Fn(id, args)
    }

    /// Reports type arguments where none can stand.
    fn has_no_type_args(&mut self, segment: &ast::PathSegment) -> bool {
        self.resolver.check_arity(segment.name.span, segment.name.name, 0, segment.args.len())
    }

    /// A TitleCase name that stands alone and is not called as a type: a variant, or a mistake.
    fn title_name(&mut self, segment: &ast::PathSegment, span: Span) -> ExprKind {
        let name = segment.name;
        if self.resolver.scopes.is_variant(name.name) {
            return if self.has_no_type_args(segment) {
                ExprKind::BareVariant(hir_name(name))
            } else {
                ExprKind::Error
            };
        }
        match self.resolver.resolve_type_head(Home::Here, segment, span, self.scope) {
            Some(TypeHead { kind: TypeHeadKind::Error, .. }) => ExprKind::Error,
            Some(head) => self.error(errors::type_as_value(name, head.kind)),
            None => {
                let diagnostic = match Later::library_type(name.name) {
                    Some(later) => later.diagnostic(name.span),
                    None => {
                        let nearest = self.nearest_title(name.name);
                        let unknown = errors::unknown_name(NameKind::TypeOrVariant, name, nearest);
                        self.resolver.suggest_import(unknown, name.name, self.scope.module)
                    }
                };
                self.error(diagnostic)
            }
        }
    }

    pub fn nearest_title(&self, name: Symbol) -> Option<Symbol> {
        let (module, scopes) = (self.scope.module, &self.resolver.scopes);
        let types = scopes.type_names(module, self.resolver.layer(module));
        self.resolver.suggest(name, types.chain(scopes.variant_names()))
    }

    fn unknown_value(&mut self, name: Ident, usage: Use) -> ExprKind {
        let kind = match usage {
            Use::Callee => NameKind::Function,
            Use::Value if is_screaming_case(name.name) => NameKind::Constant,
            Use::Value => NameKind::Variable,
        };
        let module = self.scope.module;
        let items = self.resolver.scopes.value_names(module);
        // Variants are no variables, but other languages have a word for none in this place.
        let is_nothing = matches!(name.name.as_str(), "nil" | "none" | "null" | "undefined");
        let none = is_nothing.then(|| Symbol::intern("None"));
        let known = self.names.declared.iter().copied().chain(items).chain(none);
        let nearest = self.resolver.suggest(name.name, known);
        let unknown = errors::unknown_name(kind, name, nearest);
        self.error(self.resolver.suggest_import(unknown, name.name, module))
    }

    /// `Shape::Rect`
    fn member_path(&mut self, home: Home, owner: &ast::PathSegment, member: &ast::PathSegment) -> ExprKind {
        let Some(head) = self.resolver.resolve_type_head(home, owner, owner.name.span, self.scope) else {
            return self.title_name(owner, owner.name.span);
        };
        match head.kind {
            TypeHeadKind::Error => ExprKind::Error,
            TypeHeadKind::Enum(id) => match self.find_variant(id, owner.name, member.name) {
                Some(variant) if self.has_no_type_args(member) => ExprKind::Variant(id, variant, head.args),
                _ => ExprKind::Error,
            },
            _ if is_title_case(member.name.name) => {
                self.error(errors::not_in_type(owner.name.name, member.name))
            }
            _ => {
                self.error(errors::wrong_separator(owner.name.name, member.name, between(owner, member), "."))
            }
        }
    }

    /// The variant with this name, or a diagnostic.
    pub fn find_variant(&mut self, id: EnumId, owner: Ident, member: Ident) -> Option<VariantId> {
        let variants = &self.resolver.hir.definitions.enums[id].variants;
        let found = variants.iter_enumerated().find(|(_, variant)| variant.name == member.name);
        if let Some((variant, _)) = found {
            return Some(variant);
        }
        let diagnostic = if is_title_case(member.name) {
            let names = variants.iter().map(|variant| variant.name);
            errors::unknown_variant(owner.name, member, self.resolver.suggest(member.name, names))
        } else {
            let gap = Span::new(owner.span.file, owner.span.end, member.span.start);
            errors::wrong_separator(owner.name, member, gap, ".")
        };
        self.resolver.sink.emit(diagnostic);
        None
    }

    /// The type that stands before a dot, if the expression there is a type.
    pub fn type_before_dot(&mut self, base: &ast::Expr) -> Option<TypeHead> {
        let ast::ExprKind::Path(path) = &base.kind else { return None };
        self.type_of_path(path)
    }

    /// The type that a path names; `None` if it names none. A path through a module that is not there stands for a
    /// wrong type.
    pub fn type_of_path(&mut self, path: &ast::Path) -> Option<TypeHead> {
        let (modules, [segment]) = split_path(&path.segments) else { return None };
        if !is_title_case(segment.name.name) {
            return None;
        }
        match self.resolver.home_of(modules, self.scope.module) {
            Some(home) => self.resolver.resolve_type_head(home, segment, path.span, self.scope),
            None => Some(TypeHead { kind: TypeHeadKind::Error, args: Vec::new(), span: path.span }),
        }
    }

    /// `Int.MAX`
    pub fn type_const(&mut self, base: &ast::Expr, head: TypeHead, name: Ident) -> ExprKind {
        let definitions = &self.resolver.hir.definitions;
        let ty = match head.kind {
            TypeHeadKind::Error => return ExprKind::Error,
            TypeHeadKind::Whole(ty) => ty,
            TypeHeadKind::Enum(id) => {
                let definition = &definitions.enums[id];
                if definition.variants.iter().any(|variant| variant.name == name.name) {
                    let gap = Span::new(name.span.file, base.span.end, name.span.start);
                    let owner = definition.name;
                    return self.error(errors::wrong_separator(owner, name, gap, "::"));
                }
                Ty::enumeration(id, &types_of(&head.args))
            }
            TypeHeadKind::Struct(id) => Ty::structure(id, &types_of(&head.args)),
            TypeHeadKind::Class(id) => Ty::class(id, &types_of(&head.args)),
        };
        ExprKind::TypeConst(TypeRef { ty, span: head.span }, hir_name(name))
    }
}

fn types_of(args: &[TypeRef]) -> Vec<Ty> {
    args.iter().map(|arg| arg.ty).collect()
}

/// What stands between the two names.
fn between(owner: &ast::PathSegment, member: &ast::PathSegment) -> Span {
    Span::new(owner.name.span.file, owner.name.span.end, member.name.span.start)
}

/// Whether the name is that of a type or variant: `Point`, `T`.
pub(super) fn is_title_case(name: Symbol) -> bool {
    let text = name.as_str();
    text.starts_with(|first: char| first.is_uppercase()) && !is_screaming_case(name)
}

/// Whether the name is that of a variable or function: `origin`.
pub(super) fn is_value_name(name: Symbol) -> bool {
    name.as_str().starts_with(|first: char| first.is_lowercase() || first == '_')
}

/// Whether the name is that of a constant, `LIMIT`: not `T`, nor `T1`.
fn is_screaming_case(name: Symbol) -> bool {
    let text = name.as_str();
    let has_more = text.chars().skip(1).any(|character| !character.is_ascii_digit());
    has_more && text.starts_with(char::is_uppercase) && !text.contains(char::is_lowercase)
}

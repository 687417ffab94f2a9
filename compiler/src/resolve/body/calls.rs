//! Calls: of functions, variants, types, methods and static functions.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::paths::is_title_case;
use super::{BodyResolver, hir_name};
use crate::hir::{Arg, EnumId, ExprKind, Name, TypeHead, TypeHeadKind};
use crate::resolve::errors;
use crate::resolve::scope::TypeDef;

impl BodyResolver<'_, '_> {
    /// `f(x)`, `Point(x = 1)`, `Some(x)`
    pub fn call(&mut self, callee: &ast::Expr, args: &[ast::Arg]) -> ExprKind {
        let ast::ExprKind::Path(path) = &callee.kind else {
            let callee = self.expr(callee);
            return ExprKind::Call { callee, args: self.args(args) };
        };
        if let Some(ty) = self.constructed_type(path) {
            let bare = self.variant_name(path);
            let args = self.args(args);
            return construct(ty, bare, args);
        }
        let kind = self.path_callee(path);
        let callee = self.new_expr(kind, callee.span);
        ExprKind::Call { callee, args: self.args(args) }
    }

    /// The type that a call makes a value of. A built-in type and an interface have no `init`, so where an enum has a variant
    /// of the same name, as in `enum Token { Int(Int), Error(String) }`, that is meant.
    fn constructed_type(&mut self, path: &ast::Path) -> Option<TypeHead> {
        if let [segment] = path.segments.as_slice() {
            let name = segment.name.name;
            let is_hidden = self.names.find(name).is_some();
            if is_hidden || (self.is_never_constructed(name) && self.resolver.scopes.is_variant(name)) {
                return None;
            }
        }
        self.type_of_path(path)
    }

    /// The name of a type that is called, if an enum has a variant of that name.
    fn variant_name(&self, path: &ast::Path) -> Option<Name> {
        let [segment] = path.segments.as_slice() else { return None };
        let may_be_variant = segment.args.is_empty() && self.resolver.scopes.is_variant(segment.name.name);
        may_be_variant.then(|| hir_name(segment.name))
    }

    fn is_never_constructed(&self, name: Symbol) -> bool {
        let module = self.scope.module;
        let found = self.resolver.scopes.find_type(module, self.resolver.layer(module), name);
        matches!(found, Some(TypeDef::Builtin(_) | TypeDef::Interface(_)))
    }

    /// `x.f(y)`, `Point.origin()`, `List<Int>.init()`
    pub fn method_call(
        &mut self,
        receiver: &ast::Expr,
        name: Ident,
        type_args: &[ast::Type],
        args: &[ast::Arg],
    ) -> ExprKind {
        let head = self.type_before_dot(receiver);
        let type_args = self.resolver.resolve_types(type_args, self.scope);
        let Some(ty) = head else {
            let receiver = self.expr(receiver);
            return ExprKind::MethodCall { receiver, name: hir_name(name), type_args, args: self.args(args) };
        };
        if let TypeHeadKind::Enum(id) = ty.kind
            && is_title_case(name.name)
        {
            return self.variant_after_dot(receiver, id, name, args);
        }
        let args = self.args(args);
        match ty.kind {
            TypeHeadKind::Error => ExprKind::Error,
            _ if name.name.as_str() == "init" => construct(ty, None, args),
            _ => ExprKind::StaticCall { ty, name: hir_name(name), type_args, args },
        }
    }

    /// `Shape.Rect(…)`, which should have been `Shape::Rect(…)`.
    fn variant_after_dot(
        &mut self,
        receiver: &ast::Expr,
        id: EnumId,
        name: Ident,
        args: &[ast::Arg],
    ) -> ExprKind {
        self.args(args);
        let owner = Ident { name: self.resolver.hir.definitions.enums[id].name, span: receiver.span };
        if self.find_variant(id, owner, name).is_some() {
            let gap = Span::new(name.span.file, receiver.span.end, name.span.start);
            let diagnostic = errors::wrong_separator(owner.name, name, gap, "::");
            self.resolver.sink.emit(diagnostic);
        }
        ExprKind::Error
    }

    fn args(&mut self, args: &[ast::Arg]) -> Vec<Arg> {
        let args = args.iter().map(|arg| Arg {
            name: arg.name.map(hir_name),
            is_inout: arg.inout.is_some(),
            value: self.expr(&arg.value),
            span: arg.span,
        });
        args.collect()
    }
}

fn construct(ty: TypeHead, bare: Option<Name>, args: Vec<Arg>) -> ExprKind {
    match ty.kind {
        TypeHeadKind::Error => ExprKind::Error,
        _ => ExprKind::Construct { ty, bare, args },
    }
}

//! Types as written → [`Ty`].

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::imports::{Home, split_path};
use super::later::Later;
use super::scope::TypeDef;
use super::{Layer, ModuleIndex, Resolver, errors};
use crate::hir::{InterfaceId, InterfaceRef, ParamMode, TypeHead, TypeHeadKind, TypeParam, TypeRef};
use crate::types::{FloatTy, IntTy, Sharing, Ty, TyKind};

/// What a type may mention: the items of a file, and the type parameters around it.
#[derive(Clone, Debug)]
pub(super) struct TypeScope {
    pub module: ModuleIndex,
    /// The type parameters, the owner's first; their positions are those of [`TyKind::Param`].
    pub params: Vec<TypeParam>,
    /// What `Self` stands for.
    pub self_ty: Option<Ty>,
}

impl TypeScope {
    /// The scope of what is declared in a file, outside of any item.
    pub fn of_module(module: ModuleIndex) -> Self {
        Self { module, params: Vec::new(), self_ty: None }
    }

    /// The parameter with this name; an inner one hides an outer one.
    fn find_param(&self, name: Symbol) -> Option<Ty> {
        let position = self.params.iter().rposition(|param| param.name == name)?;
        if self.params[position].is_wrong {
            return Some(Ty::error());
        }
        Some(Ty::new(TyKind::Param(position as u32, name)))
    }
}

/// Type parameters as types.
pub(super) fn param_types(params: &[TypeParam]) -> Vec<Ty> {
    let positions = 0u32..;
    positions.zip(params).map(|(position, param)| Ty::new(TyKind::Param(position, param.name))).collect()
}

/// A type that the compiler knows without a definition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Builtin {
    Bool,
    Char,
    Unit,
    Never,
    String,
    Int(IntTy),
    Float(FloatTy),
    Task,
    Buffer,
    ChannelHandle,
    WeakHandle,
}

/// Built-in types by name.
const BUILTINS: [(&str, Builtin); 21] = [
    ("Bool", Builtin::Bool),
    ("Char", Builtin::Char),
    ("Unit", Builtin::Unit),
    ("Never", Builtin::Never),
    ("String", Builtin::String),
    ("Int", Builtin::Int(IntTy::I64)),
    ("Int8", Builtin::Int(IntTy::I8)),
    ("Int16", Builtin::Int(IntTy::I16)),
    ("Int32", Builtin::Int(IntTy::I32)),
    ("Int64", Builtin::Int(IntTy::I64)),
    ("UInt8", Builtin::Int(IntTy::U8)),
    ("UInt16", Builtin::Int(IntTy::U16)),
    ("UInt32", Builtin::Int(IntTy::U32)),
    ("UInt64", Builtin::Int(IntTy::U64)),
    ("Float", Builtin::Float(FloatTy::F64)),
    ("Float32", Builtin::Float(FloatTy::F32)),
    ("Float64", Builtin::Float(FloatTy::F64)),
    ("Task", Builtin::Task),
    ("Buffer", Builtin::Buffer),
    ("ChannelHandle", Builtin::ChannelHandle),
    ("WeakHandle", Builtin::WeakHandle),
];

impl Builtin {
    /// The built-in type with this name that files of this layer see.
    pub fn find(name: &str, layer: Layer) -> Option<Self> {
        let &(_, builtin) = BUILTINS.iter().find(|(known, _)| *known == name)?;
        builtin.is_visible(layer).then_some(builtin)
    }

    /// The names of the built-in types that files of this layer see.
    pub fn names(layer: Layer) -> impl Iterator<Item = &'static str> {
        BUILTINS.iter().filter(move |(_, builtin)| builtin.is_visible(layer)).map(|&(name, _)| name)
    }

    /// The raw storage under collections and channels is for the library alone.
    fn is_visible(self, layer: Layer) -> bool {
        layer.is_library() || !matches!(self, Self::Buffer | Self::ChannelHandle | Self::WeakHandle)
    }

    /// How many type arguments it takes.
    pub fn arity(self) -> usize {
        usize::from(matches!(self, Self::Task | Self::Buffer | Self::ChannelHandle | Self::WeakHandle))
    }

    /// The type with these arguments, of which there are as many as it takes.
    pub fn apply(self, args: &[Ty]) -> Ty {
        let part = args.first().copied().unwrap_or_else(Ty::error);
        match self {
            Self::Bool => Ty::bool(),
            Self::Char => Ty::char(),
            Self::Unit => Ty::unit(),
            Self::Never => Ty::never(),
            Self::String => Ty::string(),
            Self::Int(int) => Ty::new(TyKind::Int(int)),
            Self::Float(float) => Ty::new(TyKind::Float(float)),
            Self::Task => Ty::new(TyKind::Task(part)),
            Self::Buffer => Ty::new(TyKind::Buffer(part)),
            Self::ChannelHandle => Ty::new(TyKind::ChannelHandle(part)),
            Self::WeakHandle => Ty::new(TyKind::Weak(part)),
        }
    }
}

/// What the name of a type leads to, before its arguments.
#[derive(Clone, Copy)]
enum TypeName {
    Def(TypeDef),
    /// A type parameter, or `Self`.
    Whole(Ty),
}

impl<'a> Resolver<'a> {
    /// The type as written; [`Ty::error`] after a diagnostic.
    pub fn resolve_type(&mut self, ty: &ast::Type, scope: &TypeScope) -> TypeRef {
        let resolved = match &ty.kind {
            ast::TypeKind::Path(path) => self.resolve_type_path(path, scope),
            ast::TypeKind::Tuple(items) => {
                let items: Vec<Ty> = items.iter().map(|item| self.resolve_type(item, scope).ty).collect();
                Ty::tuple(&items)
            }
            ast::TypeKind::Function(function) => self.resolve_function_type(function, scope),
            ast::TypeKind::Error => Ty::error(),
        };
        TypeRef { ty: resolved, span: ty.span }
    }

    fn resolve_function_type(&mut self, function: &ast::FunctionType, scope: &TypeScope) -> Ty {
        let param =
            |(mode, ty): &(ast::ParamMode, ast::Type)| (param_mode(*mode), self.resolve_type(ty, scope).ty);
        let params: Vec<_> = function.params.iter().map(param).collect();
        let result = function.result.as_ref().map_or(Ty::unit(), |ty| self.resolve_type(ty, scope).ty);
        let sharing = if function.sharable.is_some() { Sharing::Sharable } else { Sharing::Transfer };
        Ty::function(&params, result, sharing)
    }

    /// Several types as written.
    pub fn resolve_types(&mut self, types: &[ast::Type], scope: &TypeScope) -> Vec<TypeRef> {
        types.iter().map(|ty| self.resolve_type(ty, scope)).collect()
    }

    fn resolve_type_path(&mut self, path: &ast::Path, scope: &TypeScope) -> Ty {
        let (modules, [segment]) = split_path(&path.segments) else { return Ty::error() };
        let args: Vec<Ty> = segment.args.iter().map(|arg| self.resolve_type(arg, scope).ty).collect();
        match self.home_of(modules, scope.module) {
            Some(home) => self.resolve_named_type(home, segment.name, &args, path.span, scope),
            None => Ty::error(),
        }
    }

    /// The type with this name and these arguments.
    pub fn resolve_named_type(
        &mut self,
        home: Home,
        name: ast::Ident,
        args: &[Ty],
        span: Span,
        scope: &TypeScope,
    ) -> Ty {
        match self.find_type_name(home, name, scope) {
            Some(TypeName::Whole(ty)) if self.check_arity(span, name.name, 0, args.len()) => ty,
            Some(TypeName::Whole(_) | TypeName::Def(TypeDef::Error)) => Ty::error(),
            Some(TypeName::Def(def)) => self.apply_type(def, name, args, span),
            None => {
                self.report_unknown_type(name, scope.module);
                Ty::error()
            }
        }
    }

    /// `None` only where the scope has no such name; what a module does not have is reported.
    fn find_type_name(&mut self, home: Home, name: ast::Ident, scope: &TypeScope) -> Option<TypeName> {
        if let Home::Module(module) = home {
            return Some(TypeName::Def(self.type_in(module, name, scope.module)));
        }
        let name = name.name;
        if let Some(param) = scope.find_param(name) {
            return Some(TypeName::Whole(param));
        }
        if name.as_str() == "Self" {
            return scope.self_ty.map(TypeName::Whole);
        }
        self.scopes.find_type(scope.module, self.layer(scope.module), name).map(TypeName::Def)
    }

    /// The definition with these arguments, if there are as many as it takes.
    fn apply_type(&mut self, def: TypeDef, name: ast::Ident, args: &[Ty], span: Span) -> Ty {
        if let TypeDef::Alias(id) = def {
            return self.apply_alias(id, args, span);
        }
        if let Some(error) = self.omitted_error(def, args.len()) {
            return self.apply_type(def, name, &[args[0], error], span);
        }
        let is_right = match def {
            TypeDef::Interface(id) => self.check_interface_arity(span, id, args.len()),
            _ => self.check_arity(span, name.name, self.arity(def), args.len()),
        };
        if !is_right {
            return Ty::error();
        }
        match def {
            TypeDef::Struct(id) => Ty::structure(id, args),
            TypeDef::Enum(id) => Ty::enumeration(id, args),
            TypeDef::Interface(id) => {
                self.interface_types.push((id, span));
                Ty::interface(InterfaceRef { id, args: Ty::list(args) })
            }
            TypeDef::Class(id) => Ty::class(id, args),
            TypeDef::Builtin(builtin) => builtin.apply(args),
            TypeDef::Alias(_) | TypeDef::Error => Ty::error(),
        }
    }

    /// What the second argument of the prelude's `Result` is when only one is given.
    fn omitted_error(&self, def: TypeDef, args: usize) -> Option<Ty> {
        let prelude = |name| self.scopes.find_prelude_type(Symbol::intern(name));
        match prelude("Error") {
            Some(TypeDef::Interface(error)) if args == 1 && prelude("Result") == Some(def) => {
                Some(Ty::interface(InterfaceRef::plain(error)))
            }
            _ => None,
        }
    }

    fn arity(&self, def: TypeDef) -> usize {
        match def {
            TypeDef::Struct(id) => self.hir.definitions.structs[id].type_params.len(),
            TypeDef::Enum(id) => self.hir.definitions.enums[id].type_params.len(),
            TypeDef::Interface(id) => self.hir.definitions.interfaces[id].type_params.len() - 1,
            TypeDef::Class(id) => self.hir.definitions.classes[id].type_params.len(),
            TypeDef::Alias(id) => self.aliases[id].declaration.generics.len(),
            TypeDef::Builtin(builtin) => builtin.arity(),
            TypeDef::Error => 0,
        }
    }

    /// Reports a wrong number of type arguments.
    pub fn check_arity(&mut self, span: Span, name: Symbol, expected: usize, found: usize) -> bool {
        if expected != found {
            self.sink.emit(errors::type_argument_count(span, name, expected, found));
        }
        expected == found
    }

    /// Reports a wrong number of type arguments of an interface where all must be written.
    pub fn check_interface_arity(&mut self, span: Span, id: InterfaceId, found: usize) -> bool {
        let interface = &self.hir.definitions.interfaces[id];
        let expected = interface.type_params.len() - 1;
        if expected != found {
            let diagnostic = errors::type_argument_count(span, interface.name, expected, found);
            self.sink.emit(match found == interface.needed_args() {
                true => errors::suggest_generic_function(diagnostic, interface.name),
                false => diagnostic,
            });
        }
        expected == found
    }

    fn report_unknown_type(&mut self, name: ast::Ident, module: ModuleIndex) {
        let diagnostic = match Later::library_type(name.name) {
            Some(later) => later.diagnostic(name.span),
            None => {
                let layer = self.layer(module);
                let nearest = self.suggest(name.name, self.scopes.type_names(module, layer));
                self.suggest_import(errors::unknown_type(name, nearest), name.name, module)
            }
        };
        self.sink.emit(diagnostic);
    }

    /// The type that an expression such as `Point`, `List<Int>` or `Self` names; `None` if no type in scope has this
    /// name. The type arguments of structs and enums may be left out.
    pub fn resolve_type_head(
        &mut self,
        home: Home,
        segment: &ast::PathSegment,
        span: Span,
        scope: &TypeScope,
    ) -> Option<TypeHead> {
        let name = segment.name;
        let found = self.find_type_name(home, name, scope)?;
        let args = self.resolve_types(&segment.args, scope);
        let kind = match found {
            TypeName::Def(TypeDef::Struct(id)) => Some(TypeHeadKind::Struct(id)),
            TypeName::Def(TypeDef::Enum(id)) => Some(TypeHeadKind::Enum(id)),
            TypeName::Def(TypeDef::Class(id)) => Some(TypeHeadKind::Class(id)),
            _ => None,
        };
        if let (Some(kind), TypeName::Def(def)) = (kind, found) {
            return Some(self.named_head(kind, def, name.name, args, span));
        }
        let ty = match found {
            TypeName::Def(TypeDef::Error) => Ty::error(),
            TypeName::Def(def) => {
                let args: Vec<Ty> = args.iter().map(|arg| arg.ty).collect();
                self.apply_type(def, name, &args, span)
            }
            TypeName::Whole(ty) if self.check_arity(span, name.name, 0, args.len()) => ty,
            TypeName::Whole(_) => Ty::error(),
        };
        Some(head_of_type(ty, span))
    }

    fn named_head(
        &mut self,
        kind: TypeHeadKind,
        def: TypeDef,
        name: Symbol,
        mut args: Vec<TypeRef>,
        span: Span,
    ) -> TypeHead {
        args.extend(self.omitted_error(def, args.len()).map(|ty| TypeRef { ty, span }));
        if args.is_empty() || self.check_arity(span, name, self.arity(def), args.len()) {
            TypeHead { kind, args, span }
        } else {
            TypeHead { kind: TypeHeadKind::Error, args: Vec::new(), span }
        }
    }
}

/// How a parameter is passed.
pub(super) fn param_mode(mode: ast::ParamMode) -> ParamMode {
    match mode {
        ast::ParamMode::Plain => ParamMode::Value,
        ast::ParamMode::Inout(_) => ParamMode::Inout,
        ast::ParamMode::Move(_) => ParamMode::Move,
    }
}

/// A type with all its arguments, taken apart.
fn head_of_type(ty: Ty, span: Span) -> TypeHead {
    let (kind, args) = match *ty.kind() {
        TyKind::Struct(id, args) => (TypeHeadKind::Struct(id), args),
        TyKind::Enum(id, args) => (TypeHeadKind::Enum(id), args),
        TyKind::Class(id, args) => (TypeHeadKind::Class(id), args),
        TyKind::Error => (TypeHeadKind::Error, &[][..]),
        _ => (TypeHeadKind::Whole(ty), &[][..]),
    };
    TypeHead { kind, args: args.iter().map(|&ty| TypeRef { ty, span }).collect(), span }
}

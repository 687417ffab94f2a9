//! `extend` blocks: which type they extend, or which instances of it, and whether two of them clash.
//!
//! The type arguments say which instances. A name in them that is no type is a type parameter, declared where it first stands: the block
//! `extend List<T>` is for all lists, `extend List<String>` and `extend List<Task<T>>` are for some.

use plat_syntax::syntax::ast;

use super::imports::Home;
use super::scope::TypeDef;
use super::signatures::{Block, method_kind};
use super::types::{TypeScope, param_types};
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{Extension, FnId, InterfaceId, Owner, TypeRef};
use crate::types::{Head, Ty, TyKind};

impl<'a> Resolver<'a> {
    /// The signatures of the methods of an `extend`.
    pub fn resolve_extension(&mut self, module: ModuleIndex, extension: &'a ast::Extend) {
        let name = extension.name;
        let outside = TypeScope::of_module(module);
        let found = self.scopes.find_type(module, self.layer(module), name.name);
        let generics = self.parameters_of(extension, module);
        if let Some(TypeDef::Interface(id)) = found
            && self.layer(module).is_library()
        {
            return self.extend_interface(id, module, &generics, extension);
        }
        let params = self.resolve_generics(&generics, &outside);
        let inside = TypeScope { params: params.clone(), ..TypeScope::of_module(module) };
        let args: Vec<Ty> = extension.args.iter().map(|arg| self.resolve_type(arg, &inside).ty).collect();
        let target = match found {
            Some(TypeDef::Alias(_) | TypeDef::Interface(_)) => {
                self.sink.emit(errors::cannot_extend(name));
                Ty::error()
            }
            _ => self.resolve_named_type(Home::Here, name, &args, name.span, &outside),
        };
        let is_whole = args == param_types(&params);
        let owner = match *target.kind() {
            TyKind::Struct(id, _) if is_whole => Owner::Struct(id),
            TyKind::Enum(id, _) if is_whole => Owner::Enum(id),
            TyKind::Class(id, _) if is_whole => Owner::Class(id),
            _ => {
                let target = TypeRef { ty: target, span: name.span };
                let extension = Extension { type_params: params.clone(), target, members: Vec::new() };
                self.hir.definitions.extensions.push(extension);
                Owner::Extension(self.hir.definitions.extensions.len() - 1)
            }
        };
        let scope = TypeScope { module, params, self_ty: Some(target) };
        let block = if extension.interfaces.is_empty() { Block::Plain } else { Block::Implementing };
        let methods = self.resolve_methods(&extension.members, owner, &scope, block);
        if block == Block::Implementing && !is_whole && !target.has_error() {
            self.sink.emit(errors::interfaces::for_some_instances(name));
        } else if block == Block::Implementing {
            self.note_implementations(&extension.interfaces, &scope, Some(methods));
        }
    }

    /// `extend Iterable<T: Ord, I: Iterator<T>> { … }` in the library: default methods for those types that have the
    /// interface with such arguments.
    fn extend_interface(
        &mut self,
        id: InterfaceId,
        module: ModuleIndex,
        generics: &[ast::GenericParam],
        extension: &'a ast::Extend,
    ) {
        let this = self.hir.definitions.interfaces[id].type_params[0].clone();
        let outside = TypeScope { params: vec![this], ..TypeScope::of_module(module) };
        let params = self.resolve_generics(generics, &outside);
        let expected = self.hir.definitions.interfaces[id].type_params.len();
        if !self.check_arity(extension.name.span, extension.name.name, expected - 1, params.len() - 1) {
            return;
        }
        let scope = TypeScope { module, self_ty: Some(param_types(&params)[0]), params };
        for member in &extension.members {
            let ast::MemberKind::Function(function) = &member.kind else { continue };
            let method = self.new_function(function.name, module, true);
            self.hir.definitions.functions[method].owner = Some(Owner::Interface(id));
            self.hir.definitions.interfaces[id].members.push(method);
            self.resolve_function(method, function, method_kind(function), scope.clone());
        }
    }

    /// The type parameters of an `extend`: the names in its arguments that are no types.
    fn parameters_of(&mut self, extension: &ast::Extend, module: ModuleIndex) -> Vec<ast::GenericParam> {
        let mut names = Vec::new();
        extension.args.iter().for_each(|arg| lone_names(arg, &mut names));
        let layer = self.layer(module);
        let mut params: Vec<ast::GenericParam> = Vec::new();
        for name in names {
            let is_type =
                name.name.as_str() == "Self" || self.scopes.find_type(module, layer, name.name).is_some();
            let mut bounded = extension.bounded.iter().filter(|it| it.name.span == name.span);
            let bounds = bounded.next().map(|it| it.bounds.clone()).unwrap_or_default();
            let known = params.iter_mut().find(|it| it.name.name == name.name);
            match known {
                _ if is_type && bounds.is_empty() => {}
                _ if is_type => self.sink.emit(errors::bounds_of_type(name)),
                Some(known) => known.bounds.extend(bounds),
                None => params.push(ast::GenericParam { name, bounds }),
            }
        }
        params
    }

    /// The member of this name that was defined before for some of the same values, if there is a file that can see both it and
    /// the new one.
    pub fn find_member(
        &self,
        owner: Owner,
        name: ast::Ident,
        is_public: bool,
        scope: &TypeScope,
    ) -> Option<FnId> {
        let definitions = &self.hir.definitions;
        let is_library = self.layer(scope.module).is_library();
        let clashes = |&id: &FnId| {
            let member = &definitions.functions[id];
            // The library's private members are its own; a program's are those of their files.
            let is_visible = match (member.is_library, is_library) {
                (true, true) => true,
                (false, false) => is_public || member.span.file == name.span.file,
                (true, false) | (false, true) => false,
            };
            let is_same = member.name == name.name && !member.is_implementing;
            (is_same && (member.is_public || is_visible)).then_some(id)
        };
        if let Owner::Interface(id) = owner {
            return definitions.interfaces[id].members.iter().find_map(clashes);
        }
        let target = scope.self_ty.filter(|ty| !ty.has_error())?;
        let own: &[FnId] = match *target.kind() {
            TyKind::Struct(id, _) => &definitions.structs[id].members,
            TyKind::Enum(id, _) => &definitions.enums[id].members,
            TyKind::Class(id, _) => &definitions.classes[id].members,
            _ => &[],
        };
        let same = definitions.extensions.iter().filter(|other| overlap(other.target.ty, target));
        let extending = same.flat_map(|extension| &extension.members);
        own.iter().chain(extending).find_map(clashes)
    }
}

/// Names in a type that may be those of type parameters.
fn lone_names(ty: &ast::Type, names: &mut Vec<ast::Ident>) {
    match &ty.kind {
        ast::TypeKind::Path(path) => match &path.segments[..] {
            [only] if only.args.is_empty() => names.push(only.name),
            segments => {
                let args = segments.iter().flat_map(|segment| &segment.args);
                args.for_each(|arg| lone_names(arg, names));
            }
        },
        ast::TypeKind::Tuple(items) => items.iter().for_each(|item| lone_names(item, names)),
        ast::TypeKind::Function(function) => {
            let params = function.params.iter().map(|(_, ty)| ty);
            params.chain(&function.result).for_each(|ty| lone_names(ty, names));
        }
        ast::TypeKind::Error => {}
    }
}

/// Whether some type is an instance of both, whose type parameters have nothing to do with each other.
fn overlap(a: Ty, b: Ty) -> bool {
    let mut overlap = Overlap::default();
    overlap.meet((Side::Left, a), (Side::Right, b))
}

/// Whose type parameters a type mentions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// A type in terms of the parameters of one side.
type Sided = (Side, Ty);

/// What type parameters must stand for so that two types are one.
#[derive(Default)]
struct Overlap {
    known: Vec<(Side, u32, Sided)>,
}

impl Overlap {
    fn meet(&mut self, a: Sided, b: Sided) -> bool {
        let (a, b) = (self.known(a), self.known(b));
        match (a.1.kind(), b.1.kind()) {
            (&TyKind::Param(x, _), &TyKind::Param(y, _)) if (a.0, x) == (b.0, y) => true,
            (&TyKind::Param(position, _), _) => self.learn(a.0, position, b),
            (_, &TyKind::Param(position, _)) => self.learn(b.0, position, a),
            _ => {
                let (left, right) = (a.1.parts(), b.1.parts());
                is_same_but_for_parts(a.1, b.1)
                    && left.iter().zip(right).all(|(&x, &y)| self.meet((a.0, x), (b.0, y)))
            }
        }
    }

    fn learn(&mut self, side: Side, position: u32, ty: Sided) -> bool {
        // A type that would be part of itself is none.
        if self.mentions(ty, side, position) {
            return false;
        }
        self.known.push((side, position, ty));
        true
    }

    /// What a type parameter is known to stand for.
    fn known(&self, mut ty: Sided) -> Sided {
        while let TyKind::Param(position, _) = *ty.1.kind() {
            let found = self.known.iter().find(|known| (known.0, known.1) == (ty.0, position));
            match found {
                Some(&(_, _, found)) => ty = found,
                None => break,
            }
        }
        ty
    }

    fn mentions(&self, ty: Sided, side: Side, position: u32) -> bool {
        let ty = self.known(ty);
        match *ty.1.kind() {
            TyKind::Param(other, _) => (ty.0, other) == (side, position),
            _ => ty.1.parts().iter().any(|&part| self.mentions((ty.0, part), side, position)),
        }
    }
}

fn is_same_but_for_parts(a: Ty, b: Ty) -> bool {
    let is_same = match (a.kind(), b.kind()) {
        (TyKind::Fn(a), TyKind::Fn(b)) => a.modes() == b.modes() && a.sharing() == b.sharing(),
        (TyKind::Interface(a, _), TyKind::Interface(b, _)) => a == b,
        _ => a == b || Head::of(a).is_some() && Head::of(a) == Head::of(b),
    };
    is_same && a.parts().len() == b.parts().len()
}

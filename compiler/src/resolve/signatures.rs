//! Second round: types of fields, variants, parameters and results; members of types.
//!
//! The type parameters of all types come first, because every type that is written needs to know how many arguments
//! the types in it take.

use plat_syntax::hash::HashMap;
use plat_syntax::index::{Id, IndexVec, Symbol};
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::aliases::AliasId;
use super::collect::{Items, default_name};
use super::types::{TypeScope, param_mode, param_types};
use super::{BodySource, ModuleIndex, PendingBody, Resolver, errors};
use crate::hir::{
    Bound, ClassId, ConstId, EnumId, Field, FieldId, FnBody, FnId, FnKind, InterfaceId, InterfaceRef, Owner,
    Param, StructId, TypeParam, TypeRef, Variant, VariantField,
};
use crate::types::{Ty, TyKind};

impl<'a> Resolver<'a> {
    /// Resolves the signatures of all items.
    pub fn resolve_signatures(&mut self, items: &Items<'a>) {
        self.declare_type_params(items);
        for index in 0..self.aliases.len() {
            self.resolve_alias(AliasId::from_index(index));
        }
        for &(id, module, aggregate) in &items.structs {
            self.resolve_struct(id, module, aggregate);
        }
        for &(id, module, newtype) in &items.newtypes {
            self.resolve_newtype(id, module, newtype);
        }
        for &(id, module, aggregate) in &items.classes {
            self.resolve_class(id, module, aggregate);
        }
        for &(id, module, definition) in &items.enums {
            self.resolve_enum(id, module, definition);
        }
        for &(id, module, definition) in &items.interfaces {
            self.resolve_interface_item(id, module, definition);
        }
        for &(module, extension) in &items.extensions {
            self.resolve_extension(module, extension);
        }
        for &(id, module, function) in &items.functions {
            self.resolve_function(id, function, FnKind::Static, TypeScope::of_module(module));
        }
        for &(id, module, constant) in &items.consts {
            self.resolve_const(id, module, constant);
        }
        for &(id, module, block, function) in &items.externs {
            self.resolve_extern(id, module, block, function);
        }
        self.check_inherited();
        self.check_implementations();
    }

    /// The type parameters of all types and interfaces. Their bounds come after them, because those name types again.
    fn declare_type_params(&mut self, items: &Items<'a>) {
        for &(id, module, aggregate) in &items.structs {
            let params = self.declare_generics(&aggregate.generics, module, &[]);
            self.hir.definitions.structs[id].type_params = params;
        }
        for &(id, module, newtype) in &items.newtypes {
            let params = self.declare_generics(&newtype.generics, module, &[]);
            self.hir.definitions.structs[id].type_params = params;
        }
        for &(id, module, definition) in &items.enums {
            let params = self.declare_generics(&definition.generics, module, &[]);
            self.hir.definitions.enums[id].type_params = params;
        }
        for &(id, module, aggregate) in &items.classes {
            let params = self.declare_generics(&aggregate.generics, module, &[]);
            self.hir.definitions.classes[id].type_params = params;
        }
        for &(id, module, definition) in &items.interfaces {
            let this = self.self_param(definition.name.span);
            let params = self.declare_generics(&definition.generics, module, &[this]);
            self.hir.definitions.interfaces[id].type_params = params;
        }
        for &(id, module, definition) in &items.interfaces {
            let mut params = self.hir.definitions.interfaces[id].type_params.clone();
            self.resolve_bounds(&definition.generics, &mut params, &TypeScope::of_module(module));
            let args = Ty::list(&param_types(&params)[1..]);
            params[0].bounds.push(Bound::Interface(InterfaceRef { id, args }));
            self.hir.definitions.interfaces[id].type_params = params;
        }
        for &(id, module, aggregate) in &items.structs {
            let mut params = self.hir.definitions.structs[id].type_params.clone();
            self.resolve_bounds(&aggregate.generics, &mut params, &TypeScope::of_module(module));
            self.hir.definitions.structs[id].type_params = params;
        }
        for &(id, module, newtype) in &items.newtypes {
            let mut params = self.hir.definitions.structs[id].type_params.clone();
            self.resolve_bounds(&newtype.generics, &mut params, &TypeScope::of_module(module));
            self.hir.definitions.structs[id].type_params = params;
        }
        for &(id, module, definition) in &items.enums {
            let mut params = self.hir.definitions.enums[id].type_params.clone();
            self.resolve_bounds(&definition.generics, &mut params, &TypeScope::of_module(module));
            self.hir.definitions.enums[id].type_params = params;
        }
        for &(id, module, aggregate) in &items.classes {
            let mut params = self.hir.definitions.classes[id].type_params.clone();
            self.resolve_bounds(&aggregate.generics, &mut params, &TypeScope::of_module(module));
            self.hir.definitions.classes[id].type_params = params;
        }
    }

    fn resolve_struct(&mut self, id: StructId, module: ModuleIndex, aggregate: &'a ast::Aggregate) {
        let params = self.hir.definitions.structs[id].type_params.clone();
        let self_ty = Some(Ty::structure(id, &param_types(&params)));
        let scope = TypeScope { module, params, self_ty };
        self.hir.definitions.structs[id].fields = self.resolve_fields(aggregate, &scope);
        self.resolve_inits(&aggregate.members, Owner::Struct(id), &scope);
        self.resolve_methods(&aggregate.members, Owner::Struct(id), &scope, Block::Plain);
        self.note_implementations(&aggregate.interfaces, &scope, None);
    }

    fn resolve_class(&mut self, id: ClassId, module: ModuleIndex, aggregate: &'a ast::Aggregate) {
        let params = self.hir.definitions.classes[id].type_params.clone();
        let self_ty = Some(Ty::class(id, &param_types(&params)));
        let scope = TypeScope { module, params, self_ty };
        self.hir.definitions.classes[id].fields = self.resolve_fields(aggregate, &scope);
        self.resolve_inits(&aggregate.members, Owner::Class(id), &scope);
        self.resolve_methods(&aggregate.members, Owner::Class(id), &scope, Block::Plain);
        self.note_implementations(&aggregate.interfaces, &scope, None);
    }

    fn resolve_fields(
        &mut self,
        aggregate: &'a ast::Aggregate,
        scope: &TypeScope,
    ) -> IndexVec<FieldId, Field> {
        let mut fields = IndexVec::new();
        let mut seen = HashMap::default();
        for member in &aggregate.members {
            let ast::MemberKind::Field(field) = &member.kind else { continue };
            if let Some(previous) = seen.insert(field.name.name, field.name.span) {
                self.sink.emit(errors::duplicate("field", field.name, previous));
                continue;
            }
            fields.push(self.resolve_field(field, member, scope));
        }
        fields
    }

    fn resolve_newtype(&mut self, id: StructId, module: ModuleIndex, newtype: &'a ast::TypeAlias) {
        let params = self.hir.definitions.structs[id].type_params.clone();
        let ty = self.resolve_type(&newtype.ty, &TypeScope { params, ..TypeScope::of_module(module) });
        self.hir.definitions.structs[id].fields.push(Field {
            name: Symbol::intern("value"),
            span: ty.span,
            declaration: ty.span,
            ty,
            is_var: false,
            is_public: true,
            default: None,
        });
    }

    fn resolve_field(&mut self, field: &'a ast::Field, member: &ast::Member, scope: &TypeScope) -> Field {
        let ty = self.resolve_type(&field.ty, scope);
        let default = field.default.as_ref().map(|value| self.new_default(field.name, ty, value, scope));
        Field {
            name: field.name.name,
            span: field.name.span,
            declaration: member.span,
            ty,
            is_var: field.mutability == ast::Mutability::Var,
            is_public: member.visibility != ast::Visibility::Private,
            default,
        }
    }

    fn resolve_enum(&mut self, id: EnumId, module: ModuleIndex, definition: &'a ast::Enum) {
        let params = self.hir.definitions.enums[id].type_params.clone();
        let self_ty = Some(Ty::enumeration(id, &param_types(&params)));
        let scope = TypeScope { module, params, self_ty };
        let mut seen = HashMap::default();
        for variant in &definition.variants {
            if let Some(previous) = seen.insert(variant.name.name, variant.name.span) {
                self.sink.emit(errors::duplicate("variant", variant.name, previous));
                continue;
            }
            let fields = self.resolve_variant_fields(variant, &scope);
            let (name, span) = (variant.name.name, variant.name.span);
            self.hir.definitions.enums[id].variants.push(Variant { name, span, fields });
        }
        self.note_implementations(&definition.interfaces, &scope, None);
    }

    fn resolve_variant_fields(
        &mut self,
        variant: &ast::Variant,
        scope: &TypeScope,
    ) -> IndexVec<FieldId, VariantField> {
        let mut seen = HashMap::default();
        for name in variant.fields.iter().filter_map(|field| field.name) {
            if let Some(previous) = seen.insert(name.name, name.span) {
                self.sink.emit(errors::duplicate("field", name, previous));
            }
        }
        let fields = variant.fields.iter().map(|field| VariantField {
            name: field.name.map(|name| name.name),
            ty: self.resolve_type(&field.ty, scope),
        });
        fields.collect()
    }

    /// The functions among the members of a type. The parser has reported what else stands in an extension.
    pub fn resolve_methods(
        &mut self,
        members: &'a [ast::Member],
        owner: Owner,
        scope: &TypeScope,
        block: Block,
    ) -> Vec<FnId> {
        let mut methods: Vec<FnId> = Vec::new();
        for member in members {
            let ast::MemberKind::Function(function) = &member.kind else { continue };
            let is_public = member.visibility != ast::Visibility::Private;
            let id = match block {
                Block::Plain => self.new_member(function.name, is_public, owner, scope),
                Block::Implementing => self.new_implementing(function.name, &methods, owner, scope),
            };
            let target = scope.self_ty.map(Ty::kind);
            let kind = match (method_kind(function), function.receiver, target) {
                (FnKind::MutMethod, ast::Receiver::Mut(keyword), Some(TyKind::Class(..))) => {
                    self.sink.emit(errors::mut_in_class(keyword, function.name.name));
                    FnKind::Method
                }
                (kind, ..) => kind,
            };
            self.resolve_function(id, function, kind, scope.clone());
            methods.push(id);
        }
        methods
    }

    /// A method of an `extend T : I { … }`. Other blocks may have one of its name, this one may not.
    fn new_implementing(
        &mut self,
        name: ast::Ident,
        block: &[FnId],
        owner: Owner,
        scope: &TypeScope,
    ) -> FnId {
        let functions = &self.hir.definitions.functions;
        if let Some(&previous) = block.iter().find(|&&other| functions[other].name == name.name) {
            self.sink.emit(errors::duplicate("method", name, functions[previous].span));
        }
        let id = self.new_function(name, scope.module, true);
        let function = &mut self.hir.definitions.functions[id];
        function.owner = Some(owner);
        function.is_implementing = true;
        self.members_mut(owner).push(id);
        id
    }

    fn resolve_interface_item(
        &mut self,
        id: InterfaceId,
        module: ModuleIndex,
        definition: &'a ast::Interface,
    ) {
        let params = self.hir.definitions.interfaces[id].type_params.clone();
        let self_ty = Some(param_types(&params)[0]);
        let scope = TypeScope { module, params, self_ty };
        self.resolve_supers(id, &definition.interfaces, &scope);
        let mut seen = HashMap::default();
        for member in &definition.members {
            let ast::MemberKind::Function(function) = &member.kind else { continue };
            if let Some(previous) = seen.insert(function.name.name, function.name.span) {
                self.sink.emit(errors::duplicate("method", function.name, previous));
                continue;
            }
            let method = self.new_function(function.name, module, true);
            self.hir.definitions.functions[method].owner = Some(Owner::Interface(id));
            if function.body.is_none() {
                self.hir.definitions.functions[method].body = FnBody::Required;
            }
            self.hir.definitions.interfaces[id].members.push(method);
            self.resolve_function(method, function, method_kind(function), scope.clone());
        }
    }

    fn resolve_supers(&mut self, id: InterfaceId, interfaces: &[ast::Type], scope: &TypeScope) {
        for written in interfaces {
            match self.resolve_interface(written, scope) {
                Some(Bound::Sharable) => self.hir.definitions.interfaces[id].is_sharable = true,
                Some(Bound::Object) => self.sink.emit(errors::object_by_hand(written.span)),
                Some(Bound::Interface(above)) => {
                    let known = self.hir.definitions.with_supers(above, Ty::error());
                    if known.iter().any(|known| known.id == id) {
                        let name = self.hir.definitions.interfaces[id].name;
                        self.sink.emit(errors::interfaces::extends_itself(written.span, name));
                    } else {
                        self.hir.definitions.interfaces[id].supers.push(above);
                    }
                }
                None => {}
            }
        }
    }

    /// The type that has an interface, as the interface's first type parameter.
    fn self_param(&self, span: Span) -> TypeParam {
        TypeParam {
            name: Symbol::intern("Self"),
            span,
            bounds: Vec::new(),
            is_wrong: false,
            is_implied: false,
        }
    }

    /// The initialisers of a struct or class.
    fn resolve_inits(&mut self, members: &'a [ast::Member], owner: Owner, scope: &TypeScope) {
        for member in members {
            match &member.kind {
                ast::MemberKind::Init(init) => {
                    let name = ast::Ident { name: Symbol::intern("init"), span: init.keyword };
                    let is_public = member.visibility != ast::Visibility::Private;
                    let id = self.new_member(name, is_public, owner, scope);
                    self.resolve_init(id, init, scope);
                }
                ast::MemberKind::Deinit(body) => self.resolve_deinit(member.span, body, owner, scope),
                _ => {}
            }
        }
    }

    fn resolve_deinit(&mut self, span: Span, body: &'a ast::Block, owner: Owner, scope: &TypeScope) {
        let keyword = Span { end: body.span.start, ..span };
        let Owner::Class(class) = owner else {
            self.sink.emit(errors::deinit_of_value(keyword));
            return;
        };
        let name = ast::Ident { name: Symbol::intern("deinit"), span: keyword };
        if let Some(previous) = self.hir.definitions.classes[class].deinit {
            let previous = self.hir.definitions.functions[previous].span;
            self.sink.emit(errors::duplicate("member", name, previous));
            return;
        }
        let id = self.new_function(name, scope.module, false);
        self.hir.definitions.functions[id].owner = Some(owner);
        self.hir.definitions.classes[class].deinit = Some(id);
        let result = TypeRef { ty: Ty::unit(), span: keyword };
        self.fill_signature(id, &[], FnKind::Deinit, result, scope);
        let source = BodySource::Block(body);
        self.pending.push(PendingBody { id, params: &[], source, scope: scope.clone() });
    }

    /// A member of a type, unless the type has one of this name.
    fn new_member(&mut self, name: ast::Ident, is_public: bool, owner: Owner, scope: &TypeScope) -> FnId {
        if let Some(previous) = self.find_member(owner, name, is_public, scope) {
            let previous = &self.hir.definitions.functions[previous];
            self.sink.emit(match previous.is_library {
                true => errors::duplicates_library(name),
                false => errors::duplicate("method", name, previous.span),
            });
        }
        let id = self.new_function(name, scope.module, is_public);
        self.hir.definitions.functions[id].owner = Some(owner);
        self.members_mut(owner).push(id);
        id
    }

    fn members_mut(&mut self, owner: Owner) -> &mut Vec<FnId> {
        let definitions = &mut self.hir.definitions;
        match owner {
            Owner::Struct(id) => &mut definitions.structs[id].members,
            Owner::Enum(id) => &mut definitions.enums[id].members,
            Owner::Interface(id) => &mut definitions.interfaces[id].members,
            Owner::Class(id) => &mut definitions.classes[id].members,
            Owner::Extension(index) => &mut definitions.extensions[index].members,
        }
    }

    /// The signature of a function or method; its body is left for later. `outer` is the scope around it.
    pub fn resolve_function(
        &mut self,
        id: FnId,
        function: &'a ast::Function,
        kind: FnKind,
        outer: TypeScope,
    ) {
        let params = self.resolve_function_generics(&function.generics, &outer);
        let scope = TypeScope { params, ..outer };
        let result = match &function.result {
            Some(ty) => self.resolve_type(ty, &scope),
            None => TypeRef { ty: Ty::unit(), span: function.head },
        };
        self.hir.definitions.functions[id].head = function.head;
        self.fill_signature(id, &function.params, kind, result, &scope);
        if let Some(body) = &function.body {
            self.pending.push(PendingBody {
                id,
                params: &function.params,
                source: BodySource::Block(body),
                scope,
            });
        }
    }

    fn resolve_init(&mut self, id: FnId, init: &'a ast::Init, scope: &TypeScope) {
        let result = TypeRef { ty: scope.self_ty.unwrap_or_else(Ty::error), span: init.keyword };
        self.fill_signature(id, &init.params, FnKind::Init, result, scope);
        let source = BodySource::Block(&init.body);
        self.pending.push(PendingBody { id, params: &init.params, source, scope: scope.clone() });
    }

    fn fill_signature(
        &mut self,
        id: FnId,
        params: &'a [ast::Param],
        kind: FnKind,
        result: TypeRef,
        scope: &TypeScope,
    ) {
        let mut seen = HashMap::default();
        for param in params {
            if let Some(previous) = seen.insert(param.name.name, param.name.span) {
                self.sink.emit(errors::duplicate("parameter", param.name, previous));
            }
        }
        let params = params.iter().map(|param| self.resolve_param(param, scope)).collect();
        let function = &mut self.hir.definitions.functions[id];
        function.kind = kind;
        function.type_params = scope.params.clone();
        function.params = params;
        function.result = result;
    }

    fn resolve_param(&mut self, param: &'a ast::Param, scope: &TypeScope) -> Param {
        let ty = self.resolve_type(&param.ty, scope);
        let mode = param_mode(param.mode);
        let default = param.default.as_ref().map(|value| self.new_default(param.name, ty, value, scope));
        Param { name: param.name.name, span: param.name.span, mode, ty, default }
    }

    /// The function that computes the default value of a parameter or field.
    fn new_default(
        &mut self,
        name: ast::Ident,
        ty: TypeRef,
        value: &'a ast::Expr,
        scope: &TypeScope,
    ) -> FnId {
        let id = self.new_function(default_name(name), scope.module, false);
        self.new_value_function(id, ty, value, scope.clone());
        id
    }

    /// Makes the function one without parameters that computes `value`.
    fn new_value_function(&mut self, id: FnId, result: TypeRef, value: &'a ast::Expr, scope: TypeScope) {
        let function = &mut self.hir.definitions.functions[id];
        function.type_params = scope.params.clone();
        function.result = result;
        self.pending.push(PendingBody { id, params: &[], source: BodySource::Expr(value), scope });
    }

    fn resolve_const(&mut self, id: ConstId, module: ModuleIndex, constant: &'a ast::Const) {
        let scope = TypeScope::of_module(module);
        let ty = constant.ty.as_ref().map(|ty| self.resolve_type(ty, &scope));
        self.hir.definitions.consts[id].ty = ty;
        let value = self.hir.definitions.consts[id].value;
        let result = ty.unwrap_or(TypeRef { ty: Ty::error(), span: constant.name.span });
        self.new_value_function(value, result, &constant.value, scope);
    }
}

/// How a method is called.
pub(super) fn method_kind(function: &ast::Function) -> FnKind {
    match function.receiver {
        ast::Receiver::Plain => FnKind::Method,
        ast::Receiver::Mut(_) => FnKind::MutMethod,
        ast::Receiver::Static(_) => FnKind::Static,
    }
}

/// What methods stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// The type's own braces, or an `extend T { … }`.
    Plain,
    /// An `extend T : I { … }`.
    Implementing,
}

//! First round: gives every item its id and declares its name.
//!
//! Definitions are pushed without their types; `signatures` fills them in.

use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::aliases::{Alias, AliasState};
use super::scope::{Declaration, TypeDef, ValueDef};
use super::types::Builtin;
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{
    Access, Class, ClassId, ConstId, Enum, EnumId, FnBody, FnId, FnKind, Function, Interface, InterfaceId,
    Struct, StructId, TypeRef,
};
use crate::types::Ty;

/// The items of all modules, with their ids, for the second round.
#[derive(Default)]
pub(super) struct Items<'a> {
    pub structs: Vec<(StructId, ModuleIndex, &'a ast::Aggregate)>,
    pub newtypes: Vec<(StructId, ModuleIndex, &'a ast::TypeAlias)>,
    pub enums: Vec<(EnumId, ModuleIndex, &'a ast::Enum)>,
    pub interfaces: Vec<(InterfaceId, ModuleIndex, &'a ast::Interface)>,
    pub classes: Vec<(ClassId, ModuleIndex, &'a ast::Aggregate)>,
    pub functions: Vec<(FnId, ModuleIndex, &'a ast::Function)>,
    pub consts: Vec<(ConstId, ModuleIndex, &'a ast::Const)>,
    pub extensions: Vec<(ModuleIndex, &'a ast::Extend)>,
    pub tests: Vec<(FnId, ModuleIndex, &'a ast::Test)>,
    pub externs: Vec<(FnId, ModuleIndex, &'a ast::Extern, &'a ast::Function)>,
}

impl<'a> Resolver<'a> {
    /// Collects the items of all modules.
    pub fn collect(&mut self) -> Items<'a> {
        let modules = self.modules;
        let mut items = Items::default();
        for (index, module) in modules.iter().enumerate() {
            for item in module.file.iter().flat_map(|file| &file.items) {
                self.collect_item(item, index, &mut items);
            }
        }
        items
    }

    fn collect_item(&mut self, item: &'a ast::Item, module: ModuleIndex, items: &mut Items<'a>) {
        let is_public = item.visibility != ast::Visibility::Private;
        let at = |name: ast::Ident, resolver: &Self| Declaration {
            module,
            layer: resolver.layer(module),
            access: access_of(item),
            name: name.name,
            span: name.span,
            import: None,
        };
        match &item.kind {
            ast::ItemKind::Struct(aggregate) => {
                let id = self.new_struct(aggregate.name, module, access_of(item));
                self.declare_type("type", at(aggregate.name, self), TypeDef::Struct(id));
                items.structs.push((id, module, aggregate));
            }
            ast::ItemKind::Newtype(newtype) => {
                let id = self.new_struct(newtype.name, module, access_of(item));
                self.hir.definitions.structs[id].is_newtype = true;
                self.declare_type("type", at(newtype.name, self), TypeDef::Struct(id));
                items.newtypes.push((id, module, newtype));
            }
            ast::ItemKind::Enum(definition) => {
                let id = self.new_enum(definition, module, access_of(item));
                self.declare_type("type", at(definition.name, self), TypeDef::Enum(id));
                for variant in &definition.variants {
                    self.scopes.declare_variant(variant.name.name, id);
                }
                items.enums.push((id, module, definition));
            }
            ast::ItemKind::Interface(definition) => {
                let id = self.new_interface(definition, module, access_of(item));
                self.declare_type("interface", at(definition.name, self), TypeDef::Interface(id));
                items.interfaces.push((id, module, definition));
            }
            ast::ItemKind::Class(aggregate) => {
                let id = self.new_class(aggregate, module, access_of(item));
                self.declare_type("type", at(aggregate.name, self), TypeDef::Class(id));
                items.classes.push((id, module, aggregate));
            }
            ast::ItemKind::Alias(alias) => {
                let id =
                    self.aliases.push(Alias { declaration: alias, module, state: AliasState::Unresolved });
                self.declare_type("type", at(alias.name, self), TypeDef::Alias(id));
            }
            ast::ItemKind::Function(function) => {
                let id = self.new_function(function.name, module, is_public);
                self.declare_value("function", at(function.name, self), ValueDef::Fn(id));
                items.functions.push((id, module, function));
            }
            ast::ItemKind::Const(constant) => {
                let value = self.new_function(constant.name, module, is_public);
                let (name, span) = (constant.name.name, constant.name.span);
                let id = self.hir.definitions.consts.push(crate::hir::Const { name, span, ty: None, value });
                self.declare_value("constant", at(constant.name, self), ValueDef::Const(id));
                items.consts.push((id, module, constant));
            }
            ast::ItemKind::Use(tree) => self.collect_use(item, tree, module),
            ast::ItemKind::Extend(extension) => items.extensions.push((module, extension)),
            ast::ItemKind::Test(test) => self.collect_test(test, module, items),
            ast::ItemKind::Extern(block) => self.collect_extern(block, module, items),
            ast::ItemKind::Error => {}
        }
    }

    fn collect_extern(&mut self, block: &'a ast::Extern, module: ModuleIndex, items: &mut Items<'a>) {
        for member in &block.members {
            let ast::MemberKind::Function(function) = &member.kind else { continue };
            let is_public = member.visibility != ast::Visibility::Private;
            let id = self.new_function(function.name, module, is_public);
            let (name, span, layer) = (function.name.name, function.name.span, self.layer(module));
            let access = access(member.visibility, member.span);
            let at = Declaration { module, layer, access, name, span, import: None };
            self.declare_value("function", at, ValueDef::Fn(id));
            items.externs.push((id, module, block, function));
        }
    }

    fn declare_type(&mut self, what: &str, at: Declaration, def: TypeDef) {
        let name = ast::Ident { name: at.name, span: at.span };
        if Builtin::find(at.name.as_str(), at.layer).is_some() {
            self.sink.emit(errors::redefines_builtin(name));
        } else if let Err(previous) = self.scopes.declare_type(at, def) {
            self.sink.emit(errors::duplicate(what, name, previous));
        }
    }

    fn declare_value(&mut self, what: &str, at: Declaration, def: ValueDef) {
        if let Err(previous) = self.scopes.declare_value(at, def) {
            let name = ast::Ident { name: at.name, span: at.span };
            self.sink.emit(errors::duplicate(what, name, previous));
        }
    }

    fn new_struct(&mut self, name: ast::Ident, module: ModuleIndex, access: Access) -> StructId {
        self.hir.definitions.structs.push(Struct {
            name: name.name,
            span: name.span,
            access,
            is_library: self.layer(module).is_library(),
            is_newtype: false,
            type_params: Vec::new(),
            fields: IndexVec::new(),
            members: Vec::new(),
        })
    }

    fn new_class(&mut self, aggregate: &ast::Aggregate, module: ModuleIndex, access: Access) -> ClassId {
        self.hir.definitions.classes.push(Class {
            name: aggregate.name.name,
            span: aggregate.name.span,
            access,
            is_library: self.layer(module).is_library(),
            type_params: Vec::new(),
            fields: IndexVec::new(),
            members: Vec::new(),
            deinit: None,
            is_cell: false,
        })
    }

    fn new_enum(&mut self, definition: &ast::Enum, module: ModuleIndex, access: Access) -> EnumId {
        self.hir.definitions.enums.push(Enum {
            name: definition.name.name,
            span: definition.name.span,
            access,
            is_library: self.layer(module).is_library(),
            type_params: Vec::new(),
            variants: IndexVec::new(),
            members: Vec::new(),
        })
    }

    fn new_interface(
        &mut self,
        definition: &ast::Interface,
        module: ModuleIndex,
        access: Access,
    ) -> InterfaceId {
        self.hir.definitions.interfaces.push(Interface {
            name: definition.name.name,
            span: definition.name.span,
            access,
            is_library: self.layer(module).is_library(),
            type_params: Vec::new(),
            supers: Vec::new(),
            is_sharable: false,
            members: Vec::new(),
        })
    }

    /// A function of which only the name is known.
    pub fn new_function(&mut self, name: ast::Ident, module: ModuleIndex, is_public: bool) -> FnId {
        self.hir.definitions.functions.push(Function {
            name: name.name,
            span: name.span,
            head: name.span,
            owner: None,
            is_implementing: false,
            kind: FnKind::Static,
            is_public,
            is_library: self.layer(module).is_library(),
            type_params: Vec::new(),
            params: Vec::new(),
            result: TypeRef { ty: Ty::unit(), span: name.span },
            body: FnBody::Error,
        })
    }
}

/// Who may use the item.
pub(super) fn access_of(item: &ast::Item) -> Access {
    access(item.visibility, item.span)
}

/// Who may use what is declared at `span`, up to its `pub` if it has one.
fn access(visibility: ast::Visibility, span: Span) -> Access {
    match visibility {
        ast::Visibility::Public(_) => Access::Public,
        ast::Visibility::Private => Access::Private(span.shrink_to_start()),
    }
}

/// The name that the default value of `name` goes by.
pub(super) fn default_name(name: ast::Ident) -> ast::Ident {
    ast::Ident { name: Symbol::intern(&format!("{}.default", name.name)), span: name.span }
}

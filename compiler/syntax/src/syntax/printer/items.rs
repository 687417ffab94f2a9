//! Items.

use super::expressions::expr;
use super::patterns::ty;
use super::statements::block;
use super::tree::Tree;
use crate::syntax::ast::{
    Aggregate, Const, Enum, Extend, Extern, Field, Function, GenericParam, Ident, Interface, Item, ItemKind,
    Member, MemberKind, Mutability, Param, ParamMode, Receiver, Test, Type, TypeAlias, UseEnd, UseTree,
    Variant, Visibility,
};

pub(super) fn doc(text: &str) -> Tree {
    Tree::node("doc", [Tree::word(format!("{text:?}"))])
}

pub(super) fn item(item: &Item) -> Tree {
    let kind = match &item.kind {
        ItemKind::Use(it) => Tree::node("use", use_tree(it)),
        ItemKind::Const(it) => const_item(it),
        ItemKind::Alias(it) => alias("type", it),
        ItemKind::Newtype(it) => alias("newtype", it),
        ItemKind::Function(it) => function(it),
        ItemKind::Struct(it) => aggregate("struct", it),
        ItemKind::Class(it) => aggregate("class", it),
        ItemKind::Enum(it) => enum_item(it),
        ItemKind::Interface(it) => interface(it),
        ItemKind::Extend(it) => extend(it),
        ItemKind::Extern(it) => extern_item(it),
        ItemKind::Test(it) => test(it),
        ItemKind::Error => Tree::word("error"),
    };
    wrap(item.doc.as_deref(), item.visibility, kind)
}

/// Puts the doc comment and `pub` around an item.
fn wrap(text: Option<&str>, visibility: Visibility, kind: Tree) -> Tree {
    let public = match visibility {
        Visibility::Public(_) => Tree::node("pub", [kind]),
        Visibility::Private => kind,
    };
    match text {
        Some(text) => Tree::node("documented", [Tree::word(format!("{text:?}")), public]),
        None => public,
    }
}

pub(super) fn name(ident: Ident) -> Tree {
    Tree::word(ident.name.as_str())
}

/// The path, and what stands after it.
fn use_tree(it: &UseTree) -> Vec<Tree> {
    let path: Vec<_> = it.path.iter().map(|segment| segment.name.as_str()).collect();
    let path = Tree::word(path.join("::"));
    match &it.end {
        UseEnd::Name(None) => vec![path],
        UseEnd::Name(Some(alias)) => vec![path, Tree::node("as", [name(*alias)])],
        UseEnd::Group(branches) => vec![path, Tree::node("names", branches.iter().map(use_branch))],
    }
}

/// One of the names in braces.
fn use_branch(it: &UseTree) -> Tree {
    let mut parts = use_tree(it);
    if parts.len() == 1 { parts.remove(0) } else { Tree::node("use", parts) }
}

fn const_item(it: &Const) -> Tree {
    let parts = std::iter::once(name(it.name)).chain(it.ty.iter().map(ty)).chain([expr(&it.value)]);
    Tree::node("const", parts)
}

fn alias(word: &str, it: &TypeAlias) -> Tree {
    Tree::node(word, std::iter::once(name(it.name)).chain(generics(&it.generics)).chain([ty(&it.ty)]))
}

fn generics(params: &[GenericParam]) -> Option<Tree> {
    let param = |param: &GenericParam| match param.bounds.as_slice() {
        [] => name(param.name),
        bounds => Tree::node(param.name.name.as_str(), bounds.iter().map(ty)),
    };
    (!params.is_empty()).then(|| Tree::node("generics", params.iter().map(param)))
}

fn interfaces(list: &[Type]) -> Option<Tree> {
    (!list.is_empty()).then(|| Tree::node("interfaces", list.iter().map(ty)))
}

fn function(it: &Function) -> Tree {
    let word = match it.receiver {
        Receiver::Plain => "fn",
        Receiver::Mut(_) => "mut-fn",
        Receiver::Static(_) => "static-fn",
    };
    let mut parts = vec![name(it.name)];
    parts.extend(generics(&it.generics));
    parts.extend(it.params.iter().map(param));
    parts.extend(it.result.iter().map(|result| Tree::node("->", [ty(result)])));
    parts.extend(it.body.iter().map(block));
    Tree::node(word, parts)
}

fn param(it: &Param) -> Tree {
    let mut parts = vec![name(it.name), ty(&it.ty)];
    parts.extend(it.default.iter().map(expr));
    moded(it.mode, Tree::node("param", parts))
}

/// Puts `inout` or `move` around a parameter.
pub(super) fn moded(mode: ParamMode, tree: Tree) -> Tree {
    match mode {
        ParamMode::Plain => tree,
        ParamMode::Inout(_) => Tree::node("inout", [tree]),
        ParamMode::Move(_) => Tree::node("move", [tree]),
    }
}

fn aggregate(word: &str, it: &Aggregate) -> Tree {
    let head = std::iter::once(name(it.name)).chain(generics(&it.generics)).chain(interfaces(&it.interfaces));
    Tree::node(word, head.chain(it.members.iter().map(member)))
}

fn member(it: &Member) -> Tree {
    let kind = match &it.kind {
        MemberKind::Field(it) => field(it),
        MemberKind::Function(it) => function(it),
        MemberKind::Init(it) => Tree::node("init", it.params.iter().map(param).chain([block(&it.body)])),
        MemberKind::Deinit(body) => Tree::node("deinit", [block(body)]),
        MemberKind::Error => Tree::word("error"),
    };
    wrap(it.doc.as_deref(), it.visibility, kind)
}

fn field(it: &Field) -> Tree {
    let word = match it.mutability {
        Mutability::Let => "let",
        Mutability::Var => "var",
    };
    Tree::node(word, [name(it.name), ty(&it.ty)].into_iter().chain(it.default.iter().map(expr)))
}

fn enum_item(it: &Enum) -> Tree {
    let head = std::iter::once(name(it.name)).chain(generics(&it.generics)).chain(interfaces(&it.interfaces));
    Tree::node("enum", head.chain(it.variants.iter().map(variant)))
}

fn variant(it: &Variant) -> Tree {
    let fields = it.fields.iter().map(|field| match field.name {
        Some(field_name) => Tree::node("field", [name(field_name), ty(&field.ty)]),
        None => ty(&field.ty),
    });
    let variant = Tree::node("variant", std::iter::once(name(it.name)).chain(fields));
    wrap(it.doc.as_deref(), Visibility::Private, variant)
}

fn interface(it: &Interface) -> Tree {
    let head = std::iter::once(name(it.name)).chain(generics(&it.generics)).chain(interfaces(&it.interfaces));
    Tree::node("interface", head.chain(it.members.iter().map(member)))
}

fn extend(it: &Extend) -> Tree {
    let args = (!it.args.is_empty()).then(|| Tree::node("args", it.args.iter().map(ty)));
    let head = std::iter::once(name(it.name)).chain(args).chain(generics(&it.bounded));
    let head = head.chain(interfaces(&it.interfaces));
    Tree::node("extend", head.chain(it.members.iter().map(member)))
}

fn extern_item(it: &Extern) -> Tree {
    let mut parts = vec![Tree::word(format!("{:?}", it.abi.text))];
    parts.extend(it.link.iter().map(|link| Tree::node("link", [Tree::word(format!("{:?}", link.text))])));
    parts.extend(it.members.iter().map(member));
    Tree::node("extern", parts)
}

fn test(it: &Test) -> Tree {
    Tree::node("test", [Tree::word(format!("{:?}", it.name.text)), block(&it.body)])
}

//! Items and their members.

use super::{Actions, ExtendArg};
use crate::source::Span;
use crate::syntax::ast::{
    Aggregate, Enum, Extend, Extern, Function, GenericParam, Ident, Interface, Item, ItemKind, Member,
    MemberKind, Receiver, Text, Type, Variant, VariantField, Visibility,
};
use crate::syntax::errors::{self, BodyRule};
use crate::syntax::token::Token;

/// The name of a type with its type parameters.
type Head = (Ident, Vec<GenericParam>);

impl Actions<'_> {
    pub(in crate::syntax) fn item(
        &mut self,
        start: u32,
        visibility: Visibility,
        kind: ItemKind,
        end: u32,
    ) -> Box<Item> {
        if let Visibility::Public(span) = visibility {
            let what = match kind {
                ItemKind::Extend(_) => Some("an `extend`"),
                ItemKind::Extern(_) => Some("an `extern` block"),
                ItemKind::Test(_) => Some("a `test`"),
                _ => None,
            };
            if let Some(what) = what {
                self.emit(errors::needless_pub(span, what));
            }
        }
        Box::new(Item { doc: self.doc(start), visibility, kind, span: self.span(start, end) })
    }

    pub(in crate::syntax) fn free_function(&mut self, function: Function) -> ItemKind {
        if let Receiver::Mut(span) | Receiver::Static(span) = function.receiver {
            self.emit(errors::receiver_of_free_function(span));
        }
        let name = function.name;
        if Token::is_keyword_text(name.name.as_str()) {
            self.emit(errors::keyword_as_name(name.span, name.name.as_str()));
        }
        self.check_body(&function, BodyRule::Needed);
        ItemKind::Function(function)
    }

    pub(in crate::syntax) fn struct_item(
        &mut self,
        head: Head,
        interfaces: Vec<Type>,
        members: Vec<Member>,
    ) -> ItemKind {
        ItemKind::Struct(self.aggregate(head, interfaces, members))
    }

    pub(in crate::syntax) fn class_item(
        &mut self,
        head: Head,
        interfaces: Vec<Type>,
        members: Vec<Member>,
    ) -> ItemKind {
        ItemKind::Class(self.aggregate(head, interfaces, members))
    }

    fn aggregate(&mut self, head: Head, interfaces: Vec<Type>, members: Vec<Member>) -> Aggregate {
        for member in &members {
            if let MemberKind::Function(function) = &member.kind {
                self.check_body(function, BodyRule::Needed);
            }
        }
        let (name, generics) = head;
        Aggregate { name, generics, interfaces, members }
    }

    pub(in crate::syntax) fn enum_item(
        &mut self,
        head: Head,
        interfaces: Vec<Type>,
        variants: Vec<Variant>,
    ) -> ItemKind {
        let (name, generics) = head;
        ItemKind::Enum(Enum { name, generics, interfaces, variants })
    }

    pub(in crate::syntax) fn interface_item(
        &mut self,
        head: Head,
        interfaces: Vec<Type>,
        members: Vec<Member>,
    ) -> ItemKind {
        let (name, generics) = head;
        self.check_members(&members, "an interface", BodyRule::Optional);
        ItemKind::Interface(Interface { name, generics, interfaces, members })
    }

    pub(in crate::syntax) fn extend_item(
        &mut self,
        name: Ident,
        args: Vec<ExtendArg>,
        interfaces: Vec<Type>,
        members: Vec<Member>,
    ) -> ItemKind {
        self.check_members(&members, "an `extend`", BodyRule::Needed);
        let (args, bounded) = ExtendArg::take_apart(args);
        ItemKind::Extend(Extend { name, args, bounded, interfaces, members })
    }

    pub(in crate::syntax) fn extern_item(
        &mut self,
        abi: Text,
        link: Option<Text>,
        members: Vec<Member>,
    ) -> ItemKind {
        self.check_members(&members, "an `extern` block", BodyRule::Forbidden);
        ItemKind::Extern(Extern { abi, link, members })
    }

    /// Interfaces, extensions and `extern` blocks hold functions only.
    fn check_members(&mut self, members: &[Member], place: &str, rule: BodyRule) {
        for member in members {
            let what = match &member.kind {
                MemberKind::Function(function) => {
                    self.check_body(function, rule);
                    continue;
                }
                MemberKind::Error => continue,
                MemberKind::Field(_) => "a field",
                MemberKind::Init(_) => "an `init`",
                MemberKind::Deinit(_) => "a `deinit`",
            };
            self.emit(errors::misplaced_member(member.span, what, place));
        }
    }

    fn check_body(&mut self, function: &Function, rule: BodyRule) {
        match (&function.body, rule) {
            (None, BodyRule::Needed) => {
                self.emit(errors::missing_body(function.name.span, function.head, function.name.name));
            }
            (Some(body), BodyRule::Forbidden) => {
                self.emit(errors::body_of_foreign_function(body.span, function.head.shrink_to_end()));
            }
            _ => {}
        }
    }

    pub(in crate::syntax) fn member(
        &mut self,
        start: u32,
        visibility: Visibility,
        kind: MemberKind,
        end: u32,
    ) -> Box<Member> {
        if let (Visibility::Public(span), MemberKind::Deinit(_)) = (visibility, &kind) {
            self.emit(errors::needless_pub(span, "a `deinit`"));
        }
        Box::new(Member { doc: self.doc(start), visibility, kind, span: self.span(start, end) })
    }

    pub(in crate::syntax) fn variant(
        &mut self,
        start: u32,
        name: Ident,
        fields: Option<Vec<VariantField>>,
        end: u32,
    ) -> Variant {
        let span = self.span(start, end);
        if fields.as_ref().is_some_and(Vec::is_empty) {
            self.emit(errors::variant_without_fields(name.span.shrink_to_end().to(span.shrink_to_end())));
        }
        let fields = fields.unwrap_or_default();
        if let Some((named, bare)) = mixed_fields(&fields) {
            self.emit(errors::mixed_variant_fields(bare, named));
        }
        Variant { doc: self.doc(start), name, fields, span }
    }

    pub(in crate::syntax) fn error_variant(&self, start: u32, end: u32) -> Variant {
        let name = self.keyword_ident(start, "Error");
        Variant { doc: None, name, fields: Vec::new(), span: self.span(start, end) }
    }
}

/// A named and a bare field of a variant that has both.
fn mixed_fields(fields: &[VariantField]) -> Option<(Span, Span)> {
    let named = fields.iter().find_map(|field| field.name)?;
    let bare = fields.iter().find(|field| field.name.is_none())?;
    Some((named.span, bare.ty.span))
}

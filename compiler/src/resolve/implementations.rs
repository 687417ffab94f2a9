//! Which types have which interfaces, and whether they do what those ask for.
//!
//! Declarations are noted while signatures are resolved and checked when all of them are known. A declaration also
//! implements the interfaces that its interface extends, where it has methods of them or where nothing is needed.

use plat_syntax::hash::HashSet;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::Resolver;
use super::errors::interfaces as errors;
use super::types::TypeScope;
use crate::hir::{
    Bound, FnBody, FnId, FnKind, Function, Implementation, InterfaceId, InterfaceRef, MethodSource, Owner,
    TypeParam,
};
use crate::types::{Head, InterfacePrinter, Ty, TyKind, TypePrinter};

/// That a type is said to have interfaces.
pub(super) struct Declared {
    interfaces: Vec<(InterfaceRef, Span)>,
    target: Ty,
    type_params: Vec<TypeParam>,
    /// The methods of the `extend` block; `None` for interfaces after the name of a type, for which all of its methods count.
    block: Option<Vec<FnId>>,
    is_library: bool,
}

/// The interfaces whose methods a type may leave to its structure.
const STRUCTURAL: [&str; 6] = ["Eq", "Ord", "Hash", "Display", "Encodable", "Decodable"];

impl Resolver<'_> {
    /// Notes the interfaces that a type is said to have; `block` holds the methods of an `extend`.
    pub fn note_implementations(
        &mut self,
        interfaces: &[ast::Type],
        scope: &TypeScope,
        block: Option<Vec<FnId>>,
    ) {
        let mut known = Vec::new();
        for written in interfaces {
            match self.resolve_interface(written, scope) {
                Some(Bound::Interface(interface)) => known.push((interface, written.span)),
                Some(Bound::Sharable) => return self.declare_sharable(written.span, scope),
                Some(Bound::Object) => self.sink.emit(super::errors::object_by_hand(written.span)),
                None => {}
            }
        }
        let target = scope.self_ty.unwrap_or_else(Ty::error);
        // After a wrong name nothing can be said of the methods.
        if target.has_error() || known.len() < interfaces.len() || interfaces.is_empty() {
            return;
        }
        self.implementing.push(Declared {
            interfaces: known,
            target,
            type_params: scope.params.clone(),
            block,
            is_library: self.layer(scope.module).is_library(),
        });
    }

    /// A class of the library whose objects tasks share by its own care. Nobody else says so of a type.
    fn declare_sharable(&mut self, span: Span, scope: &TypeScope) {
        let target = scope.self_ty.map(Ty::kind);
        match target {
            Some(&TyKind::Class(id, _)) if self.layer(scope.module).is_library() => {
                self.hir.definitions.classes[id].is_cell = true;
            }
            _ => self.sink.emit(errors::sharable_by_hand(span)),
        }
    }

    /// Checks every declaration and fills the table of implementations.
    pub fn check_implementations(&mut self) {
        let declared = std::mem::take(&mut self.implementing);
        let listed = declared.iter().filter_map(|it| Some((Head::of(it.target)?, it)));
        let listed = listed.flat_map(|(head, it)| it.interfaces.iter().map(move |(it, _)| (head, it.id)));
        let listed: HashSet<_> = listed.collect();
        for declared in &declared {
            let mut used = HashSet::default();
            for &(interface, span) in &declared.interfaces {
                self.implement(declared, &listed, interface, span, &mut used);
            }
            self.report_strangers(declared, &used);
        }
        for declared in &declared {
            for &(interface, span) in &declared.interfaces {
                self.check_supers(declared, interface, span);
            }
        }
    }

    /// Reports interfaces that were written as types and are bounds only.
    pub fn check_interface_types(&mut self) {
        for (id, span) in std::mem::take(&mut self.interface_types) {
            let definitions = &self.hir.definitions;
            if let Some(found) = definitions.bound_only(id) {
                let (name, method) = (definitions.interfaces[id].name, &definitions.functions[found.method]);
                let declared = (!method.is_library).then_some(method.span);
                self.sink.emit(errors::bound_only(span, name, method.name, found.reason, declared));
            }
        }
    }

    /// Reports methods of an `extend` block that none of its interfaces has.
    fn report_strangers(&mut self, declared: &Declared, used: &HashSet<FnId>) {
        let definitions = &self.hir.definitions;
        let all = declared.interfaces.iter();
        let all: Vec<_> =
            all.flat_map(|&(interface, _)| definitions.with_supers(interface, declared.target)).collect();
        let members = all.iter().flat_map(|interface| &definitions.interfaces[interface.id].members);
        let known: Vec<Symbol> = members.map(|&member| definitions.functions[member].name).collect();
        let Some(&(first, _)) = declared.interfaces.first() else { return };
        let name = definitions.interfaces[first.id].name;
        for &method in declared.block.iter().flatten() {
            let function = &self.hir.definitions.functions[method];
            if used.contains(&method) {
                continue;
            }
            if known.contains(&function.name) {
                // Its interface is implemented by another declaration.
                self.sink.emit(errors::implemented_elsewhere(function.span, function.name));
            } else {
                let nearest = self.suggest(function.name, known.iter().copied());
                let function = &self.hir.definitions.functions[method];
                self.sink.emit(errors::not_of_interface(function.span, function.name, name, nearest));
            }
        }
    }

    /// Implements the interface, and those that it extends as far as the declaration does.
    fn implement(
        &mut self,
        declared: &Declared,
        listed: &HashSet<(Head, InterfaceId)>,
        interface: InterfaceRef,
        span: Span,
        used: &mut HashSet<FnId>,
    ) {
        let above = self.hir.definitions.interfaces[interface.id].supers.clone();
        for above in above {
            let above = above.substitute(&interface.owner_args(declared.target));
            let is_listed = Head::of(declared.target).is_some_and(|head| listed.contains(&(head, above.id)));
            if !is_listed && self.previous(declared, above).is_none() && self.implements(declared, above.id) {
                self.implement(declared, listed, above, span, used);
            }
        }
        let members = self.hir.definitions.interfaces[interface.id].members.clone();
        let methods: Vec<_> = members.iter().map(|&member| self.method_for(declared, member)).collect();
        used.extend(methods.iter().copied().flatten());
        if let Some((previous, is_of_library)) = self.previous(declared, interface) {
            let ty = TypePrinter::new(&self.hir.definitions, declared.target).to_string();
            let name = InterfacePrinter::new(&self.hir.definitions, interface).to_string();
            return self.sink.emit(errors::implemented_twice(span, &ty, &name, previous, is_of_library));
        }
        let is_structural = self.is_structural(interface.id) && methods.iter().all(Option::is_none);
        if !is_structural {
            self.check_methods(declared, interface, span, &members, &methods);
        }
        for &method in methods.iter().flatten() {
            self.hir.definitions.functions[method].is_public = true;
        }
        let methods = members.iter().zip(methods);
        let methods = methods.map(|(&member, own)| self.method_source(declared, member, own)).collect();
        self.hir.definitions.implementations.push(Implementation {
            interface,
            span,
            is_library: declared.is_library,
            type_params: declared.type_params.clone(),
            target: declared.target,
            methods,
            is_structural,
        });
    }

    /// Whether the declaration has a method of the interface, or the interface needs none.
    fn implements(&self, declared: &Declared, interface: InterfaceId) -> bool {
        let definitions = &self.hir.definitions;
        let members = &definitions.interfaces[interface].members;
        let has_any = members.iter().any(|&member| self.method_for(declared, member).is_some());
        has_any || !members.iter().any(|&member| self.is_needed(declared, member))
    }

    /// Whether the declaration must have the method: neither its own interface nor one of the declaration has a default.
    fn is_needed(&self, declared: &Declared, member: FnId) -> bool {
        let is_required = matches!(self.hir.definitions.functions[member].body, FnBody::Required);
        is_required && self.inherited_default(declared, member).is_none()
    }

    /// The default that an interface of the declaration has for a method of one that it extends.
    fn inherited_default(&self, declared: &Declared, member: FnId) -> Option<(FnId, InterfaceRef)> {
        let definitions = &self.hir.definitions;
        let mut interfaces = declared.interfaces.iter();
        interfaces.find_map(|&(it, _)| definitions.inherited_default(it, declared.target, member))
    }

    /// What does `member` for the type, which may have a method of its own for it.
    fn method_source(&self, declared: &Declared, member: FnId, own: Option<FnId>) -> MethodSource {
        match (own, self.inherited_default(declared, member)) {
            (Some(own), _) => MethodSource::Own(own),
            (None, Some((function, below))) => MethodSource::Inherited(function, below),
            (None, None) => MethodSource::Default,
        }
    }

    /// Where the type was said before to have the interface, with arguments that may be the same, and whether the library does.
    fn previous(&self, declared: &Declared, interface: InterfaceRef) -> Option<(Span, bool)> {
        let head = Head::of(declared.target)?;
        let mut known = self.hir.definitions.implementations.of_head(head);
        let previous = known.find(|known| {
            let mut args = known.interface.args.iter().zip(interface.args);
            known.interface.id == interface.id && args.all(|(&a, &b)| may_be_same(a, b))
        });
        previous.map(|previous| (previous.span, previous.is_library))
    }

    /// The method of the declaration that does what `member` of an interface asks for.
    fn method_for(&self, declared: &Declared, member: FnId) -> Option<FnId> {
        let definitions = &self.hir.definitions;
        let is_it =
            |&&method: &&FnId| definitions.functions[method].name == definitions.functions[member].name;
        if let Some(block) = &declared.block {
            return block.iter().find(is_it).copied();
        }
        let members: &[FnId] = match *declared.target.kind() {
            TyKind::Struct(id, _) => &definitions.structs[id].members,
            TyKind::Enum(id, _) => &definitions.enums[id].members,
            TyKind::Class(id, _) => &definitions.classes[id].members,
            _ => &[],
        };
        let own = members.iter().filter(|&&method| !definitions.functions[method].is_implementing);
        let own: Vec<_> = own.collect();
        own.into_iter().find(is_it).copied()
    }

    /// Whether types have the interface by their structure.
    fn is_structural(&self, id: InterfaceId) -> bool {
        let interface = &self.hir.definitions.interfaces[id];
        interface.is_library && STRUCTURAL.contains(&interface.name.as_str())
    }

    fn check_methods(
        &mut self,
        declared: &Declared,
        interface: InterfaceRef,
        span: Span,
        members: &[FnId],
        methods: &[Option<FnId>],
    ) {
        let mut missing = Vec::new();
        for (&member, &method) in members.iter().zip(methods) {
            match method {
                Some(method) => self.check_signature(declared, interface, member, method),
                None if self.is_needed(declared, member) => missing.push(member),
                None => {}
            }
        }
        if missing.is_empty() {
            return;
        }
        let definitions = &self.hir.definitions;
        let ty = TypePrinter::new(definitions, declared.target).to_string();
        let name = definitions.interfaces[interface.id].name;
        let signatures: Vec<String> =
            missing.iter().map(|&member| self.signature(declared, interface, member)).collect();
        let declared_at = missing.iter().map(|&member| {
            let function = &definitions.functions[member];
            (function.name, (!function.is_library).then_some(function.span))
        });
        let missing: Vec<_> = declared_at.collect();
        self.sink.emit(errors::missing_methods(span, &ty, name, &missing, &signatures));
    }

    /// What the member's parameters and result are for this type: what its type parameters stand for.
    fn member_args(&self, declared: &Declared, interface: InterfaceRef, member: FnId) -> Vec<Ty> {
        let definitions = &self.hir.definitions;
        let mut args = interface.owner_args(declared.target);
        let own = &definitions.functions[member].type_params[args.len()..];
        let first = declared.type_params.len() as u32;
        args.extend((first..).zip(own).map(|(position, param)| Ty::new(TyKind::Param(position, param.name))));
        args
    }

    /// The member's signature as the type would write it.
    fn signature(&self, declared: &Declared, interface: InterfaceRef, member: FnId) -> String {
        let definitions = &self.hir.definitions;
        let args = self.member_args(declared, interface, member);
        let function = &definitions.functions[member];
        let show = |ty: Ty| TypePrinter::new(definitions, ty.substitute(&args)).to_string();
        let word = match function.kind {
            FnKind::MutMethod => "mut fn",
            FnKind::Static => "static fn",
            _ => "fn",
        };
        let own = function.type_params[1 + interface.args.len()..].iter().filter(|it| !it.is_implied);
        let own: Vec<_> = own.map(|it| it.name.as_str()).collect();
        let generics = if own.is_empty() { String::new() } else { format!("<{}>", own.join(", ")) };
        let params: Vec<_> = function
            .params
            .iter()
            .map(|param| format!("{}{}: {}", mode_word(param.mode), param.name, show(param.ty.ty)))
            .collect();
        let result = match function.result.ty {
            ty if ty.is_unit() => String::new(),
            ty => format!(" -> {}", show(ty)),
        };
        format!("{word} {}{generics}({}){result}", function.name, params.join(", "))
    }

    fn check_signature(&mut self, declared: &Declared, interface: InterfaceRef, member: FnId, method: FnId) {
        let definitions = &self.hir.definitions;
        let args = self.member_args(declared, interface, member);
        let (asked, given) = (&definitions.functions[member], &definitions.functions[method]);
        let is_wrong = |function: &Function| {
            function.result.ty.has_error() || function.params.iter().any(|param| param.ty.ty.has_error())
        };
        if is_wrong(asked) || is_wrong(given) {
            return;
        }
        let own = |function: &Function, owner: Option<Owner>| {
            function.type_params.len() - definitions.owner_param_count(owner)
        };
        let is_right = can_stand_for(given.kind, asked.kind)
            && own(asked, asked.owner) == own(given, given.owner)
            && asked.params.len() == given.params.len()
            && asked.params.iter().zip(&given.params).all(|(asked, given)| {
                asked.mode == given.mode && asked.ty.ty.substitute(&args) == given.ty.ty
            })
            && asked.result.ty.substitute(&args) == given.result.ty
            && asks_no_more(asked, given, own(asked, asked.owner), &args);
        if is_right {
            return;
        }
        let name = definitions.interfaces[interface.id].name;
        let signature = self.signature(declared, interface, member);
        let asked_at = (!asked.is_library).then_some(asked.span);
        self.sink.emit(errors::wrong_signature(given.head, given.name, name, &signature, asked_at));
    }

    /// Checks that methods of interfaces fit those of the same name in interfaces that these extend.
    pub fn check_inherited(&mut self) {
        for id in self.hir.definitions.interfaces.ids() {
            let definitions = &self.hir.definitions;
            let interface = &definitions.interfaces[id];
            let (this, plain) = definitions.in_own_terms(id);
            let declared = Declared {
                interfaces: Vec::new(),
                target: this,
                type_params: interface.type_params.clone(),
                block: Some(interface.members.clone()),
                is_library: interface.is_library,
            };
            for above in definitions.with_supers(plain, this).into_iter().skip(1) {
                for member in self.hir.definitions.interfaces[above.id].members.clone() {
                    if let Some(method) = self.method_for(&declared, member) {
                        self.check_signature(&declared, above, member, method);
                    }
                }
            }
        }
    }

    /// Reports interfaces that the declared one extends and the type does not have.
    fn check_supers(&mut self, declared: &Declared, interface: InterfaceRef, span: Span) {
        for above in self.hir.definitions.with_supers(interface, declared.target) {
            let is_missing = above.id != interface.id
                && !self.is_structural(above.id)
                && self.previous(declared, above).is_none();
            if is_missing {
                let definitions = &self.hir.definitions;
                let ty = TypePrinter::new(definitions, declared.target).to_string();
                let name = InterfacePrinter::new(definitions, interface).to_string();
                let above_name = InterfacePrinter::new(definitions, above).to_string();
                self.sink.emit(errors::missing_super(span, &ty, &name, &above_name));
            }
        }
    }
}

fn mode_word(mode: crate::hir::ParamMode) -> &'static str {
    match mode {
        crate::hir::ParamMode::Value => "",
        crate::hir::ParamMode::Inout => "inout ",
        crate::hir::ParamMode::Move => "move ",
    }
}

/// Whether a method of one kind can do what one of another is asked for: one that changes nothing can be called where
/// a change is allowed.
fn can_stand_for(given: FnKind, asked: FnKind) -> bool {
    given == asked || (given == FnKind::Method && asked == FnKind::MutMethod)
}

/// Whether the method's own type parameters have no bounds but those that the interface's have.
fn asks_no_more(asked: &Function, given: &Function, own: usize, args: &[Ty]) -> bool {
    let mut asked = asked.type_params.iter().rev();
    given.type_params.iter().rev().take(own).all(|given| {
        let bounds = asked.next().map(|param| &param.bounds[..]).unwrap_or_default();
        let bounds: Vec<Bound> = bounds.iter().map(|bound| bound.substitute(args)).collect();
        given.bounds.iter().all(|bound| bounds.contains(bound))
    })
}

/// Whether the types may stand for the same one.
fn may_be_same(a: Ty, b: Ty) -> bool {
    if a == b || matches!(a.kind(), TyKind::Param(..)) || matches!(b.kind(), TyKind::Param(..)) {
        return true;
    }
    let is_same_head = Head::of(a).is_some() && Head::of(a) == Head::of(b);
    is_same_head
        && a.parts().len() == b.parts().len()
        && a.parts().iter().zip(b.parts()).all(|(&a, &b)| may_be_same(a, b))
}

//! Which function a name after a dot means: a member of the type, or a method of an interface that the type has.
//!
//! A type's own members come first, then methods of `extend T : I`, then defaults of its interfaces, then what the
//! interfaces that types have by structure ask for. A type parameter has the methods of its bounds.

use plat_syntax::source::Span;

use crate::hir::{FnBody, FnId, FnKind, Function, InterfaceRef, Name, Owner};
use crate::types::{Head, Ty, TyKind};

use super::body::Checker;
use super::errors::interfaces;

/// The function that a name after a dot means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundMember {
    /// The function.
    pub(super) function: FnId,
    /// The interface it belongs to, if it was found there.
    pub(super) interface: Option<InterfaceRef>,
}

impl Checker<'_, '_> {
    /// The member that the name means for values of the type, or members of that name which are for other instances of it.
    pub(super) fn find_member(&mut self, ty: Ty, name: Name) -> Result<FoundMember, Vec<FnId>> {
        let ty = self.infer.shallow(ty);
        let candidates = self.members_named(ty, name);
        let is_own = |function: FnId| !self.program.function(function).is_implementing;
        if (candidates.len() < 2 || is_own(candidates[0]))
            && let Some(function) = self.choose(&candidates, ty, name.span)
        {
            return Ok(FoundMember { function, interface: None });
        }
        let named = self.members_of_interfaces(ty, name);
        let Some(&first) = named.first() else { return Err(candidates) };
        if named.iter().any(|other| other.function != first.function) {
            self.report_ambiguity(ty, name, &named);
        }
        // Of one generic interface with different arguments the method's arguments tell which is meant.
        let is_one = named.iter().all(|other| other.interface == first.interface);
        Ok(FoundMember { interface: first.interface.filter(|_| is_one), ..first })
    }

    /// The methods of this name that interfaces of the type have.
    fn members_of_interfaces(&self, ty: Ty, name: Name) -> Vec<FoundMember> {
        let mut found: Vec<FoundMember> = Vec::new();
        for interface in self.interfaces_of(ty) {
            let members = &self.program.definitions().interfaces[interface.id].members;
            let mut named =
                members.iter().filter(|&&member| self.program.function(member).name == name.symbol);
            if let Some(&function) = named.next() {
                let member = FoundMember { function, interface: Some(interface) };
                if !found.contains(&member) {
                    found.push(member);
                }
            }
        }
        self.without_overridden(ty, found)
    }

    /// Without methods for which an interface below theirs has one of its own.
    fn without_overridden(&self, ty: Ty, found: Vec<FoundMember>) -> Vec<FoundMember> {
        let definitions = self.program.definitions();
        let is_below = |below: InterfaceRef, above: InterfaceRef| {
            below.id != above.id && definitions.with_supers(below, ty).contains(&above)
        };
        let interfaces: Vec<_> = found.iter().filter_map(|it| it.interface).collect();
        let is_overridden = |it: &FoundMember| {
            it.interface.is_some_and(|above| interfaces.iter().any(|&below| is_below(below, above)))
        };
        found.into_iter().filter(|it| !is_overridden(it)).collect()
    }

    fn report_ambiguity(&mut self, ty: Ty, name: Name, named: &[FoundMember]) {
        let definitions = self.program.definitions();
        let interfaces = named.iter().filter_map(|member| member.interface);
        let mut names: Vec<_> = interfaces.map(|it| definitions.interfaces[it.id].name.as_str()).collect();
        names.dedup();
        let shown = self.show(ty);
        self.emit(interfaces::ambiguous(name, &shown, &names));
    }

    /// The interfaces whose methods values of the type have, apart from those that are members of it.
    fn interfaces_of(&self, ty: Ty) -> Vec<InterfaceRef> {
        let (definitions, lang) = (self.program.definitions(), self.program.hir.lang);
        if let TyKind::Param(position, _) = *ty.kind() {
            let params = &self.function.type_params;
            let bounds = params.get(position as usize).map(|param| &param.bounds[..]).unwrap_or_default();
            let interfaces = bounds.iter().filter_map(|bound| match *bound {
                crate::hir::Bound::Interface(interface) => Some(interface),
                crate::hir::Bound::Sharable | crate::hir::Bound::Object => None,
            });
            return interfaces.flat_map(|interface| definitions.with_supers(interface, ty)).collect();
        }
        if let Some(interface) = ty.as_interface() {
            return definitions.with_supers(interface, ty);
        }
        let Some(head) = Head::of(ty) else { return Vec::new() };
        let declared = definitions.implementations.of_head(head);
        let declared = declared.map(|it| it.interface.substitute(ty.parts()));
        let structural = [lang.eq, lang.ord, lang.hash, lang.display, lang.encodable, lang.decodable];
        let structural = structural.into_iter().flatten();
        declared.chain(structural.map(InterfaceRef::plain)).collect()
    }

    /// Members of the name that this body may use, the type's own before those of interfaces.
    pub(super) fn members_named(&self, ty: Ty, name: Name) -> Vec<FnId> {
        let head = Head::of(self.infer.shallow(ty));
        let found = head.map_or(&[][..], |head| self.program.members.methods(head, name.symbol));
        let mut found: Vec<_> = found.iter().copied().filter(|&function| self.has_access(function)).collect();
        found.sort_by_key(|&function| self.program.function(function).is_implementing);
        found
    }

    /// The names of members that this body may use.
    pub(super) fn member_names(&self, ty: Ty, is_wanted: impl Fn(FnKind) -> bool) -> Vec<&'static str> {
        let ty = self.infer.shallow(ty);
        let own = Head::of(ty).map_or(&[][..], |head| self.program.members.all_methods(head));
        let own = own.iter().copied().filter(|&id| self.has_access(id) && !self.is_for_select_alone(id));
        let is_structural =
            |interface: &InterfaceRef| self.program.hir.lang.structural(interface.id).is_some();
        let is_param = matches!(ty.kind(), TyKind::Param(..) | TyKind::Interface(..));
        let interfaces = self.interfaces_of(ty);
        let inherited = interfaces.iter().filter(|interface| is_param || !is_structural(interface));
        let inherited = inherited.flat_map(|it| &self.program.definitions().interfaces[it.id].members);
        let has_default =
            |id: &FnId| is_param || !matches!(self.program.function(*id).body, FnBody::Required);
        let inherited = inherited.copied().filter(has_default);
        let mut names: Vec<&'static str> = Vec::new();
        for id in own.chain(inherited) {
            let Function { kind, name, .. } = *self.program.function(id);
            if is_wanted(kind) && !names.contains(&name.as_str()) {
                names.push(name.as_str());
            }
        }
        names
    }

    /// The member that is for this instance of the type. What is unknown of the type is what it will be by default.
    fn choose(&mut self, candidates: &[FnId], ty: Ty, span: Span) -> Option<FnId> {
        let mut fitting: Vec<FnId> = candidates.to_vec();
        fitting.retain(|&it| self.is_for(it, ty));
        // Those of interfaces come last, and stand back behind the type's own.
        let is_own = |it: FnId| !self.program.function(it).is_implementing;
        if let Some(&first) = fitting.first()
            && is_own(first)
        {
            fitting.retain(|&it| is_own(it));
        }
        if fitting.len() > 1 {
            let by_default = self.infer.with_defaults(ty);
            fitting.retain(|&it| self.is_for(it, by_default));
            if fitting.len() > 1 {
                self.report_unknown(ty, span);
            }
        }
        fitting.first().copied()
    }

    /// Whether this instance of a type may be among those that the member is for.
    fn is_for(&mut self, function: FnId, ty: Ty) -> bool {
        let function = self.program.function(function);
        // Only extensions of some instances, such as `extend List<String>`, need a closer look.
        let Some(Owner::Extension(_)) = function.owner else { return true };
        let Some(target) = self.program.definitions().self_type(function) else { return false };
        let snapshot = self.infer.snapshot();
        let args: Vec<_> = function.type_params.iter().map(|param| self.unknown(param.span)).collect();
        let fits = self.infer.unify(target.substitute(&args), ty);
        self.infer.undo(snapshot);
        fits
    }

    /// Makes the owner's type in terms of the call's type arguments the type that the member is called on.
    pub(super) fn unify_owner(&mut self, found: &FoundMember, type_args: &[Ty], ty: Ty) {
        if let Some(target) = self.target_of(found.function) {
            self.infer.unify(target.substitute(type_args), ty);
        }
        if let Some(interface) = found.interface {
            for (&arg, &known) in type_args.iter().skip(1).zip(interface.args) {
                self.infer.unify(arg, known);
            }
        }
    }

    /// The type that a member belongs to, in terms of the member's type parameters.
    pub(super) fn target_of(&self, function: FnId) -> Option<Ty> {
        self.program.definitions().self_type(self.program.function(function))
    }

    /// Learns type arguments from the bounds that tell of them, as far as the types that meet those are known.
    pub(super) fn learn_from_bounds(&mut self) {
        if self.pending.telling.is_empty() {
            return;
        }
        let mut telling = std::mem::take(&mut self.pending.telling);
        let count = telling.len();
        telling.retain(|&(ty, wanted)| !self.learn_from_bound(ty, wanted));
        // What one bound told may be what another waited for.
        let is_worth_it = telling.len() < count && !telling.is_empty();
        self.pending.telling = telling;
        if is_worth_it {
            self.learn_from_bounds();
        }
    }

    /// Whether the bound has told all it can.
    fn learn_from_bound(&mut self, ty: Ty, wanted: InterfaceRef) -> bool {
        let ty = self.infer.shallow(ty);
        if self.infer.unbound(ty).is_some() {
            return false;
        }
        let mut same = self.interfaces_of(ty);
        same.retain(|known| known.id == wanted.id);
        same.dedup();
        let [known] = same[..] else { return true };
        for (&known, &wanted) in known.args.iter().zip(wanted.args) {
            self.infer.try_unify(known, wanted);
        }
        true
    }
}

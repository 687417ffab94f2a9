//! Interfaces, the bounds that name them, and which types have which of them.
//!
//! An interface is generic in the type that has it: `Self` is its first type parameter. A default method is an ordinary
//! generic function, and calling a method of an interface is calling that function with `Self` first among the type
//! arguments; [`Definitions::implementing`] says which function does it for a type.

use plat_syntax::define_id;
use plat_syntax::hash::HashMap;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use super::{Access, Definitions, FnBody, FnId, FnKind, Owner, TypeParam};
use crate::types::{Head, Ty, TyKind};

define_id!(
    /// An interface.
    InterfaceId, "interface"
);
define_id!(
    /// An interface of a type.
    ImplementationId, "implementation"
);

/// An interface.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// Who may use it.
    pub access: Access,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// `Self`, then the parameters that are written.
    pub type_params: Vec<TypeParam>,
    /// The interfaces it extends, in terms of its type parameters.
    pub supers: Vec<InterfaceRef>,
    /// Whether it extends `Sharable`.
    pub is_sharable: bool,
    /// Its methods in order of declaration. The body of one without a default is [`FnBody::Required`].
    pub members: Vec<FnId>,
}

impl Interface {
    /// How many type arguments a bound of a function has to write. The others follow from the type that has the interface:
    /// `I: Iterator<T>` in `Iterable<T, I>` is whatever goes through the values.
    pub fn needed_args(&self) -> usize {
        let follows = |bound: &Bound| matches!(bound, Bound::Interface(it) if !it.args.is_empty());
        let written = &self.type_params[1..];
        let trailing = written.iter().skip(1).rev().take_while(|param| param.bounds.iter().any(follows));
        written.len() - trailing.count()
    }
}

/// An interface with its type arguments, without `Self`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct InterfaceRef {
    /// The interface.
    pub id: InterfaceId,
    /// Its type arguments.
    pub args: &'static [Ty],
}

impl InterfaceRef {
    /// The interface without type arguments.
    pub fn plain(id: InterfaceId) -> Self {
        Self { id, args: &[] }
    }

    /// The same with every type argument replaced.
    #[must_use]
    pub fn map(self, replace: impl FnMut(Ty) -> Ty) -> Self {
        let args: Vec<_> = self.args.iter().copied().map(replace).collect();
        Self { id: self.id, args: Ty::list(&args) }
    }

    /// The same with parameter `n` replaced by `args[n]`.
    #[must_use]
    pub fn substitute(self, args: &[Ty]) -> Self {
        if self.args.is_empty() { self } else { self.map(|arg| arg.substitute(args)) }
    }

    /// The type arguments of its methods' owner: those for `Self` and for its own parameters.
    pub fn owner_args(self, this: Ty) -> Vec<Ty> {
        std::iter::once(this).chain(self.args.iter().copied()).collect()
    }
}

/// What a bound asks of a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bound {
    /// Can be used by several tasks at once: by structure alone.
    Sharable,
    /// Is a class.
    Object,
    /// Has the interface.
    Interface(InterfaceRef),
}

impl Bound {
    /// The same with parameter `n` replaced by `args[n]`.
    #[must_use]
    pub fn substitute(self, args: &[Ty]) -> Self {
        match self {
            Self::Sharable | Self::Object => self,
            Self::Interface(interface) => Self::Interface(interface.substitute(args)),
        }
    }
}

/// What types can do by their structure, when no implementation says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Structural {
    /// `==`
    Eq,
    /// `<` and the other comparisons
    Ord,
    /// Be a key
    Hash,
    /// Be printed
    Display,
    /// Be written as JSON
    Encode,
    /// Be read from JSON
    Decode,
    /// Be used by several tasks at once
    Sharable,
}

impl Structural {
    /// Whether it is about JSON: asked of fields that others may see, and had by types of the program only.
    pub fn speaks_json(self) -> bool {
        matches!(self, Self::Encode | Self::Decode)
    }
}

/// That a type has an interface: `extend T : I { … }`, or `I` after the type's name.
#[derive(Clone, Debug)]
pub struct Implementation {
    /// The interface, in terms of the type parameters.
    pub interface: InterfaceRef,
    /// Where it was written.
    pub span: Span,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// The type parameters: they are the type's own, in order, so their arguments are the parts of the type.
    pub type_params: Vec<TypeParam>,
    /// The type.
    pub target: Ty,
    /// For each method of the interface what does it.
    pub methods: Vec<MethodSource>,
    /// Whether the type's structure does it all: `struct P : Eq` without `equals`.
    pub is_structural: bool,
}

/// What does a method of an interface for a type that has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodSource {
    /// A method of the type.
    Own(FnId),
    /// The default of another interface of the type, which extends this one.
    Inherited(FnId, InterfaceRef),
    /// The interface's own default, if it has one.
    Default,
}

/// All implementations of a program.
#[derive(Debug, Default)]
pub struct Implementations {
    all: IndexVec<ImplementationId, Implementation>,
    by_head: HashMap<Head, Vec<ImplementationId>>,
    by_interface: HashMap<InterfaceId, Vec<ImplementationId>>,
}

impl Implementations {
    /// Adds one.
    pub fn push(&mut self, implementation: Implementation) {
        let (head, interface) = (Head::of(implementation.target), implementation.interface.id);
        let id = self.all.push(implementation);
        if let Some(head) = head {
            self.by_head.entry(head).or_default().push(id);
        }
        self.by_interface.entry(interface).or_default().push(id);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Implementation> {
        self.all.iter()
    }

    /// Those of types with this head.
    pub fn of_head(&self, head: Head) -> impl Iterator<Item = &Implementation> {
        self.by_head.get(&head).map_or(&[][..], Vec::as_slice).iter().map(|&id| &self.all[id])
    }

    /// Those of this interface.
    pub fn of_interface(&self, id: InterfaceId) -> impl Iterator<Item = &Implementation> {
        self.by_interface.get(&id).map_or(&[][..], Vec::as_slice).iter().map(|&id| &self.all[id])
    }

    /// Those of this interface for types with this head, except by structure.
    pub fn explicit(&self, head: Head, interface: InterfaceId) -> impl Iterator<Item = &Implementation> {
        self.of_head(head).filter(move |it| it.interface.id == interface && !it.is_structural)
    }
}

/// Who does what a method of an interface asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Implementing {
    /// A function with its type arguments: a method of the type, or the interface's default.
    Function(FnId, Vec<Ty>),
    /// The structure of the type.
    Structure,
    /// What the value, which is of any type that has the interface, says: the entry of this number in its table.
    Table(u32),
    /// The same for an instance of a generic method of this interface: the entry for its type arguments.
    Instance(InterfaceRef),
}

/// Why an interface is not a type: this method cannot be called on a value of which only the interface is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BoundOnly {
    /// The method.
    pub method: FnId,
    /// What about it.
    pub reason: BoundOnlyReason,
}

/// What it is about a method that makes its interface a bound only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoundOnlyReason {
    /// It is a function of the type: no value says which.
    Static,
    /// It names `Self`, which is not known.
    NamesSelf,
}

impl Definitions {
    /// Who does `method`, which belongs to an interface, for these type arguments: `Self`, which is known, then those
    /// of the interface, then the method's own.
    pub fn implementing(&self, method: FnId, interface: InterfaceId, args: &[Ty]) -> Implementing {
        let own = self.interfaces[interface].type_params.len();
        let this = args[0];
        if let Some(known) = this.as_interface() {
            let wanted = InterfaceRef { id: interface, args: Ty::list(&args[1..own]) };
            let table = self.table(known);
            if let Some(position) = table.iter().position(|&entry| entry == (wanted, method)) {
                return Implementing::Table(position as u32);
            }
            if self.has_entries(method) && self.of_values(known).contains(&wanted) {
                return Implementing::Instance(wanted);
            }
            return match self.inherited_default(known, this, method) {
                Some((found, below)) => {
                    self.implementing(found, below.id, &[&below.owner_args(this), &args[own..]].concat())
                }
                None => Implementing::Function(method, args.to_vec()),
            };
        }
        let position = self.interfaces[interface].members.iter().position(|&member| member == method);
        let found = Head::of(this).and_then(|head| {
            let mut all = self.implementations.explicit(head, interface);
            all.find(|it| it.interface.substitute(this.parts()).args == &args[1..own])
        });
        match (found, position) {
            (Some(found), Some(position)) => match found.methods[position] {
                MethodSource::Own(function) => {
                    Implementing::Function(function, [this.parts(), &args[own..]].concat())
                }
                MethodSource::Inherited(function, below) => {
                    let below = below.substitute(this.parts());
                    Implementing::Function(function, [&below.owner_args(this), &args[own..]].concat())
                }
                MethodSource::Default => Implementing::Function(method, args.to_vec()),
            },
            _ => match self.functions[method].body {
                FnBody::Required => Implementing::Structure,
                _ => Implementing::Function(method, args.to_vec()),
            },
        }
    }

    /// The interface and all that it extends, itself first, with `Self` being `this`.
    pub fn with_supers(&self, interface: InterfaceRef, this: Ty) -> Vec<InterfaceRef> {
        let mut all = vec![interface];
        let mut next = 0;
        while let Some(&interface) = all.get(next) {
            next += 1;
            let args = interface.owner_args(this);
            for &above in &self.interfaces[interface.id].supers {
                let above = above.substitute(&args);
                if !all.contains(&above) {
                    all.push(above);
                }
            }
        }
        all
    }

    /// The default that `interface`, or one that it extends, has for a method of an interface that it extends in turn.
    pub fn inherited_default(
        &self,
        interface: InterfaceRef,
        this: Ty,
        method: FnId,
    ) -> Option<(FnId, InterfaceRef)> {
        let asked = &self.functions[method];
        let Some(Owner::Interface(above)) = asked.owner else { return None };
        self.with_supers(interface, this).into_iter().find_map(|below| {
            if below.id == above || !self.extends(below, this, above) {
                return None;
            }
            let mut members = self.interfaces[below.id].members.iter().copied();
            let found = members.find(|&member| self.functions[member].name == asked.name)?;
            let is_default = !matches!(self.functions[found].body, FnBody::Required);
            is_default.then_some((found, below))
        })
    }

    /// Whether the interface of a type extends the other one.
    fn extends(&self, interface: InterfaceRef, this: Ty, above: InterfaceId) -> bool {
        self.with_supers(interface, this).iter().any(|known| known.id == above)
    }

    /// The methods in all tables of values of the interface's type, with the interfaces they belong to. Those that are generic
    /// have entries after these, one for each instance.
    pub fn table(&self, interface: InterfaceRef) -> Vec<(InterfaceRef, FnId)> {
        let all = self.of_values(interface);
        let members = all.iter().flat_map(|interface| {
            self.interfaces[interface.id].members.iter().map(|&member| (*interface, member))
        });
        members.filter(|&(_, member)| self.has_entries(member) && !self.is_generic(member)).collect()
    }

    /// Whether values of the interface's type are asked who does the method.
    fn has_entries(&self, method: FnId) -> bool {
        self.bound_only_reason(method).is_none()
    }

    /// The interfaces of what values of the interface's type hold, whatever that is.
    fn of_values(&self, interface: InterfaceRef) -> Vec<InterfaceRef> {
        let args = interface.owner_args(Ty::interface(interface));
        self.of_every_value(interface.id).into_iter().map(|it| it.substitute(&args)).collect()
    }

    /// The interface and those it extends, in terms of its type parameters, without those that name `Self`: values of the
    /// interface's type hold values whose types have such interfaces each with arguments of its own.
    fn of_every_value(&self, id: InterfaceId) -> Vec<InterfaceRef> {
        let (this, plain) = self.in_own_terms(id);
        let mut all = self.with_supers(plain, this);
        all.retain(|it| !it.args.iter().any(|arg| arg.mentions_param(0)));
        all
    }

    /// `Self` and the interface, in terms of its type parameters.
    pub fn in_own_terms(&self, id: InterfaceId) -> (Ty, InterfaceRef) {
        let params = (0u32..).zip(&self.interfaces[id].type_params);
        let params: Vec<_> = params.map(|(at, param)| Ty::new(TyKind::Param(at, param.name))).collect();
        (params[0], InterfaceRef { id, args: Ty::list(&params[1..]) })
    }

    /// Why the interface is not a type, if it is a bound only.
    pub fn bound_only(&self, id: InterfaceId) -> Option<BoundOnly> {
        let (this, plain) = self.in_own_terms(id);
        let of_every_value = self.of_every_value(id);
        self.with_supers(plain, this).into_iter().find_map(|interface| {
            let mut members = self.interfaces[interface.id].members.iter();
            members.find_map(|&method| {
                let is_required = matches!(self.functions[method].body, FnBody::Required)
                    && self.inherited_default(plain, this, method).is_none();
                let reason = match of_every_value.contains(&interface) {
                    true => self.bound_only_reason(method),
                    false => Some(BoundOnlyReason::NamesSelf),
                };
                Some(BoundOnly { method, reason: reason.filter(|_| is_required)? })
            })
        })
    }

    /// Whether the method has type parameters of its own. Tables have an entry for each instance that is called.
    fn is_generic(&self, method: FnId) -> bool {
        let function = &self.functions[method];
        function.type_params.len() > self.owner_param_count(function.owner)
    }

    /// Why the method has no entry in tables: a default is then that of the interface for all of its values.
    pub fn bound_only_reason(&self, method: FnId) -> Option<BoundOnlyReason> {
        let function = &self.functions[method];
        let names_self = |ty: Ty| ty.mentions_param(0);
        if function.kind == FnKind::Static {
            Some(BoundOnlyReason::Static)
        } else if names_self(function.result.ty)
            || function.params.iter().any(|param| names_self(param.ty.ty))
        {
            Some(BoundOnlyReason::NamesSelf)
        } else {
            None
        }
    }

    /// Whether the interface or one that it extends is `Sharable`.
    pub fn is_sharable_interface(&self, id: InterfaceId) -> bool {
        let all = self.with_supers(InterfaceRef::plain(id), Ty::error());
        all.iter().any(|interface| self.interfaces[interface.id].is_sharable)
    }
}

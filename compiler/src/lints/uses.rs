//! What the items of a program use, directly and through others.
//!
//! A function uses what its signature and its body mention: functions, constants, and the types of all its values. A type uses the
//! types of its fields, its members that are not asked about themselves, and the interfaces it has.

use plat_syntax::hash::{HashMap, HashSet};

use crate::hir::{
    AggregateId, Body, Bound, ClassId, ConstId, Definitions, EnumId, ExprKind, FnBody, FnId, InterfaceId,
    InterfaceRef, Owner, PatKind, RangeEnd, StructId, TypeHeadKind, TypeParam,
};
use crate::typeck::results::{ArgSource, BodyTypes, CallTarget, ErrorConversion, TypeckResults};
use crate::types::{Head, Ty, TyKind};

/// Something that is used or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Item {
    Fn(FnId),
    Const(ConstId),
    Struct(StructId),
    Enum(EnumId),
    Class(ClassId),
    Interface(InterfaceId),
}

impl Item {
    /// The definition of a type itself, without its type arguments.
    pub(super) fn of_ty(ty: Ty) -> Option<Self> {
        Some(match *ty.kind() {
            TyKind::Struct(id, _) => Self::Struct(id),
            TyKind::Enum(id, _) => Self::Enum(id),
            TyKind::Class(id, _) => Self::Class(id),
            TyKind::Interface(id, _) => Self::Interface(id),
            _ => return None,
        })
    }

    /// What a member is a member of; `None` for a built-in type.
    pub(super) fn of_owner(definitions: &Definitions, owner: Owner) -> Option<Self> {
        Some(match owner {
            Owner::Struct(id) => Self::Struct(id),
            Owner::Enum(id) => Self::Enum(id),
            Owner::Class(id) => Self::Class(id),
            Owner::Interface(id) => Self::Interface(id),
            Owner::Extension(index) => return Self::of_ty(definitions.extensions[index].target.ty),
        })
    }
}

/// The items that are used, when all are that are not in doubt.
pub(super) fn find(
    definitions: &Definitions,
    types: &TypeckResults<'_>,
    unsure: &HashSet<Item>,
) -> HashSet<Item> {
    let mut search = Search {
        definitions,
        types,
        seen: HashSet::default(),
        seen_types: HashSet::default(),
        pending: Vec::new(),
        members: HashMap::default(),
    };
    search.begin(unsure);
    while let Some(item) = search.pending.pop() {
        if search.seen.insert(item) {
            search.follow(item);
        }
    }
    search.seen
}

struct Search<'a> {
    definitions: &'a Definitions,
    types: &'a TypeckResults<'a>,
    seen: HashSet<Item>,
    seen_types: HashSet<Ty>,
    pending: Vec<Item>,
    /// Members that are used with their types.
    members: HashMap<Item, Vec<FnId>>,
}

impl Search<'_> {
    /// Everything that is not in doubt is used: functions, but for defaults, values of constants, and members of what is in
    /// doubt, which are used with what they belong to.
    fn begin(&mut self, unsure: &HashSet<Item>) {
        let definitions = self.definitions;
        let mut belonging: HashSet<FnId> = definitions.consts.iter().map(|constant| constant.value).collect();
        let params = definitions.functions.iter().flat_map(|function| &function.params);
        belonging.extend(params.filter_map(|param| param.default));
        let fields = definitions.structs.iter().map(|it| &it.fields);
        let fields = fields.chain(definitions.classes.iter().map(|it| &it.fields));
        belonging.extend(fields.flat_map(|fields| fields.iter()).filter_map(|field| field.default));
        for (id, function) in definitions.functions.iter_enumerated() {
            if function.is_library || unsure.contains(&Item::Fn(id)) || belonging.contains(&id) {
                continue;
            }
            let owner = function.owner.and_then(|owner| Item::of_owner(definitions, owner));
            match owner.filter(|owner| unsure.contains(owner)) {
                Some(owner) => self.members.entry(owner).or_default().push(id),
                None => self.pending.push(Item::Fn(id)),
            }
        }
        let consts = definitions.consts.ids().map(Item::Const);
        let types = definitions.structs.iter_enumerated().filter(|(_, it)| !it.is_library);
        let types = types.map(|(id, _)| Item::Struct(id));
        let enums = definitions.enums.iter_enumerated().filter(|(_, it)| !it.is_library);
        let classes = definitions.classes.iter_enumerated().filter(|(_, it)| !it.is_library);
        let interfaces = definitions.interfaces.iter_enumerated().filter(|(_, it)| !it.is_library);
        let all = consts.chain(types).chain(enums.map(|(id, _)| Item::Enum(id)));
        let all = all.chain(classes.map(|(id, _)| Item::Class(id)));
        let all = all.chain(interfaces.map(|(id, _)| Item::Interface(id)));
        self.pending.extend(all.filter(|item| !unsure.contains(item)));
    }

    fn follow(&mut self, item: Item) {
        let definitions = self.definitions;
        match item {
            Item::Fn(id) => return self.function(id),
            Item::Const(id) => return self.pending.push(Item::Fn(definitions.consts[id].value)),
            Item::Struct(id) if !definitions.structs[id].is_library => {
                self.fields(AggregateId::Struct(id));
            }
            Item::Class(id) if !definitions.classes[id].is_library => {
                self.fields(AggregateId::Class(id));
            }
            Item::Enum(id) if !definitions.enums[id].is_library => {
                let definition = &definitions.enums[id];
                self.bounds(&definition.type_params);
                for variant in definition.variants.iter() {
                    variant.fields.iter().for_each(|field| self.mention(field.ty.ty));
                }
            }
            Item::Interface(id) if !definitions.interfaces[id].is_library => {
                let definition = &definitions.interfaces[id];
                self.bounds(&definition.type_params);
                definition.supers.iter().for_each(|&above| self.interface(above));
            }
            _ => return,
        }
        self.implementations(item);
        let members = self.members.remove(&item).unwrap_or_default();
        self.pending.extend(members.into_iter().map(Item::Fn));
    }

    fn fields(&mut self, id: AggregateId) {
        let definitions = self.definitions;
        self.bounds(definitions.aggregate_params(id));
        for field in definitions.fields(id).iter() {
            self.mention(field.ty.ty);
            self.pending.extend(field.default.map(Item::Fn));
        }
    }

    /// The interfaces that a type of the program has.
    fn implementations(&mut self, item: Item) {
        let head = match item {
            Item::Struct(id) => Head::Struct(id),
            Item::Enum(id) => Head::Enum(id),
            Item::Class(id) => Head::Class(id),
            Item::Fn(_) | Item::Const(_) | Item::Interface(_) => return,
        };
        let interfaces: Vec<InterfaceRef> =
            self.definitions.implementations.of_head(head).map(|it| it.interface).collect();
        interfaces.into_iter().for_each(|interface| self.interface(interface));
    }

    fn interface(&mut self, interface: InterfaceRef) {
        self.pending.push(Item::Interface(interface.id));
        interface.args.iter().for_each(|&arg| self.mention(arg));
    }

    fn bounds(&mut self, params: &[TypeParam]) {
        for bound in params.iter().flat_map(|param| &param.bounds) {
            if let Bound::Interface(interface) = *bound {
                self.interface(interface);
            }
        }
    }

    /// Everything that a type is made of.
    fn mention(&mut self, ty: Ty) {
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            if self.seen_types.insert(ty) {
                self.pending.extend(Item::of_ty(ty));
                pending.extend_from_slice(ty.parts());
            }
        }
    }

    fn function(&mut self, id: FnId) {
        let function = &self.definitions.functions[id];
        if function.is_library {
            return;
        }
        self.pending.extend(function.owner.and_then(|owner| Item::of_owner(self.definitions, owner)));
        self.bounds(&function.type_params);
        self.mention(function.result.ty);
        for param in &function.params {
            self.mention(param.ty.ty);
            self.pending.extend(param.default.map(Item::Fn));
        }
        if let (FnBody::Plat(body), Some(types)) = (&function.body, self.types.body(id)) {
            self.expressions(body);
            self.patterns(body);
            self.results(types);
        }
    }

    fn expressions(&mut self, body: &Body) {
        for expr in body.exprs.iter() {
            match &expr.kind {
                ExprKind::Fn(id, _) => self.pending.push(Item::Fn(*id)),
                ExprKind::Const(id) => self.pending.push(Item::Const(*id)),
                ExprKind::StaticFn(ty, _) | ExprKind::StaticCall { ty, .. } => match ty.kind {
                    TypeHeadKind::Struct(id) => self.pending.push(Item::Struct(id)),
                    TypeHeadKind::Enum(id) => self.pending.push(Item::Enum(id)),
                    TypeHeadKind::Class(id) => self.pending.push(Item::Class(id)),
                    TypeHeadKind::Whole(ty) => self.mention(ty),
                    TypeHeadKind::Error => {}
                },
                _ => {}
            }
        }
    }

    fn patterns(&mut self, body: &Body) {
        for pat in body.pats.iter() {
            match &pat.kind {
                PatKind::Const(id) => self.pending.push(Item::Const(*id)),
                PatKind::Range { start, end, .. } => {
                    let consts = [start, end].into_iter().filter_map(|end| match end {
                        RangeEnd::Const(_, id) => Some(Item::Const(*id)),
                        RangeEnd::Literal(..) => None,
                    });
                    self.pending.extend(consts);
                }
                _ => {}
            }
        }
    }

    fn results(&mut self, types: &BodyTypes) {
        let values = types.exprs.iter().chain(types.pats.iter()).chain(types.locals.iter());
        values.chain(types.conversions.values()).for_each(|&ty| self.mention(ty));
        for call in types.calls.values().chain(types.functions.values()) {
            if let CallTarget::Fn(id, args) = &call.target {
                self.instance(*id, args);
            }
            self.pending.extend(call.args.iter().filter_map(|source| match source {
                ArgSource::Default(id) => Some(Item::Fn(*id)),
                ArgSource::Given(_) => None,
            }));
        }
        for method in types.iterators.values().flat_map(|calls| calls.methods()) {
            self.instance(method.id, &method.type_args);
        }
        for conversion in types.error_conversions.values() {
            match conversion {
                ErrorConversion::From(id, args) => self.instance(*id, args),
                ErrorConversion::Interface(ty) => self.mention(*ty),
            }
        }
    }

    fn instance(&mut self, id: FnId, args: &[Ty]) {
        self.pending.push(Item::Fn(id));
        args.iter().for_each(|&arg| self.mention(arg));
    }
}

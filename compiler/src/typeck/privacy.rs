//! Who may use which members: what is not `pub` is its file's own, and in the library the library's.

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::index::Id;
use plat_syntax::source::Span;

use crate::hir::{AggregateId, Arg, Field, FieldId, FnId, Name, Owner, PatArgs, StructId};
use crate::types::{Head, Ty};

use super::body::Checker;
use super::errors::privacy::{self as errors, Place};

impl Checker<'_, '_> {
    /// Whether this body may use a member that was declared there.
    fn may_use(&self, declared: Span, is_library: bool, is_public: bool) -> bool {
        let is_own = declared.file == self.function.span.file;
        is_public || is_own || (is_library && self.function.is_library)
    }

    /// Whether this body may use the field.
    pub(super) fn may_use_field(&self, aggregate: AggregateId, field: &Field) -> bool {
        let is_library = self.program.definitions().is_library_aggregate(aggregate);
        self.may_use(field.span, is_library, field.is_public)
    }

    /// Whether this body may call the function. What an interface asks for can be called by all who know the type.
    pub(super) fn has_access(&self, function: FnId) -> bool {
        let function = self.program.function(function);
        let is_of_interface = function.is_implementing || matches!(function.owner, Some(Owner::Interface(_)));
        is_of_interface || self.may_use(function.span, function.is_library, function.is_public)
    }

    /// Where a field is; nowhere in the library, which no user changes.
    pub(super) fn place_of_field(&self, aggregate: AggregateId, field: &Field) -> Option<Place> {
        let is_library = self.program.definitions().is_library_aggregate(aggregate);
        let place = Place { name: field.span, insert: field.declaration.shrink_to_start() };
        (!is_library).then_some(place)
    }

    /// Where a function is; nowhere in the library.
    pub(super) fn place_of_function(&self, function: FnId) -> Option<Place> {
        let function = self.program.function(function);
        let place = Place { name: function.span, insert: function.head.shrink_to_start() };
        (!function.is_library).then_some(place)
    }

    /// A complaint about a member that the type has and this body may not use. The library's are not spoken of.
    pub(super) fn private_member(&self, ty: Ty, name: Name, shown: &str) -> Option<Diagnostic> {
        let head = Head::of(self.infer.shallow(ty))?;
        let hidden =
            self.program.members.methods(head, name.symbol).iter().find(|&&id| !self.has_access(id))?;
        Some(errors::private_method(name, shown, self.place_of_function(*hidden)?))
    }

    /// A complaint if what makes a value from its fields needs one that this body may not use.
    pub(super) fn hidden_from_construction(
        &mut self,
        aggregate: AggregateId,
        type_args: &[Ty],
        args: &[Arg],
        span: Span,
    ) -> Option<Diagnostic> {
        let definitions = self.program.definitions();
        let fields = definitions.fields(aggregate);
        let shown = self.show(aggregate.ty(type_args));
        if let Some(field) =
            fields.iter().find(|field| field.default.is_none() && !self.may_use_field(aggregate, field))
        {
            let place = self.place_of_field(aggregate, field);
            return Some(errors::needs_private_field(span, &shown, field.name, place));
        }
        args.iter().enumerate().find_map(|(position, arg)| {
            let id = match arg.name {
                Some(name) => self.program.members.field(aggregate, name.symbol)?,
                None => FieldId::from_index(position),
            };
            let field = fields.get(id).filter(|field| !self.may_use_field(aggregate, field))?;
            let name = arg.name.unwrap_or(Name { symbol: field.name, span: arg.span });
            let place = self.place_of_field(aggregate, field);
            Some(errors::private_field(name, &shown, false, place))
        })
    }

    /// A complaint if a pattern speaks of fields that this body may not use, or does not skip them.
    pub(super) fn hidden_from_pattern(
        &self,
        structure: StructId,
        args: &PatArgs,
        span: Span,
    ) -> Option<Diagnostic> {
        let definition = &self.program.definitions().structs[structure];
        let aggregate = AggregateId::Struct(structure);
        let hidden = definition.fields.iter().find(|field| !self.may_use_field(aggregate, field))?;
        let mentioned = args.items.iter().enumerate().find_map(|(position, (name, _))| {
            let id = match name {
                Some(name) => self.program.members.field(aggregate, name.symbol)?,
                None => FieldId::from_index(position),
            };
            definition.fields.get(id).filter(|field| !self.may_use_field(aggregate, field))
        });
        if args.has_rest && mentioned.is_none() {
            return None;
        }
        let field = mentioned.unwrap_or(hidden);
        let place = self.place_of_field(aggregate, field);
        let can_skip = mentioned.is_none() && args.is_call;
        Some(errors::private_struct(span, definition.name, field.name, can_skip, place))
    }
}

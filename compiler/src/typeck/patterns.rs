//! Patterns: what they match, and the types of the names they bind.

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;

use crate::hir::{
    ConstId, EnumId, FieldId, Literal, LocalId, Name, PatArgs, PatId, PatKind, RangeEnd, Sign, StructId,
    VariantId,
};
use crate::types::{Ty, TyKind};

use super::PatConstructor;
use super::body::Checker;
use super::errors::patterns as errors;
use super::infer::VarKind;
use super::settle::Need;

/// What a constructor pattern takes apart.
struct Constructor {
    variant: Option<VariantId>,
    /// Its name in messages.
    name: Symbol,
    /// The name and type of each field.
    fields: Vec<(Option<Symbol>, Ty)>,
}

impl Checker<'_, '_> {
    /// Checks a pattern that is matched with a value of type `ty`, and gives its names their types.
    pub(super) fn check_pattern(&mut self, id: PatId, ty: Ty) {
        let ty = self.infer.shallow(ty);
        self.types.pats[id] = ty;
        let span = self.pat_span(id);
        match &self.body.pats[id].kind {
            PatKind::Wild | PatKind::Error => {}
            PatKind::Bind(local) => self.bind_local(*local, id, ty),
            PatKind::Literal(literal, sign) => self.check_literal_pattern(id, literal, *sign, ty),
            PatKind::Const(constant) => self.check_const_pattern(id, *constant, ty),
            PatKind::Range { start, end, .. } => {
                self.check_range_end(id, start, ty);
                self.check_range_end(id, end, ty);
                if self.types.pats[id] != self.common.error {
                    self.require(ty, Need::RangePattern, span);
                }
            }
            PatKind::Variant(enumeration, variant, args) => {
                self.check_variant_pattern(id, *enumeration, *variant, args, ty);
            }
            PatKind::Bare(name, args) => self.check_bare_pattern(id, *name, args, ty),
            PatKind::Struct(structure, args) => self.check_struct_pattern(id, *structure, args, ty),
            PatKind::Tuple(items) => self.check_tuple_pattern(id, items, ty),
            PatKind::Or(alternatives) => {
                for &alternative in alternatives {
                    self.check_pattern(alternative, ty);
                }
            }
        }
    }

    /// A name. In `A(x) | B(x)` both alternatives bind it.
    fn bind_local(&mut self, local: LocalId, id: PatId, ty: Ty) {
        match self.locals[local].ty {
            Some(known) if !self.infer.try_unify(known, ty) => {
                let (known, ty) = (self.show(known), self.show(ty));
                let first = self.body.locals[local].span;
                self.emit(errors::alternatives_differ(
                    self.pat_span(id),
                    first,
                    self.local_name(local),
                    &known,
                    &ty,
                ));
            }
            Some(_) => {}
            None => {
                self.infer.close(ty);
                self.locals[local].ty = Some(ty);
                self.locals[local].task_depth = self.task_depth();
            }
        }
    }

    fn check_literal_pattern(&mut self, id: PatId, literal: &Literal, sign: Sign, ty: Ty) {
        let found = self.literal(literal, sign, self.pat_span(id), Some(ty));
        if sign == Sign::Minus {
            self.require(found, Need::Negatable, self.pat_span(id));
        }
        self.unify_pattern(id, found, ty);
    }

    fn check_range_end(&mut self, id: PatId, end: &RangeEnd, ty: Ty) {
        match end {
            RangeEnd::Literal(literal, sign) => self.check_literal_pattern(id, literal, *sign, ty),
            RangeEnd::Const(name, constant) => {
                let found = self.program.const_types[*constant];
                if self.unify_pattern(id, found, ty)
                    && !found.has_error()
                    && self.program.const_values[*constant].is_none()
                {
                    self.emit(errors::range_end_not_known(*name));
                    self.types.pats[id] = self.common.error;
                }
            }
        }
    }

    fn check_const_pattern(&mut self, id: PatId, constant: ConstId, ty: Ty) {
        let found = self.program.const_types[constant];
        self.unify_pattern(id, found, ty);
        self.require(ty, Need::Eq, self.pat_span(id));
    }

    /// Whether the pattern is for values of this type; reports it if not.
    fn unify_pattern(&mut self, id: PatId, found: Ty, ty: Ty) -> bool {
        if ty.is_never() || self.infer.try_unify(found, ty) {
            return true;
        }
        let (found_name, ty_name) = (self.show(found), self.show(ty));
        let option = self.program.hir.lang.option;
        let is_optional = matches!(*ty.kind(), TyKind::Enum(id, args) if Some(id) == option && self.infer.could_unify(args[0], found));
        self.emit(errors::wrong_pattern(self.pat_span(id), &found_name, &ty_name, is_optional));
        self.types.pats[id] = self.common.error;
        false
    }

    fn check_variant_pattern(
        &mut self,
        id: PatId,
        enumeration: EnumId,
        variant: VariantId,
        args: &PatArgs,
        ty: Ty,
    ) {
        let type_args = self.type_args_of_enum(enumeration, &[], self.pat_span(id));
        let found = Ty::enumeration(enumeration, &type_args);
        let fits = self.unify_pattern(id, found, ty);
        let definition = &self.program.definitions().enums[enumeration].variants[variant];
        let field = |field: &crate::hir::VariantField| {
            (field.name, if fits { field.ty.ty.substitute(&type_args) } else { self.common.error })
        };
        let fields = definition.fields.iter().map(field).collect();
        self.check_fields(id, Constructor { variant: Some(variant), name: definition.name, fields }, args);
    }

    fn check_struct_pattern(&mut self, id: PatId, structure: StructId, args: &PatArgs, ty: Ty) {
        let definition = &self.program.definitions().structs[structure];
        let type_args = self.type_args_of_type(&definition.type_params, &[], self.pat_span(id));
        let found = Ty::structure(structure, &type_args);
        let fits = self.unify_pattern(id, found, ty);
        if let Some(diagnostic) = self.hidden_from_pattern(structure, args, self.pat_span(id)) {
            self.emit(diagnostic);
            return self.check_wrong_args(args);
        }
        let field = |field: &crate::hir::Field| {
            (Some(field.name), if fits { field.ty.ty.substitute(&type_args) } else { self.common.error })
        };
        let fields = definition.fields.iter().map(field).collect();
        self.check_fields(id, Constructor { variant: None, name: definition.name, fields }, args);
    }

    /// A bare name: a variant of the value's type, or the struct that the value is.
    fn check_bare_pattern(&mut self, id: PatId, name: Name, args: &PatArgs, ty: Ty) {
        if let TyKind::Struct(structure, _) = *ty.kind()
            && self.program.definitions().structs[structure].name == name.symbol
        {
            return self.check_struct_pattern(id, structure, args, ty);
        }
        if let Some((enumeration, variant)) = self.find_variant(name, Some(ty)) {
            return self.check_variant_pattern(id, enumeration, variant, args, ty);
        }
        self.check_wrong_args(args);
        if ty == self.common.error {
            return;
        }
        let is_enum = matches!(ty.kind(), TyKind::Enum(..));
        let is_unknown = self.infer.unbound(ty) == Some(VarKind::Any);
        let diagnostic = if is_enum || is_unknown {
            self.unknown_bare_variant(name, Some(ty))
        } else {
            let shown = self.show(ty);
            errors::no_variants(name, &shown)
        };
        self.emit(diagnostic);
    }

    fn check_wrong_args(&mut self, args: &PatArgs) {
        for &(_, pat) in &args.items {
            self.check_pattern(pat, self.common.error);
        }
    }

    fn check_tuple_pattern(&mut self, id: PatId, items: &[PatId], ty: Ty) {
        let span = self.pat_span(id);
        let parts: Vec<_> = match *ty.kind() {
            TyKind::Tuple(parts) if parts.len() == items.len() => parts.to_vec(),
            TyKind::Error | TyKind::Never => vec![self.common.error; items.len()],
            TyKind::Infer(_) if self.infer.unbound(ty) == Some(VarKind::Any) => {
                let parts: Vec<_> = items.iter().map(|&item| self.unknown(self.pat_span(item))).collect();
                self.infer.unify(ty, Ty::tuple(&parts));
                parts
            }
            TyKind::Tuple(parts) => {
                let shown = self.show(ty);
                self.emit(errors::wrong_tuple_length(span, items.len(), parts.len(), &shown));
                vec![self.common.error; items.len()]
            }
            _ => {
                let shown = self.show(ty);
                self.emit(errors::tuple_for_other(span, &shown));
                vec![self.common.error; items.len()]
            }
        };
        for (&item, part) in items.iter().zip(parts) {
            self.check_pattern(item, part);
        }
    }

    /// The patterns in the parentheses of a variant or struct.
    fn check_fields(&mut self, id: PatId, constructor: Constructor, args: &PatArgs) {
        let span = self.pat_span(id);
        let Constructor { variant, name, fields } = constructor;
        let mut found = Vec::with_capacity(args.items.len());
        let mut taken: Vec<Option<PatId>> = vec![None; fields.len()];
        let table: HashMap<_, _> =
            fields.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
        let mut superfluous = None;
        for (index, &(written, pat)) in args.items.iter().enumerate() {
            let position = match written {
                None => (index < fields.len()).then_some(index),
                Some(written) => {
                    let position = table.get(&Some(written.symbol)).copied();
                    if position.is_none() {
                        let known: Vec<_> =
                            fields.iter().filter_map(|(name, _)| *name).map(Symbol::as_str).collect();
                        self.emit(errors::unknown_pattern_field(written, name, &known));
                    }
                    position
                }
            };
            if position.is_none() && written.is_none() {
                superfluous = superfluous.or(Some(self.pat_span(pat)));
            }
            self.check_pattern(pat, position.map_or(self.common.error, |position| fields[position].1));
            let Some(position) = position else { continue };
            match taken[position].replace(pat) {
                None => found.push((FieldId(position as u32), pat)),
                Some(first) => {
                    self.emit(errors::duplicate_pattern_field(
                        self.pat_span(pat),
                        self.pat_span(first),
                        fields[position].0,
                    ));
                }
            }
        }
        self.types.constructors.insert(id, PatConstructor { variant, fields: found });
        if let Some(extra) = superfluous {
            return self.emit(errors::too_many_fields(extra, name, fields.len(), args.items.len()));
        }
        self.check_all_fields_named(span, name, &fields, &taken, args);
    }

    fn check_all_fields_named(
        &mut self,
        span: plat_syntax::source::Span,
        name: Symbol,
        fields: &[(Option<Symbol>, Ty)],
        taken: &[Option<PatId>],
        args: &PatArgs,
    ) {
        let has_unknown = args.items.iter().any(|(written, _)| {
            written.is_some_and(|written| !fields.iter().any(|(name, _)| *name == Some(written.symbol)))
        });
        if args.has_rest || has_unknown || taken.iter().all(Option::is_some) {
            return;
        }
        if !args.is_call {
            return self.emit(errors::missing_parentheses(span, name, fields.len()));
        }
        let missing = fields.iter().zip(taken).filter(|(_, pat)| pat.is_none());
        let missing: Vec<_> = missing.map(|((name, _), _)| *name).collect();
        self.emit(errors::missing_fields(span, name, &missing, fields.len(), args.items.len()));
    }
}

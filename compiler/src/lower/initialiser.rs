//! `self` of an initialiser: its fields, each in a local of its own, until it is used as a value; then a variable.
//!
//! Where that happens on one of several ways only, it is put together at the end of the others as well: what follows finds
//! it one way or the other, whichever way led there. `typeck` has made sure that all fields are set by then.

use plat_syntax::source::Span;

use super::function::FunctionLowerer;
use crate::bug;
use crate::hir::{AggregateId, ExprId, FieldId, LocalId};
use crate::mir::typing::field_tys;
use crate::mir::{Function, Local, Operand, Rvalue};
use crate::typeck::results::Completion;
use crate::types::Ty;

/// `self` of an initialiser.
#[derive(Clone, Debug)]
pub(super) struct InitSelf {
    /// The local of the body.
    local: LocalId,
    /// The fields.
    fields: Vec<Local>,
    /// The value, once it is put together.
    value: Local,
    /// Whether it is put together.
    is_whole: bool,
}

/// What is to be done at the end of each branch of an expression.
#[derive(Clone, Copy)]
pub(super) struct Branches {
    was_whole: bool,
    becomes_whole: bool,
}

impl Branches {
    /// Whether something is to be done at the end of each branch.
    pub fn differ(self) -> bool {
        self.was_whole != self.becomes_whole
    }
}

impl FunctionLowerer<'_, '_> {
    /// Begins an initialiser that makes a `ty`.
    pub fn declare_init_fields(&mut self, local: LocalId, ty: Ty) {
        let Some((id, _)) = AggregateId::of(ty) else { bug!("an initialiser makes {ty:?}") };
        self.program.want_deinit(ty);
        let definitions = self.program.definitions();
        let tys = field_tys(definitions, ty, None).unwrap_or_default();
        let names = definitions.fields(id).iter().map(|field| (field.name, field.default, field.span));
        let names: Vec<_> = names.collect();
        let mut fields = Vec::new();
        for (&ty, &(name, ..)) in tys.iter().zip(&names) {
            fields.push(self.builder.variable(ty, Some(name)));
        }
        self.changing.extend(&fields);
        let value = self.builder.variable(ty, Some(self.body.locals[local].name));
        self.changing.insert(value);
        let args = ty.parts().to_vec();
        for (&field, (_, default, span)) in fields.iter().zip(names) {
            if let Some(default) = default {
                let value = self.default_value(default, &args, span);
                self.builder.assign(field, Rvalue::Use(value), span);
            }
        }
        self.init_self = Some(InitSelf { local, fields, value, is_whole: false });
    }

    /// The local of a field of `self`, if `local` is `self` of an initialiser and not put together yet.
    pub fn init_field(&self, local: LocalId, field: FieldId) -> Option<Local> {
        let this = self.init_self.as_ref().filter(|this| this.local == local && !this.is_whole)?;
        Some(this.fields[field.0 as usize])
    }

    /// The variable that holds `self`, if `local` is `self` of an initialiser. Puts it together if need be.
    pub fn init_value(&mut self, local: LocalId, span: Span) -> Option<Local> {
        let this = self.init_self.as_ref().filter(|this| this.local == local)?;
        let value = this.value;
        self.make_whole(span);
        Some(value)
    }

    fn make_whole(&mut self, span: Span) {
        let Some(this) = self.init_self.as_mut().filter(|this| !this.is_whole) else { return };
        this.is_whole = true;
        let (value, whole) = (this.value, self.aggregate_of_fields());
        self.builder.assign(value, whole, span);
    }

    fn aggregate_of_fields(&self) -> Rvalue {
        let Some(this) = &self.init_self else { bug!("{:?} is no initialiser", self.origin) };
        let locals = &self.builder.function().locals;
        let operand = |&field: &Local| {
            if locals[field].ty.is_unit() {
                Operand::Const(crate::mir::Const::Unit)
            } else {
                Operand::Use(field.into())
            }
        };
        Rvalue::Aggregate(locals[this.value].ty, None, this.fields.iter().map(operand).collect())
    }

    /// Makes `self` of an initialiser, if this is one, the result.
    pub fn store_init_self(&mut self, span: Span) {
        let Some(this) = &self.init_self else { return };
        let result = if this.is_whole {
            Rvalue::Use(Operand::Use(this.value.into()))
        } else {
            self.aggregate_of_fields()
        };
        self.builder.assign(Function::RESULT, result, span);
    }

    /// Before an expression that has branches.
    pub fn begin_branches(&mut self, expr: ExprId) -> Branches {
        let was_whole = self.init_self.as_ref().is_some_and(|this| this.is_whole);
        let completion = self.types.completions.get(&expr).filter(|_| !was_whole && self.init_self.is_some());
        match completion {
            Some(Completion::Before) => {
                self.make_whole(self.span(expr));
                Branches { was_whole: true, becomes_whole: true }
            }
            Some(Completion::Within) => Branches { was_whole, becomes_whole: true },
            None => Branches { was_whole, becomes_whole: was_whole },
        }
    }

    /// At the end of each branch.
    pub fn end_branch(&mut self, branches: Branches, span: Span) {
        if branches.becomes_whole {
            self.make_whole(span);
        }
        if let Some(this) = &mut self.init_self {
            this.is_whole = branches.was_whole;
        }
    }

    /// Where the branches have come together.
    pub fn end_branches(&mut self, branches: Branches) {
        if let Some(this) = &mut self.init_self {
            this.is_whole = branches.becomes_whole;
        }
    }
}

//! `let`, and what is matched.

use plat_syntax::source::Span;

use super::decision::{Row, Target};
use super::function::{Dest, FunctionLowerer};
use super::place::Path;
use crate::hir::{ExprId, LocalId, LocalKind, PatId, PatKind};
use crate::mir::{Operand, Place, Rvalue};

impl FunctionLowerer<'_, '_> {
    /// `let`, `var`
    pub fn lower_let(&mut self, pat: PatId, value: Option<ExprId>, otherwise: Option<ExprId>) {
        let Some(value) = value else {
            // It belongs to this block, wherever it gets its value.
            if let PatKind::Bind(local) = self.body.pats[pat].kind {
                self.local(local);
            }
            return;
        };
        match (&self.body.pats[pat].kind, otherwise) {
            (PatKind::Wild, _) => self.lower_into(Dest::Nothing, value),
            (PatKind::Bind(local), _) => {
                let local = self.local(*local);
                self.lower_into(Dest::Local(local), value);
            }
            (_, None) => {
                let place = self.scrutinee(value, false);
                self.bind_always(pat, place);
            }
            (_, Some(otherwise)) => self.lower_let_else(pat, value, otherwise),
        }
    }

    fn lower_let_else(&mut self, pat: PatId, value: ExprId, otherwise: ExprId) {
        let place = self.scrutinee(value, false);
        let [matches, fails] = [(); 2].map(|()| self.builder.new_block());
        let target = Target { guard: None, block: matches };
        self.decide(vec![Row::new(place, pat, 0)], &[target], Some(fails), self.span(value));
        self.builder.switch_to(fails);
        let whole = self.init_self.clone();
        self.lower_into(Dest::Nothing, otherwise);
        self.init_self = whole;
        self.builder.switch_to(matches);
    }

    /// Binds the names of a pattern that always matches.
    pub fn bind_always(&mut self, pat: PatId, place: Place) {
        let span = self.body.pats[pat].span;
        if let PatKind::Bind(local) = self.body.pats[pat].kind {
            return self.bind(local, place, span);
        }
        let matches = self.builder.new_block();
        let target = Target { guard: None, block: matches };
        self.decide(vec![Row::new(place, pat, 0)], &[target], None, span);
        self.builder.switch_to(matches);
    }

    /// Gives a name the value of a place; one after `for inout` stands for the place itself.
    pub fn bind(&mut self, local: LocalId, place: Place, span: Span) {
        if self.body.locals[local].kind == LocalKind::Inout {
            self.elements.insert(local, Path::to(place));
            return;
        }
        let ty = self.types.locals[local];
        if !ty.is_unit() && !ty.is_never() {
            let local = self.local(local);
            let value = self.use_place(place);
            self.builder.assign(local, Rvalue::Use(value), span);
        }
    }

    /// What is matched, in a place that stays as it is until the names of the pattern are bound. Guards may change
    /// variables; bodies run after that.
    pub fn scrutinee(&mut self, value: ExprId, has_guards: bool) -> Place {
        if !self.is_place(value) {
            return self.lower_to_temp(value).into();
        }
        let place = self.read_place(value);
        self.settled(place, has_guards, self.span(value))
    }

    /// The place, or a copy of what it holds if a guard may change it.
    pub fn settled(&mut self, place: Place, has_guards: bool, span: Span) -> Place {
        let ty = self.place_ty(&place);
        let may_change =
            self.referenced.contains(&place.local) || has_guards && !self.is_stable_place(&place);
        if !may_change || ty.is_unit() {
            return place;
        }
        let copy = Rvalue::Use(Operand::Use(place));
        self.builder.assign_temp(ty, copy, span).into()
    }
}

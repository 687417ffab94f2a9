//! `select`: what of it stands in the frame that waits, and so is no call of the library.
//!
//! The record of the selector is there, and what arms are to send: an *offer* is a variable whose address its arms have while the
//! selector waits. It owns its value throughout, so that whoever unwinds meanwhile releases it; once it is known that its arm was
//! chosen, it is empty. A variable that several arms send is offered once: one of them is chosen.

use plat_abi::functions::RuntimeFn;
use plat_syntax::source::Span;

use super::ProgramLowerer;
use super::calls::Call;
use super::function::{Dest, FunctionLowerer};
use super::intrinsics::{Args, RECEIVED};
use crate::bug;
use crate::hir::{FnId, LocalId};
use crate::mir::transfer::{Known, Transfer};
use crate::mir::{
    Argument, Callee, Const, Local, LocalDecl, LocalKind, Operand, Place, Rvalue, StatementKind,
};
use crate::types::Ty;

/// A function of `Selector` that the compiler makes where it is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SelectStep {
    /// `start(arms)`: the record.
    Start,
    /// `offer(value)`: a value that arms are to send.
    Offer,
    /// `sent(offer)`: one of them has.
    Sent,
    /// `withdraw(offer)`: none of them has.
    Withdraw,
    /// `restore(offer, variable)`: none of them has, and it came out of a variable.
    Restore,
}

impl ProgramLowerer<'_> {
    /// Which step of a `select` a function of the library is.
    pub fn select_step(&self, id: FnId) -> Option<SelectStep> {
        let selector = self.hir.lang.selector?;
        let is = |name: &str| self.definitions().member_of_struct(selector, name) == Some(id);
        match self.function(id).name.as_str() {
            "start" if is("start") => Some(SelectStep::Start),
            "offer" if is("offer") => Some(SelectStep::Offer),
            "sent" if is("sent") => Some(SelectStep::Sent),
            "withdraw" if is("withdraw") => Some(SelectStep::Withdraw),
            "restore" if is("restore") => Some(SelectStep::Restore),
            _ => None,
        }
    }
}

impl FunctionLowerer<'_, '_> {
    /// Lowers a step of a `select`.
    pub fn lower_select_step(&mut self, dest: Dest, step: SelectStep, call: &Call<'_>) {
        if step == SelectStep::Offer && self.is_offered_already(dest, call) {
            return;
        }
        let mut args = Args::new(self.arguments(call), call.span);
        match step {
            SelectStep::Start => self.lower_selector_start(dest, call, args.value()),
            SelectStep::Offer => self.lower_offer(dest, call, args.value()),
            SelectStep::Sent => {
                if let Some(offer) = local_of(&args.value()) {
                    self.builder.push(StatementKind::Forget(offer), call.span);
                }
            }
            SelectStep::Withdraw => self.withdraw(&args.value(), None, call.span),
            SelectStep::Restore => {
                let (offer, variable) = (args.value(), args.value());
                self.withdraw(&offer, Some(&variable), call.span);
            }
        }
    }

    /// `Selector.start(arms)`, here so that the record is in the frame of who waits.
    fn lower_selector_start(&mut self, dest: Dest, call: &Call<'_>, arms: Operand) {
        let Operand::Const(Const::Int(arms, _)) = arms else { bug!(call.span, "a select of {arms:?} arms") };
        let handle = self.new_selector(arms as u32, call.span);
        self.store(dest, call.ty, Rvalue::Aggregate(call.ty, None, vec![handle]), call.span);
    }

    /// A selector in the frame, for so many arms.
    pub fn new_selector(&mut self, arms: u32, span: Span) -> Operand {
        let (record, handle) = (self.builder.selector(arms), self.builder.temp(Ty::int()));
        let args = vec![Argument::Place(record.into()), Argument::Value(Self::int(i128::from(arms)))];
        self.builder.call(Some(handle.into()), Callee::Runtime(RuntimeFn::select_new), args, span);
        self.offers.clear();
        Operand::Use(handle.into())
    }

    /// The value is another task's from here on, unless it is withdrawn.
    fn lower_offer(&mut self, dest: Dest, call: &Call<'_>, value: Operand) {
        let Dest::Local(offer) = dest else { return };
        if let Some(variable) = self.offered_variable(call) {
            self.offers.push((variable, offer));
        }
        self.builder.assign(offer, Rvalue::Use(value), call.span);
        self.builder.push(StatementKind::Share(offer.into()), call.span);
    }

    /// Whether another arm of the same `select` offers the variable, as a value of the same type. Then that offer is this one, too.
    fn is_offered_already(&mut self, dest: Dest, call: &Call<'_>) -> bool {
        let (Dest::Local(offer), Some(variable)) = (dest, self.offered_variable(call)) else { return false };
        let is_alike = |known: Local| self.builder.function().locals[known].ty == call.ty;
        let known = self.offers.iter().find(|&&(other, known)| other == variable && is_alike(known));
        let hidden = self.locals.iter().find(|&(_, &local)| local == offer);
        let (Some(&(_, known)), Some((&hidden, _))) = (known, hidden) else { return false };
        self.locals.insert(hidden, known);
        true
    }

    /// The variable of which a value is offered that one task may use at a time.
    fn offered_variable(&self, call: &Call<'_>) -> Option<LocalId> {
        self.body.sent_variable(call.args).filter(|_| self.is_transfer(call.ty))
    }

    fn is_transfer(&self, ty: Ty) -> bool {
        let params = &self.program.function(self.origin).type_params;
        Transfer::new(self.program.definitions(), params, &Known::default()).is_transfer(ty)
    }

    /// A value that one task may use at a time has left its variable, and comes back, unless it was sent as a value of an interface's type.
    /// Of what is shared anyway the variable has kept its own.
    fn withdraw(&mut self, offer: &Operand, variable: Option<&Operand>, span: Span) {
        let Some(offer) = local_of(offer) else { return };
        let variable = variable.and_then(local_of);
        let locals = &self.builder.function().locals;
        let ty = locals[offer].ty;
        let variable = variable.filter(|&variable| {
            let LocalDecl { kind, ty: own, .. } = locals[variable];
            own == ty && matches!(kind, LocalKind::Variable | LocalKind::Owned | LocalKind::Borrowed)
        });
        if self.is_transfer(ty) && !self.is_settled(offer) {
            self.builder.push(StatementKind::Withdraw { offer, variable }, span);
        }
    }

    /// Whether it is known already in this arm what has become of an offer, which several arms have made.
    fn is_settled(&self, offer: Local) -> bool {
        self.builder.statements().iter().any(|statement| match statement.kind {
            StatementKind::Forget(settled) | StatementKind::Withdraw { offer: settled, .. } => {
                settled == offer
            }
            _ => false,
        })
    }

    /// The selector has the address of the value until it has waited.
    pub fn lower_select_send(&mut self, call: &Call<'_>, mut args: Args) {
        let (selector, channel, value) = (args.value(), args.value(), args.place());
        let args = vec![Argument::Value(selector), Argument::Value(channel), Argument::Place(value)];
        self.builder.call(None, Callee::Runtime(RuntimeFn::select_send), args, call.span);
    }

    /// What an arm of a `select` has received. The channel only says the type.
    pub fn lower_select_take(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let slot = self.builder.temp(call.type_args[0]);
        let status = self.call_with_slot(RuntimeFn::select_take, args.value(), slot, None, call.span);
        self.store_received(dest, call.ty, (status, RECEIVED), slot, call.span);
    }
}

/// The local that an argument is. A `Unit` is none.
fn local_of(operand: &Operand) -> Option<Local> {
    operand.place().and_then(Place::as_local)
}

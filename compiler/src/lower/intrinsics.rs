//! Operations of `stdlib/sys` that are expanded where they are called.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::FormatSpec;
use plat_syntax::source::Span;

use super::calls::Call;
use super::function::{Dest, FunctionLowerer};
use crate::bug;
use crate::hir::{BinaryOp, ExprId, ExprKind, FnBody, Intrinsic, VariantId};
use crate::mir::{
    Argument, BitOp, BitPairOp, BlockId, Callee, CastKind, Const, FloatOp, Glue, Local, Operand, Place,
    Primitive, Projection, Rvalue, StatementKind, TerminatorKind,
};
use crate::typeck::results::CallTarget;
use crate::types::{Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// A call of an intrinsic.
    pub fn lower_intrinsic(&mut self, dest: Dest, intrinsic: Intrinsic, call: &Call<'_>) {
        match intrinsic {
            Intrinsic::BufferLength => self.inspect(dest, call, Rvalue::Length),
            Intrinsic::BufferCapacity => self.inspect(dest, call, Rvalue::Capacity),
            Intrinsic::BufferIsUnique => self.inspect(dest, call, Rvalue::IsUnique),
            Intrinsic::BufferGet => self.lower_buffer_get(dest, call),
            Intrinsic::IsManaged => {
                self.store(dest, call.ty, Rvalue::IsManaged(call.type_args[0]), call.span);
            }
            _ => {
                let args = self.arguments(call);
                self.lower_intrinsic_on(dest, intrinsic, call, args);
            }
        }
    }

    /// An intrinsic whose arguments are evaluated like a function's.
    fn lower_intrinsic_on(&mut self, dest: Dest, intrinsic: Intrinsic, call: &Call<'_>, args: Vec<Argument>) {
        if let Some(primitive) = Primitive::of(intrinsic, call.type_args) {
            return self.call_into(dest, call.ty, Callee::Primitive(primitive), args, call.span);
        }
        let mut args = Args::new(args, call.span);
        match intrinsic {
            Intrinsic::BufferNew => {
                let rvalue = Rvalue::NewBuffer(call.ty, args.value());
                self.store(dest, call.ty, rvalue, call.span);
            }
            Intrinsic::BufferSetLength => {
                let kind = StatementKind::SetLength(args.place(), args.value());
                self.builder.push(kind, call.span);
            }
            Intrinsic::BufferTake => self.lower_buffer_take(dest, call, args),
            Intrinsic::BufferInit => self.lower_buffer_init(call, args),
            Intrinsic::BufferMove => self.lower_buffer_move(call, args),
            Intrinsic::BufferCopy => self.lower_buffer_copy(call, args),
            Intrinsic::BufferSlide => self.lower_buffer_slide(call, args),
            Intrinsic::StringFromBytes
            | Intrinsic::StringBytes
            | Intrinsic::FloatBits
            | Intrinsic::TaskAs => {
                self.store(dest, call.ty, Rvalue::Reinterpret(args.value(), call.ty), call.span);
            }
            Intrinsic::Append | Intrinsic::AppendNested => {
                let nested = intrinsic == Intrinsic::AppendNested;
                let spec = FormatSpec { nested, ..FormatSpec::default() };
                let spec = Argument::Value(Operand::Const(Const::Format(spec)));
                let args = vec![Argument::Place(args.place()), Argument::Value(args.value()), spec];
                self.builder.call(None, Callee::Glue(Glue::Display, call.type_args[0]), args, call.span);
            }
            Intrinsic::Share => self.builder.push(StatementKind::Share(args.place()), call.span),
            Intrinsic::CheckIndex => {
                let kind = StatementKind::CheckIndex { index: args.value(), length: args.value() };
                self.builder.push(kind, call.span);
            }
            Intrinsic::WeakNew => self.inspect_value(dest, call, args, Rvalue::Weaken),
            Intrinsic::WeakUpgrade => {
                self.inspect_value(dest, call, args, |place| Rvalue::Upgrade(place, call.ty))
            }
            Intrinsic::SameObject => {
                let ty = call.type_args[0];
                let args = vec![Argument::Value(args.value()), Argument::Value(args.value())];
                self.call_into(dest, call.ty, Callee::Glue(Glue::Same, ty), args, call.span);
            }
            Intrinsic::TaskAwait => self.lower_await(dest, call, args),
            Intrinsic::TaskCompleted => {
                let value = args.value();
                self.lower_completed(dest, call.ty, value, call.span);
            }
            Intrinsic::TaskValue => self.inspect_value(dest, call, args, Rvalue::TaskResult),
            Intrinsic::ScopeUntil => self.lower_scope_until(dest, call, args),
            Intrinsic::CatchCancelled => self.lower_catch_cancelled(dest, call, args),
            Intrinsic::ThreadSpawn => self.lower_thread_spawn(dest, call.ty, args.value(), call.span),
            Intrinsic::ScopeSpawn => self.lower_scope_spawn(dest, call.ty, args, call.span),
            Intrinsic::ChannelNew => self.lower_channel_new(dest, call, args),
            Intrinsic::ChannelSend => self.lower_send(call, args),
            Intrinsic::ChannelRecv => self.lower_recv(dest, call, args),
            Intrinsic::ChannelTrySend => {
                self.lower_try_send(dest, call, RuntimeFn::channel_try_send, args);
            }
            Intrinsic::ChannelSendUntil => {
                self.lower_try_send(dest, call, RuntimeFn::channel_send_until, args);
            }
            Intrinsic::ChannelTryRecv => {
                self.lower_try_recv(dest, call, RuntimeFn::channel_try_recv, TRY_RECEIVED, args);
            }
            Intrinsic::ChannelRecvUntil => {
                self.lower_try_recv(dest, call, RuntimeFn::channel_recv_until, RECEIVED, args);
            }
            Intrinsic::SelectSend => self.lower_select_send(call, args),
            Intrinsic::SelectTake => self.lower_select_take(dest, call, args),
            Intrinsic::WrappingCast => self.lower_cast_to(dest, call, CastKind::Wrapping, args.value()),
            Intrinsic::SaturatingCast => self.lower_cast_to(dest, call, CastKind::Saturating, args.value()),
            Intrinsic::BitCast => self.lower_cast_to(dest, call, CastKind::Bits, args.value()),
            Intrinsic::Fits => {
                let fits = Rvalue::Fits(args.value(), call.type_args[1]);
                self.store(dest, call.ty, fits, call.span);
            }
            _ => {
                let rvalue = arithmetic(intrinsic, &mut args);
                self.store(dest, call.ty, rvalue, call.span);
            }
        }
    }

    /// A conversion to the type of the call.
    fn lower_cast_to(&mut self, dest: Dest, call: &Call<'_>, kind: CastKind, value: Operand) {
        self.store(dest, call.ty, Rvalue::Cast(kind, value, call.ty), call.span);
    }

    /// The place of the first argument, read where it is; of the bytes of a string, the string.
    fn storage(&mut self, call: &Call<'_>) -> Place {
        let mut expr = argument(call, 0);
        if let Some(text) = self.string_of_bytes(expr) {
            expr = text;
        }
        let operand = self.operand(expr);
        self.operand_place(operand, call.span)
    }

    /// `text`, if the expression is `string_bytes(text)`.
    pub fn string_of_bytes(&self, expr: ExprId) -> Option<ExprId> {
        let ExprKind::Call { args, .. } = &self.body.exprs[expr].kind else { return None };
        let is_bytes = self.called_intrinsic(expr) == Some(Intrinsic::StringBytes);
        is_bytes.then(|| args[0].value)
    }

    /// An intrinsic that makes something of the value in a place.
    fn inspect_value(
        &mut self,
        dest: Dest,
        call: &Call<'_>,
        mut args: Args,
        rvalue: impl FnOnce(Place) -> Rvalue,
    ) {
        let place = self.operand_place(args.value(), call.span);
        self.store(dest, call.ty, rvalue(place), call.span);
    }

    /// The intrinsic that an expression calls.
    pub fn called_intrinsic(&self, expr: ExprId) -> Option<Intrinsic> {
        match self.types.calls.get(&expr)?.target {
            CallTarget::Fn(id, _) => match self.program.function(id).body {
                FnBody::Intrinsic(intrinsic) => Some(intrinsic),
                _ => None,
            },
            _ => None,
        }
    }

    fn inspect(&mut self, dest: Dest, call: &Call<'_>, rvalue: impl FnOnce(Place) -> Rvalue) {
        let place = self.storage(call);
        self.store(dest, call.ty, rvalue(place), call.span);
    }

    fn lower_buffer_get(&mut self, dest: Dest, call: &Call<'_>) {
        let buffer = self.storage(call);
        let index = self.index_local(argument(call, 1));
        let element = Rvalue::Use(self.use_place(buffer.project(Projection::Element(index))));
        self.store(dest, call.ty, element, call.span);
    }

    fn lower_buffer_take(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let element = self.element(&mut args);
        let target = match dest {
            Dest::Local(local) => local,
            Dest::Nothing => self.builder.temp(call.ty),
        };
        self.builder.assign(target, Rvalue::Use(Operand::Move(element)), call.span);
    }

    fn lower_buffer_init(&mut self, call: &Call<'_>, mut args: Args) {
        let element = self.element(&mut args);
        self.builder.push(StatementKind::Init(element, Rvalue::Use(args.value())), call.span);
    }

    /// The element that the next two arguments, a buffer and an index, name.
    fn element(&mut self, args: &mut Args) -> Place {
        let (buffer, index) = (args.place(), args.value());
        let index = self.operand_index(index, args.span);
        buffer.project(Projection::Element(index))
    }

    fn lower_buffer_move(&mut self, call: &Call<'_>, mut args: Args) {
        let (source, from) = (args.place(), args.value());
        let (target, to) = (args.place(), args.value());
        let kind = StatementKind::MoveElements { source, from, target, to, count: args.value() };
        self.builder.push(kind, call.span);
    }

    fn lower_buffer_copy(&mut self, call: &Call<'_>, mut args: Args) {
        let (source, from) = (self.operand_place(args.value(), call.span), args.value());
        let (target, to) = (args.place(), args.value());
        let kind = StatementKind::MoveElements { source, from, target, to, count: args.value() };
        self.builder.push(kind, call.span);
    }

    fn lower_buffer_slide(&mut self, call: &Call<'_>, mut args: Args) {
        let buffer = args.place();
        let (from, to) = (args.value(), args.value());
        let (source, target) = (buffer.clone(), buffer);
        let kind = StatementKind::MoveElements { source, from, target, to, count: args.value() };
        self.builder.push(kind, call.span);
    }

    fn lower_await(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let task = self.operand_place(args.value(), call.span);
        self.await_into(dest, call.ty, task, call.span);
    }

    /// Waits for the task in a place, and stores its result.
    pub fn await_into(&mut self, dest: Dest, result: Ty, task: Place, span: Span) {
        let arg = Argument::Value(Operand::Use(task.clone()));
        self.builder.call(None, Callee::Runtime(RuntimeFn::task_await), vec![arg], span);
        if !result.is_unit() {
            self.store(dest, result, Rvalue::TaskResult(task), span);
        }
    }

    fn lower_channel_new(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let info = Argument::Value(Operand::Const(Const::TypeInfo(call.type_args[0])));
        let args = vec![Argument::Value(args.value()), info];
        self.call_into(dest, call.ty, Callee::Runtime(RuntimeFn::channel_new), args, call.span);
    }

    /// The channel takes the value, unless the call unwinds.
    fn lower_send(&mut self, call: &Call<'_>, mut args: Args) {
        let (channel, value) = (args.value(), args.value());
        let slot = self.sendable(value, call.span);
        let args = vec![Argument::Value(channel), Argument::Place(slot.into())];
        self.builder.call(None, Callee::Runtime(RuntimeFn::channel_send), args, call.span);
        self.builder.push(StatementKind::Forget(slot), call.span);
    }

    /// A copy of a value that another task may use.
    fn sendable(&mut self, value: Operand, span: Span) -> Local {
        let ty = self.operand_ty(&value);
        let slot = self.builder.assign_temp(ty, Rvalue::Use(value), span);
        self.builder.push(StatementKind::Share(slot.into()), span);
        slot
    }

    /// Calls `function(channel, &slot, rest…) -> Int` into a new local.
    pub fn call_with_slot(
        &mut self,
        function: RuntimeFn,
        channel: Operand,
        slot: Local,
        rest: Option<Operand>,
        span: Span,
    ) -> Local {
        let status = self.builder.temp(Ty::int());
        let mut args = vec![Argument::Value(channel), Argument::Place(slot.into())];
        args.extend(rest.map(Argument::Value));
        self.builder.call(Some(status.into()), Callee::Runtime(function), args, span);
        status
    }

    /// Goes to `wanted` if that is the status, or at any other to `other`.
    fn switch_on_status(&mut self, status: Local, wanted: (i128, BlockId), other: BlockId, span: Span) {
        let operand = Operand::Use(status.into());
        self.builder.terminate(TerminatorKind::Switch(operand, vec![wanted], other), span);
    }

    fn lower_recv(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let slot = self.builder.temp(call.type_args[0]);
        let status = self.call_with_slot(RuntimeFn::channel_recv, args.value(), slot, None, call.span);
        self.store_received(dest, call.ty, (status, RECEIVED), slot, call.span);
    }

    /// Stores what a call has put into `slot`, if its status says that it has, as an `Option`.
    pub fn store_received(
        &mut self,
        dest: Dest,
        option: Ty,
        (status, received): (Local, i128),
        slot: Local,
        span: Span,
    ) {
        let [none, some, end] = [(); 3].map(|()| self.builder.new_block());
        self.switch_on_status(status, (received, some), none, span);
        self.builder.switch_to(some);
        self.store_some(dest, option, slot, span);
        self.builder.goto(end, span);
        self.builder.switch_to(none);
        self.builder.push(StatementKind::Forget(slot), span);
        self.store(dest, option, Rvalue::Aggregate(option, Some(VariantId::NONE), Vec::new()), span);
        self.builder.goto_and_switch(end, span);
    }

    fn store_some(&mut self, dest: Dest, option: Ty, slot: Local, span: Span) {
        let value = self.use_place(slot.into());
        self.store(dest, option, Rvalue::Aggregate(option, Some(VariantId::SOME), vec![value]), span);
    }

    /// The status, and the value if it was not sent.
    fn lower_try_send(&mut self, dest: Dest, call: &Call<'_>, function: RuntimeFn, mut args: Args) {
        let TyKind::Tuple([_, option]) = *call.ty.kind() else {
            bug!(call.span, "sends, and gives a {:?}", call.ty)
        };
        let option = *option;
        let (channel, value) = (args.value(), args.value());
        let slot = self.sendable(value, call.span);
        let kept = self.builder.temp(option);
        let status = self.call_with_slot(function, channel, slot, args.rest(), call.span);
        let [sent, not_sent, end] = [(); 3].map(|()| self.builder.new_block());
        self.switch_on_status(status, (0, sent), not_sent, call.span);
        self.builder.switch_to(not_sent);
        self.store_some(Dest::Local(kept), option, slot, call.span);
        self.builder.goto(end, call.span);
        self.builder.switch_to(sent);
        self.builder.push(StatementKind::Forget(slot), call.span);
        self.store(
            Dest::Local(kept),
            option,
            Rvalue::Aggregate(option, Some(VariantId::NONE), Vec::new()),
            call.span,
        );
        self.builder.goto_and_switch(end, call.span);
        let parts = vec![Operand::Use(status.into()), Operand::Use(kept.into())];
        self.store(dest, call.ty, Rvalue::Aggregate(call.ty, None, parts), call.span);
    }

    fn lower_try_recv(
        &mut self,
        dest: Dest,
        call: &Call<'_>,
        function: RuntimeFn,
        received: i128,
        mut args: Args,
    ) {
        let TyKind::Tuple([_, option]) = *call.ty.kind() else { bug!(call.span, "receives a {:?}", call.ty) };
        let option = *option;
        let (slot, value) = (self.builder.temp(call.type_args[0]), self.builder.temp(option));
        let channel = args.value();
        let status = self.call_with_slot(function, channel, slot, args.rest(), call.span);
        self.store_received(Dest::Local(value), option, (status, received), slot, call.span);
        let parts = vec![Operand::Use(status.into()), Operand::Use(value.into())];
        self.store(dest, call.ty, Rvalue::Aggregate(call.ty, None, parts), call.span);
    }
}

/// The status of a call that has received a value, or waited for one.
pub(super) const RECEIVED: i128 = 1;

/// The status of a call that has received a value without waiting.
const TRY_RECEIVED: i128 = 0;

/// The arguments of an intrinsic, taken one by one.
pub(super) struct Args {
    items: std::vec::IntoIter<Argument>,
    span: Span,
}

impl Args {
    /// The arguments of a call that stands there.
    pub fn new(args: Vec<Argument>, span: Span) -> Self {
        Self { items: args.into_iter(), span }
    }

    pub fn value(&mut self) -> Operand {
        match self.items.next() {
            Some(Argument::Value(operand)) => operand,
            other => bug!(self.span, "an intrinsic wants a value, not {other:?}"),
        }
    }

    fn rest(&mut self) -> Option<Operand> {
        (self.items.len() > 0).then(|| self.value())
    }

    pub fn place(&mut self) -> Place {
        match self.items.next() {
            Some(Argument::Place(place)) => place,
            other => bug!(self.span, "an intrinsic wants a place, not {other:?}"),
        }
    }
}

/// The expression for the parameter at a position. Intrinsics have no defaults; the library passes by position.
fn argument(call: &Call<'_>, position: usize) -> ExprId {
    call.args[position].value
}

fn arithmetic(intrinsic: Intrinsic, args: &mut Args) -> Rvalue {
    match intrinsic {
        Intrinsic::WrappingAdd => Rvalue::Wrapping(BinaryOp::Add, args.value(), args.value()),
        Intrinsic::WrappingSub => Rvalue::Wrapping(BinaryOp::Sub, args.value(), args.value()),
        Intrinsic::WrappingMul => Rvalue::Wrapping(BinaryOp::Mul, args.value(), args.value()),
        Intrinsic::MultiplyFolded => Rvalue::MultiplyFolded(args.value(), args.value()),
        Intrinsic::AddOverflows => Rvalue::Overflows(BinaryOp::Add, args.value(), args.value()),
        Intrinsic::SubOverflows => Rvalue::Overflows(BinaryOp::Sub, args.value(), args.value()),
        Intrinsic::MulOverflows => Rvalue::Overflows(BinaryOp::Mul, args.value(), args.value()),
        Intrinsic::CountOnes => Rvalue::Bits(BitOp::CountOnes, args.value()),
        Intrinsic::LeadingZeros => Rvalue::Bits(BitOp::LeadingZeros, args.value()),
        Intrinsic::TrailingZeros => Rvalue::Bits(BitOp::TrailingZeros, args.value()),
        Intrinsic::SwapBytes => Rvalue::Bits(BitOp::SwapBytes, args.value()),
        Intrinsic::MaskedShl => Rvalue::BitPair(BitPairOp::ShiftLeft, args.value(), args.value()),
        Intrinsic::MaskedShr => Rvalue::BitPair(BitPairOp::ShiftRight, args.value(), args.value()),
        Intrinsic::RotateLeft => Rvalue::BitPair(BitPairOp::RotateLeft, args.value(), args.value()),
        Intrinsic::RotateRight => Rvalue::BitPair(BitPairOp::RotateRight, args.value(), args.value()),
        Intrinsic::MultiplyHigh => Rvalue::BitPair(BitPairOp::MultiplyHigh, args.value(), args.value()),
        Intrinsic::FloatSqrt => Rvalue::Float(FloatOp::Sqrt, args.value()),
        Intrinsic::FloatFloor => Rvalue::Float(FloatOp::Floor, args.value()),
        Intrinsic::FloatCeil => Rvalue::Float(FloatOp::Ceil, args.value()),
        Intrinsic::FloatTrunc => Rvalue::Float(FloatOp::Trunc, args.value()),
        Intrinsic::FloatAbs => Rvalue::Float(FloatOp::Abs, args.value()),
        _ => bug!(args.span, "{intrinsic:?} is no arithmetic"),
    }
}

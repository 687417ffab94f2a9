//! What code may do besides giving a value: sets of effects, and what a statement does by itself.
//!
//! What it does through the functions that it calls, `analysis::effects` says.

use plat_abi::functions::{Effect, RuntimeFn};

use super::{
    Argument, BinaryOp, Callee, CastKind, Const, Function, Operand, Primitive, Rvalue, StatementKind,
    TaskScope, UnaryOp, UseStep,
};
use crate::hir::Definitions;
use crate::types::TyKind;

/// A set of effects. What is not in it cannot happen; what is in it may.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Effects(u16);

impl Effects {
    /// It only gives a value.
    pub const NONE: Self = Self(0);
    /// Comes to a suspension point.
    pub const SUSPENDS: Self = Self(1);
    /// Waits there for something that may take long: time, the world outside, another task.
    pub const LINGERS: Self = Self(1 << 1);
    /// Polls: others may have their turn, and the task may end if it has been cancelled.
    pub const POLLS: Self = Self(1 << 2);
    /// Reads or changes something outside of the program.
    pub const IO: Self = Self(1 << 3);
    /// Makes a task.
    pub const SPAWNS: Self = Self(1 << 4);
    /// Keeps its thread waiting: a function of C, or a call of the system that cannot be waited for otherwise.
    pub const BLOCKS: Self = Self(1 << 5);
    /// Panics.
    pub const PANICS: Self = Self(1 << 6);
    /// Unwinds the frames it is called from, or stands still where others look at them: calls of it are sites.
    pub const UNWINDS: Self = Self(1 << 7);
    /// Has the transaction around it wait: `retry`.
    pub const RETRIES: Self = Self(1 << 8);
    /// As `SUSPENDS`, but for first uses of constants: those compute them apart from what needs them.
    pub const WAITS: Self = Self(1 << 9);
    /// Takes a lock.
    pub const LOCKS: Self = Self(1 << 10);
    /// Does what other tasks see at once: by channels, cancellations, and whatever wakes them.
    pub const TELLS: Self = Self(1 << 11);
    /// All of them.
    pub const ALL: Self = Self((1 << 12) - 1);

    /// What is in one of the two.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this one but not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether anything is in both.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds what is in the other; whether anything is new.
    pub fn add(&mut self, other: Self) -> bool {
        let before = std::mem::replace(self, self.and(other));
        before != *self
    }

    /// What a call of a runtime function may do.
    pub fn of_runtime(function: RuntimeFn) -> Self {
        let mut effects = match function.effect() {
            Effect::Leaf => Self::NONE,
            Effect::Throws | Effect::Diverges => Self::PANICS.and(Self::UNWINDS),
            Effect::Suspends => Self::SUSPENDS.and(Self::WAITS).and(Self::UNWINDS),
        };
        if RAISES.contains(&function) {
            effects.add(Self::PANICS);
        }
        if LINGERS.contains(&function) {
            effects.add(Self::LINGERS);
        }
        if does_io(function) {
            effects.add(Self::IO);
        }
        if blocks(function) {
            effects.add(Self::BLOCKS);
        }
        if TELLS.contains(&function) {
            effects.add(Self::TELLS);
        }
        match function {
            RuntimeFn::exit => effects.without(Self::PANICS),
            RuntimeFn::transaction_retry => Self::RETRIES.and(Self::UNWINDS),
            RuntimeFn::transaction_restart => Self::UNWINDS,
            // What it calls may suspend.
            RuntimeFn::catch_panic => Self::UNWINDS,
            // It waits for nothing but room: as at a poll, others have their turn meanwhile. So a `deinit` may print.
            RuntimeFn::print | RuntimeFn::eprint => Self::IO.and(Self::POLLS).and(Self::UNWINDS),
            _ => effects,
        }
    }

    /// What a statement may do by itself, apart from what it calls, and from the `deinit`s that a release runs.
    pub fn of_statement(definitions: &Definitions, function: &Function, kind: &StatementKind) -> Self {
        const PANICS: Effects = Effects::PANICS.and(Effects::UNWINDS);
        match kind {
            StatementKind::Assign(_, rvalue) | StatementKind::Init(_, rvalue)
                if rvalue_panics(definitions, function, rvalue) =>
            {
                PANICS
            }
            StatementKind::CheckIndex { .. }
            | StatementKind::InUse(UseStep::Begin(_) | UseStep::Check, _) => PANICS,
            StatementKind::Call { callee: Callee::Runtime(RuntimeFn::select_wait), args, .. }
                if has_default(args) =>
            {
                Self::of_runtime(RuntimeFn::select_wait).without(Self::LINGERS)
            }
            StatementKind::Call { callee: Callee::Runtime(callee), .. } => Self::of_runtime(*callee),
            StatementKind::Call { callee: Callee::Primitive(Primitive::Shield), .. } => Self::LOCKS,
            StatementKind::Call { callee: Callee::Foreign(_), .. } => Self::IO.and(Self::BLOCKS),
            StatementKind::ScopeEnter(_) => Self::SUSPENDS.and(Self::WAITS),
            StatementKind::ScopeExit(_) | StatementKind::ScopeLeave(_) => {
                PANICS.and(Self::SUSPENDS).and(Self::WAITS).and(Self::LINGERS)
            }
            StatementKind::Spawn { scope: TaskScope::Ended, .. } => Self::NONE,
            StatementKind::Spawn { .. } => Self::SPAWNS,
            StatementKind::Poll(_) => Self::POLLS.and(Self::UNWINDS),
            _ => Self::NONE,
        }
    }
}

/// Rows that may suspend and may also panic, or raise what another task has panicked with.
const RAISES: &[RuntimeFn] = &[
    RuntimeFn::task_await,
    RuntimeFn::scope_exit,
    RuntimeFn::scope_leave,
    RuntimeFn::channel_send,
    RuntimeFn::channel_send_until,
    RuntimeFn::select_wait,
];

/// Rows that wait for as long as it takes. Sending waits, too, but most channels have room.
const LINGERS: &[RuntimeFn] = &[
    RuntimeFn::sleep_until,
    RuntimeFn::task_await,
    RuntimeFn::task_wait,
    RuntimeFn::gathering_next,
    RuntimeFn::channel_recv,
    RuntimeFn::channel_recv_until,
    RuntimeFn::select_wait,
    RuntimeFn::blocking_enter,
    RuntimeFn::sync_wait,
    RuntimeFn::source_wait,
];

/// Rows that other tasks see the effect of at once.
const TELLS: &[RuntimeFn] = &[
    RuntimeFn::channel_try_send,
    RuntimeFn::channel_try_recv,
    RuntimeFn::channel_close,
    RuntimeFn::task_cancel,
    RuntimeFn::cancel_scope,
    RuntimeFn::sync_wake,
    RuntimeFn::sync_wake_all,
];

/// The beginnings of the names of rows that speak with the world outside.
const OUTSIDE: [&str; 8] =
    ["stream_", "file_", "path_", "directory_", "process_", "net_", "unix_", "source_"];

fn does_io(function: RuntimeFn) -> bool {
    OUTSIDE.iter().any(|prefix| function.name().starts_with(prefix))
        || matches!(
            function,
            RuntimeFn::print
                | RuntimeFn::eprint
                | RuntimeFn::current_directory
                | RuntimeFn::select_outcome
                | RuntimeFn::exit
        )
}

/// Rows whose description says that they block their thread.
fn blocks(function: RuntimeFn) -> bool {
    ["file_", "path_", "directory_"].iter().any(|prefix| function.name().starts_with(prefix))
        || matches!(function, RuntimeFn::net_resolve | RuntimeFn::process_spawn)
}

/// Whether nothing that the task knows can be different after a call: no code of its own runs meanwhile.
pub fn changes_nothing(function: RuntimeFn) -> bool {
    function.effect() == Effect::Leaf || matches!(function, RuntimeFn::print | RuntimeFn::eprint)
}

/// Whether `select_wait` is told not to wait.
fn has_default(args: &[Argument]) -> bool {
    matches!(args.last(), Some(Argument::Value(Operand::Const(Const::Bool(true)))))
}

fn rvalue_panics(definitions: &Definitions, function: &Function, rvalue: &Rvalue) -> bool {
    let is_integer =
        |operand: &Operand| matches!(function.operand_ty(definitions, operand).kind(), TyKind::Int(_));
    match rvalue {
        Rvalue::Unary(op, operand) => *op == UnaryOp::Neg && is_integer(operand),
        Rvalue::Binary(op, left, _) => {
            let is_total = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
            !is_total && !op.is_comparison() && is_integer(left)
        }
        Rvalue::Cast(kind, ..) => *kind == CastKind::Checked,
        _ => false,
    }
}

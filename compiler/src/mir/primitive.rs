//! Operations of a few instructions on memory that several tasks use, and on the task that runs.
//!
//! They are calls to every pass: none looks into them, moves one over another, or keeps what it has read of an object across
//! one.

use crate::hir::Intrinsic;
use crate::types::Ty;

/// What a call of `Callee::Primitive` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Primitive {
    /// An operation on the `Bool` or integer of this type at the place that is the first argument.
    Atomic(AtomicOp, Ty),
    /// Nothing before it comes after it, nor the other way round, also to other processors.
    Fence,
    /// As `Fence`, except that what is stored before it may be seen after what is loaded after it.
    LightFence,
    /// The address of the record of the task that runs, a `UInt64`: no other that runs has it.
    Task,
    /// Where the frame of the function stands, a `UInt64`.
    FrameAddress,
    /// From here to the matching `Unshield` the task does not see cancellations.
    Shield,
    /// Ends the last `Shield`.
    Unshield,
    /// Whether the task is in a transaction, a `Bool`.
    InTransaction,
}

/// An atomic operation. All are sequentially consistent but `Release`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AtomicOp {
    /// `(&place) -> T`
    Load,
    /// `(&place, value)`
    Store,
    /// As `Store`, with the order release.
    Release,
    /// `(&place, value) -> T`: what was there, as with all below.
    Swap,
    /// `(&place, expected, value) -> T`: stores the value if the expected one is there.
    CompareExchange,
    /// `(&place, value) -> T`
    Add,
    /// `(&place, value) -> T`
    Sub,
    /// `(&place, value) -> T`
    And,
    /// `(&place, value) -> T`
    Or,
    /// `(&place, value) -> T`
    Max,
    /// `(&place, value) -> T`
    Min,
}

impl Primitive {
    /// What the intrinsic stands for, if it is one of these; `args` are its type arguments.
    pub fn of(intrinsic: Intrinsic, args: &[Ty]) -> Option<Self> {
        let op = match intrinsic {
            Intrinsic::AtomicLoad => AtomicOp::Load,
            Intrinsic::AtomicStore => AtomicOp::Store,
            Intrinsic::AtomicRelease => AtomicOp::Release,
            Intrinsic::AtomicSwap => AtomicOp::Swap,
            Intrinsic::AtomicCompareExchange => AtomicOp::CompareExchange,
            Intrinsic::AtomicAdd => AtomicOp::Add,
            Intrinsic::AtomicSub => AtomicOp::Sub,
            Intrinsic::AtomicAnd => AtomicOp::And,
            Intrinsic::AtomicOr => AtomicOp::Or,
            Intrinsic::AtomicMax => AtomicOp::Max,
            Intrinsic::AtomicMin => AtomicOp::Min,
            Intrinsic::AtomicFence => return Some(Self::Fence),
            Intrinsic::LightFence => return Some(Self::LightFence),
            Intrinsic::CurrentTask => return Some(Self::Task),
            Intrinsic::FrameAddress => return Some(Self::FrameAddress),
            Intrinsic::TaskShield => return Some(Self::Shield),
            Intrinsic::TaskUnshield => return Some(Self::Unshield),
            Intrinsic::InTransaction => return Some(Self::InTransaction),
            _ => return None,
        };
        args.first().map(|&ty| Self::Atomic(op, ty))
    }

    /// Its name in listings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Atomic(op, _) => op.name(),
            Self::Fence => "fence",
            Self::LightFence => "light_fence",
            Self::Task => "task",
            Self::FrameAddress => "frame_address",
            Self::Shield => "shield",
            Self::Unshield => "unshield",
            Self::InTransaction => "in_transaction",
        }
    }
}

impl AtomicOp {
    fn name(self) -> &'static str {
        match self {
            Self::Load => "atomic_load",
            Self::Store => "atomic_store",
            Self::Release => "atomic_release",
            Self::Swap => "atomic_swap",
            Self::CompareExchange => "atomic_compare_exchange",
            Self::Add => "atomic_add",
            Self::Sub => "atomic_sub",
            Self::And => "atomic_and",
            Self::Or => "atomic_or",
            Self::Max => "atomic_max",
            Self::Min => "atomic_min",
        }
    }
}

//! One arm of a selector: what it waits for, which stands in the frame that waits (`plat_abi::select::ArmHead`), and its place in a queue.

use core::cell::Cell;
use core::mem::offset_of;
use core::ptr;

use plat_abi::select::{self as abi, ArmHead};

use crate::chan::{ChannelRef, Received, Sent};
use crate::reactor::{Direction, Source};
use crate::scheduler::worker::Worker;
use crate::select::SelectorRef;
use crate::sync::Supply;
use crate::task::state::Locked;
use crate::task::{TaskRef, run};
use crate::waiter::{Waiter, WaiterRef};

/// An arm.
#[repr(transparent)]
pub struct Arm(Cell<Kind>);

/// Where an arm stands in a queue, while its fiber waits.
pub struct Post {
    pub waiter: Waiter,
    /// Whether the waiter has joined a source, and has not left it.
    has_joined: Cell<bool>,
}

/// Tries what an arm waits for outside of the program: what came of it, or `None` to wait for it.
pub type Attempt = fn(&mut Worker, &'static Source) -> Option<i64>;

/// What an arm waits for. Compiled code makes some of them.
#[derive(Clone, Copy)]
#[repr(C, u64)]
pub enum Kind {
    /// For a value.
    Recv {
        channel: ChannelRef,
        /// Whether it is never ready once the channel is closed and empty.
        ignores_closed: bool,
    } = abi::RECV,
    /// For the end of a task.
    Await(TaskRef) = abi::AWAIT,
    /// For something to take from a word of the library's.
    Word(Supply<'static>) = abi::WORD,
    /// For a time.
    Deadline(i64) = abi::DEADLINE,
    /// For nothing: its guard does not hold, or it can never be ready again.
    Never = abi::NEVER,
    /// For room for the value at a place in the frame that waits, which is the channel's once the arm has been chosen.
    Send { channel: ChannelRef, data: *mut u8 } = abi::SEND,
    /// For something outside of the program, which the attempt does, coming in.
    Outside { source: &'static Source, attempt: Attempt },
}

// The kind is followed by the fields of any of them, each of a word.
const _: () = assert!(size_of::<Arm>() == size_of::<ArmHead>() && offset_of!(ArmHead, words) == 8);
const _: () = assert!(align_of::<Arm>() == align_of::<ArmHead>());

/// What an arm was found to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Polled {
    /// Ready, and done; a `recv` whose channel is closed, too.
    Ready,
    /// Ready to receive, and a value is in the buffer.
    Received,
    /// Done outside of the program, with this result.
    Done(i64),
    /// Ready to send, on a closed channel.
    SendsOnClosed,
    /// Not ready.
    Pending,
}

impl Arm {
    /// An arm.
    pub fn new(kind: Kind) -> Self {
        Self(Cell::new(kind))
    }

    fn kind(&self) -> Kind {
        self.0.get()
    }

    /// Whether it may ever be ready.
    pub fn is_live(&self) -> bool {
        !matches!(self.kind(), Kind::Never)
    }

    /// When it is ready, if that is all it waits for.
    pub fn deadline(&self) -> Option<i64> {
        match self.kind() {
            Kind::Deadline(deadline) => Some(deadline),
            _ => None,
        }
    }

    /// The channel that it sends to or receives from, and whether it sends.
    pub fn channel(&self) -> Option<(ChannelRef, bool)> {
        match self.kind() {
            Kind::Recv { channel, .. } => Some((channel, false)),
            Kind::Send { channel, .. } => Some((channel, true)),
            _ => None,
        }
    }

    /// The task that it awaits.
    pub fn task(&self) -> Option<TaskRef> {
        match self.kind() {
            Kind::Await(task) => Some(task),
            _ => None,
        }
    }

    /// Where its operation reads or writes a value.
    pub fn slot(&self, selector: SelectorRef) -> *mut u8 {
        match self.kind() {
            Kind::Send { data, .. } => data,
            Kind::Recv { channel, .. } => selector.place_for(channel.element_size()),
            _ => ptr::null_mut(),
        }
    }

    /// Whether it has nothing to receive, as far as can be told at a glance.
    #[inline]
    pub fn seems_idle(&self) -> bool {
        matches!(self.kind(), Kind::Recv { channel, .. } if channel.seems_empty())
    }

    /// Does its operation, if that needs no waiting. What it receives goes into the selector.
    #[inline]
    pub fn poll(&self, worker: &mut Worker, selector: SelectorRef, now: i64) -> Polled {
        match self.kind() {
            Kind::Recv { channel, .. } => {
                match channel.try_recv(worker, selector.place_for(channel.element_size())) {
                    Received::Done => Polled::Received,
                    Received::Empty => Polled::Pending,
                    Received::Closed => self.poll_closed(),
                }
            }
            Kind::Send { channel, data } => match channel.try_send(worker, data) {
                Sent::Done => Polled::Ready,
                Sent::Full => Polled::Pending,
                Sent::Closed => Polled::SendsOnClosed,
            },
            Kind::Outside { source, attempt } => {
                attempt(worker, source).map_or(Polled::Pending, Polled::Done)
            }
            Kind::Await(task) if task.state.is_done() => Polled::Ready,
            Kind::Word(supply) if supply.take() => Polled::Ready,
            Kind::Deadline(deadline) if deadline <= now => Polled::Ready,
            Kind::Await(_) | Kind::Word(_) | Kind::Deadline(_) | Kind::Never => Polled::Pending,
        }
    }

    /// What a `recv` is that has found its channel closed and empty.
    pub fn poll_closed(&self) -> Polled {
        if matches!(self.kind(), Kind::Recv { ignores_closed: true, .. }) {
            self.0.set(Kind::Never);
            return Polled::Pending;
        }
        Polled::Ready
    }

    /// Whether it waits for something outside, and has to try once more when that has happened.
    pub fn is_outside(&self) -> bool {
        matches!(self.kind(), Kind::Outside { .. })
    }

    /// Lets its waiter wait, unless its operation needs no waiting.
    pub fn join(&self, post: &Post) -> bool {
        let waiter = WaiterRef::from(&post.waiter);
        match self.kind() {
            Kind::Recv { channel, .. } => channel.join_receivers(waiter),
            Kind::Send { channel, .. } => channel.join_senders(waiter),
            Kind::Await(task) => match task.state.lock() {
                Locked::Running(waiters) => {
                    run::push_waiter(task, waiters, waiter);
                    true
                }
                Locked::Done | Locked::Unstarted => false,
            },
            Kind::Word(supply) => supply.join(waiter),
            Kind::Outside { source, .. } => {
                let joins = source.join(Direction::In, waiter);
                post.has_joined.set(joins);
                joins
            }
            Kind::Deadline(_) | Kind::Never => true,
        }
    }

    /// Takes its waiter out of where it may still stand.
    pub fn leave(&self, post: &Post) {
        let waiter = (&post.waiter).into();
        match self.kind() {
            Kind::Recv { channel, .. } => channel.leave(waiter, false),
            Kind::Send { channel, .. } => channel.leave(waiter, true),
            Kind::Await(task) => {
                let _ = run::remove_waiter(task, waiter);
            }
            Kind::Word(supply) => supply.gate.leave(waiter),
            Kind::Outside { source, .. } => {
                if post.has_joined.replace(false) {
                    source.leave(Direction::In, waiter);
                }
            }
            Kind::Deadline(_) | Kind::Never => {}
        }
    }
}

impl Post {
    /// In no queue.
    pub fn new() -> Self {
        Self { waiter: Waiter::new(), has_joined: Cell::new(false) }
    }
}

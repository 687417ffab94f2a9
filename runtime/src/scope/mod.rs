//! Scopes: the record in the frame of a `concurrent` block, from its entry to its end.
//!
//! Scopes form a tree: a scope's parent is the scope open around it in the same task, else the scope of its task. Only the
//! owner (the task that opened it) opens and closes a scope; its tasks count themselves off and record failures. Others than the owner
//! spawn into a scope that has a [`handle`].
//! A record lives until its owner has seen the count at zero, so a task's last touch of it is
//! [`uncount_remote`](Scope::uncount_remote).
//!
//! [`members`] is how a cancellation finds those who wait; it is built only once somebody really waits.

pub mod close;
mod gate;
pub mod handle;
pub mod members;
pub mod options;
pub mod pending;

use core::cell::{Cell, UnsafeCell};
use core::mem::offset_of;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use plat_abi::fork::{ScopeHead, ScopeSite};
use plat_abi::layout::SCOPE_RECORD_SIZE;

use crate::fiber::FiberRef;
#[cfg(test)]
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync_shim::{Arc, AtomicBool, AtomicPtr, Ordering};
use crate::task::TaskRef;
use crate::unwind::failure::Failure;
use members::{Member, MemberList};
use options::Options;
use pending::Pending;

/// An open scope.
#[repr(C)]
pub struct Scope {
    lock: SpinLock,
    /// Set once, never cleared.
    cancelled: AtomicBool,
    /// Whether it has a handle, by which others may spawn into it. The owner's.
    has_handle: Cell<bool>,
    /// Whether `member` is linked into the parent's members; under the lock.
    linked: Cell<bool>,
    /// What its owner does once all tasks have finished.
    closing: Cell<close::Closing>,
    /// Whether one of its tasks ended by cancellation. Set before the task counts itself off, and read after all have.
    cut_short: AtomicBool,
    /// How often its owner was shielded when it was opened.
    shields: u16,
    /// The task that opened it; nobody opened the root.
    owner: Option<TaskRef>,
    /// The fiber that the owner runs on; of the root that of `main`.
    fiber: FiberRef,
    /// The next scope outwards.
    parent: Option<ScopeRef>,
    /// Where it is opened; `None` of the root.
    site: Option<&'static ScopeSite>,
    /// Unfinished tasks.
    pending: Pending,
    /// What its tasks panicked with, in order of time; under the lock.
    failures: UnsafeCell<Failures>,
    /// What few scopes have. Set by the owner.
    options: AtomicPtr<Options>,
    /// Who waits inside; under the lock.
    members: MemberList,
    /// Node in the parent's members; under the parent's lock.
    member: Member,
}

/// None, for nearly every scope: one word then.
type Failures = Option<Box<Vec<Arc<Failure>>>>;

const _: () = {
    assert!(size_of::<Scope>() <= SCOPE_RECORD_SIZE && align_of::<Scope>() <= 16);
    assert!(size_of::<SpinLock>() == 1 && offset_of!(Scope, lock) == offset_of!(ScopeHead, lock));
    assert!(offset_of!(Scope, cancelled) == offset_of!(ScopeHead, cancelled));
    assert!(offset_of!(Scope, has_handle) == offset_of!(ScopeHead, has_handle));
    assert!(offset_of!(Scope, linked) == offset_of!(ScopeHead, linked));
    assert!(offset_of!(Scope, closing) == offset_of!(ScopeHead, closing));
    assert!(close::Closing::Return as u8 == 0);
    assert!(offset_of!(Scope, cut_short) == offset_of!(ScopeHead, cut_short));
    assert!(offset_of!(Scope, shields) == offset_of!(ScopeHead, shields));
    assert!(offset_of!(Scope, owner) == offset_of!(ScopeHead, owner));
    assert!(offset_of!(Scope, fiber) == offset_of!(ScopeHead, fiber));
    assert!(offset_of!(Scope, parent) == offset_of!(ScopeHead, parent));
    assert!(offset_of!(Scope, site) == offset_of!(ScopeHead, site));
    assert!(offset_of!(Scope, pending) == offset_of!(ScopeHead, remote));
    assert!(size_of::<Pending>() == 16 && offset_of!(ScopeHead, local) == offset_of!(ScopeHead, remote) + 8);
    assert!(offset_of!(Scope, failures) == offset_of!(ScopeHead, failures));
    assert!(offset_of!(Scope, options) == offset_of!(ScopeHead, options));
    assert!(offset_of!(Scope, members) == offset_of!(ScopeHead, members));
    assert!(offset_of!(Scope, member) == offset_of!(ScopeHead, member));
};

/// A reference to an open scope: held by its owner, its unfinished tasks, and whoever holds the lock of a list it is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ScopeRef(NonNull<Scope>);

impl Deref for ScopeRef {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        // SAFETY: holders are those that keep a scope open (above), and an open scope's record is in a live frame.
        unsafe { self.0.as_ref() }
    }
}

impl ScopeRef {
    /// Takes back the address of a record.
    pub fn from_ptr(pointer: *mut Scope) -> Option<Self> {
        NonNull::new(pointer).map(Self)
    }

    /// The record's address.
    pub fn as_ptr(self) -> *mut Scope {
        self.0.as_ptr()
    }

    /// The task that opened it; `None` of the one around `main`.
    pub fn owner(self) -> Option<TaskRef> {
        self.owner
    }

    /// The next scope outwards.
    pub fn parent(self) -> Option<Self> {
        self.parent
    }

    /// How often its owner was shielded when it was opened.
    pub fn shields(self) -> u16 {
        self.shields
    }

    /// The scopes from this one outwards.
    pub fn outwards(self) -> impl Iterator<Item = Self> {
        core::iter::successors(Some(self), |scope| scope.parent)
    }
}

/// Makes the scope that `main` is in, for the rest of the process. It is never closed; a signal may cancel it.
pub fn new_root(main: FiberRef) -> ScopeRef {
    ScopeRef(NonNull::from(Box::leak(Box::new(Scope::root(main)))))
}

/// Opens a scope in the current task, as compiled code does it by itself.
///
/// # Safety
/// `record` is `SCOPE_RECORD_SIZE` bytes, aligned to 16, in the frame that will close the scope.
#[cfg(test)]
pub unsafe fn open(worker: &mut Worker, record: *mut Scope, site: &'static ScopeSite) {
    let fiber = worker.current_fiber();
    let owner = fiber.task();
    let scope = Scope {
        owner: Some(owner),
        parent: owner.innermost.get(),
        shields: owner.shields(),
        site: Some(site),
        ..Scope::root(fiber)
    };
    // SAFETY: the record has room, by the contract above and the assertion beside `Scope`.
    unsafe { record.write(scope) };
    owner.innermost.set(ScopeRef::from_ptr(record));
}

impl Scope {
    /// A scope around `main`.
    fn root(fiber: FiberRef) -> Self {
        Self {
            lock: SpinLock::new(),
            cancelled: AtomicBool::new(false),
            has_handle: Cell::new(false),
            linked: Cell::new(false),
            closing: Cell::new(close::Closing::Return),
            cut_short: AtomicBool::new(false),
            owner: None,
            fiber,
            parent: None,
            shields: 0,
            site: None,
            pending: Pending::new(),
            failures: UnsafeCell::new(None),
            options: AtomicPtr::new(ptr::null_mut()),
            members: MemberList::new(),
            member: Member::of_scope(),
        }
    }

    /// The fiber whose task opened it.
    pub fn fiber(&self) -> FiberRef {
        self.fiber
    }

    /// Where it is opened; `None` of the root.
    pub fn site(&self) -> Option<&'static ScopeSite> {
        self.site
    }

    /// Its unfinished tasks. For who looks while nothing runs.
    pub fn unfinished(&self) -> i64 {
        self.pending.total()
    }

    /// Counts a new task. For the owner.
    pub fn count_spawned(&self) {
        self.pending.count();
    }

    /// Counts a new task, for others than the owner. False when the scope has ended.
    pub fn count_spawned_elsewhere(&self) -> bool {
        self.pending.count_remote()
    }

    /// Whether there may be unfinished tasks, or some that have finished elsewhere. For the owner.
    fn may_have_tasks(&self) -> bool {
        self.pending.has_any() || self.has_handle.get()
    }

    /// Counts off a task that ran inline on the owner's fiber.
    pub fn uncount_inline(&self) {
        self.pending.uncount_local();
    }

    /// Counts off a task that ran elsewhere. True when the owner waits and this was the last.
    pub fn uncount_remote(&self) -> bool {
        self.pending.uncount_remote()
    }

    /// Whether it has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        // Pairs with the Release in `mark_cancelled`.
        self.cancelled.load(Ordering::Acquire)
    }

    /// Marks it as cancelled. False when it was already.
    pub fn mark_cancelled(&self) -> bool {
        !self.cancelled.swap(true, Ordering::AcqRel)
    }

    /// One of its tasks, which has not counted itself off yet, ends by cancellation.
    pub fn cut_short(&self) {
        // Counting off releases it, and the owner acquires that.
        self.cut_short.store(true, Ordering::Relaxed);
    }

    /// Whether one of its tasks, which have all finished, ended by cancellation.
    pub fn is_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Relaxed)
    }

    /// Records what a task, or the body, panicked with. One panic may come by several ways; it counts once.
    pub fn add_failure(&self, failure: Arc<Failure>) {
        self.lock.with(|| {
            // SAFETY: under the lock, which keeps `failures`.
            let failures = unsafe { &mut *self.failures.get() }.get_or_insert_default();
            if failures.iter().rev().any(|known| Arc::ptr_eq(known, &failure)) {
                return;
            }
            // What nobody will be told of is not kept for as long as the scope is open.
            if failures.len().is_power_of_two() && self.is_isolated() {
                failures.retain(|failure| !failure.is_seen());
            }
            failures.push(failure);
        });
    }

    /// Takes the failures out.
    fn take_failures(&self) -> Vec<Arc<Failure>> {
        // SAFETY: called by the owner once all tasks have finished, so nobody else can reach the scope.
        unsafe { &mut *self.failures.get() }.take().map_or_else(Vec::new, |failures| *failures)
    }

    /// What the scope has beside what all have.
    fn options(&self) -> Option<&Options> {
        // SAFETY: the owner sets it once, and takes it back when others cannot reach the scope any more. Acquire pairs with the Release in
        // `options_or_new`.
        unsafe { self.options.load(Ordering::Acquire).as_ref() }
    }

    /// The options, made at the first call. For the owner.
    fn options_or_new(&self) -> &Options {
        if self.options.load(Ordering::Relaxed).is_null() {
            let scope = ScopeRef(NonNull::from(self));
            self.options.store(Box::into_raw(Box::new(Options::new(scope))), Ordering::Release);
        }
        self.options().expect("they have just been made")
    }

    /// Takes the options back at the scope's end.
    fn take_options(&self) -> Option<Box<Options>> {
        let options = self.options.swap(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: it was made of a box, and the owner calls this once all tasks have finished: nobody else can reach the scope.
        (!options.is_null()).then(|| unsafe { Box::from_raw(options) })
    }

    /// Whether a task's panic leaves the scope alone.
    pub fn is_isolated(&self) -> bool {
        self.options().is_some_and(|options| options.is_isolated.get())
    }
}

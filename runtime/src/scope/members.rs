//! How a cancellation finds the fibers that wait inside a scope.
//!
//! A scope's members are the fibers of its own tasks that have waited at least once, and the scopes below it that
//! have members. Fork-join code never waits and never pays. A fiber links itself when it first waits and unlinks when its task
//! has finished; a scope is linked by the first of its members, and unlinked by its owner.
//!
//! Locks: linking goes outwards holding one lock at a time; cancelling goes inwards holding the locks of all scopes on its
//! path. A link that a cancellation outwards overtakes is made good by [`link_fiber`]'s caller, who looks afterwards.

use core::cell::Cell;
use core::mem::offset_of;
use core::ptr;

use super::{Scope, ScopeRef};
use crate::fiber::{Fiber, FiberRef};
use crate::task::TaskRef;

/// A node of a member list, part of a fiber or a scope.
#[repr(C)]
pub struct Member {
    /// The address of what points here, the list's head or the node before, and [`OF_FIBER`]. Compiled code makes a scope's 0.
    back: Cell<usize>,
    next: Cell<*const Member>,
}

/// Set in `back` where the node is a fiber's and not a scope's. There, because a million fibers may wait.
const OF_FIBER: usize = 1;

/// The members of one scope.
pub struct MemberList(Cell<*const Member>);

/// What a node is part of.
enum Owner {
    /// A fiber with a task of this scope.
    Fiber(FiberRef),
    /// A scope below.
    Scope(ScopeRef),
}

impl Member {
    /// A fiber's node, not linked.
    pub fn of_fiber() -> Self {
        Self { back: Cell::new(OF_FIBER), next: Cell::new(ptr::null()) }
    }

    /// A scope's node, not linked.
    pub fn of_scope() -> Self {
        Self { back: Cell::new(0), ..Self::of_fiber() }
    }

    fn back(&self) -> *const Cell<*const Self> {
        ptr::with_exposed_provenance(self.back.get() & !OF_FIBER)
    }

    fn set_back(&self, link: *const Cell<*const Self>) {
        self.back.set(link.expose_provenance() | self.back.get() & OF_FIBER);
    }

    fn owner(&self) -> Owner {
        let node = ptr::from_ref(self).cast_mut().cast::<u8>();
        if self.back.get() & OF_FIBER == 0 {
            let scope = node.wrapping_sub(offset_of!(Scope, member)).cast();
            Owner::Scope(ScopeRef::from_ptr(scope).expect("a node stands in a scope"))
        } else {
            let fiber = node.wrapping_sub(offset_of!(Fiber, member)).cast();
            Owner::Fiber(FiberRef::from_ptr(fiber).expect("a node stands in a fiber"))
        }
    }
}

impl MemberList {
    /// Nobody.
    pub fn new() -> Self {
        Self(Cell::new(ptr::null()))
    }

    fn push(&self, member: &Member) {
        let first = self.0.replace(member);
        member.next.set(first);
        member.set_back(&raw const self.0);
        // SAFETY: linked nodes are alive: they unlink themselves before they go (module rules), under the same lock.
        if let Some(first) = unsafe { first.as_ref() } {
            first.set_back(&raw const member.next);
        }
    }
}

impl Scope {
    /// Links a node; true when the scope must now link itself outwards.
    fn link_member(&self, member: &Member) -> bool {
        self.lock.with(|| {
            self.members.push(member);
            !self.linked.replace(true)
        })
    }

    /// Unlinks a node of this scope.
    pub fn unlink_member(&self, member: &Member) {
        self.lock.with(|| {
            let next = member.next.get();
            // SAFETY: `back` points into the list's head or a linked node, both alive under this lock.
            unsafe { (*member.back()).set(next) };
            // SAFETY: as above.
            if let Some(next) = unsafe { next.as_ref() } {
                next.set_back(member.back());
            }
        });
    }

    /// Unlinks a scope that is about to close from its parent.
    pub(super) fn unlink_self(&self) {
        if self.linked.get()
            && let Some(parent) = self.parent
        {
            parent.unlink_member(&self.member);
        }
    }

    fn first_member(&self) -> *const Member {
        self.members.0.get()
    }
}

/// Calls `visit` with each fiber that is a member of `scope` or of a scope below it, under the locks on the way.
/// No recursion: scopes can be nested deeper than a thread's stack is.
pub fn for_each_fiber(scope: ScopeRef, mut visit: impl FnMut(FiberRef)) {
    let mut path = Vec::new();
    let mut scope = scope;
    scope.lock.lock();
    let mut link = scope.first_member();
    loop {
        // SAFETY: the head and each link point to nodes that are alive under their list's lock, or are null. Read before
        // the visit, which may let the member go on, but not unlink while we hold the lock.
        let Some(member) = (unsafe { link.as_ref() }) else {
            scope.lock.unlock();
            match path.pop() {
                Some(outer) => (scope, link) = outer,
                None => return,
            }
            continue;
        };
        link = member.next.get();
        match member.owner() {
            Owner::Fiber(fiber) => visit(fiber),
            Owner::Scope(inner) => {
                path.push((scope, link));
                scope = inner;
                scope.lock.lock();
                link = scope.first_member();
            }
        }
    }
}

/// Calls `visit` with each fiber that has waited and runs `task`, a running task of `scope`, on a stack of its own, or something below
/// it.
pub fn for_each_fiber_of(scope: ScopeRef, task: TaskRef, mut visit: impl FnMut(FiberRef)) {
    scope.lock.lock();
    let mut link = scope.first_member();
    // SAFETY: as in `for_each_fiber`.
    while let Some(member) = unsafe { link.as_ref() } {
        link = member.next.get();
        match member.owner() {
            Owner::Fiber(fiber) if fiber.base() == task => visit(fiber),
            Owner::Scope(inner) if inner.owner == Some(task) => {
                visit(inner.fiber);
                for_each_fiber(inner, &mut visit);
            }
            Owner::Fiber(_) | Owner::Scope(_) => {}
        }
    }
    scope.lock.unlock();
}

/// Links a fiber, and the scopes around it as far as they are not linked yet. The caller then looks whether any of them
/// has been cancelled meanwhile.
pub fn link_fiber(fiber: FiberRef, scope: ScopeRef) {
    let mut links = scope.link_member(&fiber.member);
    let mut inner = scope;
    while links && let Some(outer) = inner.parent() {
        links = outer.link_member(&inner.member);
        inner = outer;
    }
}

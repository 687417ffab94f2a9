//! Records of which compiled code writes some fields by itself: where nothing stands in the way, opening and closing a scope,
//! spawning into it and awaiting cost no call. The runtime has these records with types of its own, and asserts that they agree.

/// The head of a task's record. Captures, and later the result, follow at [`TASK_CAPTURES`](crate::layout::TASK_CAPTURES).
#[repr(C)]
#[derive(Debug)]
pub struct TaskHead {
    /// 0 before it is claimed, [`TASK_RUNNING`] and [`TASK_DONE`] after.
    pub state: u64,
    /// Null.
    pub extra: u64,
    /// The task on whose stack it runs, or null.
    pub outer: u64,
    /// References: of the handle, and of the entry in a queue or whoever runs it.
    pub refs: u32,
    /// The spawner's cancellation epoch.
    pub epoch: u32,
    /// Its `TaskDescriptor`.
    pub descriptor: u64,
    /// The scope that it is in.
    pub scope: u64,
    /// The innermost scope around what it does: one that it has opened, or the one that it is in.
    pub innermost: u64,
    /// Its number.
    pub id: u32,
    /// 0 before it has ended, [`TASK_RETURNED`] after it has with a result.
    pub ending: u8,
    /// 0: it is awaited when it runs inline.
    pub inline: u8,
    /// How many times it is shielded from cancellation, and [`IN_TRANSACTION`].
    pub shields: u16,
}

/// Set in the shields of a task while it is in a transaction.
pub const IN_TRANSACTION: u16 = 1 << 15;

/// State of a task that somebody runs.
pub const TASK_RUNNING: u64 = 1;

/// State of a task that has finished.
pub const TASK_DONE: u64 = 3;

/// Ending of a task with a result.
pub const TASK_RETURNED: u8 = 1;

/// The head of a scope's record, [`SCOPE_RECORD_SIZE`](crate::layout::SCOPE_RECORD_SIZE) bytes in the frame that opens it.
#[repr(C)]
#[derive(Debug)]
pub struct ScopeHead {
    /// Flags, 0 to begin with.
    pub lock: u8,
    /// Likewise.
    pub cancelled: u8,
    /// Likewise.
    pub has_handle: u8,
    /// Whether it stands among the members of the scope around it.
    pub linked: u8,
    /// 0.
    pub closing: u8,
    /// 0.
    pub cut_short: u8,
    /// How often its owner was shielded when it was opened.
    pub shields: u16,
    /// The task that opens it.
    pub owner: u64,
    /// The fiber on which that runs.
    pub fiber: u64,
    /// The scope around it.
    pub parent: u64,
    /// Its [`ScopeSite`].
    pub site: u64,
    /// Unfinished tasks as others count them: less by [`OWNED`] while the owner does.
    pub remote: u64,
    /// As the owner does.
    pub local: u64,
    /// What its tasks panicked with; null.
    pub failures: u64,
    /// What few scopes have; null.
    pub options: u64,
    /// Who waits inside; null.
    pub members: u64,
    /// 0, in the two words of its place among the members of the scope around it.
    pub member: u64,
}

/// More than there ever are tasks.
pub const OWNED: i64 = 1 << 48;

/// Where a scope is opened.
#[repr(C)]
#[derive(Debug)]
pub struct ScopeSite {
    /// The name of the function, as the program would write it.
    pub function: crate::layout::StaticText,
    /// Whose function that is, as a [`Part`](crate::layout::Part).
    pub part: u32,
    /// Index of the place in the locations.
    pub location: u32,
}

/// A worker's newest tasks.
#[repr(C)]
#[derive(Debug)]
pub struct NewestHead {
    /// 1 while the worker is inside.
    pub owner: u8,
    /// 1 while a thief is inside, or about to be.
    pub thief: u8,
    /// How many there are.
    pub length: u64,
    /// The tasks, oldest first.
    pub tasks: [u64; KEPT],
}

/// Tasks that stand apart from a worker's queue: as many as a function spawns into a list of ten, with some of those around it. With half as
/// many, tasks in lists took an eighth more time. More would only hide work from thieves.
pub const KEPT: usize = 16;

/// The counters that compiled code changes.
#[repr(C)]
#[derive(Debug)]
pub struct ForkCounters {
    /// Tasks made.
    pub spawned: i64,
    /// Tasks that compiled code has called where they were awaited, and that have ended.
    pub called: i64,
}

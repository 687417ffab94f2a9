//! `select`: a fiber waits for the first of several things.
//!
//! A selector is a record in the frame that waits (`plat_abi::select`), which compiled code fills with arms. First the arms are tried one
//! after the other; if none is ready the fiber waits at all of them at once, with a post at each: it begins to wait, and then enters one queue
//! after the other, unless it finds there what it waits for. Whoever claims the fiber's one wait word first commits its arm, be it the fiber
//! itself; the other posts are stale then, which their queues tell by failing to claim. The fiber takes them out before it goes
//! on, which the selector's lock puts after the last of them has entered.
//!
//! A selector holds no references: compiled code keeps channels and tasks alive until the wait is over, and no longer. A value that arms are to
//! send stands in that frame, too, and is its own until one of them is chosen: then that arm's channel or receiver has copied it, and nobody else
//! has seen it, for it is only looked at by who has claimed the fiber's wait for an arm, or by the fiber itself. So several arms may name one value.
//! Posts, and room for a large value, are blocks that the selector has only while it needs them.

mod arm;
mod wait;

use core::cell::{Cell, UnsafeCell};
use core::mem::{MaybeUninit, offset_of};
use core::ops::Deref;
use core::ptr::{self, NonNull};

use plat_abi::layout::TypeInfo;
use plat_abi::select::{SMALL_VALUE, SelectorHead};

use crate::chan::ChannelRef;
use crate::fiber::WaitReason;
use crate::reactor::Source;
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync::Supply;
use crate::task::TaskRef;
use arm::{Arm, Attempt, Kind, Post};

pub use wait::wait;

/// The head of a selector; its arms follow. All zeros but `capacity` to begin with.
#[repr(C)]
pub struct Selector {
    /// Arms there are.
    count: Cell<usize>,
    /// Held while the fiber enters queues.
    lock: SpinLock,
    /// Where the arms stand in queues: as many as there are arms, or null before the fiber first waits.
    posts: Cell<*mut Post>,
    /// What kind of value has been received, once there is one.
    received: Cell<Option<&'static TypeInfo>>,
    /// The place for values that are larger than `value`.
    buffer: Cell<*mut u8>,
    /// Bytes of the buffer: of the largest element that an arm may receive.
    buffer_size: Cell<usize>,
    /// Arms there is room for.
    capacity: u32,
    /// Whether arms are tried as written, and whether the wait is only tried.
    mode: Cell<Mode>,
    /// What came of the arm that was chosen, if it waited for something outside.
    outcome: Cell<i64>,
    /// What an arm has received, if it is small.
    value: UnsafeCell<MaybeUninit<[u64; SMALL_VALUE / size_of::<u64>()]>>,
}

const _: () = assert!(size_of::<Selector>() == size_of::<SelectorHead>());
const _: () = assert!(offset_of!(Selector, count) == offset_of!(SelectorHead, count));
const _: () = assert!(offset_of!(Selector, received) == offset_of!(SelectorHead, received));
const _: () = assert!(offset_of!(Selector, capacity) == offset_of!(SelectorHead, capacity));
const _: () = assert!(offset_of!(Selector, value) == offset_of!(SelectorHead, value));
const _: () = assert!(size_of::<Selector>().is_multiple_of(align_of::<Arm>()));

/// How a selector waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mode {
    /// Arms are tried in order, not from a random one on.
    pub is_biased: bool,
    /// It does not wait: without a ready arm the result is the number of arms.
    pub has_default: bool,
    /// It waits for a change of what a transaction has read.
    pub is_retry: bool,
}

impl Mode {
    /// As a transaction waits.
    pub const RETRY: Self = Self { is_biased: true, has_default: false, is_retry: true };

    /// What it waits for, as reports call it.
    fn reason(self) -> WaitReason {
        if self.is_retry { WaitReason::Retry } else { WaitReason::Select }
    }
}

/// A reference to a selector: whoever fills it or waits with it has the only one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SelectorRef(NonNull<Selector>);

impl Deref for SelectorRef {
    type Target = Selector;

    fn deref(&self) -> &Selector {
        // SAFETY: it stands in the frame of compiled code that fills it, waits with it and takes its result.
        unsafe { self.0.as_ref() }
    }
}

impl SelectorRef {
    /// Makes a selector of the record at `place`, with room for so many arms.
    ///
    /// # Safety
    /// `place` is `record_size(capacity)` bytes that nothing else uses as long as the selector is used.
    pub unsafe fn new(place: *mut u8, capacity: u32) -> Self {
        let place = place.cast::<Selector>();
        // SAFETY: as promised; of zeros all fields are what they are to begin with.
        unsafe {
            place.write_bytes(0, 1);
            (&raw mut (*place).capacity).write(capacity);
            Self(NonNull::new_unchecked(place))
        }
    }

    /// Takes back what [`SelectorRef::address`] gave.
    pub fn from_address(address: usize) -> Self {
        Self(NonNull::new(ptr::with_exposed_provenance_mut(address)).expect("a selector is never null"))
    }

    /// Its address.
    pub fn address(self) -> usize {
        self.0.as_ptr().expose_provenance()
    }

    fn place(self, number: usize) -> *mut Arm {
        self.0.as_ptr().wrapping_add(1).cast::<Arm>().wrapping_add(number)
    }

    fn arm(&self, number: usize) -> &Arm {
        assert!(number < self.count.get());
        // SAFETY: the first `count` arms have been filled, by `add` or by compiled code.
        unsafe { &*self.place(number) }
    }

    fn arms(&self) -> impl Iterator<Item = &Arm> {
        (0..self.count.get()).map(|number| self.arm(number))
    }

    /// The arms, each with where it stands in queues. Only once there are [`SelectorRef::make_posts`].
    fn posted(&self) -> impl Iterator<Item = (&Arm, &Post)> {
        let posts = self.posts.get();
        assert!(!posts.is_null(), "a fiber waits with posts");
        // SAFETY: `make_posts` has made one for each arm.
        self.arms().enumerate().map(move |(number, arm)| (arm, unsafe { &*posts.add(number) }))
    }

    /// Adds an arm.
    fn add(self, kind: Kind) {
        let number = self.count.get();
        assert!(number < self.capacity as usize, "a selector was made for its arms");
        // SAFETY: the record has room for `capacity` arms, and this one is not in use.
        unsafe { self.place(number).write(Arm::new(kind)) };
        self.count.set(number + 1);
    }

    /// An arm that receives. One that ignores the end of its channel is never ready again after it.
    pub fn add_recv(self, channel: ChannelRef, ignores_closed: bool) {
        let size = channel.element_size();
        if size > SMALL_VALUE {
            self.buffer_size.set(self.buffer_size.get().max(size));
        }
        self.add(Kind::Recv { channel, ignores_closed });
    }

    /// An arm that sends the value at `data`, which it takes if it is chosen.
    pub fn add_send(self, channel: ChannelRef, data: *mut u8) {
        self.add(Kind::Send { channel, data });
    }

    /// An arm that waits for a task to finish.
    pub fn add_await(self, task: TaskRef) {
        self.add(Kind::Await(task));
    }

    /// An arm that waits for something to take from a word.
    pub fn add_word(self, supply: Supply<'static>) {
        self.add(Kind::Word(supply));
    }

    /// An arm that waits for a time.
    pub fn add_deadline(self, deadline: i64) {
        self.add(Kind::Deadline(deadline));
    }

    /// An arm that waits for something outside coming in.
    pub fn add_outside(self, source: &'static Source, attempt: Attempt) {
        self.add(Kind::Outside { source, attempt });
    }

    /// An arm that is never ready.
    pub fn add_never(self) {
        self.add(Kind::Never);
    }

    /// Moves what the chosen arm has received to `into`, 1, or finds its channel closed, 0; and gives the selector up.
    pub fn take(self, worker: &mut Worker, into: *mut u8) -> i64 {
        let received = self.received.take();
        if let Some(element) = received {
            let size = element.size as usize;
            // SAFETY: the place holds a value of this type, for which compiled code passes another.
            unsafe { ptr::copy_nonoverlapping(self.place_for(size), into, size) };
        }
        self.free_buffer(worker);
        i64::from(received.is_some())
    }

    /// Says that the arm with this number has received. All that is not needed to take that goes: a small value, compiled code
    /// takes without a call.
    fn keep_received(self, worker: &mut Worker, number: usize) {
        let element = self.arm(number).channel().map(|(channel, _)| channel.element());
        self.received.set(element);
        self.end_wait(worker);
        if element.is_some_and(|element| element.size as usize <= SMALL_VALUE) {
            self.free_buffer(worker);
        }
    }

    /// What came of the chosen arm, which has waited for something outside.
    pub fn outcome(self) -> i64 {
        self.outcome.get()
    }

    /// Gives the selector up, with what it still owns.
    fn end(self, worker: &mut Worker) {
        self.end_wait(worker);
        self.free_buffer(worker);
    }

    /// Gives up what is not needed to take the result: posts.
    fn end_wait(self, worker: &mut Worker) {
        let posts = self.posts.replace(ptr::null_mut());
        if !posts.is_null() {
            // SAFETY: `make_posts` took it with this size, and none of them stands in a queue any more.
            unsafe { worker.heap.free(posts.cast(), self.count.get() * size_of::<Post>()) };
        }
    }

    fn free_buffer(self, worker: &mut Worker) {
        let buffer = self.buffer.replace(ptr::null_mut());
        if !buffer.is_null() {
            // SAFETY: `make_buffer` took it with this size; it is not used again.
            unsafe { worker.heap.free(buffer, self.buffer_size.get()) };
        }
    }

    /// Makes the place for large values, if an arm may receive one.
    fn make_buffer(self, worker: &mut Worker) {
        if self.buffer_size.get() > 0 && self.buffer.get().is_null() {
            self.buffer.set(worker.heap.alloc(self.buffer_size.get()));
        }
    }

    /// The place for a value of so many bytes that is received.
    fn place_for(self, size: usize) -> *mut u8 {
        if size > SMALL_VALUE { self.buffer.get() } else { self.value.get().cast() }
    }

    /// Makes a post for each arm, if there are none yet.
    fn make_posts(self, worker: &mut Worker) {
        if !self.posts.get().is_null() {
            return;
        }
        let count = self.count.get();
        let posts = worker.heap.alloc(count * size_of::<Post>()).cast::<Post>();
        // SAFETY: the block is new, and large enough for so many.
        (0..count).for_each(|number| unsafe { posts.add(number).write(Post::new()) });
        self.posts.set(posts);
    }
}

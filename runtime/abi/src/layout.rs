//! Structures that compiled code and the runtime both touch.
//!
//! The compiler emits static data in these layouts and loads and stores single fields by `offset_of!`.

use core::mem::{offset_of, size_of};
use core::sync::atomic::AtomicU64;

/// The first word of every counted heap block.
///
/// `> 0`: references from one task at a time, counted without atomics. `< 0`: shared, the magnitude counted
/// atomically. `0`: immortal, never counted and never freed.
pub type Count = i64;

/// The bit that tells the link in a chain of blocks to be freed, which stands where the count was, from a count: no count
/// gets that far, and no address.
pub const COUNT_IN_CHAIN: Count = 1 << 62;

/// Head of the storage of `String` (bytes) and `Buffer<T>` (elements). Data follow at [`BUFFER_DATA`].
#[repr(C)]
#[derive(Debug)]
pub struct BufferHeader {
    /// References.
    pub count: Count,
    /// Initialised elements.
    pub length: i64,
    /// Elements there is room for; 0 in static strings and the empty buffer.
    pub capacity: i64,
}

/// Offset of the first element of a buffer.
pub const BUFFER_DATA: usize = size_of::<BufferHeader>();

/// Compiled code that releases or shares the value in a slot.
pub type Glue = Option<unsafe extern "C" fn(slot: *mut u8)>;

/// Head of the block that a value of a function type points to. Captures follow at [`CLOSURE_CAPTURES`].
///
/// The count of a block in the frame of its maker, and of one without captures, is 0.
#[repr(C)]
#[derive(Debug)]
pub struct ClosureHeader {
    /// References.
    pub count: Count,
    /// What a call of the value calls: with the address of the result if that is passed by address, then the block, then
    /// the arguments.
    pub code: *const u8,
    /// What to do with the block; null where the count is 0.
    pub info: *const ClosureInfo,
}

/// Offset of the first capture of a closure.
pub const CLOSURE_CAPTURES: usize = size_of::<ClosureHeader>();

/// What to do with the blocks of a closure.
#[repr(C)]
#[derive(Debug)]
pub struct ClosureInfo {
    /// Releases the captures of the block and frees it.
    pub free: Glue,
    /// Makes the captures of the block shared; `None` when there is nothing to share.
    pub share: Glue,
}

/// A static text.
#[repr(C)]
#[derive(Debug)]
pub struct StaticText {
    /// UTF-8 bytes.
    pub data: *const u8,
    /// How many.
    pub length: u64,
}

/// What the runtime knows of a type of value.
#[repr(C)]
#[derive(Debug)]
pub struct TypeInfo {
    /// The type as the program would write it.
    pub name: StaticText,
    /// Size of a value in bytes.
    pub size: u64,
    /// Releases the value in a slot; `None` when there is nothing to release.
    pub drop: Glue,
    /// Makes what the value in a slot refers to shared; `None` when there is nothing to share.
    pub share: Glue,
}

/// A kind of task: one `spawn` of the program, or `main`.
#[repr(C)]
#[derive(Debug)]
pub struct TaskDescriptor {
    /// Runs the task: takes its captures out of the record and stores its result there.
    pub entry: unsafe extern "C" fn(task: *mut u8),
    /// Size of the record: header, captures, result. 0 if it stands in the frame of the spawner.
    pub record_size: u32,
    /// Offset of the result in the record.
    pub result_offset: u32,
    /// Bytes of stack the entry needs with all it calls, or 0 when it comes to a function that checks.
    pub stack_bound: u32,
    /// Index of the spawn's place in the program's locations.
    pub location: u32,
    /// Releases the captures (slot: the record) of a task that never starts.
    pub drop_captures: Glue,
    /// Releases the result (slot: the result) of a finished task.
    pub drop_result: Glue,
}

/// A constant that is computed when it is first used: static data that is changed once.
#[repr(C)]
#[derive(Debug)]
pub struct GlobalCell {
    /// The task that computes it; null until its first use.
    pub task: *mut u8,
    /// What that task does.
    pub descriptor: *const TaskDescriptor,
}

/// What a stub of the runtime takes of the stack of the code that calls it, with the return address: the registers that it saves.
/// Compiler and runtime are of one target.
pub const STUB_BYTES: usize = if cfg!(target_arch = "aarch64") { 160 } else { 48 };

/// Where captures begin in a task record; the header before it belongs to the runtime.
pub const TASK_CAPTURES: usize = 64;

/// Bytes of a scope record in the frame that opens the scope, aligned to 16.
pub const SCOPE_RECORD_SIZE: usize = 128;

/// The fields of the worker record that compiled code reads through the pinned register.
#[repr(C)]
#[derive(Debug)]
pub struct WorkerFields {
    /// Lowest stack pointer at which a function that checks may be entered. Others raise it beyond all when they set `poll`.
    pub stack_limit: AtomicU64,
    /// Not 0 when the next poll is to call the runtime. Others set it.
    pub poll: AtomicU64,
    /// The function that the stub `plat_foreign` or `__morestack` is to call.
    pub callee: u64,
    /// Bytes of arguments on the stack that `__morestack` is to pass on. More than there are does no harm.
    pub argument_bytes: u64,
    /// The top of the segment of stack that `__morestack` is to go to.
    pub segment_top: u64,
    /// A panic that came out of a `deinit` and has not been raised yet, or 0.
    pub deinit_panic: u64,
    /// Not 0 where compiled code leaves starting and awaiting tasks to the runtime.
    pub forks_slowly: u64,
    /// The [`NewestHead`](crate::fork::NewestHead) of this worker.
    pub newest: *const u8,
    /// The [`ForkCounters`](crate::fork::ForkCounters) of this worker.
    pub counters: *const u8,
    /// The epoch of cancellations, 32 bits.
    pub epoch: *const u8,
    /// How many workers sleep or have not started, 32 bits.
    pub sleepers: *const u8,
    /// Not 0 when the end of a scope is to look for entries of tasks that were claimed past the queue.
    pub stale: u64,
    /// The number that was given to a task last.
    pub last_id: u32,
    /// The greatest number that may be given here.
    pub most_id: u32,
    /// The number of the task that the sanitizer which watches the program takes for the one that acts, or 0.
    pub acting: u32,
}

/// Bytes, all zeros to begin with, of a queue of those who wait for a word of an object of the library.
pub const WAITERS_SIZE: usize = 32;

/// Bytes of the state of a transactional variable, in an object of the library.
pub const TVAR_STATE_SIZE: usize = 3 * size_of::<u64>() + WAITERS_SIZE;

/// An address of the internet protocol, as the library's `RawAddress` has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AddressWords {
    /// 4, 6, or 0 for none.
    pub version: i64,
    /// The upper half of an address of version 6.
    pub high: u64,
    /// The lower half, or an address of version 4.
    pub low: u64,
    /// The port.
    pub port: i64,
    /// The number of the network interface that an address of version 6 is of, or 0.
    pub scope: i64,
}

/// An option of a socket, as rows pass it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum SocketOption {
    /// Whether small packets are sent at once.
    NoDelay = 0,
    /// After how many seconds of silence the other side is asked whether it is there; 0 never asks.
    KeepAlive = 1,
    /// Whether datagrams may be sent to all.
    Broadcast = 2,
}

/// How a file is opened: bits of a number, as the library's `File.open` puts them together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum OpenMode {
    /// It may be read.
    Read = 1,
    /// It may be written.
    Write = 2,
    /// All that is written goes to its end.
    Append = 4,
    /// It is emptied first.
    Truncate = 8,
    /// It is made if it is not there.
    Create = 16,
    /// It is made, and must not be there.
    CreateNew = 32,
}

/// What is at a path, as the library's `FileKind` has it, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum FileType {
    /// A file.
    File = 0,
    /// A directory.
    Directory = 1,
    /// A link to another path.
    Link = 2,
    /// Anything else: a device, a socket, a pipe.
    Other = 3,
    /// In a listing: something whose name is no text.
    Unnamed = 4,
}

/// What is known about a file, as the library's `RawMetadata` has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MetadataWords {
    /// A [`FileType`].
    pub file_type: i64,
    /// In bytes.
    pub length: i64,
    /// Who may do what, as the system counts.
    pub permissions: i64,
    /// When it was changed last, in nanoseconds since the beginning of 1970.
    pub modified: i64,
    /// When it was read last.
    pub accessed: i64,
}

/// What is to become of a stream of a program that is started, as the library's `Stdio` has it, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum StreamUse {
    /// It has that of this program.
    Inherit = 0,
    /// Nothing is read, and what is written is lost.
    Null = 1,
    /// This program has the other end.
    Pipe = 2,
}

/// How a program is started, and what there is of it then, as the library's `RawChild` has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ChildWords {
    /// Whether it has the environment variables of this program, beside others.
    pub inherits_environment: i64,
    /// A [`StreamUse`]; then a source, or a negative number.
    pub input: i64,
    /// Likewise.
    pub output: i64,
    /// Likewise.
    pub errors: i64,
    /// A source that tells of its end, or a negative number.
    pub ended: i64,
    /// Its number.
    pub id: i64,
}

/// Why an operation of the system failed, as the library's `IoErrorKind` has it, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum ErrorKind {
    /// Anything else.
    Other = 0,
    /// There is no such thing.
    NotFound = 1,
    /// It is not allowed.
    PermissionDenied = 2,
    /// Nobody listens there.
    ConnectionRefused = 3,
    /// The other side has broken the connection.
    ConnectionReset = 4,
    /// The connection was given up.
    ConnectionAborted = 5,
    /// There is no connection.
    NotConnected = 6,
    /// Another has the address.
    AddressInUse = 7,
    /// The address is none of this machine's.
    AddressNotAvailable = 8,
    /// The network or the machine cannot be reached.
    Unreachable = 9,
    /// Nobody reads what is written.
    BrokenPipe = 10,
    /// It is there already.
    AlreadyExists = 11,
    /// It would have to wait.
    WouldBlock = 12,
    /// The arguments make no sense.
    InvalidInput = 13,
    /// It took too long.
    TimedOut = 14,
    /// There is no room.
    StorageFull = 15,
    /// It is a directory.
    IsADirectory = 16,
    /// It is no directory.
    NotADirectory = 17,
    /// The directory is not empty.
    DirectoryNotEmpty = 18,
    /// The process, or the machine, has too many files open.
    TooManyOpenFiles = 19,
    /// The program has closed it.
    Closed = 20,
    /// A signal interrupted it.
    Interrupted = 21,
    /// The system does not know how.
    Unsupported = 22,
    /// The input ended too early. Only the library says so.
    UnexpectedEnd = 23,
    /// The input is not what it should be. Only the library says so.
    InvalidData = 24,
    /// There is no machine of that name. Only the library says so.
    UnknownHost = 25,
    /// The other side could not prove who it is. Only TLS says so.
    Untrusted = 26,
}

/// Offset of the current fiber in the worker record.
pub const WORKER_FIBER: usize = 128;

/// Offset of the innermost task that runs on a fiber in the fiber's record.
pub const FIBER_TASK: usize = 8;

/// Offset in the fiber's record of the epoch, 32 bits, at which it was last seen uncancelled.
pub const FIBER_EPOCH: usize = 52;

/// Offset of [`WorkerFields::stack_limit`].
pub const WORKER_STACK_LIMIT: usize = offset_of!(WorkerFields, stack_limit);

/// Offset of [`WorkerFields::poll`].
pub const WORKER_POLL: usize = offset_of!(WorkerFields, poll);

/// Offset of [`WorkerFields::callee`].
pub const WORKER_CALLEE: usize = offset_of!(WorkerFields, callee);

/// Offset of [`WorkerFields::argument_bytes`].
pub const WORKER_ARGUMENT_BYTES: usize = offset_of!(WorkerFields, argument_bytes);

/// Offset of [`WorkerFields::segment_top`].
pub const WORKER_SEGMENT_TOP: usize = offset_of!(WorkerFields, segment_top);

/// Offset of [`WorkerFields::deinit_panic`].
pub const WORKER_DEINIT_PANIC: usize = offset_of!(WorkerFields, deinit_panic);

/// Everything the runtime needs to know of a program.
#[repr(C)]
#[derive(Debug)]
pub struct ProgramDescriptor {
    /// [`crate::ABI_VERSION`] of the compiler.
    pub abi_version: u32,
    /// Bytes that must be free below the stack limit: for any function that checks, with its frame, and for any task that comes
    /// to one, up to the next check.
    pub stack_reserve: u32,
    /// `main`, as a task.
    pub main: *const TaskDescriptor,
    /// What `main` returns.
    pub main_result: MainResult,
    /// Compiled functions, in no order.
    pub functions: *const FunctionEntry,
    /// How many.
    pub function_count: u64,
    /// Call sites, by function and then by return address.
    pub call_sites: *const CallSite,
    /// Slots of owned values, by call site.
    pub slots: *const Slot,
    /// Places in the source.
    pub locations: *const Location,
    /// Calls that are inlined.
    pub inlined: *const InlinedCall,
    /// Names of source files.
    pub files: *const StaticText,
    /// What the sanitizer that watches the program is told by.
    pub sanitizer: Sanitizers,
}

/// Functions of ThreadSanitizer that the runtime calls where the program is watched by it, else `None`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Sanitizers {
    /// What was released at the address before comes before what follows.
    pub acquire: Option<unsafe extern "C" fn(usize)>,
    /// What was done before comes before what follows an acquire at the address.
    pub release: Option<unsafe extern "C" fn(usize)>,
    /// Makes a context, something that acts without being a thread. It takes flags.
    pub create: Option<unsafe extern "C" fn(u32) -> usize>,
    /// Changes the context of the thread. It takes flags.
    pub switch: Option<unsafe extern "C" fn(usize, u32)>,
    /// The context of the thread.
    pub current: Option<unsafe extern "C" fn() -> usize>,
    /// Names a context.
    pub set_name: Option<unsafe extern "C" fn(usize, *const core::ffi::c_char)>,
}

/// A property of characters, by Unicode.
#[repr(i64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CharProperty {
    /// A letter.
    Letter = 0,
    /// A number of any script.
    Number = 1,
    /// White space.
    WhiteSpace = 2,
    /// In upper case.
    Upper = 3,
    /// In lower case.
    Lower = 4,
    /// A control character.
    Control = 5,
}

/// What `main` returns.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MainResult {
    /// Nothing: exit code 0.
    Unit = 0,
    /// The exit code as `Int32`.
    ExitCode = 1,
}

/// A compiled function.
#[repr(C)]
#[derive(Debug)]
pub struct FunctionEntry {
    /// Its first byte.
    pub address: *const u8,
    /// Its name as the program would write it.
    pub name: StaticText,
    /// Size of its code in bytes.
    pub size: u32,
    /// Its first row in the call sites.
    pub first_call_site: u32,
    /// How many rows it has there.
    pub call_site_count: u32,
    /// Whose function it is, as a [`Part`].
    pub part: u32,
}

/// What a function is part of.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// The program.
    Program = 0,
    /// The standard library: its panics are reported at its caller.
    Library = 1,
    /// Nothing that anybody wrote.
    Generated = 2,
}

/// A call in a compiled function.
#[repr(C)]
#[derive(Debug)]
pub struct CallSite {
    /// Offset of the return address in the function.
    pub return_offset: u32,
    /// Index of its place in the locations.
    pub location: u32,
    /// First row of its owned values in the slots.
    pub first_slot: u32,
    /// How many rows.
    pub slot_count: u32,
}

/// Something in a frame to be cleaned up when the frame is unwound at a call site, such as an owned value or a `defer`.
#[repr(C)]
#[derive(Debug)]
pub struct Slot {
    /// Compiled code that is called with the slot's address, on the task's own stack. It may suspend and panic. `None` where the runtime
    /// cleans up by itself.
    pub run: Glue,
    /// Its address relative to the frame pointer.
    pub frame_offset: i32,
    /// What it is.
    pub kind: SlotKind,
}

/// What a slot is.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SlotKind {
    /// An owned value, to be released. A panic that this leaves in the worker record is reported and dropped.
    Release = 0,
    /// A `defer` that has not run. A panic in it stands beside the one that unwinds.
    Defer = 1,
    /// The shield of a `defer` that runs because its block is left: it ends.
    Shield = 2,
    /// The use of a field of an object: the slot holds the address of the word that says so, which becomes 0.
    Use = 3,
    /// The record of an open scope: what is in it is cancelled and waited for.
    Scope = 4,
}

/// A place in the source.
#[repr(C)]
#[derive(Debug)]
pub struct Location {
    /// Index of the file's name.
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// One more than the index of the inlined call whose body it stands in; 0 for the body of the function itself.
    pub inlined: u32,
}

/// A call that has been replaced by the body of what it called.
#[repr(C)]
#[derive(Debug)]
pub struct InlinedCall {
    /// The name of what it called.
    pub callee: StaticText,
    /// Index of the call's own place in the locations.
    pub call: u32,
    /// Whose function that was, as a [`Part`].
    pub part: u32,
}

/// An operation that can overflow, for the panic's message.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arithmetic {
    /// `+`
    Add = 0,
    /// `-`
    Subtract = 1,
    /// `*`
    Multiply = 2,
    /// `/` of the least value by -1
    Divide = 3,
    /// `%` of the least value by -1
    Remainder = 4,
    /// unary `-` of the least value
    Negate = 5,
    /// `<<` or `>>` by a negative amount or one not below the width
    Shift = 6,
}

/// A number that each worker keeps of what it has done.
#[repr(i64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statistic {
    /// Tasks that it has made.
    Spawned = 0,
    /// Tasks that it has run on the stack of one that waited for them.
    Inline = 1,
    /// Tasks that have ended on it.
    Ended = 2,
    /// Times that it has taken work from another worker.
    Steals = 3,
    /// Times that a task on it has begun to wait.
    Parks = 4,
    /// Times that it has made a task ready.
    Wakes = 5,
    /// Times that it has gone over to another stack.
    Switches = 6,
    /// Stacks that it has taken into use, less those that it has given back, which another may have taken.
    Stacks = 7,
}

impl Statistic {
    /// All, in order.
    pub const ALL: [Self; 8] = [
        Self::Spawned,
        Self::Inline,
        Self::Ended,
        Self::Steals,
        Self::Parks,
        Self::Wakes,
        Self::Switches,
        Self::Stacks,
    ];
}

/// How a value is formatted, packed into one word: fill (21 bits), alignment (2), width (12), precision + 1 (8), kind (4), sign
/// plus (1), zero fill (1), nested (1), from the least significant bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FormatSpec {
    /// Character that fills up to the width; `\0` means a space.
    pub fill: char,
    /// Where the text stands in the width.
    pub align: Align,
    /// Least number of characters, at most 4095.
    pub width: u16,
    /// Digits after the decimal point, or most characters of a string; at most 254.
    pub precision: Option<u8>,
    /// Notation.
    pub kind: Notation,
    /// Whether positive numbers get a `+`.
    pub plus: bool,
    /// Whether numbers are filled with zeros after the sign.
    pub zero: bool,
    /// Whether the value stands inside another: strings and characters appear as literals.
    pub nested: bool,
}

/// Where a text stands in its width.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Align {
    /// Numbers right, all else left.
    #[default]
    Natural = 0,
    /// `<`
    Left = 1,
    /// `^`
    Center = 2,
    /// `>`
    Right = 3,
}

/// Notation of a number.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Notation {
    /// Decimal.
    #[default]
    Plain = 0,
    /// `x`: lower-case hexadecimal.
    Hex = 1,
    /// `X`: upper-case hexadecimal.
    UpperHex = 2,
    /// `b`: binary.
    Binary = 3,
    /// `o`: octal.
    Octal = 4,
    /// `e`: scientific.
    Exponent = 5,
}

impl FormatSpec {
    /// The word that stands for this specification.
    pub fn pack(self) -> u64 {
        let precision = self.precision.map_or(0, |digits| u64::from(digits) + 1);
        self.fill as u64
            | (self.align as u64) << 21
            | u64::from(self.width & 0xfff) << 23
            | precision << 35
            | (self.kind as u64) << 43
            | u64::from(self.plus) << 47
            | u64::from(self.zero) << 48
            | u64::from(self.nested) << 49
    }

    /// The specification that a word of [`FormatSpec::pack`] stands for.
    pub fn unpack(word: u64) -> Self {
        Self {
            fill: char::from_u32((word & 0x1f_ffff) as u32).unwrap_or('\0'),
            align: [Align::Natural, Align::Left, Align::Center, Align::Right][(word >> 21 & 3) as usize],
            width: (word >> 23 & 0xfff) as u16,
            precision: (word >> 35 & 0xff).checked_sub(1).map(|digits| digits as u8),
            kind: match word >> 43 & 0xf {
                1 => Notation::Hex,
                2 => Notation::UpperHex,
                3 => Notation::Binary,
                4 => Notation::Octal,
                5 => Notation::Exponent,
                _ => Notation::Plain,
            },
            plus: word >> 47 & 1 == 1,
            zero: word >> 48 & 1 == 1,
            nested: word >> 49 & 1 == 1,
        }
    }
}

//! The list of operations that the compiler expands where they are called.
//!
//! `stdlib/sys` declares them by `extern "intrinsic"`; `resolve` checks the declarations against this list.

macro_rules! intrinsics {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:ident($count:literal);)*) => {
        /// Operations that the compiler expands where they are called. `T` is the type argument.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Intrinsic {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Intrinsic {
            /// The intrinsic with this name.
            pub fn find(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)*
                }
            }

            /// How many parameters it has.
            pub fn parameter_count(self) -> usize {
                match self {
                    $(Self::$variant => $count,)*
                }
            }
        }
    };
}

intrinsics! {
    /// `buffer_new<T>(capacity: Int) -> Buffer<T>`: length 0. Capacity 0 allocates nothing.
    BufferNew = buffer_new(1);
    /// `buffer_length<T>(buffer: Buffer<T>) -> Int`
    BufferLength = buffer_length(1);
    /// `buffer_capacity<T>(buffer: Buffer<T>) -> Int`
    BufferCapacity = buffer_capacity(1);
    /// `buffer_is_unique<T>(buffer: Buffer<T>) -> Bool`: whether it may be changed in place
    BufferIsUnique = buffer_is_unique(1);
    /// `buffer_set_length<T>(inout buffer: Buffer<T>, length: Int)`: elements are neither made nor released
    BufferSetLength = buffer_set_length(2);
    /// `buffer_get<T>(buffer: Buffer<T>, index: Int) -> T`: a copy, unchecked
    BufferGet = buffer_get(2);
    /// `buffer_take<T>(inout buffer: Buffer<T>, index: Int) -> T`: moves out, unchecked; the element is then uninitialised
    BufferTake = buffer_take(2);
    /// `buffer_init<T>(inout buffer: Buffer<T>, index: Int, move value: T)`: fills an uninitialised element, unchecked
    BufferInit = buffer_init(3);
    /// `buffer_move<T>(inout source: Buffer<T>, from: Int, inout target: Buffer<T>, to: Int, count: Int)`: moves elements,
    /// which may overlap, unchecked
    BufferMove = buffer_move(5);
    /// `buffer_slide<T>(inout buffer: Buffer<T>, from: Int, to: Int, count: Int)`: moves elements within a buffer, unchecked
    BufferSlide = buffer_slide(4);
    /// `buffer_copy<T>(source: Buffer<T>, from: Int, inout target: Buffer<T>, to: Int, count: Int)`: copies elements that hold no
    /// references, unchecked
    BufferCopy = buffer_copy(5);
    /// `is_managed<T>(like: Buffer<T>) -> Bool`: whether values of type `T` hold references to be counted
    IsManaged = is_managed(1);
    /// `string_from_bytes<T>(move bytes: Buffer<UInt8>) -> String`: valid UTF-8, unchecked
    StringFromBytes = string_from_bytes(1);
    /// `string_bytes(text: String) -> Buffer<UInt8>`: the same storage
    StringBytes = string_bytes(1);
    /// `append<T>(inout text: String, value: T)`: displays the value at the end of the text
    Append = append(2);
    /// `append_nested<T>(inout text: String, value: T)`: as the part of another value is displayed
    AppendNested = append_nested(2);
    /// `check_index(index: Int, length: Int)`: panics unless `0 <= index < length`
    CheckIndex = check_index(2);
    /// `weak_new<T>(object: T) -> WeakHandle<T>` on classes
    WeakNew = weak_new(1);
    /// `weak_upgrade<T>(weak: WeakHandle<T>) -> Option<T>`
    WeakUpgrade = weak_upgrade(1);
    /// `same_object<T>(a: T, b: T) -> Bool` on classes
    SameObject = same_object(2);
    /// `task_await<T>(task: Task<T>) -> T`
    TaskAwait = task_await(1);
    /// `task_value<T>(task: Task<T>) -> T`: the result of a task that has ended with one, unchecked
    TaskValue = task_value(1);
    /// `task_as<T, U>(task: Task<T>) -> Task<U>`: the same handle, unchecked
    TaskAs = task_as(1);
    /// `task_completed<T>(move value: T) -> Task<T>`: a task that nothing ran and that has this result
    TaskCompleted = task_completed(1);
    /// `scope_until(deadline: Int, body: fn()) -> Bool`: calls the body in a scope that is cancelled at the deadline; whether that has
    /// ended the body
    ScopeUntil = scope_until(2);
    /// `catch_cancelled(body: fn()) -> Bool`: calls the body, out of which a cancellation of the innermost `concurrent` of the same
    /// function does not go; whether there was one
    CatchCancelled = catch_cancelled(1);
    /// `thread_spawn<T>(move body: Sharable fn() -> T) -> Task<T>`
    ThreadSpawn = thread_spawn(1);
    /// `scope_spawn<T>(scope: Task<Unit>, move body: Sharable fn() -> T, name: String) -> Task<T>`: a task in the scope of a handle
    ScopeSpawn = scope_spawn(3);
    /// `channel_new<T>(capacity: Int) -> ChannelHandle<T>`
    ChannelNew = channel_new(1);
    /// `channel_send<T>(channel: ChannelHandle<T>, move value: T)`
    ChannelSend = channel_send(2);
    /// `channel_recv<T>(channel: ChannelHandle<T>) -> Option<T>`
    ChannelRecv = channel_recv(1);
    /// `channel_try_send<T>(channel: ChannelHandle<T>, value: T) -> (Int, Option<T>)`: 0 sent, 1 full, 2 closed; the value if it was not sent
    ChannelTrySend = channel_try_send(2);
    /// `channel_send_until<T>(channel: ChannelHandle<T>, value: T, deadline: Int) -> (Int, Option<T>)`: 0 sent, 1 too late, 2 closed; the value if it was not sent
    ChannelSendUntil = channel_send_until(3);
    /// `channel_recv_until<T>(channel: ChannelHandle<T>, deadline: Int) -> (Int, Option<T>)`: 1 received, 0 closed, 2 too late
    ChannelRecvUntil = channel_recv_until(2);
    /// `select_send<T>(selector: Int, channel: ChannelHandle<T>, inout value: T)`: an arm that sends what is in the place
    SelectSend = select_send(3);
    /// `select_take<T>(selector: Int, channel: ChannelHandle<T>) -> Option<T>`: what the chosen arm has received from the channel
    SelectTake = select_take(2);
    /// `channel_try_recv<T>(channel: ChannelHandle<T>) -> (Int, Option<T>)`: 0 received, 1 empty, 2 closed
    ChannelTryRecv = channel_try_recv(1);
    /// `atomic_load<T>(inout place: T) -> T`, and likewise below, on `Bool` and integers
    AtomicLoad = atomic_load(1);
    /// `atomic_store<T>(inout place: T, value: T)`
    AtomicStore = atomic_store(2);
    /// `atomic_release<T>(inout place: T, value: T)`: stores with the order release
    AtomicRelease = atomic_release(2);
    /// `atomic_swap<T>(inout place: T, value: T) -> T`: what was there, as with all below
    AtomicSwap = atomic_swap(2);
    /// `atomic_compare_exchange<T>(inout place: T, expected: T, value: T) -> T`
    AtomicCompareExchange = atomic_compare_exchange(3);
    /// `atomic_add<T>(inout place: T, value: T) -> T`: wraps around
    AtomicAdd = atomic_add(2);
    /// `atomic_sub<T>(inout place: T, value: T) -> T`: wraps around
    AtomicSub = atomic_sub(2);
    /// `atomic_and<T>(inout place: T, value: T) -> T`
    AtomicAnd = atomic_and(2);
    /// `atomic_or<T>(inout place: T, value: T) -> T`
    AtomicOr = atomic_or(2);
    /// `atomic_max<T>(inout place: T, value: T) -> T`
    AtomicMax = atomic_max(2);
    /// `atomic_min<T>(inout place: T, value: T) -> T`
    AtomicMin = atomic_min(2);
    /// `atomic_fence()`: sequentially consistent
    AtomicFence = atomic_fence(0);
    /// `light_fence()`: acquire and release
    LightFence = light_fence(0);
    /// `share<T>(inout place: T)`: counts what the place refers to atomically from now on
    Share = share(1);
    /// `current_task() -> UInt64`: a number that no other running task has
    CurrentTask = current_task(0);
    /// `frame_address() -> UInt64`: where the frame of the function that this stands in is, once it has been inlined
    FrameAddress = frame_address(0);
    /// `task_shield()`: from here to the matching `task_unshield` the task does not see cancellations
    TaskShield = task_shield(0);
    /// `task_unshield()`
    TaskUnshield = task_unshield(0);
    /// `in_transaction() -> Bool`: whether the task is in a transaction
    InTransaction = in_transaction(0);
    /// `wrapping_add<T>(a: T, b: T) -> T` on integers
    WrappingAdd = wrapping_add(2);
    /// `wrapping_sub<T>(a: T, b: T) -> T`
    WrappingSub = wrapping_sub(2);
    /// `wrapping_mul<T>(a: T, b: T) -> T`
    WrappingMul = wrapping_mul(2);
    /// `add_overflows<T>(a: T, b: T) -> Bool`
    AddOverflows = add_overflows(2);
    /// `sub_overflows<T>(a: T, b: T) -> Bool`
    SubOverflows = sub_overflows(2);
    /// `mul_overflows<T>(a: T, b: T) -> Bool`
    MulOverflows = mul_overflows(2);
    /// `multiply_folded(a: UInt64, b: UInt64) -> UInt64`: the two halves of the product of 128 bits, combined by `^`
    MultiplyFolded = multiply_folded(2);
    /// `float_bits(value: Float) -> Int`: the bits that represent it
    FloatBits = float_bits(1);
    /// `wrapping_cast<T, U>(value: T) -> U` between integer types: keeps the low bits
    WrappingCast = wrapping_cast(1);
    /// `saturating_cast<T, U>(value: T) -> U` from numbers to integers: the nearest one that fits, 0 for NaN
    SaturatingCast = saturating_cast(1);
    /// `bit_cast<T, U>(value: T) -> U` between numbers of one size: keeps the bits
    BitCast = bit_cast(1);
    /// `fits<T, U>(value: T, like: U) -> Bool`: whether a number, truncated, is in the range of the integer type `U`
    Fits = fits(2);
    /// `count_ones<T>(value: T) -> T` on integers, and likewise below
    CountOnes = count_ones(1);
    /// `leading_zeros<T>(value: T) -> T`
    LeadingZeros = leading_zeros(1);
    /// `trailing_zeros<T>(value: T) -> T`
    TrailingZeros = trailing_zeros(1);
    /// `swap_bytes<T>(value: T) -> T`
    SwapBytes = swap_bytes(1);
    /// `masked_shl<T>(value: T, by: Int) -> T`: by so many bits modulo the width
    MaskedShl = masked_shl(2);
    /// `masked_shr<T>(value: T, by: Int) -> T`
    MaskedShr = masked_shr(2);
    /// `rotate_left<T>(value: T, by: Int) -> T`
    RotateLeft = rotate_left(2);
    /// `rotate_right<T>(value: T, by: Int) -> T`
    RotateRight = rotate_right(2);
    /// `multiply_high(a: UInt64, b: UInt64) -> UInt64`: the high half of the product
    MultiplyHigh = multiply_high(2);
    /// `float_sqrt<T>(value: T) -> T`, and likewise below, on floats
    FloatSqrt = float_sqrt(1);
    /// `float_floor<T>(value: T) -> T`
    FloatFloor = float_floor(1);
    /// `float_ceil<T>(value: T) -> T`
    FloatCeil = float_ceil(1);
    /// `float_trunc<T>(value: T) -> T`
    FloatTrunc = float_trunc(1);
    /// `float_abs<T>(value: T) -> T`
    FloatAbs = float_abs(1);
}

//! THE table of runtime functions; those of TLS, which not every program is linked with, stand in `tls.rs`.
//!
//! Compiled code calls row `name` under the symbol `plat_name`, an assembly stub that switches to the worker's
//! stack, calls the runtime's `name`, and comes back. The first argument of every row, not written here, is the
//! current worker record, which compiled code passes from the pinned register.
//!
//! Effects:
//! - `[leaf]` returns to its caller, always.
//! - `[throws]` returns, or unwinds the calling task.
//! - `[suspends]` may suspend the calling fiber, which may continue on another worker, and may unwind it.
//! - `[diverges]` unwinds the calling task or ends the program; it never returns.
//!
//! Types are ABI words: `int` is a 64-bit integer (also for `Bool`, `Char` and narrower integers, extended), `ptr` an
//! address, `f64` a double; results may also be `()` and `never`.
//!
//! Ownership: every `ptr` to a Plat value is borrowed, results are owned, unless the row says otherwise. A call that
//! unwinds has taken nothing and filled nothing: the values it was to take are still the caller's, whose stack map
//! releases them.

/// Passes every row to the macro `$callback`, as `[effect] fn name(parameter: type, …) -> type;` after its docs.
#[macro_export]
macro_rules! runtime_functions {
    ($callback:path) => {
        $callback! {
            /// Allocates `size` bytes aligned to 16, uninitialised. `info` is a `TypeInfo` that names the block in leak reports.
            /// Out of memory ends the program.
            [leaf] fn alloc(size: int, info: ptr) -> ptr;
            /// Frees a block of `alloc`, with the size it was allocated with.
            [leaf] fn free(block: ptr, size: int) -> ();

            /// Has the sanitizer that watches the program take the running task for the one that acts on this worker.
            [leaf] fn watch_enter() -> ();
            /// Has it take none for that, before others may run the task.
            [leaf] fn watch_leave() -> ();
            /// Likewise, at the end of the task.
            [leaf] fn watch_end() -> ();
            /// Tells it of a new block.
            [leaf] fn watch_taken(block: ptr) -> ();
            /// Tells it of a block that is about to be freed.
            [leaf] fn watch_given(block: ptr) -> ();

            /// Takes a reference to an object that only a weak reference leads to. 1 if it is alive, 0 if it is not.
            [leaf] fn object_upgrade(object: ptr) -> int;
            /// The number in the word at `number`: the next one of the program if it is 0 still.
            [leaf] fn object_identity(number: ptr) -> int;

            /// Joins two strings.
            [leaf] fn string_concat(left: ptr, right: ptr) -> ptr;
            /// Three-way comparison of strings, or of buffers of bytes, by bytes: negative, 0, positive.
            [leaf] fn bytes_compare(left: ptr, right: ptr) -> int;
            /// A number for the bytes of a string, or of a buffer of bytes, that depends on `seed` and on the process.
            [leaf] fn bytes_hash(bytes: ptr, seed: int) -> int;
            /// Appends `text` to the string in `builder` (the address of a `String`, changed in place when unshared).
            [leaf] fn string_push(builder: ptr, text: ptr) -> ();
            /// Appends the bytes of `text` from `start` up to `end`, which lie between characters, to the string in `builder`.
            [leaf] fn string_push_part(builder: ptr, text: ptr, start: int, end: int) -> ();
            /// Makes room for at least `more` bytes in the string in `builder`.
            [leaf] fn string_reserve(builder: ptr, more: int) -> ();
            /// The bytes of `text` from `start` up to `end`, which lie between characters, as a string.
            [leaf] fn string_part(text: ptr, start: int, end: int) -> ptr;
            /// Where `wanted` first stands in `text` at or after `start`, or -1.
            [leaf] fn string_find(text: ptr, wanted: ptr, start: int) -> int;
            /// Where `wanted` last stands in `text` before `end`, or -1.
            [leaf] fn string_rfind(text: ptr, wanted: ptr, end: int) -> int;
            /// The text in upper case.
            [leaf] fn string_upper(text: ptr) -> ptr;
            /// The text in lower case.
            [leaf] fn string_lower(text: ptr) -> ptr;
            /// How many bytes of a buffer of bytes are UTF-8: all of them, or those before the first mistake.
            [leaf] fn utf8_length(bytes: ptr) -> int;
            /// Reads the whole text as a `Float64` into `into`. 1 if it is one, else 0.
            [leaf] fn float_parse(text: ptr, into: ptr) -> int;
            /// Reads the whole text as a `Float32`, as the `f64` of equal value, into `into`. 1 if it is one, else 0.
            [leaf] fn float32_parse(text: ptr, into: ptr) -> int;

            /// Whether a character has a property; `property` is a `layout::CharProperty`.
            [leaf] fn char_is(character: int, property: int) -> int;
            /// The character in upper case, or itself if that is no single character.
            [leaf] fn char_upper(character: int) -> int;
            /// The character in lower case, or itself if that is no single character.
            [leaf] fn char_lower(character: int) -> int;

            /// Appends a signed integer to the string at `builder`, formatted by `spec` (`layout::FormatSpec`).
            [leaf] fn format_int(builder: ptr, value: int, spec: int) -> ();
            /// Appends an unsigned integer.
            [leaf] fn format_uint(builder: ptr, value: int, spec: int) -> ();
            /// Appends a `Float64`.
            [leaf] fn format_float(builder: ptr, value: f64, spec: int) -> ();
            /// Appends a `Float32`, given as the `f64` of equal value, with the shortest digits that read back as `Float32`.
            [leaf] fn format_float32(builder: ptr, value: f64, spec: int) -> ();
            /// Appends `true` or `false`.
            [leaf] fn format_bool(builder: ptr, value: int, spec: int) -> ();
            /// Appends a character, or with `FormatSpec::NESTED` its literal.
            [leaf] fn format_char(builder: ptr, value: int, spec: int) -> ();
            /// Appends a string, or with `FormatSpec::NESTED` its literal.
            [leaf] fn format_string(builder: ptr, value: ptr, spec: int) -> ();
            /// Appends a duration given in nanoseconds, such as `1.5s`.
            [leaf] fn format_duration(builder: ptr, value: int, spec: int) -> ();

            /// Writes a line to standard output, atomically between tasks. Suspends only while there is no room for it.
            [suspends] fn print(text: ptr) -> ();
            /// Writes a line to standard error, likewise.
            [suspends] fn eprint(text: ptr) -> ();

            /// A random number, the same throughout the process.
            [leaf] fn random_seed() -> int;
            /// IEEE remainder with the dividend's sign.
            [leaf] fn float_remainder(dividend: f64, divisor: f64) -> f64;
            /// `base` to the power of `exponent`.
            [leaf] fn float_pow(base: f64, exponent: f64) -> f64;
            /// The angle of the point (`x`, `y`).
            [leaf] fn float_atan2(y: f64, x: f64) -> f64;
            /// The distance of the point (`x`, `y`) from the origin.
            [leaf] fn float_hypot(x: f64, y: f64) -> f64;
            /// e to the power of the number, and so on: the function of mathematics of that name.
            [leaf] fn float_exp(value: f64) -> f64;
            /// `exp(value) - 1`, exact for small numbers.
            [leaf] fn float_exp_m1(value: f64) -> f64;
            /// The natural logarithm.
            [leaf] fn float_ln(value: f64) -> f64;
            /// `ln(1 + value)`, exact for small numbers.
            [leaf] fn float_ln_1p(value: f64) -> f64;
            /// The logarithm to base 2.
            [leaf] fn float_log2(value: f64) -> f64;
            /// The logarithm to base 10.
            [leaf] fn float_log10(value: f64) -> f64;
            /// The cube root.
            [leaf] fn float_cbrt(value: f64) -> f64;
            /// The sine.
            [leaf] fn float_sin(value: f64) -> f64;
            /// The cosine.
            [leaf] fn float_cos(value: f64) -> f64;
            /// The tangent.
            [leaf] fn float_tan(value: f64) -> f64;
            /// The inverse of the sine.
            [leaf] fn float_asin(value: f64) -> f64;
            /// The inverse of the cosine.
            [leaf] fn float_acos(value: f64) -> f64;
            /// The inverse of the tangent.
            [leaf] fn float_atan(value: f64) -> f64;
            /// The hyperbolic sine.
            [leaf] fn float_sinh(value: f64) -> f64;
            /// The hyperbolic cosine.
            [leaf] fn float_cosh(value: f64) -> f64;
            /// The hyperbolic tangent.
            [leaf] fn float_tanh(value: f64) -> f64;

            /// Nanoseconds of a clock that only goes forward, since some moment before the program began.
            [leaf] fn clock_monotonic() -> int;
            /// Waits until that clock shows `deadline`. If it does already, others have their turn.
            [suspends] fn sleep_until(deadline: int) -> ();
            /// Nanoseconds since the beginning of 1970, UTC.
            [leaf] fn clock_wall() -> int;
            /// A random number from the operating system, of 64 bits.
            [leaf] fn random_bits() -> int;
            /// How many arguments the program was started with, without its name.
            [leaf] fn argument_count() -> int;
            /// An argument; bytes that are not UTF-8 are replaced.
            [leaf] fn argument(index: int) -> ptr;
            /// How many workers there are, started or not.
            [leaf] fn worker_count() -> int;
            /// A number of the worker with this index; `statistic` is a `layout::Statistic`.
            [leaf] fn worker_statistic(worker: int, statistic: int) -> int;
            /// Bytes that the heap has taken from the system and not given back.
            [leaf] fn heap_bytes() -> int;
            /// Looks up an environment variable: the string in `into` becomes its value. 1 if there is one, else 0.
            [leaf] fn environment_variable(name: ptr, into: ptr) -> int;

            /// The number of the test that an executable of tests is to run, from `PLAT_TEST`; negative without one.
            [leaf] fn test_number() -> int;

            /// A new, unstarted task: its captures are uninitialised until compiled code stores them. The result is a handle (counted).
            /// `descriptor` is a `TaskDescriptor`, `scope` a `ScopeRecord` opened by the running task, or null.
            [leaf] fn task_new(descriptor: ptr, scope: ptr) -> ptr;
            /// A task that has ended, whose result the caller stores.
            [leaf] fn task_completed(descriptor: ptr) -> ptr;
            /// Whether anything is bound in the running task.
            [leaf] fn has_locals() -> int;
            /// What is bound in the running task: a handle of a task of the library's.
            [leaf] fn locals() -> ptr;
            /// Binds this in the running task, in place of what was bound before.
            [leaf] fn set_locals(bindings: ptr) -> ();
            /// Binds nothing in the running task.
            [leaf] fn clear_locals() -> ();
            /// Binds in a new task what is bound in the running one.
            [leaf] fn inherit_locals(task: ptr) -> ();
            /// As `task_new`, in the scope that `scope_claim` gave, which counts it already.
            [leaf] fn task_new_claimed(descriptor: ptr, scope: ptr) -> ptr;
            /// Makes a task ready to be run, once its captures are stored.
            [leaf] fn task_start(task: ptr) -> ();
            /// As `task_start` of a task whose record compiled code has filled.
            [leaf] fn task_start_filled(task: ptr) -> ();
            /// Sees to it that the worker record has numbers for tasks.
            [leaf] fn task_numbers() -> ();
            /// Wakes another worker if one sleeps, and there is enough to do for it.
            [leaf] fn wake_worker() -> ();
            /// Waits until the task has finished; its result then stands in the record. Re-raises the task's panic.
            [suspends] fn task_await(task: ptr) -> ();
            /// Waits until the task has finished, 1, or `clock_monotonic` shows `deadline`, 0. Raises nothing of the task.
            [suspends] fn task_wait(task: ptr, deadline: int) -> int;
            /// Takes out the result of a finished task, which is one that a single task may have. Panics when it has been taken before.
            [throws] fn task_take(task: ptr) -> ();
            /// How a finished task has ended: 0 with a result, 1 by a panic, 2 cancelled.
            [leaf] fn task_outcome(task: ptr) -> int;
            /// Cancels the task, and does not wait.
            [leaf] fn task_cancel(task: ptr) -> ();
            /// Names a new task, unless the name is empty.
            [leaf] fn task_set_name(task: ptr, name: ptr) -> ();
            /// The task's name, `task-ID` if none was given.
            [leaf] fn task_name(task: ptr) -> ptr;
            /// One more handle.
            [leaf] fn task_retain(task: ptr) -> ();
            /// One handle less.
            [leaf] fn task_release(task: ptr) -> ();
            /// The task that computes the constant of a `GlobalCell`, made and started at its first use: one more handle.
            [leaf] fn global_task(cell: ptr) -> ptr;
            /// Takes over a handle of a task of `global_task`, the last one first; null when there are no more.
            [leaf] fn global_take() -> ptr;
            /// Whether the task has finished.
            [leaf] fn task_is_done(task: ptr) -> int;
            /// The task's number, unique in the program's run.
            [leaf] fn task_id(task: ptr) -> int;

            /// Leaves a scope at its end: waits for its tasks, then closes it. Raises the first failure among them.
            [suspends] fn scope_exit(scope: ptr) -> ();
            /// Leaves a scope early: cancels its tasks, waits for them and closes it. Raises the first failure among them.
            [suspends] fn scope_leave(scope: ptr) -> ();

            /// With `isolates`, lets a panic of a task of the scope hurt only those who await it. This and the next three before anything is spawned.
            [leaf] fn scope_isolate(scope: ptr, isolates: int) -> ();
            /// Names the scope.
            [leaf] fn scope_name(scope: ptr, name: ptr) -> ();
            /// A handle of the scope, by which others spawn into it.
            [leaf] fn scope_handle(scope: ptr) -> ptr;
            /// Counts a task that is about to be made in the scope of a handle, by any task. The scope's record, which stays where it is
            /// until that task has finished. Panics when the scope has ended.
            [throws] fn scope_claim(handle: ptr) -> int;
            /// Lets at most `limit` tasks of the scope run at once. Panics unless that is positive.
            [throws] fn scope_limit(scope: ptr, limit: int) -> ();
            /// Cancels the scope once `clock_monotonic` shows `deadline`.
            [leaf] fn scope_deadline(scope: ptr, deadline: int) -> ();
            /// Calls the value of type `fn()` at `body`, inside of the scope. 0 if it returns. A cancellation of this scope that comes out of it
            /// ends here, and is the result 1; of another it goes on.
            [suspends] fn scope_catch(scope: ptr, body: ptr) -> int;

            /// Cancels the scope that the running task is in.
            [leaf] fn cancel_scope() -> ();
            /// Unwinds the running task if it has been cancelled.
            [suspends] fn check_cancelled() -> ();
            /// Says that what the object refers to is in use until here. Compiled code does not call it.
            [leaf] fn keep(object: ptr) -> ();
            /// Whether the next suspension point will unwind the running task.
            [leaf] fn is_cancelled() -> int;
            /// From here to the matching `unshield` the running task does not see cancellations.
            [leaf] fn shield() -> ();
            /// Ends the last `shield`.
            [leaf] fn unshield() -> ();

            /// Gives other tasks their turn. A suspension point.
            [suspends] fn yield_now() -> ();
            /// What a poll comes to when something is asked of the worker: others have their turn if it is theirs. With `ends` the task also
            /// unwinds if it has been cancelled. Loops call it by the stub `plat_loop_poll`, or `plat_loop_pause` without `ends`, which keep all
            /// registers.
            [suspends] fn poll(ends: int) -> ();

            /// A new channel: `capacity` elements, 0 for a rendezvous, negative for unbounded. `element` is a `TypeInfo`. Panics when the
            /// capacity is absurd.
            [throws] fn channel_new(capacity: int, element: ptr) -> ptr;
            /// One more reference.
            [leaf] fn channel_retain(channel: ptr) -> ();
            /// One reference less.
            [leaf] fn channel_release(channel: ptr) -> ();
            /// Sends the value at `value`, which it takes. Waits for room. Panics on a closed channel.
            [suspends] fn channel_send(channel: ptr, value: ptr) -> ();
            /// Receives into `into`. 1 for a value, 0 when the channel is closed and empty.
            [suspends] fn channel_recv(channel: ptr, into: ptr) -> int;
            /// Sends the value at `value` if there is room, which it then takes. 0 sent, 1 full, 2 closed.
            [throws] fn channel_try_send(channel: ptr, value: ptr) -> int;
            /// Receives into `into` if there is a value. 0 received, 1 empty, 2 closed.
            [throws] fn channel_try_recv(channel: ptr, into: ptr) -> int;
            /// As `channel_send`, but waits no longer than until `clock_monotonic` shows `deadline`, which is less than the greatest number.
            /// 0 sent, 1 too late, 2 closed.
            [suspends] fn channel_send_until(channel: ptr, value: ptr, deadline: int) -> int;
            /// As `channel_recv`, but waits no longer than until `clock_monotonic` shows `deadline`. 1 for a value, 0 closed, 2 too late.
            [suspends] fn channel_recv_until(channel: ptr, into: ptr, deadline: int) -> int;
            /// Closes the channel; twice has no effect.
            [leaf] fn channel_close(channel: ptr) -> ();
            /// Whether the channel is closed.
            [leaf] fn channel_is_closed(channel: ptr) -> int;
            /// How many values wait in the channel.
            [leaf] fn channel_length(channel: ptr) -> int;
            /// The capacity, negative when unbounded.
            [leaf] fn channel_capacity(channel: ptr) -> int;

            /// A gathering with room for so many tasks.
            [leaf] fn gathering_new(tasks: int) -> int;
            /// Adds a task, which is borrowed until `gathering_end`: its number is how many there were.
            [leaf] fn gathering_add(gathering: int, task: ptr) -> ();
            /// Waits until one more of the tasks has finished, and gives its number, in the order in which they finish. -1 if there are no more.
            [suspends] fn gathering_next(gathering: int) -> int;
            /// Forgets the tasks, and frees the gathering.
            [leaf] fn gathering_end(gathering: int) -> ();

            /// Makes a selector of the record at `record` (`select::record_size`), with room for so many arms. The rows below add them, numbered
            /// from 0. What they wait for is borrowed until `select_wait` has returned.
            [leaf] fn select_new(record: ptr, arms: int) -> int;
            /// An arm that receives; with `ignores_closed` it is never ready once the channel is closed and empty.
            [leaf] fn select_recv(selector: int, channel: ptr, ignores_closed: int) -> ();
            /// An arm that sends the value at `value`, which it takes if it is chosen.
            [leaf] fn select_send(selector: int, channel: ptr, value: ptr) -> ();
            /// An arm that waits until a task has finished.
            [leaf] fn select_await(selector: int, task: ptr) -> ();
            /// An arm that waits until the word at `word`, whose waiters are `waiters`, is `least` or more, as an unsigned number, and then takes `take` from
            /// it. Bit 0 of the word says that somebody waits; who is woken (`sync_wake`) has got what it waits for.
            [leaf] fn select_word(selector: int, waiters: ptr, word: ptr, least: int, take: int) -> ();
            /// An arm that waits until `clock_monotonic` shows `deadline`.
            [leaf] fn select_deadline(selector: int, deadline: int) -> ();
            /// An arm that is never ready.
            [leaf] fn select_never(selector: int) -> ();
            /// Waits for the first arm that is ready, does what it waits for, and gives its number; with `has_default` that of arms if none is.
            /// Arms are tried in order if `is_biased`, else from a random one on. Gives the selector up unless the arm has a result to take.
            [suspends] fn select_wait(selector: int, is_biased: int, has_default: int) -> int;
            /// Moves what the chosen arm has received to `into`, 1, or says that its channel is closed, 0; and gives the selector up.
            [leaf] fn select_take(selector: int, into: ptr) -> int;

            /// Goes on on a thread that the task may block. 0 if it is on such a thread already.
            [suspends] fn blocking_enter() -> int;
            /// Goes back to the workers. No suspension point.
            [suspends] fn blocking_leave() -> ();
            /// Starts a new task of no scope on a thread of its own, once its captures are stored.
            [leaf] fn thread_start(task: ptr) -> ();

            /// Waits in `waiters`, `layout::WAITERS_SIZE` bytes, until woken, if the word at `word` is the expected one. Gives the token of who wakes, 0 if
            /// the word is another or for no reason, or -1 if `clock_monotonic` shows `deadline` before. `how`: bit 0 to be woken first, from bit 1 on
            /// what for (`WaitReason::of_lock`).
            [suspends] fn sync_wait(waiters: ptr, word: ptr, expected: int, how: int, deadline: int) -> int;
            /// Wakes the first of `waiters` with a token. If there is one, adds to the word; if none is left, clears bits of it; both before
            /// anybody else can wait. How many were woken.
            [leaf] fn sync_wake(waiters: ptr, word: ptr, add: int, clear: int, token: int) -> int;
            /// As `sync_wake` of all of them, with the token 1 and `each` added once more for each.
            [leaf] fn sync_wake_all(waiters: ptr, word: ptr, add: int, each: int, clear: int) -> int;
            /// Passes a moment. 0 where nothing can happen meanwhile.
            [leaf] fn sync_pause(rounds: int) -> int;

            /// The system's text for an error number.
            [leaf] fn error_text(code: int) -> ptr;
            /// The `layout::ErrorKind` of an error number.
            [leaf] fn error_kind(code: int) -> int;

            /// Waits until it is worth trying the source's direction (0 in, 1 out) again, 1, or until `clock_monotonic` shows `deadline`, 0; then it
            /// is worth trying a last time. `what` says what for in reports (`WaitReason::of_source`). This and the rows below take the numbers of sources, which whoever got them gives up
            /// by `source_release`. Where they fail the result is the negative error number of the system, or the least number: then one has to
            /// wait, and try again.
            [suspends] fn source_wait(source: int, direction: int, what: int, deadline: int) -> int;
            /// Closes a source: who uses it finds out.
            [leaf] fn source_close(source: int) -> ();
            /// Closes a source, and gives it up.
            [leaf] fn source_release(source: int) -> ();

            /// A source for the descriptor 0, 1 or 2 that the program was started with.
            [leaf] fn stream_standard(descriptor: int) -> int;
            /// Appends what there is to read to the buffer of bytes at `into`, which is its caller's alone and has room for `most`. How many; 0 at the
            /// end. Where the call would have to block, and may not, the result is the least number but one: then it has to be made where it may.
            [leaf] fn stream_read(source: int, into: ptr, most: int, may_block: int) -> int;
            /// Writes the bytes of a buffer from `start` on, or the first of them. How many; else as `stream_read`.
            [leaf] fn stream_write(source: int, bytes: ptr, start: int, may_block: int) -> int;

            /// Opens a file. `mode` is made of bits of `layout::OpenMode`, `permissions` are those of a file that is made. A source. This and the rows
            /// below about files and paths block their thread, and where they fail give the negative error number.
            [leaf] fn file_open(path: ptr, mode: int, permissions: int) -> int;
            /// Moves to a position: from the beginning (0), from here (1) or from the end (2). Where that is.
            [leaf] fn file_seek(source: int, offset: int, origin: int) -> int;
            /// Waits until what was written is on the disk; with `is_whole` also what is known about the file.
            [leaf] fn file_sync(source: int, is_whole: int) -> int;
            /// Cuts a file off, or adds zeros.
            [leaf] fn file_set_length(source: int, length: int) -> int;
            /// What is known about an open file, to the `layout::MetadataWords` at `into`.
            [leaf] fn file_metadata(source: int, into: ptr) -> int;
            /// What is known about what is at a path; with `follows` of what links lead to.
            [leaf] fn path_metadata(path: ptr, follows: int, into: ptr) -> int;
            /// Sets who may do what with a file.
            [leaf] fn path_set_permissions(path: ptr, permissions: int) -> int;
            /// Gives a file or directory another path, where something may be already.
            [leaf] fn path_rename(from: ptr, to: ptr) -> int;
            /// Copies a file and its permissions. How many bytes.
            [leaf] fn path_copy(from: ptr, to: ptr) -> int;
            /// Makes a link at a path: a second name of a file, or one that leads to another path.
            [leaf] fn path_link(target: ptr, path: ptr, is_symbolic: int) -> int;
            /// Appends to the string at `into` where a link leads to.
            [leaf] fn path_link_target(path: ptr, into: ptr) -> int;
            /// Appends to the string at `into` the path from the root, without links.
            [leaf] fn path_resolve(path: ptr, into: ptr) -> int;
            /// Removes a file (0), an empty directory (1), or one with all that is in it (2).
            [leaf] fn path_remove(path: ptr, what: int) -> int;
            /// Makes a directory; with `with_parents` also those that it is in, and there may be one already.
            [leaf] fn directory_create(path: ptr, with_parents: int, permissions: int) -> int;
            /// Begins to list a directory: a listing, which `directory_close` gives up.
            [leaf] fn directory_open(path: ptr) -> int;
            /// Appends the next entries to the string at `into`, each a digit (`layout::FileType`), a name, and a zero. How many; 0 at the end.
            [leaf] fn directory_next(listing: int, into: ptr) -> int;
            /// Gives a listing up.
            [leaf] fn directory_close(listing: int) -> ();

            /// Appends the program's current directory to the string at `into`. 0, or the negative error number.
            [leaf] fn current_directory(into: ptr) -> int;
            /// All environment variables, each as `NAME=VALUE` and a zero; bytes that are not UTF-8 are replaced.
            [leaf] fn environment() -> ptr;

            /// Starts a program, as the `layout::ChildWords` at `child` say, which become what there is of it. `arguments` and `environment`, names and
            /// values, are buffers of strings; an empty `directory` is the current one. Blocks its thread. A process, or the negative error number.
            [leaf] fn process_spawn(program: ptr, arguments: ptr, environment: ptr, directory: ptr, child: ptr) -> int;
            /// How a process has ended: its exit code, or 256 and the number of the signal that ended it. If it has not, the least number: then the source
            /// `ended`, if that is none of the negative numbers, tells when.
            [leaf] fn process_outcome(process: int, ended: int) -> int;
            /// Sends a signal to a process, unless it has ended.
            [leaf] fn process_signal(process: int, signal: int) -> int;
            /// Ends a process, and gives it up.
            [leaf] fn process_release(process: int) -> ();

            /// A source that gives a byte, its number, for each signal that comes, of those for whose numbers `signals` has bits. They do nothing else then.
            [leaf] fn signals_open(signals: int) -> int;
            /// Gives such a source up.
            [leaf] fn signals_release(source: int) -> ();

            /// A source that accepts connections at an address (`layout::AddressWords`).
            [leaf] fn net_listen(address: ptr, backlog: int) -> int;
            /// A source for the next connection to another.
            [leaf] fn net_accept(listener: int) -> int;
            /// An arm that accepts the next connection to a listener.
            [leaf] fn select_accept(selector: int, listener: int) -> ();
            /// An arm that waits until there is something to receive.
            [leaf] fn select_readable(selector: int, source: int) -> ();
            /// What came of the chosen arm, of one of the two rows before, as of `net_accept`; gives the selector up.
            [leaf] fn select_outcome(selector: int) -> int;
            /// Accepts a connection and ends it at once, though no further descriptor can be had. 0 if there was one.
            [leaf] fn net_shed(listener: int) -> int;
            /// A source that is about to be connected to an address.
            [leaf] fn net_connect(address: ptr) -> int;
            /// Whether an attempt to connect has succeeded: 0.
            [leaf] fn net_connected(source: int) -> int;
            /// A source for datagrams at an address.
            [leaf] fn net_datagrams(address: ptr) -> int;
            /// Appends what has come in to the buffer of bytes at `into`, which is its caller's alone and has room for `most`. How many; 0 at the
            /// end.
            [leaf] fn net_receive(source: int, into: ptr, most: int) -> int;
            /// As `net_receive`, of one datagram; `address` becomes its sender's.
            [leaf] fn net_receive_from(source: int, into: ptr, most: int, address: ptr) -> int;
            /// Sends the bytes of a buffer from `start` up to `end`, or the first of them. How many.
            [leaf] fn net_send(source: int, bytes: ptr, start: int, end: int) -> int;
            /// Sends the bytes of a buffer of buffers, but for those before the one with the index `first` and `skip` of that, or the first of them. How many.
            [leaf] fn net_send_all(source: int, parts: ptr, first: int, skip: int) -> int;
            /// Sends a buffer of bytes as one datagram.
            [leaf] fn net_send_to(source: int, bytes: ptr, address: ptr) -> int;
            /// Connects a source for datagrams to an address.
            [leaf] fn net_set_peer(source: int, address: ptr) -> int;
            /// Says that nothing more will be sent (1), or received (0).
            [leaf] fn net_shutdown(source: int, direction: int) -> int;
            /// Sets a `layout::SocketOption`.
            [leaf] fn net_set_option(source: int, option: int, value: int) -> int;
            /// Looks up a `layout::SocketOption`.
            [leaf] fn net_option(source: int, option: int) -> int;
            /// `address` becomes the source's own.
            [leaf] fn net_local_address(source: int, address: ptr) -> int;
            /// `address` becomes that of who is at the other end, as it was when the source was made; none where that is not known.
            [leaf] fn net_peer_address(source: int, address: ptr) -> ();
            /// The text of that address; empty where it is not known.
            [leaf] fn net_peer_text(source: int) -> ptr;
            /// A source that accepts connections at a path.
            [leaf] fn unix_listen(path: ptr, backlog: int) -> int;
            /// A source that is connected to a path.
            [leaf] fn unix_connect(path: ptr) -> int;
            /// Two sources that are connected to each other, the second in `other`.
            [leaf] fn unix_pair(other: ptr) -> int;
            /// The addresses of a name, each a line in the string at `into`. Blocks its thread. An error's text stands there instead, and the
            /// result is negative.
            [leaf] fn net_resolve(name: ptr, into: ptr) -> int;
            /// Reads an address without a port. 1 if the text is one.
            [leaf] fn address_parse(text: ptr, address: ptr) -> int;
            /// The text of an address without its port.
            [leaf] fn address_text(address: ptr) -> ptr;

            /// Reads the head of an HTTP message from the buffer of bytes, from `start` on. `seen` bytes were looked at before, in vain, or `start`.
            /// `is_response` says which kind. Fills the buffer of integers at `words` with positions, see `http::Head` of the runtime. Where the
            /// head ends; 0 if it goes on; negative if it is none: -1 malformed, -2 too many headers, -3 another version.
            [leaf] fn http_parse_head(bytes: ptr, start: int, seen: int, is_response: int, words: ptr) -> int;
            /// The moment that a date of HTTP says, in seconds since 1970; -1 if the text is none.
            [leaf] fn http_date(text: ptr) -> int;

            /// The address of a variable's state.
            [leaf] fn stm_address(variable: ptr) -> int;
            /// The value of the variable with that state, a task that has ended with a result; its version goes to `version`.
            [leaf] fn stm_read(variable: ptr, version: ptr) -> ptr;
            /// When a transaction goes on that has read what is in the buffer of `stm::Read` at `reads`, if all is as it was; else -1.
            [leaf] fn stm_extend(reads: ptr) -> int;
            /// Commits a transaction that began at `started`, with buffers of `stm::Read` and, at the address `writes`, of `stm::Write`, which has what
            /// was there before afterwards. `turn` is 1 if it commits alone. 0 done, 1 something else was done meanwhile, 2 another has the turn.
            [leaf] fn stm_commit(reads: ptr, writes: ptr, started: int, turn: int) -> int;
            /// Takes the turn, 1, or gives it back, 0.
            [leaf] fn stm_set_turn(turn: int) -> ();
            /// Waits until something has changed that was read. The caller keeps the variables.
            [suspends] fn stm_wait(reads: ptr) -> int;
            /// Begins a transaction of the task, with an object that stays until it is over. When it does so, by the clock of commits.
            [leaf] fn transaction_enter(log: ptr) -> int;
            /// The object that the task's transaction has begun with.
            [leaf] fn transaction_log() -> ptr;
            /// Ends the task's transaction, and then the life of what was dropped meanwhile. Raises what a `deinit` panics with.
            [throws] fn transaction_leave() -> ();
            /// Leaves the end of an object's life, which calling `end` with it is, until the task's transaction is over.
            [leaf] fn transaction_drop(object: ptr, end: ptr) -> ();
            /// Unwinds the task's transaction, which has seen a change: -1 of `catch_panic`.
            [diverges] fn transaction_restart() -> never;
            /// Unwinds the task's transaction until something has changed: -2 of `catch_panic`. Panics outside of transactions.
            [diverges] fn transaction_retry() -> never;

            /// Calls the value of type `fn()` at `body`. 0 if it returns; a panic that comes out of it ends here, and is the result, or a negative
            /// number if the task's transaction is unwound. It does not end a cancellation.
            [suspends] fn catch_panic(body: ptr) -> int;
            /// Raises a panic that was caught, or goes on with what a negative number stands for.
            [diverges] fn caught_raise(caught: int) -> never;
            /// A text of a panic that was caught: its message (0), its place (1) or its report (2).
            [leaf] fn caught_text(caught: int, part: int) -> ptr;
            /// Forgets a panic that was caught.
            [leaf] fn caught_release(caught: int) -> ();

            /// Puts the panic that the stub `plat_call_deinit` has caught into the worker record, or beside the one that is there.
            [leaf] fn deinit_panicked(caught: int) -> ();
            /// Raises the panic in the worker record.
            [throws] fn raise_deinit_panic() -> ();

            /// Panics with a message.
            [diverges] fn panic(message: ptr) -> never;
            /// Panics because integer arithmetic overflowed; `operation` is a `layout::Arithmetic`.
            [diverges] fn panic_overflow(operation: int) -> never;
            /// Panics because of a division by zero.
            [diverges] fn panic_division_by_zero() -> never;
            /// Panics because an index is not below the length.
            [diverges] fn panic_index(index: int, length: int) -> never;
            /// Panics because something is in use since `place`, both strings.
            [diverges] fn panic_in_use(what: ptr, place: ptr) -> never;
            /// Panics because the task does already what the string `what` says, in its frame at that address.
            [diverges] fn panic_held(what: ptr, frame: int) -> never;
            /// Panics because `as` could not convert exactly.
            [diverges] fn panic_cast() -> never;
            /// Where the check of the stack has failed. 0 if there is room and the check stood for a poll, which this then was. Else makes ready
            /// the segment of stack that the call of `__morestack` which follows goes to, and 1; panics when the task's stack is as large as
            /// it may get.
            [suspends] fn stack_grow(ends: int) -> int;
            /// Ends the program at once.
            [diverges] fn exit(code: int) -> never;
        }
    };
}

use crate::secure_functions;

/// What a runtime function may do to the task that calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Returns, always.
    Leaf,
    /// Returns or unwinds.
    Throws,
    /// May suspend, may unwind.
    Suspends,
    /// Never returns.
    Diverges,
}

/// A part of the runtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// What all programs have: rows of [`runtime_functions!`].
    Core,
    /// What only programs have that speak TLS or make hashes: rows of [`secure_functions!`](crate::secure_functions).
    Secure,
}

/// A type at the boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// A 64-bit integer.
    Int,
    /// An address.
    Ptr,
    /// A double.
    F64,
}

macro_rules! define_enum {
    ($($(#[doc = $doc:literal])* [$effect:ident] fn $name:ident($($parameter:ident: $ty:ident),*) -> $result:tt;)*) => {
        /// A runtime function: one row of the table.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u16)]
        pub enum RuntimeFn {
            $($(#[doc = $doc])* $name,)*
        }

        impl RuntimeFn {
            /// Every row, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The row's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The symbol compiled code calls.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$name => concat!("plat_", stringify!($name)),)* }
            }

            /// What a call may do to the calling task.
            pub const fn effect(self) -> Effect {
                match self { $(Self::$name => effect!($effect),)* }
            }

            /// Parameter types, without the worker that stands first.
            pub const fn parameters(self) -> &'static [Word] {
                match self { $(Self::$name => &[$(word!($ty)),*],)* }
            }

            /// Names of the parameters.
            pub const fn parameter_names(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$(stringify!($parameter)),*],)* }
            }

            /// Result type; `None` for `()` and `never`.
            pub const fn result(self) -> Option<Word> {
                match self { $(Self::$name => result!($result),)* }
            }
        }
    };
}

macro_rules! effect {
    (leaf) => {
        Effect::Leaf
    };
    (throws) => {
        Effect::Throws
    };
    (suspends) => {
        Effect::Suspends
    };
    (diverges) => {
        Effect::Diverges
    };
}

macro_rules! word {
    (int) => {
        Word::Int
    };
    (ptr) => {
        Word::Ptr
    };
    (f64) => {
        Word::F64
    };
}

macro_rules! result {
    (()) => {
        None
    };
    (never) => {
        None
    };
    ($ty:ident) => {
        Some(word!($ty))
    };
}

/// Defines the enum of all rows: these, and the secure ones.
macro_rules! define_with_secure {
    ($($rows:tt)*) => {
        secure_functions!(define_enum, $($rows)*);
    };
}

runtime_functions!(define_with_secure);

/// Lists the secure rows.
macro_rules! list_secure {
    ($($(#[doc = $doc:literal])* [$effect:ident] fn $name:ident($($parameter:ident: $ty:ident),*) -> $result:tt;)*) => {
        const SECURE: &[RuntimeFn] = &[$(RuntimeFn::$name),*];
    };
}

secure_functions!(list_secure,);

impl RuntimeFn {
    /// The part of the runtime that has it.
    pub fn part(self) -> Part {
        if SECURE.contains(&self) { Part::Secure } else { Part::Core }
    }

    /// The row with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }
}

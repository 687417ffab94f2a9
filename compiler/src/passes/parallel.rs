//! Runs what looks at one function, or one of something else, at a time on several threads.

use std::sync::Mutex;

use crate::mir::{Function, Mir};

/// Fewer items than this are soon done by one thread.
const LEAST_FOR_THREADS: usize = 64;

/// Items that a thread takes at a time: enough that taking them costs nothing, few enough that all end together.
const BATCH: usize = 16;

/// More threads than this find too little to do beside the serial rest.
const MOST_THREADS: usize = 8;

/// Does `work` to every function, on each thread with what `begin` makes there.
pub(super) fn for_each_function<S>(
    mir: &mut Mir,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &mut Function) + Sync,
) {
    for_each(mir.functions.as_mut_slice(), begin, work);
}

/// Does `work` to every item, on each thread with what `begin` makes there.
pub(super) fn for_each<S, T: Send>(
    items: &mut [T],
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &mut T) + Sync,
) {
    if items.len() < LEAST_FOR_THREADS {
        let mut state = begin();
        return items.iter_mut().for_each(|item| work(&mut state, item));
    }
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST_THREADS));
    let batches = Mutex::new(items.chunks_mut(BATCH));
    let next = || batches.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
    let run = || {
        let mut state = begin();
        while let Some(batch) = next() {
            batch.iter_mut().for_each(|item| work(&mut state, item));
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        run();
        for other in others {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

//! The same work for many things, on several threads, with results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Most things that a thread takes at a time: enough that taking them costs nothing, few enough that all threads end together.
const MOST_AT_A_TIME: usize = 16;

/// More threads than this find too little to do beside what is done by one.
const MOST_THREADS: usize = 8;

/// Stack for each thread: the stages recurse with the nesting of the program, which the parser bounds. Untouched pages cost
/// nothing.
const STACK_SIZE: usize = 512 << 20;

fn thread_count() -> usize {
    thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST_THREADS))
}

/// Does `work` for each number below `count` and returns what it gave, in order. Below `least` the caller's thread does all of it:
/// starting another takes some 50 µs.
pub fn map<T: Send>(count: usize, least: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    map_with(count, least, || (), |(), number| work(number))
}

/// Like [`map`], for work that needs something of its own on each thread, which `begin` makes.
pub fn map_with<S, T: Send>(
    count: usize,
    least: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let threads = thread_count();
    if count < least || threads == 1 {
        let mut state = begin();
        return (0..count).map(|number| work(&mut state, number)).collect();
    }
    let at_a_time = (count / (threads * MOST_AT_A_TIME)).clamp(1, MOST_AT_A_TIME);
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = begin();
        let mut done: Vec<(usize, Vec<T>)> = Vec::new();
        loop {
            let start = next.fetch_add(at_a_time, Ordering::Relaxed);
            if start >= count {
                return done;
            }
            let numbers = start..count.min(start + at_a_time);
            done.push((start, numbers.map(|number| work(&mut state, number)).collect()));
        }
    };
    let mut batches = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, run).ok();
        // Without another thread this one does what there is to do.
        let others: Vec<_> = (1..threads).filter_map(start).collect();
        let mut batches = run();
        for other in others {
            batches.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        batches
    });
    batches.sort_by_key(|&(start, _)| start);
    batches.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_order() {
        let squares = map(1000, 2, |number| number * number);
        assert!(squares.iter().enumerate().all(|(number, &square)| square == number * number));
        assert_eq!(squares.len(), 1000);
        assert_eq!(map(3, 100, |number| number), [0, 1, 2]);
    }
}

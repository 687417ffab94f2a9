//! Models of a worker's newest tasks, checked in every interleaving by loom, as those in `models` are: of the very file that the runtime
//! uses.
//!
//! One thief only: a `swap` that fails may read an old value in loom and is then taken for the newest one, so that two who swap the same word
//! wait for ever. That is also why there is no model of `spin`.

#![allow(dead_code, reason = "the models use parts of it")]

#[path = "scheduler/newest.rs"]
mod newest;

use loom::sync::Arc;
use loom::thread;

use newest::{KEPT, Newest};

/// Tasks that a thief takes from an owner who goes on working: those that it got.
fn robbed(newest: &Arc<Newest<usize>>) -> thread::JoinHandle<Vec<usize>> {
    let newest = newest.clone();
    thread::spawn(move || {
        let mut got = Vec::new();
        let last = newest.steal(|task| got.push(task));
        got.extend(last);
        got
    })
}

#[test]
fn loom_each_task_is_taken_once() {
    loom::model(|| {
        let newest = Arc::new(Newest::new());
        for task in 0..3 {
            assert!(newest.push(task).is_none());
        }
        let thief = robbed(&newest);
        let mut taken: Vec<usize> = newest.pop().into_iter().collect();
        assert!(newest.push(3).is_none());
        if newest.take(1) {
            taken.push(1);
        }
        taken.extend(thief.join().unwrap());
        while let Some(task) = newest.pop_oldest() {
            taken.push(task);
        }
        taken.sort_unstable();
        assert_eq!(taken, [0, 1, 2, 3]);
    });
}

#[test]
fn loom_a_full_queue_spills_what_no_thief_has() {
    loom::model(|| {
        let newest = Arc::new(Newest::new());
        for task in 0..KEPT {
            assert!(newest.push(task).is_none());
        }
        let thief = robbed(&newest);
        let spilled = newest.push(KEPT);
        let mut taken = thief.join().unwrap();
        taken.extend(spilled.into_iter().flatten());
        while let Some(task) = newest.pop() {
            taken.push(task);
        }
        taken.sort_unstable();
        assert_eq!(taken, (0..=KEPT).collect::<Vec<_>>());
    });
}

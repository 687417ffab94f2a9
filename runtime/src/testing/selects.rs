//! Waiting for the first of several things.

use core::time::Duration;

use plat_abi::select::record_size;

use super::{Body, SMALL, WORD, call, concurrent, run, spawn};

fn channel(capacity: i64) -> usize {
    call!(channel_new, capacity, &raw const WORD)
}

/// Room for a selector of two arms.
type Record = [u64; record_size(2) / size_of::<u64>()];

/// A selector in the record.
fn select_in(record: &mut Record) -> usize {
    call!(select_new, record.as_mut_ptr(), 2)
}

fn take(selector: usize) -> Option<usize> {
    let mut value = 0usize;
    (call!(select_take, selector, &raw mut value) == 1).then_some(value)
}

fn on_1_2_and_4_workers(code: super::Code) {
    for workers in [1, 2, 4] {
        assert_eq!(run(workers, code), 1, "on {workers} workers");
    }
}

/// Sends `captured(1)` values of 1 to one of two channels each, whichever takes it.
extern "C" fn sends_anywhere(body: Body) {
    for _ in 0..body.captured(2) {
        let value = 1usize;
        let mut record = Record::default();
        let selector = select_in(&mut record);
        call!(select_send, selector, body.captured(0), &raw const value);
        call!(select_send, selector, body.captured(1), &raw const value);
        call!(select_wait, selector, 0, 0);
    }
}

/// Sums what comes from two channels until it is `captured(2)`.
extern "C" fn sums_both(body: Body) {
    let mut sum = 0;
    while sum < body.captured(2) {
        let mut record = Record::default();
        let selector = select_in(&mut record);
        call!(select_recv, selector, body.captured(0), 0);
        call!(select_recv, selector, body.captured(1), 0);
        call!(select_wait, selector, 0, 0);
        sum += take(selector).expect("never closed");
    }
    body.returns(sum);
}

fn select_to_select(body: Body, capacity: i64) {
    const EACH: usize = 2000;
    let (first, second) = (channel(capacity), channel(capacity));
    let sum: usize = concurrent(|scope| {
        let receivers = [(); 2].map(|()| spawn(&SMALL, scope, sums_both, [first, second, 2 * EACH]));
        for _ in 0..4 {
            spawn(&SMALL, scope, sends_anywhere, [first, second, EACH]).forget();
        }
        receivers.into_iter().map(|receiver| receiver.join()).sum()
    });
    call!(channel_release, first);
    call!(channel_release, second);
    body.returns(usize::from(sum == 4 * EACH));
}

#[test]
fn senders_and_receivers_that_both_select_meet() {
    extern "C" fn main(body: Body) {
        select_to_select(body, 0);
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn senders_and_receivers_that_both_select_share_buffers() {
    extern "C" fn main(body: Body) {
        select_to_select(body, 3);
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn time_and_defaults_end_a_select() {
    extern "C" fn main(body: Body) {
        let silent = channel(0);
        let mut record = Record::default();
        let selector = select_in(&mut record);
        call!(select_recv, selector, silent, 0);
        let deadline = call!(clock_monotonic) + Duration::from_millis(3).as_nanos() as usize;
        call!(select_deadline, selector, deadline);
        let timed_out = call!(select_wait, selector, 0, 0) == 1;
        let mut record = Record::default();
        let selector = select_in(&mut record);
        call!(select_recv, selector, silent, 0);
        let by_default = call!(select_wait, selector, 0, 1) == 1;
        call!(channel_close, silent);
        let mut record = Record::default();
        let selector = select_in(&mut record);
        call!(select_recv, selector, silent, 0);
        let closed = call!(select_wait, selector, 0, 0) == 0 && take(selector).is_none();
        call!(channel_release, silent);
        body.returns(usize::from(timed_out && by_default && closed));
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn the_first_task_to_finish_is_told() {
    extern "C" fn slow(body: Body) {
        call!(sleep_until, call!(clock_monotonic) + 10_000_000);
        body.returns(1);
    }
    extern "C" fn fast(body: Body) {
        body.returns(2);
    }
    extern "C" fn main(body: Body) {
        let (number, result) = concurrent(|scope| {
            let tasks = [spawn(&SMALL, scope, slow, [0; 3]), spawn(&SMALL, scope, fast, [0; 3])];
            let mut record = Record::default();
            let selector = select_in(&mut record);
            for task in tasks {
                call!(select_await, selector, task.0);
            }
            let number = call!(select_wait, selector, 1, 0);
            (number, tasks.map(|task| task.join()).into_iter().sum::<usize>())
        });
        body.returns(usize::from(number == 1 && result == 3));
    }
    on_1_2_and_4_workers(main);
}

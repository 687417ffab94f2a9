//! Waiting for a time, and no longer than until a time.

use core::time::Duration;
use std::time::Instant;

use super::{Body, SMALL, WORD, call, concurrent, run, spawn};

fn after(delay: Duration) -> usize {
    call!(clock_monotonic) + delay.as_nanos() as usize
}

fn on_1_2_and_4_workers(code: super::Code) {
    for workers in [1, 2, 4] {
        assert_eq!(run(workers, code), 1, "on {workers} workers");
    }
}

extern "C" fn sleeps(body: Body) {
    let delay = Duration::from_micros(body.captured(0) as u64);
    let start = Instant::now();
    call!(sleep_until, after(delay));
    body.returns(usize::from(start.elapsed() >= delay));
}

#[test]
fn sleepers_do_not_wake_early() {
    extern "C" fn main(body: Body) {
        let slept: usize = concurrent(|scope| {
            let tasks: Vec<_> =
                (0..500).map(|n| spawn(&SMALL, scope, sleeps, [n * 37 % 20_000, 0, 0])).collect();
            tasks.into_iter().map(|task| task.join()).sum()
        });
        body.returns(usize::from(slept == 500));
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn a_receiver_waits_no_longer_than_it_says() {
    extern "C" fn main(body: Body) {
        let channel = call!(channel_new, 0, &raw const WORD);
        let mut value = 0usize;
        let start = Instant::now();
        let deadline = after(Duration::from_millis(5));
        let late = call!(channel_recv_until, channel, &raw mut value, deadline) == 2;
        let waited = start.elapsed() >= Duration::from_millis(5);
        let received = concurrent(|scope| {
            spawn(&SMALL, scope, sends_later, [channel, 0, 0]).forget();
            call!(channel_recv_until, channel, &raw mut value, after(Duration::from_secs(60)))
        });
        call!(channel_release, channel);
        body.returns(usize::from(late && waited && received == 1 && value == 7));
    }
    extern "C" fn sends_later(body: Body) {
        let value = 7usize;
        call!(sleep_until, after(Duration::from_millis(2)));
        call!(channel_send, body.captured(0), &raw const value);
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn an_awaiter_waits_no_longer_than_it_says() {
    extern "C" fn receives(body: Body) {
        let mut value = 0usize;
        call!(channel_recv, body.captured(0), &raw mut value);
        body.returns(value);
    }
    extern "C" fn main(body: Body) {
        let channel = call!(channel_new, 0, &raw const WORD);
        let outcome = concurrent(|scope| {
            let task = spawn(&SMALL, scope, receives, [channel, 0, 0]);
            let late = call!(task_wait, task.0, after(Duration::from_millis(1)));
            let value = 7usize;
            call!(channel_send, channel, &raw const value);
            (late, call!(task_wait, task.0, i64::MAX), task.join())
        });
        call!(channel_release, channel);
        body.returns(usize::from(outcome == (0, 1, 7)));
    }
    on_1_2_and_4_workers(main);
}

//! Channels between tasks.

use super::{Body, SMALL, WORD, call, concurrent, run, spawn};

fn channel(capacity: i64) -> usize {
    call!(channel_new, capacity, &raw const WORD)
}

fn send(channel: usize, value: usize) {
    call!(channel_send, channel, &raw const value);
}

fn recv(channel: usize) -> Option<usize> {
    let mut value = 0usize;
    (call!(channel_recv, channel, &raw mut value) == 1).then_some(value)
}

extern "C" fn sends(body: Body) {
    for value in 0..body.captured(1) {
        send(body.captured(0), value);
    }
}

extern "C" fn sums(body: Body) {
    let mut sum = 0;
    while let Some(value) = recv(body.captured(0)) {
        sum += value;
    }
    body.returns(sum);
}

/// Four senders, three receivers; the exit code says whether all arrived.
fn many_to_many(body: Body, capacity: i64) {
    const EACH: usize = 1000;
    let channel = channel(capacity);
    let sum: usize = concurrent(|scope| {
        let receivers = [(); 3].map(|()| spawn(&SMALL, scope, sums, [channel, 0, 0]));
        concurrent(|scope| {
            for _ in 0..4 {
                spawn(&SMALL, scope, sends, [channel, EACH, 0]).forget();
            }
        });
        call!(channel_close, channel);
        receivers.iter().map(|receiver| receiver.join()).sum()
    });
    call!(channel_release, channel);
    body.returns(usize::from(sum == 4 * EACH * (EACH - 1) / 2));
}

fn on_1_2_and_4_workers(code: super::Code) {
    for workers in [1, 2, 4] {
        assert_eq!(run(workers, code), 1, "on {workers} workers");
    }
}

#[test]
fn a_rendezvous_passes_every_value() {
    extern "C" fn main(body: Body) {
        many_to_many(body, 0);
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn a_bounded_channel_passes_every_value() {
    extern "C" fn main(body: Body) {
        many_to_many(body, 7);
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn an_unbounded_channel_passes_every_value() {
    extern "C" fn main(body: Body) {
        many_to_many(body, -1);
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn values_arrive_in_order() {
    extern "C" fn main(body: Body) {
        let channel = channel(3);
        let in_order = concurrent(|scope| {
            spawn(&SMALL, scope, sends, [channel, 500, 0]).forget();
            (0..500).all(|expected| recv(channel) == Some(expected))
        });
        body.returns(usize::from(in_order));
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn trying_tells_full_empty_and_closed() {
    extern "C" fn main(body: Body) {
        let (channel, mut value) = (channel(1), 5usize);
        let place = &raw mut value;
        let mut seen = vec![call!(channel_try_recv, channel, place), call!(channel_try_send, channel, place)];
        seen.push(call!(channel_try_send, channel, place));
        call!(channel_close, channel);
        seen.push(call!(channel_try_send, channel, place));
        seen.push(call!(channel_try_recv, channel, place));
        seen.push(call!(channel_try_recv, channel, place));
        body.returns(usize::from(seen == [1, 0, 1, 2, 0, 2]));
    }
    on_1_2_and_4_workers(main);
}

#[test]
fn ten_thousand_tasks_wait_at_once() {
    extern "C" fn main(body: Body) {
        let (requests, answers) = (channel(0), channel(-1));
        let sum: usize = concurrent(|scope| {
            for _ in 0..10_000 {
                spawn(&SMALL, scope, relays, [requests, answers, 0]).forget();
            }
            (0..10_000).for_each(|value| send(requests, value));
            (0..10_000).filter_map(|_| recv(answers)).sum()
        });
        body.returns(usize::from(sum == 10_000 * 9_999 / 2));
    }
    extern "C" fn relays(body: Body) {
        let value = recv(body.captured(0)).expect("never closed");
        send(body.captured(1), value);
    }
    on_1_2_and_4_workers(main);
}

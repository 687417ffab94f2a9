//! What things cost: printed by `cargo test --release -p plat-rt -- --ignored --nocapture cost`.

use core::time::Duration;

use super::{Body, LARGE, SMALL, WORD, call, concurrent, run, spawn};

/// Processor time of all threads, which other programs do not disturb.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` has room for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Runs `work` and prints its processor time divided by `count`.
fn measure(name: &str, count: usize, work: impl FnOnce()) {
    let start = processor_time();
    work();
    eprintln!("{name}: {:.1} ns", (processor_time() - start).as_nanos() as f64 / count as f64);
}

extern "C" fn nothing(_: Body) {}

extern "C" fn fib(body: Body) {
    let n = body.captured(0);
    if n < 2 {
        return body.returns(n);
    }
    body.returns(concurrent(|scope| {
        let first = spawn(&LARGE, scope, fib, [n - 1, 0, 0]);
        let second = spawn(&LARGE, scope, fib, [n - 2, 0, 0]);
        first.join() + second.join()
    }));
}

extern "C" fn spawn_and_await(_: Body) {
    concurrent(|scope| {
        measure("spawn and await", 1_000_000, || {
            for _ in 0..1_000_000 {
                spawn(&SMALL, scope, nothing, [0; 3]).join();
            }
        });
    });
}

extern "C" fn fork_join(_: Body) {
    concurrent(|scope| {
        measure("fork-join, a spawn of fib(27)", 832_039, || {
            spawn(&LARGE, scope, fib, [27, 0, 0]).join();
        });
    });
}

extern "C" fn million(_: Body) {
    measure("one of 1,000,000 tasks in a scope", 1_000_000, || {
        concurrent(|scope| {
            for _ in 0..1_000_000 {
                spawn(&SMALL, scope, nothing, [0; 3]).forget();
            }
        });
    });
}

extern "C" fn echoes(body: Body) {
    let (requests, answers) = (body.captured(0), body.captured(1));
    let mut value = 0usize;
    while call!(channel_recv, requests, &raw mut value) == 1 {
        call!(channel_send, answers, &raw const value);
    }
}

extern "C" fn ping_pong(_: Body) {
    let (requests, answers) =
        (call!(channel_new, 0, &raw const WORD), call!(channel_new, 0, &raw const WORD));
    concurrent(|scope| {
        spawn(&SMALL, scope, echoes, [requests, answers, 0]).forget();
        measure("rendezvous round trip", 1_000_000, || {
            let mut value = 0usize;
            for _ in 0..1_000_000 {
                call!(channel_send, requests, &raw const value);
                call!(channel_recv, answers, &raw mut value);
            }
        });
        call!(channel_close, requests);
    });
}

extern "C" fn sends(body: Body) {
    for value in 0..1_000_000usize {
        call!(channel_send, body.captured(0), &raw const value);
    }
    call!(channel_close, body.captured(0));
}

extern "C" fn buffered(_: Body) {
    let channel = call!(channel_new, 1024, &raw const WORD);
    concurrent(|scope| {
        spawn(&SMALL, scope, sends, [channel, 0, 0]).forget();
        measure("a value through a channel of 1024", 1_000_000, || {
            let mut value = 0usize;
            while call!(channel_recv, channel, &raw mut value) == 1 {}
        });
    });
}

#[test]
#[ignore = "measures, asserts nothing"]
fn cost() {
    for workers in [1, 2] {
        eprintln!("{workers} workers");
        for work in [spawn_and_await, fork_join, million, ping_pong, buffered] {
            run(workers, work);
        }
    }
}

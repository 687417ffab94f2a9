//! Tasks and scopes.

use core::sync::atomic::{AtomicUsize, Ordering};

use super::{Body, LARGE, SMALL, call, concurrent, run, spawn};

extern "C" fn double(body: Body) {
    body.returns(body.captured(0) * 2);
}

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

fn on_1_2_and_4_workers(code: super::Code, expected: i32) {
    for workers in [1, 2, 4] {
        assert_eq!(run(workers, code), expected, "on {workers} workers");
    }
}

#[test]
fn main_gives_the_exit_code() {
    extern "C" fn main(body: Body) {
        body.returns(7);
    }
    on_1_2_and_4_workers(main, 7);
}

#[test]
fn await_gives_the_tasks_result() {
    extern "C" fn main(body: Body) {
        let result = concurrent(|scope| spawn(&SMALL, scope, double, [21, 0, 0]).join());
        body.returns(result);
    }
    on_1_2_and_4_workers(main, 42);
}

#[test]
fn tasks_are_awaited_in_any_order() {
    extern "C" fn main(body: Body) {
        let sum = concurrent(|scope| {
            let tasks = [1, 2, 3, 4].map(|n| spawn(&SMALL, scope, double, [n, 0, 0]));
            tasks.iter().map(|task| task.join()).sum::<usize>()
        });
        body.returns(sum);
    }
    on_1_2_and_4_workers(main, 20);
}

#[test]
fn a_task_may_await_its_sibling() {
    extern "C" fn sibling(body: Body) {
        call!(task_await, body.captured(0));
        body.returns(1);
    }
    extern "C" fn main(body: Body) {
        let sum = concurrent(|scope| {
            let first = spawn(&SMALL, scope, double, [5, 0, 0]);
            let second = spawn(&SMALL, scope, sibling, [first.0, 0, 0]);
            second.join() + first.join()
        });
        body.returns(sum);
    }
    on_1_2_and_4_workers(main, 11);
}

#[test]
fn fork_join_runs_deep() {
    extern "C" fn main(body: Body) {
        body.returns(concurrent(|scope| spawn(&LARGE, scope, fib, [16, 0, 0]).join()) % 256);
    }
    on_1_2_and_4_workers(main, 987 % 256);
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: Body) {
    COUNT.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_scope_waits_for_tasks_nobody_awaits() {
    extern "C" fn main(body: Body) {
        COUNT.store(0, Ordering::Relaxed);
        concurrent(|scope| {
            for _ in 0..100_000 {
                spawn(&SMALL, scope, count, [0; 3]).forget();
            }
        });
        body.returns(usize::from(COUNT.load(Ordering::Relaxed) == 100_000));
    }
    on_1_2_and_4_workers(main, 1);
}

extern "C" fn nest(body: Body) {
    let depth = body.captured(0);
    body.returns(match depth {
        0 => 0,
        _ => 1 + concurrent(|scope| spawn(&LARGE, scope, nest, [depth - 1, 0, 0]).join()),
    });
}

#[test]
fn scopes_nest_deeply() {
    extern "C" fn main(body: Body) {
        let depth = concurrent(|scope| spawn(&LARGE, scope, nest, [20_000, 0, 0]).join());
        body.returns(usize::from(depth == 20_000));
    }
    on_1_2_and_4_workers(main, 1);
}

#[test]
fn yielding_tasks_take_turns() {
    extern "C" fn yields(_: Body) {
        for _ in 0..100 {
            call!(yield_now);
        }
    }
    extern "C" fn main(body: Body) {
        concurrent(|scope| {
            for _ in 0..100 {
                spawn(&SMALL, scope, yields, [0; 3]).forget();
            }
        });
        body.returns(3);
    }
    on_1_2_and_4_workers(main, 3);
}

//! Waiting with a selector: trying its arms, waiting at all of them, and going on with the one that was chosen.

use core::ptr;

use super::arm::{Arm, Polled};
use super::{Mode, SelectorRef};
use crate::cancel;
use crate::chan;
use crate::context::Outcome;
use crate::fiber::FiberRef;
use crate::park::{self, Ways};
use crate::scheduler::worker::Worker;
use crate::task::run;
use crate::timer::{self, NEVER};
use crate::unwind::{self, Payload};

/// Waits until an arm is ready, does what it waits for, and gives its number; with a default and no ready arm the number of arms.
/// What it has received stays in the selector for [`SelectorRef::take`]; nothing else does.
pub fn wait(worker: &mut Worker, selector: SelectorRef, mode: Mode) -> Outcome {
    selector.mode.set(mode);
    selector.make_buffer(worker);
    for number in (0..selector.count.get()).rev() {
        // Those started last run first.
        if let Some(task) = selector.arm(number).task() {
            run::ensure_started(worker, task);
        }
    }
    choose(worker, selector)
}

/// Tries the arms, and waits at all of them if none is ready.
fn choose(worker: &mut Worker, selector: SelectorRef) -> Outcome {
    let fiber = worker.current_fiber();
    loop {
        if cancel::is_due(fiber) {
            selector.end(worker);
            return unwind::raise(worker, Payload::Cancelled);
        }
        if let Some(outcome) = poll(worker, selector) {
            return outcome;
        }
        if selector.mode.get().has_default {
            let count = selector.count.get();
            return finish(worker, selector, count);
        }
        if !selector.arms().any(Arm::is_live) {
            selector.end(worker);
            return unwind::panic(worker, String::from("nothing to wait for"));
        }
        park::register(worker, fiber);
        selector.make_posts(worker);
        if enter(worker, fiber, selector) {
            return worker.leave();
        }
    }
}

/// Tries the arms once around.
fn poll(worker: &mut Worker, selector: SelectorRef) -> Option<Outcome> {
    let count = selector.count.get();
    if count == 0 {
        return None;
    }
    let first = if selector.mode.get().is_biased { 0 } else { random_below(worker, count) };
    let now = if selector.arms().any(|arm| arm.deadline().is_some()) { timer::now() } else { 0 };
    // Who waits looks again under the lock of each.
    let waits = !selector.mode.get().has_default;
    for number in (first..count).chain(0..first) {
        if waits && selector.arm(number).seems_idle() {
            continue;
        }
        match selector.arm(number).poll(worker, selector, now) {
            Polled::Pending => {}
            Polled::Ready => return Some(finish(worker, selector, number)),
            Polled::Received => return Some(finish_received(worker, selector, number)),
            Polled::Done(outcome) => return Some(finish_outside(worker, selector, number, outcome)),
            Polled::SendsOnClosed => return Some(raise_closed(worker, selector)),
        }
    }
    None
}

/// A random number below `count`: by a product, since a division takes as long as looking at some arms.
fn random_below(worker: &mut Worker, count: usize) -> usize {
    ((u64::from(worker.random()) * count as u64) >> u32::BITS) as usize
}

/// Begins to wait at all arms. False when the caller has to look again.
///
/// The selector's lock is held throughout: whoever claims the fiber meanwhile commits its arm, but the fiber goes on only after
/// this.
fn enter(worker: &mut Worker, fiber: FiberRef, selector: SelectorRef) -> bool {
    selector.lock.lock();
    fiber.object.set(ptr::with_exposed_provenance_mut(selector.address()));
    let mut waits = park::begin(fiber, selector.mode.get().reason(), Ways { resume: Some(resume), undo });
    if waits {
        let joined = selector.posted().enumerate().all(|(number, (arm, post))| {
            post.waiter.prepare_arm(fiber, arm.slot(selector), number);
            arm.join(post)
        });
        if joined {
            let deadline = selector.arms().filter_map(Arm::deadline).min().unwrap_or(NEVER);
            park::arm(worker, fiber, deadline);
        } else if fiber.wait.claim() {
            // An arm is ready, and no other has been committed: the fiber runs on.
            fiber.continuation.set(None);
            leave_queues(selector);
            waits = false;
        }
    }
    selector.lock.unlock();
    waits
}

/// Takes all posts out of where they may still stand.
fn leave_queues(selector: SelectorRef) {
    selector.posted().for_each(|(arm, post)| arm.leave(post));
}

/// Ends the wait that a fiber has come out of.
fn leave(worker: &Worker) -> (FiberRef, SelectorRef, bool) {
    let fiber = worker.current_fiber();
    let selector = SelectorRef::from_address(fiber.object.get().expose_provenance());
    // Whoever let it wait has done so entirely.
    selector.lock.with(|| {});
    leave_queues(selector);
    (fiber, selector, park::disarm(fiber))
}

/// Goes on with the arm that was committed.
fn resume(worker: &mut Worker) -> Outcome {
    let (fiber, selector, _) = leave(worker);
    let value = fiber.resume_value.get() as usize;
    let (number, succeeded) = (value / 2, value % 2 == 1);
    let arm = selector.arm(number);
    if arm.is_outside() {
        // That something has happened does not say that it is for this task. If it is not, all arms are tried again.
        let polled = arm.poll(worker, selector, 0);
        let Polled::Done(outcome) = polled else { return choose(worker, selector) };
        return finish_outside(worker, selector, number, outcome);
    }
    match (arm.channel(), succeeded) {
        (Some((_, true)), false) => return raise_closed(worker, selector),
        (Some((_, false)), true) => return finish_received(worker, selector, number),
        (Some((_, false)), false) if arm.poll_closed() == Polled::Pending => return choose(worker, selector),
        _ => {}
    }
    finish(worker, selector, number)
}

/// Goes on after a cancellation, or because it is time.
fn undo(worker: &mut Worker) -> Outcome {
    let (_, selector, timed_out) = leave(worker);
    if timed_out {
        let numbers = (0..selector.count.get()).filter(|&number| selector.arm(number).deadline().is_some());
        let first = numbers.min_by_key(|&number| selector.arm(number).deadline());
        return finish(worker, selector, first.expect("a timer was set for such an arm"));
    }
    if cancel::is_due(worker.current_fiber()) {
        selector.end(worker);
        return unwind::raise(worker, Payload::Cancelled);
    }
    choose(worker, selector)
}

/// The arm is chosen and done.
fn finish(worker: &mut Worker, selector: SelectorRef, number: usize) -> Outcome {
    selector.end(worker);
    Outcome::value(number as i64)
}

/// The arm is chosen, and its value is in the selector.
fn finish_received(worker: &mut Worker, selector: SelectorRef, number: usize) -> Outcome {
    selector.keep_received(worker, number);
    Outcome::value(number as i64)
}

/// The arm is chosen, and this came of it.
fn finish_outside(worker: &mut Worker, selector: SelectorRef, number: usize, outcome: i64) -> Outcome {
    selector.outcome.set(outcome);
    finish(worker, selector, number)
}

fn raise_closed(worker: &mut Worker, selector: SelectorRef) -> Outcome {
    selector.end(worker);
    chan::raise_closed(worker)
}

//! Makes random trees. What it makes always ends: a step that waits for ever stands only where something else ends it.

use super::tree::{Block, Body, Gather, Op, PanicId, Part, Tidy};
use crate::fuzz::random::Random;

/// How deep steps stand inside each other at most.
const DEPTH: usize = 4;

/// Steps of one tree, about: larger ones find nothing that several small ones do not.
const MOST_STEPS: usize = 40;

/// The first number of a panic; lower ones are ways to tidy up.
const FIRST_PANIC: PanicId = 10;

/// A tree, of the sequence of a number.
pub fn generate(seed: u64) -> Body {
    let mut maker = Maker { random: Random::new(seed), steps: 0, next_panic: FIRST_PANIC, bound: 0 };
    match maker.random.below(4) {
        // A tree that is cancelled somewhere in its middle.
        0 => vec![Op::Cancel { micros: maker.micros(), body: maker.body(DEPTH) }],
        _ => maker.body(DEPTH),
    }
}

struct Maker {
    random: Random,
    steps: usize,
    next_panic: PanicId,
    /// What the task-local is where steps are made.
    bound: i64,
}

impl Maker {
    /// A body that ends by itself, with a value or a panic.
    fn body(&mut self, depth: usize) -> Body {
        let count = 1 + self.random.below(4);
        (0..count).map(|_| self.op(depth)).collect()
    }

    fn bodies(&mut self, depth: usize, least: usize, most: usize) -> Vec<Body> {
        let count = least + self.random.below(most - least + 1);
        (0..count).map(|_| self.body(depth)).collect()
    }

    /// A body that never ends by itself, unless by a panic.
    fn blocking(&mut self, depth: usize) -> Body {
        let mut body = if self.chance(2) { Vec::new() } else { self.body(depth) };
        body.push(Op::Block(self.random.pick(&[Block::Sleep, Block::Recv, Block::Promise, Block::Send])));
        body
    }

    /// A body that panics.
    fn panicking(&mut self, depth: usize) -> Body {
        let mut body = if self.chance(2) { Vec::new() } else { self.body(depth) };
        body.push(Op::Panic(self.panic()));
        body
    }

    /// A body of any kind.
    fn any(&mut self, depth: usize) -> Body {
        if self.chance(3) { self.blocking(depth) } else { self.body(depth) }
    }

    fn op(&mut self, depth: usize) -> Op {
        self.steps += 1;
        if depth == 0 || self.steps > MOST_STEPS || self.chance(3) {
            return self.leaf();
        }
        let depth = depth - 1;
        match self.random.below(12) {
            0 | 1 => self.scope(depth),
            2 => self.failing_scope(depth),
            3 => Op::Isolated(self.bodies(depth, 1, 3)),
            4 => self.leave(depth),
            5 => self.race(depth),
            6 => self.timeout(depth),
            7 => Op::Cancel { micros: self.micros(), body: self.any(depth) },
            8 => Op::Shield(self.body(depth)),
            9 => self.bind(depth),
            10 => self.gather(depth),
            _ => Op::Catch(if self.chance(2) { self.panicking(depth) } else { self.body(depth) }),
        }
    }

    fn leaf(&mut self) -> Op {
        match self.random.below(23) {
            0..=4 => Op::Add(1 + self.random.below(9) as i64),
            5..=7 => Op::Yield,
            8 => Op::Sleep { micros: self.micros() },
            9..=11 => Op::Defer(self.tidy()),
            12 | 13 => {
                let capacity = self.random.pick(&[None, Some(0), Some(1), Some(3)]);
                let (senders, messages) = (1 + self.random.below(3) as i64, 1 + self.random.below(4) as i64);
                Op::Pipe { capacity, senders, messages }
            }
            14 => Op::Fan { messages: 1 + self.random.below(3) as i64 },
            15 | 16 => Op::Lock,
            17 | 18 => Op::Promised(self.random.below(9) as i64),
            19 | 20 => Op::Ask { bound: self.bound },
            21 => Op::Crawl { depth: self.random.below(4) as i64 },
            _ => Op::Panic(self.panic()),
        }
    }

    fn tidy(&mut self) -> Tidy {
        match self.random.below(8) {
            0..=3 => Tidy::Nothing,
            4 | 5 => Tidy::Yields,
            6 => Tidy::Sleeps,
            _ => Tidy::Panics(self.panic()),
        }
    }

    fn scope(&mut self, depth: usize) -> Op {
        let bodies = self.bodies(depth, 1, 4);
        let parts = bodies.into_iter().map(|body| self.part(body)).collect();
        let limit = self.chance(4).then(|| 1 + self.random.below(3) as i64);
        let is_named = limit.is_none() && self.chance(3);
        Op::Scope { limit, is_named, parts, body: self.body(depth) }
    }

    /// A scope that a panic ends, so that others may wait for ever. It has no limit: the one that panics has to begin.
    fn failing_scope(&mut self, depth: usize) -> Op {
        let mut bodies: Vec<Body> = (0..self.random.below(4)).map(|_| self.any(depth)).collect();
        let place = self.random.below(bodies.len() + 1);
        bodies.insert(place, self.panicking(depth));
        let parts = bodies.into_iter().map(|body| self.part(body)).collect();
        Op::Scope { limit: None, is_named: self.chance(3), parts, body: self.any(depth) }
    }

    fn part(&mut self, body: Body) -> Part {
        Part { is_awaited: self.chance(2), body }
    }

    fn bind(&mut self, depth: usize) -> Op {
        let value = 1 + self.random.below(9) as i64;
        let outer = std::mem::replace(&mut self.bound, value);
        let body = self.body(depth);
        self.bound = outer;
        Op::Bind { value, body }
    }

    fn gather(&mut self, depth: usize) -> Op {
        let how = self.random.pick(&[Gather::All, Gather::Completed, Gather::Any]);
        Op::Gather { how, tasks: self.bodies(depth, 1, 4) }
    }

    fn leave(&mut self, depth: usize) -> Op {
        let tasks = (0..1 + self.random.below(3)).map(|_| self.any(depth)).collect();
        Op::Leave { tasks, body: self.body(depth), value: self.random.below(9) as i64 }
    }

    fn race(&mut self, depth: usize) -> Op {
        let mut arms: Vec<Body> = (0..1 + self.random.below(2)).map(|_| self.any(depth)).collect();
        let place = self.random.below(arms.len() + 1);
        arms.insert(place, self.body(depth));
        Op::Race(arms)
    }

    fn timeout(&mut self, depth: usize) -> Op {
        if self.chance(3) {
            return Op::Timeout { micros: None, body: self.body(depth) };
        }
        Op::Timeout { micros: Some(1 + self.micros()), body: self.any(depth) }
    }

    fn micros(&mut self) -> i64 {
        self.random.pick(&[0, 0, 1, 20, 70, 150, 300])
    }

    fn panic(&mut self) -> PanicId {
        self.next_panic += 1;
        self.next_panic
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.random.below(one_in) == 0
    }
}

//! Binary trees of counted nodes, up to depth 16: making, counting and dropping them.

use std::rc::Rc;

struct Tree {
    left: Option<Rc<Tree>>,
    right: Option<Rc<Tree>>,
}

impl Tree {
    fn count(&self) -> usize {
        1 + self.left.as_ref().map_or(0, |left| left.count())
            + self.right.as_ref().map_or(0, |right| right.count())
    }
}

fn build(depth: u32) -> Rc<Tree> {
    let child = || if depth == 0 { None } else { Some(build(depth - 1)) };
    Rc::new(Tree { left: child(), right: child() })
}

const LEAST: u32 = 4;
const MOST: u32 = 16;

fn main() {
    println!("stretch tree of depth {}\t check: {}", MOST + 1, build(MOST + 1).count());
    let long_lived = build(MOST);
    for depth in (LEAST..=MOST).step_by(2) {
        let rounds = 1 << (MOST - depth + LEAST);
        let sum: usize = (0..rounds).map(|_| build(depth).count()).sum();
        println!("{rounds}\t trees of depth {depth}\t check: {sum}");
    }
    println!("long lived tree of depth {MOST}\t check: {}", long_lived.count());
}

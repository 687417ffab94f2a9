//! Binary trees of boxes, up to depth 16: making, counting and dropping them.

type Tree = Option<Box<Node>>;

struct Node {
    left: Tree,
    right: Tree,
}

fn make(depth: u32) -> Tree {
    let child = || if depth == 0 { None } else { make(depth - 1) };
    Some(Box::new(Node { left: child(), right: child() }))
}

fn count(tree: &Tree) -> usize {
    tree.as_ref().map_or(0, |node| 1 + count(&node.left) + count(&node.right))
}

const LEAST: u32 = 4;
const MOST: u32 = 16;

fn main() {
    println!("stretch tree of depth {}\t check: {}", MOST + 1, count(&make(MOST + 1)));
    let long_lived = make(MOST);
    for depth in (LEAST..=MOST).step_by(2) {
        let rounds = 1 << (MOST - depth + LEAST);
        let sum: usize = (0..rounds).map(|_| count(&make(depth))).sum();
        println!("{rounds}\t trees of depth {depth}\t check: {sum}");
    }
    println!("long lived tree of depth {MOST}\t check: {}", count(&long_lived));
}

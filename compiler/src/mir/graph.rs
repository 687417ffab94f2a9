//! Cycles of directed graphs.

/// The strongly connected components that have an edge inside, each with its nodes in ascending order; a component
/// comes after those it has edges to. `edges[n]` are the successors of node `n`.
pub fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    components(edges).into_iter().filter(|component| has_inner_edge(edges, component)).collect()
}

fn has_inner_edge(edges: &[Vec<usize>], component: &[usize]) -> bool {
    component.len() > 1 || edges[component[0]].contains(&component[0])
}

const UNVISITED: usize = usize::MAX;

/// Tarjan's algorithm with an explicit stack, since a program's call chains can be longer than ours.
struct Search<'a> {
    edges: &'a [Vec<usize>],
    order: Vec<usize>,
    lowest: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    visited: usize,
    found: Vec<Vec<usize>>,
}

/// All strongly connected components, successors first.
pub fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = edges.len();
    let mut search = Search {
        edges,
        order: vec![UNVISITED; count],
        lowest: vec![0; count],
        is_open: vec![false; count],
        open: Vec::new(),
        visited: 0,
        found: Vec::new(),
    };
    for node in 0..count {
        if search.order[node] == UNVISITED {
            search.visit(node);
        }
    }
    search.found
}

impl Search<'_> {
    fn visit(&mut self, root: usize) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            if let Some(&successor) = self.edges[node].get(*next) {
                *next += 1;
                if self.order[successor] == UNVISITED {
                    self.enter(successor);
                    path.push((successor, 0));
                } else if self.is_open[successor] {
                    self.lowest[node] = self.lowest[node].min(self.order[successor]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                self.lowest[parent] = self.lowest[parent].min(self.lowest[node]);
            }
            if self.lowest[node] == self.order[node] {
                self.close(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = self.visited;
        self.lowest[node] = self.visited;
        self.visited += 1;
        self.is_open[node] = true;
        self.open.push(node);
    }

    fn close(&mut self, node: usize) {
        let start = self.open.iter().rposition(|&other| other == node).expect("an open node is on the stack");
        let mut component = self.open.split_off(start);
        for &member in &component {
            self.is_open[member] = false;
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_cycles_and_self_loops_only() {
        let edges = [vec![1], vec![2], vec![1, 3], vec![], vec![4]];
        assert_eq!(cycles(&edges), [vec![1, 2], vec![4]]);
    }

    #[test]
    fn orders_components_after_their_successors() {
        let edges = [vec![1], vec![2], vec![]];
        assert_eq!(components(&edges), [vec![2], vec![1], vec![0]]);
    }
}

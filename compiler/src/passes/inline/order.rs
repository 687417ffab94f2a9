//! The order in which functions are inlined into: callees before their callers.

use plat_syntax::index::{Id, IndexVec};

use crate::mir::{Callee, Function, FunctionId, Mir};

/// All functions in layers. What a function calls stands in layers before its own, as far as they do not call each other in a
/// circle; the functions of one layer have nothing to do with each other.
pub fn layers(mir: &Mir) -> Vec<Vec<FunctionId>> {
    let mut layer_of: IndexVec<FunctionId, usize> = IndexVec::filled(mir.functions.len(), 0);
    let mut layers: Vec<Vec<FunctionId>> = Vec::new();
    for (id, callees) in callees_first(mir) {
        // Who is not done yet calls this one in a circle, and counts as in the first layer.
        let layer = callees.iter().map(|&callee| layer_of[callee]).max().unwrap_or_default() + 1;
        layer_of[id] = layer;
        if layers.len() < layer {
            layers.resize(layer, Vec::new());
        }
        layers[layer - 1].push(id);
    }
    layers
}

/// All functions with their callees, each after those, as far as they do not call each other in a circle.
fn callees_first(mir: &Mir) -> Vec<(FunctionId, Vec<FunctionId>)> {
    let mut order = Vec::with_capacity(mir.functions.len());
    let mut seen = vec![false; mir.functions.len()];
    for root in mir.functions.ids() {
        if std::mem::replace(&mut seen[root.index()], true) {
            continue;
        }
        let mut stack = vec![(root, callees(&mir.functions[root]), 0)];
        while let Some((id, callees_of, position)) = stack.last_mut() {
            let Some(&callee) = callees_of.get(*position) else {
                order.push((*id, std::mem::take(callees_of)));
                stack.pop();
                continue;
            };
            *position += 1;
            if !std::mem::replace(&mut seen[callee.index()], true) {
                stack.push((callee, callees(&mir.functions[callee]), 0));
            }
        }
    }
    order
}

/// The functions that a function calls, spawns or makes closures of.
fn callees(function: &Function) -> Vec<FunctionId> {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let callees = statements.filter_map(|statement| match statement.kind.callee() {
        Some(Callee::Function(id)) => Some(*id),
        _ => None,
    });
    callees.collect()
}

//! How a function comes to do something: the calls that lead there.

use plat_syntax::hash::HashSet;
use plat_syntax::source::Span;

use super::{EffectMap, Effects, Value, globals};
use crate::mir::{FunctionId, StatementKind};

/// How a function comes to do something.
#[derive(Debug)]
pub struct Chain<'a> {
    /// The functions on the way, outermost first.
    pub calls: Vec<FunctionId>,
    /// Where each of them is called, and last where that is done.
    pub places: Vec<Span>,
    /// What does it in the end.
    pub last: &'a StatementKind,
}

impl Chain<'_> {
    /// Where it begins in the function itself.
    pub fn first(&self) -> Span {
        self.places[0]
    }
}

impl<'a> EffectMap<'a> {
    /// The shortest way from a function to a statement with one of these effects, but for what such functions do by themselves.
    pub fn chain(
        &self,
        root: FunctionId,
        wanted: Effects,
        is_exempt: impl Fn(FunctionId) -> bool,
    ) -> Option<Chain<'a>> {
        let mut seen = HashSet::from_iter([root]);
        let mut level = vec![(root, Vec::new(), Vec::new())];
        while !level.is_empty() {
            let mut next = Vec::new();
            for (id, calls, places) in level {
                let function = &self.mir.functions[id];
                let globals = globals(function);
                for statement in function.statements() {
                    let places = || [&places[..], &[statement.span]].concat();
                    if self.by_itself(function, &globals, &statement.kind).has(wanted) {
                        return Some(Chain { calls, places: places(), last: &statement.kind });
                    }
                    for callee in self.bodies_called(id, &statement.kind) {
                        if self.of(callee).has(wanted) && !is_exempt(callee) && seen.insert(callee) {
                            let calls = [&calls[..], &[callee]].concat();
                            next.push((callee, calls, places()));
                        }
                    }
                }
            }
            level = next;
        }
        None
    }

    fn bodies_called(&self, id: FunctionId, kind: &StatementKind) -> Vec<FunctionId> {
        let called = self.callees(id, kind).into_iter().flat_map(|called| match called.callee {
            Value::Made(body) => vec![body],
            Value::Unknown(ty) => self.bodies_of(ty),
            Value::Param(_) => Vec::new(),
        });
        called.collect()
    }
}

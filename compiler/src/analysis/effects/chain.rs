//! How a function comes to do something: the calls that lead there.

use plat_syntax::hash::HashSet;
use plat_syntax::source::Span;

use super::{EffectMap, Effects, Value, globals};
use crate::mir::{FunctionId, StatementKind};

/// How a function comes to do something.
#[derive(Debug)]
pub struct Chain<'a> {
    /// Where that begins in the function itself.
    pub first: Span,
    /// The functions on the way, outermost first.
    pub calls: Vec<FunctionId>,
    /// What does it in the end.
    pub last: &'a StatementKind,
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
        let mut level = vec![(root, None::<Span>, Vec::new())];
        while !level.is_empty() {
            let mut next = Vec::new();
            for (id, first, calls) in level {
                let function = &self.mir.functions[id];
                let globals = globals(function);
                for statement in function.statements() {
                    let first = first.unwrap_or(statement.span);
                    if self.by_itself(function, &globals, &statement.kind).has(wanted) {
                        return Some(Chain { first, calls, last: &statement.kind });
                    }
                    for callee in self.bodies_called(id, &statement.kind) {
                        if self.of(callee).has(wanted) && !is_exempt(callee) && seen.insert(callee) {
                            let calls = [&calls[..], &[callee]].concat();
                            next.push((callee, Some(first), calls));
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

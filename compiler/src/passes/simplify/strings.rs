//! Strings that are put together from pieces: the first piece begins the string.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::FormatSpec;

use crate::mir::{
    Argument, Block, Callee, Const, Function, Operand, Place, Rvalue, Statement, StatementKind,
};

/// Begins strings with their first piece in place of nothing, and says whether there was one.
pub(super) fn run(function: &mut Function) -> bool {
    let mut changed = false;
    for block in function.blocks.iter_mut() {
        changed |= begin_with_pieces(block);
    }
    changed
}

fn begin_with_pieces(block: &mut Block) -> bool {
    let before = block.statements.len();
    let mut begun: Vec<Statement> = Vec::with_capacity(before);
    for statement in std::mem::take(&mut block.statements) {
        let builder = begun.last().and_then(|last| begun_empty(&last.kind));
        match builder.and_then(|builder| pushed_piece(builder, &statement.kind)) {
            Some(kind) => {
                begun.pop();
                begun.push(Statement { kind, ..statement });
            }
            None => begun.push(statement),
        }
    }
    block.statements = begun;
    block.statements.len() != before
}

/// The place that is assigned the empty string.
fn begun_empty(kind: &StatementKind) -> Option<&Place> {
    match kind {
        StatementKind::Assign(builder, Rvalue::Use(Operand::Const(Const::String(text))))
            if text.as_str().is_empty() && builder.as_local().is_some() =>
        {
            Some(builder)
        }
        _ => None,
    }
}

/// The assignment of the piece that a statement appends to the builder, if it appends a string as it is.
fn pushed_piece(builder: &Place, kind: &StatementKind) -> Option<StatementKind> {
    let StatementKind::Call { callee: Callee::Runtime(function), args, .. } = kind else { return None };
    let piece = match (function, &args[..]) {
        (RuntimeFn::string_push, [Argument::Place(to), Argument::Value(piece)]) if to == builder => piece,
        (
            RuntimeFn::format_string,
            [
                Argument::Place(to),
                Argument::Value(piece),
                Argument::Value(Operand::Const(Const::Format(spec))),
            ],
        ) if to == builder && *spec == FormatSpec::default() => piece,
        _ => return None,
    };
    let is_itself = piece.place().is_some_and(|place| place.local == builder.local);
    (!is_itself).then(|| StatementKind::Assign(builder.clone(), Rvalue::Use(piece.clone())))
}

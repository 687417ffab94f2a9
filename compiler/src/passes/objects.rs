//! Reads `var` fields of objects before they are passed: what is called may change them, and the callee's parameter
//! would change with them.

use crate::hir::Definitions;
use crate::mir::effects::changes_nothing;
use crate::mir::{Argument, Callee, Function, Operand, Rvalue, Statement, StatementKind};

/// Puts such arguments into temporaries.
pub(super) fn run(function: &mut Function, definitions: &Definitions) {
    for id in function.blocks.ids() {
        let mut is_affected = function.blocks[id].statements.iter();
        if !is_affected.any(|statement| !changing_args(function, definitions, &statement.kind).is_empty()) {
            continue;
        }
        let statements = std::mem::take(&mut function.blocks[id].statements);
        let mut output = Vec::with_capacity(statements.len());
        for mut statement in statements {
            let positions = changing_args(function, definitions, &statement.kind);
            for position in positions {
                read_first(function, definitions, &mut statement, position, &mut output);
            }
            output.push(statement);
        }
        function.blocks[id].statements = output;
    }
}

/// The positions of the arguments that the callee could change.
fn changing_args(function: &Function, definitions: &Definitions, kind: &StatementKind) -> Vec<usize> {
    let args: &[Argument] = match kind {
        StatementKind::Call { callee: Callee::Runtime(callee), .. } if changes_nothing(*callee) => &[],
        StatementKind::Call { args, .. } => args,
        _ => &[],
    };
    let changing = args.iter().enumerate().filter_map(|(position, arg)| match arg {
        Argument::Value(Operand::Use(place)) if function.reads_var_field(definitions, place) => {
            Some(position)
        }
        _ => None,
    });
    changing.collect()
}

fn read_first(
    function: &mut Function,
    definitions: &Definitions,
    statement: &mut Statement,
    position: usize,
    output: &mut Vec<Statement>,
) {
    let StatementKind::Call { args, .. } = &mut statement.kind else { return };
    let Argument::Value(operand) = &mut args[position] else { return };
    let ty = function.operand_ty(definitions, operand);
    let temp = function.add_temp(ty);
    let read = std::mem::replace(operand, Operand::Use(temp.into()));
    let kind = StatementKind::Assign(temp.into(), Rvalue::Use(read));
    output.push(Statement { kind, span: statement.span, site: statement.site });
}

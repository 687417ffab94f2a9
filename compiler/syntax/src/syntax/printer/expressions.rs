//! Expressions.

use super::items::{moded, name};
use super::patterns::{path, pattern, range_word, ty};
use super::statements::block;
use super::tree::Tree;
use crate::syntax::ast::{
    Alignment, Arg, BinaryOp, Closure, ClosureForm, Condition, Expr, ExprKind, FloatLiteral, FloatSuffix,
    For, FormatSpec, Ident, If, IntLiteral, IntSuffix, MatchArm, Notation, SelectArm, SelectArmKind,
    StringPart, UnaryOp,
};

pub(super) fn expr(it: &Expr) -> Tree {
    match &it.kind {
        ExprKind::Int(value) => Tree::word(int(*value)),
        ExprKind::Float(value) => Tree::word(float(*value)),
        ExprKind::Char(value) => Tree::word(format!("{value:?}")),
        ExprKind::Bool(value) => Tree::word(value.to_string()),
        ExprKind::Duration(nanoseconds) => Tree::word(format!("{nanoseconds}ns")),
        ExprKind::String(parts) => string(parts),
        ExprKind::Path(it) => path(it),
        ExprKind::SelfValue => Tree::word("self"),
        ExprKind::Tuple(items) => Tree::node("tuple", items.iter().map(expr)),
        ExprKind::List(items) => Tree::node("list", items.iter().map(expr)),
        ExprKind::Dict(entries) => {
            let entry = |(key, value): &(Expr, Expr)| Tree::node("entry", [expr(key), expr(value)]);
            Tree::node("dict", entries.iter().map(entry))
        }
        ExprKind::Closure(it) => closure(it),
        ExprKind::Retry => Tree::word("retry"),
        ExprKind::Error => Tree::word("error"),
        _ => operation(it),
    }
}

/// Operators, calls and accesses.
fn operation(it: &Expr) -> Tree {
    match &it.kind {
        ExprKind::Unary { op, operand } => Tree::node(unary_word(*op), [expr(operand)]),
        ExprKind::Binary { op, left, right, .. } => Tree::node(op.text(), [expr(left), expr(right)]),
        ExprKind::Range { start, end, limits } => Tree::node(range_word(*limits), [expr(start), expr(end)]),
        ExprKind::Cast { operand, ty: it } => Tree::node("as", [expr(operand), ty(it)]),
        ExprKind::Call { callee, args } => {
            Tree::node("call", [expr(callee)].into_iter().chain(args.iter().map(arg)))
        }
        ExprKind::MethodCall { receiver, name: method, type_args, args } => {
            let mut parts = vec![expr(receiver), name(*method)];
            parts.extend((!type_args.is_empty()).then(|| Tree::node("types", type_args.iter().map(ty))));
            parts.extend(args.iter().map(arg));
            Tree::node("method", parts)
        }
        ExprKind::Field { base, name: field } => Tree::node("field", [expr(base), name(*field)]),
        ExprKind::TupleField { base, index, .. } => {
            Tree::node("field", [expr(base), Tree::word(index.to_string())])
        }
        ExprKind::Index { base, index } => Tree::node("index", [expr(base), expr(index)]),
        ExprKind::Try(operand) => Tree::node("?", [expr(operand)]),
        ExprKind::Return(value) => Tree::node("return", value.iter().map(|it| expr(it))),
        ExprKind::Break(value) => Tree::node("break", value.iter().map(|it| expr(it))),
        ExprKind::Continue(label) => Tree::node("continue", label.map(name)),
        ExprKind::Assign { place, op, value, .. } => {
            let word = op.map_or("=".to_owned(), |op: BinaryOp| format!("{}=", op.text()));
            Tree::node(&word, [expr(place), expr(value)])
        }
        _ => block_like(it),
    }
}

/// What ends with a block.
fn block_like(it: &Expr) -> Tree {
    match &it.kind {
        ExprKind::Block(it) => block(it),
        ExprKind::If(it) => if_expr(it),
        ExprKind::Match { subject, arms } => {
            Tree::node("match", [expr(subject)].into_iter().chain(arms.iter().map(match_arm)))
        }
        ExprKind::While { label, condition: it, body } => {
            Tree::node("while", label_tree(*label).into_iter().chain([condition(it), block(body)]))
        }
        ExprKind::Loop { label, body } => {
            Tree::node("loop", label_tree(*label).into_iter().chain([block(body)]))
        }
        ExprKind::For(it) => for_loop(it),
        ExprKind::Concurrent { options, scope, body } => {
            let scope = scope.map(|scope| Tree::node("as", [name(scope)]));
            Tree::node("concurrent", options.iter().map(arg).chain(scope).chain([block(body)]))
        }
        ExprKind::Spawn { options, body } => {
            Tree::node("spawn", options.iter().map(arg).chain([block(body)]))
        }
        ExprKind::Race(arms) => Tree::node("race", arms.iter().map(expr)),
        ExprKind::Select { options, arms } => {
            Tree::node("select", options.iter().map(arg).chain(arms.iter().map(select_arm)))
        }
        ExprKind::Atomically(blocks) => Tree::node("atomically", blocks.iter().map(block)),
        ExprKind::Blocking(body) => Tree::node("blocking", [block(body)]),
        _ => Tree::word("error"),
    }
}

pub(super) fn int(value: IntLiteral) -> String {
    let suffix = value.suffix.map_or("", |suffix| match suffix {
        IntSuffix::I8 => "i8",
        IntSuffix::I16 => "i16",
        IntSuffix::I32 => "i32",
        IntSuffix::I64 => "i64",
        IntSuffix::U8 => "u8",
        IntSuffix::U16 => "u16",
        IntSuffix::U32 => "u32",
        IntSuffix::U64 => "u64",
    });
    format!("{}{suffix}", value.value)
}

pub(super) fn float(value: FloatLiteral) -> String {
    let suffix = value.suffix.map_or("", |suffix| match suffix {
        FloatSuffix::F32 => "f32",
        FloatSuffix::F64 => "f64",
    });
    format!("{}{suffix}", value.text)
}

fn string(parts: &[StringPart]) -> Tree {
    let part = |part: &StringPart| match part {
        StringPart::Text(text) => Tree::word(format!("{text:?}")),
        StringPart::Value { value, format } => {
            Tree::node("$", [expr(value)].into_iter().chain(format.iter().map(format_spec)))
        }
    };
    match parts {
        [] => Tree::word("\"\""),
        [StringPart::Text(text)] => Tree::word(format!("{text:?}")),
        parts => Tree::node("string", parts.iter().map(part)),
    }
}

fn format_spec(it: &FormatSpec) -> Tree {
    let mut text = String::from(":");
    text.extend(it.fill);
    text.extend(it.alignment.map(|alignment| match alignment {
        Alignment::Left => '<',
        Alignment::Center => '^',
        Alignment::Right => '>',
    }));
    text.push_str(if it.plus { "+" } else { "" });
    text.push_str(if it.zero { "0" } else { "" });
    text.extend(it.width.map(|width| width.to_string()));
    text.extend(it.precision.map(|precision| format!(".{precision}")));
    text.extend(it.notation.map(|notation| match notation {
        Notation::LowerHex => 'x',
        Notation::UpperHex => 'X',
        Notation::Octal => 'o',
        Notation::Binary => 'b',
        Notation::Exponent => 'e',
    }));
    Tree::word(text)
}

fn unary_word(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::BitNot => "~",
        UnaryOp::Not => "not",
    }
}

fn arg(it: &Arg) -> Tree {
    let value = match it.inout {
        Some(_) => Tree::node("&", [expr(&it.value)]),
        None => expr(&it.value),
    };
    match it.name {
        Some(arg_name) => Tree::node("named", [name(arg_name), value]),
        None => value,
    }
}

fn if_expr(it: &If) -> Tree {
    let branches = [condition(&it.condition), block(&it.then)];
    Tree::node("if", branches.into_iter().chain(it.otherwise.iter().map(expr)))
}

fn condition(it: &Condition) -> Tree {
    match it {
        Condition::Expr(it) => expr(it),
        Condition::Let { pattern: it, value } => Tree::node("let", [pattern(it), expr(value)]),
    }
}

fn label_tree(label: Option<Ident>) -> Option<Tree> {
    label.map(|label| Tree::node("label", [name(label)]))
}

fn for_loop(it: &For) -> Tree {
    let mut parts: Vec<_> = label_tree(it.label).into_iter().collect();
    let element = pattern(&it.pattern);
    parts.push(if it.inout.is_some() { Tree::node("inout", [element]) } else { element });
    parts.extend(it.ty.iter().map(|it| Tree::node(":", [ty(it)])));
    parts.extend([expr(&it.iterable), block(&it.body)]);
    Tree::node("for", parts)
}

fn guard(it: Option<&Expr>) -> Option<Tree> {
    it.map(|it| Tree::node("guard", [expr(it)]))
}

fn match_arm(it: &MatchArm) -> Tree {
    let head = [pattern(&it.pattern)].into_iter().chain(guard(it.guard.as_ref()));
    Tree::node("arm", head.chain([expr(&it.body)]))
}

fn select_arm(it: &SelectArm) -> Tree {
    let (word, head) = match &it.kind {
        SelectArmKind::Operation { pattern: bound, operation } => {
            ("arm", bound.iter().map(pattern).chain([expr(operation)]).collect())
        }
        SelectArmKind::Timeout(duration) => ("timeout", vec![expr(duration)]),
        SelectArmKind::Default => ("default", Vec::new()),
    };
    Tree::node(word, head.into_iter().chain(guard(it.guard.as_ref())).chain([expr(&it.body)]))
}

fn closure(it: &Closure) -> Tree {
    if it.form == ClosureForm::Block {
        return Tree::node("block-closure", [expr(&it.body)]);
    }
    let params = it.params.iter().map(|param| {
        let bound = pattern(&param.pattern);
        let typed = match &param.ty {
            Some(it) => Tree::node(":", [bound, ty(it)]),
            None => bound,
        };
        moded(param.mode, typed)
    });
    let params = Tree::node("params", params);
    let result = it.result.iter().map(|result| Tree::node("->", [ty(result)]));
    Tree::node("closure", [params].into_iter().chain(result).chain([expr(&it.body)]))
}

//! Expressions as text.

use plat_abi::layout::{Align, FormatSpec, Notation};

use super::super::{
    Arg, Arm, BinaryOp, Block, Body, Closure, ExprId, ExprKind, Literal, LocalKind, NumberTy, ParamMode,
    PatId, PatKind, Statement, StringPart, TaskBody, TypeHead, TypeHeadKind, TypeRef, UnaryOp,
};
use super::Printer;

impl Printer<'_> {
    pub fn expr(&mut self, body: &Body, id: ExprId) {
        let definitions = self.definitions;
        match &body.exprs[id].kind {
            ExprKind::Literal(literal) => self.write(&literal_text(literal)),
            ExprKind::Interpolate(parts) => self.interpolation(body, parts),
            ExprKind::Local(local) => self.local(body, *local),
            ExprKind::Const(id) => self.write(definitions.consts[*id].name.as_str()),
            ExprKind::Fn(id, args) => {
                self.write(definitions.functions[*id].name.as_str());
                self.type_args("::", args);
            }
            ExprKind::StaticFn(ty, name) => {
                self.type_head(ty);
                self.write(&format!(".?{}", name.symbol));
            }
            ExprKind::Variant(id, variant, args) => {
                let definition = &definitions.enums[*id];
                self.write(definition.name.as_str());
                self.type_args("", args);
                self.write(&format!("::{}", definition.variants[*variant].name));
            }
            ExprKind::BareVariant(name) => self.write(&format!("?{}", name.symbol)),
            ExprKind::TypeConst(ty, name) => {
                self.ty(ty.ty);
                self.write(&format!(".?{}", name.symbol));
            }
            ExprKind::Call { callee, args } => {
                self.expr(body, *callee);
                self.args(body, args);
            }
            ExprKind::Construct { ty, args, .. } => {
                self.type_head(ty);
                self.args(body, args);
            }
            ExprKind::StaticCall { ty, name, type_args, args } => {
                self.type_head(ty);
                self.write(&format!(".?{}", name.symbol));
                self.type_args("::", type_args);
                self.args(body, args);
            }
            ExprKind::MethodCall { receiver, name, type_args, args } => {
                self.expr(body, *receiver);
                self.write(&format!(".?{}", name.symbol));
                self.type_args("::", type_args);
                self.args(body, args);
            }
            ExprKind::Field(base, name) => {
                self.expr(body, *base);
                self.write(&format!(".?{}", name.symbol));
            }
            ExprKind::TupleField(base, index, _) => {
                self.expr(body, *base);
                self.write(&format!(".{index}"));
            }
            ExprKind::Index(base, index) => {
                self.expr(body, *base);
                self.exprs(body, "[", &[*index], "]");
            }
            ExprKind::Unary(op, operand) => {
                self.write(unary_op(*op));
                self.expr(body, *operand);
            }
            ExprKind::Binary(op, left, right) => self.binary(body, *left, binary_op(*op), *right),
            ExprKind::And(left, right) => self.binary(body, *left, "and", *right),
            ExprKind::Or(left, right) => self.binary(body, *left, "or", *right),
            ExprKind::Cast(value, ty) => {
                self.exprs(body, "(", &[*value], " as ");
                self.ty(ty.ty);
                self.write(")");
            }
            ExprKind::Tuple(items) => self.exprs(body, "(", items, if items.len() == 1 { ",)" } else { ")" }),
            ExprKind::List(items) => self.exprs(body, "[", items, "]"),
            ExprKind::Dict(entries) if entries.is_empty() => self.write("[:]"),
            ExprKind::Dict(entries) => self.list("[", entries, "]", |this, &(key, value)| {
                this.expr(body, key);
                this.write(": ");
                this.expr(body, value);
            }),
            ExprKind::Range { start, end, inclusive } => {
                self.binary(body, *start, if *inclusive { "..=" } else { ".." }, *end);
            }
            ExprKind::Try(value) => self.exprs(body, "", &[*value], "?"),
            ExprKind::Error => self.write("error"),
            _ => self.statement_like(body, id),
        }
    }

    /// Assignments, blocks, branches, loops, jumps and tasks.
    fn statement_like(&mut self, body: &Body, id: ExprId) {
        match &body.exprs[id].kind {
            ExprKind::Assign(place, value) => self.assignment(body, *place, "=", *value),
            ExprKind::OpAssign(op, place, value) => {
                self.assignment(body, *place, &format!("{}=", binary_op(*op)), *value);
            }
            ExprKind::Block(block) => self.block(body, block),
            ExprKind::If { condition, then, otherwise } => {
                self.exprs(body, "if ", &[*condition], " ");
                self.expr(body, *then);
                if let Some(otherwise) = otherwise {
                    self.exprs(body, " else ", &[*otherwise], "");
                }
            }
            ExprKind::Let(pat, value) => {
                self.write("let ");
                self.pattern(body, *pat);
                self.exprs(body, " = ", &[*value], "");
            }
            ExprKind::Match { scrutinee, arms } => {
                self.exprs(body, "match ", &[*scrutinee], " ");
                self.braces(arms, |this, arm| this.arm(body, arm));
            }
            ExprKind::Loop(id, block) => self.exprs(body, &format!("{id}: loop "), &[*block], ""),
            ExprKind::While(id, condition, block) => {
                self.exprs(body, &format!("{id}: while "), &[*condition], " ");
                self.expr(body, *block);
            }
            ExprKind::For { id, is_inout, pat, ty, iterable, body: block } => {
                self.write(&format!("{id}: for {}", if *is_inout { "inout " } else { "" }));
                self.pattern(body, *pat);
                self.annotation(*ty);
                self.exprs(body, " in ", &[*iterable], " ");
                self.expr(body, *block);
            }
            ExprKind::Break(id, value) => self.jump(body, &format!("break {id}"), *value),
            ExprKind::Continue(id) => self.write(&format!("continue {id}")),
            ExprKind::Return(value) => self.jump(body, "return", *value),
            ExprKind::Leavable { call, .. } => self.exprs(body, "leavable ", &[*call], ""),
            ExprKind::Concurrent { options, name, body: block } => {
                self.write("concurrent");
                if !options.is_empty() {
                    self.list("(", options, ")", |this, option| {
                        this.exprs(body, &format!("{} = ", option.kind.as_str()), &[option.value], "");
                    });
                }
                if let Some(name) = name {
                    self.write(" as ");
                    self.local(body, *name);
                }
                self.exprs(body, " ", &[*block], "");
            }
            ExprKind::Race(arms) => {
                self.write("race ");
                self.braces(arms, |this, arm| this.task(body, arm));
            }
            ExprKind::Spawn { task, name, .. } => {
                self.write("spawn");
                if let Some(name) = name {
                    self.exprs(body, "(name = ", &[*name], ")");
                }
                self.task(body, task);
            }
            ExprKind::Closure(closure) => self.closure(body, closure),
            _ => {}
        }
    }

    fn task(&mut self, body: &Body, task: &TaskBody) {
        self.list("[", &task.captures, "] ", |this, &local| this.local(body, local));
        self.expr(body, task.body);
    }

    fn closure(&mut self, body: &Body, closure: &Closure) {
        self.list("closure[", &closure.captures, "] ", |this, &local| this.local(body, local));
        self.list("|", &closure.params, "| ", |this, param| {
            this.write(match param.mode {
                ParamMode::Value => "",
                ParamMode::Inout => "inout ",
                ParamMode::Move => "move ",
            });
            this.pattern(body, param.pat);
            this.annotation(param.ty);
        });
        if let Some(result) = closure.result {
            self.write("-> ");
            self.ty(result.ty);
            self.write(" ");
        }
        self.expr(body, closure.body);
    }

    fn binary(&mut self, body: &Body, left: ExprId, op: &str, right: ExprId) {
        self.exprs(body, "(", &[left], &format!(" {op} "));
        self.exprs(body, "", &[right], ")");
    }

    fn assignment(&mut self, body: &Body, place: ExprId, op: &str, value: ExprId) {
        self.exprs(body, "", &[place], &format!(" {op} "));
        self.expr(body, value);
    }

    fn jump(&mut self, body: &Body, word: &str, value: Option<ExprId>) {
        self.write(word);
        if let Some(value) = value {
            self.exprs(body, " ", &[value], "");
        }
    }

    fn annotation(&mut self, ty: Option<TypeRef>) {
        if let Some(ty) = ty {
            self.write(": ");
            self.ty(ty.ty);
        }
    }

    fn block(&mut self, body: &Body, block: &Block) {
        if block.statements.is_empty() && block.tail.is_none() {
            return self.write("{}");
        }
        let tail = block.tail.map(Line::Tail);
        let lines: Vec<Line<'_>> = block.statements.iter().map(Line::Statement).chain(tail).collect();
        self.braces(&lines, |this, line| match line {
            Line::Statement(statement) => this.statement(body, statement),
            Line::Tail(expr) => this.expr(body, *expr),
        });
    }

    fn statement(&mut self, body: &Body, statement: &Statement) {
        match statement {
            Statement::Let { pat, ty, value, otherwise } => {
                self.write(if binds_var(body, *pat) { "var " } else { "let " });
                self.pattern(body, *pat);
                self.annotation(*ty);
                if let Some(value) = value {
                    self.exprs(body, " = ", &[*value], "");
                }
                if let Some(otherwise) = otherwise {
                    self.exprs(body, " else ", &[*otherwise], "");
                }
            }
            Statement::Expr(expr) => self.expr(body, *expr),
            Statement::Defer { body: block, captures, .. } => {
                self.list("defer[", captures, "] ", |this, &local| this.local(body, local));
                self.expr(body, *block);
            }
        }
        self.write(";");
    }

    fn arm(&mut self, body: &Body, arm: &Arm) {
        self.pattern(body, arm.pat);
        if let Some(guard) = arm.guard {
            self.exprs(body, " if ", &[guard], "");
        }
        self.exprs(body, " -> ", &[arm.body], ",");
    }

    fn interpolation(&mut self, body: &Body, parts: &[StringPart]) {
        self.write("\"");
        for part in parts {
            match part {
                StringPart::Text(text) => {
                    let literal = format!("{:?}", text.as_str());
                    self.write(&literal[1..literal.len() - 1]);
                }
                StringPart::Value(value, format) => {
                    self.exprs(body, "${", &[*value], &format!("{}}}", format_text(*format)));
                }
            }
        }
        self.write("\"");
    }

    fn args(&mut self, body: &Body, args: &[Arg]) {
        self.list("(", args, ")", |this, arg| {
            if let Some(name) = arg.name {
                this.write(&format!("{} = ", name.symbol));
            }
            this.write(if arg.is_inout { "&" } else { "" });
            this.expr(body, arg.value);
        });
    }

    fn type_args(&mut self, before: &str, args: &[TypeRef]) {
        if !args.is_empty() {
            self.write(before);
            self.list("<", args, ">", |this, arg| this.ty(arg.ty));
        }
    }

    fn type_head(&mut self, head: &TypeHead) {
        let definitions = self.definitions;
        match head.kind {
            TypeHeadKind::Struct(id) => self.write(definitions.structs[id].name.as_str()),
            TypeHeadKind::Enum(id) => self.write(definitions.enums[id].name.as_str()),
            TypeHeadKind::Class(id) => self.write(definitions.classes[id].name.as_str()),
            TypeHeadKind::Whole(ty) => self.ty(ty),
            TypeHeadKind::Error => self.write("error"),
        }
        self.type_args("", &head.args);
    }
}

/// What a block shows on a line of its own.
enum Line<'a> {
    Statement(&'a Statement),
    Tail(ExprId),
}

/// Whether the pattern is that of a `var`.
fn binds_var(body: &Body, pat: PatId) -> bool {
    match &body.pats[pat].kind {
        PatKind::Bind(local) => body.locals[*local].kind == LocalKind::Var,
        PatKind::Tuple(items) | PatKind::Or(items) => items.iter().any(|&item| binds_var(body, item)),
        PatKind::Variant(_, _, args) | PatKind::Bare(_, args) | PatKind::Struct(_, args) => {
            args.items.iter().any(|&(_, item)| binds_var(body, item))
        }
        PatKind::Wild | PatKind::Literal(..) | PatKind::Const(_) | PatKind::Range { .. } | PatKind::Error => {
            false
        }
    }
}

/// A format as it is written, `:` first; nothing for the plain one.
fn format_text(spec: FormatSpec) -> String {
    if spec == FormatSpec::default() {
        return String::new();
    }
    let align = match spec.align {
        Align::Natural => "",
        Align::Left => "<",
        Align::Center => "^",
        Align::Right => ">",
    };
    let kind = match spec.kind {
        Notation::Plain => "",
        Notation::Hex => "x",
        Notation::UpperHex => "X",
        Notation::Binary => "b",
        Notation::Octal => "o",
        Notation::Exponent => "e",
    };
    let fill = if spec.fill == '\0' { String::new() } else { spec.fill.into() };
    let (plus, zero) = (if spec.plus { "+" } else { "" }, if spec.zero { "0" } else { "" });
    let width = if spec.width == 0 { String::new() } else { spec.width.to_string() };
    let precision = spec.precision.map_or(String::new(), |digits| format!(".{digits}"));
    format!(":{fill}{align}{plus}{zero}{width}{precision}{kind}")
}

/// A literal with its suffix.
pub(super) fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Int(value, None) => value.to_string(),
        Literal::Int(value, Some(NumberTy::Int(int))) => format!("{value}{}", int.name()),
        Literal::Int(value, Some(NumberTy::Float(float))) => format!("{value}{}", float.name()),
        Literal::Float(value, None) => format!("{value:?}"),
        Literal::Float(value, Some(float)) => format!("{value:?}{}", float.name()),
        Literal::Bool(value) => value.to_string(),
        Literal::Char(value) => format!("{value:?}"),
        Literal::String(text) => format!("{:?}", text.as_str()),
    }
}

fn unary_op(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::BitNot => "~",
        UnaryOp::Not => "not ",
    }
}

fn binary_op(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
    }
}

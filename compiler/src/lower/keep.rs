//! Until when variables and temporaries keep their values: variables until their block ends, temporaries until their
//! statement does.
//!
//! Said by `KeepAlive`, in the reverse order of declaration, on every way out. Only where the program has classes: nothing
//! else can tell.

use plat_syntax::source::Span;

use super::function::{Frame, FunctionLowerer};
use crate::hir::{ExprId, ExprKind, PatId, PatKind};
use crate::mir::{Local, LocalKind, StatementKind};
use crate::types::{Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// Begins the block that a body is: the parameters that the function was given belong to it.
    pub fn begin_body(&mut self) {
        let function = self.builder.function();
        let owned =
            function.params().filter(|&param| function.locals[param].kind == LocalKind::Owned).collect();
        self.builder.begin_block(&[]);
        self.blocks.push(owned);
        self.frames.push(Frame::Block(self.blocks.len() - 1));
    }

    /// Lowers something that is a block, in which the names of these patterns are variables too.
    pub fn in_block<T>(&mut self, patterns: &[PatId], span: Span, lower: impl FnOnce(&mut Self) -> T) -> T {
        let mut bound = Vec::new();
        for &pattern in patterns {
            self.collect_bound(pattern, &mut bound);
        }
        // They were met in the block around this one.
        if !bound.is_empty()
            && let Some(outer) = self.innermost_block()
        {
            self.blocks[outer].retain(|variable| !bound.contains(variable));
        }
        self.builder.begin_block(&bound);
        self.blocks.push(bound);
        let block = self.blocks.len() - 1;
        self.frames.push(Frame::Block(block));
        let result = lower(self);
        self.frames.pop();
        self.builder.end_block();
        self.release_variables(block, span.shrink_to_end());
        result
    }

    /// The patterns of a condition, whose names are variables where it holds.
    pub fn patterns_of_condition(&self, condition: ExprId) -> Vec<PatId> {
        match self.body.exprs[condition].kind {
            ExprKind::Let(pattern, _) => vec![pattern],
            ExprKind::And(left, right) => {
                [self.patterns_of_condition(left), self.patterns_of_condition(right)].concat()
            }
            _ => Vec::new(),
        }
    }

    fn collect_bound(&mut self, pattern: PatId, bound: &mut Vec<Local>) {
        match self.body.pats[pattern].kind.clone() {
            PatKind::Bind(local) => {
                if let Some(&local) = self.locals.get(&local)
                    && self.is_kept(local)
                {
                    bound.push(local);
                }
            }
            PatKind::Variant(_, _, args) | PatKind::Bare(_, args) | PatKind::Struct(_, args) => {
                args.items.iter().for_each(|&(_, item)| self.collect_bound(item, bound));
            }
            PatKind::Tuple(items) => items.iter().for_each(|&item| self.collect_bound(item, bound)),
            PatKind::Or(alternatives) => {
                if let Some(&first) = alternatives.first() {
                    self.collect_bound(first, bound);
                }
            }
            PatKind::Wild
            | PatKind::Literal(..)
            | PatKind::Const(_)
            | PatKind::Range { .. }
            | PatKind::Error => {}
        }
    }

    /// Notes a variable of the block that is being lowered.
    pub fn keep_until_block_ends(&mut self, variable: Local) {
        if self.is_kept(variable)
            && let Some(block) = self.innermost_block()
        {
            self.blocks[block].push(variable);
        }
    }

    fn innermost_block(&self) -> Option<usize> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Block(block) => Some(*block),
            _ => None,
        })
    }

    /// Says that the variables of a block keep their values until here.
    pub fn release_variables(&mut self, block: usize, span: Span) {
        for position in (0..self.blocks[block].len()).rev() {
            self.keep_alive(self.blocks[block][position], span);
        }
    }

    /// Says that the variables of all blocks keep their values while a call that does not return unwinds.
    pub fn keep_while_unwinding(&mut self, span: Span) {
        for position in (0..self.frames.len()).rev() {
            if let Frame::Block(block) = self.frames[position] {
                self.release_variables(block, span);
            }
        }
    }

    /// Lowers a statement, or the value that a block ends with: its temporaries keep their values until it ends.
    pub fn as_statement<T>(&mut self, span: Span, lower: impl FnOnce(&mut Self) -> T) -> T {
        let first = self.builder.function().locals.next_id();
        let result = lower(self);
        let last = self.builder.function().locals.next_id();
        for number in (first.0..last.0).rev() {
            let local = Local(number);
            let decl = &self.builder.function().locals[local];
            let is_temporary = decl.name.is_none() && decl.kind == LocalKind::Variable;
            if is_temporary && self.settled.insert(local) {
                self.keep_alive(local, span.shrink_to_end());
            }
        }
        result
    }

    /// Whether it matters how long the local keeps its value.
    fn is_kept(&self, local: Local) -> bool {
        self.program.has_classes && may_be_observed(self.builder.function().locals[local].ty)
    }

    fn keep_alive(&mut self, local: Local, span: Span) {
        if self.is_kept(local) {
            self.builder.push(StatementKind::KeepAlive(local.into()), span);
        }
    }
}

/// Whether a release of a value of this type could run code. What contains something that could is known only when all
/// types are.
fn may_be_observed(ty: Ty) -> bool {
    !matches!(
        ty.kind(),
        TyKind::Bool
            | TyKind::Char
            | TyKind::Never
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::String
            | TyKind::Tuple([])
            | TyKind::Error
    )
}

//! Builds a function block by block.
//!
//! There is always a current block. Ending it makes a fresh one current, which nothing leads to until something is told
//! to go there; [`Builder::finish`] drops what cannot be reached and numbers blocks and locals in order.

use plat_syntax::index::{Id, IndexVec, Symbol};
use plat_syntax::source::Span;

use super::{
    Argument, Block, BlockId, Callee, Function, Local, LocalDecl, LocalKind, Operand, Place, Rvalue,
    Statement, StatementKind, Terminator, TerminatorKind,
};
use crate::types::Ty;

/// A function being built.
#[derive(Debug)]
pub struct Builder {
    function: Function,
    current: BlockId,
    /// How many blocks what is added is in.
    blocks: u32,
}

impl Builder {
    /// Begins the function `function` says, which has no blocks and whose only local is its result.
    pub fn new(mut function: Function, result: Ty) -> Self {
        function.locals =
            [LocalDecl { ty: result, name: None, kind: LocalKind::Result, depth: 0 }].into_iter().collect();
        function.blocks = IndexVec::new();
        function.param_count = 0;
        let mut builder = Self { function, current: Function::ENTRY, blocks: 0 };
        builder.current = builder.new_block();
        builder
    }

    /// The function as it is so far.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// What the block that is being filled has so far.
    pub fn statements(&self) -> &[Statement] {
        &self.function.blocks[self.current].statements
    }

    /// Adds the next parameter. All come before any other local.
    pub fn param(&mut self, ty: Ty, name: Option<Symbol>, kind: LocalKind) -> Local {
        self.function.param_count += 1;
        let local = self.add(ty, name, kind, 0);
        debug_assert_eq!(local.0, self.function.param_count, "parameters come first");
        local
    }

    /// Adds a variable.
    pub fn variable(&mut self, ty: Ty, name: Option<Symbol>) -> Local {
        let depth = self.depth() + u32::from(name.is_none());
        self.add(ty, name, LocalKind::Variable, depth)
    }

    /// Adds a temporary.
    pub fn temp(&mut self, ty: Ty) -> Local {
        self.variable(ty, None)
    }

    /// Adds a scope record.
    pub fn scope(&mut self) -> Local {
        let depth = self.depth() + 1;
        self.add(Ty::unit(), None, LocalKind::Scope, depth)
    }

    /// Adds the record of a `select` with so many arms.
    pub fn selector(&mut self, arms: u32) -> Local {
        let depth = self.depth() + 1;
        self.add(Ty::unit(), None, LocalKind::Selector(arms), depth)
    }

    /// Adds what tells of the use of a field.
    pub fn use_guard(&mut self) -> Local {
        let depth = self.depth() + 1;
        self.add(Ty::unit(), None, LocalKind::Use, depth)
    }

    /// Adds a guard of a `defer`.
    pub fn guard(&mut self) -> Local {
        self.add(Ty::unit(), None, LocalKind::Guard, self.depth())
    }

    /// Adds a view, of what another local owns.
    pub fn view(&mut self, ty: Ty) -> Local {
        let depth = self.depth();
        self.add(ty, None, LocalKind::View, depth)
    }

    /// Adds a shield.
    pub fn shield(&mut self) -> Local {
        self.add(Ty::unit(), None, LocalKind::Shield, self.depth())
    }

    fn add(&mut self, ty: Ty, name: Option<Symbol>, kind: LocalKind, depth: u32) -> Local {
        self.function.deepest = self.function.deepest.max(depth);
        self.function.locals.push(LocalDecl { ty, name, kind, depth })
    }

    fn depth(&self) -> u32 {
        self.blocks * 2
    }

    /// What is added from here to `end_block` is in one more block, and so are these locals.
    pub fn begin_block(&mut self, locals: &[Local]) {
        self.blocks += 1;
        let depth = self.depth();
        self.function.deepest = self.function.deepest.max(depth);
        for &local in locals {
            self.function.locals[local].depth = depth;
        }
    }

    /// Ends what the last `begin_block` began.
    pub fn end_block(&mut self) {
        self.blocks -= 1;
    }

    /// Adds an empty block.
    pub fn new_block(&mut self) -> BlockId {
        let terminator = Terminator { kind: TerminatorKind::Unreachable, span: self.function.span };
        self.function.blocks.push(Block { statements: Vec::new(), terminator })
    }

    /// Makes a block current.
    pub fn switch_to(&mut self, block: BlockId) {
        self.current = block;
    }

    /// Appends a statement to the current block.
    pub fn push(&mut self, kind: StatementKind, span: Span) {
        self.function.blocks[self.current].statements.push(Statement { kind, span, site: None });
    }

    /// Appends an assignment.
    pub fn assign(&mut self, place: impl Into<Place>, rvalue: Rvalue, span: Span) {
        self.push(StatementKind::Assign(place.into(), rvalue), span);
    }

    /// Evaluates into a new temporary.
    pub fn assign_temp(&mut self, ty: Ty, rvalue: Rvalue, span: Span) -> Local {
        let temp = self.temp(ty);
        self.assign(temp, rvalue, span);
        temp
    }

    /// Appends a call.
    pub fn call(&mut self, target: Option<Place>, callee: Callee, args: Vec<Argument>, span: Span) {
        self.push(StatementKind::Call { target, callee, args }, span);
    }

    /// Ends the current block.
    pub fn terminate(&mut self, kind: TerminatorKind, span: Span) {
        self.function.blocks[self.current].terminator = Terminator { kind, span };
        self.current = self.new_block();
    }

    /// Ends the current block by going to another.
    pub fn goto(&mut self, target: BlockId, span: Span) {
        self.terminate(TerminatorKind::Goto(target), span);
    }

    /// Ends the current block by going to `target`, which becomes current.
    pub fn goto_and_switch(&mut self, target: BlockId, span: Span) {
        self.goto(target, span);
        self.switch_to(target);
    }

    /// Ends the current block with a branch on a `Bool`.
    pub fn branch(&mut self, condition: Operand, then: BlockId, otherwise: BlockId, span: Span) {
        self.terminate(TerminatorKind::Branch(condition, then, otherwise), span);
    }

    /// The finished function.
    pub fn finish(self) -> Function {
        let mut function = self.function;
        keep_reachable_blocks(&mut function);
        keep_mentioned_locals(&mut function);
        function
    }
}

/// Drops blocks that cannot be reached, and puts the others in reverse postorder.
pub fn keep_reachable_blocks(function: &mut Function) {
    let order = function.reverse_postorder();
    if order.iter().copied().eq(function.blocks.ids()) {
        return;
    }
    let mut renamed = vec![None; function.blocks.len()];
    for (position, block) in order.iter().enumerate() {
        renamed[block.index()] = Some(BlockId::from_index(position));
    }
    let mut blocks = IndexVec::new();
    for &id in &order {
        let mut block = function.blocks[id].clone();
        block.terminator.kind.for_each_successor_mut(|target| {
            *target = renamed[target.index()].expect("a successor of a block that can be reached");
        });
        blocks.push(block);
    }
    function.blocks = blocks;
}

/// Drops locals that nothing mentions, and numbers the others without gaps. The result and the parameters stay.
pub fn keep_mentioned_locals(function: &mut Function) {
    let mut mentioned = vec![false; function.locals.len()];
    mentioned[..=function.param_count as usize].fill(true);
    for block in function.blocks.iter_mut() {
        block.for_each_local_mut(|local| mentioned[local.index()] = true);
    }
    let mut renamed = Vec::with_capacity(mentioned.len());
    let mut locals = IndexVec::new();
    for (id, decl) in function.locals.iter_enumerated() {
        renamed.push(locals.next_id());
        if mentioned[id.index()] {
            locals.push(decl.clone());
        }
    }
    function.locals = locals;
    for block in function.blocks.iter_mut() {
        block.for_each_local_mut(|local| *local = renamed[local.index()]);
    }
}

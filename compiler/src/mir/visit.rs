//! Walking statements and terminators: their operands, places, locals and successors.
//!
//! One list of what each statement mentions, so that passes need not know every kind of statement.

use plat_syntax::index::IndexVec;

use super::local_set::LocalSet;
use super::{
    Argument, Block, BlockId, Callee, Capture, Function, Local, LocalKind, Operand, Place, Projection,
    Rvalue, Statement, StatementKind, TaskScope, TerminatorKind, UseStep,
};

/// What a statement does with a place that is not an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Stores a value, in place of what is there.
    Assign,
    /// Stores a value into an uninitialised buffer element.
    Init,
    /// Reads something about the value, which stays: its discriminant, its length.
    Inspect,
    /// Passes the address: reads, changes, fills or empties.
    Address,
    /// Gives the address to a closure, whose calls read and change the place.
    Capture,
    /// Changes the value in place: a buffer's length or elements, a value's sharing.
    Change,
    /// Takes or drops the value.
    Remove,
}

impl Operand {
    /// The place it reads, unless it is a constant.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Use(place) | Self::Copy(place) | Self::Move(place) | Self::Borrow(place) => Some(place),
            Self::Const(_) => None,
        }
    }

    /// The place it reads, to be changed.
    pub fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::Use(place) | Self::Copy(place) | Self::Move(place) | Self::Borrow(place) => Some(place),
            Self::Const(_) => None,
        }
    }
}

impl Argument {
    /// The place it is, or whose value it is, unless that is a constant.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Place(place) => Some(place),
            Self::Value(operand) => operand.place(),
        }
    }
}

impl Capture {
    /// The place it refers to, or whose value it is, unless that is a constant.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Place(place) => Some(place),
            Self::Value(operand) | Self::Owned(operand) => operand.place(),
        }
    }
}

/// Writes the walkers for shared and for exclusive references from one text.
macro_rules! walkers {
    ($($mutability:ident)?, $operands:ident, $places:ident, $rvalue_operands:ident, $rvalue_place:ident, $rvalue_places:ident, $as_ref:ident) => {
        impl Rvalue {
            /// Calls `visit` with each operand, in order of evaluation.
            pub fn $rvalue_operands(&$($mutability)? self, mut visit: impl FnMut(&$($mutability)? Operand)) {
                match self {
                    Self::Use(operand)
                    | Self::Unary(_, operand)
                    | Self::Cast(_, operand, _)
                    | Self::Fits(operand, _)
                    | Self::Float(_, operand)
                    | Self::Bits(_, operand)
                    | Self::NewBuffer(_, operand)
                    | Self::Interface(_, operand)
                    | Self::Reinterpret(operand, _) => visit(operand),
                    Self::Binary(_, left, right)
                    | Self::Wrapping(_, left, right)
                    | Self::MultiplyFolded(left, right)
                    | Self::BitPair(_, left, right)
                    | Self::Overflows(_, left, right) => {
                        visit(left);
                        visit(right);
                    }
                    Self::Aggregate(_, _, operands) => {
                        for operand in operands {
                            visit(operand);
                        }
                    }
                    Self::Closure(closure) => {
                        for capture in &$($mutability)? closure.captures {
                            if let Capture::Value(operand) | Capture::Owned(operand) = capture {
                                visit(operand);
                            }
                        }
                    }
                    Self::Discriminant(_)
                    | Self::Length(_)
                    | Self::Capacity(_)
                    | Self::IsUnique(_)
                    | Self::IsManaged(_)
                    | Self::Weaken(_)
                    | Self::Upgrade(..)
                    | Self::Identity(_)
                    | Self::TaskResult(_) => {}
                }
            }

            /// Calls `visit` with each place that is not an operand.
            fn $rvalue_places(&$($mutability)? self, mut visit: impl FnMut(&$($mutability)? Place, Access)) {
                if let Self::Closure(closure) = self {
                    for capture in &$($mutability)? closure.captures {
                        if let Capture::Place(place) = capture {
                            visit(place, Access::Capture);
                        }
                    }
                } else if let Some(place) = self.$rvalue_place() {
                    visit(place, Access::Inspect);
                }
            }

            /// The place it inspects, if it inspects one.
            pub fn $rvalue_place(&$($mutability)? self) -> Option<&$($mutability)? Place> {
                match self {
                    Self::Discriminant(place)
                    | Self::Length(place)
                    | Self::Capacity(place)
                    | Self::IsUnique(place)
                    | Self::Weaken(place)
                    | Self::Upgrade(place, _)
                    | Self::Identity(place)
                    | Self::TaskResult(place) => Some(place),
                    _ => None,
                }
            }
        }

        impl StatementKind {
            /// Calls `visit` with each operand, in order of evaluation.
            pub fn $operands(&$($mutability)? self, mut visit: impl FnMut(&$($mutability)? Operand)) {
                match self {
                    Self::Assign(_, rvalue) | Self::Init(_, rvalue) => rvalue.$rvalue_operands(visit),
                    Self::Call { args, .. } => {
                        for arg in args {
                            if let Argument::Value(operand) = arg {
                                visit(operand);
                            }
                        }
                    }
                    Self::SetLength(_, length) => visit(length),
                    Self::MoveElements { from, to, count, .. } => {
                        visit(from);
                        visit(to);
                        visit(count);
                    }
                    Self::CheckIndex { index, length } => {
                        visit(index);
                        visit(length);
                    }
                    Self::Spawn { scope, name, captures, .. } => {
                        if let TaskScope::Claimed(record) = scope {
                            visit(record);
                        }
                        if let Some(name) = name {
                            visit(name);
                        }
                        for capture in captures {
                            visit(capture);
                        }
                    }
                    Self::Release(_)
                    | Self::Forget(_)
                    | Self::KeepAlive(_)
                    | Self::InUse(..)
                    | Self::Share(_)
                    | Self::Withdraw { .. }
                    | Self::Global { .. }
                    | Self::ScopeEnter(_)
                    | Self::ScopeExit(_)
                    | Self::ScopeLeave(_)
                    | Self::Defer { .. }
                    | Self::Disarm(_)
                    | Self::Shield { .. }
                    | Self::Unshield(_)
                    | Self::Touch(_)
                    | Self::Poll(_) => {}
                }
            }

            /// Calls `visit` with each place that is not an operand; the target comes last. Of what names
            /// locals, such as scopes, it says nothing.
            pub fn $places(&$($mutability)? self, mut visit: impl FnMut(&$($mutability)? Place, Access)) {
                match self {
                    Self::Assign(target, rvalue) => {
                        rvalue.$rvalue_places(&mut visit);
                        visit(target, Access::Assign);
                    }
                    Self::Init(target, rvalue) => {
                        rvalue.$rvalue_places(&mut visit);
                        visit(target, Access::Init);
                    }
                    Self::Call { target, args, .. } => {
                        for arg in args {
                            if let Argument::Place(place) = arg {
                                visit(place, Access::Address);
                            }
                        }
                        if let Some(target) = target.$as_ref() {
                            visit(target, Access::Assign);
                        }
                    }
                    Self::Release(place) => visit(place, Access::Remove),
                    Self::KeepAlive(place) | Self::InUse(_, place) => visit(place, Access::Inspect),
                    Self::Share(place) | Self::SetLength(place, _) => visit(place, Access::Change),
                    Self::MoveElements { source, target, .. } => {
                        visit(source, Access::Change);
                        visit(target, Access::Change);
                    }
                    Self::Spawn { target, .. } | Self::Global { target, .. } => {
                        visit(target, Access::Assign);
                    }
                    Self::Defer { captures, .. } => {
                        for place in captures {
                            visit(place, Access::Address);
                        }
                    }
                    Self::Forget(_)
                    | Self::Withdraw { .. }
                    | Self::CheckIndex { .. }
                    | Self::ScopeEnter(_)
                    | Self::ScopeExit(_)
                    | Self::ScopeLeave(_)
                    | Self::Disarm(_)
                    | Self::Shield { .. }
                    | Self::Unshield(_)
                    | Self::Touch(_)
                    | Self::Poll(_) => {}
                }
            }
        }
    };
}

walkers!(, for_each_operand, for_each_place, for_each_part, inspected, for_each_inner_place, as_ref);
walkers!(
    mut,
    for_each_operand_mut,
    for_each_place_mut,
    for_each_part_mut,
    inspected_mut,
    for_each_inner_place_mut,
    as_mut
);

impl Place {
    /// Calls `visit` with each local it mentions: its own, and those that hold indices.
    pub fn for_each_local_mut(&mut self, mut visit: impl FnMut(&mut Local)) {
        visit(&mut self.local);
        for projection in &mut self.projections {
            if let Projection::Element(index) = projection {
                visit(index);
            }
        }
    }

    /// The locals that hold its indices.
    pub fn indices(&self) -> impl Iterator<Item = Local> + '_ {
        self.projections.iter().filter_map(|projection| match projection {
            Projection::Element(index) => Some(*index),
            Projection::Field(_)
            | Projection::VariantField(..)
            | Projection::ClassField(_)
            | Projection::Content(_) => None,
        })
    }
}

impl StatementKind {
    /// What it calls, spawns, defers or makes a closure of.
    pub fn callee(&self) -> Option<&Callee> {
        match self {
            Self::Call { callee, .. }
            | Self::Spawn { body: callee, .. }
            | Self::Global { body: callee, .. }
            | Self::Defer { body: callee, .. } => Some(callee),
            Self::Assign(_, Rvalue::Closure(closure)) | Self::Init(_, Rvalue::Closure(closure)) => {
                Some(&closure.body)
            }
            _ => None,
        }
    }

    /// What it calls, spawns, defers or makes a closure of, to be changed.
    pub fn callee_mut(&mut self) -> Option<&mut Callee> {
        match self {
            Self::Call { callee, .. }
            | Self::Spawn { body: callee, .. }
            | Self::Global { body: callee, .. }
            | Self::Defer { body: callee, .. } => Some(callee),
            Self::Assign(_, Rvalue::Closure(closure)) | Self::Init(_, Rvalue::Closure(closure)) => {
                Some(&mut closure.body)
            }
            _ => None,
        }
    }

    /// Calls `visit` with each local it names without a place: scope records, guards, shields, what it forgets or keeps.
    pub fn for_each_named_local_mut(&mut self, mut visit: impl FnMut(&mut Local)) {
        match self {
            Self::Forget(local)
            | Self::ScopeEnter(local)
            | Self::ScopeExit(local)
            | Self::ScopeLeave(local)
            | Self::Defer { guard: local, .. }
            | Self::Disarm(local)
            | Self::Unshield(local)
            | Self::InUse(UseStep::Begin(local) | UseStep::End(local), _)
            | Self::Spawn { scope: TaskScope::Record(local), .. } => visit(local),
            Self::Shield { shield, guard } => {
                visit(shield);
                visit(guard);
            }
            Self::Withdraw { offer, variable } => {
                visit(offer);
                variable.iter_mut().for_each(visit);
            }
            Self::Touch(locals) => locals.iter_mut().for_each(visit),
            _ => {}
        }
    }
}

impl TerminatorKind {
    /// The operand it decides by.
    pub fn operand(&self) -> Option<&Operand> {
        match self {
            Self::Branch(operand, ..) | Self::Switch(operand, ..) => Some(operand),
            Self::Goto(_) | Self::Return | Self::Unreachable => None,
        }
    }

    /// The operand it decides by, to be changed.
    pub fn operand_mut(&mut self) -> Option<&mut Operand> {
        match self {
            Self::Branch(operand, ..) | Self::Switch(operand, ..) => Some(operand),
            Self::Goto(_) | Self::Return | Self::Unreachable => None,
        }
    }

    /// Where it may go, in order; a block may appear more than once.
    pub fn successors(&self) -> Vec<BlockId> {
        match self {
            Self::Goto(target) => vec![*target],
            Self::Branch(_, then, otherwise) => vec![*then, *otherwise],
            Self::Switch(_, cases, otherwise) => {
                cases.iter().map(|&(_, target)| target).chain([*otherwise]).collect()
            }
            Self::Return | Self::Unreachable => Vec::new(),
        }
    }

    /// Calls `visit` with each block where it may go.
    pub fn for_each_successor_mut(&mut self, mut visit: impl FnMut(&mut BlockId)) {
        match self {
            Self::Goto(target) => visit(target),
            Self::Branch(_, then, otherwise) => {
                visit(then);
                visit(otherwise);
            }
            Self::Switch(_, cases, otherwise) => {
                for (_, target) in cases {
                    visit(target);
                }
                visit(otherwise);
            }
            Self::Return | Self::Unreachable => {}
        }
    }
}

impl Block {
    /// Calls `visit` with every mention of a local in it.
    pub fn for_each_local_mut(&mut self, mut visit: impl FnMut(&mut Local)) {
        for statement in &mut self.statements {
            let kind = &mut statement.kind;
            kind.for_each_operand_mut(|operand| {
                if let Some(place) = operand.place_mut() {
                    place.for_each_local_mut(&mut visit);
                }
            });
            kind.for_each_place_mut(|place, _| place.for_each_local_mut(&mut visit));
            kind.for_each_named_local_mut(&mut visit);
        }
        if let Some(place) = self.terminator.kind.operand_mut().and_then(Operand::place_mut) {
            place.for_each_local_mut(&mut visit);
        }
    }
}

impl Function {
    /// The locals to which closures refer, those made here and this one itself: what calls functions may read and
    /// change them.
    pub fn referenced_locals(&self) -> LocalSet {
        let mut referenced = LocalSet::new(self.locals.len());
        let is_place = |param: &Local| self.locals[*param].kind == LocalKind::Inout;
        let captures = self.params().take(self.capture_count as usize);
        captures.filter(is_place).for_each(|param| referenced.insert(param));
        for statement in self.blocks.iter().flat_map(|block| &block.statements) {
            statement.kind.for_each_place(|place, access| {
                if access == Access::Capture {
                    referenced.insert(place.local);
                }
            });
        }
        referenced
    }

    /// The blocks that go to each block, each once.
    pub fn predecessors(&self) -> IndexVec<BlockId, Vec<BlockId>> {
        let mut predecessors = IndexVec::filled(self.blocks.len(), Vec::new());
        for (id, block) in self.blocks.iter_enumerated() {
            for successor in block.terminator.kind.successors() {
                if !predecessors[successor].contains(&id) {
                    predecessors[successor].push(id);
                }
            }
        }
        predecessors
    }

    /// All statements.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.blocks.iter().flat_map(|block| &block.statements)
    }

    /// The blocks that can be reached, each before those that only it leads to, the first successor first.
    pub fn reverse_postorder(&self) -> Vec<BlockId> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.blocks.len()];
        let mut stack = vec![(Self::ENTRY, self.blocks[Self::ENTRY].terminator.kind.successors())];
        seen[Self::ENTRY.0 as usize] = true;
        while let Some((block, pending)) = stack.last_mut() {
            let Some(successor) = pending.pop() else {
                order.push(*block);
                stack.pop();
                continue;
            };
            if !std::mem::replace(&mut seen[successor.0 as usize], true) {
                stack.push((successor, self.blocks[successor].terminator.kind.successors()));
            }
        }
        order.reverse();
        order
    }
}

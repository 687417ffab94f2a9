//! Loops that count poll once in many rounds.
//!
//! A loop that counts to a bound is cut into *strips* of as many rounds as take some microseconds: its test compares the counter with the
//! end of the strip instead of the bound. Only where that is reached it compares with the bound, polls, and begins the next
//! strip. So a round costs what it would without a poll, and the end of a strip is never beyond the bound. A loop that is
//! done within one strip does not poll: what it stands in does.
//!
//! HotSpot does the same for its safepoints. Rejected: a count of rounds beside the counter; it takes an instruction more in each
//! round, and a register.

use super::counted::{Counted, Finder, innermost, is_poll};
use super::natural::{Dominators, loops};
use crate::hir::Definitions;
use crate::mir::{
    BinaryOp, Block, BlockId, CastKind, Const, Function, FunctionId, Local, Operand, Place, Rvalue,
    Statement, StatementKind, Terminator, TerminatorKind,
};
use crate::passes::ranges::Ranges;
use crate::types::{IntTy, Ty, TyKind};

/// What a strip may cost, in statements: some microseconds, a thousandth of the time after which others have their turn. A tenth of it
/// would cost short rounds a percent again.
const STRIP_WEIGHT: usize = 1 << 14;

/// What is to be done with a loop.
struct Strip<'l> {
    counted: Counted<'l>,
    /// Steps in a strip; `None` for a loop that is done before that.
    rounds: Option<i128>,
}

/// Cuts the loops into strips that poll in every round and count. The function's blocks are in reverse postorder, with one before each loop.
pub(super) fn run(function: &mut Function, definitions: &Definitions) {
    if !function.statements().any(|statement| is_poll(&statement.kind)) {
        return;
    }
    let dominators = Dominators::new(function);
    let all = loops(function, &dominators);
    let finder = Finder::new(function, definitions, &dominators);
    let counted: Vec<Counted<'_>> =
        innermost(function, &all).into_iter().filter_map(|inside| finder.find(inside)).collect();
    if counted.is_empty() {
        return;
    }
    let nothing = |_: FunctionId| false;
    let ranges = Ranges::solve_all(function, definitions, &nothing);
    let strips: Vec<Strip<'_>> =
        counted.into_iter().filter_map(|counted| plan(function, &ranges, counted)).collect();
    strips.iter().for_each(|strip| apply(function, strip));
}

/// How to cut a loop, if its counter is known to go to the bound without a detour.
fn plan<'l, F: Fn(FunctionId) -> bool>(
    function: &Function,
    ranges: &Ranges<'_, F>,
    counted: Counted<'l>,
) -> Option<Strip<'l>> {
    let before = counted.inside.preheader;
    let counter = Operand::Use(counted.counter.into());
    let (from, to) =
        if counted.is_upward() { (&counter, &counted.bound) } else { (&counted.bound, &counter) };
    let (least_step, most_step) = ranges.range_at_end(before, &counted.step)?;
    let is_on_the_way = ranges.most_at_end(before, from, to)? <= 0;
    let (block, statement) = counted.counting;
    if least_step < 1 || !is_on_the_way || !ranges.is_exact(function, block, statement) {
        return None;
    }
    let rounds = (STRIP_WEIGHT / counted.weight.max(1)) as i128;
    if ranges.most_at_end(before, to, from)? / least_step < rounds {
        return Some(Strip { counted, rounds: None });
    }
    let int = counter_int(function, counted.counter)?;
    let is_reachable = rounds > 0 && rounds.checked_mul(most_step)? <= int.max();
    is_reachable.then_some(Strip { counted, rounds: Some(rounds) })
}

fn counter_int(function: &Function, counter: Local) -> Option<IntTy> {
    match function.locals[counter].ty.kind() {
        TyKind::Int(int) => Some(*int),
        _ => None,
    }
}

/// Takes the polls out of a loop, and returns the one before its test.
fn take_polls(function: &mut Function, counted: &Counted<'_>) -> Option<Statement> {
    let mut found = None;
    for block in counted.inside.blocks() {
        let statements = &mut function.blocks[block].statements;
        if block == counted.test {
            found = statements.iter().rfind(|statement| is_poll(&statement.kind)).cloned();
        }
        statements.retain(|statement| !is_poll(&statement.kind));
    }
    found
}

fn apply(function: &mut Function, strip: &Strip<'_>) {
    let comparison = function.blocks[strip.counted.test].statements[strip.counted.comparison].clone();
    if let Some(rounds) = strip.rounds {
        let cutter = Cutter::new(function, &strip.counted, rounds, comparison);
        let again = cutter.cut(function);
        let poll = take_polls(function, &strip.counted);
        function.blocks[again].statements.extend(poll);
    } else {
        take_polls(function, &strip.counted);
    }
}

/// Computes before the loop how far so many rounds go, in both types.
fn compute_reach(
    function: &mut Function,
    counted: &Counted<'_>,
    types: [Ty; 2],
    rounds: i128,
    like: &Statement,
) -> [Operand; 2] {
    let reach = types.map(|ty| function.add_temp(ty));
    let product = Rvalue::Wrapping(BinaryOp::Mul, int(rounds, types[0]), counted.step.clone());
    let before = &mut function.blocks[counted.inside.preheader].statements;
    before.push(assign(like, reach[0], product));
    before.push(assign(like, reach[1], Rvalue::Cast(CastKind::Wrapping, value(reach[0]), types[1])));
    reach.map(value)
}

/// An assignment that belongs to where another statement was written.
fn assign(like: &Statement, target: Local, rvalue: Rvalue) -> Statement {
    Statement { kind: StatementKind::Assign(target.into(), rvalue), ..like.clone() }
}

/// Writes the code of one loop's strips.
struct Cutter<'a> {
    counted: &'a Counted<'a>,
    /// Compares the counter with the bound.
    comparison: Statement,
    /// Where a strip ends.
    end: Local,
    /// The type of the counter, and the one of how far it is from the bound.
    types: [Ty; 2],
    /// How far a strip goes, in each of the types.
    reach: [Operand; 2],
}

impl<'a> Cutter<'a> {
    fn new(function: &mut Function, counted: &'a Counted<'a>, rounds: i128, comparison: Statement) -> Self {
        let ty = function.locals[counted.counter].ty;
        let types = [ty, unsigned(ty)];
        let end = function.add_temp(ty);
        let reach = match counted.step {
            Operand::Const(Const::Int(step, _)) => types.map(|ty| int(rounds * step, ty)),
            _ => compute_reach(function, counted, types, rounds, &comparison),
        };
        Self { counted, comparison, end, types, reach }
    }

    /// Cuts the loop, and returns the block between two strips.
    fn cut(&self, function: &mut Function) -> BlockId {
        let Counted { inside, test, .. } = *self.counted;
        let mut decide = function.blocks[test].terminator.clone();
        let stays = decide.kind.successors().into_iter().find(|&target| inside.contains(target));
        let stays = stays.unwrap_or_else(|| crate::bug!("a counted loop has another round"));
        let first = self.begin(function, inside.head);
        function.blocks[inside.preheader].terminator.kind = TerminatorKind::Goto(first);
        let next = if stays == inside.head { first } else { self.begin(function, stays) };
        let again = self.block(function, Vec::new(), TerminatorKind::Goto(next));
        redirect(&mut decide.kind, |target| target == stays, again);
        let ended = self.block(function, vec![self.comparison.clone()], decide.kind);
        redirect(&mut function.blocks[test].terminator.kind, |target| target != stays, ended);
        self.compare_with_end(function);
        again
    }

    /// Adds blocks that say where the strip ends which begins at `target`, and go there. The counter is not beyond the bound.
    fn begin(&self, function: &mut Function, target: BlockId) -> BlockId {
        let [_, room_ty] = self.types;
        let [reach, reach_room] = self.reach.clone();
        let counter = value(self.counted.counter);
        let bound = self.counted.bound.clone();
        let (towards, ends) = if self.counted.is_upward() {
            (BinaryOp::Add, (bound.clone(), counter.clone()))
        } else {
            (BinaryOp::Sub, (counter.clone(), bound.clone()))
        };
        let [distance, room] = self.types.map(|ty| function.add_temp(ty));
        let is_far = function.add_temp(Ty::bool());
        let end = self.assign(self.end, Rvalue::Wrapping(towards, counter, reach));
        let far = self.block(function, vec![end], TerminatorKind::Goto(target));
        let statements = vec![
            self.assign(self.end, Rvalue::Use(bound)),
            self.assign(distance, Rvalue::Wrapping(BinaryOp::Sub, ends.0, ends.1)),
            self.assign(room, Rvalue::Cast(CastKind::Wrapping, value(distance), room_ty)),
            self.assign(is_far, Rvalue::Binary(BinaryOp::Gt, value(room), reach_room)),
        ];
        self.block(function, statements, TerminatorKind::Branch(value(is_far), far, target))
    }

    /// Lets the test of the loop compare with the end of the strip.
    fn compare_with_end(&self, function: &mut Function) {
        let Counted { test, comparison, counter, .. } = *self.counted;
        let statement = &mut function.blocks[test].statements[comparison];
        statement.kind.for_each_operand_mut(|operand| {
            if operand.place().and_then(Place::as_local) != Some(counter) {
                *operand = value(self.end);
            }
        });
    }

    fn assign(&self, target: Local, rvalue: Rvalue) -> Statement {
        assign(&self.comparison, target, rvalue)
    }

    fn block(&self, function: &mut Function, statements: Vec<Statement>, kind: TerminatorKind) -> BlockId {
        let terminator = Terminator { kind, span: self.comparison.span };
        function.blocks.push(Block { statements, terminator })
    }
}

fn redirect(kind: &mut TerminatorKind, which: impl Fn(BlockId) -> bool, to: BlockId) {
    kind.for_each_successor_mut(|target| {
        if which(*target) {
            *target = to;
        }
    });
}

fn value(local: Local) -> Operand {
    Operand::Use(local.into())
}

fn int(number: i128, ty: Ty) -> Operand {
    Operand::Const(Const::Int(number, ty))
}

/// The unsigned integer type of the same width.
fn unsigned(ty: Ty) -> Ty {
    let TyKind::Int(int) = ty.kind() else { return ty };
    Ty::new(TyKind::Int(match int {
        IntTy::I8 | IntTy::U8 => IntTy::U8,
        IntTy::I16 | IntTy::U16 => IntTy::U16,
        IntTy::I32 | IntTy::U32 => IntTy::U32,
        IntTy::I64 | IntTy::U64 => IntTy::U64,
    }))
}

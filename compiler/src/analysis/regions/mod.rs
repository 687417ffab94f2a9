//! Race freedom: a value that one task may use at a time is given to another only with all that may reach it.
//!
//! Every function is followed on its own (`flow`): which of its values may reach each other (`partition`), and which have been
//! given away. What that means for its callers is its `summary`; calls within a cycle of the call graph know only signatures.
//! Nothing is written in the program but `move`, before parameters of public functions that are given away.

use std::sync::{Arc, OnceLock};

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{Id, IndexVec};
use plat_syntax::parallel;

use crate::hir::{self, FnId, FnKind, Hir, MethodSource, Owner, ParamMode};
use crate::mir::transfer::{Known, Transfer};
use crate::mir::{Callee, Function, FunctionId, FunctionKind, Local, LocalKind, Mir, Rvalue, StatementKind};
use elements::Elements;
use fields::ChangedFields;
use flow::Flow;
use handed::Handed;
use journal::Journal;
use report::Reporter;
use summary::{Lent, Summary};
use waves::waves;

mod elements;
mod errors;
mod fields;
mod flow;
mod handed;
mod journal;
mod live;
mod offers;
mod partition;
mod report;
mod shared_state;
mod summary;
mod tuples;
mod waves;

/// Fewer functions than this are followed one by one: starting a thread takes as long as following a few.
const LEAST_AT_ONCE: usize = 32;

/// Reports values that are used after they have been given away, and makes `move` those parameters that are given away.
pub fn check(mir: &mut Mir, hir: &Hir, sink: &mut Sink) {
    let mut summaries = Summaries::new(mir, hir);
    let calls = calls(mir, &summaries);
    let known = Known::default();
    for wave in waves(&calls) {
        check_plain(mir, hir, &ids(wave.plain), &mut summaries, &known, sink);
        for circle in wave.circles {
            check_circle(mir, hir, &ids(circle), &mut summaries, &known, sink);
        }
    }
    let handed = summaries.handed(mir);
    for (function, position) in summaries.moved {
        let param = mir.functions[function].params().nth(position);
        if let Some(param) = param {
            mir.functions[function].locals[param].kind = LocalKind::Owned;
        }
    }
    for (id, given) in summaries.given {
        let keeps = |kind: &StatementKind| matches!(kind, StatementKind::KeepAlive(place) if given.contains(&place.local));
        for block in mir.functions[id].blocks.iter_mut() {
            block.statements.retain(|statement| !keeps(&statement.kind));
        }
    }
    offers::settle(mir);
    if let Some(option) = hir.lang.option.filter(|_| !handed.is_empty()) {
        handed::take_captures(mir, &hir.definitions, option, &handed);
    }
}

fn ids(functions: Vec<usize>) -> Vec<FunctionId> {
    functions.into_iter().map(FunctionId::from_index).collect()
}

/// Functions that do not call each other, all of whose callees are known. `known` is of this thread.
fn check_plain(
    mir: &Mir,
    hir: &Hir,
    functions: &[FunctionId],
    summaries: &mut Summaries,
    known: &Known,
    sink: &mut Sink,
) {
    let found: Vec<Followed> = if functions.len() < LEAST_AT_ONCE {
        functions.iter().map(|&id| follow(mir, hir, id, summaries, known)).collect()
    } else {
        let summaries = &*summaries;
        parallel::map_with(functions.len(), LEAST_AT_ONCE, Known::default, |known, number| {
            follow(mir, hir, functions[number], summaries, known)
        })
    };
    for (&id, followed) in functions.iter().zip(found) {
        summaries.learn(mir, hir, id, &followed.summary);
        conclude(mir, hir, id, followed, summaries, sink);
    }
}

/// Functions that call each other, or one that calls itself.
fn check_circle(
    mir: &Mir,
    hir: &Hir,
    members: &[FunctionId],
    summaries: &mut Summaries,
    known: &Known,
    sink: &mut Sink,
) {
    loop {
        let found: Vec<Followed> = members.iter().map(|&id| follow(mir, hir, id, summaries, known)).collect();
        // What a function is found to give away and to lend its callers in the circle have to know.
        let mut is_news = false;
        for (&id, followed) in members.iter().zip(&found) {
            is_news |= summaries.learn(mir, hir, id, &followed.summary);
        }
        if !is_news {
            for (&id, followed) in members.iter().zip(found) {
                conclude(mir, hir, id, followed, summaries, sink);
            }
            return;
        }
    }
}

/// Reports what is wrong in a function, and lets its callers know what it does.
fn conclude(
    mir: &Mir,
    hir: &Hir,
    id: FunctionId,
    followed: Followed,
    summaries: &mut Summaries,
    sink: &mut Sink,
) {
    let Followed { mut summary, journal, elements } = followed;
    let (journal, elements) = (&journal, &elements);
    Reporter { mir, hir, id, journal, elements, summaries }.report(sink);
    // What it may not give away it has not given away, to its callers.
    for (position, gives) in summary.gives.iter_mut().enumerate() {
        *gives = *gives && summaries.may_give(mir, hir, id, position);
    }
    summaries.known[id] = Some(Arc::new(summary));
    if !journal.given.is_empty() {
        summaries.given.push((id, journal.given.clone()));
    }
}

/// What is found out about a function.
struct Followed {
    summary: Summary,
    journal: Journal,
    elements: Elements,
}

/// Follows a function with what is known of those that it calls.
fn follow(mir: &Mir, hir: &Hir, id: FunctionId, summaries: &Summaries, known: &Known) -> Followed {
    let function = &mir.functions[id];
    let transfer = Transfer::new(&hir.definitions, type_params(hir, function), known);
    let elements = Elements::new(function, &transfer);
    let (summary, journal) = if elements.are_there() {
        let has_known_callers = summaries.has_known_callers(hir, function, id);
        Flow::new(hir, function, &transfer, &elements, summaries, has_known_callers).solve()
    } else {
        (Summary::of_sharable(function.param_count as usize), Journal::new(function))
    };
    Followed { summary, journal, elements }
}

fn type_params<'a>(hir: &'a Hir, function: &Function) -> &'a [hir::TypeParam] {
    function.origin.map_or(&[], |origin| &hir.definitions.functions[origin].type_params)
}

/// Of each function, those that it mentions.
fn calls(mir: &Mir, summaries: &Summaries) -> Vec<Vec<usize>> {
    let called = |function: &Function| {
        let statements = function.blocks.iter().flat_map(|block| &block.statements);
        let mut called: Vec<usize> = statements
            .filter_map(|statement| summaries.body_of(statement.kind.callee()?))
            .map(Id::index)
            .collect();
        called.sort_unstable();
        called.dedup();
        called
    };
    mir.functions.iter().map(called).collect()
}

/// What is known of all functions so far.
struct Summaries {
    by_definition: HashMap<FnId, FunctionId>,
    /// How interfaces' methods take their arguments, `self` first.
    required: HashMap<FnId, Vec<ParamMode>>,
    /// What types have as methods of interfaces.
    implementing: HashSet<FnId>,
    known: IndexVec<FunctionId, Option<Arc<Summary>>>,
    kinds: IndexVec<FunctionId, Vec<ParamMode>>,
    /// Parameters that are given away though nobody has written `move`.
    moved: HashSet<(FunctionId, usize)>,
    /// What the bodies of scopes give away of what they capture, and what functions lend, of those that are followed.
    handed: HashSet<(FunctionId, usize)>,
    lent: HashSet<(FunctionId, Lent)>,
    /// Functions that are values, too: their calls go by the type of the value.
    values: HashSet<FunctionId>,
    /// The bodies of scopes: who makes one gives away what it gives away.
    scopes: HashSet<FunctionId>,
    /// What functions give away: nobody keeps it until its block ends.
    given: Vec<(FunctionId, HashSet<Local>)>,
    /// Found when somebody asks: only messages do.
    changed_fields: OnceLock<ChangedFields>,
}

impl Summaries {
    fn new(mir: &Mir, hir: &Hir) -> Self {
        let plain = mir.functions.iter_enumerated().filter(|(_, it)| it.kind == FunctionKind::Plain);
        let by_definition: HashMap<FnId, FunctionId> =
            plain.filter_map(|(id, function)| Some((function.origin?, id))).collect();
        let of_interface = |function: &hir::Function| matches!(function.owner, Some(Owner::Interface(_)));
        let functions = hir.definitions.functions.iter_enumerated();
        let required = functions.filter(|(_, function)| of_interface(function));
        let required = required.map(|(id, function)| (id, modes(function))).collect();
        let methods = hir.definitions.implementations.iter().flat_map(|it| &it.methods);
        let implementing = methods.filter_map(|method| match method {
            MethodSource::Own(id) => Some(*id),
            MethodSource::Inherited(..) | MethodSource::Default => None,
        });
        let mut summaries = Self {
            by_definition,
            required,
            implementing: implementing.collect(),
            known: mir.functions.iter().map(|_| None).collect(),
            kinds: mir.functions.iter().map(modes_of_params).collect(),
            moved: HashSet::default(),
            handed: HashSet::default(),
            lent: HashSet::default(),
            values: HashSet::default(),
            scopes: HashSet::default(),
            given: Vec::new(),
            changed_fields: OnceLock::new(),
        };
        for statement in mir.functions.iter().flat_map(|it| it.blocks.iter()).flat_map(|it| &it.statements) {
            if let StatementKind::Assign(_, Rvalue::Closure(closure))
            | StatementKind::Init(_, Rvalue::Closure(closure)) = &statement.kind
            {
                let body = summaries.body_of(&closure.body);
                if closure.is_once { summaries.scopes.extend(body) } else { summaries.values.extend(body) }
            }
        }
        summaries
    }

    /// Notes what a function that is followed gives away and lends. Whether that is new.
    fn learn(&mut self, mir: &Mir, hir: &Hir, id: FunctionId, summary: &Summary) -> bool {
        let mut is_news = false;
        for position in (0..summary.gives.len()).filter(|&position| summary.gives[position]) {
            let is_handed = self.is_handed(mir, id, position) && self.handed.insert((id, position));
            let is_moved = self.is_movable(mir, hir, id, position) && self.moved.insert((id, position));
            is_news |= is_handed || is_moved;
        }
        for &lent in &summary.lends {
            is_news |= self.lent.insert((id, lent));
        }
        is_news
    }

    /// Whether it is something that the body of a scope captures.
    fn is_handed(&self, mir: &Mir, id: FunctionId, position: usize) -> bool {
        position < mir.functions[id].capture_count as usize && self.scopes.contains(&id)
    }

    /// Whether all that call the function know it, and not just its type or what an interface says of it.
    fn has_known_callers(&self, hir: &Hir, function: &Function, id: FunctionId) -> bool {
        let is_required = function.origin.is_some_and(|origin| {
            let is_of_interface =
                matches!(hir.definitions.functions[origin].owner, Some(Owner::Interface(_)));
            is_of_interface || self.implementing.contains(&origin)
        });
        function.kind == FunctionKind::Plain && !is_required && !self.values.contains(&id)
    }

    /// What the bodies of scopes give away of what they capture.
    fn handed(&self, mir: &Mir) -> Handed {
        let given = |id: FunctionId| {
            let gives = &self.known[id].as_ref()?.gives;
            let captures = 0..mir.functions[id].capture_count as usize;
            let given: Vec<usize> = captures.filter(|&position| gives[position]).collect();
            (!given.is_empty()).then_some((id, given))
        };
        self.scopes.iter().filter_map(|&id| given(id)).collect()
    }

    /// The function that is surely called.
    fn body_of(&self, callee: &Callee) -> Option<FunctionId> {
        match callee {
            Callee::Generic(id, _) if !self.required.contains_key(id) => self.by_definition.get(id).copied(),
            Callee::GenericBody(id, _) | Callee::Function(id) => Some(*id),
            _ => None,
        }
    }

    /// What a call does.
    fn of(&self, callee: &Callee, args: usize) -> Arc<Summary> {
        if let Some(id) = self.body_of(callee) {
            if let Some(known) = &self.known[id] {
                return known.clone();
            }
            let modes = (0..).zip(&self.kinds[id]).map(|(position, &mode)| {
                let place = (id, position);
                let is_moved = self.moved.contains(&place) || self.handed.contains(&place);
                if is_moved { ParamMode::Move } else { mode }
            });
            let lends = self.lent.iter().filter(|(lender, _)| *lender == id).map(|&(_, lent)| lent);
            return Arc::new(Summary { lends: lends.collect(), ..Summary::of_signature(modes) });
        }
        let modes: Vec<ParamMode> = match callee {
            Callee::Generic(id, _) => self.required.get(id).cloned().unwrap_or_default(),
            Callee::Value(ty) => {
                let signature = ty.signature();
                let modes = signature.into_iter().flat_map(|it| it.modes().iter().copied());
                std::iter::once(ParamMode::Value).chain(modes).collect()
            }
            _ => Vec::new(),
        };
        let missing = args.saturating_sub(modes.len());
        let missing = std::iter::repeat_n(ParamMode::Value, missing);
        Arc::new(Summary::of_signature(modes.into_iter().chain(missing)))
    }

    /// What a call of the body of a function value with so many captures does. Within a cycle of calls its captures and its
    /// parameters are taken to be joined, as are those of any function there.
    fn of_captures(&self, body: &Callee, captures: usize) -> Arc<Summary> {
        match self.body_of(body) {
            Some(_) => self.of(body, captures),
            None => Arc::new(Summary::of_signature(std::iter::repeat_n(ParamMode::Value, captures + 1))),
        }
    }

    /// Whether a function may give away what it gets at this position.
    fn may_give(&self, mir: &Mir, hir: &Hir, id: FunctionId, position: usize) -> bool {
        let function = &mir.functions[id];
        let is_body_of_scope = self.is_handed(mir, id, position);
        // What a place held when the function was called is the caller's to give.
        let is_own = function
            .params()
            .nth(position)
            .is_some_and(|param| matches!(function.locals[param].kind, LocalKind::Owned | LocalKind::Inout));
        is_body_of_scope || is_own || self.is_movable(mir, hir, id, position)
    }

    /// Whether a parameter may be made `move` without a word: nobody else than the callers in this program's view depends on
    /// how it is passed.
    fn is_movable(&self, mir: &Mir, hir: &Hir, id: FunctionId, position: usize) -> bool {
        let function = &mir.functions[id];
        let Some(definition) = function.origin.map(|origin| &hir.definitions.functions[origin]) else {
            return false;
        };
        let is_self = position == 0 && matches!(definition.kind, FnKind::Method | FnKind::MutMethod);
        let is_borrowed =
            function.params().nth(position).is_some_and(|it| function.locals[it].kind == LocalKind::Borrowed);
        function.kind == FunctionKind::Plain
            && is_borrowed
            && !is_self
            && !definition.is_public
            && !definition.is_implementing
            && !self.values.contains(&id)
    }
}

/// How a function of the program takes its arguments, `self` first.
fn modes(function: &hir::Function) -> Vec<ParamMode> {
    let this = match function.kind {
        FnKind::Method => Some(ParamMode::Value),
        FnKind::MutMethod => Some(ParamMode::Inout),
        FnKind::Static | FnKind::Init | FnKind::Deinit => None,
    };
    this.into_iter().chain(function.params.iter().map(|param| param.mode)).collect()
}

fn modes_of_params(function: &Function) -> Vec<ParamMode> {
    let mode = |kind: LocalKind| match kind {
        LocalKind::Inout => ParamMode::Inout,
        LocalKind::Owned => ParamMode::Move,
        _ => ParamMode::Value,
    };
    function.params().map(|param| mode(function.locals[param].kind)).collect()
}

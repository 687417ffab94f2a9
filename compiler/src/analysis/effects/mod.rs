//! What each function of a program may do besides giving a value: suspend, do I/O, spawn, block, panic.
//!
//! Of monomorphic MIR, before or after `drops`. A function that calls what it is given has no effects of those calls by itself: its
//! summary says which of its parameters it calls, and whoever calls it adds what it gives there. So `xs.for_each(f)` does what `f`
//! does, and no more. A function value that nobody can follow may be any that the program makes of its type, a method of an
//! interface that of any type that the program puts into a value of it. Functions are solved callees first, again and again until
//! nothing is new.

use plat_abi::functions::RuntimeFn;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{Id, IndexVec};

use self::values::{FunctionTypes, Held, Value, Values};
pub use crate::mir::effects::Effects;
use crate::mir::holders::closure_of;
use crate::mir::local_set::LocalSet;
use crate::mir::managed::Managed;
use crate::mir::visit::Access;
use crate::mir::{
    Argument, Callee, EntryId, Function, FunctionId, Local, LocalKind, Mir, StatementKind, graph,
};
use crate::types::{Sharing, Ty};

mod chain;
pub mod listing;
mod values;

pub use chain::Chain;

/// Where a program releases values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Releases {
    /// Wherever something ends that owns one: `drops` has not run.
    Implied,
    /// Where it says so.
    Written,
}

/// The effects of all functions of a program.
pub struct EffectMap<'a> {
    mir: &'a Mir,
    types: FunctionTypes<'a>,
    /// The bodies of the closures of each type.
    bodies: HashMap<Ty, Vec<FunctionId>>,
    summaries: IndexVec<FunctionId, Summary>,
    held: IndexVec<FunctionId, Held>,
}

/// What is known of a function.
#[derive(Clone, Default)]
struct Summary {
    /// What a call of it may do, apart from the function values that it is given.
    own: Effects,
    /// The parameters that it calls, or calls something in, and which effects of that end here.
    calls: Vec<(Local, Effects)>,
    /// The function values that it gives back, or stores into places of its caller.
    gives: Values,
}

impl<'a> EffectMap<'a> {
    /// Finds them.
    pub fn solve(mir: &'a Mir, managed: &Managed<'a>, releases: Releases) -> Self {
        let mut map = Self {
            mir,
            types: FunctionTypes::new(managed.definitions()),
            bodies: bodies_by_type(mir),
            summaries: IndexVec::filled(mir.functions.len(), Summary::default()),
            held: mir.functions.iter().map(|_| Held::default()).collect(),
        };
        let deinits: IndexVec<FunctionId, Vec<FunctionId>> =
            mir.functions.iter().map(|function| deinits_run(mir, managed, function, releases)).collect();
        let edges: Vec<Vec<usize>> =
            mir.functions.iter_enumerated().map(|(id, function)| map.edges(function, &deinits[id])).collect();
        // What calls itself polls where it is called, and may need more stack than there is.
        for member in graph::cycles(&edges).into_iter().flatten() {
            map.summaries[FunctionId::from_index(member)].own =
                Effects::POLLS.and(Effects::PANICS).and(Effects::UNWINDS);
        }
        let order: Vec<FunctionId> =
            graph::components(&edges).into_iter().flatten().map(FunctionId::from_index).collect();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &id in &order {
                changed |= map.update(id, &deinits[id]);
            }
        }
        map
    }

    /// What a call of the function may do, whatever it is given.
    pub fn of(&self, id: FunctionId) -> Effects {
        let function = &self.mir.functions[id];
        let calls = self.summaries[id].calls.iter();
        calls.fold(self.summaries[id].own, |effects, &(param, hidden)| {
            let values = self.types.unknown(function.locals[param].ty);
            values.fold(effects, |effects, value| effects.and(self.of_value(value).without(hidden)))
        })
    }

    /// What a call of the function may do, apart from what it is given.
    pub fn own(&self, id: FunctionId) -> Effects {
        self.summaries[id].own
    }

    /// The parameters that the function calls, or calls something in, and which effects of that end here.
    pub fn called_params(&self, id: FunctionId) -> &[(Local, Effects)] {
        &self.summaries[id].calls
    }

    /// The bodies of the closures that an argument of a call in the function may be.
    pub fn closures_in(&self, id: FunctionId, arg: &Argument) -> Vec<FunctionId> {
        self.of_argument(id, arg).iter().filter_map(Value::made).collect()
    }

    /// The parameters of the function that an argument of a call in it may be, or be part of.
    pub fn params_in(&self, id: FunctionId, arg: &Argument) -> Vec<Local> {
        self.of_argument(id, arg).iter().filter_map(Value::param).collect()
    }

    /// The bodies of the closures that a task calls which a statement of the function spawns.
    pub fn called_by_task(&self, id: FunctionId, kind: &StatementKind) -> Vec<FunctionId> {
        let StatementKind::Spawn { body: Callee::Function(task), captures, .. } = kind else {
            return Vec::new();
        };
        let called = self.summaries[*task].calls.iter();
        let given = called.filter_map(|(param, _)| captures.get(param.index() - 1));
        given.flat_map(|operand| self.closures_in(id, &Argument::Value(operand.clone()))).collect()
    }

    /// Solves a function once more; whether anything is new.
    fn update(&mut self, id: FunctionId, deinits: &[FunctionId]) -> bool {
        let function = &self.mir.functions[id];
        self.held[id] = Held::solve(function, &self.types, |held, kind| self.given(function, held, kind));
        let mut summary = self.summaries[id].clone();
        let globals = globals(function);
        let hidden = ends_in(function);
        let mut changed = false;
        for statement in function.statements() {
            changed |= summary.own.add(self.by_itself(function, &globals, &statement.kind));
            changed |= self.add_called(id, &statement.kind, hidden, &mut summary);
        }
        for &deinit in deinits {
            changed |= summary.own.add(self.of(deinit).and(Effects::UNWINDS));
        }
        let returned = function.params().filter(|&param| function.locals[param].kind == LocalKind::Inout);
        for local in [Function::RESULT].into_iter().chain(returned) {
            changed |= summary.gives.extend(self.held[id].of_local(local).iter());
        }
        self.summaries[id] = summary;
        changed
    }

    /// What a statement does by itself. Awaiting a constant, one of `globals`, is no long wait.
    fn by_itself(&self, function: &Function, globals: &LocalSet, kind: &StatementKind) -> Effects {
        let effects = Effects::of_statement(self.types.definitions, function, kind);
        let is_global = awaits(kind).is_some_and(|task| globals.contains(task));
        if is_global { effects.without(Effects::LINGERS.and(Effects::WAITS)) } else { effects }
    }

    /// Adds what a statement does through what it calls.
    fn add_called(
        &self,
        id: FunctionId,
        kind: &StatementKind,
        hidden: Effects,
        summary: &mut Summary,
    ) -> bool {
        let mut changed = false;
        for called in self.callees(id, kind) {
            let hidden = hidden.and(called.hidden);
            changed |= match called.callee {
                Value::Param(param) => summary.add_call(param, hidden),
                value => summary.own.add(self.of_value(value).without(hidden)),
            };
        }
        changed
    }

    /// What a call of a function value may do, apart from what it is given.
    fn of_value(&self, value: Value) -> Effects {
        match value {
            Value::Param(_) => Effects::NONE,
            Value::Made(body) => self.summaries[body].own,
            Value::Unknown(ty) => {
                let bodies = self.bodies_of(ty).into_iter();
                bodies.fold(Effects::NONE, |effects, body| effects.and(self.summaries[body].own))
            }
        }
    }

    /// The bodies of all closures of a type, and of all that they may have captured and call.
    fn bodies_of(&self, ty: Ty) -> Vec<FunctionId> {
        let (mut found, mut seen) = (Vec::new(), HashSet::from_iter([ty.without_sharing()]));
        let mut pending = vec![ty.without_sharing()];
        while let Some(ty) = pending.pop() {
            for &body in self.bodies.get(&ty).map_or(&[][..], Vec::as_slice) {
                found.push(body);
                for &(param, _) in &self.summaries[body].calls {
                    let types = self.types.of(self.mir.functions[body].locals[param].ty);
                    pending.extend(types.iter().copied().filter(|&ty| seen.insert(ty)));
                }
            }
        }
        found
    }

    /// What a statement calls: functions, and function values through them.
    fn callees(&self, id: FunctionId, kind: &StatementKind) -> Vec<Called> {
        let function = &self.mir.functions[id];
        let held = &self.held[id];
        let of_arg = |arg: &Argument| arg_values(function, &self.types, held, arg);
        let mut called = Vec::new();
        match kind {
            StatementKind::Defer { body: Callee::Function(body), captures, .. } => {
                let of_place = |index: usize| held.of_place(function, &self.types, &captures[index]);
                self.add_call(*body, 0, &of_place, &mut called);
            }
            StatementKind::Call { callee, args, .. } => match callee {
                Callee::Function(callee) => {
                    self.add_call(*callee, 0, &|index| of_arg(&args[index]), &mut called);
                }
                Callee::Entry(entry) => {
                    for method in self.methods(*entry) {
                        self.add_call(
                            method,
                            0,
                            &|index| self.of_self(method, index, args, &of_arg),
                            &mut called,
                        );
                    }
                }
                Callee::Value(_) => {
                    let values = of_arg(&args[0]);
                    self.add_values(&values, &args[1..], &of_arg, &mut called);
                }
                Callee::Runtime(RuntimeFn::catch_panic) => {
                    self.add_values(&of_arg(&args[0]), &[], &of_arg, &mut called);
                    called.iter_mut().for_each(|called| called.hidden = called.hidden.and(Effects::PANICS));
                }
                Callee::Runtime(RuntimeFn::scope_catch) => {
                    self.add_values(&of_arg(&args[1]), &[], &of_arg, &mut called);
                }
                _ => {}
            },
            _ => {}
        }
        called
    }

    /// A call of a function whose parameters from `first` on are given values; those before it are captures that belong to a value
    /// that is called with all that it holds.
    fn add_call(
        &self,
        callee: FunctionId,
        first: usize,
        of_arg: &dyn Fn(usize) -> Values,
        called: &mut Vec<Called>,
    ) {
        called.push(Called::all_of(Value::Made(callee)));
        for &(param, hidden) in &self.summaries[callee].calls {
            if let Some(index) = (param.index() - 1).checked_sub(first) {
                called.extend(of_arg(index).iter().map(|callee| Called { callee, hidden }));
            }
        }
    }

    /// Calls of function values, and of all that is in them.
    fn add_values(
        &self,
        values: &Values,
        args: &[Argument],
        of_arg: &dyn Fn(&Argument) -> Values,
        called: &mut Vec<Called>,
    ) {
        let call_body = |body: FunctionId, called: &mut Vec<Called>| {
            let function = &self.mir.functions[body];
            let fits = (function.param_count - function.capture_count) as usize == args.len();
            if fits {
                let first = function.capture_count as usize;
                self.add_call(body, first, &|index| of_arg(&args[index]), called);
            } else {
                called.push(Called::all_of(Value::Made(body)));
            }
        };
        for value in values.iter() {
            match value {
                Value::Made(body) => call_body(body, called),
                Value::Unknown(ty) => {
                    self.bodies_of(ty).into_iter().for_each(|body| call_body(body, called));
                }
                Value::Param(_) => {
                    called.push(Called::all_of(value));
                    // Whoever it is may call what it is given.
                    for arg in args {
                        called.extend(of_arg(arg).iter().map(Called::all_of));
                    }
                }
            }
        }
    }

    /// What a method of a value of an interface's type is given: of what such a value holds only the type is known.
    fn of_self(
        &self,
        method: FunctionId,
        index: usize,
        args: &[Argument],
        of_arg: &dyn Fn(&Argument) -> Values,
    ) -> Values {
        if index > 0 {
            return of_arg(&args[index]);
        }
        let mut values = Values::default();
        values.extend(self.types.unknown(self.mir.functions[method].locals[Local(1)].ty));
        values
    }

    fn methods(&self, entry: EntryId) -> impl Iterator<Item = FunctionId> {
        let entry = &self.mir.entries[entry];
        let tables = self.mir.tables.iter().filter(|table| table.interface == entry.interface);
        tables.map(|table| table.methods[entry.number as usize])
    }

    fn of_argument(&self, id: FunctionId, arg: &Argument) -> Values {
        arg_values(&self.mir.functions[id], &self.types, &self.held[id], arg)
    }

    /// The function values that a call gives back, or stores into places that it is passed.
    fn given(&self, function: &Function, held: &Held, kind: &StatementKind) -> Values {
        let StatementKind::Call { target, callee, args } = kind else { return Values::default() };
        let mut values = Values::default();
        if let Callee::Function(id) = callee {
            for value in self.summaries[*id].gives.iter() {
                match value {
                    Value::Param(param) => {
                        let arg = &args[param.index() - 1];
                        values.extend(arg_values(function, &self.types, held, arg).iter());
                    }
                    _ => {
                        values.insert(value);
                    }
                }
            }
            return values;
        }
        let filled = args.iter().enumerate().filter_map(|(position, arg)| match arg {
            Argument::Place(place) if callee.fills(position) || !matches!(callee, Callee::Runtime(_)) => {
                Some(place)
            }
            _ => None,
        });
        for place in target.iter().chain(filled) {
            values.extend(self.types.unknown(function.locals[place.local].ty));
        }
        values
    }

    /// What a function may call, as far as its text says: the order in which functions are solved, and the cycles.
    fn edges(&self, function: &Function, deinits: &[FunctionId]) -> Vec<usize> {
        let mut edges: Vec<FunctionId> = deinits.to_vec();
        let values_of = |ty: Ty| self.bodies.get(&ty.without_sharing()).into_iter().flatten().copied();
        for statement in function.statements() {
            match &statement.kind {
                StatementKind::Defer { body: Callee::Function(body), .. } => edges.push(*body),
                StatementKind::Call { callee, .. } => match callee {
                    Callee::Function(callee) => edges.push(*callee),
                    Callee::Value(ty) => edges.extend(values_of(*ty)),
                    Callee::Runtime(RuntimeFn::catch_panic | RuntimeFn::scope_catch) => {
                        edges.extend(values_of(Ty::function(&[], Ty::unit(), Sharing::Transfer)));
                    }
                    Callee::Entry(entry) => edges.extend(self.methods(*entry)),
                    _ => {}
                },
                _ => {}
            }
        }
        edges.sort_unstable();
        edges.dedup();
        edges.into_iter().map(Id::index).collect()
    }
}

impl Summary {
    /// Adds that a parameter is called, and that these effects of it end here; whether that is new.
    fn add_call(&mut self, param: Local, hidden: Effects) -> bool {
        let Some((_, known)) = self.calls.iter_mut().find(|(called, _)| *called == param) else {
            self.calls.push((param, hidden));
            return true;
        };
        let before = std::mem::replace(known, known.common(hidden));
        before != *known
    }
}

/// Something that is called: a function, which is a value without captures, or a function value.
#[derive(Clone, Copy, Debug)]
struct Called {
    callee: Value,
    /// Which of its effects end where it is called.
    hidden: Effects,
}

impl Called {
    fn all_of(callee: Value) -> Self {
        Self { callee, hidden: Effects::NONE }
    }
}

fn arg_values(function: &Function, types: &FunctionTypes<'_>, held: &Held, arg: &Argument) -> Values {
    arg.place().map(|place| held.of_place(function, types, place)).unwrap_or_default()
}

/// The bodies of the closures of each type that the program makes.
fn bodies_by_type(mir: &Mir) -> HashMap<Ty, Vec<FunctionId>> {
    let mut bodies: HashMap<Ty, Vec<FunctionId>> = HashMap::default();
    let statements = mir.functions.iter().flat_map(Function::statements);
    for closure in statements.filter_map(|statement| closure_of(&statement.kind)) {
        if let Callee::Function(body) = closure.body {
            let bodies = bodies.entry(closure.ty.without_sharing()).or_default();
            if !bodies.contains(&body) {
                bodies.push(body);
            }
        }
    }
    bodies
}

/// The tasks of constants among the locals: awaiting one waits at its first use in the program, and never again.
fn globals(function: &Function) -> LocalSet {
    let mut globals = LocalSet::new(function.locals.len());
    for statement in function.statements() {
        if let StatementKind::Global { target, .. } = &statement.kind {
            globals.insert(target.local);
        }
    }
    globals
}

/// The local whose task a statement awaits.
fn awaits(kind: &StatementKind) -> Option<Local> {
    match kind {
        StatementKind::Call { callee: Callee::Runtime(RuntimeFn::task_await), args, .. } => {
            Some(args.first()?.place()?.local)
        }
        _ => None,
    }
}

/// Which effects of what a function calls end in it: if it goes to a thread that it may block, or begins a transaction.
fn ends_in(function: &Function) -> Effects {
    function.statements().fold(Effects::NONE, |ended, statement| match statement.kind {
        StatementKind::Call { callee: Callee::Runtime(RuntimeFn::blocking_enter), .. } => {
            ended.and(Effects::BLOCKS)
        }
        StatementKind::Call { callee: Callee::Runtime(RuntimeFn::transaction_enter), .. } => {
            ended.and(Effects::RETRIES)
        }
        _ => ended,
    })
}

/// The `deinit`s that what a function releases may run.
fn deinits_run(mir: &Mir, managed: &Managed<'_>, function: &Function, releases: Releases) -> Vec<FunctionId> {
    if mir.deinits.is_empty() {
        return Vec::new();
    }
    let mut released = HashSet::default();
    for statement in function.statements() {
        match (&statement.kind, releases) {
            (StatementKind::Release(place), Releases::Written) => {
                released.insert(function.place_ty(managed.definitions(), place));
            }
            (kind, Releases::Implied) => kind.for_each_place(|place, access| {
                // What is stored as the result goes to the caller.
                if access == Access::Assign && place.as_local() != Some(Function::RESULT) {
                    released.insert(function.place_ty(managed.definitions(), place));
                }
            }),
            _ => {}
        }
    }
    if releases == Releases::Implied {
        let owned = function.locals.iter().filter(|decl| decl.kind == LocalKind::Owned);
        released.extend(owned.map(|decl| decl.ty));
    }
    let runs = |class: Ty| released.iter().any(|&ty| managed.may_end(ty, class));
    mir.deinits.iter().filter(|&&(class, _)| runs(class)).map(|&(_, deinit)| deinit).collect()
}

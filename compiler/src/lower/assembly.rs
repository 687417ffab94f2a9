//! Puts together what came of the functions, each lowered by itself, in the order in which they were wanted: the same program
//! gives the same MIR, however many threads lowered it.

use plat_syntax::hash::HashMap;
use plat_syntax::index::{Id, IndexVec};

use super::Lowered;
use crate::hir::{ConstId, FnBody, FnId, Hir, InterfaceId, MethodSource, Owner};
use crate::mir::{Callee, Function, FunctionId, Mir};
use crate::types::TyKind;

/// A program of which some functions are lowered.
pub(super) struct Assembly<'a> {
    hir: &'a Hir,
    mir: Mir,
    /// Where the program begins, until that is lowered.
    main: Option<FnId>,
    /// Whether each function has been called by one that was lowered.
    is_wanted: IndexVec<FnId, bool>,
    /// Those that are yet to be lowered.
    wanted: Vec<FnId>,
    /// The task bodies that compute constants.
    const_tasks: HashMap<ConstId, FunctionId>,
}

impl<'a> Assembly<'a> {
    /// A program without functions.
    pub(super) fn new(hir: &'a Hir) -> Self {
        Self {
            hir,
            mir: Mir::default(),
            main: None,
            is_wanted: IndexVec::filled(hir.definitions.functions.len(), false),
            wanted: Vec::new(),
            const_tasks: HashMap::default(),
        }
    }

    /// Begins with `main`, or with the entry that calls it.
    pub(super) fn begin(&mut self, main: FnId, entry: Option<Lowered>) {
        match entry {
            Some(entry) => self.mir.main = self.append(entry),
            None => {
                self.main = Some(main);
                self.want(main);
            }
        }
    }

    /// The functions to lower next.
    pub(super) fn take_wanted(&mut self) -> Vec<FnId> {
        std::mem::take(&mut self.wanted)
    }

    /// Adds what came of a function.
    pub(super) fn add(&mut self, id: FnId, lowered: Lowered) {
        let function = self.append(lowered);
        if self.main == Some(id) {
            self.mir.main = function;
        }
    }

    /// The whole program.
    pub(super) fn finish(self) -> Mir {
        self.mir
    }

    /// Gives the functions their numbers in the program, and returns that of the last.
    fn append(&mut self, lowered: Lowered) -> Option<FunctionId> {
        let Lowered { functions, wanted, const_tasks } = lowered;
        wanted.into_iter().for_each(|id| self.want(id));
        let consts: HashMap<FunctionId, ConstId> =
            const_tasks.into_iter().map(|(id, task)| (task, id)).collect();
        let mut numbers: IndexVec<FunctionId, FunctionId> = IndexVec::new();
        let mut next = self.mir.functions.next_id();
        for own in 0..functions.len() {
            let number = match consts.get(&FunctionId::from_index(own)) {
                // Another function has made the same.
                Some(id) if let Some(&known) = self.const_tasks.get(id) => known,
                constant => {
                    let number = next;
                    constant.map(|&id| self.const_tasks.insert(id, number));
                    next = FunctionId(next.0 + 1);
                    number
                }
            };
            numbers.push(number);
        }
        for (mut function, &number) in functions.into_iter().zip(numbers.iter()) {
            if number == self.mir.functions.next_id() {
                renumber(&mut function, &numbers);
                self.mir.functions.push(function);
            }
        }
        numbers.iter().last().copied()
    }

    /// Has a function lowered.
    pub(super) fn want(&mut self, id: FnId) {
        if std::mem::replace(&mut self.is_wanted[id], true) {
            return;
        }
        let function = &self.hir.definitions.functions[id];
        if matches!(function.body, FnBody::Plat(_) | FnBody::Foreign(_)) {
            self.wanted.push(id);
        }
        if let Some(Owner::Interface(interface)) = function.owner {
            if Some(interface) == self.hir.lang.hash {
                self.want_hasher();
            }
            if self.hir.lang.structural(interface).is_some_and(|it| it.speaks_json()) {
                self.want_json(id);
            }
            self.want_implementations(id, interface);
        }
    }

    /// What the generated functions that put values into a hasher call.
    fn want_hasher(&mut self) {
        let hasher = self.hir.lang.hasher.map(|id| &self.hir.definitions.structs[id]);
        for &member in hasher.iter().flat_map(|hasher| &hasher.members) {
            self.want(member);
        }
    }

    /// What the generated functions that write and read JSON call: members of what `encode` and `decode` are given, and the defaults
    /// of fields.
    fn want_json(&mut self, method: FnId) {
        let definitions = &self.hir.definitions;
        for param in &definitions.functions[method].params {
            if let TyKind::Struct(id, _) = *param.ty.ty.kind() {
                definitions.structs[id].members.iter().for_each(|&member| self.want(member));
            }
        }
        let fields = definitions.structs.iter().filter(|it| !it.is_library).flat_map(|it| it.fields.iter());
        fields.filter_map(|field| field.default).for_each(|default| self.want(default));
    }

    /// Which function a call of an interface's method means is known when all types are: any implementation may be it.
    fn want_implementations(&mut self, method: FnId, interface: InterfaceId) {
        let definitions = &self.hir.definitions;
        let members = &definitions.interfaces[interface].members;
        let Some(position) = members.iter().position(|&member| member == method) else { return };
        for implementation in definitions.implementations.of_interface(interface) {
            if let MethodSource::Own(function) = implementation.methods[position] {
                self.want(function);
            }
        }
        for id in definitions.interfaces.ids() {
            let (this, plain) = definitions.in_own_terms(id);
            if let Some((inherited, _)) = definitions.inherited_default(plain, this, method) {
                self.want(inherited);
            }
        }
    }
}

/// Bodies of tasks, closures and `defer`s are called by number.
fn renumber(function: &mut Function, numbers: &IndexVec<FunctionId, FunctionId>) {
    for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
        if let Some(Callee::GenericBody(body, _)) = statement.kind.callee_mut() {
            *body = numbers[*body];
        }
    }
}

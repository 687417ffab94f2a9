//! What a call does to the regions of its arguments.

use crate::hir::ParamMode;

/// What a function does, said of the values at its border: its parameters when it is called, the places it is given when it
/// returns, and its result. Equal numbers are one region; what has none is Sharable.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Summary {
    /// What parameters were and places hold when it returns.
    pub returned: Border,
    /// The result.
    pub result: Option<u32>,
    /// Which parameters it gives to another task, or keeps for itself.
    pub gives: Vec<bool>,
    /// Of each parameter, the first one that is given away wherever it is, and nowhere else: those two may be one for all that it does.
    pub together: Vec<usize>,
    /// The parameters that it calls with what is in shared state: which, and at which of their positions.
    pub lends: Vec<Lent>,
    /// What parameters were and places hold where it unwinds, whether that is to be caught or not.
    pub unwound: Border,
}

/// Regions of the values at the border of a function.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Border {
    /// The parameters as they were given.
    pub params: Vec<Option<u32>>,
    /// What the places among the parameters hold.
    pub places: Vec<Option<u32>>,
}

impl Border {
    /// The region of the parameter as it was given.
    pub fn param(&self, position: usize) -> Option<u32> {
        self.params.get(position).copied().flatten()
    }

    /// The region of what the place holds.
    pub fn place(&self, position: usize) -> Option<u32> {
        self.places.get(position).copied().flatten()
    }

    /// The regions that what is passed at this position is of.
    pub fn at(&self, position: usize) -> impl Iterator<Item = u32> {
        [self.param(position), self.place(position)].into_iter().flatten()
    }

    /// The region of what is there in the end: of a place what it holds, since what it held before may have been taken out.
    pub fn left_at(&self, position: usize) -> Option<u32> {
        self.place(position).or(self.param(position))
    }
}

/// That a function value, which is the parameter at `function`, is called with what is in shared state as its argument `position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Lent {
    pub function: usize,
    pub position: usize,
}

impl Summary {
    /// That of a function without Transfer values.
    pub fn of_sharable(params: usize) -> Self {
        Self {
            returned: Border { params: vec![None; params], places: vec![None; params] },
            gives: vec![false; params],
            together: (0..params).collect(),
            ..Self::default()
        }
    }

    /// What is known of a function without its body: whatever it is given and gives may reach each other, but for what it
    /// takes by `move`, which is gone.
    pub fn of_signature(modes: impl Iterator<Item = ParamMode>) -> Self {
        const TOGETHER: Option<u32> = Some(0);
        let modes: Vec<ParamMode> = modes.collect();
        let param = |(mode, own): (&ParamMode, u32)| {
            if *mode == ParamMode::Move { Some(own) } else { TOGETHER }
        };
        let params: Vec<Option<u32>> = modes.iter().zip(1..).map(param).collect();
        let is_place = |&mode: &ParamMode| mode == ParamMode::Inout;
        let places: Vec<Option<u32>> = modes.iter().map(|mode| TOGETHER.filter(|_| is_place(mode))).collect();
        let border = Border { params, places };
        Self {
            unwound: border.clone(),
            returned: border,
            result: TOGETHER,
            gives: modes.iter().map(|&mode| mode == ParamMode::Move).collect(),
            together: (0..modes.len()).collect(),
            lends: Vec::new(),
        }
    }
}

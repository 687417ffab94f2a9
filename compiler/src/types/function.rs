//! Signatures of function types.

use super::{Ty, intern_list, intern_modes};
use crate::hir::ParamMode;

/// What calls of a function value take and give. Copying is free, and its lists are interned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FnSig {
    /// The types of the parameters, then that of the result.
    parts: &'static [Ty],
    /// How each parameter is passed.
    modes: &'static [ParamMode],
    sharing: Sharing,
}

/// Whether values of a function type may be used by several tasks at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sharing {
    /// `fn(A) -> B`
    Transfer,
    /// `Sharable fn(A) -> B`
    Sharable,
}

impl FnSig {
    /// The signature with these parameters and this result.
    pub fn new(params: &[(ParamMode, Ty)], result: Ty, sharing: Sharing) -> Self {
        let parts: Vec<Ty> = params.iter().map(|&(_, ty)| ty).chain([result]).collect();
        let modes: Vec<ParamMode> = params.iter().map(|&(mode, _)| mode).collect();
        Self { parts: intern_list(&parts), modes: intern_modes(&modes), sharing }
    }

    /// The types of the parameters, then that of the result.
    pub fn parts(self) -> &'static [Ty] {
        self.parts
    }

    /// The parameters in order.
    pub fn params(self) -> impl ExactSizeIterator<Item = (ParamMode, Ty)> {
        self.modes.iter().copied().zip(self.parts.iter().copied())
    }

    /// How each parameter is passed.
    pub fn modes(self) -> &'static [ParamMode] {
        self.modes
    }

    /// The type of the result.
    pub fn result(self) -> Ty {
        self.parts[self.modes.len()]
    }

    /// Whether its values may be used by several tasks at once.
    pub fn sharing(self) -> Sharing {
        self.sharing
    }

    /// The same signature for values that several tasks may, or may not, use at once.
    #[must_use]
    pub fn with_sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// The same signature with every type replaced.
    #[must_use]
    pub(super) fn map(self, replace: impl FnMut(Ty) -> Ty) -> Self {
        let parts: Vec<Ty> = self.parts.iter().copied().map(replace).collect();
        Self { parts: intern_list(&parts), ..self }
    }
}

//! The one list of diagnostic codes, each with its explanation.
//!
//! Codes are stable: one that falls out of use is not used again. Ranges: `E00` text and tokens, `E01` grammar,
//! `E02` names, `E03` types, `E04` patterns, `E05` tasks and captures, `E06` places and initialisation, `E09` the
//! program as a whole; warnings are `W` with the same ranges.

use std::fmt;

/// A stable name for one kind of diagnostic, such as `E0301`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    name: &'static str,
    title: &'static str,
    page: &'static str,
}

impl Code {
    /// The code itself: `E0301`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What it stands for in a few words.
    pub fn title(self) -> &'static str {
        self.title
    }

    /// The page that `platc explain` prints, in Markdown.
    pub fn page(self) -> &'static str {
        self.page
    }

    /// The code with this name, whatever its case.
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|code| code.name.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! codes {
    ($($constant:ident = $name:ident, $title:literal;)*) => {
        $(
            #[doc = $title]
            pub const $constant: Code = Code {
                name: stringify!($name),
                title: $title,
                page: include_str!(concat!("explain/", stringify!($name), ".md")),
            };
        )*

        /// Every code, in order.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    UNEXPECTED_TOKEN = E0101, "unexpected token";
    UNKNOWN_NAME = E0201, "unknown name";
    DUPLICATE_DEFINITION = E0202, "duplicate definition";
    UNKNOWN_TYPE = E0203, "unknown type";
    TYPE_ARGUMENT_COUNT = E0204, "wrong number of type arguments";
    UNKNOWN_LABEL = E0205, "unknown label";
    JUMP_OUTSIDE_LOOP = E0206, "`break` or `continue` outside of a loop";
    JUMP_OUT_OF_TASK = E0207, "`break` or `continue` out of a task";
    MISUSED_SELF = E0208, "misused `self`";
    UNEQUAL_BINDINGS = E0209, "alternatives that bind different names";
    INFINITE_STRUCT = E0210, "struct that contains itself";
    ALIAS_CYCLE = E0211, "alias that stands for itself";
    TYPE_AS_VALUE = E0212, "type used as a value";
    NOT_AN_INTERFACE = E0213, "bound that is not an interface";
    WRONG_SEPARATOR = E0214, "`.` for `::` or the reverse";
    UNKNOWN_VARIANT = E0215, "unknown variant";
    CANNOT_EXTEND = E0216, "wrong extension";
    NOT_YET = E0900, "not part of this version";
    ENDLESS_INSTANCES = E0901, "endless instances";
    MISSING_MAIN = E0902, "program without `main`";
    WRONG_MAIN = E0903, "`main` with a wrong signature";
}

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
    UNEXPECTED_CHARACTER = E0001, "unexpected character";
    UNTERMINATED_COMMENT = E0002, "unterminated comment";
    UNTERMINATED_STRING = E0003, "unterminated string";
    MALFORMED_CHARACTER = E0004, "malformed character literal";
    UNKNOWN_ESCAPE = E0005, "unknown escape";
    MALFORMED_NUMBER = E0006, "malformed number";
    UNKNOWN_SUFFIX = E0007, "unknown suffix of a number";
    WRONG_CASE = E0008, "name in the wrong case";
    STRING_LAYOUT = E0009, "layout of a multi-line string";
    UNTERMINATED_VALUE = E0010, "unterminated value in a string";
    MALFORMED_FORMAT = E0011, "malformed format of a value";
    FOREIGN_SYNTAX = E0012, "word or operator of another language";
    UNEXPECTED_TOKEN = E0101, "unexpected token";
    MISSING_SEMICOLON = E0102, "missing `;`";
    UNCLOSED_BRACKET = E0103, "bracket that is never closed";
    UNMATCHED_CLOSE = E0104, "closing bracket without its opening one";
    CHAINED_COMPARISON = E0105, "chained comparison";
    ASSIGNMENT_IN_EXPRESSION = E0106, "assignment inside an expression";
    IF_WITHOUT_ELSE = E0107, "`if` without `else` as an operand";
    KEYWORD_AS_NAME = E0108, "keyword used as a name";
    MISSING_NAME = E0109, "missing name";
    FUNCTION_BODY = E0110, "function body missing or misplaced";
    NESTED_TOO_DEEPLY = E0111, "nested too deeply";
    INCREMENT = E0112, "`++` or `--`";
    NOT_AFTER_OPERATOR = E0113, "`not` without parentheses after an operator";
    MISPLACED_MODIFIER = E0114, "modifier where it has no meaning";
    POSITIONAL_AFTER_NAMED = E0115, "position after name";
    VARIANT_FIELDS = E0116, "malformed fields of a variant";
    MISPLACED_ITEM = E0117, "item or statement in the wrong place";
    STATEMENT_GOES_ON = E0118, "statement that has ended is continued";
    MISSING_COMMA = E0119, "missing `,`";
    MISPLACED_MEMBER = E0120, "member where it cannot stand";
    MISPLACED_REST = E0121, "`..` that is not last in a pattern";
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
    CLASS_PATTERN = E0221, "class taken apart by a pattern";
    MUT_IN_CLASS = E0222, "`mut fn` in a class";
    DEINIT_OF_VALUE = E0223, "`deinit` of something that is not a class";
    IMPLEMENTED_TWICE = E0241, "interface implemented twice";
    NOT_OF_INTERFACE = E0242, "method that the interface does not have";
    MISSING_METHOD = E0243, "missing method of an interface";
    WRONG_SIGNATURE = E0244, "method unlike the interface's";
    INTERFACE_CYCLE = E0245, "interface that extends itself";
    SHARABLE_BY_HAND = E0246, "`Sharable` implemented by hand";
    BOUND_ONLY = E0247, "interface that is a bound only";
    UNKNOWN_MODULE = E0261, "unknown module";
    UNKNOWN_ITEM = E0262, "module without such an item";
    PRIVATE_ITEM = E0263, "private item";
    IMPORT_CYCLE = E0264, "name that stands for itself";
    UNKNOWN_ABI = E0265, "unknown calling convention";
    FOREIGN_SIGNATURE = E0266, "signature that C does not have";
    UNUSED_IMPORT = W0261, "unused `use`";
    PRIVATE_IN_PUBLIC = W0271, "private type in what is public";
    MISMATCHED_TYPES = E0301, "mismatched types";
    CANNOT_INFER = E0302, "type that cannot be inferred";
    UNKNOWN_FIELD = E0303, "unknown field";
    UNKNOWN_METHOD = E0304, "unknown method";
    BARE_VARIANT = E0305, "variant of an unknown enum";
    NOT_CALLABLE = E0306, "call of something that is not a function";
    MISSING_ARGUMENT = E0307, "missing argument";
    TOO_MANY_ARGUMENTS = E0308, "too many arguments";
    UNKNOWN_ARGUMENT = E0309, "unknown argument";
    DUPLICATE_ARGUMENT = E0310, "argument given twice";
    UNMET_BOUND = E0311, "type that does not meet a bound";
    OPERANDS_DIFFER = E0312, "operands of different types";
    NO_OPERATOR = E0313, "operator that a type does not have";
    BAD_CAST = E0314, "conversion that does not exist";
    LITERAL_OUT_OF_RANGE = E0315, "literal out of range";
    PRIVATE_MEMBER = E0316, "private member";
    BRANCHES_DIFFER = E0317, "branches of different types";
    MISSING_ELSE = E0318, "`if` without `else` as a value";
    MISSING_VALUE = E0319, "missing value";
    NOT_ITERABLE = E0320, "not something to iterate over";
    NOT_INDEXABLE = E0321, "not something to index";
    BAD_TRY = E0322, "`?` where it cannot return";
    BREAK_VALUE = E0323, "`break` with or without a value";
    UNKNOWN_TYPE_CONSTANT = E0324, "unknown constant of a type";
    CONST_CYCLE = E0325, "constant that needs itself";
    WRONG_RECEIVER = E0326, "method called on a type, or function on a value";
    CANNOT_CONSTRUCT = E0327, "type without an initialiser";
    WRONG_FORMAT = E0328, "format that a type does not have";
    JUMP_OUT_OF_CLOSURE = E0331, "`break` or `continue` out of a closure";
    INOUT_PATTERN = E0332, "`inout` parameter without a name";
    CLOSURE_PARAMETERS = E0333, "closure with other parameters than are expected";
    NOT_SHARABLE_FUNCTION = E0334, "function value that cannot be shared";
    STRUCTURE_LACKS = E0351, "structure that does not make up an interface";
    AMBIGUOUS_METHOD = E0352, "method of several interfaces";
    HIDDEN_OVERRIDE = E0353, "method that only a type knows called on an interface";
    CONST_PANICS = E0371, "constant that panics";
    DROPPED_VALUE = W0301, "dropped result";
    UNUSED_VARIABLE = W0302, "variable that nothing reads";
    NEEDLESS_VAR = W0303, "`var` that nothing changes";
    UNUSED_ITEM = W0304, "item that nothing uses";
    UNUSED_VALUE = W0305, "value that a statement drops";
    NOT_EXHAUSTIVE = E0401, "patterns that do not cover every value";
    REFUTABLE_PATTERN = E0402, "pattern that may not match";
    WRONG_PATTERN = E0403, "pattern for another type";
    WRONG_FIELDS = E0404, "pattern with wrong fields";
    LET_ELSE_REACHES_END = E0405, "`let … else` that goes on";
    TOO_COMPLEX = E0406, "patterns too complex to check";
    UNREACHABLE_ARM = W0401, "unreachable arm";
    UNREACHABLE_CODE = W0402, "unreachable code";
    SPAWN_OUTSIDE_SCOPE = E0501, "`spawn` outside of `concurrent`";
    CAPTURED_IS_CHANGED = E0502, "captured variable changed by a task";
    NOT_SELECTABLE = E0503, "arm that `select` cannot wait for";
    EMPTY_RACE = E0504, "`race` or `select` without arms";
    UNKNOWN_OPTION = E0505, "unknown option of a scope, task or `select`";
    CLOSURE_ESCAPES = E0511, "closure that leaves the variables it refers to";
    SCOPE_ESCAPES = E0512, "scope that could outlive its block";
    RETURN_IN_DEINIT = E0521, "`return` in a `deinit`";
    DEINIT_SUSPENDS = E0522, "`deinit` that waits or spawns";
    DEINIT_STORES_SELF = E0523, "`deinit` that stores `self`";
    USED_AFTER_GIVEN = E0525, "value used after it has been given away";
    GIVEN_NOT_OWN = E0526, "value given away that belongs to somebody else";
    CONST_NOT_SHARABLE = E0527, "constant that not every task may use";
    LEAVES_SHARED_STATE = E0528, "value that leaves the body of a lock";
    IO_IN_TRANSACTION = E0531, "input or output in a transaction";
    LOCK_IN_TRANSACTION = E0532, "lock taken in a transaction";
    SPAWN_IN_TRANSACTION = E0533, "task spawned in a transaction";
    WAIT_IN_TRANSACTION = E0534, "transaction that waits";
    TELLING_IN_TRANSACTION = E0535, "transaction that acts on other tasks";
    RETRY_OUTSIDE = E0536, "`retry` outside of a transaction";
    CHANGED_IN_TRANSACTION = E0537, "variable or object changed by a transaction";
    RACE_LOSES = W0501, "arm of a race that receives";
    HELD_WHILE_WAITING = W0502, "lock held during a wait";
    NOT_MUTABLE = E0601, "change of something that is read only";
    NOT_A_PLACE = E0602, "change of something that is not a place";
    MISSING_AMPERSAND = E0603, "missing `&`";
    SUPERFLUOUS_AMPERSAND = E0604, "superfluous `&`";
    OVERLAPPING_PLACES = E0605, "place used while it is changed";
    USED_BEFORE_ASSIGNMENT = E0606, "variable without a value";
    ASSIGNED_TWICE = E0607, "`let` assigned twice";
    FIELD_BEFORE_SET = E0611, "field read before it is set";
    FIELD_NOT_SET = E0612, "field that `init` does not set";
    SELF_BEFORE_SET = E0613, "`self` used before its fields are set";
    FIELD_SET_TWICE = E0614, "`let` field set twice";
    JUMP_OUT_OF_DEFER = E0641, "jump out of a `defer`";
    NOT_YET = E0900, "not part of this version";
    ENDLESS_INSTANCES = E0901, "endless instances";
    MISSING_MAIN = E0902, "program without `main`";
    WRONG_MAIN = E0903, "`main` with a wrong signature";
    MALFORMED_MANIFEST = E0904, "malformed `plat.toml`";
    UNKNOWN_PACKAGE = E0905, "unknown package";
    DEPENDENCY_CYCLE = E0906, "packages that depend on each other";
}

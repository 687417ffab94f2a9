//! Patterns as text.

use super::super::{Body, Literal, PatArgs, PatId, PatKind, RangeEnd, Sign};
use super::Printer;
use super::exprs::literal_text;

impl Printer<'_> {
    pub fn pattern(&mut self, body: &Body, id: PatId) {
        let definitions = self.definitions;
        match &body.pats[id].kind {
            PatKind::Wild => self.write("_"),
            PatKind::Bind(local) => self.local(body, *local),
            PatKind::Literal(literal, sign) => self.signed(literal, *sign),
            PatKind::Const(id) => self.write(definitions.consts[*id].name.as_str()),
            PatKind::Range { start, end, inclusive } => {
                self.range_end(start);
                self.write(if *inclusive { "..=" } else { ".." });
                self.range_end(end);
            }
            PatKind::Variant(id, variant, args) => {
                let definition = &definitions.enums[*id];
                self.write(&format!("{}::{}", definition.name, definition.variants[*variant].name));
                self.pattern_args(body, args);
            }
            PatKind::Bare(name, args) => {
                self.write(&format!("?{}", name.symbol));
                self.pattern_args(body, args);
            }
            PatKind::Struct(id, args) => {
                self.write(definitions.structs[*id].name.as_str());
                self.pattern_args(body, args);
            }
            PatKind::Tuple(items) => self.list("(", items, ")", |this, &item| this.pattern(body, item)),
            PatKind::Or(alternatives) => {
                for (position, &alternative) in alternatives.iter().enumerate() {
                    self.write(if position == 0 { "" } else { " | " });
                    self.pattern(body, alternative);
                }
            }
            PatKind::Error => self.write("error"),
        }
    }

    fn range_end(&mut self, end: &RangeEnd) {
        match end {
            RangeEnd::Literal(literal, sign) => self.signed(literal, *sign),
            RangeEnd::Const(name, _) => self.write(name.symbol.as_str()),
        }
    }

    fn signed(&mut self, literal: &Literal, sign: Sign) {
        self.write(if sign == Sign::Minus { "-" } else { "" });
        self.write(&literal_text(literal));
    }

    fn pattern_args(&mut self, body: &Body, args: &PatArgs) {
        if !args.is_call {
            return;
        }
        self.list("(", &args.items, "", |this, (name, pat)| {
            if let Some(name) = name {
                this.write(&format!("{} = ", name.symbol));
            }
            this.pattern(body, *pat);
        });
        let rest = match (args.has_rest, args.items.is_empty()) {
            (false, _) => ")",
            (true, true) => "..)",
            (true, false) => ", ..)",
        };
        self.write(rest);
    }
}

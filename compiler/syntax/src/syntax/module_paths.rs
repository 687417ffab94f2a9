//! The modules that a file's paths go through, read off its tokens: which files a program consists of is known before
//! any name is resolved.

use super::ast::Ident;
use super::token::{Lexeme, Token, TokenBuffer};
use crate::hash::HashSet;
use crate::index::Symbol;

/// The leading snake_case names of every path outside of `use` items, but for the path's last name. Each path once.
pub(super) fn of(buffer: &TokenBuffer) -> Vec<Vec<Ident>> {
    let lexemes = &buffer.lexemes;
    let mut seen: HashSet<Vec<Symbol>> = HashSet::default();
    let mut paths = Vec::new();
    let mut at = 0;
    while at < lexemes.len() {
        match lexemes[at].token {
            Token::Use => at += end_of_use(&lexemes[at..]),
            Token::Snake(_) if begins_path(lexemes, at) => {
                let path = path_at(buffer, at);
                at += path.len() * 2;
                if !path.is_empty() && seen.insert(path.iter().map(|ident| ident.name).collect()) {
                    paths.push(path);
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    paths
}

/// How many tokens there are up to the `;` of a `use`. One without end ends with its line.
fn end_of_use(lexemes: &[Lexeme]) -> usize {
    let ends = |lexeme: &Lexeme| lexeme.token == Token::Semi || lexeme.token.begins_item();
    lexemes.iter().skip(1).position(ends).map_or(lexemes.len(), |position| position + 1)
}

/// Whether the name there is the first of a path.
fn begins_path(lexemes: &[Lexeme], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| lexemes[before].token);
    !matches!(before, Some(Token::Dot | Token::ColonColon))
}

/// The snake_case names from there on that are followed by `::` and one more name.
fn path_at(buffer: &TokenBuffer, start: usize) -> Vec<Ident> {
    let lexemes = &buffer.lexemes;
    let token = |at: usize| lexemes.get(at).map(|lexeme| lexeme.token);
    let mut path = Vec::new();
    let mut at = start;
    while let Some(Token::Snake(name)) = token(at) {
        let next = token(at + 2);
        let is_name = matches!(
            next,
            Some(Token::Snake(_) | Token::Title(_) | Token::TitleGeneric(_) | Token::Scream(_))
        );
        if token(at + 1) != Some(Token::ColonColon) || !is_name {
            break;
        }
        path.push(Ident { name, span: buffer.span(lexemes[at]) });
        at += 2;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Sink;
    use crate::source::{Origin, SourceMap};
    use crate::syntax::lexer;

    fn check(text: &str, expected: &[&str]) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.plat".into(), text.into(), Origin::User);
        let buffer = lexer::lex(file, text, &mut Sink::default());
        let shown: Vec<String> = of(&buffer)
            .iter()
            .map(|path| path.iter().map(|ident| ident.name.as_str()).collect::<Vec<_>>().join("::"))
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn paths_of_expressions_and_types_lead_through_modules() {
        check("fn f(x: a::b::Point) { c::area(x); c::LIMIT + c::d::Shape::Round }", &["a::b", "c", "c::d"]);
    }

    #[test]
    fn type_arguments_members_and_variants_are_no_modules() {
        check("fn f() { parse::<Int>(text); x.map::<Int>(y); Shape::Round; x.y::<Int>() }", &[]);
    }

    #[test]
    fn use_items_are_left_out() {
        check("use a::b::{c, d};\nuse e::f\nfn f() { g::h() }", &["g"]);
    }
}

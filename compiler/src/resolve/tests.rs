//! `test "name" { … }`: functions, and the `main` that runs the one that is asked for.

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::collect::Items;
use super::scope::ValueDef;
use super::types::TypeScope;
use super::{BodySource, ModuleIndex, PendingBody, Resolver, errors};
use crate::hir::{Arm, Body, Expr, ExprId, ExprKind, FnBody, FnId, Literal, Pat, PatKind, Sign, Test};

/// The function of `stdlib/sys` that says which test is asked for.
const TEST_NUMBER: &str = "test_number";

impl<'a> Resolver<'a> {
    /// Gives a test its function. Tests of packages that the program only depends on are left to those packages.
    pub fn collect_test(&mut self, test: &'a ast::Test, module: ModuleIndex, items: &mut Items<'a>) {
        if !self.packages[self.modules[module].package].is_own {
            return;
        }
        let name = Symbol::intern(&format!("test \"{}\"", test.name.text));
        let id = self.new_function(ast::Ident { name, span: test.name.span }, module, false);
        items.tests.push((id, module, test));
    }

    /// Leaves the bodies of tests for later, and lists those that are to run.
    pub fn resolve_tests(&mut self, items: &Items<'a>, tested: &[ModuleIndex]) {
        let mut seen: HashMap<(ModuleIndex, &str), Span> = HashMap::default();
        for &(id, module, test) in &items.tests {
            let text = &*test.name.text;
            if let Some(&previous) = seen.get(&(module, text)) {
                let name = ast::Ident { name: Symbol::intern(text), span: test.name.span };
                self.sink.emit(errors::duplicate("test", name, previous));
            }
            seen.insert((module, text), test.name.span);
            let scope = TypeScope { module, params: Vec::new(), self_ty: None };
            self.pending.push(PendingBody { id, params: &[], source: BodySource::Block(&test.body), scope });
            if tested.contains(&module) {
                let name = match tested {
                    [_] => text.to_owned(),
                    _ => format!("{}::{text}", self.modules[module].path),
                };
                let name = name.strip_prefix("::").unwrap_or(&name).to_owned();
                self.hir.tests.push(Test { name, function: id });
            }
        }
    }

    /// Makes a `main` that runs the test whose number it is told: `match sys::test_number() { 0 -> …, … }`.
    pub fn make_test_main(&mut self) {
        let number = self.scopes.find_sys_value(Symbol::intern(TEST_NUMBER));
        let (Some(ValueDef::Fn(number)), Some(first)) = (number, self.hir.tests.first()) else { return };
        let definitions = &self.hir.definitions;
        let span = definitions.functions[first.function].span;
        let mut body = Body::default();
        let scrutinee = call(&mut body, number, span);
        let mut arms = Vec::with_capacity(self.hir.tests.len() + 1);
        for (position, test) in (0u128..).zip(&self.hir.tests) {
            let kind = PatKind::Literal(Literal::Int(position, None), Sign::Plus);
            let pat = body.pats.push(Pat { kind, span });
            let run = call(&mut body, test.function, definitions.functions[test.function].span);
            arms.push(Arm { pat, guard: None, body: run, span });
        }
        let pat = body.pats.push(Pat { kind: PatKind::Wild, span });
        let nothing = body.exprs.push(Expr { kind: ExprKind::Tuple(Vec::new()), span });
        arms.push(Arm { pat, guard: None, body: nothing, span });
        body.value = Some(body.exprs.push(Expr { kind: ExprKind::Match { scrutinee, arms }, span }));
        let name = ast::Ident { name: Symbol::intern("main"), span };
        let id = self.new_function(name, 0, false);
        self.hir.definitions.functions[id].body = FnBody::Plat(Box::new(body));
        self.hir.main = Some(id);
    }
}

/// A call of a function without parameters.
fn call(body: &mut Body, function: FnId, span: Span) -> ExprId {
    let callee = body.exprs.push(Expr { kind: ExprKind::Fn(function, Vec::new()), span });
    body.exprs.push(Expr { kind: ExprKind::Call { callee, args: Vec::new() }, span })
}

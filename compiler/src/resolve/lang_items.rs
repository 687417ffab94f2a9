//! The one list of names of the standard library that the compiler knows.

use plat_syntax::index::Symbol;

use super::Resolver;
use super::scope::{TypeDef, ValueDef};
use crate::hir::{EnumId, FnId, InterfaceId, LangItems, StructId};

impl Resolver<'_> {
    /// Looks the compiler's names up among the library's public types. What a user defines under one of these names
    /// is a type of his own.
    pub(super) fn find_lang_items(&mut self) {
        self.hir.lang = LangItems {
            option: self.lang_enum("Option"),
            result: self.lang_enum("Result"),
            list: self.lang_struct("List"),
            range: self.lang_struct("Range"),
            dict: self.lang_struct("Dict"),
            channel: self.lang_struct("Channel"),
            hasher: self.lang_struct("Hasher"),
            iterator: self.lang_interface("Iterator"),
            eq: self.lang_interface("Eq"),
            ord: self.lang_interface("Ord"),
            hash: self.lang_interface("Hash"),
            display: self.lang_interface("Display"),
            encodable: self.module_interface("Encodable"),
            decodable: self.module_interface("Decodable"),
            error: self.lang_interface("Error"),
            from: self.lang_interface("From"),
            failure: self.lang_enum("Failure"),
            scope: self.lang_struct("Scope"),
            selector: self.lang_struct("Selector"),
            sender: self.lang_struct("Sender"),
            transactions: ["run_atomically", "run_alternatives"].map(|name| self.sys_function(name)),
            retry: self.sys_function("retry_transaction"),
            locks: ["Mutex", "RwLock", "Condition"].map(|name| self.lang_struct(name)),
            duration: self.lang_struct("Duration"),
            instant: self.lang_struct("Instant"),
        };
    }

    fn lang_enum(&self, name: &str) -> Option<EnumId> {
        match self.scopes.find_prelude_type(Symbol::intern(name)) {
            Some(TypeDef::Enum(id)) => Some(id),
            _ => None,
        }
    }

    fn sys_function(&self, name: &str) -> Option<FnId> {
        match self.scopes.find_sys_value(Symbol::intern(name)) {
            Some(ValueDef::Fn(id)) => Some(id),
            _ => None,
        }
    }

    /// The library's struct of this name.
    pub(super) fn lang_struct(&self, name: &str) -> Option<StructId> {
        match self.scopes.find_prelude_type(Symbol::intern(name)) {
            Some(TypeDef::Struct(id)) => Some(id),
            _ => None,
        }
    }

    /// The interface of this name in a module of the library, if the program mentions that.
    fn module_interface(&self, name: &str) -> Option<InterfaceId> {
        let mut interfaces = self.hir.definitions.interfaces.iter_enumerated();
        interfaces.find(|(_, it)| it.is_library && it.name.as_str() == name).map(|(id, _)| id)
    }

    fn lang_interface(&self, name: &str) -> Option<InterfaceId> {
        match self.scopes.find_prelude_type(Symbol::intern(name)) {
            Some(TypeDef::Interface(id)) => Some(id),
            _ => None,
        }
    }
}

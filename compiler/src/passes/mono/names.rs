//! Names of instances, as a program would write them: `List<Int>.push`, `largest<String>`.

use crate::hir::{Definitions, FnId, Owner};
use crate::mir::printer::function_name;
use crate::mir::{FunctionId, Glue, Mir};
use crate::types::{Ty, TypePrinter};

/// The name of an instance of a built function. A task body has the name of the function it stands in with something
/// after it, which stays.
pub(super) fn instance_name(definitions: &Definitions, built: &Mir, id: FunctionId, args: &[Ty]) -> String {
    let function = &built.functions[id];
    let Some(origin) = function.origin.filter(|_| !args.is_empty()) else {
        return function.name.clone();
    };
    let suffix = function.name.strip_prefix(&function_name(definitions, origin)).unwrap_or_default();
    format!("{}{suffix}", function_instance_name(definitions, origin, args))
}

fn function_instance_name(definitions: &Definitions, id: FnId, args: &[Ty]) -> String {
    let function = &definitions.functions[id];
    let Some((owner, owner_params)) = function.owner.map(|owner| owner_instance(definitions, owner, args))
    else {
        return format!("{}{}", function.name, type_args(definitions, args));
    };
    let own = args.get(owner_params..).unwrap_or_default();
    format!("{owner}.{}{}", function.name, type_args(definitions, own))
}

/// The type that owns a method, and how many of the type arguments are its.
fn owner_instance(definitions: &Definitions, owner: Owner, args: &[Ty]) -> (String, usize) {
    let (ty, count) = match owner {
        Owner::Struct(id) => {
            let count = definitions.structs[id].type_params.len();
            (Ty::structure(id, args.get(..count).unwrap_or_default()), count)
        }
        Owner::Enum(id) => {
            let count = definitions.enums[id].type_params.len();
            (Ty::enumeration(id, args.get(..count).unwrap_or_default()), count)
        }
        Owner::Interface(id) => {
            let this = args.first().copied().unwrap_or_else(Ty::error);
            (this, definitions.interfaces[id].type_params.len())
        }
        Owner::Class(id) => {
            let count = definitions.classes[id].type_params.len();
            (Ty::class(id, args.get(..count).unwrap_or_default()), count)
        }
        Owner::Extension(index) => {
            let extension = &definitions.extensions[index];
            (extension.target.ty.substitute(args), extension.type_params.len())
        }
    };
    (TypePrinter::new(definitions, ty).to_string(), count)
}

fn type_args(definitions: &Definitions, args: &[Ty]) -> String {
    if args.is_empty() {
        return String::new();
    }
    let names: Vec<String> = args.iter().map(|&arg| TypePrinter::new(definitions, arg).to_string()).collect();
    format!("<{}>", names.join(", "))
}

/// The name of a method of a type or interface.
pub(in crate::passes) fn method_name(definitions: &Definitions, ty: Ty, method: FnId) -> String {
    format!("{}.{}", TypePrinter::new(definitions, ty), definitions.functions[method].name)
}

/// The name of a generated function.
pub(in crate::passes) fn glue_name(definitions: &Definitions, glue: Glue, ty: Ty) -> String {
    let name = match glue {
        Glue::Display => "display",
        Glue::Equal => "equal",
        Glue::Compare => "compare",
        Glue::Hash => "hash",
        Glue::Encode => "encode",
        Glue::Decode => "decode",
        Glue::Same => "same",
    };
    format!("{}.{name}", TypePrinter::new(definitions, ty))
}

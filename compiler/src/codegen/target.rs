//! The machine and the settings that code is generated for.

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

use super::{Error, Optimize};

/// The machine this compiler runs on, with the settings that the runtime counts on.
pub fn host(optimize: Optimize) -> Result<OwnedTargetIsa, Error> {
    let mut flags = settings::builder();
    let mut set = |name: &str, value: &str| {
        flags.set(name, value).unwrap_or_else(|error| crate::bug!("setting {name}: {error}"));
    };
    set("is_pic", "true");
    set("enable_pinned_reg", "true");
    set("preserve_frame_pointers", "true");
    set("enable_multi_ret_implicit_sret", "true");
    set("enable_probestack", "false");
    set("unwind_info", "false");
    set("machine_code_cfg_info", "false");
    set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" });
    match optimize {
        // `single_pass` compiles twice as fast as the default allocator and makes slower code.
        Optimize::Debug => {
            set("opt_level", "none");
            set("regalloc_algorithm", "single_pass");
        }
        Optimize::Release => set("opt_level", "speed"),
    }
    let mut builder = cranelift_native::builder_with_options(false)
        .map_err(|reason| Error::UnsupportedMachine { reason })?;
    if builder.triple().architecture.to_string() == "x86_64" {
        for feature in X86_64_V2 {
            builder.enable(feature).unwrap_or_else(|error| crate::bug!("feature {feature}: {error}"));
        }
    }
    let flags = settings::Flags::new(flags);
    builder.finish(flags).map_err(|error| Error::Generator { message: error.to_string() })
}

/// What executables ask of an x86-64 machine, whichever one compiles them: the level "v2", common since 2009.
/// Without it, rounding a float is a library call.
const X86_64_V2: [&str; 5] = ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];

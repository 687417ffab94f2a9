//! ThreadSanitizer, where it watches the program (`platc build --sanitize thread`): it is told of what the runtime alone knows comes before
//! what. Compiled code says the rest.

use plat_abi::layout::Sanitizers;

use crate::sync_shim::plain::OnceLock;

static FUNCTIONS: OnceLock<Sanitizers> = OnceLock::new();

/// Says by which functions the sanitizer is told, before anything runs.
pub fn set(functions: Sanitizers) {
    FUNCTIONS.get_or_init(|| functions);
}

/// What was released at the address before comes before what follows. Nothing, of null.
pub fn acquire<T>(address: *const T) {
    tell(|functions| functions.acquire, address.addr());
}

/// What was done before comes before what follows an acquire at the address.
pub fn release<T>(address: *const T) {
    tell(|functions| functions.release, address.addr());
}

fn tell(which: fn(&Sanitizers) -> Option<unsafe extern "C" fn(usize)>, address: usize) {
    if let Some(function) = FUNCTIONS.get().and_then(which).filter(|_| address != 0) {
        // SAFETY: a function of the sanitizer (kept by the compiler, which fills the program's descriptor). It may be told of the address of
        // anything of the program's, which callers have.
        unsafe { function(address) }
    }
}

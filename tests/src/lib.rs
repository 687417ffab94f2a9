//! Plat's test suite; see `suite/`.

#!/bin/sh
# Runs the runtime's own tests under ThreadSanitizer: tests/thread_sanitizer.sh [WORDS], some minutes at the first time.
#
# Needs the component `rust-src`: the standard library is built anew, so that its locks are seen. The compiler is the stable one, which
# RUSTC_BOOTSTRAP lets take the options.
#
# Fibers are not announced (`__tsan_switch_to_fiber`). What happens before what is a matter of threads, and a fiber gets from one thread to
# another by words and queues that the sanitizer sees. What it would not understand are stacks that are left and entered anew, so functions
# do not tell it when they begin and end: reports show the inlined frames of a place, and no callers. Announcing fibers instead would
# need code in the stubs, where one fiber leaves for the next.
set -eu
cd "$(dirname "$0")/.."
export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="-Zsanitizer=thread -Cllvm-args=-tsan-instrument-func-entry-exit=0"
export TSAN_OPTIONS="suppressions=$PWD/tests/thread_sanitizer.suppressions ${TSAN_OPTIONS:-}"
# Optimised a little: what is inlined shows up in reports. In one unit, which the assembly of the tests asks for.
exec cargo test --locked -p plat-rt --lib -Zbuild-std --target x86_64-unknown-linux-gnu --target-dir target/thread-sanitizer \
  --config 'profile.test.package.plat-rt.opt-level=1' --config 'profile.test.package.plat-rt.codegen-units=1' \
  -- --test-threads=1 "$@"

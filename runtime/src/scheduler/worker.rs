//! The worker record: what one scheduler thread owns. The pinned register of compiled code points to it.
//!
//! Only the thread of the worker touches its record; what others may touch lies behind `Shared`.

use core::mem::offset_of;

use plat_abi::layout::WorkerFields;

/// One scheduler thread's record.
#[repr(C)]
pub struct Worker {
    /// What compiled code reads.
    pub fields: WorkerFields,
}

const _: () = assert!(offset_of!(Worker, fields) == 0);

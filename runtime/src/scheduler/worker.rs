//! The worker record: what one scheduler thread owns. The pinned register of compiled code points to it.
//!
//! Only the thread of the worker touches its record; what others may touch lies behind `Shared`.

use core::mem::offset_of;

use plat_abi::layout::WorkerFields;

use crate::heap::Heap;

/// One scheduler thread's record.
#[repr(C)]
pub struct Worker {
    /// What compiled code reads.
    pub fields: WorkerFields,
    /// Free blocks for values, task records and channels.
    pub heap: Heap,
}

const _: () = assert!(offset_of!(Worker, fields) == 0);

/**
 * The one table of kernel names. Data only: what a name does is said here, once, with the kernel versions in which it is
 * so; whoever reads a patch asks this table and knows no name of its own. Versions are "major.minor" of mainline Linux.
 */

/** An allocation function of the kernel. Argument positions are 0-based. */
export interface Allocator {
  /** Which argument holds the gfp flags; undefined if there are none. */
  readonly gfp?: number;
  /** Which argument holds the size in bytes; undefined for typed allocations (a slab cache, a `*_obj` macro). */
  readonly size?: number;
  /** What it gives: an object, an array of elements, memory pages, or a bio. */
  readonly gives: "object" | "array" | "pages" | "bio";
  /** Which argument names the type (`kzalloc_obj(struct foo, gfp)`). */
  readonly type?: number;
  /** From a reserve that somebody set aside on purpose: it cannot fail when it may sleep. */
  readonly pool?: boolean;
}

// include/linux/slab.h, include/linux/gfp.h, include/linux/bio.h, include/linux/mempool.h
export const allocators: ReadonlyMap<string, Allocator> = new Map([
  ["kzalloc", { size: 0, gfp: 1, gives: "object" }],
  ["kmalloc", { size: 0, gfp: 1, gives: "object" }],
  ["kvmalloc", { size: 0, gfp: 1, gives: "object" }],
  ["kvzalloc", { size: 0, gfp: 1, gives: "object" }],
  ["vmalloc", { size: 0, gives: "object" }],
  ["vzalloc", { size: 0, gives: "object" }],
  ["kzalloc_node", { size: 0, gfp: 1, gives: "object" }],
  ["kmalloc_node", { size: 0, gfp: 1, gives: "object" }],
  ["kmem_cache_alloc", { gfp: 1, gives: "object" }],
  ["kmem_cache_zalloc", { gfp: 1, gives: "object" }],
  ["mempool_alloc", { gfp: 1, gives: "object", pool: true }],
  ["kzalloc_obj", { type: 0, gfp: 1, gives: "object" }],
  ["kmalloc_obj", { type: 0, gfp: 1, gives: "object" }],
  ["kmalloc_array", { gfp: 2, gives: "array" }],
  ["kcalloc", { gfp: 2, gives: "array" }],
  ["kvmalloc_array", { gfp: 2, gives: "array" }],
  ["kvcalloc", { gfp: 2, gives: "array" }],
  ["memdup_user", { gives: "array" }],
  ["kmemdup", { gives: "array" }],
  ["alloc_page", { gfp: 0, gives: "pages" }],
  ["alloc_pages", { gfp: 0, gives: "pages" }],
  ["__get_free_page", { gfp: 0, gives: "pages" }],
  ["bio_alloc", { gives: "bio" }],
  ["bio_alloc_bioset", { gives: "bio" }],
  ["bio_kmalloc", { gives: "bio" }],
  ["bio_map_kern", { gives: "bio" }],
  ["bio_copy_kern", { gives: "bio" }],
  ["blk_next_bio", { gives: "bio" }],
] as [string, Allocator][]);

/** Functions that free their argument, with the position of that argument. */
export const frees: ReadonlyMap<string, number> = new Map([
  ["kfree", 0],
  ["kvfree", 0],
  ["vfree", 0],
  ["kfree_sensitive", 0],
  ["kfree_rcu", 0],
  ["kmem_cache_free", 1],
  ["mempool_free", 0],
]);

/** Functions that send a bio on its way, with the position of the bio. include/linux/bio.h, include/linux/blkdev.h */
export const submitters: ReadonlyMap<string, number> = new Map([
  ["submit_bio", 0],
  ["submit_bio_noacct", 0],
  ["submit_bio_noacct_nocheck", 0],
  ["generic_make_request", 0],
  ["submit_bio_wait", 0],
  ["bio_chain_and_submit", 0],
  ["blk_next_bio", 0],
]);

/**
 * Operations and flags of a bio that the kernel has had; whatever else is given as one is an operation of the series.
 * include/linux/blk_types.h of 5.10 to 6.12, and the REQ_ flags that stood in bi_rw up to 4.7.
 */
export const knownOperations: ReadonlySet<string> = new Set(
  (
    "REQ_OP_READ REQ_OP_WRITE REQ_OP_FLUSH REQ_OP_DISCARD REQ_OP_SECURE_ERASE REQ_OP_WRITE_SAME REQ_OP_WRITE_ZEROES " +
    "REQ_OP_ZONE_APPEND REQ_OP_ZONE_OPEN REQ_OP_ZONE_CLOSE REQ_OP_ZONE_FINISH REQ_OP_ZONE_RESET REQ_OP_ZONE_RESET_ALL REQ_OP_ZONE_REPORT " +
    "REQ_OP_DRV_IN REQ_OP_DRV_OUT REQ_OP_SCSI_IN REQ_OP_SCSI_OUT REQ_OP_LAST REQ_OP_MASK REQ_OP_BITS REQ_OP_NAME REQ_OP_VERIFY " +
    "REQ_FAILFAST_DEV REQ_FAILFAST_TRANSPORT REQ_FAILFAST_DRIVER REQ_FAILFAST_MASK REQ_SYNC REQ_META REQ_PRIO REQ_NOMERGE REQ_IDLE " +
    "REQ_INTEGRITY REQ_FUA REQ_PREFLUSH REQ_RAHEAD REQ_BACKGROUND REQ_NOWAIT REQ_POLLED REQ_HIPRI REQ_CGROUP_PUNT REQ_ALLOC_CACHE " +
    "REQ_SWAP REQ_DRV REQ_FS_PRIVATE REQ_ATOMIC REQ_NOUNMAP REQ_NOENCRYPT REQ_COMMON_MASK REQ_NOMERGE_FLAGS REQ_FLAGS " +
    "REQ_WRITE REQ_READ REQ_DISCARD REQ_WRITE_SAME REQ_SECURE REQ_NOIDLE REQ_THROTTLED REQ_SOFTBARRIER REQ_SORTED REQ_FLUSH REQ_STARTED " +
    "REQ_DONTPREP REQ_QUEUED REQ_ELVPRIV REQ_FAILED REQ_QUIET REQ_PREEMPT REQ_COPY_USER REQ_FLUSH_SEQ REQ_IO_STAT REQ_MIXED_MERGE REQ_PM " +
    "REQ_HASHED REQ_MQ_INFLIGHT REQ_NO_TIMEOUT REQ_TYPE_FS REQ_TYPE_BLOCK_PC REQ_NR_BITS REQ_RESETONLY"
  ).split(" "),
);

/** Functions after which the caller may have slept until I/O was done, with what a wake-up means. */
export interface WaitPrimitive {
  /** Can return although nothing was completed: by timeout or a stray wake-up, so the condition must be looked at again. */
  readonly mayReturnEarly: boolean;
  /** It comes back although the I/O is not done, and tells its caller so: by timeout or by a signal. */
  readonly givesUp?: boolean;
  /** The wait and the submission are one call. */
  readonly submits?: boolean;
}

// blk_io_schedule(): block/blk-core.c, times out at half of hung_task_timeout_secs; completions: kernel/sched/completion.c
export const waits: ReadonlyMap<string, WaitPrimitive> = new Map([
  ["blk_io_schedule", { mayReturnEarly: true }],
  ["io_schedule", { mayReturnEarly: true }],
  ["io_schedule_timeout", { mayReturnEarly: true }],
  ["schedule", { mayReturnEarly: true }],
  ["schedule_timeout", { mayReturnEarly: true }],
  ["wait_for_completion", { mayReturnEarly: false }],
  ["wait_for_completion_io", { mayReturnEarly: false }],
  ["wait_for_completion_timeout", { mayReturnEarly: true, givesUp: true }],
  ["wait_for_completion_io_timeout", { mayReturnEarly: true, givesUp: true }],
  ["wait_for_completion_killable", { mayReturnEarly: true, givesUp: true }],
  ["wait_for_completion_interruptible", { mayReturnEarly: true, givesUp: true }],
  ["wait_event", { mayReturnEarly: false }],
  ["wait_event_timeout", { mayReturnEarly: true, givesUp: true }],
  ["wait_event_interruptible", { mayReturnEarly: true, givesUp: true }],
  ["wait_event_killable", { mayReturnEarly: true, givesUp: true }],
  ["submit_bio_wait", { mayReturnEarly: false, submits: true }],
  ["flush_work", { mayReturnEarly: false }],
  ["blk_wait_io", { mayReturnEarly: false }],
] as [string, WaitPrimitive][]);

/** Functions that the kernel phases out, with what takes their place. */
export const phasedOut: ReadonlyMap<string, string> = new Map([["blk_next_bio", "bio_chain_and_submit"]]);

/** Plug functions; argument 0 is the plug. block/blk-core.c */
export const plugStart: ReadonlySet<string> = new Set(["blk_start_plug", "blk_start_plug_nr_ios"]);
export const plugFinish: ReadonlySet<string> = new Set(["blk_finish_plug"]);

/** Minimum of the arguments; the number is how many leading arguments are a type. include/linux/minmax.h */
export const minima: ReadonlyMap<string, number> = new Map([
  ["min", 0],
  ["min3", 0],
  ["umin", 0],
  ["min_t", 1],
  ["min_not_zero", 0],
]);

/** Loads and stores that are the plain access with another name; argument 0 is the place. */
export const accessors: ReadonlySet<string> = new Set([
  "READ_ONCE",
  "WRITE_ONCE",
  "smp_load_acquire",
  "smp_store_release",
]);

/** Locks that make a read-modify-write one step against the other holders. */
export const lockTakers: ReadonlySet<string> = new Set([
  "spin_lock",
  "spin_lock_irq",
  "spin_lock_irqsave",
  "spin_lock_bh",
  "raw_spin_lock",
  "raw_spin_lock_irqsave",
  "mutex_lock",
]);

/** log2 of the bytes in a sector of the block layer, as it is written. include/linux/blk_types.h: SECTOR_SHIFT */
export const sectorShiftNames: ReadonlySet<string> = new Set(["SECTOR_SHIFT", "9"]);

/** Types that hold a count of bytes or a byte position where a length or a position in a file is meant. */
export const bytePositionTypes: ReadonlySet<string> = new Set(["loff_t"]);

/** Types that name a block device. `struct bdev_handle` stood for one in 6.7 and 6.8. */
export const deviceTypes: ReadonlySet<string> = new Set(["struct block_device", "struct bdev_handle"]);

/** Types of what I/O is made of. */
export const ioTypes: ReadonlySet<string> = new Set(["struct bio", "struct request", "struct block_device"]);

/** Objects of the kernel that functions of the block layer are handed; none of them is a range to copy. */
export const objectTypes: ReadonlySet<string> = new Set([
  "struct bio",
  "struct request",
  "struct request_queue",
  "struct queue_limits",
  "struct gendisk",
  "struct page",
  "struct folio",
  "struct file",
  "struct inode",
  "struct kiocb",
  "struct iov_iter",
  "struct work_struct",
]);

/** Types of fields and variables that mark an object as one that keeps track of running I/O. */
export const trackingTypes: ReadonlySet<string> = new Set([
  "atomic_t",
  "atomic_long_t",
  "refcount_t",
  "struct kref",
  "struct completion",
  "struct task_struct",
  "wait_queue_head_t",
  "struct work_struct",
  "struct delayed_work",
  "spinlock_t",
]);

/** Since when a function exists and whether modules may call it. */
export interface Availability {
  readonly since: string;
  readonly until?: string;
  /** False: not exported, so only built-in code can call it. */
  readonly exported: boolean;
}

// block/bio.c: bio_chain_and_submit() came with 6.10 and has no EXPORT_SYMBOL as of 6.12.
export const availability: ReadonlyMap<string, Availability> = new Map([
  ["bio_chain_and_submit", { since: "6.10", exported: false }],
]);

/** Release dates of mainline kernels (kernel.org), ascending. */
export const releases: readonly (readonly [version: string, date: string])[] = [
  ["3.10", "2013-06-30"],
  ["3.12", "2013-11-03"],
  ["3.14", "2014-03-30"],
  ["3.16", "2014-08-03"],
  ["3.18", "2014-12-07"],
  ["4.0", "2015-04-12"],
  ["4.4", "2016-01-10"],
  ["4.9", "2016-12-11"],
  ["4.14", "2017-11-12"],
  ["4.19", "2018-10-22"],
  ["5.0", "2019-03-03"],
  ["5.4", "2019-11-24"],
  ["5.7", "2020-05-31"],
  ["5.8", "2020-08-02"],
  ["5.9", "2020-10-11"],
  ["5.10", "2020-12-13"],
  ["5.11", "2021-02-14"],
  ["5.12", "2021-04-25"],
  ["5.13", "2021-06-27"],
  ["5.14", "2021-08-29"],
  ["5.15", "2021-10-31"],
  ["5.16", "2022-01-09"],
  ["5.17", "2022-03-20"],
  ["5.18", "2022-05-22"],
  ["5.19", "2022-07-31"],
  ["6.0", "2022-10-02"],
  ["6.1", "2022-12-11"],
  ["6.2", "2023-02-19"],
  ["6.3", "2023-04-23"],
  ["6.4", "2023-06-25"],
  ["6.5", "2023-08-27"],
  ["6.6", "2023-10-29"],
  ["6.7", "2024-01-07"],
  ["6.8", "2024-03-10"],
  ["6.9", "2024-05-12"],
  ["6.10", "2024-07-14"],
  ["6.11", "2024-09-15"],
  ["6.12", "2024-11-17"],
  ["6.13", "2025-01-19"],
  ["6.14", "2025-03-24"],
  ["6.15", "2025-05-25"],
  ["6.16", "2025-07-27"],
  ["6.17", "2025-09-28"],
  ["6.18", "2025-11-30"],
];

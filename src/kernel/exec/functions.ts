/** A function of the kernel that executed code may call. */
export interface KernelFunction {
  readonly name: string;
  /** A prototype, if the model does what the function does; a definition, if C says it best. `()`: the forms of all versions. */
  readonly c: string;
  /** The kernel file that the semantics come from. */
  readonly from: string;
  /** Mainline versions, "major.minor"; `until` is the first without it. */
  readonly since?: string;
  readonly until?: string;
}

const rows: KernelFunction[] = [];

/** Rows of one source file. A line is one function. */
function from(file: string, text: string, when: { readonly since?: string; readonly until?: string } = {}): void {
  for (const line of text.trim().split("\n")) {
    const c = line.trim();
    rows.push({ name: /(\w+)\(/.exec(c)![1]!, c, from: file, ...when });
  }
}

// Memory. What may fail follows from gfp alone: mm/page_alloc.c, __alloc_pages_slowpath(); block/bio.c for the mempools of bios.
from(
  "include/linux/slab.h, mm/slub.c",
  `
void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kmalloc_node(size_t size, gfp_t flags, int node);
void *kzalloc_node(size_t size, gfp_t flags, int node);
void *kmalloc_array(size_t n, size_t size, gfp_t flags);
void *kcalloc(size_t n, size_t size, gfp_t flags);
void *kvmalloc(size_t size, gfp_t flags);
void *kvzalloc(size_t size, gfp_t flags);
void *kvmalloc_array(size_t n, size_t size, gfp_t flags);
void *kvcalloc(size_t n, size_t size, gfp_t flags);
void *kmemdup(const void *src, size_t len, gfp_t gfp);
void kfree(const void *objp);
void kvfree(const void *addr);
void kfree_sensitive(const void *objp);
`,
);
from(
  "mm/vmalloc.c",
  `
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void vfree(const void *addr);
bool is_vmalloc_addr(const void *x);
struct page *vmalloc_to_page(const void *addr);
`,
);
from(
  "include/linux/gfp.h, include/linux/mm.h, mm/page_alloc.c",
  `
struct page *alloc_page(gfp_t gfp);
struct page *alloc_pages(gfp_t gfp, unsigned int order);
void __free_page(struct page *page);
void __free_pages(struct page *page, unsigned int order);
unsigned long __get_free_page(gfp_t gfp);
void free_page(unsigned long addr);
void *page_address(const struct page *page);
struct page *virt_to_page(const void *addr);
`,
);
from(
  "arch/x86/lib/usercopy.c, include/linux/uaccess.h",
  `
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
`,
);

// Reference counts: one step each. include/linux/atomic/atomic-instrumented.h, include/linux/refcount.h, include/linux/kref.h
for (const [name, of] of [
  ["atomic", "int"],
  ["atomic64", "s64"],
  ["atomic_long", "long"],
] as const) {
  from(
    "include/linux/atomic/atomic-instrumented.h, include/linux/atomic/atomic-long.h",
    `
void ${name}_set(${name}_t *v, ${of} i);
${of} ${name}_read(const ${name}_t *v);
void ${name}_inc(${name}_t *v);
void ${name}_dec(${name}_t *v);
void ${name}_add(${of} i, ${name}_t *v);
void ${name}_sub(${of} i, ${name}_t *v);
${of} ${name}_inc_return(${name}_t *v);
${of} ${name}_dec_return(${name}_t *v);
${of} ${name}_add_return(${of} i, ${name}_t *v);
${of} ${name}_sub_return(${of} i, ${name}_t *v);
bool ${name}_dec_and_test(${name}_t *v);
bool ${name}_sub_and_test(${of} i, ${name}_t *v);
bool ${name}_inc_not_zero(${name}_t *v);
${of} ${name}_xchg(${name}_t *v, ${of} n);
${of} ${name}_cmpxchg(${name}_t *v, ${of} old, ${of} n);
`,
  );
}
from(
  "include/asm-generic/bitops/instrumented-atomic.h, include/asm-generic/bitops/instrumented-non-atomic.h",
  `
bool test_bit(unsigned long nr, const unsigned long *addr);
void set_bit(unsigned long nr, unsigned long *addr);
void __set_bit(unsigned long nr, unsigned long *addr);
void clear_bit(unsigned long nr, unsigned long *addr);
bool test_and_set_bit(unsigned long nr, unsigned long *addr);
bool test_and_clear_bit(unsigned long nr, unsigned long *addr);
`,
);
from(
  "include/linux/refcount.h",
  `
static inline void refcount_set(refcount_t *r, int n) { atomic_set(&r->refs, n); }
static inline unsigned int refcount_read(const refcount_t *r) { return atomic_read(&r->refs); }
static inline void refcount_inc(refcount_t *r) { atomic_inc(&r->refs); }
static inline void refcount_add(int i, refcount_t *r) { atomic_add(i, &r->refs); }
static inline bool refcount_dec_and_test(refcount_t *r) { return atomic_dec_and_test(&r->refs); }
static inline void refcount_dec(refcount_t *r) { atomic_dec(&r->refs); }
static inline bool refcount_inc_not_zero(refcount_t *r) { return atomic_inc_not_zero(&r->refs); }
`,
);
from(
  "include/linux/kref.h",
  `
static inline void kref_init(struct kref *k) { refcount_set(&k->refcount, 1); }
static inline void kref_get(struct kref *k) { refcount_inc(&k->refcount); }
static inline int kref_put(struct kref *k, void (*release)(struct kref *k)) { if (refcount_dec_and_test(&k->refcount)) { release(k); return 1; } return 0; }
`,
);

// Tasks, waits and wake-ups.
from(
  "include/linux/sched.h, kernel/sched/core.c",
  `
struct task_struct *get_current(void);
void __set_current_state(unsigned int state);
void schedule(void);
void io_schedule(void);
long schedule_timeout(long timeout);
long io_schedule_timeout(long timeout);
int wake_up_process(struct task_struct *tsk);
`,
);
from("block/blk-core.c, block/blk.h", "void blk_io_schedule(void);", { since: "5.8" });
from("include/linux/blkdev.h (before 6.4: block/blk.h)", "void blk_wake_io_task(struct task_struct *waiter);");
from(
  "kernel/sched/completion.c",
  `
void complete(struct completion *x);
void complete_all(struct completion *x);
void wait_for_completion(struct completion *x);
void wait_for_completion_io(struct completion *x);
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout);
unsigned long wait_for_completion_io_timeout(struct completion *x, unsigned long timeout);
int wait_for_completion_interruptible(struct completion *x);
int wait_for_completion_killable(struct completion *x);
bool completion_done(struct completion *x);
`,
);
from(
  "include/linux/wait.h, kernel/sched/wait.c (the two with underscores are the halves of wait_event)",
  `
unsigned int __wakeups(struct wait_queue_head *q);
void __wait(struct wait_queue_head *q, unsigned int seen);
void wake_up(struct wait_queue_head *q);
`,
);
from(
  "include/linux/workqueue.h, kernel/workqueue.c",
  `
bool schedule_work(struct work_struct *work);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool flush_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
`,
);
from(
  "kernel/locking/spinlock.c, kernel/locking/mutex.c (behind the macros of types.ts)",
  `
void __lock_init(int *lock);
void __lock(int *lock);
void __unlock(int *lock);
`,
);

// Bios.
from(
  "block/bio.c, include/linux/bio.h (5.18 and later: bdev, nr_vecs, opf, gfp; before: gfp, nr_iovecs)",
  `
struct bio *bio_alloc();
struct bio *bio_alloc_bioset();
void bio_put(struct bio *bio);
void bio_get(struct bio *bio);
void bio_chain(struct bio *bio, struct bio *parent);
void bio_endio(struct bio *bio);
int bio_add_page(struct bio *bio, struct page *page, unsigned int len, unsigned int off);
void __bio_add_page(struct bio *bio, struct page *page, unsigned int len, unsigned int off);
void bio_uninit(struct bio *bio);
static inline unsigned int bio_max_segs(unsigned int nr_segs) { return nr_segs < BIO_MAX_VECS ? nr_segs : BIO_MAX_VECS; }
static inline void *bio_data(struct bio *bio) { return page_address(bio->bi_io_vec[0].bv_page) + bio->bi_io_vec[0].bv_offset; }
`,
);
from("block/bio.c: (bio, table, max_vecs) and, from 5.18, (bio, bdev, table, max_vecs, opf)", "void bio_init();");
from("block/bio.c: (gfp, nr_iovecs) and, from 5.18, (nr_vecs, gfp)", "struct bio *bio_kmalloc();");
from("block/bio.c: (bio) and, from 5.18, (bio, bdev, opf)", "void bio_reset();");
from(
  "block/bio.c: (bio, nr_pages, gfp) and, from 5.18, (bio, bdev, nr_pages, opf, gfp)",
  "struct bio *blk_next_bio();",
);
from("block/bio.c", "struct bio *bio_chain_and_submit(struct bio *prev, struct bio *next);", { since: "6.10" });
from(
  "block/blk-map.c",
  `
struct bio *bio_map_kern(struct request_queue *q, void *data, unsigned int len, gfp_t gfp);
void bio_map_kern_endio(struct bio *bio);
`,
);
from(
  "block/blk-core.c, block/bio.c",
  `
void submit_bio(struct bio *bio);
void submit_bio_noacct(struct bio *bio);
int submit_bio_wait(struct bio *bio);
void blk_start_plug(struct blk_plug *plug);
void blk_finish_plug(struct blk_plug *plug);
int blk_status_to_errno(blk_status_t status);
blk_status_t errno_to_blk_status(int errno);
`,
);
from("block/blk-core.c", "void generic_make_request(struct bio *bio);", { until: "5.9" });

// Limits and devices: plain reads of what the harness sets.
from(
  "include/linux/blkdev.h",
  `
static inline struct request_queue *bdev_get_queue(struct block_device *bdev) { return bdev->bd_queue; }
static inline unsigned int queue_logical_block_size(const struct request_queue *q) { return q->limits.logical_block_size ? q->limits.logical_block_size : 512; }
static inline unsigned int bdev_logical_block_size(struct block_device *bdev) { return queue_logical_block_size(bdev_get_queue(bdev)); }
static inline unsigned int queue_physical_block_size(const struct request_queue *q) { return q->limits.physical_block_size; }
static inline unsigned int bdev_physical_block_size(struct block_device *bdev) { return queue_physical_block_size(bdev_get_queue(bdev)); }
static inline unsigned int queue_max_hw_sectors(const struct request_queue *q) { return q->limits.max_hw_sectors; }
static inline unsigned int queue_max_sectors(const struct request_queue *q) { return q->limits.max_sectors; }
static inline unsigned int queue_max_bytes(struct request_queue *q) { return (queue_max_sectors(q) < INT_MAX >> 9 ? queue_max_sectors(q) : INT_MAX >> 9) << 9; }
static inline unsigned short queue_max_segments(const struct request_queue *q) { return q->limits.max_segments; }
static inline unsigned int queue_max_segment_size(const struct request_queue *q) { return q->limits.max_segment_size; }
static inline unsigned int queue_io_opt(const struct request_queue *q) { return q->limits.io_opt; }
static inline unsigned int bdev_io_opt(struct block_device *bdev) { return queue_io_opt(bdev_get_queue(bdev)); }
static inline unsigned int bdev_io_min(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.io_min; }
static inline unsigned int bdev_max_discard_sectors(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.max_discard_sectors; }
static inline unsigned int bdev_discard_granularity(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.discard_granularity; }
static inline bool bdev_is_zoned(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.zoned; }
static inline bool blk_queue_is_zoned(struct request_queue *q) { return q->limits.zoned; }
static inline sector_t bdev_nr_sectors(struct block_device *bdev) { return bdev->bd_nr_sectors; }
static inline loff_t bdev_nr_bytes(struct block_device *bdev) { return (loff_t)bdev_nr_sectors(bdev) << SECTOR_SHIFT; }
static inline sector_t get_capacity(struct gendisk *disk) { return disk->part0->bd_nr_sectors; }
static inline bool bdev_read_only(struct block_device *bdev) { return bdev->bd_read_only; }
static inline bool bdev_is_partition(struct block_device *bdev) { return bdev->bd_partno != 0; }
`,
);

// Files, as far as a block device's are concerned.
from(
  "fs/internal.h, block/fops.c, fs/splice.c, fs/read_write.c",
  `
static inline struct block_device *I_BDEV(struct inode *inode) { return inode->bdev; }
static inline struct inode *bdev_file_inode(struct file *file) { return file->f_mapping->host; }
static inline struct block_device *file_bdev(struct file *file) { return file->f_mapping->host->bdev; }
static inline struct inode *file_inode(const struct file *f) { return f->f_inode; }
static inline loff_t i_size_read(const struct inode *inode) { return inode->i_size; }
ssize_t splice_copy_file_range(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out, size_t len);
ssize_t generic_copy_file_range(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out, size_t len, unsigned int flags);
ssize_t vfs_copy_file_range(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out, size_t len, unsigned int flags);
`,
);

// The target of NVMe over fabrics: a request carries its ranges as data.
from(
  "drivers/nvme/target/core.c, drivers/nvme/target/nvmet.h",
  `
u16 nvmet_copy_from_sgl(struct nvmet_req *req, off_t off, void *buf, size_t len);
void nvmet_req_complete(struct nvmet_req *req, u16 status);
u16 errno_to_nvme_status(struct nvmet_req *req, int errno);
bool nvmet_check_transfer_len(struct nvmet_req *req, size_t len);
bool nvmet_check_data_len_lte(struct nvmet_req *req, size_t len);
u16 blk_to_nvme_status(struct nvmet_req *req, blk_status_t status);
`,
);

export const kernelFunctions: readonly KernelFunction[] = rows;

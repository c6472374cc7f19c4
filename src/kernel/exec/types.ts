/**
 * Types, constants and macros of the kernel in C, in as few words as code that copies needs. Members that nothing here looks at are left
 * out, and the order of members is ours: no code may depend on it. A series adds its own members to these structures.
 */

/** A piece of C and where its meaning comes from. */
export interface KernelText {
  readonly c: string;
  readonly from: string;
}

export const kernelTypes: readonly KernelText[] = [
  {
    from: "include/linux/compiler_types.h, include/linux/compiler_attributes.h",
    c: `
#define __force
#define __user
#define __iomem
#define __rcu
#define __bitwise
#define __percpu
#define __init
#define __exit
#define __read_mostly
#define __cold
#define __must_check
#define __always_unused
#define __maybe_unused
#define __always_inline inline
#define noinline
#define noinline_for_stack
#define fallthrough do {} while (0)
#define NULL ((void *)0)
#define true 1
#define false 0
`,
  },
  {
    from: "include/linux/gfp_types.h (bits are ours; what they mean is not)",
    c: `
#define __GFP_HIGHMEM 0x02u
#define __GFP_DMA 0x01u
#define __GFP_IO 0x40u
#define __GFP_FS 0x80u
#define __GFP_ZERO 0x100u
#define __GFP_DIRECT_RECLAIM 0x400u
#define __GFP_KSWAPD_RECLAIM 0x800u
#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define __GFP_HIGH 0x20u
#define __GFP_NOWARN 0x2000u
#define __GFP_RETRY_MAYFAIL 0x4000u
#define __GFP_NOFAIL 0x8000u
#define __GFP_NORETRY 0x10000u
#define __GFP_NOMEMALLOC 0x80000u
#define __GFP_ACCOUNT 0x400000u
#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)
#define GFP_NOIO (__GFP_RECLAIM)
#define GFP_NOFS (__GFP_RECLAIM | __GFP_IO)
static inline bool gfpflags_allow_blocking(const gfp_t flags) { return !!(flags & __GFP_DIRECT_RECLAIM); }
`,
  },
  {
    from: "include/uapi/asm-generic/errno-base.h, include/uapi/asm-generic/errno.h, include/linux/errno.h",
    c: `
#define EPERM 1
#define ENOENT 2
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define EBADF 9
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define ENODEV 19
#define EISDIR 21
#define EINVAL 22
#define ENOTTY 25
#define EFBIG 27
#define ENOSPC 28
#define EROFS 30
#define ERANGE 34
#define ENOSYS 38
#define ENODATA 61
#define ETIME 62
#define ENOLINK 67
#define EREMOTEIO 121
#define EOVERFLOW 75
#define EILSEQ 84
#define EOPNOTSUPP 95
#define ETIMEDOUT 110
#define ECANCELED 125
#define ERESTARTSYS 512
#define ENOTSUPP 524
#define EIOCBQUEUED 529
`,
  },
  {
    from: "include/linux/types.h, include/linux/atomic/atomic-long.h, include/linux/refcount.h, include/linux/kref.h",
    c: `
#define ATOMIC_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) { (i) }
#define REFCOUNT_INIT(n) { .refs = ATOMIC_INIT(n) }
#define KREF_INIT(n) { .refcount = REFCOUNT_INIT(n) }
`,
  },
  {
    from: "include/linux/sched.h",
    c: `
#define TASK_RUNNING 0x0000
#define TASK_INTERRUPTIBLE 0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_KILLABLE 0x0102
struct blk_plug;
struct task_struct { unsigned int __state; struct blk_plug *plug; int pid; };
#define current get_current()
#define set_current_state(state) __set_current_state(state)
`,
  },
  {
    from: "include/linux/spinlock_types.h, include/linux/mutex.h",
    c: `
typedef struct { int locked; } spinlock_t;
typedef struct { int locked; } raw_spinlock_t;
struct mutex { int locked; };
#define DEFINE_SPINLOCK(x) spinlock_t x = { 0 }
#define DEFINE_MUTEX(x) struct mutex x = { 0 }
#define __SPIN_LOCK_UNLOCKED(x) { 0 }
#define spin_lock_init(lock) __lock_init(&(lock)->locked)
#define mutex_init(lock) __lock_init(&(lock)->locked)
#define spin_lock(lock) __lock(&(lock)->locked)
#define spin_lock_irq(lock) __lock(&(lock)->locked)
#define spin_lock_bh(lock) __lock(&(lock)->locked)
#define spin_lock_irqsave(lock, flags) do { (flags) = 0; __lock(&(lock)->locked); } while (0)
#define spin_unlock(lock) __unlock(&(lock)->locked)
#define spin_unlock_irq(lock) __unlock(&(lock)->locked)
#define spin_unlock_bh(lock) __unlock(&(lock)->locked)
#define spin_unlock_irqrestore(lock, flags) do { (void)(flags); __unlock(&(lock)->locked); } while (0)
#define raw_spin_lock(lock) __lock(&(lock)->locked)
#define raw_spin_unlock(lock) __unlock(&(lock)->locked)
#define mutex_lock(lock) __lock(&(lock)->locked)
#define mutex_unlock(lock) __unlock(&(lock)->locked)
#define lockdep_assert_held(lock) do {} while (0)
#define rcu_read_lock() do {} while (0)
#define rcu_read_unlock() do {} while (0)
#define local_irq_save(flags) do { (flags) = 0; } while (0)
#define local_irq_restore(flags) do { (void)(flags); } while (0)
#define might_sleep() do {} while (0)
#define cond_resched() do {} while (0)
#define cpu_relax() do {} while (0)
`,
  },
  {
    from: "include/linux/completion.h, include/linux/swait.h, include/linux/wait.h",
    c: `
struct completion { unsigned int done; };
#define COMPLETION_INITIALIZER_ONSTACK(work) { 0 }
#define DECLARE_COMPLETION(work) struct completion work = { 0 }
#define DECLARE_COMPLETION_ONSTACK(work) struct completion work = { 0 }
#define DECLARE_COMPLETION_ONSTACK_MAP(work, map) struct completion work = { 0 }
#define init_completion(x) do { (x)->done = 0; } while (0)
#define reinit_completion(x) do { (x)->done = 0; } while (0)
typedef struct wait_queue_head { unsigned int wakeups; } wait_queue_head_t;
#define init_waitqueue_head(q) do { (q)->wakeups = 0; } while (0)
#define DECLARE_WAIT_QUEUE_HEAD(q) struct wait_queue_head q = { 0 }
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(q) struct wait_queue_head q = { 0 }
#define wait_event(q, condition) do { for (;;) { unsigned int __w = __wakeups(&(q)); if (condition) break; __wait(&(q), __w); } } while (0)
#define io_wait_event(q, condition) wait_event(q, condition)
#define wait_event_lock_irq(q, condition, lock) do { for (;;) { unsigned int __w = __wakeups(&(q)); if (condition) break; spin_unlock_irq(&(lock)); __wait(&(q), __w); spin_lock_irq(&(lock)); } } while (0)
#define wake_up_all(q) wake_up(q)
#define wake_up_interruptible(q) wake_up(q)
#define wake_up_var(p) do {} while (0)
`,
  },
  {
    from: "include/linux/workqueue.h",
    c: `
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);
struct work_struct { work_func_t func; int pending; int running; };
struct delayed_work { struct work_struct work; };
struct workqueue_struct { int unused; };
#define INIT_WORK(_work, _func) do { (_work)->pending = 0; (_work)->running = 0; (_work)->func = (_func); } while (0)
#define INIT_WORK_ONSTACK(_work, _func) INIT_WORK(_work, _func)
#define destroy_work_on_stack(work) do {} while (0)
extern struct workqueue_struct *system_wq;
extern struct workqueue_struct *system_unbound_wq;
`,
  },
  {
    from: "include/linux/list.h",
    c: `
#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
static inline void INIT_LIST_HEAD(struct list_head *list) { list->next = list; list->prev = list; }
static inline void __list_add(struct list_head *n, struct list_head *prev, struct list_head *next)
{ next->prev = n; n->next = next; n->prev = prev; prev->next = n; }
static inline void list_add(struct list_head *n, struct list_head *head) { __list_add(n, head, head->next); }
static inline void list_add_tail(struct list_head *n, struct list_head *head) { __list_add(n, head->prev, head); }
static inline void list_del(struct list_head *entry)
{ entry->next->prev = entry->prev; entry->prev->next = entry->next; entry->next = (void *)0x100; entry->prev = (void *)0x122; }
static inline void list_del_init(struct list_head *entry)
{ entry->next->prev = entry->prev; entry->prev->next = entry->next; INIT_LIST_HEAD(entry); }
static inline int list_empty(const struct list_head *head) { return head->next == head; }
static inline int list_is_singular(const struct list_head *head) { return head->next != head && head->next == head->prev; }
#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(ptr, type, member) list_entry((ptr)->next, type, member)
#define list_last_entry(ptr, type, member) list_entry((ptr)->prev, type, member)
#define list_first_entry_or_null(ptr, type, member) (list_empty(ptr) ? NULL : list_first_entry(ptr, type, member))
#define list_next_entry(pos, member) list_entry((pos)->member.next, typeof(*(pos)), member)
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_entry(pos, head, member) for (pos = list_first_entry(head, typeof(*pos), member); &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member) for (pos = list_first_entry(head, typeof(*pos), member), n = list_next_entry(pos, member); &pos->member != (head); pos = n, n = list_next_entry(n, member))
`,
  },
  {
    from: "include/linux/mm_types.h, include/linux/mm.h, include/linux/bvec.h, include/linux/uio.h",
    c: `
struct kref { refcount_t refcount; };
struct page { unsigned long flags; };
struct folio { struct page page; };
struct bio_vec { struct page *bv_page; unsigned int bv_len; unsigned int bv_offset; };
struct bvec_iter { sector_t bi_sector; unsigned int bi_size; unsigned int bi_idx; unsigned int bi_bvec_done; };
#define UIO_MAXIOV 1024
#define flush_kernel_vmap_range(vaddr, size) do {} while (0)
#define invalidate_kernel_vmap_range(vaddr, size) do {} while (0)
#define flush_dcache_page(page) do {} while (0)
#define kmap_local_page(page) page_address(page)
#define kunmap_local(addr) do {} while (0)
#define PAGE_SECTORS_SHIFT (PAGE_SHIFT - SECTOR_SHIFT)
#define PAGE_SECTORS (1 << PAGE_SECTORS_SHIFT)
#define SECTOR_MASK (PAGE_SECTORS - 1)
`,
  },
  {
    from: "include/linux/blk_types.h: status codes and operations",
    c: `
#define BLK_STS_OK 0
#define BLK_STS_NOTSUPP ((blk_status_t)1)
#define BLK_STS_TIMEOUT ((blk_status_t)2)
#define BLK_STS_NOSPC ((blk_status_t)3)
#define BLK_STS_TRANSPORT ((blk_status_t)4)
#define BLK_STS_TARGET ((blk_status_t)5)
#define BLK_STS_MEDIUM ((blk_status_t)7)
#define BLK_STS_PROTECTION ((blk_status_t)8)
#define BLK_STS_RESOURCE ((blk_status_t)9)
#define BLK_STS_IOERR ((blk_status_t)10)
#define BLK_STS_AGAIN ((blk_status_t)12)
#define BLK_STS_DEV_RESOURCE ((blk_status_t)13)
#define BLK_STS_INVAL ((blk_status_t)19)
#define REQ_OP_BITS 8
#define REQ_OP_MASK ((1 << REQ_OP_BITS) - 1)
enum req_op { REQ_OP_READ = 0, REQ_OP_WRITE = 1, REQ_OP_FLUSH = 2, REQ_OP_DISCARD = 3, REQ_OP_SECURE_ERASE = 5, REQ_OP_ZONE_APPEND = 7, REQ_OP_WRITE_ZEROES = 9, REQ_OP_ZONE_RESET = 15, REQ_OP_DRV_IN = 34, REQ_OP_DRV_OUT = 35 };
#define REQ_FAILFAST_DEV (1ULL << 8)
#define REQ_FAILFAST_TRANSPORT (1ULL << 9)
#define REQ_FAILFAST_DRIVER (1ULL << 10)
#define REQ_SYNC (1ULL << 11)
#define REQ_META (1ULL << 12)
#define REQ_PRIO (1ULL << 13)
#define REQ_NOMERGE (1ULL << 14)
#define REQ_IDLE (1ULL << 15)
#define REQ_INTEGRITY (1ULL << 16)
#define REQ_FUA (1ULL << 17)
#define REQ_PREFLUSH (1ULL << 18)
#define REQ_RAHEAD (1ULL << 19)
#define REQ_BACKGROUND (1ULL << 20)
#define REQ_NOWAIT (1ULL << 21)
#define REQ_POLLED (1ULL << 22)
#define REQ_HIPRI REQ_POLLED
#define BIO_MAX_VECS 256U
#define BIO_CHAIN 5
`,
  },
  {
    from: "include/linux/blk_types.h, include/linux/blkdev.h, include/linux/genhd.h, include/linux/bio.h",
    c: `
struct bio;
struct gendisk;
struct request_queue;
typedef void (bio_end_io_t)(struct bio *);
struct queue_limits {
	unsigned int max_hw_sectors; unsigned int max_dev_sectors; unsigned int chunk_sectors; unsigned int max_sectors;
	unsigned int max_user_sectors; unsigned int max_segment_size; unsigned int physical_block_size; unsigned int logical_block_size;
	unsigned int io_min; unsigned int io_opt; unsigned int max_discard_sectors; unsigned int max_hw_discard_sectors;
	unsigned int max_user_discard_sectors; unsigned int discard_granularity; unsigned int discard_alignment;
	unsigned int max_write_zeroes_sectors; unsigned short max_segments; unsigned short max_integrity_segments;
	unsigned short max_discard_segments; bool zoned;
};
struct request_queue { unsigned long queue_flags; struct queue_limits limits; struct gendisk *disk; void *queuedata; };
struct block_device { sector_t bd_start_sect; sector_t bd_nr_sectors; struct gendisk *bd_disk; struct request_queue *bd_queue; bool bd_read_only; unsigned char bd_partno; };
struct gendisk { struct request_queue *queue; struct block_device *part0; void *private_data; char disk_name[32]; };
struct bio {
	struct bio *bi_next; struct block_device *bi_bdev; struct gendisk *bi_disk; blk_opf_t bi_opf; unsigned short bi_flags;
	unsigned short bi_ioprio; blk_status_t bi_status; unsigned char bi_partno; atomic_t __bi_remaining; struct bvec_iter bi_iter;
	bio_end_io_t *bi_end_io; void *bi_private; unsigned short bi_vcnt; unsigned short bi_max_vecs; atomic_t __bi_cnt;
	struct bio_vec *bi_io_vec; struct bio_set *bi_pool; struct bio_vec bi_inline_vecs[];
};
struct bio_list { struct bio *head; struct bio *tail; };
struct blk_plug { void *mq_list; unsigned short rq_count; };
struct bdev_handle { struct block_device *bdev; void *holder; };
#define bio_op(bio) ((bio)->bi_opf & REQ_OP_MASK)
#define bio_sectors(bio) ((bio)->bi_iter.bi_size >> 9)
#define bio_set_dev(bio, bdev) do { (bio)->bi_bdev = (bdev); (bio)->bi_disk = (bdev)->bd_disk; } while (0)
#define bio_set_op_attrs(bio, op, flags) do { (bio)->bi_opf = (op) | (flags); } while (0)
#define bio_io_error(bio) do { (bio)->bi_status = BLK_STS_IOERR; bio_endio(bio); } while (0)
#define EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_GPL(sym)
#define BLK_MAX_REQUEST_COUNT 32
`,
  },
  {
    from: "include/linux/printk.h, include/linux/dev_printk.h",
    c: `
#define pr_err(...) do {} while (0)
#define pr_warn(...) do {} while (0)
#define pr_info(...) do {} while (0)
#define pr_notice(...) do {} while (0)
#define pr_debug(...) do {} while (0)
#define pr_err_ratelimited(...) do {} while (0)
#define pr_warn_ratelimited(...) do {} while (0)
#define printk(...) do {} while (0)
#define DMERR(...) do {} while (0)
#define DMWARN(...) do {} while (0)
#define dev_err(...) do {} while (0)
#define dev_warn(...) do {} while (0)
#define dev_dbg(...) do {} while (0)
`,
  },
  {
    from: "include/linux/fs.h, block/fops.c",
    c: `
struct kiocb { loff_t ki_pos; int ki_flags; };
struct inode { umode_t i_mode; loff_t i_size; unsigned char i_blkbits; struct block_device *bdev; };
struct address_space { struct inode *host; };
struct file { unsigned int f_mode; unsigned int f_flags; int f_iocb_flags; struct inode *f_inode; struct address_space *f_mapping; };
#define IOCB_DIRECT (1 << 17)
#define FMODE_READ 1
#define FMODE_WRITE 2
#define O_DIRECT 00040000
#define COPY_FILE_SPLICE (1 << 0)
`,
  },
  {
    from: "include/linux/nvme.h, drivers/nvme/target/nvmet.h (a request that came over a fabric; NVM command set specification, Copy)",
    c: `
struct nvme_sgl_desc { __le64 addr; __le32 length; __u8 rsvd[3]; __u8 type; };
union nvme_data_ptr { struct { __le64 prp1; __le64 prp2; }; struct nvme_sgl_desc sgl; };
struct nvme_common_command { __u8 opcode; __u8 flags; __u16 command_id; __le32 nsid; };
struct nvme_command { struct nvme_common_command common; };
struct nvme_completion { union { __le16 u16; __le32 u32; __le64 u64; } result; __le16 sq_head; __le16 sq_id; __u16 command_id; __le16 status; };
struct nvmet_ns { struct block_device *bdev; struct file *file; bool readonly; u32 nsid; u32 blksize_shift; loff_t size; };
struct nvmet_req {
	struct nvme_command *cmd; struct nvme_completion *cqe; struct nvmet_ns *ns; size_t transfer_len; int sg_cnt; u16 error_loc; u64 error_slba;
	void (*execute)(struct nvmet_req *req);
	struct { struct work_struct work; struct kiocb iocb; bool mpool_alloc; } f;
	struct { struct bio inline_bio; } b;
};
#define NVME_SC_SUCCESS 0x0
#define NVME_SC_INVALID_FIELD 0x2
#define NVME_SC_INTERNAL 0x6
#define NVME_SC_LBA_RANGE 0x80
#define NVME_SC_DNR 0x4000
extern struct workqueue_struct *nvmet_wq;
`,
  },
];

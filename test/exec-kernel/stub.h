/* As much of the kernel's headers as gcc needs to read the engines: what is declared here, they use. */
typedef _Bool bool;
typedef unsigned char blk_status_t;
typedef unsigned int gfp_t;
typedef unsigned int blk_opf_t;
typedef unsigned long size_t;
typedef long ssize_t;
typedef unsigned long long sector_t;
typedef struct { int counter; } atomic_t;
typedef struct { atomic_t refs; } refcount_t;
typedef struct { int locked; } spinlock_t;
struct completion { unsigned int done; };
struct blk_plug { void *list; };
struct page;
struct queue_limits { unsigned int logical_block_size, max_copy_sectors; };
struct request_queue { struct queue_limits limits; };
struct block_device { struct request_queue *bd_queue; };
struct bio {
	struct { sector_t bi_sector; unsigned int bi_size; } bi_iter;
	blk_status_t bi_status;
	void (*bi_end_io)(struct bio *);
	void *bi_private;
};

enum { EIO = 5, ENOMEM = 12, EINVAL = 22, EOPNOTSUPP = 95, EIOCBQUEUED = 529 };
enum { REQ_OP_READ, REQ_OP_WRITE };
#define NULL ((void *)0)
#define SECTOR_SHIFT 9
#define PAGE_SIZE 4096UL
#define SZ_4K 4096
#define EXPORT_SYMBOL_GPL(name) extern typeof(name) name
#define offset_in_page(p) ((unsigned long)(p) & (PAGE_SIZE - 1))
#define round_down(x, y) ((x) & ~(typeof(x))((y) - 1))
#define round_up(x, y) round_down((x) + (y) - 1, y)
#define min(x, y) ((x) < (y) ? (x) : (y))
#define max(x, y) ((x) > (y) ? (x) : (y))
#define min_t(type, x, y) ((type)(x) < (type)(y) ? (type)(x) : (type)(y))
#define max_t(type, x, y) ((type)(x) > (type)(y) ? (type)(x) : (type)(y))
#define spin_lock_irqsave(lock, flags) ((flags) = 0, spin_lock_irq(lock))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), spin_unlock_irq(lock))

void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void kfree(const void *pointer);
void atomic_set(atomic_t *v, int i);
void atomic_inc(atomic_t *v);
bool atomic_dec_and_test(atomic_t *v);
void refcount_set(refcount_t *r, int n);
void refcount_inc(refcount_t *r);
bool refcount_dec_and_test(refcount_t *r);
void spin_lock_init(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);
void init_completion(struct completion *x);
void complete(struct completion *x);
void wait_for_completion_io(struct completion *x);
struct page *virt_to_page(const void *address);
struct request_queue *bdev_get_queue(struct block_device *bdev);
unsigned int bdev_logical_block_size(struct block_device *bdev);
void blk_start_plug(struct blk_plug *plug);
void blk_finish_plug(struct blk_plug *plug);
int blk_status_to_errno(blk_status_t status);
struct bio *bio_alloc(struct block_device *bdev, unsigned short nr_vecs, blk_opf_t opf, gfp_t gfp);
void bio_put(struct bio *bio);
void bio_chain(struct bio *bio, struct bio *parent);
struct bio *bio_chain_and_submit(struct bio *prev, struct bio *next);
void __bio_add_page(struct bio *bio, struct page *page, unsigned int len, unsigned int off);
void submit_bio(struct bio *bio);
int submit_bio_wait(struct bio *bio);

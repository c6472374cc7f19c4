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
  "include/linux/slab.h, mm/slab_common.c, mm/slub.c (5.9 and later: an object may be given to kfree() too)",
  `
struct kmem_cache *kmem_cache_create();
void kmem_cache_destroy(struct kmem_cache *s);
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags);
void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags);
void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node);
void kmem_cache_free(struct kmem_cache *s, void *x);
void *kmalloc_array_node(size_t n, size_t size, gfp_t flags, int node);
void *kcalloc_node(size_t n, size_t size, gfp_t flags, int node);
void *kvmalloc_node(size_t size, gfp_t flags, int node);
void *krealloc(const void *p, size_t size, gfp_t flags);
static inline void *kmemdup_array(const void *src, size_t count, size_t size, gfp_t gfp) { return kmemdup(src, size_mul(size, count), gfp); }
static inline void *kvmemdup(const void *src, size_t len, gfp_t gfp) { void *p = kvmalloc(len, gfp); if (p) memcpy(p, src, len); return p; }
`,
);
from(
  "mm/mempool.c, include/linux/mempool.h (an allocation that may sleep waits for an element and cannot fail)",
  `
mempool_t *mempool_create(int min_nr, void *(*alloc)(gfp_t gfp, void *data), void (*free)(void *element, void *data), void *data);
int mempool_init(mempool_t *pool, int min_nr, void *(*alloc)(gfp_t gfp, void *data), void (*free)(void *element, void *data), void *data);
mempool_t *mempool_create_kmalloc_pool(int min_nr, size_t size);
int mempool_init_kmalloc_pool(mempool_t *pool, int min_nr, size_t size);
mempool_t *mempool_create_slab_pool(int min_nr, struct kmem_cache *cache);
int mempool_init_slab_pool(mempool_t *pool, int min_nr, struct kmem_cache *cache);
mempool_t *mempool_create_page_pool(int min_nr, int order);
int mempool_init_page_pool(mempool_t *pool, int min_nr, int order);
void mempool_exit(mempool_t *pool);
void mempool_destroy(mempool_t *pool);
void *mempool_alloc(mempool_t *pool, gfp_t gfp);
void mempool_free(void *element, mempool_t *pool);
void *mempool_alloc_slab(gfp_t gfp, void *data);
void mempool_free_slab(void *element, void *data);
void *mempool_kmalloc(gfp_t gfp, void *data);
void mempool_kfree(void *element, void *data);
void *mempool_alloc_pages(gfp_t gfp, void *data);
void mempool_free_pages(void *element, void *data);
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
struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int order);
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
void free_pages(unsigned long addr, unsigned int order);
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *addr, size_t size);
void get_page(struct page *page);
void put_page(struct page *page);
static inline struct folio *folio_alloc(gfp_t gfp, unsigned int order) { return (struct folio *)alloc_pages(gfp, order); }
static inline void folio_get(struct folio *folio) { get_page(&folio->page); }
static inline void folio_put(struct folio *folio) { put_page(&folio->page); }
static inline struct page *virt_to_head_page(const void *addr) { return virt_to_page(addr); }
static inline struct folio *virt_to_folio(const void *addr) { return (struct folio *)virt_to_page(addr); }
static inline void memcpy_from_page(char *to, struct page *page, size_t offset, size_t len) { memcpy(to, page_address(page) + offset, len); }
static inline void memcpy_to_page(struct page *page, size_t offset, const char *from, size_t len) { memcpy(page_address(page) + offset, from, len); }
static inline void memcpy_page(struct page *dst, size_t dst_off, struct page *src, size_t src_off, size_t len) { memcpy(page_address(dst) + dst_off, page_address(src) + src_off, len); }
static inline void memzero_page(struct page *page, size_t offset, size_t len) { memset(page_address(page) + offset, 0, len); }
static inline void clear_page(void *page) { memset(page, 0, PAGE_SIZE); }
static inline void copy_page(void *to, void *from) { memcpy(to, from, PAGE_SIZE); }
static inline void clear_highpage(struct page *page) { memset(page_address(page), 0, PAGE_SIZE); }
static inline void copy_highpage(struct page *to, struct page *from) { memcpy(page_address(to), page_address(from), PAGE_SIZE); }
static inline int __order_of(unsigned long size) { int order = 0; while ((PAGE_SIZE << order) < size) order++; return order; }
`,
);
from(
  "arch/x86/lib/usercopy.c, include/linux/uaccess.h",
  `
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
unsigned long clear_user(void *to, unsigned long n);
static inline void *memdup_user(const void *src, size_t len) { void *p = kmalloc(len, GFP_USER | __GFP_NOWARN); if (!p) return ERR_PTR(-ENOMEM); if (copy_from_user(p, src, len)) { kfree(p); return ERR_PTR(-EFAULT); } return p; }
static inline void *vmemdup_user(const void *src, size_t len) { void *p = kvmalloc(len, GFP_USER); if (!p) return ERR_PTR(-ENOMEM); if (copy_from_user(p, src, len)) { kvfree(p); return ERR_PTR(-EFAULT); } return p; }
static inline void *memdup_array_user(const void *src, size_t n, size_t size) { size_t bytes; if (check_mul_overflow(n, size, &bytes)) return ERR_PTR(-EOVERFLOW); return memdup_user(src, bytes); }
static inline void *vmemdup_array_user(const void *src, size_t n, size_t size) { size_t bytes; if (check_mul_overflow(n, size, &bytes)) return ERR_PTR(-EOVERFLOW); return vmemdup_user(src, bytes); }
static inline int check_zeroed_user(const void *from, size_t size) { u8 byte; for (; size; size--, from++) { if (copy_from_user(&byte, from, 1)) return -EFAULT; if (byte) return 0; } return 1; }
static inline int copy_struct_from_user(void *dst, size_t ksize, const void *src, size_t usize) { size_t size = ksize < usize ? ksize : usize; if (usize < ksize) memset(dst + size, 0, ksize - usize); else if (usize > ksize) { int ret = check_zeroed_user(src + size, usize - ksize); if (ret <= 0) return ret ? ret : -E2BIG; } return copy_from_user(dst, src, size) ? -EFAULT : 0; }
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
${of} ${name}_fetch_add(${of} i, ${name}_t *v);
${of} ${name}_fetch_sub(${of} i, ${name}_t *v);
${of} ${name}_fetch_inc(${name}_t *v);
${of} ${name}_fetch_dec(${name}_t *v);
void ${name}_or(${of} i, ${name}_t *v);
void ${name}_and(${of} i, ${name}_t *v);
bool ${name}_inc_and_test(${name}_t *v);
bool ${name}_add_unless(${name}_t *v, ${of} a, ${of} u);
${of} ${name}_dec_if_positive(${name}_t *v);
bool ${name}_try_cmpxchg(${name}_t *v, ${of} *old, ${of} n);
static inline void ${name}_set_release(${name}_t *v, ${of} i) { ${name}_set(v, i); }
static inline ${of} ${name}_read_acquire(const ${name}_t *v) { return ${name}_read(v); }
static inline bool ${name}_dec_unless_positive(${name}_t *v) { for (;;) { ${of} old = ${name}_read(v); if (old > 0) return false; if (${name}_cmpxchg(v, old, old - 1) == old) return true; } }
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
void __clear_bit(unsigned long nr, unsigned long *addr);
bool __test_and_set_bit(unsigned long nr, unsigned long *addr);
bool __test_and_clear_bit(unsigned long nr, unsigned long *addr);
bool test_and_set_bit_lock(unsigned long nr, unsigned long *addr);
void clear_bit_unlock(unsigned long nr, unsigned long *addr);
static inline void assign_bit(long nr, unsigned long *addr, bool value) { if (value) set_bit(nr, addr); else clear_bit(nr, addr); }
static inline bool test_bit_acquire(unsigned long nr, unsigned long *addr) { return test_bit(nr, addr); }
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
static inline bool refcount_sub_and_test(int i, refcount_t *r) { return atomic_sub_and_test(i, &r->refs); }
static inline bool refcount_dec_not_one(refcount_t *r) { for (;;) { int old = atomic_read(&r->refs); if (old == 1) return false; if (atomic_cmpxchg(&r->refs, old, old - 1) == old) return true; } }
`,
);
from(
  "include/linux/kref.h",
  `
static inline void kref_init(struct kref *k) { refcount_set(&k->refcount, 1); }
static inline void kref_get(struct kref *k) { refcount_inc(&k->refcount); }
static inline int kref_put(struct kref *k, void (*release)(struct kref *k)) { if (refcount_dec_and_test(&k->refcount)) { release(k); return 1; } return 0; }
static inline unsigned int kref_read(const struct kref *k) { return refcount_read(&k->refcount); }
static inline int kref_get_unless_zero(struct kref *k) { return refcount_inc_not_zero(&k->refcount); }
`,
);

from(
  "include/linux/percpu-refcount.h, lib/percpu-refcount.c (as one counter; the initial reference goes with percpu_ref_kill())",
  `
static inline int percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release, unsigned int flags, gfp_t gfp) { atomic_long_set(&ref->count, 1); ref->release = release; ref->dying = false; return 0; }
static inline void percpu_ref_exit(struct percpu_ref *ref) { }
static inline void percpu_ref_get(struct percpu_ref *ref) { atomic_long_inc(&ref->count); }
static inline void percpu_ref_get_many(struct percpu_ref *ref, unsigned long n) { atomic_long_add(n, &ref->count); }
static inline bool percpu_ref_tryget(struct percpu_ref *ref) { return atomic_long_inc_not_zero(&ref->count); }
static inline bool percpu_ref_tryget_live(struct percpu_ref *ref) { return READ_ONCE(ref->dying) ? false : atomic_long_inc_not_zero(&ref->count); }
static inline void percpu_ref_put(struct percpu_ref *ref) { if (atomic_long_dec_and_test(&ref->count)) ref->release(ref); }
static inline void percpu_ref_put_many(struct percpu_ref *ref, unsigned long n) { if (atomic_long_sub_and_test(n, &ref->count)) ref->release(ref); }
static inline void percpu_ref_kill(struct percpu_ref *ref) { WRITE_ONCE(ref->dying, true); percpu_ref_put(ref); }
static inline bool percpu_ref_is_zero(struct percpu_ref *ref) { return atomic_long_read(&ref->count) == 0; }
static inline bool percpu_ref_is_dying(struct percpu_ref *ref) { return READ_ONCE(ref->dying); }
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
int wake_up_state(struct task_struct *tsk, unsigned int state);
long schedule_timeout_uninterruptible(long timeout);
long schedule_timeout_interruptible(long timeout);
void msleep(unsigned int msecs);
void usleep_range(unsigned long min, unsigned long max);
void fsleep(unsigned long usecs);
void udelay(unsigned long usecs);
void cpu_relax(void);
static inline void get_task_struct(struct task_struct *t) { }
static inline void put_task_struct(struct task_struct *t) { }
static inline unsigned long msecs_to_jiffies(unsigned int m) { return ((unsigned long)m * HZ + 999) / 1000; }
static inline unsigned int jiffies_to_msecs(unsigned long j) { return j * (1000 / HZ); }
static inline unsigned long secs_to_jiffies(unsigned long s) { return s * HZ; }
`,
);
from("block/blk-core.c, block/blk.h", "void blk_io_schedule(void);", { since: "5.8" });
from("block/blk.h (waits again after each time-out)", "void blk_wait_io(struct completion *done);", { since: "5.11" });
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
bool try_wait_for_completion(struct completion *x);
long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout);
long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout);
int wait_for_completion_state(struct completion *x, unsigned int state);
void complete_on_current_cpu(struct completion *x);
`,
);
from(
  "include/linux/wait.h, kernel/sched/wait.c (the two with underscores are the halves of wait_event)",
  `
unsigned int __wakeups(struct wait_queue_head *q);
void __wait(struct wait_queue_head *q, unsigned int seen);
void wake_up(struct wait_queue_head *q);
int __wait_early(struct wait_queue_head *q, unsigned int seen);
void __queue_waiter(struct wait_queue_head *q, struct wait_queue_entry *entry);
void __unqueue_waiter(struct wait_queue_head *q, struct wait_queue_entry *entry);
`,
);
from(
  "include/linux/workqueue.h, kernel/workqueue.c",
  `
bool schedule_work(struct work_struct *work);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool flush_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_work(struct work_struct *work);
struct workqueue_struct *__alloc_workqueue(void);
void destroy_workqueue(struct workqueue_struct *wq);
void flush_workqueue(struct workqueue_struct *wq);
void drain_workqueue(struct workqueue_struct *wq);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
`,
);
from(
  "kernel/locking/spinlock.c, kernel/locking/mutex.c (behind the macros of types.ts)",
  `
void __lock_init(int *lock);
void __lock(int *lock);
void __unlock(int *lock);
bool __trylock(int *lock);
int __lock_killable(int *lock);
void __lock_shared(int *lock);
void __unlock_shared(int *lock);
static inline int atomic_dec_and_lock(atomic_t *atomic, spinlock_t *lock) { spin_lock(lock); if (atomic_dec_and_test(atomic)) return 1; spin_unlock(lock); return 0; }
static inline bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock) { spin_lock(lock); if (refcount_dec_and_test(r)) return true; spin_unlock(lock); return false; }
static inline bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock) { mutex_lock(lock); if (refcount_dec_and_test(r)) return true; mutex_unlock(lock); return false; }
`,
);

from(
  "include/linux/rcupdate.h",
  `
void rcu_read_lock(void);
void rcu_read_unlock(void);
`,
);

from(
  "include/linux/list.h",
  `
static inline int list_empty_careful(const struct list_head *head) { return head->next == head; }
static inline void list_replace(struct list_head *old, struct list_head *new) { new->next = old->next; new->next->prev = new; new->prev = old->prev; new->prev->next = new; }
static inline void list_replace_init(struct list_head *old, struct list_head *new) { list_replace(old, new); INIT_LIST_HEAD(old); }
static inline void __list_splice(const struct list_head *list, struct list_head *prev, struct list_head *next) { struct list_head *first = list->next, *last = list->prev; first->prev = prev; prev->next = first; last->next = next; next->prev = last; }
static inline void list_splice(const struct list_head *list, struct list_head *head) { if (!list_empty(list)) __list_splice(list, head, head->next); }
static inline void list_splice_tail(struct list_head *list, struct list_head *head) { if (!list_empty(list)) __list_splice(list, head->prev, head); }
static inline void list_splice_init(struct list_head *list, struct list_head *head) { if (!list_empty(list)) { __list_splice(list, head, head->next); INIT_LIST_HEAD(list); } }
static inline void list_splice_tail_init(struct list_head *list, struct list_head *head) { if (!list_empty(list)) { __list_splice(list, head->prev, head); INIT_LIST_HEAD(list); } }
static inline void list_rotate_left(struct list_head *head) { if (!list_empty(head)) list_move_tail(head->next, head); }
static inline size_t list_count_nodes(struct list_head *head) { struct list_head *pos; size_t n = 0; for (pos = head->next; pos != head; pos = pos->next) n++; return n; }
`,
);
from(
  "include/linux/log2.h, include/linux/math.h, include/linux/minmax.h",
  `
static inline unsigned int order_base_2(unsigned long n) { return n > 1 ? ilog2(n - 1) + 1 : 0; }
static inline unsigned int bits_per(unsigned long n) { return n < 2 ? 1 : order_base_2(n + 1); }
static inline unsigned long int_sqrt(unsigned long x) { unsigned long r = 0; while ((r + 1) * (r + 1) <= x) r++; return r; }
static inline u64 mul_u32_u32(u32 a, u32 b) { return (u64)a * b; }
static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder) { *remainder = dividend % divisor; return dividend / divisor; }
static inline unsigned long gcd(unsigned long a, unsigned long b) { while (b) { unsigned long r = a % b; a = b; b = r; } return a; }
static inline unsigned long lcm(unsigned long a, unsigned long b) { return a && b ? a / gcd(a, b) * b : 0; }
static inline unsigned long lcm_not_zero(unsigned long a, unsigned long b) { unsigned long l = lcm(a, b); return l ? l : b ? b : a; }
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
static inline bool bio_flagged(struct bio *bio, unsigned int bit) { return (bio->bi_flags & (1U << bit)) != 0; }
static inline void bio_set_flag(struct bio *bio, unsigned int bit) { bio->bi_flags |= (1U << bit); }
static inline void bio_clear_flag(struct bio *bio, unsigned int bit) { bio->bi_flags &= ~(1U << bit); }
static inline struct bio_vec *bio_first_bvec_all(struct bio *bio) { return bio->bi_io_vec; }
static inline struct page *bio_first_page_all(struct bio *bio) { return bio->bi_io_vec->bv_page; }
static inline struct folio *bio_first_folio_all(struct bio *bio) { return page_folio(bio->bi_io_vec->bv_page); }
static inline struct bio_vec *bio_last_bvec_all(struct bio *bio) { return &bio->bi_io_vec[bio->bi_vcnt - 1]; }
static inline bool bio_no_advance_iter(const struct bio *bio) { return bio_op(bio) == REQ_OP_DISCARD || bio_op(bio) == REQ_OP_SECURE_ERASE || bio_op(bio) == REQ_OP_WRITE_ZEROES; }
static inline bool bio_has_data(struct bio *bio) { return bio && bio->bi_iter.bi_size && !bio_no_advance_iter(bio); }
static inline bool bio_is_rw(struct bio *bio) { return bio_has_data(bio); }
static inline bool bio_mergeable(struct bio *bio) { return !(bio->bi_opf & (REQ_NOMERGE | REQ_PREFLUSH | REQ_FUA)); }
static inline bool bio_full(struct bio *bio, unsigned int len) { return bio->bi_vcnt >= bio->bi_max_vecs || bio->bi_iter.bi_size > UINT_MAX - len; }
static inline void __bvec_advance(const struct bio_vec *table, struct bvec_iter *iter, unsigned int bytes) { iter->bi_size -= bytes; iter->bi_bvec_done += bytes; while (iter->bi_bvec_done && iter->bi_bvec_done >= table[iter->bi_idx].bv_len) { iter->bi_bvec_done -= table[iter->bi_idx].bv_len; iter->bi_idx++; } }
static inline bool bvec_iter_advance(const struct bio_vec *table, struct bvec_iter *iter, unsigned int bytes) { if (bytes > iter->bi_size) { iter->bi_size = 0; return false; } __bvec_advance(table, iter, bytes); return true; }
static inline void bio_advance_iter(const struct bio *bio, struct bvec_iter *iter, unsigned int bytes) { iter->bi_sector += bytes >> 9; if (bio_no_advance_iter(bio) || !bio->bi_io_vec) iter->bi_size -= bytes; else __bvec_advance(bio->bi_io_vec, iter, bytes); }
static inline void bio_advance_iter_single(const struct bio *bio, struct bvec_iter *iter, unsigned int bytes) { bio_advance_iter(bio, iter, bytes); }
static inline void bio_advance(struct bio *bio, unsigned int bytes) { if (bytes > bio->bi_iter.bi_size) bytes = bio->bi_iter.bi_size; bio_advance_iter(bio, &bio->bi_iter, bytes); }
static inline struct bio_vec __bio_iter_bvec(const struct bio *bio, struct bvec_iter iter) { struct bio_vec bv = bio->bi_io_vec[iter.bi_idx]; unsigned int skip = bv.bv_offset + iter.bi_bvec_done; bv.bv_len = min(bv.bv_len - iter.bi_bvec_done, iter.bi_size); bv.bv_offset = skip; return bv; }
static inline struct bio_vec bio_iter_iovec(const struct bio *bio, struct bvec_iter iter) { struct bio_vec bv = __bio_iter_bvec(bio, iter); unsigned int most; if (bv.bv_offset >= PAGE_SIZE) { bv.bv_page += bv.bv_offset / PAGE_SIZE; bv.bv_offset %= PAGE_SIZE; } most = PAGE_SIZE - bv.bv_offset; if (bv.bv_len > most) bv.bv_len = most; return bv; }
static inline struct bio_vec *__segment_first(struct bvec_iter_all *iter) { iter->idx = 0; iter->done = 0; return &iter->bv; }
static inline bool __segment_next(const struct bio *bio, struct bvec_iter_all *iter) { const struct bio_vec *bv; unsigned int skip; if (iter->idx >= bio->bi_vcnt) return false; bv = &bio->bi_io_vec[iter->idx]; skip = bv->bv_offset + iter->done; iter->bv.bv_page = bv->bv_page + skip / PAGE_SIZE; iter->bv.bv_offset = skip % PAGE_SIZE; iter->bv.bv_len = min_t(unsigned int, PAGE_SIZE - iter->bv.bv_offset, bv->bv_len - iter->done); iter->done += iter->bv.bv_len; if (iter->done == bv->bv_len) { iter->idx++; iter->done = 0; } return true; }
static inline bool __folio_next(struct bio *bio, struct folio_iter *fi) { if (++fi->idx >= bio->bi_vcnt) return false; fi->folio = page_folio(bio->bi_io_vec[fi->idx].bv_page); fi->offset = bio->bi_io_vec[fi->idx].bv_offset; fi->length = bio->bi_io_vec[fi->idx].bv_len; return true; }
static inline unsigned int bio_segments(struct bio *bio) { unsigned int n = 0; struct bvec_iter iter; struct bio_vec bv; if (!bio_has_data(bio)) return 0; bio_for_each_segment(bv, bio, iter) n++; return n; }
static inline unsigned int bio_cur_bytes(struct bio *bio) { return bio_has_data(bio) ? bio_iter_iovec(bio, bio->bi_iter).bv_len : bio->bi_iter.bi_size; }
static inline bool bio_add_folio(struct bio *bio, struct folio *folio, size_t len, size_t off) { return bio_add_page(bio, &folio->page, len, off) > 0; }
static inline void bio_add_folio_nofail(struct bio *bio, struct folio *folio, size_t len, size_t off) { __bio_add_page(bio, &folio->page, len, off); }
static inline void bvec_set_page(struct bio_vec *bv, struct page *page, unsigned int len, unsigned int offset) { bv->bv_page = page; bv->bv_len = len; bv->bv_offset = offset; }
static inline void bvec_set_folio(struct bio_vec *bv, struct folio *folio, size_t len, size_t offset) { bvec_set_page(bv, &folio->page, len, offset); }
static inline void bvec_set_virt(struct bio_vec *bv, void *vaddr, unsigned int len) { bvec_set_page(bv, virt_to_page(vaddr), len, offset_in_page(vaddr)); }
static inline void memcpy_from_bvec(char *to, struct bio_vec *bvec) { memcpy(to, page_address(bvec->bv_page) + bvec->bv_offset, bvec->bv_len); }
static inline void memcpy_to_bvec(struct bio_vec *bvec, const char *from) { memcpy(page_address(bvec->bv_page) + bvec->bv_offset, from, bvec->bv_len); }
static inline void memzero_bvec(struct bio_vec *bvec) { memset(page_address(bvec->bv_page) + bvec->bv_offset, 0, bvec->bv_len); }
static inline void bio_free_pages(struct bio *bio) { int i; for (i = 0; i < bio->bi_vcnt; i++) __free_page(bio->bi_io_vec[i].bv_page); }
static inline void bio_trim(struct bio *bio, sector_t offset, sector_t size) { bio_advance(bio, offset << 9); bio->bi_iter.bi_size = size << 9; }
static inline void bio_list_init(struct bio_list *bl) { bl->head = bl->tail = NULL; }
static inline int bio_list_empty(const struct bio_list *bl) { return bl->head == NULL; }
static inline unsigned int bio_list_size(const struct bio_list *bl) { unsigned int n = 0; struct bio *bio; for (bio = bl->head; bio; bio = bio->bi_next) n++; return n; }
static inline void bio_list_add(struct bio_list *bl, struct bio *bio) { bio->bi_next = NULL; if (bl->tail) bl->tail->bi_next = bio; else bl->head = bio; bl->tail = bio; }
static inline void bio_list_add_head(struct bio_list *bl, struct bio *bio) { bio->bi_next = bl->head; bl->head = bio; if (!bl->tail) bl->tail = bio; }
static inline void bio_list_merge(struct bio_list *bl, struct bio_list *bl2) { if (!bl2->head) return; if (bl->tail) bl->tail->bi_next = bl2->head; else bl->head = bl2->head; bl->tail = bl2->tail; }
static inline void bio_list_merge_init(struct bio_list *bl, struct bio_list *bl2) { bio_list_merge(bl, bl2); bio_list_init(bl2); }
static inline struct bio *bio_list_peek(struct bio_list *bl) { return bl->head; }
static inline struct bio *bio_list_pop(struct bio_list *bl) { struct bio *bio = bl->head; if (bio) { bl->head = bio->bi_next; if (!bl->head) bl->tail = NULL; bio->bi_next = NULL; } return bio; }
static inline struct bio *bio_list_get(struct bio_list *bl) { struct bio *bio = bl->head; bl->head = bl->tail = NULL; return bio; }
void bio_inc_remaining(struct bio *bio);
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
  "block/bio.c, include/linux/bio.h",
  `
int bioset_init(struct bio_set *bs, unsigned int pool_size, unsigned int front_pad, int flags);
void bioset_exit(struct bio_set *bs);
struct bio *bio_split(struct bio *bio, int sectors, gfp_t gfp, struct bio_set *bs);
static inline int bioset_initialized(struct bio_set *bs) { return bs->ready; }
`,
);
from("block/bio.c", "struct bio *bio_clone_fast(struct bio *bio, gfp_t gfp, struct bio_set *bs);", { until: "5.18" });
from(
  "block/bio.c",
  `
struct bio *bio_alloc_clone(struct block_device *bdev, struct bio *bio_src, gfp_t gfp, struct bio_set *bs);
int bio_init_clone(struct block_device *bdev, struct bio *bio, struct bio *bio_src, gfp_t gfp);
`,
  { since: "5.18" },
);
from(
  "block/bio.c, include/linux/bio.h",
  `
static inline unsigned int bio_add_max_vecs(void *kaddr, unsigned int len) { return is_vmalloc_addr(kaddr) ? DIV_ROUND_UP(offset_in_page(kaddr) + len, PAGE_SIZE) : 1; }
static inline void bio_add_virt_nofail(struct bio *bio, void *vaddr, unsigned int len) { __bio_add_page(bio, virt_to_page(vaddr), len, offset_in_page(vaddr)); }
static inline unsigned int bio_add_vmalloc_chunk(struct bio *bio, void *vaddr, unsigned int len) { unsigned int n = min_t(unsigned int, len, PAGE_SIZE - offset_in_page(vaddr)); return bio_add_page(bio, vmalloc_to_page(vaddr), n, offset_in_page(vaddr)) < n ? 0 : n; }
static inline bool bio_add_vmalloc(struct bio *bio, void *vaddr, unsigned int len) { while (len) { unsigned int n = bio_add_vmalloc_chunk(bio, vaddr, len); if (!n) return false; vaddr += n; len -= n; } return true; }
`,
  { since: "6.16" },
);
from(
  "include/linux/bio.h",
  `
static inline struct bio_vec *bio_inline_vecs(struct bio *bio) { return (struct bio_vec *)(bio + 1); }
static inline void bio_init_inline(struct bio *bio, struct block_device *bdev, unsigned short max_vecs, blk_opf_t opf) { bio_init(bio, bdev, bio_inline_vecs(bio), max_vecs, opf); }
`,
  { since: "6.18" },
);
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
static inline const char *blk_op_str(unsigned int op) { return "op"; }
static inline const char *blk_status_to_str(blk_status_t status) { return "status"; }
`,
);
from("block/blk-core.c", "void generic_make_request(struct bio *bio);", { until: "5.9" });
from("block/blk-core.c", "void blk_start_plug_nr_ios(struct blk_plug *plug, unsigned short nr_ios);", {
  since: "5.16",
});
from("block/blk-core.c: blk_flush_plug(plug, from_schedule); before 5.16 a task's own", "void blk_flush_plug();");
from("block/blk-flush.c: (bdev) from 5.12 on, (bdev, gfp) before", "int blkdev_issue_flush();");

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
static inline struct queue_limits *bdev_limits(struct block_device *bdev) { return &bdev_get_queue(bdev)->limits; }
static inline sector_t get_start_sect(struct block_device *bdev) { return bdev->bd_start_sect; }
static inline unsigned int block_size(struct block_device *bdev) { return bdev_logical_block_size(bdev); }
static inline unsigned int queue_io_min(const struct request_queue *q) { return q->limits.io_min; }
static inline unsigned int queue_max_discard_sectors(const struct request_queue *q) { return q->limits.max_discard_sectors; }
static inline unsigned int bdev_max_secure_erase_sectors(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.max_secure_erase_sectors; }
static inline unsigned int bdev_write_zeroes_sectors(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.max_write_zeroes_sectors; }
static inline unsigned int bdev_max_segments(struct block_device *bdev) { return queue_max_segments(bdev_get_queue(bdev)); }
static inline unsigned int bdev_max_zone_append_sectors(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.max_zone_append_sectors; }
static inline unsigned int queue_max_zone_append_sectors(const struct request_queue *q) { return q->limits.max_zone_append_sectors; }
static inline unsigned int queue_dma_alignment(const struct request_queue *q) { return q->limits.dma_alignment; }
static inline unsigned int bdev_dma_alignment(struct block_device *bdev) { return queue_dma_alignment(bdev_get_queue(bdev)); }
static inline unsigned long queue_segment_boundary(const struct request_queue *q) { return q->limits.seg_boundary_mask; }
static inline bool blk_queue_dying(struct request_queue *q) { return false; }
static inline bool blk_queue_frozen(struct request_queue *q) { return false; }
static inline bool blk_queue_quiesced(struct request_queue *q) { return false; }
static inline bool blk_queue_stopped(struct request_queue *q) { return false; }
static inline bool blk_queue_discard(struct request_queue *q) { return q->limits.max_discard_sectors != 0; }
static inline void blk_queue_flag_set(unsigned int flag, struct request_queue *q) { set_bit(flag, &q->queue_flags); }
static inline void blk_queue_flag_clear(unsigned int flag, struct request_queue *q) { clear_bit(flag, &q->queue_flags); }
static inline sector_t bdev_zone_sectors(struct block_device *bdev) { return bdev_get_queue(bdev)->limits.zoned ? bdev_get_queue(bdev)->limits.chunk_sectors : 0; }
static inline sector_t blk_queue_zone_sectors(struct request_queue *q) { return q->limits.zoned ? q->limits.chunk_sectors : 0; }
static inline sector_t bdev_offset_from_zone_start(struct block_device *bdev, sector_t sector) { return sector & (bdev_zone_sectors(bdev) - 1); }
static inline bool bdev_is_zone_start(struct block_device *bdev, sector_t sector) { return bdev_offset_from_zone_start(bdev, sector) == 0; }
static inline unsigned int bdev_zone_no(struct block_device *bdev, sector_t sector) { return bdev_is_zoned(bdev) ? sector / bdev_zone_sectors(bdev) : 0; }
static inline unsigned int blk_queue_zone_no(struct request_queue *q, sector_t sector) { return q->limits.zoned ? sector / q->limits.chunk_sectors : 0; }
static inline unsigned int bdev_nr_zones(struct block_device *bdev) { return bdev_is_zoned(bdev) ? DIV_ROUND_UP(bdev_nr_sectors(bdev), bdev_zone_sectors(bdev)) : 0; }
static inline unsigned int bio_zone_no(struct bio *bio) { return bdev_zone_no(bio->bi_bdev, bio->bi_iter.bi_sector); }
static inline bool bdev_fua(struct block_device *bdev) { return false; }
static inline bool bdev_write_cache(struct block_device *bdev) { return false; }
static inline int bdev_alignment_offset(struct block_device *bdev) { return 0; }
static inline void *disk_to_dev(struct gendisk *disk) { return NULL; }
static inline int sync_blockdev(struct block_device *bdev) { return 0; }
static inline int sync_blockdev_range(struct block_device *bdev, loff_t start, loff_t end) { return 0; }
static inline int truncate_bdev_range(struct block_device *bdev, unsigned int mode, loff_t start, loff_t end) { return 0; }
static inline void invalidate_bdev(struct block_device *bdev) { }
static inline void bio_release_pages(struct bio *bio, bool mark_dirty) { int i; for (i = 0; i < bio->bi_vcnt; i++) put_page(bio->bi_io_vec[i].bv_page); }
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
static inline void i_size_write(struct inode *inode, loff_t size) { inode->i_size = size; }
static inline unsigned int i_blocksize(const struct inode *inode) { return 1u << inode->i_blkbits; }
static inline int filemap_write_and_wait_range(struct address_space *mapping, loff_t start, loff_t end) { return 0; }
static inline int filemap_write_and_wait(struct address_space *mapping) { return 0; }
static inline int file_write_and_wait_range(struct file *file, loff_t start, loff_t end) { return 0; }
static inline int invalidate_inode_pages2_range(struct address_space *mapping, pgoff_t start, pgoff_t end) { return 0; }
static inline int filemap_invalidate_pages(struct address_space *mapping, loff_t start, loff_t end, bool nowait) { return 0; }
static inline void truncate_inode_pages_range(struct address_space *mapping, loff_t start, loff_t end) { }
static inline void truncate_pagecache_range(struct inode *inode, loff_t start, loff_t end) { }
static inline int file_remove_privs(struct file *file) { return 0; }
static inline int file_modified(struct file *file) { return 0; }
static inline int file_update_time(struct file *file) { return 0; }
static inline void file_accessed(struct file *file) { }
static inline void file_start_write(struct file *file) { }
static inline void file_end_write(struct file *file) { }
ssize_t splice_copy_file_range(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out, size_t len);
ssize_t generic_copy_file_range(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out, size_t len, unsigned int flags);
ssize_t vfs_copy_file_range(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out, size_t len, unsigned int flags);
`,
);

// Requests, as a driver's setup function sees them.
from(
  "include/linux/blk-mq.h (before 5.17: include/linux/blkdev.h), block/blk-mq.c",
  `
static inline sector_t blk_rq_pos(const struct request *rq) { return rq->__sector; }
static inline unsigned int blk_rq_bytes(const struct request *rq) { return rq->__data_len; }
static inline unsigned int blk_rq_sectors(const struct request *rq) { return blk_rq_bytes(rq) >> SECTOR_SHIFT; }
static inline unsigned int blk_rq_cur_bytes(const struct request *rq) { return rq->bio ? bio_cur_bytes(rq->bio) : 0; }
static inline unsigned int blk_rq_payload_bytes(struct request *rq) { return rq->rq_flags & RQF_SPECIAL_PAYLOAD ? rq->special_vec.bv_len : blk_rq_bytes(rq); }
static inline unsigned short blk_rq_nr_phys_segments(struct request *rq) { return rq->rq_flags & RQF_SPECIAL_PAYLOAD ? 1 : rq->nr_phys_segments; }
static inline unsigned short blk_rq_nr_discard_segments(struct request *rq) { return rq->nr_phys_segments > 1 ? rq->nr_phys_segments : 1; }
static inline void blk_mq_start_request(struct request *rq) { }
`,
);

from(
  "drivers/md/dm-kcopyd.c (a job on complete_jobs is done; other lists are for other steps of it)",
  `
void push(struct list_head *jobs, struct kcopyd_job *job);
void wake(struct dm_kcopyd_client *kc);
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

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
#define __GFP_HARDWALL 0x100000u
#define __GFP_MEMALLOC 0x20000u
#define __GFP_COMP 0x40000u
#define __GFP_MOVABLE 0x08u
#define __GFP_WRITE 0x1000u
#define GFP_USER (__GFP_RECLAIM | __GFP_IO | __GFP_FS | __GFP_HARDWALL)
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_DMA __GFP_DMA
static inline bool gfpflags_normal_context(const gfp_t flags) { return (flags & (__GFP_DIRECT_RECLAIM | __GFP_MEMALLOC)) == __GFP_DIRECT_RECLAIM; }
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
#define ESRCH 3
#define E2BIG 7
#define ECHILD 10
#define ENOTBLK 15
#define ENOTDIR 20
#define ENFILE 23
#define EMFILE 24
#define EMLINK 31
#define EPIPE 32
#define EDOM 33
#define EDEADLK 35
#define ENAMETOOLONG 36
#define EPROTO 71
#define EBADMSG 74
#define ENOBUFS 105
#define EALREADY 114
#define EINPROGRESS 115
#define ESTALE 116
#define EDQUOT 122
#define ENOMEDIUM 123
#define ENOIOCTLCMD 515
#define EBADE 52
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
#define TASK_IDLE 0x0402
#define TASK_NORMAL 0x0003
#define HZ 250
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
extern unsigned long jiffies;
extern unsigned long sysctl_hung_task_timeout_secs;
#define signal_pending(task) 0
#define fatal_signal_pending(task) 0
#define need_resched() 0
#define __set_task_state(task, state) __set_current_state(state)
#define preempt_disable() do {} while (0)
#define preempt_enable() do {} while (0)
#define local_bh_disable() do {} while (0)
#define local_bh_enable() do {} while (0)
#define migrate_disable() do {} while (0)
#define migrate_enable() do {} while (0)
#define might_sleep_if(condition) do { (void)(condition); } while (0)
#define might_fault() do {} while (0)
#define might_alloc(gfp) do { (void)(gfp); } while (0)
#define capable(capability) 1
#define CAP_SYS_ADMIN 21
#define CAP_SYS_RAWIO 17
#define raw_smp_processor_id() 0
#define smp_processor_id() 0
#define get_cpu() 0
#define put_cpu() do {} while (0)
#define numa_node_id() 0
#define NUMA_NO_NODE (-1)
#define memalloc_noio_save() 0u
#define memalloc_noio_restore(flags) do { (void)(flags); } while (0)
#define memalloc_nofs_save() 0u
#define memalloc_nofs_restore(flags) do { (void)(flags); } while (0)
#define memalloc_noreclaim_save() 0u
#define memalloc_noreclaim_restore(flags) do { (void)(flags); } while (0)
#define task_io_account_read(bytes) do { (void)(bytes); } while (0)
#define task_io_account_write(bytes) do { (void)(bytes); } while (0)
#define count_vm_event(item) do {} while (0)
#define count_vm_events(item, delta) do { (void)(delta); } while (0)
#define add_rchar(task, n) do { (void)(n); } while (0)
#define add_wchar(task, n) do { (void)(n); } while (0)
#define inc_syscr(task) do {} while (0)
#define inc_syscw(task) do {} while (0)
`,
  },
  {
    from: "include/linux/spinlock.h, include/linux/rwlock.h, include/linux/mutex.h, include/linux/rwsem.h, include/linux/lockdep.h, include/linux/rcupdate.h",
    c: `
typedef struct { int locked; } spinlock_t;
typedef struct { int locked; } raw_spinlock_t;
typedef struct { int locked; } rwlock_t;
struct mutex { int locked; };
struct rw_semaphore { int locked; };
struct lock_class_key { int unused; };
#define DEFINE_SPINLOCK(x) spinlock_t x = { 0 }
#define DEFINE_RAW_SPINLOCK(x) raw_spinlock_t x = { 0 }
#define DEFINE_RWLOCK(x) rwlock_t x = { 0 }
#define DEFINE_MUTEX(x) struct mutex x = { 0 }
#define DECLARE_RWSEM(x) struct rw_semaphore x = { 0 }
#define __SPIN_LOCK_UNLOCKED(x) { 0 }
#define __MUTEX_INITIALIZER(x) { 0 }
#define __lock_irqsave(lock, flags) do { (flags) = 0; __lock(&(lock)->locked); } while (0)
#define __unlock_irqrestore(lock, flags) do { (void)(flags); __unlock(&(lock)->locked); } while (0)
#define local_irq_save(flags) do { (flags) = 0; } while (0)
#define local_irq_restore(flags) do { (void)(flags); } while (0)
#define local_irq_disable() do {} while (0)
#define local_irq_enable() do {} while (0)
#define spin_trylock_irqsave(lock, flags) ({ (flags) = 0; __trylock(&(lock)->locked); })
#define assert_spin_locked(lock) do {} while (0)
#define lockdep_assert_held(lock) do {} while (0)
#define lockdep_assert_held_write(lock) do {} while (0)
#define lockdep_assert_held_read(lock) do {} while (0)
#define lockdep_assert_held_once(lock) do {} while (0)
#define lockdep_assert_not_held(lock) do {} while (0)
#define lockdep_assert_irqs_disabled() do {} while (0)
#define lockdep_assert_irqs_enabled() do {} while (0)
#define lockdep_set_class(lock, key) do {} while (0)
#define lockdep_init_map(map, name, key, subclass) do {} while (0)
#define mutex_destroy(lock) do { (void)(lock); } while (0)
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define might_sleep() do {} while (0)
#define cond_resched() 0
#define cond_resched_lock(lock) 0
#define spin_lock(lock) __lock(&(lock)->locked)
#define spin_unlock(lock) __unlock(&(lock)->locked)
#define spin_lock_irq(lock) __lock(&(lock)->locked)
#define spin_unlock_irq(lock) __unlock(&(lock)->locked)
#define spin_lock_bh(lock) __lock(&(lock)->locked)
#define spin_unlock_bh(lock) __unlock(&(lock)->locked)
#define raw_spin_lock(lock) __lock(&(lock)->locked)
#define raw_spin_unlock(lock) __unlock(&(lock)->locked)
#define raw_spin_lock_irq(lock) __lock(&(lock)->locked)
#define raw_spin_unlock_irq(lock) __unlock(&(lock)->locked)
#define mutex_lock(lock) __lock(&(lock)->locked)
#define mutex_unlock(lock) __unlock(&(lock)->locked)
#define mutex_lock_io(lock) __lock(&(lock)->locked)
#define down_write(lock) __lock(&(lock)->locked)
#define up_write(lock) __unlock(&(lock)->locked)
#define write_lock(lock) __lock(&(lock)->locked)
#define write_unlock(lock) __unlock(&(lock)->locked)
#define write_lock_irq(lock) __lock(&(lock)->locked)
#define write_unlock_irq(lock) __unlock(&(lock)->locked)
#define write_lock_bh(lock) __lock(&(lock)->locked)
#define write_unlock_bh(lock) __unlock(&(lock)->locked)
#define spin_lock_nested(lock, subclass) __lock(&(lock)->locked)
#define mutex_lock_nested(lock, subclass) __lock(&(lock)->locked)
#define down_write_nested(lock, subclass) __lock(&(lock)->locked)
#define spin_lock_irqsave(lock, flags) __lock_irqsave(lock, flags)
#define spin_unlock_irqrestore(lock, flags) __unlock_irqrestore(lock, flags)
#define raw_spin_lock_irqsave(lock, flags) __lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) __unlock_irqrestore(lock, flags)
#define write_lock_irqsave(lock, flags) __lock_irqsave(lock, flags)
#define write_unlock_irqrestore(lock, flags) __unlock_irqrestore(lock, flags)
#define spin_lock_irqsave_nested(lock, flags, subclass) __lock_irqsave(lock, flags)
#define down_read(lock) __lock_shared(&(lock)->locked)
#define up_read(lock) __unlock_shared(&(lock)->locked)
#define read_lock(lock) __lock_shared(&(lock)->locked)
#define read_unlock(lock) __unlock_shared(&(lock)->locked)
#define read_lock_irq(lock) __lock_shared(&(lock)->locked)
#define read_unlock_irq(lock) __unlock_shared(&(lock)->locked)
#define read_lock_bh(lock) __lock_shared(&(lock)->locked)
#define read_unlock_bh(lock) __unlock_shared(&(lock)->locked)
#define read_lock_irqsave(lock, flags) do { (flags) = 0; __lock_shared(&(lock)->locked); } while (0)
#define read_unlock_irqrestore(lock, flags) do { (void)(flags); __unlock_shared(&(lock)->locked); } while (0)
#define spin_trylock(lock) __trylock(&(lock)->locked)
#define spin_trylock_irq(lock) __trylock(&(lock)->locked)
#define spin_trylock_bh(lock) __trylock(&(lock)->locked)
#define mutex_trylock(lock) __trylock(&(lock)->locked)
#define down_write_trylock(lock) __trylock(&(lock)->locked)
#define spin_is_locked(lock) (READ_ONCE((lock)->locked) != 0)
#define mutex_is_locked(lock) (READ_ONCE((lock)->locked) != 0)
#define rwsem_is_locked(lock) (READ_ONCE((lock)->locked) != 0)
#define mutex_lock_interruptible(lock) __lock_killable(&(lock)->locked)
#define mutex_lock_killable(lock) __lock_killable(&(lock)->locked)
#define down_write_killable(lock) __lock_killable(&(lock)->locked)
#define spin_lock_init(lock) __lock_init(&(lock)->locked)
#define raw_spin_lock_init(lock) __lock_init(&(lock)->locked)
#define mutex_init(lock) __lock_init(&(lock)->locked)
#define init_rwsem(lock) __lock_init(&(lock)->locked)
#define rwlock_init(lock) __lock_init(&(lock)->locked)
#define __mutex_init(lock, name, key) __lock_init(&(lock)->locked)
`,
  },
  {
    from: "include/linux/cleanup.h, include/linux/slab.h, include/linux/mutex.h, include/linux/spinlock.h, include/linux/rwsem.h",
    c: `
#define no_free_ptr(p) ({ __auto_type __taken = (p); (p) = NULL; __taken; })
#define return_ptr(p) return no_free_ptr(p)
#define retain_and_null_ptr(p) do { (p) = NULL; } while (0)
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T));
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T));
DEFINE_FREE(kfree_sensitive, void *, if (!IS_ERR_OR_NULL(_T)) kfree_sensitive(_T));
DEFINE_FREE(vfree, void *, if (!IS_ERR_OR_NULL(_T)) vfree(_T));
DEFINE_FREE(free_page, void *, free_page((unsigned long)_T));
DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T));
DEFINE_GUARD(spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T));
DEFINE_GUARD(spinlock_irq, spinlock_t *, spin_lock(_T), spin_unlock(_T));
DEFINE_GUARD(spinlock_bh, spinlock_t *, spin_lock(_T), spin_unlock(_T));
DEFINE_GUARD(spinlock_irqsave, spinlock_t *, spin_lock(_T), spin_unlock(_T));
DEFINE_GUARD(raw_spinlock, raw_spinlock_t *, spin_lock(_T), spin_unlock(_T));
DEFINE_GUARD(raw_spinlock_irqsave, raw_spinlock_t *, spin_lock(_T), spin_unlock(_T));
DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T));
DEFINE_GUARD(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T));
DEFINE_GUARD(read_lock, rwlock_t *, read_lock(_T), read_unlock(_T));
DEFINE_GUARD(write_lock, rwlock_t *, write_lock(_T), write_unlock(_T));
DEFINE_GUARD(rcu, void *, rcu_read_lock(), rcu_read_unlock());
DEFINE_GUARD(preempt, void *, (void)_T, (void)_T);
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
typedef struct wait_queue_head { unsigned int wakeups; struct task_struct *waiters[4]; } wait_queue_head_t;
typedef struct wait_queue_entry { struct task_struct *private; bool autoremove; } wait_queue_entry_t;
#define init_waitqueue_head(q) memset(q, 0, sizeof(*(q)))
#define DECLARE_WAIT_QUEUE_HEAD(q) struct wait_queue_head q = { 0 }
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(q) struct wait_queue_head q = { 0 }
#define __WAIT_QUEUE_HEAD_INITIALIZER(q) { 0 }
#define DEFINE_WAIT(name) struct wait_queue_entry name = { current, true }
#define DECLARE_WAITQUEUE(name, task) struct wait_queue_entry name = { task, false }
#define init_wait(entry) do { (entry)->private = current; (entry)->autoremove = true; } while (0)
#define init_waitqueue_entry(entry, task) do { (entry)->private = (task); (entry)->autoremove = false; } while (0)
#define prepare_to_wait(q, entry, state) do { __queue_waiter(q, entry); set_current_state(state); } while (0)
#define prepare_to_wait_exclusive(q, entry, state) prepare_to_wait(q, entry, state)
#define prepare_to_wait_event(q, entry, state) ({ prepare_to_wait(q, entry, state); 0; })
#define finish_wait(q, entry) do { __set_current_state(TASK_RUNNING); __unqueue_waiter(q, entry); } while (0)
#define add_wait_queue(q, entry) __queue_waiter(q, entry)
#define add_wait_queue_exclusive(q, entry) __queue_waiter(q, entry)
#define remove_wait_queue(q, entry) __unqueue_waiter(q, entry)
#define waitqueue_active(q) 1
#define wq_has_sleeper(q) 1
#define wait_event(q, condition) do { for (;;) { unsigned int __w = __wakeups(&(q)); if (condition) break; __wait(&(q), __w); } } while (0)
#define io_wait_event(q, condition) wait_event(q, condition)
#define wait_event_idle(q, condition) wait_event(q, condition)
#define wait_event_cmd(q, condition, before, after) do { for (;;) { unsigned int __w = __wakeups(&(q)); if (condition) break; before; __wait(&(q), __w); after; } } while (0)
#define wait_event_lock_irq(q, condition, lock) wait_event_cmd(q, condition, spin_unlock_irq(&(lock)), spin_lock_irq(&(lock)))
#define __wait_event_early(q, condition, gaveup) ({ int __r = 0; for (;;) { unsigned int __w = __wakeups(&(q)); if (condition) break; if (__wait_early(&(q), __w)) { if (!(condition)) __r = (gaveup); break; } } __r; })
#define wait_event_interruptible(q, condition) __wait_event_early(q, condition, -ERESTARTSYS)
#define wait_event_killable(q, condition) __wait_event_early(q, condition, -ERESTARTSYS)
#define wait_event_timeout(q, condition, timeout) ((long)(__wait_event_early(q, condition, 1) ? 0 : 1))
#define wait_event_idle_timeout(q, condition, timeout) wait_event_timeout(q, condition, timeout)
#define wake_up_all(q) wake_up(q)
#define wake_up_nr(q, nr) wake_up(q)
#define wake_up_interruptible(q) wake_up(q)
#define wake_up_interruptible_all(q) wake_up(q)
#define wake_up_locked(q) wake_up(q)
extern struct wait_queue_head __bit_wait_table;
#define wait_var_event(var, condition) wait_event(__bit_wait_table, condition)
#define wake_up_var(var) do { (void)(var); wake_up(&__bit_wait_table); } while (0)
#define wait_on_bit(word, bit, mode) ((mode) == TASK_UNINTERRUPTIBLE ? ({ wait_event(__bit_wait_table, !test_bit(bit, word)); 0; }) : __wait_event_early(__bit_wait_table, !test_bit(bit, word), -EINTR))
#define wait_on_bit_io(word, bit, mode) wait_on_bit(word, bit, mode)
#define wake_up_bit(word, bit) do { (void)(word); wake_up(&__bit_wait_table); } while (0)
#define clear_and_wake_up_bit(bit, word) do { clear_bit(bit, word); wake_up_bit(word, bit); } while (0)
`,
  },
  {
    from: "include/linux/workqueue.h",
    c: `
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);
struct work_struct { work_func_t func; int pending; int running; };
struct workqueue_struct { int unused; };
struct delayed_work { struct work_struct work; };
struct rcu_work { struct work_struct work; };
#define INIT_WORK(_work, _func) do { (_work)->pending = 0; (_work)->running = 0; (_work)->func = (_func); } while (0)
#define INIT_WORK_ONSTACK(_work, _func) INIT_WORK(_work, _func)
#define destroy_work_on_stack(work) do {} while (0)
extern struct workqueue_struct *system_wq;
extern struct workqueue_struct *system_unbound_wq;
extern struct workqueue_struct *system_highpri_wq;
extern struct workqueue_struct *system_long_wq;
extern struct workqueue_struct *system_percpu_wq;
extern struct workqueue_struct *system_dfl_wq;
extern struct workqueue_struct *blockdev_wq;
#define __WORK_INITIALIZER(n, f) { .func = (f) }
#define DECLARE_WORK(n, f) struct work_struct n = { .func = (f) }
#define INIT_DELAYED_WORK(_work, _func) INIT_WORK(&(_work)->work, _func)
#define INIT_DELAYED_WORK_ONSTACK(_work, _func) INIT_WORK(&(_work)->work, _func)
#define destroy_delayed_work_on_stack(work) do {} while (0)
#define to_delayed_work(w) container_of(w, struct delayed_work, work)
#define work_pending(w) (READ_ONCE((w)->pending) != 0)
#define delayed_work_pending(w) work_pending(&(w)->work)
#define schedule_work_on(cpu, work) queue_work(NULL, work)
#define queue_work_on(cpu, wq, work) queue_work(wq, work)
#define queue_work_node(node, wq, work) queue_work(wq, work)
#define queue_delayed_work(wq, dwork, delay) queue_work(wq, &(dwork)->work)
#define queue_delayed_work_on(cpu, wq, dwork, delay) queue_work(wq, &(dwork)->work)
#define schedule_delayed_work(dwork, delay) queue_work(NULL, &(dwork)->work)
#define kblockd_schedule_work(work) queue_work(NULL, work)
#define kblockd_mod_delayed_work_on(cpu, dwork, delay) queue_work(NULL, &(dwork)->work)
#define flush_delayed_work(dwork) flush_work(&(dwork)->work)
#define cancel_delayed_work_sync(dwork) cancel_work_sync(&(dwork)->work)
#define cancel_delayed_work(dwork) cancel_work(&(dwork)->work)
#define alloc_workqueue(...) __alloc_workqueue()
#define alloc_ordered_workqueue(...) __alloc_workqueue()
#define create_workqueue(name) __alloc_workqueue()
#define create_singlethread_workqueue(name) __alloc_workqueue()
#define WQ_UNBOUND (1 << 1)
#define WQ_FREEZABLE (1 << 2)
#define WQ_MEM_RECLAIM (1 << 3)
#define WQ_HIGHPRI (1 << 4)
#define WQ_CPU_INTENSIVE (1 << 5)
#define WQ_SYSFS (1 << 6)
#define WQ_PERCPU (1 << 8)
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
#define list_prepare_entry(pos, head, member) ((pos) ? (pos) : list_entry(head, typeof(*pos), member))
#define list_for_each_prev(pos, head) for (pos = (head)->prev; pos != (head); pos = pos->prev)
#define list_for_each_entry_continue(pos, head, member) for (pos = list_next_entry(pos, member); &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_from(pos, head, member) for (; &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe_reverse(pos, n, head, member) for (pos = list_last_entry(head, typeof(*pos), member), n = list_prev_entry(pos, member); &pos->member != (head); pos = n, n = list_prev_entry(n, member))
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_entry(pos, head, member) for (pos = list_first_entry(head, typeof(*pos), member); &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member) for (pos = list_first_entry(head, typeof(*pos), member), n = list_next_entry(pos, member); &pos->member != (head); pos = n, n = list_next_entry(n, member))
`,
  },
  {
    from: "include/linux/mm_types.h, include/linux/mm.h, include/linux/bvec.h, include/linux/uio.h",
    c: `
struct kref { refcount_t refcount; };
struct percpu_ref;
typedef void (percpu_ref_func_t)(struct percpu_ref *ref);
struct percpu_ref { atomic_long_t count; percpu_ref_func_t *release; bool dying; };
#define PERCPU_REF_INIT_ATOMIC 1
#define PERCPU_REF_ALLOW_REINIT 4
struct page { unsigned long flags; };
struct folio { struct page page; };
struct kmem_cache { unsigned int size; };
typedef struct mempool_s { unsigned int size; unsigned int order; struct kmem_cache *cache; void *(*alloc)(gfp_t gfp, void *data); void (*free)(void *element, void *data); void *data; int kind; } mempool_t;
#define KMEM_CACHE(s, flags) kmem_cache_create(#s, sizeof(struct s), 0, flags, NULL)
#define kmem_cache_create_usercopy(name, size, align, flags, offset, usersize, ctor) kmem_cache_create(name, size, align, flags, ctor)
#define SLAB_HWCACHE_ALIGN 0x2000u
#define SLAB_PANIC 0x40000u
#define SLAB_RECLAIM_ACCOUNT 0x20000u
#define SLAB_MEM_SPREAD 0x100000u
#define SLAB_ACCOUNT 0x4000000u
#define kfree_const(p) kfree(p)
#define kzalloc_obj(type, gfp) ((typeof(type) *)kzalloc(sizeof(type), gfp))
#define kmalloc_obj(type, gfp) ((typeof(type) *)kmalloc(sizeof(type), gfp))
#define kzalloc_objs(type, n, gfp) ((typeof(type) *)kcalloc(n, sizeof(type), gfp))
#define kmalloc_objs(type, n, gfp) ((typeof(type) *)kmalloc_array(n, sizeof(type), gfp))
#define kzalloc_flex(type, member, n, gfp) ((typeof(type) *)kzalloc(struct_size((typeof(type) *)NULL, member, n), gfp))
#define kmalloc_flex(type, member, n, gfp) ((typeof(type) *)kmalloc(struct_size((typeof(type) *)NULL, member, n), gfp))
#define nth_page(page, n) ((page) + (n))
#define page_folio(p) ((struct folio *)(p))
#define folio_page(f, n) (&(f)->page + (n))
#define page_to_pfn(page) ((unsigned long)(page))
#define compound_head(p) (p)
#define folio_address(f) page_address(&(f)->page)
#define kmap(page) page_address(page)
#define kunmap(page) do { (void)(page); } while (0)
#define kmap_atomic(page) page_address(page)
#define kunmap_atomic(addr) do { (void)(addr); } while (0)
#define kmap_local_folio(f, offset) (page_address(&(f)->page) + (offset))
#define PageHighMem(page) 0
#define get_order(size) __order_of(size)
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
    from: "include/linux/uaccess.h, include/linux/compat.h, include/uapi/asm-generic/ioctl.h",
    c: `
#define access_ok(addr, size) 1
#define get_user(x, ptr) ({ typeof(*(ptr)) __value = 0; int __failed = copy_from_user(&__value, ptr, sizeof(__value)) ? -EFAULT : 0; (x) = __value; __failed; })
#define put_user(x, ptr) ({ typeof(*(ptr)) __value = (x); copy_to_user(ptr, &__value, sizeof(__value)) ? -EFAULT : 0; })
#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __copy_to_user(to, from, n) copy_to_user(to, from, n)
#define compat_ptr(p) ((void *)(unsigned long)(p))
#define in_compat_syscall() 0
#define array_index_nospec(index, size) ((index) < (size) ? (index) : 0)
#define _IOC_NONE 0u
#define _IOC_WRITE 1u
#define _IOC_READ 2u
#define _IOC(dir, type, nr, size) (((dir) << 30) | ((type) << 8) | (nr) | ((size) << 16))
#define _IO(type, nr) _IOC(_IOC_NONE, (type), (nr), 0u)
#define _IOR(type, nr, t) _IOC(_IOC_READ, (type), (nr), (unsigned int)sizeof(t))
#define _IOW(type, nr, t) _IOC(_IOC_WRITE, (type), (nr), (unsigned int)sizeof(t))
#define _IOWR(type, nr, t) _IOC(_IOC_READ | _IOC_WRITE, (type), (nr), (unsigned int)sizeof(t))
#define _IOC_DIR(nr) (((nr) >> 30) & 3)
#define _IOC_TYPE(nr) (((nr) >> 8) & 255)
#define _IOC_NR(nr) ((nr) & 255)
#define _IOC_SIZE(nr) (((nr) >> 16) & 0x3fff)
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
enum req_op { REQ_OP_READ = 0, REQ_OP_WRITE = 1, REQ_OP_FLUSH = 2, REQ_OP_DISCARD = 3, REQ_OP_SECURE_ERASE = 5, REQ_OP_ZONE_APPEND = 7, REQ_OP_WRITE_ZEROES = 9, REQ_OP_ZONE_OPEN = 11, REQ_OP_ZONE_CLOSE = 13, REQ_OP_ZONE_RESET = 15, REQ_OP_ZONE_FINISH = 33, REQ_OP_DRV_IN = 34, REQ_OP_DRV_OUT = 35 };
#define BLK_STS_RESV_CONFLICT ((blk_status_t)6)
#define BLK_STS_DM_REQUEUE ((blk_status_t)11)
#define BLK_STS_ZONE_OPEN_RESOURCE ((blk_status_t)15)
#define BLK_STS_ZONE_ACTIVE_RESOURCE ((blk_status_t)16)
#define BLK_STS_OFFLINE ((blk_status_t)17)
#define REQ_FAILFAST_MASK (REQ_FAILFAST_DEV | REQ_FAILFAST_TRANSPORT | REQ_FAILFAST_DRIVER)
#define REQ_NOUNMAP (1ULL << 23)
#define REQ_DRV (1ULL << 22)
#define REQ_SWAP (1ULL << 22)
#define REQ_ALLOC_CACHE (1ULL << 22)
static inline bool op_is_write(blk_opf_t op) { return (!!((op) & 1)); }
static inline bool op_is_read(blk_opf_t op) { return (!((op) & 1)); }
static inline bool op_is_flush(blk_opf_t op) { return (!!((op) & (REQ_FUA | REQ_PREFLUSH))); }
static inline bool op_is_sync(blk_opf_t op) { return (((op) & REQ_OP_MASK) == REQ_OP_READ || ((op) & (REQ_SYNC | REQ_FUA | REQ_PREFLUSH))); }
static inline bool op_is_discard(blk_opf_t op) { return (((op) & REQ_OP_MASK) == REQ_OP_DISCARD); }
static inline bool op_is_zone_mgmt(blk_opf_t op) { return (((op) & REQ_OP_MASK) == REQ_OP_ZONE_RESET || ((op) & REQ_OP_MASK) == REQ_OP_ZONE_OPEN || ((op) & REQ_OP_MASK) == REQ_OP_ZONE_CLOSE || ((op) & REQ_OP_MASK) == REQ_OP_ZONE_FINISH); }
#define BIOSET_NEED_BVECS 1
#define BIOSET_NEED_RESCUER 2
#define BIOSET_PERCPU_CACHE 4
#define BIO_POOL_SIZE 2
#define BIO_MAX_SIZE UINT_MAX
#define BIO_MAX_PAGES 256
#define BIO_MAX_SECTORS (UINT_MAX >> 9)
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
#define BIO_REFFED 6
#define BIO_CLONED 1
#define BIO_QUIET 3
#define BIO_NO_PAGE_REF 0
#define BIO_PAGE_PINNED 0
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
	unsigned short max_discard_segments; bool zoned; unsigned int max_zone_append_sectors; unsigned int max_secure_erase_sectors;
	unsigned int max_open_zones; unsigned int max_active_zones; unsigned int dma_alignment; unsigned int features; unsigned long seg_boundary_mask;
	unsigned int max_hw_zone_append_sectors; unsigned int max_hw_write_zeroes_sectors; unsigned int zone_write_granularity;
};
struct request_queue { unsigned long queue_flags; struct queue_limits limits; struct gendisk *disk; void *queuedata; };
struct inode;
struct address_space;
struct block_device { sector_t bd_start_sect; sector_t bd_nr_sectors; struct gendisk *bd_disk; struct request_queue *bd_queue; bool bd_read_only; unsigned char bd_partno; struct inode *bd_inode; struct address_space *bd_mapping; dev_t bd_dev; };
struct gendisk { struct request_queue *queue; struct block_device *part0; void *private_data; char disk_name[32]; };
struct bio {
	struct bio *bi_next; struct block_device *bi_bdev; struct gendisk *bi_disk; blk_opf_t bi_opf; unsigned short bi_flags;
	unsigned short bi_ioprio; blk_status_t bi_status; unsigned char bi_partno; atomic_t __bi_remaining; struct bvec_iter bi_iter;
	bio_end_io_t *bi_end_io; void *bi_private; unsigned short bi_vcnt; unsigned short bi_max_vecs; atomic_t __bi_cnt;
	struct bio_vec *bi_io_vec; struct bio_set *bi_pool; struct bio_vec bi_inline_vecs[];
};
struct bio_list { struct bio *head; struct bio *tail; };
struct bio_set { unsigned int front_pad; int ready; };
extern struct bio_set fs_bio_set;
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
#define EXPORT_SYMBOL_NS(sym, ns)
#define EXPORT_SYMBOL_NS_GPL(sym, ns)
#define EXPORT_SYMBOL_FOR_MODULES(sym, mods)
#define bio_prio(bio) ((bio)->bi_ioprio)
#define bio_set_prio(bio, prio) ((bio)->bi_ioprio = (prio))
#define bio_offset(bio) bio_iter_iovec(bio, (bio)->bi_iter).bv_offset
#define bio_page(bio) bio_iter_iovec(bio, (bio)->bi_iter).bv_page
#define bio_iovec(bio) bio_iter_iovec(bio, (bio)->bi_iter)
#define bio_end_sector(bio) ((bio)->bi_iter.bi_sector + bio_sectors(bio))
#define bvec_iter_sectors(iter) ((iter).bi_size >> 9)
#define bvec_iter_end_sector(iter) ((iter).bi_sector + bvec_iter_sectors(iter))
#define bio_data_dir(bio) (op_is_write(bio_op(bio)) ? 1 : 0)
#define READ 0
#define WRITE 1
#define bio_dev(bio) ((bio)->bi_bdev->bd_dev)
#define bio_iter_last(bvec, iter) ((iter).bi_size == (bvec).bv_len)
#define bio_iter_len(bio, iter) bio_iter_iovec(bio, iter).bv_len
#define bio_iter_page(bio, iter) bio_iter_iovec(bio, iter).bv_page
#define bio_iter_offset(bio, iter) bio_iter_iovec(bio, iter).bv_offset
#define bio_for_each_segment(bvl, bio, iter) for (iter = (bio)->bi_iter; (iter).bi_size && ((bvl = bio_iter_iovec((bio), (iter))), 1); bio_advance_iter((bio), &(iter), (bvl).bv_len))
#define __bio_for_each_segment(bvl, bio, iter, start) for (iter = (start); (iter).bi_size && ((bvl = bio_iter_iovec((bio), (iter))), 1); bio_advance_iter((bio), &(iter), (bvl).bv_len))
#define bio_for_each_bvec(bvl, bio, iter) for (iter = (bio)->bi_iter; (iter).bi_size && ((bvl = __bio_iter_bvec((bio), (iter))), 1); bio_advance_iter((bio), &(iter), (bvl).bv_len))
#define bio_for_each_bvec_all(bvl, bio, i) for (i = 0, bvl = (bio)->bi_io_vec; i < (bio)->bi_vcnt; i++, bvl++)
struct bvec_iter_all { struct bio_vec bv; int idx; unsigned int done; };
#define bio_for_each_segment_all(bvl, bio, iter) for (bvl = __segment_first(&(iter)); __segment_next((bio), &(iter)); )
struct folio_iter { struct folio *folio; size_t offset; size_t length; int idx; };
#define bio_for_each_folio_all(fi, bio) for (fi.idx = -1; __folio_next((bio), &(fi)); )
#define bio_list_for_each(bio, bl) for (bio = (bl)->head; bio; bio = bio->bi_next)
#define BIO_EMPTY_LIST { NULL, NULL }
#define bio_wouldblock_error(bio) do { (bio)->bi_status = BLK_STS_AGAIN; bio_endio(bio); } while (0)
#define bio_associate_blkg(bio) do { (void)(bio); } while (0)
#define bio_associate_blkg_from_css(bio, css) do { (void)(bio); } while (0)
#define bio_clone_blkg_association(dst, src) do { (void)(dst); (void)(src); } while (0)
#define bio_disassociate_blkg(bio) do { (void)(bio); } while (0)
#define bio_integrity(bio) NULL
#define bio_has_crypt_ctx(bio) 0
#define blk_cgroup_bio_start(bio) do { (void)(bio); } while (0)
#define bio_start_io_acct(bio) 0ul
#define bio_end_io_acct(bio, start) do { (void)(start); } while (0)
#define trace_block_bio_remap(...) do {} while (0)
#define bvec_kmap_local(bvec) (page_address((bvec)->bv_page) + (bvec)->bv_offset)
#define bvec_virt(bvec) (page_address((bvec)->bv_page) + (bvec)->bv_offset)
#define bio_kmap_atomic(bio, iter) (page_address(bio_iter_iovec(bio, iter).bv_page) + bio_iter_iovec(bio, iter).bv_offset)
#define get_unaligned_le16(p) le16_to_cpu(*(__le16 *)(p))
#define get_unaligned_le32(p) le32_to_cpu(*(__le32 *)(p))
#define get_unaligned_le64(p) le64_to_cpu(*(__le64 *)(p))
#define put_unaligned_le16(v, p) do { *(__le16 *)(p) = cpu_to_le16(v); } while (0)
#define put_unaligned_le32(v, p) do { *(__le32 *)(p) = cpu_to_le32(v); } while (0)
#define put_unaligned_le64(v, p) do { *(__le64 *)(p) = cpu_to_le64(v); } while (0)
#define get_unaligned_be16(p) be16_to_cpu(*(__be16 *)(p))
#define get_unaligned_be32(p) be32_to_cpu(*(__be32 *)(p))
#define get_unaligned_be64(p) be64_to_cpu(*(__be64 *)(p))
#define put_unaligned_be16(v, p) do { *(__be16 *)(p) = cpu_to_be16(v); } while (0)
#define put_unaligned_be32(v, p) do { *(__be32 *)(p) = cpu_to_be32(v); } while (0)
#define put_unaligned_be64(v, p) do { *(__be64 *)(p) = cpu_to_be64(v); } while (0)
`,
  },
  {
    from: "include/linux/blk-mq.h (before 5.17: include/linux/blkdev.h)",
    c: `
typedef u32 req_flags_t;
#define RQF_DONTPREP (1u << 7)
#define RQF_QUIET (1u << 11)
#define RQF_SPECIAL_PAYLOAD (1u << 18)
enum rq_end_io_ret { RQ_END_IO_NONE, RQ_END_IO_FREE };
struct request {
	struct request_queue *q; unsigned int cmd_flags; req_flags_t rq_flags; int tag; unsigned int timeout; unsigned int __data_len; sector_t __sector;
	struct bio *bio; struct bio *biotail; struct gendisk *rq_disk; struct block_device *part; unsigned short nr_phys_segments; unsigned short ioprio; struct bio_vec special_vec;
	void *end_io_data; struct request *next; int state; struct list_head queuelist; long pdu[32];
};
struct blk_mq_hw_ctx { struct request_queue *queue; void *driver_data; unsigned int queue_num; };
struct blk_mq_queue_data { struct request *rq; bool last; };
struct req_iterator { struct bvec_iter iter; struct bio *bio; };
#define req_op(rq) ((rq)->cmd_flags & REQ_OP_MASK)
#define rq_data_dir(rq) (op_is_write(req_op(rq)) ? 1 : 0)
#define __rq_for_each_bio(_bio, rq) if ((rq)->bio) for (_bio = (rq)->bio; _bio; _bio = _bio->bi_next)
#define rq_for_each_segment(bvl, _rq, _iter) __rq_for_each_bio(_iter.bio, _rq) bio_for_each_segment(bvl, _iter.bio, _iter.iter)
#define rq_for_each_bvec(bvl, _rq, _iter) __rq_for_each_bio(_iter.bio, _rq) bio_for_each_bvec(bvl, _iter.bio, _iter.iter)
#define rq_iter_last(bvec, _iter) ((_iter).bio->bi_next == NULL && bio_iter_last(bvec, (_iter).iter))
#define blk_mq_rq_to_pdu(rq) ((void *)(rq)->pdu)
#define blk_mq_rq_from_pdu(p) container_of((void *)(p), struct request, pdu)
#define blk_rq_is_passthrough(rq) (req_op(rq) == REQ_OP_DRV_IN || req_op(rq) == REQ_OP_DRV_OUT)
#define blk_should_fake_timeout(q) 0
`,
  },
  {
    from: "include/linux/device-mapper.h, include/linux/dm-io.h, include/linux/dm-kcopyd.h, drivers/md/dm-kcopyd.c",
    c: `
struct dm_io_region { struct block_device *bdev; sector_t sector; sector_t count; };
struct dm_dev { struct block_device *bdev; struct dax_device *dax_dev; unsigned int mode; };
struct dm_target { struct dm_table *table; sector_t begin; sector_t len; unsigned int max_io_len; void *private; char *error; bool discards_supported; unsigned int num_flush_bios; };
typedef void (*dm_kcopyd_notify_fn)(int read_err, unsigned long write_err, void *context);
#define DM_KCOPYD_MAX_REGIONS 8
#define DM_KCOPYD_IGNORE_ERROR 1
#define DM_KCOPYD_WRITE_SEQ 2
struct dm_kcopyd_client {
	struct work_struct kcopyd_work; struct workqueue_struct *kcopyd_wq; spinlock_t job_lock; atomic_t nr_jobs; wait_queue_head_t destroyq;
	struct list_head callback_jobs; struct list_head complete_jobs; struct list_head io_jobs; struct list_head pages_jobs;
};
struct kcopyd_job {
	struct dm_kcopyd_client *kc; struct list_head list; unsigned int flags; int read_err; unsigned long write_err; struct dm_io_region source;
	unsigned int num_dests; struct dm_io_region dests[DM_KCOPYD_MAX_REGIONS]; void *pages; dm_kcopyd_notify_fn fn; void *context;
	struct mutex lock; atomic_t sub_jobs; sector_t progress; sector_t write_offset; struct kcopyd_job *master_job;
};
#define dm_target_offset(ti, sector) ((sector) - (ti)->begin)
#define to_sector(n) ((n) >> SECTOR_SHIFT)
#define to_bytes(n) ((n) << SECTOR_SHIFT)
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
#define pr_emerg(...) do {} while (0)
#define pr_alert(...) do {} while (0)
#define pr_crit(...) do {} while (0)
#define pr_cont(...) do {} while (0)
#define pr_devel(...) do {} while (0)
#define pr_err_once(...) do {} while (0)
#define pr_warn_once(...) do {} while (0)
#define pr_info_once(...) do {} while (0)
#define pr_notice_once(...) do {} while (0)
#define pr_debug_ratelimited(...) do {} while (0)
#define pr_info_ratelimited(...) do {} while (0)
#define printk_ratelimited(...) do {} while (0)
#define printk_once(...) do {} while (0)
#define dev_info(...) do {} while (0)
#define dev_notice(...) do {} while (0)
#define dev_crit(...) do {} while (0)
#define dev_err_ratelimited(...) do {} while (0)
#define dev_warn_ratelimited(...) do {} while (0)
#define dev_dbg_ratelimited(...) do {} while (0)
#define dev_err_once(...) do {} while (0)
#define dev_warn_once(...) do {} while (0)
#define dev_info_once(...) do {} while (0)
#define DMCRIT(...) do {} while (0)
#define DMINFO(...) do {} while (0)
#define DMDEBUG(...) do {} while (0)
#define DMERR_LIMIT(...) do {} while (0)
#define DMWARN_LIMIT(...) do {} while (0)
#define DMINFO_LIMIT(...) do {} while (0)
#define trace_printk(...) do {} while (0)
#define dump_stack(...) do {} while (0)
#define zonefs_err(...) do {} while (0)
#define zonefs_warn(...) do {} while (0)
#define zonefs_info(...) do {} while (0)
#define pr_fmt(fmt) fmt
#define printk_ratelimit() 1
#define net_ratelimit() 1
`,
  },
  {
    from: "include/linux/fs.h, block/fops.c",
    c: `
struct kiocb { loff_t ki_pos; int ki_flags; };
struct super_block { struct block_device *s_bdev; unsigned long s_blocksize; unsigned char s_blocksize_bits; void *s_fs_info; };
struct inode { umode_t i_mode; loff_t i_size; unsigned char i_blkbits; struct block_device *bdev; struct address_space *i_mapping; struct super_block *i_sb; struct rw_semaphore i_rwsem; };
struct address_space { struct inode *host; struct rw_semaphore invalidate_lock; };
struct file { unsigned int f_mode; unsigned int f_flags; int f_iocb_flags; struct inode *f_inode; struct address_space *f_mapping; void *private_data; };
#define IOCB_DIRECT (1 << 17)
#define FMODE_READ 1
#define FMODE_WRITE 2
#define O_DIRECT 00040000
#define COPY_FILE_SPLICE (1 << 0)
typedef unsigned int blk_mode_t;
#define BLK_OPEN_READ (1u << 0)
#define BLK_OPEN_WRITE (1u << 1)
#define BLK_OPEN_EXCL (1u << 2)
#define O_APPEND 00002000
#define O_SYNC 04010000
#define O_DSYNC 00010000
#define O_NONBLOCK 00004000
#define IOCB_NOWAIT (1 << 20)
#define IOCB_HIPRI (1 << 0)
#define IOCB_DSYNC (1 << 1)
#define IOCB_WRITE (1 << 19)
#define MAX_RW_COUNT (INT_MAX & PAGE_MASK)
#define MAX_LFS_FILESIZE ((loff_t)LLONG_MAX)
#define S_IFMT 00170000
#define S_IFBLK 0060000
#define S_IFREG 0100000
#define S_ISBLK(m) (((m) & S_IFMT) == S_IFBLK)
#define S_ISREG(m) (((m) & S_IFMT) == S_IFREG)
#define inode_lock(inode) __lock(&(inode)->i_rwsem.locked)
#define inode_unlock(inode) __unlock(&(inode)->i_rwsem.locked)
#define inode_lock_nested(inode, subclass) __lock(&(inode)->i_rwsem.locked)
#define inode_lock_shared(inode) __lock_shared(&(inode)->i_rwsem.locked)
#define inode_unlock_shared(inode) __unlock_shared(&(inode)->i_rwsem.locked)
#define filemap_invalidate_lock(mapping) __lock(&(mapping)->invalidate_lock.locked)
#define filemap_invalidate_unlock(mapping) __unlock(&(mapping)->invalidate_lock.locked)
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

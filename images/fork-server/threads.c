#include "threads.h"
#include "kernel.h"
#include "text.h"

enum { max_threads = 128 };

/* What a thread has that its successor needs; the rest is in the signal frame on its stack. */
struct thread {
    uint64_t registers[8]; /* rbx rbp r12 r13 r14 r15 rsp rip: as km_note has them */
    uint64_t fs, clear_tid, robust_list, robust_size;
    int tid;
};
static struct thread threads[max_threads];
static uint32_t noted, parked, never;

enum {
    thread_flags = clone_vm | clone_fs | clone_files | clone_sighand | clone_thread | clone_sysvsem,
};

/* setjmp(3) for one use: 0 when called, 1 in a copy, where km_revive goes on from here. */
int km_note(uint64_t *registers) __attribute__((returns_twice));
/* clone(2) into the registers that were noted, on the stack that goes with them. */
long km_revive(uint64_t *registers, long flags, long clear_tid, long fs);
/* Where signal handlers return to (sigreturn(2)). */
void km_restore(void);

__asm__(
    ".text\n"
    ".globl km_note\n.hidden km_note\n"
    "km_note:\n"
    "    mov %rbx, 0(%rdi)\n    mov %rbp, 8(%rdi)\n    mov %r12, 16(%rdi)\n    mov %r13, 24(%rdi)\n"
    "    mov %r14, 32(%rdi)\n    mov %r15, 40(%rdi)\n"
    "    lea 8(%rsp), %rax\n    mov %rax, 48(%rdi)\n    mov (%rsp), %rax\n    mov %rax, 56(%rdi)\n"
    "    xor %eax, %eax\n    ret\n"
    ".globl km_revive\n.hidden km_revive\n"
    "km_revive:\n"
    "    push %rbx\n    mov %rdi, %rbx\n"
    /* clone(flags, stack, parent_tid, child_tid, tls) */
    "    mov %rdx, %r10\n    mov %rcx, %r8\n    mov %rsi, %rdi\n    mov 48(%rbx), %rsi\n    xor %edx, %edx\n"
    "    mov $56, %eax\n    syscall\n"
    "    test %rax, %rax\n    jz 1f\n    pop %rbx\n    ret\n"
    "1:  mov %rbx, %rdi\n"
    "    mov 8(%rdi), %rbp\n    mov 16(%rdi), %r12\n    mov 24(%rdi), %r13\n    mov 32(%rdi), %r14\n"
    "    mov 40(%rdi), %r15\n    mov 0(%rdi), %rbx\n    mov $1, %eax\n    jmp *56(%rdi)\n"
    ".globl km_restore\n.hidden km_restore\n"
    "km_restore:\n"
    "    mov $15, %eax\n    syscall\n");

/* siginfo_t and struct sigaction as the kernel has them */
struct signal_info {
    int number, error, code, pad, pid;
};
struct signal_action {
    void (*handler)(int, struct signal_info *, void *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

static void handle(int number, struct signal_info *info, void *context) {
    (void)context;
    if (info->code != si_tkill || info->pid != sys(__NR_getpid, 0, 0, 0, 0)) {
        /* an illegal instruction: it is met again, and ends the process as it would have */
        struct signal_action standard = {0};
        sys(__NR_rt_sigaction, number, &standard, 0, sizeof standard.mask);
        return;
    }
    struct thread *own = &threads[__atomic_fetch_add(&noted, 1, __ATOMIC_SEQ_CST)];
    own->tid = (int)sys(__NR_gettid, 0, 0, 0, 0);
    sys(__NR_arch_prctl, arch_get_fs, &own->fs, 0, 0);
    /* what pthread_join waits for; kernels without CHECKPOINT_RESTORE don't tell, and then nobody is told of
     * its end */
    if (sys(__NR_prctl, pr_get_tid_address, &own->clear_tid, 0, 0) != 0)
        own->clear_tid = 0;
    sys(__NR_get_robust_list, 0, &own->robust_list, &own->robust_size, 0);
    if (km_note(own->registers) == 0) {
        __atomic_fetch_add(&parked, 1, __ATOMIC_SEQ_CST);
        sys(__NR_futex, &parked, futex_wake_private, 1, 0);
        rest();
    }
    if (own->robust_list != 0)
        sys(__NR_set_robust_list, own->robust_list, own->robust_size, 0, 0);
}

void rest(void) {
    for (;;)
        sys(__NR_futex, &never, futex_wait_private, 0, 0);
}

void watch_threads(void) {
    struct signal_action noting = {handle, sa_siginfo | sa_restorer | sa_restart, km_restore, ~0ull};
    sys(__NR_rt_sigaction, sigill, &noting, 0, sizeof noting.mask);
}

static int is_noted(int tid) {
    for (uint32_t each = 0; each < noted; each++)
        if (threads[each].tid == tid)
            return 1;
    return tid == sys(__NR_gettid, 0, 0, 0, 0);
}

static long stop(int tid) {
    if (is_noted(tid))
        return 0;
    if (noted == max_threads)
        return -enospc;
    const struct {
        int64_t seconds, nanoseconds;
    } a_second = {1, 0};
    uint32_t before = parked;
    long own = sys(__NR_getpid, 0, 0, 0, 0), result = sys(__NR_tgkill, own, tid, sigill, 0);
    while (result == 0 && __atomic_load_n(&parked, __ATOMIC_SEQ_CST) == before) {
        sys(__NR_futex, &parked, futex_wait_private, before, &a_second);
        /* one that is ending already takes no signal */
        if (parked == before)
            result = sys(__NR_tgkill, own, tid, 0, 0);
    }
    return result == -esrch ? 0 : result;
}

long stop_threads(void) {
    /* a thread may have made another before it stopped */
    for (;;) {
        uint32_t before = noted;
        long result = each_number("/proc/self/task", stop);
        if (result < 0 || noted == before)
            return result;
    }
}

long revive_threads(void) {
    for (uint32_t each = 0; each < noted; each++) {
        struct thread *it = &threads[each];
        long clears = it->clear_tid != 0 ? clone_child_cleartid : 0;
        long result =
            km_revive(it->registers, thread_flags | clone_settls | clears, (long)it->clear_tid, (long)it->fs);
        if (result < 0)
            return result;
    }
    return 0;
}

void start_thread(void (*work)(void)) {
    static char stack[64 * 1024] __attribute__((aligned(16)));
    static uint64_t registers[8];
    registers[6] = (uint64_t)(stack + sizeof stack - 8);
    registers[7] = (uint64_t)work;
    /* handlers of the program's expect a thread of libc's */
    uint64_t all = ~0ull, before;
    sys(__NR_rt_sigprocmask, sig_setmask, &all, &before, sizeof all);
    km_revive(registers, thread_flags, 0, 0);
    sys(__NR_rt_sigprocmask, sig_setmask, &before, 0, sizeof all);
}

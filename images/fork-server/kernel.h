/* The kernel's interface on x86-64 (include/uapi/ of linux), for code that no C library is under. */
#ifndef KM_KERNEL_H
#define KM_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

enum {
    at_fdcwd = -100,
    o_nonblock = 04000,
    o_directory = 0200000,
    o_cloexec = 02000000,
    f_getfl = 3,
    f_setfl = 4,
    pollin = 1,

    af_unix = 1,
    sock_stream = 1,
    sol_socket = 1,
    so_peercred = 17,

    sigill = 4,
    sigkill = 9,
    si_tkill = -6,
    sa_siginfo = 4,
    sa_restorer = 0x04000000,
    sa_restart = 0x10000000,
    sig_setmask = 2,

    arch_get_fs = 0x1003,
    pr_set_pdeathsig = 1,
    pr_set_seccomp = 22,
    pr_set_no_new_privs = 38,
    pr_get_tid_address = 40,
    seccomp_mode_filter = 2,

    clone_vm = 0x100,
    clone_fs = 0x200,
    clone_files = 0x400,
    clone_sighand = 0x800,
    clone_pidfd = 0x1000,
    clone_thread = 0x10000,
    clone_sysvsem = 0x40000,
    clone_settls = 0x80000,
    clone_child_cleartid = 0x200000,
    clone3_call = 435,
    wait_all_kinds = 0x40000000, /* __WALL */

    futex_wait_private = 128,
    futex_wake_private = 129,
    madv_dofork = 11,

    esrch = 3,
    eagain = 11,
    enospc = 28,
    eopnotsupp = 95,
};

/* @return what the call returns: below zero it is a negative errno */
static inline long km_call(long number, long a, long b, long c, long d, long e) {
    register long fourth __asm__("r10") = d, fifth __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
}
#define sys5(number, a, b, c, d, e) km_call((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define sys(number, a, b, c, d) sys5(number, a, b, c, d, 0)

#endif

#include "copy.h"
#include "kernel.h"
#include "text.h"
#include "threads.h"

/*
 * QEMU has its guest's RAM left out of copies (MADV_DONTFORK, softmmu/physmem.c). Every mapping is asked to
 * come along, which those of devices refuse; there are none under TCG.
 */
long take_all_memory(void) {
    long maps = sys(__NR_openat, at_fdcwd, "/proc/self/maps", o_cloexec, 0);
    if (maps < 0)
        return maps;
    char text[4096];
    long size;
    /* a line begins `start-end `, in hexadecimal */
    uint64_t bounds[2] = {0, 0};
    int word = 0;
    while ((size = sys(__NR_read, maps, text, sizeof text, 0)) > 0)
        for (long at = 0; at < size; at++) {
            char letter = text[at];
            if (letter == '\n') {
                bounds[0] = bounds[1] = 0;
                word = 0;
            } else if (word < 2 && letter == (word == 0 ? '-' : ' ')) {
                if (word++ == 1)
                    sys(__NR_madvise, bounds[0], bounds[1] - bounds[0], madv_dofork, 0);
            } else if (word < 2) {
                bounds[word] =
                    bounds[word] * 16 + (uint64_t)(letter <= '9' ? letter - '0' : letter - 'a' + 10);
            }
        }
    sys(__NR_close, maps, 0, 0, 0);
    return size;
}

/* An eventfd, with which QEMU's threads wake each other, becomes the copy's own. */
static long renew_event(int fd) {
    char path[32], target[32];
    put_number(put_text(path, "/proc/self/fd/"), (uint64_t)fd);
    long length = sys(__NR_readlinkat, at_fdcwd, path, target, sizeof target - 1);
    if (length < 0)
        return length;
    target[length] = '\0';
    if (begins(target, "anon_inode:[io_uring]"))
        return -eopnotsupp;
    if (!begins(target, "anon_inode:[eventfd]"))
        return 0;
    long flags = sys(__NR_fcntl, fd, f_getfl, 0, 0);
    /* as if somebody had called, which whoever waits must be ready for: what its own count was isn't known */
    long fresh = sys(__NR_eventfd2, 1, (flags & o_nonblock) | o_cloexec, 0, 0);
    if (fresh < 0)
        return fresh;
    long result = sys(__NR_dup3, fresh, fd, o_cloexec, 0);
    sys(__NR_close, fresh, 0, 0, 0);
    return result < 0 ? result : 0;
}

/* struct sock_filter and sock_fprog of seccomp(2) */
struct filter_step {
    uint16_t code;
    uint8_t yes, no;
    uint32_t value;
};
struct filter {
    uint16_t count;
    const struct filter_step *steps;
};

/*
 * What `-sandbox spawn=deny` would have forbidden the original, had it not needed it
 * (softmmu/qemu-seccomp.c): processes and namespaces, but not threads.
 */
static long forbid_processes(void) {
    enum { load = 0x20, is = 0x15, at_least = 0x35, any_bit = 0x45, give = 0x06 };
    enum { allowed = 0x7fff0000, not_permitted = 0x00050001, no_such_call = 0x00050026 };
    enum { call = 0, architecture = 4, first_argument = 16, x32 = 0x40000000 };
    static const struct filter_step steps[] = {
        {load, 0, 0, architecture},
        {is, 0, 12, 0xc000003e}, /* AUDIT_ARCH_X86_64 */
        {load, 0, 0, call},
        {at_least, 10, 0, x32},
        {is, 9, 0, __NR_fork},
        {is, 8, 0, __NR_vfork},
        {is, 7, 0, __NR_execve},
        {is, 6, 0, __NR_execveat},
        {is, 5, 0, __NR_setns},
        {is, 4, 0, __NR_unshare},
        {is, 4, 0, clone3_call}, /* its flags are in memory; libc falls back to clone */
        {is, 0, 4, __NR_clone},
        {load, 0, 0, first_argument},
        {any_bit, 2, 0, clone_thread},
        {give, 0, 0, not_permitted},
        {give, 0, 0, no_such_call},
        {give, 0, 0, allowed},
    };
    const struct filter filter = {sizeof steps / sizeof *steps, steps};
    sys(__NR_prctl, pr_set_no_new_privs, 1, 0, 0);
    return sys(__NR_prctl, pr_set_seccomp, seccomp_mode_filter, &filter, 0);
}

static void need(long result, int status) {
    if (result < 0)
        sys(__NR_exit_group, status, 0, 0, 0);
}

void become_machine(const int *lines, long parent) {
    sys(__NR_prctl, pr_set_pdeathsig, sigkill, 0, 0);
    need(sys(__NR_getppid, 0, 0, 0, 0) == parent ? 0 : -esrch, 120);
    for (int each = 0; each < line_count; each++) {
        /* QEMU made its own non-blocking, and has guest and monitor wait where they aren't */
        need(sys(__NR_fcntl, lines[each], f_setfl, sys(__NR_fcntl, first_line + each, f_getfl, 0, 0), 0),
             121);
        need(sys(__NR_dup3, lines[each], first_line + each, o_cloexec, 0), 121);
        sys(__NR_close, lines[each], 0, 0, 0);
    }
    need(each_number("/proc/self/fd", renew_event), 122);
    need(forbid_processes(), 123);
    need(revive_threads(), 124);
    /* stays as the first thread of the process, which /proc shows */
    rest();
}

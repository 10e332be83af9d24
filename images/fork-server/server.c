/*
 * A library that QEMU is started with (LD_PRELOAD), which makes copies of that process: memory, threads and
 * all. A copy costs some milliseconds, and keeps what TCG has translated so far, which a machine restored
 * from a file has to translate again.
 *
 * fork(2) copies one thread. So each thread of QEMU is interrupted once (SIGILL, a signal that QEMU blocks
 * nowhere), notes its registers, and waits for good: the process that is copied never runs again. In a copy,
 * the forking thread makes the others anew with clone(2), on the stacks that were copied and with the
 * registers that were noted; each returns from its signal handler into what it did. A system call that it
 * waited in begins again (SA_RESTART), or fails with EINTR. The thread that does this is one of ours, not
 * libc's: it has no thread-local storage, so nothing here calls a library.
 *
 * Environment: KMATRIX_FORK_SERVER, the number of a connected socket. On it, lines: `ready NAME` at the
 * start, where NAME is an abstract UNIX address (unix(7)). For each copy the other side, which has to be the
 * parent of this process, connects to it three times, for console, channel and QMP, and then writes a byte.
 * The answer is `forked PID` or `refused STEP ERRNO`; and, sooner or later, `ended PID STATUS` with STATUS as
 * wait(2) has it.
 */
#include "copy.h"
#include "kernel.h"
#include "text.h"
#include "threads.h"

enum { max_copies = 1024 };

struct poll_entry {
    int fd;
    short events, happened;
};
/* the control line, then a pidfd for each copy that lives */
static struct poll_entry watched[1 + max_copies];
static int pids[1 + max_copies];
static int watched_count;
static int control, listener;

static void tell(const char *what, uint64_t first, uint64_t second) {
    char line[96];
    char *end = put_text(put_number(put_text(put_number(put_text(line, what), first), " "), second), "\n");
    sys(__NR_write, control, line, end - line, 0);
}

static void refuse(const char *step, long result) {
    char what[64];
    put_text(put_text(put_text(what, "refused "), step), " ");
    tell(what, (uint64_t)-result, 0);
}

struct credentials {
    int pid;
    uint32_t uid, gid;
};

/* @return the next connection of our parent's; anybody may connect */
static long next_line(long parent) {
    for (;;) {
        long line = sys(__NR_accept4, listener, 0, 0, o_cloexec);
        if (line < 0)
            return line;
        struct credentials peer = {0};
        uint32_t size = sizeof peer;
        long result = sys5(__NR_getsockopt, line, sol_socket, so_peercred, &peer, &size);
        if (result == 0 && peer.pid == parent)
            return line;
        sys(__NR_close, line, 0, 0, 0);
    }
}

static void copy(void) {
    static int is_frozen;
    long result = is_frozen ? 0 : stop_threads();
    if (result == 0 && !is_frozen)
        result = take_all_memory();
    if (result < 0)
        return refuse("stop", result);
    is_frozen = 1;
    if (watched_count == 1 + max_copies)
        return refuse("count", -eagain);
    int lines[line_count];
    for (int each = 0; each < line_count; each++) {
        long line = next_line(sys(__NR_getppid, 0, 0, 0, 0));
        if (line < 0)
            return refuse("accept", line);
        lines[each] = (int)line;
    }
    long own = sys(__NR_getpid, 0, 0, 0, 0);
    int pidfd = -1;
    /* no signal tells of its end: a handler of QEMU's would hear it. The pidfd does. */
    long pid = sys(__NR_clone, clone_pidfd, 0, &pidfd, 0);
    if (pid == 0) {
        sys(__NR_close, listener, 0, 0, 0);
        for (int each = 0; each < watched_count; each++)
            sys(__NR_close, watched[each].fd, 0, 0, 0);
        become_machine(lines, own);
    }
    for (int each = 0; each < line_count; each++)
        sys(__NR_close, lines[each], 0, 0, 0);
    if (pid < 0)
        return refuse("clone", pid);
    watched[watched_count] = (struct poll_entry){pidfd, pollin, 0};
    pids[watched_count++] = (int)pid;
    tell("forked ", (uint64_t)pid, 0);
}

static void reap(int at) {
    int status = 0, pid = pids[at];
    if (sys(__NR_wait4, pid, &status, wait_all_kinds, 0) < 0)
        return;
    sys(__NR_close, watched[at].fd, 0, 0, 0);
    watched[at] = watched[--watched_count];
    pids[at] = pids[watched_count];
    tell("ended ", (uint64_t)pid, (uint64_t)status);
}

static void serve(void) {
    watched[0] = (struct poll_entry){control, pollin, 0};
    watched_count = 1;
    for (;;) {
        if (sys(__NR_poll, watched, watched_count, -1, 0) < 0)
            continue;
        for (int at = watched_count; --at > 0;)
            if (watched[at].happened != 0)
                reap(at);
        char byte;
        if (watched[0].happened == 0)
            continue;
        /* kmatrix is gone or wants no more: copies go with this process */
        if (sys(__NR_read, control, &byte, 1, 0) != 1)
            sys(__NR_exit_group, 0, 0, 0, 0);
        copy();
    }
}

/*
 * Listens at an address of its own, and tells it. The name fills sun_path to its end: where it is shorter,
 * some versions of libuv connect to it filled up with NULs, which is another one.
 *
 * @return 0 or a negative errno
 */
static long listen_somewhere(void) {
    struct {
        uint16_t family;
        char name[108];
        char end;
    } address = {af_unix, "", '\0'};
    uint64_t chance = 0;
    long result = sys(__NR_getrandom, &chance, sizeof chance, 0, 0);
    if (result < 0)
        return result;
    char *at = put_text(address.name + 1, "kmatrix-");
    at = put_number(put_text(put_number(at, (uint64_t)sys(__NR_getpid, 0, 0, 0, 0)), "-"), chance);
    while (at < &address.end)
        *at++ = '-';
    result = sys(__NR_socket, af_unix, sock_stream | o_cloexec, 0, 0);
    listener = (int)result;
    if (result >= 0)
        result = sys(__NR_bind, listener, &address, offsetof(__typeof__(address), end), 0);
    if (result >= 0)
        result = sys(__NR_listen, listener, 16, 0, 0);
    if (result < 0)
        return result;
    char line[128];
    at = put_text(put_text(put_text(line, "ready "), address.name + 1), "\n");
    sys(__NR_write, control, line, at - line, 0);
    return 0;
}

/* Where the setting begins in this process's environment; NULL where it has none. Not every libc hands it to
 * constructors. */
static const char *setting(void) {
    static char variables[1 << 20];
    static const char name[] = "KMATRIX_FORK_SERVER=";
    long file = sys(__NR_openat, at_fdcwd, "/proc/self/environ", o_cloexec, 0);
    long size = 0, more;
    while ((more = sys(__NR_read, file, variables + size, (long)sizeof variables - 1 - size, 0)) > 0)
        size += more;
    sys(__NR_close, file, 0, 0, 0);
    for (long at = 0; at < size; at += (long)length_of(variables + at) + 1)
        if (begins(variables + at, name))
            return variables + at + sizeof name - 1;
    return NULL;
}

__attribute__((constructor)) static void start(void) {
    const char *value = setting();
    if (value == NULL)
        return;
    control = (int)number_at(&value);
    if (listen_somewhere() < 0)
        return;
    watch_threads();
    start_thread(serve);
}

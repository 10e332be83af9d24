/*
 * moby#407, first of its two defects. Exec from a thread of a PID namespace's init that is not its leader:
 * de_thread() releases the old leader, which still carries pid 1, and proc_flush_task() up to 3.7 takes that
 * for the namespace's end and drops the namespace's proc mount (pid_ns_release_proc). Every later exit inside
 * flushes a released mount (d_hash_and_lookup), and the real end of pid 1 puts it a second time (mntput).
 * Mended in 3.8 by 0a01f2cc390e.
 *
 * arm=thread provokes it; arm=leader is the same program with the exec in the leader, and harmless. On a
 * kernel without slub_debug the released memory has to be taken by someone: churn=N processes that mount and
 * unmount churn_mounts=M tmpfs beside it do that; pressure=MiB of touched memory makes it tighter. children=N
 * per container.
 */
#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES 65536
#define AFTER_EXEC_FD 9 /* the init reports here after its exec */

struct report {
    int pid, threads, tid_before, pid_before, children_ended;
};

/* ---- the namespace's init, before and after its exec ---- */

static char *init_argv[8];
static char stack[STACK_BYTES] __attribute__((aligned(64)));

/* Tells the next image from which thread the exec came. */
static int exec_self(void *unused) {
    static char tid[32], pid[32];
    (void)unused;
    snprintf(tid, sizeof tid, "tid=%d", (int)syscall(SYS_gettid));
    snprintf(pid, sizeof pid, "pid=%d", (int)getpid());
    init_argv[2] = tid;
    init_argv[3] = pid;
    execv("/proc/self/exe", init_argv);
    _exit(125);
}

__attribute__((noreturn)) static void init_before(int by_thread) {
    if (!by_thread)
        _exit(exec_self(NULL));
    if (km_thread(exec_self, NULL, stack, sizeof stack) < 0)
        km_fail("clone of a thread in the container: %s", strerror(errno));
    for (;;)
        pause(); /* the thread's exec ends this one */
}

/* Short lives, each of which is flushed from the namespace's proc mount when it ends. */
static int run_children(long count) {
    int ended = 0;
    for (long child = 0; child < count; child++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        if (pid > 0 && km_wait(pid) == 0)
            ended++;
    }
    return ended;
}

/* Exec leaves one thread of a process. The machine's own /proc: the namespace has none mounted. */
static int threads(void) {
    static char status[2048];
    int count = -1;
    if (km_read("/proc/self/status", status, sizeof status) > 0 && strstr(status, "Threads:"))
        sscanf(strstr(status, "Threads:"), "Threads: %d", &count);
    return count;
}

__attribute__((noreturn)) static void init_after(void) {
    struct report report = {getpid(), threads(), (int)km_number("tid", -1, 0, 1 << 22),
                            (int)km_number("pid", -1, 0, 1 << 22), 0};
    report.children_ended = run_children(km_number("children", 3, 0, 10000));
    if (km_write_all(AFTER_EXEC_FD, &report, sizeof report) < 0)
        _exit(124);
    _exit(0);
}

/* ---- outside ---- */

static void check(const struct report *report, int by_thread, long children) {
    if (report->pid != 1 || report->pid_before != 1)
        km_fail("the container's init has pid %d, before its exec %d, not 1", report->pid,
                report->pid_before);
    if (report->threads != 1)
        km_fail("the container's init has %d threads after its exec", report->threads);
    if (by_thread && report->tid_before == 1)
        km_fail("the exec came from the leader, so nothing was provoked");
    if (!by_thread && report->tid_before != 1)
        km_fail("the exec of the control arm came from thread %d, not the leader", report->tid_before);
    if (report->children_ended != children)
        km_fail("%d of %ld children in the container ended well", report->children_ended, children);
}

static void run_container(int by_thread, long children) {
    struct report report;
    int fds[2];
    if (pipe(fds) < 0)
        km_fail("pipe: %s", strerror(errno));
    pid_t pid = km_clone(CLONE_NEWPID);
    if (pid < 0)
        km_fail("clone(CLONE_NEWPID): %s", strerror(errno));
    if (pid == 0) {
        if (dup2(fds[1], AFTER_EXEC_FD) < 0)
            _exit(126);
        close(fds[0]);
        close(fds[1]);
        init_before(by_thread);
    }
    close(fds[1]);
    int answered = km_read_all(fds[0], &report, sizeof report) == 0;
    close(fds[0]);
    km_end_as(km_wait(pid), "the container's init");
    if (!answered)
        km_fail("the container's init ended without its report");
    check(&report, by_thread, children);
}

/* Takes and gives back mounts for ever: whoever drops one too early finds it in other hands. */
__attribute__((noreturn)) static void churn(int number, long mounts) {
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/km-churn%d", number);
    if (km_folder(folder) < 0)
        km_fail("%s: %s", folder, strerror(errno));
    for (;;) {
        for (long i = 0; i < mounts; i++)
            if (mount("km-churn", folder, "tmpfs", 0, "size=4k") < 0)
                km_fail("churn: mount: %s", strerror(errno));
        for (long i = 0; i < mounts; i++)
            if (umount2(folder, 0) < 0)
                km_fail("churn: umount: %s", strerror(errno));
    }
}

static void press(long mebibytes) {
    size_t bytes = (size_t)mebibytes << 20;
    if (!bytes)
        return;
    char *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        km_fail("pressure=%ld: %s", mebibytes, strerror(errno));
}

/* A churner ends only of itself by failing: then its memory traffic is not what was asked for. */
static void check_churners(const pid_t *churners, long count) {
    int status;
    for (long i = 0; i < count; i++)
        if (waitpid(churners[i], &status, WNOHANG) > 0)
            km_end_as(status, "a churning process");
}

static void require_pid_namespaces(void) {
    pid_t pid = km_clone(CLONE_NEWPID);
    if (pid == 0)
        _exit(0);
    if (pid < 0)
        km_unsupported("PID_NS: clone: %s", strerror(errno));
    km_end_as(km_wait(pid), "a PID namespace");
}

int main(int argc, char **argv) {
    static char children_argument[40];
    pid_t churners[8];
    km_args(argc, argv);
    if (km_is("stage", "after"))
        init_after();
    int by_thread = !strcmp(km_text("arm", "thread"), "thread");
    if (!by_thread && !km_is("arm", "leader"))
        km_fail("arm is thread or leader, not %s", km_text("arm", ""));
    long children = km_number("children", 3, 0, 10000), churn_count = km_number("churn", 0, 0, 8);
    long churn_mounts = km_number("churn_mounts", 40, 1, 1000);
    snprintf(children_argument, sizeof children_argument, "children=%ld", children);
    init_argv[0] = argv[0];
    init_argv[1] = "stage=after";
    init_argv[4] = children_argument;
    require_pid_namespaces();
    press(km_number("pressure", 0, 0, 100000));
    for (long i = 0; i < churn_count; i++) {
        churners[i] = fork();
        if (churners[i] == 0)
            churn((int)i, churn_mounts);
        if (churners[i] < 0)
            km_fail("fork of a churning process: %s", strerror(errno));
    }
    while (km_continue()) {
        run_container(by_thread, children);
        check_churners(churners, churn_count);
        km_iteration_done();
    }
    for (long i = 0; i < churn_count; i++)
        km_kill(churners[i]);
    return 0;
}

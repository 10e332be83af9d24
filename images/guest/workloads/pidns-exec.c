/*
 * moby#407, the first of its two defects: exec from a thread of a PID namespace's init that is not its
 * leader. de_thread() (fs/exec.c) gives the exec'ing thread the leader's pid and releases the old leader,
 * which carries it too until then. release_task() calls proc_flush_task() (fs/proc/base.c), and up to 3.7
 * that takes the flush of a pid 1 for the namespace's end: pid_ns_release_proc() puts the namespace's
 * internal proc mount (pid_ns->proc_mnt) while the namespace lives on. Every later exit inside flushes
 * through the released mount (d_hash_and_lookup), and the real end of pid 1 puts it a second time (mntput).
 * Mended in 3.8 by 0a01f2cc390e ("pidns: Make the pidns proc mount/umount logic obvious"): the mount goes
 * with the namespace's last hashed pid.
 *
 * arm=thread provokes it; arm=leader is the same program with the exec in the leader, and harmless. On a
 * kernel without slub_debug the released memory has to be taken by someone: churn=, churn_mounts= and
 * pressure= of km_churn.h. children=N short-lived processes per container; containers=N at a time.
 */
#include "km.h"
#include "km_churn.h"
#include "km_crowd.h"
#include "km_file.h"
#include "km_namespaces.h"
#include "km_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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

/* Each child is flushed from the namespace's proc mount when it ends. Exec leaves one thread of a process;
 * /proc is the machine's own, the namespace has none mounted. */
__attribute__((noreturn)) static void init_after(void) {
    struct report report = {getpid(), km_threads(), (int)km_number("tid", -1, 0, 1 << 22),
                            (int)km_number("pid", -1, 0, 1 << 22), 0};
    report.children_ended = km_children(km_number("children", 3, 0, 10000));
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

struct workload {
    struct km_churn churn;
    int by_thread;
    long children;
};

static void one_container(void *argument) {
    const struct workload *workload = argument;
    run_container(workload->by_thread, workload->children);
}

static void between_containers(void *argument) {
    km_churn_check(&((struct workload *)argument)->churn);
}

int main(int argc, char **argv) {
    static char children_argument[40];
    static struct workload workload;
    km_args(argc, argv);
    if (km_is("stage", "after"))
        init_after();
    workload.by_thread = !strcmp(km_text("arm", "thread"), "thread");
    if (!workload.by_thread && !km_is("arm", "leader"))
        km_fail("arm is thread or leader, not %s", km_text("arm", ""));
    workload.children = km_number("children", 3, 0, 10000);
    snprintf(children_argument, sizeof children_argument, "children=%ld", workload.children);
    init_argv[0] = argv[0];
    init_argv[1] = "stage=after";
    init_argv[4] = children_argument;
    km_namespaces_require(CLONE_NEWPID);
    km_churn_start(&workload.churn);
    km_crowd_run(km_number("containers", 1, 1, KM_CROWD_MAX), one_container, between_containers, &workload);
    km_churn_stop(&workload.churn);
    return 0;
}

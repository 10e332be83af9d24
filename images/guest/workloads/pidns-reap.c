/*
 * moby#407, the second of its two defects: a child that reaps itself outlives its namespace's pid 1. Where
 * init ignores SIGCHLD, a dying child is EXIT_DEAD at once (exit_notify) and releases itself (release_task);
 * up to 3.4 zap_pid_ns_processes() waits with wait4, which does not see EXIT_DEAD, so that pid 1 can end and
 * be reaped, and its namespace's proc mount be put (pid_ns_release_proc), while the child is still in
 * proc_flush_task(). The child flushes level 0, the machine's own /proc, first; then it looks itself up in
 * the released mount (d_hash_and_lookup). Mended in 3.5 by "pidns: guarantee that the pidns init will be the
 * last pidns process reaped", and by what mended the first defect in 3.8 (pidns-exec.c).
 *
 * arm=ignore provokes it; arm=default is the same with SIGCHLD left alone, where pid 1 reaps its children
 * itself. The window is the flush of level 0. Each child has fds=N open descriptors, and all their entries
 * under /proc cached (fd and fdinfo, of the process and of its thread). The end of pid 1 waits for a grace
 * period of RCU (switch_task_namespaces), so the flush has to yield its CPU, as shrink_dcache_parent() does
 * after what it selected; a child of little weight (nice=N) beside a process that only computes (rival=1)
 * then waits long for its next turn. 3.3.8 has no cond_resched() there, and nothing was met on it. Both are
 * on one CPU, pid 1 and the parent that reaps it on another (pin=1; with one CPU it works as well).
 * children=N per container, containers=N at a time; churn=, refused= and pressure= as in km_churn.h.
 *
 * The fact reaped-child-outlives-init says whether the window was met, crash or not: a pid that the kernel
 * still knows after pid 1 was reaped.
 */
#include "km.h"
#include "km_churn.h"
#include "km_crowd.h"
#include "km_file.h"
#include "km_namespaces.h"
#include "km_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN_MAX 32
#define ENTRY_FOLDERS 4

struct child_report {
    int outer_pid;
    long entries; /* of its own below /proc, all of them cached by having been listed */
};

struct workload {
    struct km_churn churn;
    int ignore, pin;
    long children, fds;
    struct tally *tally;
};

/* Written by whoever ran a container, so shared; one at a time where containers=1, and added to atomically.
 */
struct tally {
    unsigned long containers, outlived;
};

/* ---- a child in the container ---- */

/* proc_fill_cache() makes an entry of each name that a listing passes. */
static long list(const char *folder) {
    long count = 0;
    struct dirent *entry;
    DIR *open_folder = opendir(folder);
    if (!open_folder)
        km_fail("%s: %s", folder, strerror(errno));
    while ((entry = readdir(open_folder)))
        count += entry->d_name[0] != '.';
    closedir(open_folder);
    return count;
}

/* The machine's own /proc: the container has none mounted, so that "self" is the pid at level 0. */
static int outer_pid(void) {
    char self[16] = "";
    if (readlink("/proc/self", self, sizeof self - 1) < 0)
        km_fail("/proc/self: %s", strerror(errno));
    return atoi(self);
}

__attribute__((noreturn)) static void child(int report_fd) {
    static const char *const folders[ENTRY_FOLDERS] = {"fd", "fdinfo", "task/%d/fd", "task/%d/fdinfo"};
    struct child_report report = {outer_pid(), 0};
    char below[32], path[64];
    for (int i = 0; i < ENTRY_FOLDERS; i++) {
        snprintf(below, sizeof below, folders[i], report.outer_pid);
        snprintf(path, sizeof path, "/proc/%d/%s", report.outer_pid, below);
        report.entries += list(path);
    }
    km_must(setpriority(PRIO_PROCESS, 0, (int)km_number("nice", 10, 0, 19)), "setpriority");
    km_must(km_write_all(report_fd, &report, sizeof report), "a child's report");
    for (;;)
        pause();
}

/* ---- pid 1 of the container ---- */

static void stay_on(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    km_must(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

/* What this arm is about, tried with a child of its own: it must (must not) be there to be waited for. */
static void check_reaping(int ignore) {
    int status;
    pid_t pid = fork(), waited;
    km_must(pid, "container: fork");
    if (pid == 0)
        _exit(0);
    while ((waited = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    if (ignore && (waited >= 0 || errno != ECHILD))
        km_fail("a child of an init that ignores SIGCHLD was there to be reaped");
    if (!ignore && waited != pid)
        km_fail("a child of an init with SIGCHLD left alone was gone before it was reaped");
}

__attribute__((noreturn)) static void init(const struct workload *workload, int report_fd) {
    if (getpid() != 1)
        km_fail("pid in the container is %d, not 1", (int)getpid());
    signal(SIGCHLD, workload->ignore ? SIG_IGN : SIG_DFL);
    check_reaping(workload->ignore);
    for (long i = 0; i < workload->children; i++) {
        pid_t pid = fork();
        km_must(pid, "container: fork");
        if (pid > 0)
            continue;
        if (workload->pin)
            stay_on(0);
        child(report_fd);
    }
    for (;;)
        pause();
}

/* ---- outside ---- */

/* A pid is hashed until release_task() gets to __exit_signal(), after its flush. */
static int is_known(int pid) {
    return kill(pid, 0) == 0 || errno != ESRCH;
}

static void await_children(const struct workload *workload, int fd, pid_t init_pid,
                           struct child_report *reports) {
    for (long i = 0; i < workload->children; i++) {
        if (km_read_all(fd, &reports[i], sizeof *reports) < 0) {
            km_end_as(km_wait(init_pid), "the container's init");
            km_fail("a child in the container ended without its report");
        }
        if (!is_known(reports[i].outer_pid))
            km_fail("a child in the container is %d to itself, and nobody here", reports[i].outer_pid);
        if (reports[i].entries < workload->fds * ENTRY_FOLDERS)
            km_fail("a child in the container has %ld entries under /proc, with %ld descriptors",
                    reports[i].entries, workload->fds);
    }
}

/* Ends pid 1, which ends the children; 1 if one of them outlived it. */
static int end_container(const struct workload *workload, pid_t pid, const struct child_report *reports) {
    int outlived = 0;
    if (kill(pid, SIGKILL) < 0)
        km_fail("kill of the container's init: %s", strerror(errno));
    int status = km_wait(pid);
    for (long i = 0; i < workload->children; i++)
        outlived |= is_known(reports[i].outer_pid);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        km_fail("the container's init ended with wait status %#x before it was killed", status);
    if (outlived && !workload->ignore)
        km_fail("a child that pid 1 has to reap outlived it");
    return outlived;
}

static int all_gone(void *reports) {
    for (const struct child_report *report = reports; report->outer_pid; report++)
        if (is_known(report->outer_pid))
            return 0;
    return 1;
}

static void run_container(void *argument) {
    const struct workload *workload = argument;
    struct child_report reports[CHILDREN_MAX + 1] = {{0, 0}};
    int fds[2];
    km_must(pipe(fds), "pipe");
    pid_t pid = km_clone(CLONE_NEWPID);
    km_must(pid, "clone(CLONE_NEWPID)");
    if (pid == 0) {
        close(fds[0]);
        init(workload, fds[1]);
    }
    close(fds[1]);
    await_children(workload, fds[0], pid, reports);
    close(fds[0]);
    int outlived = end_container(workload, pid, reports);
    if (!km_wait_until(all_gone, reports, 60))
        km_fail("a child is still there 60 s after the end of its namespace's pid 1");
    __sync_fetch_and_add(&workload->tally->containers, 1);
    __sync_fetch_and_add(&workload->tally->outlived, (unsigned long)outlived);
}

static void between_containers(void *argument) {
    km_churn_check(&((struct workload *)argument)->churn);
}

/* Every child inherits them: to open them is work for once, to list them for each. */
static void open_descriptors(long count) {
    struct rlimit limit = {(rlim_t)count + 64, (rlim_t)count + 64};
    km_must(setrlimit(RLIMIT_NOFILE, &limit), "RLIMIT_NOFILE");
    int fd = open("/dev/null", O_RDONLY);
    for (long i = 0; i < count; i++)
        km_must(fcntl(fd, F_DUPFD, 16), "F_DUPFD");
    close(fd);
}

/* Wants the children's CPU for itself, so that they have to yield it in the middle of their flush. */
static pid_t start_rival(int pin) {
    pid_t pid = fork();
    km_must(pid, "fork of the rival");
    if (pid == 0) {
        if (pin)
            stay_on(0);
        for (volatile unsigned long turns = 0;; turns++)
            ;
    }
    return pid;
}

int main(int argc, char **argv) {
    static struct workload workload;
    pid_t rival = 0;
    km_args(argc, argv);
    workload.ignore = !strcmp(km_text("arm", "ignore"), "ignore");
    if (!workload.ignore && !km_is("arm", "default"))
        km_fail("arm is ignore or default, not %s", km_text("arm", ""));
    workload.children = km_number("children", 1, 1, CHILDREN_MAX);
    workload.fds = km_number("fds", 1000, 0, 20000);
    workload.pin = km_number("pin", 1, 0, 1) && sysconf(_SC_NPROCESSORS_ONLN) > 1;
    workload.tally =
        mmap(NULL, sizeof *workload.tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (workload.tally == MAP_FAILED)
        km_fail("mmap: %s", strerror(errno));
    km_namespaces_require(CLONE_NEWPID);
    if (km_number("rival", 1, 0, 1))
        rival = start_rival(workload.pin);
    if (workload.pin)
        stay_on(1);
    km_churn_start(&workload.churn); /* where the mount is released */
    open_descriptors(workload.fds);
    km_crowd_run(km_number("containers", 1, 1, KM_CROWD_MAX), run_container, between_containers, &workload,
                 KM_CROWD_NO_TICK);
    if (workload.ignore)
        km_effect("reaped-child-outlives-init", workload.tally->outlived > 0, "in %lu of %lu containers",
                  workload.tally->outlived, workload.tally->containers);
    km_churn_stop(&workload.churn);
    if (rival)
        km_kill(rival);
    return 0;
}

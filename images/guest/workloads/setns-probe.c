/*
 * Which namespaces setns(2) can enter (setns, proc_ns_operations->install): none before 3.0, net, uts and ipc
 * then, pid and mnt and user with 3.8, cgroup with 4.6, time with 5.6. Each fact setns.TYPE is true only
 * where the process was seen to be in the other namespace afterwards, by something only that namespace holds.
 */
#include "km.h"
#include "km_file.h"
#include "km_netlink.h"
#include "km_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK "km-setns"
#define MOUNT_POINT "/run/km-setns-mnt"
#define MARK_KEY 0x6b6d7365

struct kind {
    const char *name, *file;
    unsigned long flag;
    int (*mark)(void); /* in the new namespace: 0 when its mark is made */
    int (*seen)(void); /* after setns: 1 when that mark is there */
};

static int mark_uts(void) {
    return sethostname(MARK, strlen(MARK));
}

static int seen_uts(void) {
    struct utsname system;
    return uname(&system) == 0 && !strcmp(system.nodename, MARK);
}

static int mark_ipc(void) {
    return shmget(MARK_KEY, 4096, IPC_CREAT | 0600) < 0 ? -1 : 0;
}

static int seen_ipc(void) {
    return shmget(MARK_KEY, 0, 0) >= 0;
}

/* lo is down in a new network namespace and up in the machine's own (main sees to that): no driver is needed.
 */
static int lo_is_up(void) {
    return km_link_is_up("lo");
}

static int mark_net(void) {
    return 0;
}

static int seen_net(void) {
    return !lo_is_up();
}

static int mark_mnt(void) {
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                   mount(MARK, MOUNT_POINT, "tmpfs", 0, "size=4k") < 0
               ? -1
               : km_write_new(MOUNT_POINT "/" MARK, "");
}

static int seen_mnt(void) {
    return km_exists(MOUNT_POINT "/" MARK);
}

/* setns to a pid namespace is for the children to come */
static int seen_pid(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(getpid() == 2 ? 0 : 1);
    return pid > 0 && km_wait(pid) == 0;
}

static int seen_user(void) {
    return getuid() != 0; /* nothing is mapped there: the overflow id */
}

static int seen_by_link(const char *file) {
    static char mine[64], first[64];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", file);
    if (readlink(path, mine, sizeof mine - 1) < 0 ||
        readlink("/proc/1/ns/cgroup", first, sizeof first - 1) < 0)
        return 0;
    return strcmp(mine, first) != 0;
}

static int seen_cgroup(void) {
    return seen_by_link("cgroup");
}

static int mark_time(void) {
    return km_write("/proc/self/timens_offsets", "monotonic 1000000 0\n");
}

static int seen_time(void) {
    struct timespec now;
    pid_t pid = fork(); /* children to come are in it; the raw call, since the vdso page is the old one's */
    if (pid == 0)
        _exit(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0 && now.tv_sec > 1000000 ? 0 : 1);
    return pid > 0 && km_wait(pid) == 0;
}

static const struct kind kinds[] = {
    {"net", "net", CLONE_NEWNET, mark_net, seen_net},
    {"uts", "uts", CLONE_NEWUTS, mark_uts, seen_uts},
    {"ipc", "ipc", CLONE_NEWIPC, mark_ipc, seen_ipc},
    {"pid", "pid", CLONE_NEWPID, mark_net, seen_pid},
    {"mnt", "mnt", CLONE_NEWNS, mark_mnt, seen_mnt},
    {"user", "user", CLONE_NEWUSER, mark_net, seen_user},
    {"cgroup", "cgroup", CLONE_NEWCGROUP, mark_net, seen_cgroup},
    {"time", "time_for_children", CLONE_NEWTIME, mark_time, seen_time},
};

/* A process that keeps the namespace alive, marked; NULL, or why there is none. */
static const char *hold(const struct kind *kind, pid_t *holder) {
    int ready[2], error = 0;
    if (pipe(ready) < 0)
        km_fail("pipe: %s", strerror(errno));
    /*
     * clone(2) takes no CLONE_NEWTIME (its bit is part of the exit signal), and what is CLONE_NEWCGROUP today
     * was CLONE_STOPPED up to 2.6.37: a child that never runs. For these two unshare(2).
     */
    int by_unshare = kind->flag == CLONE_NEWTIME || kind->flag == CLONE_NEWCGROUP;
    *holder = km_clone(by_unshare ? 0 : kind->flag);
    if (*holder == 0) {
        if ((by_unshare && unshare((int)kind->flag) < 0) || kind->mark() < 0)
            error = errno;
        if (km_write_all(ready[1], &error, sizeof error) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    error = *holder < 0 ? errno : 0;
    close(ready[1]);
    if (*holder > 0 && km_read_all(ready[0], &error, sizeof error) < 0)
        error = ECHILD;
    close(ready[0]);
    if (error && *holder > 0)
        km_kill(*holder);
    return error ? strerror(error) : NULL;
}

/* In a child of its own: it ends up in the other namespace. 0 seen, 1 not seen, else the errno plus 1. */
static void enter(const struct kind *kind, int fd) {
    if (syscall(SYS_setns, fd, 0) < 0)
        _exit(errno + 1);
    _exit(kind->seen() ? 0 : 1);
}

/* Before 3.0 there is no such call, and no file to hand to it: that is said once a kind, as the kernel says
 * it. */
static int there_is_setns(void) {
    return !(syscall(SYS_setns, -1, 0) < 0 && errno == ENOSYS);
}

static void probe(const struct kind *kind) {
    char fact[32], path[64];
    pid_t holder;
    snprintf(fact, sizeof fact, "setns.%s", kind->name);
    if (!there_is_setns()) {
        km_fact(fact, 0, "setns: %s", strerror(ENOSYS));
        return;
    }
    const char *missing = hold(kind, &holder);
    if (missing) {
        km_fact(fact, 0, "no such namespace: %s", missing);
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)holder, kind->file);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        km_fact(fact, 0, "/proc/PID/ns/%s: %s", kind->file, strerror(errno));
        km_kill(holder);
        return;
    }
    pid_t child = fork();
    if (child < 0)
        km_fail("fork: %s", strerror(errno));
    if (child == 0)
        enter(kind, fd);
    int status = km_wait(child), code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    close(fd);
    km_kill(holder);
    if (code == 1)
        km_fact(fact, 0, "setns(%s) = 0, but the process is not in it", kind->file);
    else if (code == 0)
        km_fact(fact, 1, "setns(%s) = 0, and its mark is seen", kind->file);
    else
        km_fact(fact, 0, "setns(%s): %s", kind->file,
                code > 0 ? strerror(code - 1) : "the process was killed");
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    km_must(km_folder(MOUNT_POINT), MOUNT_POINT);
    if (km_link_up("lo") < 0 || !lo_is_up())
        km_note("lo can't be brought up: setns.net can't be told");
    do {
        for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
            probe(&kinds[i]);
        km_iteration_done();
    } while (km_continue());
    return 0;
}

#include "km.h"
#include "km_file.h"
#include "km_netlink.h"
#include "km_probes.h"
#include "km_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEY 0x6b6d6670
#define NAME "km-feature"
#define MOUNT_POINT "/run/km-feature-mnt"

struct kind {
    const char *fact;
    unsigned long flag;
    int (*apart)(void);     /* in the new namespace: 1 if it is another one */
    int (*untouched)(void); /* outside, afterwards: 1 if nothing leaked */
    const char *sign;
};

static char own_cgroup[64];

static int nothing_to_see(void) {
    return 1;
}

static int pid_apart(void) {
    return getpid() == 1;
}

static int mnt_apart(void) {
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount(NAME, MOUNT_POINT, "tmpfs", 0, NULL) == 0 && km_mounted_at(MOUNT_POINT);
}

static int mnt_untouched(void) {
    return !km_mounted_at(MOUNT_POINT);
}

static int uts_apart(void) {
    return sethostname(NAME, strlen(NAME)) == 0;
}

static int uts_untouched(void) {
    struct utsname system;
    return uname(&system) == 0 && strcmp(system.nodename, NAME) != 0;
}

static int ipc_apart(void) {
    return shmget(KEY, 0, 0) < 0 && errno == ENOENT;
}

static int ipc_untouched(void) {
    return shmget(KEY, 0, 0) >= 0;
}

static int lo_is_up(void) {
    return km_link_is_up("lo");
}

static int net_apart(void) {
    return km_link_index("lo") && !lo_is_up();
}

static int user_apart(void) {
    return getuid() != 0; /* up to 3.7 the new namespace keeps root: not what is meant today */
}

static int cgroup_apart(void) {
    char here[64] = "";
    return readlink("/proc/self/ns/cgroup", here, sizeof here - 1) > 0 && strcmp(here, own_cgroup) != 0;
}

/* The raw call, since the vdso's data page is still the old one's */
static int time_apart(void) {
    struct timespec now;
    if (km_write("/proc/self/timens_offsets", "monotonic 1000000 0\n") < 0)
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0 && now.tv_sec > 1000000 ? 0 : 1);
    return pid > 0 && km_wait(pid) == 0;
}

static const struct kind kinds[] = {
    {"namespace.pid", CLONE_NEWPID, pid_apart, nothing_to_see, "pid 1 inside"},
    {"namespace.mnt", CLONE_NEWNS, mnt_apart, mnt_untouched, "a mount inside is not seen outside"},
    {"namespace.uts", CLONE_NEWUTS, uts_apart, uts_untouched, "a hostname inside is not seen outside"},
    {"namespace.ipc", CLONE_NEWIPC, ipc_apart, ipc_untouched, "a segment outside is not seen inside"},
    {"namespace.net", CLONE_NEWNET, net_apart, lo_is_up, "lo is down inside and up outside"},
    {"namespace.user", CLONE_NEWUSER, user_apart, nothing_to_see, "root is not mapped inside"},
    {"namespace.cgroup", CLONE_NEWCGROUP, cgroup_apart, nothing_to_see, "/proc/self/ns/cgroup differs"},
    {"namespace.time", CLONE_NEWTIME, time_apart, nothing_to_see, "the clock inside is another one"},
};

static void probe(const struct kind *kind) {
    /*
     * unshare(2) has no CLONE_NEWPID before 3.8, clone(2) never has CLONE_NEWTIME, and what is
     * CLONE_NEWCGROUP today was CLONE_STOPPED up to 2.6.37: a child that never runs
     */
    int by_unshare = kind->flag == CLONE_NEWTIME || kind->flag == CLONE_NEWCGROUP;
    const char *call = by_unshare ? "unshare" : "clone";
    pid_t pid = km_clone(by_unshare ? 0 : kind->flag);
    if (pid == 0) {
        if (by_unshare && unshare((int)kind->flag) < 0)
            _exit(errno + 1);
        _exit(kind->apart() ? 0 : 1);
    }
    int status = pid < 0 ? (errno + 1) << 8 : km_wait(pid),
        code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code > 1)
        km_fact(kind->fact, km_answer(code - 1), "%s: %s", call, strerror(code - 1));
    else if (code < 0)
        km_fact(kind->fact, 0, "%s = 0, but the process inside was killed", call);
    else if (code == 1 || !kind->untouched())
        km_fact(kind->fact, 0, "%s = 0, but not so: %s", call, kind->sign);
    else
        km_fact(kind->fact, 1, "%s = 0; %s", call, kind->sign);
}

void km_probe_namespaces(void) {
    int segment = shmget(KEY, 4096, IPC_CREAT | 0600);
    km_link_up("lo");
    km_must(km_folder(MOUNT_POINT), MOUNT_POINT);
    if (readlink("/proc/self/ns/cgroup", own_cgroup, sizeof own_cgroup - 1) < 0)
        own_cgroup[0] = 0;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        probe(&kinds[i]);
    if (segment >= 0)
        shmctl(segment, IPC_RMID, NULL);
}

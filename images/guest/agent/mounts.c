#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int mount_on(const char *type, const char *folder, const char *options) {
    mkdir(folder, 0755);
    return mount(type, folder, type, 0, options);
}

static void dev_make(void) {
    static const struct {
        const char *name;
        mode_t mode;
        unsigned major, minor;
    } nodes[] = {
        {"/dev/console", S_IFCHR | 0600, 5, 1}, {"/dev/null", S_IFCHR | 0666, 1, 3},
        {"/dev/zero", S_IFCHR | 0666, 1, 5},    {"/dev/full", S_IFCHR | 0666, 1, 7},
        {"/dev/random", S_IFCHR | 0666, 1, 8},  {"/dev/urandom", S_IFCHR | 0666, 1, 9},
        {"/dev/kmsg", S_IFCHR | 0600, 1, 11},   {"/dev/tty", S_IFCHR | 0666, 5, 0},
        {"/dev/ptmx", S_IFCHR | 0666, 5, 2},    {"/dev/ttyS0", S_IFCHR | 0600, 4, 64},
        {"/dev/ttyS1", S_IFCHR | 0600, 4, 65},
    };
    if (mount_on("devtmpfs", "/dev", "mode=0755") < 0 && mount_on("tmpfs", "/dev", "mode=0755") < 0)
        printf("agent: no /dev: %s\n", strerror(errno));
    for (unsigned i = 0; i < sizeof nodes / sizeof *nodes; i++)
        if (mknod(nodes[i].name, nodes[i].mode, makedev(nodes[i].major, nodes[i].minor)) < 0 &&
            errno != EEXIST)
            printf("agent: %s: %s\n", nodes[i].name, strerror(errno));
    mount_on("devpts", "/dev/pts", "mode=0620,ptmxmode=0666");
    mount_on("tmpfs", "/dev/shm", "mode=1777");
}

/*
 * A version 1 hierarchy for each controller that takes one: the only kind before 4.5, and what container
 * tools of the years under test wrote to. A controller can be in one hierarchy, so what refuses version 1 (a
 * kernel without MEMCG_V1) stays with version 2, which comes last. Workloads find all of them in
 * /proc/mounts.
 */
static void cgroups_mount(void) {
    char line[128], name[48], folder[80];
    int enabled;
    FILE *controllers = fopen("/proc/cgroups", "r");
    if (mount("cgroup", "/cgroup", "tmpfs", 0, "mode=0755") < 0)
        printf("agent: /cgroup: %s\n", strerror(errno));
    while (controllers && fgets(line, sizeof line, controllers)) {
        if (sscanf(line, "%47[a-z0-9_] %*d %*d %d", name, &enabled) != 2 || !enabled)
            continue;
        snprintf(folder, sizeof folder, "/cgroup/%s", name);
        if (mkdir(folder, 0755) == 0 && mount("cgroup", folder, "cgroup", 0, name) < 0)
            rmdir(folder);
    }
    if (controllers)
        fclose(controllers);
    if (mount_on("cgroup2", "/cgroup/unified", NULL) < 0)
        rmdir("/cgroup/unified");
}

void mounts_make(void) {
    umask(0);
    mount_on("proc", "/proc", NULL);
    mount_on("sysfs", "/sys", NULL);
    dev_make();
    mount_on("tmpfs", "/tmp", "mode=1777");
    mount_on("tmpfs", "/run", "mode=0755");
    cgroups_mount();
    umask(022);
}

void sysctls_write(void) {
    /* Names differ by line: softlockup_thresh until 3.5, watchdog_thresh since 2.6.38. Absent ones are
     * skipped. */
    static const char *const settings[][2] = {
        {"/proc/sys/kernel/sysrq", "1"},
        {"/proc/sys/kernel/hung_task_timeout_secs", "60"},
        {"/proc/sys/kernel/hung_task_warnings", "100"},
        {"/proc/sys/kernel/softlockup_thresh", "20"},
        {"/proc/sys/kernel/softlockup_all_cpu_backtrace", "1"},
    };
    for (unsigned i = 0; i < sizeof settings / sizeof *settings; i++) {
        int fd = open(settings[i][0], O_WRONLY);
        if (fd < 0)
            continue;
        if (write(fd, settings[i][1], strlen(settings[i][1])) < 0)
            printf("agent: %s: %s\n", settings[i][0], strerror(errno));
        close(fd);
    }
    klogctl(8, NULL, 8); /* SYSLOG_ACTION_CONSOLE_LEVEL: all there is */
}

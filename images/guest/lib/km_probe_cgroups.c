#include "km.h"
#include "km_cgroup.h"
#include "km_file.h"
#include "km_probes.h"
#include "km_process.h"
#include "km_swap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUP "km-feature"
#define LIMIT_MIB 8
#define SWAP_MIB 8
#define TOUCH_MIB 48

static struct km_cgroup table[KM_CGROUPS_MAX];
static int count;

static const struct km_cgroup *hierarchy_of(const char *controller) {
    for (int i = 0; i < count; i++)
        if (km_cgroup_has(&table[i], controller))
            return &table[i];
    return NULL;
}

static const struct km_cgroup *unified(void) {
    for (int i = 0; i < count; i++)
        if (table[i].version == 2)
            return &table[i];
    return NULL;
}

static int unified_has(const char *controller) {
    char path[128], list[256], *found;
    const struct km_cgroup *hierarchy = unified();
    if (!hierarchy)
        return 0;
    snprintf(path, sizeof path, "%s/cgroup.controllers", hierarchy->mount);
    if (km_read(path, list, sizeof list) < 0 || !(found = strstr(list, controller)))
        return 0;
    return (found == list || found[-1] == ' ') && strchr(" \n", found[strlen(controller)]);
}

/* A group can be made in its hierarchy and holds a process: that is what a controller is for. */
static void probe_controller(const char *name, int enabled) {
    char fact[80];
    const struct km_cgroup *hierarchy = hierarchy_of(name);
    snprintf(fact, sizeof fact, "cgroup.%s", name);
    if (!enabled && !unified_has(name)) {
        km_effect(fact, 0, "/proc/cgroups: enabled 0");
    } else if (!hierarchy) {
        km_fact(fact, unified_has(name),
                unified_has(name) ? "in cgroup.controllers of version 2" : "not mountable");
    } else if (km_cgroup_make(hierarchy, GROUP) < 0 || km_cgroup_add(hierarchy, GROUP, getpid()) < 0 ||
               !km_cgroup_contains(hierarchy, GROUP, getpid())) {
        km_fact(fact, 0, "no group in %s: %s", hierarchy->mount, strerror(errno));
    } else {
        km_fact(fact, 1, "a group in %s holds a process", hierarchy->mount);
    }
    if (hierarchy && km_cgroup_add(hierarchy, ".", getpid()) == 0)
        km_cgroup_remove(hierarchy, GROUP);
}

static void probe_controllers(void) {
    static const char *const expected[] = {"cpuset",  "cpu",     "cpuacct", "memory",
                                           "devices", "freezer", "blkio"};
    char line[160], name[48], seen[600] = " ";
    int enabled;
    FILE *list = fopen("/proc/cgroups", "r");
    while (list && fgets(line, sizeof line, list)) {
        if (sscanf(line, "%47[a-z0-9_] %*d %*d %d", name, &enabled) != 2)
            continue;
        probe_controller(name, enabled);
        if (strlen(seen) + strlen(name) + 2 < sizeof seen)
            strcat(strcat(seen, name), " ");
    }
    for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++) {
        char padded[64], fact[80];
        snprintf(padded, sizeof padded, " %s ", expected[i]);
        snprintf(fact, sizeof fact, "cgroup.%s", expected[i]);
        if (!strstr(seen, padded))
            km_fact(fact, unified_has(expected[i]), "%s /proc/cgroups; version 2 %s it",
                    list ? "not in" : "no", unified_has(expected[i]) ? "has" : "lacks");
    }
    if (list)
        fclose(list);
}

/* Touches page after page and counts MiB where the parent sees it; ends at TOUCH_MIB if nothing stops it. */
static void touch(volatile int *mebibytes) {
    for (; *mebibytes < TOUCH_MIB; ++*mebibytes) {
        char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            _exit(2);
        memset(memory, 1, 1 << 20);
    }
    _exit(0);
}

static int memory_group(const struct km_cgroup **hierarchy) {
    char path[128], bytes[24];
    *hierarchy = hierarchy_of("memory");
    snprintf(bytes, sizeof bytes, "%d", LIMIT_MIB << 20);
    if (*hierarchy)
        return km_cgroup_make(*hierarchy, GROUP) < 0
                   ? -1
                   : km_cgroup_set(*hierarchy, GROUP, "memory.limit_in_bytes", bytes);
    *hierarchy = unified();
    errno = ENODEV;
    if (!*hierarchy || !unified_has("memory"))
        return -1;
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", (*hierarchy)->mount);
    if (km_write(path, "+memory") < 0 || km_cgroup_make(*hierarchy, GROUP) < 0)
        return -1;
    return km_cgroup_set(*hierarchy, GROUP, "memory.max", bytes);
}

/* How a process of the group that touches memory ended: 1 killed, 0 unharmed; and after how much. */
static int touch_in(const struct km_cgroup *hierarchy, int *mebibytes) {
    volatile int *touched = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ((void *)touched == MAP_FAILED)
        km_fail("shared memory: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0) {
        if (km_cgroup_add(hierarchy, GROUP, getpid()) < 0)
            _exit(3);
        touch(touched);
    }
    int status = km_wait(pid);
    *mebibytes = *touched;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
        km_note("a process could not join the group with the memory limit");
    return WIFSIGNALED(status) && WTERMSIG(status) == 9;
}

static void probe_memory_limit(void) {
    const struct km_cgroup *hierarchy;
    int touched;
    if (memory_group(&hierarchy) < 0) {
        km_effect("cgroup.memory.enforced", 0, "no group with a memory limit: %s", strerror(errno));
        return;
    }
    int killed = touch_in(hierarchy, &touched);
    km_effect("cgroup.memory.enforced", killed && touched < TOUCH_MIB,
              "limit %d MiB: a process %s after %d MiB", LIMIT_MIB, killed ? "was killed" : "ended unharmed",
              touched);
    km_cgroup_remove(hierarchy, GROUP);
}

/* Memory and swap together are limited in version 1, swap alone in version 2. */
static int limit_swap(const struct km_cgroup *hierarchy) {
    char bytes[24];
    int unified_one = hierarchy->version == 2;
    snprintf(bytes, sizeof bytes, "%d", (unified_one ? SWAP_MIB : LIMIT_MIB + SWAP_MIB) << 20);
    return km_cgroup_set(hierarchy, GROUP, unified_one ? "memory.swap.max" : "memory.memsw.limit_in_bytes",
                         bytes);
}

/*
 * With swap at hand a process outlives its memory limit. Where swap is counted, too, it is killed when both
 * are used up; where it isn't, it goes on to the end.
 */
static void probe_swap_limit(void) {
    static const char fact[] = "cgroup.memory.swap";
    const struct km_cgroup *hierarchy;
    int touched;
    if (memory_group(&hierarchy) < 0) {
        km_effect(fact, 0, "no group with a memory limit: %s", strerror(errno));
        return;
    }
    if (limit_swap(hierarchy) < 0) {
        km_effect(fact, 0, "no swap limit: %s", strerror(errno));
        km_cgroup_remove(hierarchy, GROUP);
        return;
    }
    const char *missing = km_swap_on(2 * TOUCH_MIB);
    if (missing) {
        km_fact(fact, -1, "a swap limit was accepted; not tried out, no %s: %s", missing, strerror(errno));
    } else {
        int killed = touch_in(hierarchy, &touched);
        km_effect(fact, killed && touched > LIMIT_MIB && touched < TOUCH_MIB,
                  "limit %d MiB and %d of swap: a process %s after %d MiB", LIMIT_MIB, SWAP_MIB,
                  killed ? "was killed" : "ended unharmed", touched);
    }
    km_swap_off();
    km_cgroup_remove(hierarchy, GROUP);
}

void km_probe_memory_limits(void) {
    count = km_cgroups(table);
    probe_memory_limit();
    km_guarded("cgroup.memory.swap", probe_swap_limit);
}

void km_probe_cgroups(void) {
    count = km_cgroups(table);
    probe_controllers();
    const struct km_cgroup *hierarchy = unified();
    if (!hierarchy || km_cgroup_make(hierarchy, GROUP) < 0)
        km_fact("cgroup.v2", 0, hierarchy ? "no group can be made: %s" : "no cgroup2 mount (%s)",
                strerror(errno));
    else
        km_fact("cgroup.v2", km_cgroup_remove(hierarchy, GROUP) == 0, "a group was made in %s",
                hierarchy->mount);
}

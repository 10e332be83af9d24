#include "km_cgroup.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int km_cgroups(struct km_cgroup *table) {
    char line[600], type[32];
    int count = 0;
    FILE *mounts = fopen("/proc/mounts", "r");
    while (mounts && count < KM_CGROUPS_MAX && fgets(line, sizeof line, mounts)) {
        struct km_cgroup *entry = &table[count];
        if (sscanf(line, "%*s %95s %31s %159s", entry->mount, type, entry->controllers) != 3)
            continue;
        entry->version = !strcmp(type, "cgroup2") ? 2 : 1;
        if (entry->version == 2)
            entry->controllers[0] = 0;
        count += !strcmp(type, "cgroup") || !strcmp(type, "cgroup2");
    }
    if (mounts)
        fclose(mounts);
    return count;
}

int km_cgroup_has(const struct km_cgroup *hierarchy, const char *controller) {
    size_t length = strlen(controller);
    for (const char *at = hierarchy->controllers; (at = strstr(at, controller)); at += length)
        if ((at == hierarchy->controllers || at[-1] == ',') && (!at[length] || at[length] == ','))
            return 1;
    return 0;
}

static void path_of(char *out, size_t size, const struct km_cgroup *hierarchy, const char *name,
                    const char *file) {
    snprintf(out, size, "%s/%s%s%s", hierarchy->mount, name, *file ? "/" : "", file);
}

/* A cpuset group without CPUs and memory nodes takes no task (ENOSPC), and starts without. */
static int fill_cpuset(const struct km_cgroup *hierarchy, const char *name) {
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
    char from[256], value[256];
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s/%s", hierarchy->mount, files[i]);
        if (km_read(from, value, sizeof value) < 0 || km_cgroup_set(hierarchy, name, files[i], value) < 0)
            return -1;
    }
    return 0;
}

int km_cgroup_make(const struct km_cgroup *hierarchy, const char *name) {
    char path[256];
    path_of(path, sizeof path, hierarchy, name, "");
    if (mkdir(path, 0755) < 0)
        return -1;
    return km_cgroup_has(hierarchy, "cpuset") ? fill_cpuset(hierarchy, name) : 0;
}

int km_cgroup_set(const struct km_cgroup *hierarchy, const char *name, const char *file, const char *value) {
    char path[256];
    path_of(path, sizeof path, hierarchy, name, file);
    return km_write(path, value);
}

/* cgroup.procs takes writes only since 3.0; tasks always has, in version 1. */
static const char *members_file(const struct km_cgroup *hierarchy) {
    return hierarchy->version == 2 ? "cgroup.procs" : "tasks";
}

int km_cgroup_add(const struct km_cgroup *hierarchy, const char *name, pid_t pid) {
    char text[24];
    snprintf(text, sizeof text, "%d", (int)pid);
    return km_cgroup_set(hierarchy, name, members_file(hierarchy), text);
}

int km_cgroup_contains(const struct km_cgroup *hierarchy, const char *name, pid_t pid) {
    char path[256], line[32];
    int found = 0;
    path_of(path, sizeof path, hierarchy, name, members_file(hierarchy));
    FILE *members = fopen(path, "r");
    while (members && fgets(line, sizeof line, members))
        found |= atoi(line) == (int)pid;
    if (members)
        fclose(members);
    return found;
}

static int removed(void *path) {
    return rmdir(path) == 0 || errno != EBUSY;
}

int km_cgroup_remove(const struct km_cgroup *hierarchy, const char *name) {
    char path[256];
    path_of(path, sizeof path, hierarchy, name, "");
    if (!km_wait_until(removed, path, 20))
        return -1;
    return km_exists(path) ? -1 : 0;
}

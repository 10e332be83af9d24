/* cgroup hierarchies as /proc/mounts lists them; the same calls for version 1 and 2. */
#ifndef KM_CGROUP_H
#define KM_CGROUP_H

#include <sys/types.h>

#define KM_CGROUPS_MAX 20

struct km_cgroup {
    char mount[96];
    char controllers[160]; /* as in the mount options, version 1; "" for version 2 */
    int version;
};

/* Fills the table; the number of hierarchies. */
int km_cgroups(struct km_cgroup *table);
/* 1 if a version 1 hierarchy has this controller. */
int km_cgroup_has(const struct km_cgroup *hierarchy, const char *controller);
/* Makes the group (cpuset filled in from its parent where needed); 0 or -1 with errno. */
int km_cgroup_make(const struct km_cgroup *hierarchy, const char *name);
int km_cgroup_set(const struct km_cgroup *hierarchy, const char *name, const char *file, const char *value);
int km_cgroup_add(const struct km_cgroup *hierarchy, const char *name, pid_t pid);
int km_cgroup_contains(const struct km_cgroup *hierarchy, const char *name, pid_t pid);
/* Removes it, with patience for what the kernel frees late; 0 or -1 with errno. */
int km_cgroup_remove(const struct km_cgroup *hierarchy, const char *name);

#endif

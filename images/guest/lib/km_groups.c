#include "km_groups.h"

#include "km.h"
#include "km_cgroup.h"

static struct km_cgroup hierarchies[KM_CGROUPS_MAX];
static int count;

void km_groups_require(void) {
    if ((count = km_cgroups(hierarchies)) == 0)
        km_unsupported("cgroups: no hierarchy is mounted");
}

void km_groups_make(const char *name, const struct km_limit *limits) {
    for (int i = 0; i < count; i++) {
        km_must(km_cgroup_make(&hierarchies[i], name), hierarchies[i].mount);
        for (const struct km_limit *limit = limits; limit->controller; limit++)
            if (km_cgroup_has(&hierarchies[i], limit->controller))
                km_must(km_cgroup_set(&hierarchies[i], name, limit->file, limit->value), limit->file);
    }
}

void km_groups_add(const char *name, pid_t pid) {
    for (int i = 0; i < count; i++)
        km_must(km_cgroup_add(&hierarchies[i], name, pid), hierarchies[i].mount);
}

void km_groups_check(const char *name, pid_t pid) {
    for (int i = 0; i < count; i++)
        if (!km_cgroup_contains(&hierarchies[i], name, pid))
            km_fail("the group in %s does not contain the container", hierarchies[i].mount);
}

void km_groups_remove(const char *name) {
    for (int i = 0; i < count; i++)
        km_must(km_cgroup_remove(&hierarchies[i], name), "remove the container's group");
}

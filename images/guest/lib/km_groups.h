/* A container's group in every cgroup hierarchy that the machine has mounted. */
#ifndef KM_GROUPS_H
#define KM_GROUPS_H

#include <sys/types.h>

/* What is written into a group where its hierarchy has the controller; a NULL controller ends the list. */
struct km_limit {
    const char *controller, *file, *value;
};

/* Finds the hierarchies; ends the workload as unsupported where there is none. */
void km_groups_require(void);
/* Makes the groups with these limits. Each of these fails the workload where the kernel refuses. */
void km_groups_make(const char *name, const struct km_limit *limits);
void km_groups_add(const char *name, pid_t pid);
void km_groups_check(const char *name, pid_t pid);
void km_groups_remove(const char *name);

#endif

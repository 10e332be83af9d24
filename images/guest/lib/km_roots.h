/*
 * Roots of containers that begin with a userland's files: one row per storage driver in km_roots.c. All of it
 * happens in the calling process's mount namespace, and goes with it.
 */
#ifndef KM_ROOTS_H
#define KM_ROOTS_H

/* Containers at a time where each has a copy of its own. */
#define KM_ROOTS_COPIES_MAX 2

/* Ends the workload as unsupported where the kernel has no such driver. */
void km_roots_require(const char *driver);
/* 1 where each root is a copy of the userland, in memory. */
int km_roots_are_copies(const char *driver);
/*
 * Mounts base/root, with the userland (km_userland_mount) in it; what is written there stays in memory. Fails
 * the workload, or ends it as unsupported with the kernel's own reason.
 */
void km_roots_make(const char *driver, const char *base);

#endif

/*
 * Roots of containers that begin with a userland's files: unions over the disk and copies are rows in
 * km_roots.c, happen in the calling process's mount namespace, and go with it. Snapshots (btrfs,
 * devicemapper) are km_layers.h's: one store per machine with the userland in its first layer, and a layer
 * for each container.
 */
#ifndef KM_ROOTS_H
#define KM_ROOTS_H

/* Containers at a time where each has a copy of its own. */
#define KM_ROOTS_COPIES_MAX 2

/* Ends the workload as unsupported where the kernel has no such driver. */
void km_roots_require(const char *driver);
/* 1 where each root is a copy of the userland, in memory. */
int km_roots_are_copies(const char *driver);
/* Makes the store, where the driver has one: once per machine, before the first container, with the userland
 * mounted. */
void km_roots_open(const char *driver);
/*
 * Mounts base/root, with the userland (km_userland_mount) in it; what is written there stays in memory.
 * Where there is a store, base ends with the container's number. Fails the workload, or ends it as
 * unsupported with the kernel's own reason.
 */
void km_roots_make(const char *driver, const char *base);
/* Gives back what a container's root took of the store, once the container has ended; `base` as it was. */
void km_roots_remove(const char *driver, const char *base);
/* Gives the store back; fails the workload where something of it stays. */
void km_roots_close(const char *driver);

#endif

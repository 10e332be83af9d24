/* What a container of lifecycle's and docker-2013's is, and what it does and checks from inside. */
#ifndef KM_CONTAINER_H
#define KM_CONTAINER_H

#include <stdint.h>
#include <sys/types.h>

#define KM_CONTAINERS "/run/km-lifecycle"
#define KM_HOST_KEY 0x6b6d6b6d /* a SysV segment of the host, which no container may see */

struct km_container {
    char name[24], root[96], host_link[16], inner_link[16];
    const char *storage;
    int to_host[2], to_container[2]; /* one byte a step, each way */
    pid_t pid;
    uint32_t address; /* of the host's end; the container's is the next one */
};

/* 1 if break=STEP asks to leave this step out, to show that the checks notice. */
int km_breaks(const char *step);
/* CLONE_NEW* of all kinds, but those left out by break=. */
unsigned long km_container_flags(void);
/* From inside, each fails the workload where something is not as it should be: private mounts and root/ per
 * storage driver; own pid, host name, SysV IPC and links; root/ as /, with /proc, and nothing left of the
 * host's. */
void km_container_mount_root(const struct km_container *container);
void km_container_check_namespaces(const struct km_container *container);
void km_container_pivot(const struct km_container *container);
/* From outside: the host still has its name, and its mount table no root of the container's. */
void km_container_check_host(const struct km_container *container, const char *hostname);
/*
 * The container's own process, from its clone to its end. Tells the host: m, the root is mounted; n, someone
 * may connect; d, the work is done. Before m, after m and after d it waits for a byte from the host.
 */
void km_container_inside(struct km_container *container) __attribute__((noreturn));

#endif

/* What lifecycle's container is, and all that it does and checks from inside. */
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
/*
 * The container's own process, from its clone to its end. Tells the host: m, the root is mounted; n, someone
 * may connect; d, the work is done. Before m, after m and after d it waits for a byte from the host.
 */
void km_container_inside(struct km_container *container) __attribute__((noreturn));

#endif

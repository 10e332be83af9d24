/*
 * Memory that a machine shares with its host: the one resource of an ivshmem device (docs/specs/ivshmem-spec
 * of QEMU), which sysfs lets user space map on every kernel, without a driver. A serial line takes a byte at
 * a time; this takes any number at once, and the line says where they are. Agent, workload and host each have
 * it mapped or open.
 */
#ifndef KM_EXCHANGE_H
#define KM_EXCHANGE_H

#include <stdint.h>

#define KM_EXCHANGE_FD 5 /* inherited over exec by a workload that is fed */
#define KM_EXCHANGE_SLOT 0x10000
#define KM_EXCHANGE_SLOTS 16
#define KM_EXCHANGE_BYTES (KM_EXCHANGE_SLOTS * KM_EXCHANGE_SLOT)
#define KM_EXCHANGE_INPUT 1  /* the slot for a piece of input */
#define KM_EXCHANGE_OUTPUT 2 /* the first slot for pieces of output, which take turns */

/* At the beginning of slot 0. */
struct km_exchange {
    volatile uint32_t released; /* by the host: pieces of output that it has done with */
};

#endif

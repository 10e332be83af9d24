/* Bytes over TCP between two network namespaces: sent, echoed, compared. */
#ifndef KM_ECHO_H
#define KM_ECHO_H

#include <stdint.h>

/* Listens, calls `listening` once a peer may connect, and sends back what one peer sends. */
void km_echo_serve(void (*listening)(void *), void *argument);
/* Sends random bytes there and fails the workload unless the same come back. */
void km_echo_exchange(uint32_t ipv4_host_order);

#endif

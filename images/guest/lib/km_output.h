/* What a command writes, byte for byte, through the agent to the host. */
#ifndef KM_OUTPUT_H
#define KM_OUTPUT_H

#include <sys/types.h>

/*
 * Sends on what comes from two descriptors, as streams 1 and 2, until the child has ended and nothing waits
 * in either: whatever it left running is not waited for. Its wait status. The descriptors are closed. Call
 * km_output_prepare before the child is made.
 */
void km_output_prepare(void);
int km_output_relay(int out, int err, pid_t child);

#endif

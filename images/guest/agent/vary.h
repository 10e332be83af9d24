#ifndef AGENT_VARY_H
#define AGENT_VARY_H

#include <stdint.h>

/*
 * Leads the machine away from the state that every attempt of a template begins in, as far as the seed says:
 * phase against the timer tick, process ids, free lists of the slabs, free memory. A race that only ever
 * began from one and the same state might be hidden by it.
 */
void vary_machine(uint32_t seed);

/* Gives back the memory that was held for the workload's duration. */
void vary_release(void);

#endif

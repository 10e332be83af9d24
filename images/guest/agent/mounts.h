#ifndef AGENT_MOUNTS_H
#define AGENT_MOUNTS_H

/* Mounts proc, sys, dev, tmp, run and the cgroup
 * hierarchies. */
void mounts_make(void);

/* Console and watchdog settings that make faults visible; none that turns one fault into another. */
void sysctls_write(void);

#endif

#ifndef KM_COMMAND_H
#define KM_COMMAND_H

#include "km_log.h"

/* Call it once in a container's init, before its first command. */
void km_command_prepare(void);
/*
 * Runs a command of the userland's, in / and with its output in the log, and reaps whatever else ends
 * meanwhile: for pid 1. Its wait status. A command that takes longer than so many seconds (0: any time) is
 * killed; one that doesn't end of that either (after an oops, in an uninterruptible wait) is left alone.
 */
#define KM_COMMAND_STUCK (-1)
int km_command(char *const *words, struct km_log *log, double seconds);

#endif

#ifndef RELAY_H
#define RELAY_H

#include "workload.h"

/*
 * Sends one line of a workload's on as a frame, or keeps it as the reason of its end. One that is no sample,
 * fact, output or reason is a note, so that nothing a workload says gets lost. The line is cut to pieces.
 */
void relay_line(struct workload *workload, struct frame_writer *writer, char *line);

#endif

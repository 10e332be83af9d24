#ifndef AGENT_WORKLOAD_H
#define AGENT_WORKLOAD_H

#include "../lib/km_page.h"
#include "feed.h"
#include "frames.h"

#include <sys/types.h>

/* The workload that runs, and what it has said so far. pid is 0 between workloads. */
struct workload {
    pid_t pid;
    int report; /* read end of its pipe */
    int report_ended;
    double started;
    char reason[400];
    char line[1200];
    size_t used;
    struct feed feed; /* of its standard input, where the start frame asks for that */
};

/* Seeds the machine and starts what a start frame names; why not, or NULL. */
const char *workload_start(struct workload *workload, struct km_page *page, const struct span *body);

/* Sends the done of one that wasn't started, for what this kernel lacks. */
void workload_unsupported(struct frame_writer *writer, const char *reason);

/* Turns the lines that wait in the pipe into frames; never blocks. */
void workload_relay(struct workload *workload, struct frame_writer *writer);

/* Sends done for the wait status and ends what is left of its process group. */
void workload_done(struct workload *workload, struct frame_writer *writer, const struct km_page *page,
                   int status);

#endif

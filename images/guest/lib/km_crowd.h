/* Iterations of a workload by several processes at a time. */
#ifndef KM_CROWD_H
#define KM_CROWD_H

#define KM_CROWD_MAX 32

/*
 * Calls `iteration` until km_continue() says no, and counts each; `between` runs in the calling process after
 * each and, with more than one worker, also whenever nothing has ended for `tick_ms` milliseconds. With more
 * than one worker each iteration is one of a worker process's, and what ends one ends the workload.
 */
#define KM_CROWD_NO_TICK (-1)
void km_crowd_run(long workers, void (*iteration)(void *), void (*between)(void *), void *argument,
                  int tick_ms);

#endif

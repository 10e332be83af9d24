/*
 * A multi-threaded runtime like Go's, as far as the kernel can tell: one line of execution that goes on in
 * whichever of its threads is free. Go up to 1.1 and Docker up to August 2014 (no runtime.LockOSThread in its
 * init) did it so.
 */
#ifndef KM_RUNTIME_H
#define KM_RUNTIME_H

#define KM_RUNTIME_THREADS_MAX 16

/*
 * Calls `step` for ever, each time in a thread drawn at random (the caller's own, the leader, is one of
 * them); a step ends all of it by exec or _exit. Only one step runs at a time, so that it need not lock
 * anything.
 */
void km_runtime_run(long threads, void (*step)(void *), void *argument) __attribute__((noreturn));

#endif

/* The threads of the process: stopped for good, and made anew in a copy. */
#ifndef KM_THREADS_H
#define KM_THREADS_H

/* Has stop_threads' signal noted; before the process has threads. */
void watch_threads(void);

/* Stops every thread but the calling one, for ever. @return 0 or a negative errno */
long stop_threads(void);

/* In a copy: makes all that were stopped, each going on where it was. @return 0 or a negative errno */
long revive_threads(void);

/* Runs `work`, which never returns, in a thread of its own that no libc knows of: no thread-local storage, no
 * signal. */
void start_thread(void (*work)(void));

/* Waits for ever. */
__attribute__((noreturn)) void rest(void);

#endif

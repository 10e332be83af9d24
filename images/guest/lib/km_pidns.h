/* The smallest container that has moby#407's ingredients, from its clone to its end. */
#ifndef KM_PIDNS_H
#define KM_PIDNS_H

/*
 * One PID namespace (and what else is in `flags`), whose init runs this program anew from a thread that isn't
 * its leader (or, where by_thread is 0, from the leader), and then `children` short-lived processes. Anything
 * wrong ends the calling process.
 */
void km_pidns_run(unsigned long flags, int by_thread, long children);
/* That init after its exec. main() calls it after km_args(); it returns in every other process. */
void km_pidns_image(void);

#endif

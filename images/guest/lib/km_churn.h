/*
 * What runs beside a workload that has the kernel let go of a mount too early: somebody who takes mounts (so
 * that the memory changes hands at once), and little memory (so that slabs are reused rather than grown).
 *
 * churn=N processes that mount and unmount churn_mounts=M tmpfs in a loop. refused=N processes that ask in a
 * loop for a mount that its file system refuses: vfs_kern_mount() zeroes a struct for it before the file
 * system says no, so that a mount released too early has no root any more, and whoever uses it faults where
 * it does. pressure=MiB of touched memory.
 */
#ifndef KM_CHURN_H
#define KM_CHURN_H

#include <sys/types.h>

#define KM_CHURNERS_MAX 8 /* of each kind */

struct km_churn {
    pid_t pids[2 * KM_CHURNERS_MAX];
    long count;
};

/* Takes the memory and starts the processes, as the arguments say: none by default. */
void km_churn_start(struct km_churn *churn);
/* Ends the workload as a churning process ended: it never does of itself but by failing. */
void km_churn_check(const struct km_churn *churn);
void km_churn_stop(const struct km_churn *churn);

#endif

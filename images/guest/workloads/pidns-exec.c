/*
 * moby#407, the first of its two defects: exec from a thread of a PID namespace's init that is not its
 * leader. de_thread() (fs/exec.c) gives the exec'ing thread the leader's pid and releases the old leader,
 * which carries it too until then. release_task() calls proc_flush_task() (fs/proc/base.c), and up to 3.7
 * that takes the flush of a pid 1 for the namespace's end: pid_ns_release_proc() puts the namespace's
 * internal proc mount (pid_ns->proc_mnt) while the namespace lives on. Every later exit inside flushes
 * through the released mount (d_hash_and_lookup), and the real end of pid 1 puts it a second time (mntput).
 * Mended in 3.8 by 0a01f2cc390e ("pidns: Make the pidns proc mount/umount logic obvious"): the mount goes
 * with the namespace's last hashed pid.
 *
 * arm=thread provokes it; arm=leader is the same program with the exec in the leader, and harmless. On a
 * kernel without slub_debug the released memory has to be taken by someone: churn=, churn_mounts= and
 * pressure= of km_churn.h. children=N short-lived processes per container; containers=N at a time.
 */
#include "km.h"
#include "km_churn.h"
#include "km_crowd.h"
#include "km_namespaces.h"
#include "km_pidns.h"

#include <string.h>

struct workload {
    struct km_churn churn;
    int by_thread;
    long children;
};

static void one_container(void *argument) {
    const struct workload *workload = argument;
    km_pidns_run(0, workload->by_thread, workload->children);
}

static void between_containers(void *argument) {
    km_churn_check(&((struct workload *)argument)->churn);
}

int main(int argc, char **argv) {
    static struct workload workload;
    km_args(argc, argv);
    km_pidns_image();
    workload.by_thread = !strcmp(km_text("arm", "thread"), "thread");
    if (!workload.by_thread && !km_is("arm", "leader"))
        km_fail("arm is thread or leader, not %s", km_text("arm", ""));
    workload.children = km_number("children", 3, 0, 10000);
    km_namespaces_require(CLONE_NEWPID);
    km_churn_start(&workload.churn);
    km_crowd_run(km_number("containers", 1, 1, KM_CROWD_MAX), one_container, between_containers, &workload,
                 KM_CROWD_NO_TICK);
    km_churn_stop(&workload.churn);
    return 0;
}

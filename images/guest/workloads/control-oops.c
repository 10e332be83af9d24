/*
 * Known-bad control: the kmatrix_bad module faults in the function that target= names (d_hash_and_lookup,
 * mntput), or does what else it is told (soft-lockup, hung, warn). The kernel ends the writing process by the
 * oops; the workload that survives it says that its process was killed, which is what a container's user
 * sees.
 */
#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOOR "/proc/kmatrix_bad"

int main(int argc, char **argv) {
    km_args(argc, argv);
    const char *target = km_text("target", "d_hash_and_lookup");
    if (!km_exists(DOOR))
        km_unsupported("the known-bad module is not loaded: no " DOOR);
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0) {
        if (km_write(DOOR, target) < 0)
            km_fail("%s: %s", target, strerror(errno));
        _exit(0);
    }
    km_end_as(km_wait(pid), "the process that asked for the fault");
    km_iteration_done();
    km_note("%s came back", target);
    return 0;
}

/*
 * Known-bad control: a container whose process is killed in the middle of an operation. The container writes
 * a file record by record; the seed chooses the record at which SIGKILL comes. Nothing of this is the
 * kernel's fault: the outcome is operation-killed without a report.
 */
#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORDS 1000

/* Says which record is written, and goes on only when it may: so it is never through before the signal comes.
 */
static void operation(int progress, int permit) {
    char go;
    FILE *file = fopen("/tmp/km-killed", "w");
    if (!file)
        km_fail("/tmp/km-killed: %s", strerror(errno));
    for (int record = 0; record < RECORDS; record++)
        if (fprintf(file, "%d\n", record) < 0 || fflush(file) != 0 ||
            km_write_all(progress, &record, sizeof record) < 0 || km_read_all(permit, &go, 1) < 0)
            km_fail("record %d: %s", record, strerror(errno));
    _exit(0);
}

int main(int argc, char **argv) {
    int fds[2], permits[2], record = -1;
    km_args(argc, argv);
    int last = 10 + (int)(km_random() % (RECORDS / 2));
    if (pipe(fds) < 0 || pipe(permits) < 0)
        km_fail("pipe: %s", strerror(errno));
    pid_t pid = km_clone(CLONE_NEWPID | CLONE_NEWNS);
    if (pid < 0)
        km_unsupported("PID_NS: clone: %s", strerror(errno));
    if (pid == 0)
        operation(fds[1], permits[0]);
    while (record < last)
        if ((record >= 0 && km_write_all(permits[1], "g", 1) < 0) ||
            km_read_all(fds[0], &record, sizeof record) < 0)
            km_fail("the container ended before record %d", last);
    if (kill(pid, SIGKILL) < 0)
        km_fail("kill: %s", strerror(errno));
    km_note("killed the container at record %d of %d", record, RECORDS);
    km_end_as(km_wait(pid), "the container");
    km_fail("the container finished although it was killed");
}

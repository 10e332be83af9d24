#include "km_exec_again.h"

#include "km.h"
#include "km_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STACK_BYTES 65536

static char stack[STACK_BYTES] __attribute__((aligned(64)));
static char *next_words[KM_EXEC_WORDS + 3];

static int exec_self(void *unused) {
    static char tid[32], pid[32];
    int count = 0;
    (void)unused;
    snprintf(tid, sizeof tid, "tid=%d", (int)syscall(SYS_gettid));
    snprintf(pid, sizeof pid, "pid=%d", (int)getpid());
    while (next_words[count])
        count++;
    next_words[count] = tid;
    next_words[count + 1] = pid;
    execv("/proc/self/exe", next_words);
    km_note("the next image can't be run: %s", strerror(errno));
    _exit(125);
}

void km_exec_again(int by_thread, char *const *words) {
    for (int i = 0; words[i]; i++) {
        if (i == KM_EXEC_WORDS)
            km_fail("too many arguments for the next image");
        next_words[i] = words[i];
    }
    if (!by_thread)
        _exit(exec_self(NULL));
    if (km_thread(exec_self, NULL, stack, sizeof stack) < 0)
        km_fail("clone of a thread in the container: %s", strerror(errno));
    for (;;)
        pause(); /* the thread's exec ends this one */
}

void km_exec_check(int by_thread) {
    long tid = km_number("tid", -1, 0, 1 << 22), pid = km_number("pid", -1, 0, 1 << 22);
    if (getpid() != 1 || pid != 1)
        km_fail("the container's init has pid %d, before its exec %ld, not 1", (int)getpid(), pid);
    if (by_thread && tid == 1)
        km_fail("the exec came from the leader, so nothing was provoked");
    if (!by_thread && tid != 1)
        km_fail("the exec of the control arm came from thread %ld, not the leader", tid);
}

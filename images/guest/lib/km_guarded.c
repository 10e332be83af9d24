#include "km.h"
#include "km_probes.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GUARD_SECONDS 30

struct watched {
    pid_t pid;
    int status;
};

static int has_ended(void *argument) {
    struct watched *child = argument;
    return waitpid(child->pid, &child->status, WNOHANG) != 0;
}

void km_guarded(const char *fact, void (*probe)(void)) {
    struct watched child = {fork(), 0};
    if (child.pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (child.pid == 0) {
        probe();
        _exit(0);
    }
    if (!km_wait_until(has_ended, &child, GUARD_SECONDS)) {
        km_fact(fact, -1, "the probe hung for %d s", GUARD_SECONDS);
        kill(child.pid, SIGKILL);
        km_wait_until(has_ended, &child, 2);
    } else if (WIFSIGNALED(child.status)) {
        km_fact(fact, -1, "the probe was killed by signal %d (%s)", WTERMSIG(child.status),
                strsignal(WTERMSIG(child.status)));
    } else if (WEXITSTATUS(child.status)) {
        km_fact(fact, -1, "the probe gave up with status %d", WEXITSTATUS(child.status));
    }
}

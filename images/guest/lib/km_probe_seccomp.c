#include "km.h"
#include "km_probes.h"
#include "km_process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SET_SECCOMP = 22, STRICT = 1, FILTER = 2 };

/* In strict mode anything but read, write and exit ends the process by SIGKILL. */
static void probe_strict(void) {
    pid_t pid = fork();
    if (pid == 0) {
        if (prctl(SET_SECCOMP, STRICT, 0, 0, 0) < 0)
            syscall(SYS_exit, errno);
        syscall(SYS_getppid);
        syscall(SYS_exit, 0);
    }
    if (pid < 0) {
        km_fact("seccomp.strict", -1, "fork: %s", strerror(errno));
        return;
    }
    int status = km_wait(pid);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        km_fact("seccomp.strict", 1, "getppid in strict mode: killed");
    else
        km_fact("seccomp.strict", 0, "prctl(PR_SET_SECCOMP): %s", strerror(WEXITSTATUS(status)));
}

/* A filter of one instruction that lets all pass: return ALLOW. */
static void probe_filter(void) {
    struct {
        uint16_t code;
        uint8_t jt, jf;
        uint32_t k;
    } allow = {0x06, 0, 0, 0x7fff0000u};
    struct {
        unsigned short length;
        void *filter;
    } program = {1, &allow};
    int result = prctl(SET_SECCOMP, FILTER, &program, 0, 0);
    km_fact("seccomp.filter", result == 0, "prctl(PR_SET_SECCOMP, FILTER): %s",
            result ? strerror(errno) : "0");
}

void km_probe_seccomp(void) {
    probe_strict();
    probe_filter();
}

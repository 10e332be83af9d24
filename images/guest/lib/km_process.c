#include "km_process.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t km_clone(unsigned long flags) {
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

pid_t km_thread(int (*body)(void *), void *argument, void *stack, size_t stack_size) {
    return clone(body, (char *)stack + stack_size,
                 CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, argument);
}

int km_wait(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            km_fail("waitpid(%d): %s", (int)pid, strerror(errno));
    return status;
}

void km_kill(pid_t pid) {
    if (kill(pid, SIGKILL) < 0)
        km_fail("kill(%d): %s", (int)pid, strerror(errno));
    km_wait(pid);
}

int km_zombies(void) {
    int count = 0, status;
    while (waitpid(-1, &status, WNOHANG) > 0)
        count++;
    return count;
}

int km_children(long count) {
    int ended = 0;
    for (long child = 0; child < count; child++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        ended += pid > 0 && km_wait(pid) == 0;
    }
    return ended;
}

int km_threads(void) {
    static char status[2048];
    int count = -1;
    if (km_read("/proc/self/status", status, sizeof status) > 0 && strstr(status, "Threads:"))
        sscanf(strstr(status, "Threads:"), "Threads: %d", &count);
    return count;
}

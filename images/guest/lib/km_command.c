#include "km_command.h"

#include "km.h"
#include "km_ended.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 64
#define KILL_SECONDS 10

static char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                              "HOME=/root",
                              "LC_ALL=C",
                              "TERM=dumb",
                              "DEBIAN_FRONTEND=noninteractive",
                              "DEBCONF_NONINTERACTIVE_SEEN=true",
                              NULL};
static int ended;

void km_command_prepare(void) {
    ended = km_ended_pipe();
    km_must(ended, "pipe of ended children");
}

__attribute__((noreturn)) static void become(char *const *words, int output) {
    int input = open("/dev/null", O_RDONLY);
    if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || chdir("/") < 0)
        _exit(126);
    for (int fd = 3; fd < DESCRIPTORS; fd++)
        close(fd);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    environ = environment;
    execvp(words[0], words);
    dprintf(2, "%s: %s\n", words[0], strerror(errno));
    _exit(127);
}

/* What is in the pipe now; 0 once nobody can write into it any more. */
static int take_output(int output, struct km_log *log) {
    char bytes[4096];
    ssize_t got;
    while ((got = read(output, bytes, sizeof bytes)) > 0)
        km_log_add(log, bytes, (size_t)got);
    return got < 0;
}

/* 1 if this child has ended. Others are orphans, which are pid 1's to reap. */
static int reap(pid_t awaited, int *status) {
    pid_t pid;
    int found = 0, any;
    km_ended_drain(ended);
    while ((pid = waitpid(-1, &any, WNOHANG)) > 0)
        if (pid == awaited) {
            *status = any;
            found = 1;
        }
    return found;
}

int km_command(char *const *words, struct km_log *log, double seconds) {
    int pipes[2], status = 0, is_open = 1;
    km_must(pipe2(pipes, O_CLOEXEC), "pipe of a command");
    km_must(fcntl(pipes[0], F_SETFL, O_NONBLOCK), "pipe of a command");
    double end = km_now() + seconds;
    pid_t pid = fork();
    km_must(pid, "fork of a command");
    if (pid == 0)
        become(words, pipes[1]);
    close(pipes[1]);
    while (!reap(pid, &status)) {
        struct pollfd ready[2] = {{ended, POLLIN, 0}, {pipes[0], POLLIN, 0}};
        if (poll(ready, is_open ? 2 : 1, 1000) < 0 && errno != EINTR)
            km_fail("poll of a command: %s", strerror(errno));
        is_open = is_open && take_output(pipes[0], log);
        if (seconds > 0 && km_now() > end)
            kill(pid, SIGKILL);
        if (seconds > 0 && km_now() > end + KILL_SECONDS) {
            close(pipes[0]);
            return KM_COMMAND_STUCK;
        }
    }
    take_output(pipes[0], log);
    close(pipes[0]);
    return status;
}

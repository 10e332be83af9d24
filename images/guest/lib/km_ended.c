#include "km_ended.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static int ended[2];

static void on_child(int signal) {
    int saved = errno;
    (void)signal;
    if (write(ended[1], "", 1) < 0)
        errno = 0; /* full: the loop wakes up anyway */
    errno = saved;
}

int km_ended_pipe(void) {
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    if (pipe2(ended, O_NONBLOCK | O_CLOEXEC) < 0 || sigaction(SIGCHLD, &action, NULL) < 0)
        return -1;
    return ended[0];
}

void km_ended_drain(int fd) {
    char drop[64];
    while (read(fd, drop, sizeof drop) > 0)
        ;
}

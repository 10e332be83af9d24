#include "km_crowd.h"

#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct worker {
    pid_t pid;
    int socket; /* a byte there is one iteration, a byte back its end */
    int busy;
};

static struct worker crowd[KM_CROWD_MAX];

__attribute__((noreturn)) static void work(int socket, void (*iteration)(void *), void *argument) {
    char byte;
    while (km_read_all(socket, &byte, 1) == 0) {
        iteration(argument);
        km_must(km_write_all(socket, &byte, 1), "worker: telling its end");
    }
    _exit(0);
}

static void hire(long number, void (*iteration)(void *), void *argument) {
    int sockets[2];
    km_must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "socketpair of a worker");
    pid_t pid = fork();
    km_must(pid, "fork of a worker");
    if (pid == 0) {
        close(sockets[0]);
        for (long other = 0; other < number; other++)
            close(crowd[other].socket);
        for (long skipped = 0; skipped < number; skipped++)
            km_random(); /* else all of them would do the same at once */
        work(sockets[1], iteration, argument);
    }
    close(sockets[1]);
    crowd[number] = (struct worker){pid, sockets[0], 0};
}

/* The number of iterations under way. Never more are given out than are left. */
static long give_out(long workers) {
    unsigned long long asked = (unsigned long long)km_number("iterations", 0, 0, 0x7fffffffL);
    long busy = 0;
    for (long i = 0; i < workers; i++)
        busy += crowd[i].busy;
    for (long i = 0; i < workers && km_continue(); i++) {
        if (crowd[i].busy || (asked && km_iterations() + (unsigned long long)busy >= asked))
            continue;
        km_must(km_write_all(crowd[i].socket, "g", 1), "telling a worker");
        crowd[i].busy = 1;
        busy++;
    }
    return busy;
}

static void take_back(struct worker *worker) {
    char byte;
    if (km_read_all(worker->socket, &byte, 1) < 0) {
        km_end_as(km_wait(worker->pid), "a worker");
        km_fail("a worker left its work");
    }
    worker->busy = 0;
    km_iteration_done();
}

void km_crowd_run(long workers, void (*iteration)(void *), void (*between)(void *), void *argument,
                  int tick_ms) {
    struct pollfd ready[KM_CROWD_MAX];
    for (; workers == 1 && km_continue(); km_iteration_done(), between(argument))
        iteration(argument);
    if (workers == 1)
        return;
    for (long i = 0; i < workers; i++)
        hire(i, iteration, argument);
    while (give_out(workers) > 0) {
        for (long i = 0; i < workers; i++)
            ready[i] = (struct pollfd){crowd[i].socket, POLLIN, 0};
        if (poll(ready, (nfds_t)workers, tick_ms) < 0 && errno != EINTR)
            km_fail("poll of the workers: %s", strerror(errno));
        for (long i = 0; i < workers; i++)
            if (ready[i].revents)
                take_back(&crowd[i]);
        between(argument);
    }
    for (long i = 0; i < workers; i++) {
        close(crowd[i].socket);
        km_end_as(km_wait(crowd[i].pid), "a worker");
    }
}

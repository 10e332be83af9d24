#include "km_output.h"

#include "km.h"
#include "km_base64.h"
#include "km_ended.h"
#include "km_exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* In base64 it fills a line of the agent's. */
#define CHUNK 768

struct stream {
    int fd; /* -1 once it has ended */
    unsigned long long at;
};

static int ended;      /* km_ended.h */
static char *exchange; /* mapped, or NULL */
static uint32_t given; /* pieces in there, so far */

void km_output_prepare(void) {
    km_must(ended = km_ended_pipe(), "pipe of ended children");
    void *mapped = mmap(NULL, KM_EXCHANGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, KM_EXCHANGE_FD, 0);
    exchange = mapped == MAP_FAILED ? NULL : mapped;
}

/* The slot for the next piece, once the host has done with what was in it. */
static unsigned free_slot(void) {
    const uint32_t turns = KM_EXCHANGE_SLOTS - KM_EXCHANGE_OUTPUT;
    const struct km_exchange *head = (const struct km_exchange *)exchange;
    while (given - head->released >= turns)
        km_sleep_ms(1);
    return KM_EXCHANGE_OUTPUT + given % turns;
}

/* read(2) into the exchange memory or in base64; what it said, and where the bytes are in `place`. */
static ssize_t take(int fd, char *place, size_t size) {
    unsigned char bytes[CHUNK];
    if (!exchange) {
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got > 0)
            km_base64(bytes, (size_t)got, place);
        return got;
    }
    unsigned slot = free_slot();
    ssize_t got = read(fd, exchange + slot * KM_EXCHANGE_SLOT, KM_EXCHANGE_SLOT);
    if (got > 0) {
        given++;
        snprintf(place, size, "%u:%zd", slot, got);
    }
    return got;
}

/* 1 if a chunk went on, 0 if none waits. */
static int send_on(struct stream *stream, int number) {
    char place[CHUNK / 3 * 4 + 1];
    if (stream->fd < 0)
        return 0;
    ssize_t got = take(stream->fd, place, sizeof place);
    if (got > 0) {
        km_output(number, stream->at, place);
        stream->at += (unsigned long long)got;
        return 1;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(stream->fd);
        stream->fd = -1;
    }
    return 0;
}

/* What waits now, and nothing that is written after. */
static void send_rest(struct stream *stream, int number) {
    int waits = 0;
    if (stream->fd < 0 || ioctl(stream->fd, FIONREAD, &waits) < 0)
        return;
    for (unsigned long long end = stream->at + (unsigned long long)waits; stream->at < end;)
        if (!send_on(stream, number))
            return;
}

int km_output_relay(int out, int err, pid_t child) {
    struct stream streams[2] = {{out, 0}, {err, 0}};
    int status = 0;
    for (int i = 0; i < 2; i++)
        km_must(fcntl(streams[i].fd, F_SETFL, O_NONBLOCK), "fcntl");
    for (pid_t reaped = 0; reaped != child;) {
        struct pollfd wait[3] = {
            {streams[0].fd, POLLIN, 0},
            {streams[1].fd, POLLIN, 0},
            {ended, POLLIN, 0},
        };
        if (poll(wait, 3, -1) < 0 && errno != EINTR)
            km_fail("poll: %s", strerror(errno));
        km_ended_drain(ended);
        if ((reaped = waitpid(child, &status, WNOHANG)) < 0)
            km_fail("waitpid: %s", strerror(errno));
        for (int i = 0; i < 2; i++)
            reaped == child ? send_rest(&streams[i], i + 1) : (void)send_on(&streams[i], i + 1);
    }
    return status;
}

/*
 * A host program: feeds a pipe through the agent's feed.c as a host would that repeats itself, skips ahead
 * and sends garbage, and reads it at its leisure. What comes out must be what went in. Built with sanitizers
 * by tests/guest/build/build-guest.test.ts.
 */
#include "../lib/km_base64.h"
#include "crc32.h"
#include "feed.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STREAM 400000

static uint32_t state;
static unsigned char sent[STREAM], came[STREAM];
static size_t received;
static unsigned char *exchange;
static int exchange_fd;

static uint32_t next(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

/* In base64, or through the exchange memory; one of twenty comes to harm on the way. */
static const char *give(struct feed *feed, struct frame_writer *writer, size_t at, size_t length, int end) {
    static char body[8000], data[6000];
    struct span span = {body, 0};
    int is_shared = length > FEED_CHUNK || next(2), comes_to_harm = next(20) == 0 && length;
    if (is_shared) {
        unsigned char *slot = exchange + KM_EXCHANGE_INPUT * KM_EXCHANGE_SLOT;
        memcpy(slot, sent + at, length);
        if (comes_to_harm)
            slot[next((uint32_t)length)] ^= (unsigned char)(1 + next(255));
        span.length = (size_t)snprintf(
            body, sizeof body,
            "{\"type\":\"shared-input\",\"at\":%zu,\"length\":%zu,\"crc\":\"%08x\",\"end\":%s}", at, length,
            (unsigned)crc32_of((const char *)sent + at, length), end ? "true" : "false");
    } else {
        km_base64(sent + at, length, data);
        if (comes_to_harm)
            data[next((uint32_t)strlen(data))] = '*';
        span.length =
            (size_t)snprintf(body, sizeof body, "{\"type\":\"input\",\"at\":%zu,\"data\":\"%s\",\"end\":%s}",
                             at, data, end ? "true" : "false");
    }
    return feed_take(feed, writer, &span);
}

static void drain(int pipe) {
    ssize_t got = read(pipe, came + received, next(70000) % (STREAM - received + 1));
    received += got > 0 ? (size_t)got : 0;
}

/* One stream, whole; 0 if it came through. */
static int carry(void) {
    static struct feed feed;
    struct frame_writer writer = {open("/dev/null", O_WRONLY), "agent", 0};
    int ends[2];
    size_t total = 1 + next(STREAM - 1);
    if (pipe(ends) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0)
        return 1;
    for (size_t i = 0; i < total; i++)
        sent[i] = (unsigned char)next(256);
    received = 0;
    feed_begin(&feed, ends[1], exchange_fd);
    while (feed.pipe > 0) {
        size_t at = (size_t)feed.bytes, left = total - at,
               length = next(next(2) ? FEED_CHUNK + 1 : KM_EXCHANGE_SLOT + 1);
        length = length < left ? length : left;
        if (next(10) == 0)
            give(&feed, &writer, next((uint32_t)total), 1, 0); /* one that was there, or isn't due */
        else
            give(&feed, &writer, at, length, length == left);
        if (next(3) == 0)
            drain(ends[0]);
        if (feed_waits(&feed))
            feed_push(&feed, &writer);
    }
    for (size_t before = received + 1; before != received && received < total;) {
        before = received;
        for (int tries = 0; tries < 10 && received == before; tries++)
            drain(ends[0]);
    }
    close(ends[0]);
    close(writer.fd);
    feed_end(&feed);
    return received != total || memcmp(sent, came, total);
}

/* Nobody reads: said, and no signal that ends the agent (PID 1 has none; here it is ignored). */
static int gone(void) {
    struct feed feed;
    struct frame_writer writer = {open("/dev/null", O_WRONLY), "agent", 0};
    int ends[2];
    if (pipe(ends) < 0)
        return 1;
    close(ends[0]);
    feed_begin(&feed, ends[1], -1);
    while (feed.pipe > 0) {
        struct span span = {"{\"at\":0,\"data\":\"QUJD\",\"end\":false}", 0};
        span.length = strlen(span.at);
        feed_take(&feed, &writer, &span);
    }
    close(writer.fd);
    return feed.bytes != 0;
}

int main(int argc, char **argv) {
    unsigned char out[4];
    long rounds = argc > 1 ? atol(argv[1]) : 10;
    state = argc > 2 ? (uint32_t)atol(argv[2]) * 2654435761u + 1 : 1;
    signal(SIGPIPE, SIG_IGN);
    exchange_fd = fileno(tmpfile());
    if (ftruncate(exchange_fd, KM_EXCHANGE_BYTES) < 0)
        return 1;
    exchange = mmap(NULL, KM_EXCHANGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, exchange_fd, 0);
    if (exchange == MAP_FAILED)
        return 1;
    for (long round = 0; round < rounds; round++)
        if (carry() || gone())
            return 1;
    /* too long, too short, padded wrongly */
    static const char *const wrong[] = {"AAAAAAAA", "A", "AAA", "A===", "====", "AA=A", "AAA\n", "AA A"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (feed_decode(wrong[i], strlen(wrong[i]), out, sizeof out) >= 0)
            return 2;
    printf("%ld streams came through\n", rounds);
    return 0;
}

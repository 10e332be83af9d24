#include "feed.h"

#include "crc32.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void feed_begin(struct feed *feed, int pipe, int exchange) {
    memset(feed, 0, sizeof *feed);
    feed->pipe = pipe;
    void *mapped =
        exchange < 0 ? MAP_FAILED : mmap(NULL, KM_EXCHANGE_BYTES, PROT_READ, MAP_SHARED, exchange, 0);
    feed->exchange = mapped == MAP_FAILED ? NULL : mapped;
}

static void feed_close(struct feed *feed) {
    if (feed->pipe > 0)
        close(feed->pipe);
    feed->pipe = 0;
    feed->used = feed->written = 0;
}

void feed_end(struct feed *feed) {
    feed_close(feed);
    if (feed->exchange)
        munmap((void *)(uintptr_t)feed->exchange, KM_EXCHANGE_BYTES);
    feed->exchange = NULL;
}

int feed_waits(const struct feed *feed) {
    return feed->pipe > 0 && feed->written < feed->used;
}

static void say_taken(const struct feed *feed, struct frame_writer *writer) {
    struct frame frame;
    frame_begin(&frame, "taken");
    frame_whole(&frame, "bytes", (long long)feed->bytes);
    frame_raw(&frame, "closed", feed->pipe > 0 ? "false" : "true");
    frame_raw(&frame, "exchange", feed->exchange ? "true" : "false");
    frame_send(writer, &frame);
}

static int digit_of(char letter) {
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

long feed_decode(const char *text, size_t length, unsigned char *out, size_t size) {
    size_t used = 0;
    uint32_t bits = 0;
    if (length % 4)
        return -1;
    while (length && text[length - 1] == '=' && length % 4 != 2)
        length--;
    for (size_t at = 0; at < length; at++) {
        int digit = digit_of(text[at]);
        if (digit < 0)
            return -1;
        bits = bits << 6 | (uint32_t)digit;
        if (at % 4 == 0)
            continue;
        if (used == size)
            return -1;
        out[used++] = (unsigned char)(bits >> (6 - 2 * (at % 4)));
    }
    return (long)used;
}

/* A piece in the exchange memory, or one in base64; why it is refused, or NULL. */
static const char *chunk_of(struct feed *feed, const struct json_member *members, int count) {
    const struct json_member *data = json_find(members, count, "data");
    long long length = json_whole(json_find(members, count, "length"));
    char crc[16];
    if (data && data->kind == JSON_STRING) {
        long used = feed_decode(data->value, data->length, feed->chunk, sizeof feed->chunk);
        feed->from = feed->chunk;
        feed->used = used < 0 ? 0 : (size_t)used;
        return used < 0 ? "input that is no base64" : NULL;
    }
    if (length < 0 || length > KM_EXCHANGE_SLOT ||
        json_text(json_find(members, count, "crc"), crc, sizeof crc) < 0)
        return "input without data";
    if (!feed->exchange)
        return "no exchange memory";
    const unsigned char *from = feed->exchange + KM_EXCHANGE_INPUT * KM_EXCHANGE_SLOT;
    if (strtoul(crc, NULL, 16) != crc32_of((const char *)from, (size_t)length))
        return "crc of the input differs";
    feed->from = from;
    feed->used = (size_t)length;
    return NULL;
}

const char *feed_take(struct feed *feed, struct frame_writer *writer, const struct span *body) {
    struct json_member members[8];
    int count = json_object(body->at, body->length, members, 8);
    if (count < 0)
        count = 0;
    const struct json_member *end = json_find(members, count, "end");
    long long at = json_whole(json_find(members, count, "at"));
    if (at < 0)
        return "input of no place";
    if (feed_waits(feed))
        return NULL; /* sent again by a host that has no patience */
    if (feed->pipe <= 0 || (unsigned long long)at < feed->bytes) {
        say_taken(feed, writer);
        return NULL;
    }
    if ((unsigned long long)at > feed->bytes)
        return "input with a gap";
    const char *wrong = chunk_of(feed, members, count);
    if (wrong)
        return wrong;
    feed->written = 0;
    feed->ends = end && end->kind == JSON_LITERAL && end->length == 4;
    feed_push(feed, writer);
    return NULL;
}

void feed_push(struct feed *feed, struct frame_writer *writer) {
    while (feed_waits(feed)) {
        ssize_t wrote = write(feed->pipe, feed->from + feed->written, feed->used - feed->written);
        if (wrote > 0)
            feed->written += (size_t)wrote;
        else if (wrote < 0 && errno == EAGAIN)
            return;
        else if (wrote < 0 && errno != EINTR)
            feed_close(feed); /* nobody reads any more */
    }
    feed->bytes += feed->used;
    feed->used = feed->written = 0;
    if (feed->ends)
        feed_close(feed);
    say_taken(feed, writer);
}

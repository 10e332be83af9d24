#include "feed.h"

#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void feed_begin(struct feed *feed, int pipe) {
    memset(feed, 0, sizeof *feed);
    feed->pipe = pipe;
}

void feed_close(struct feed *feed) {
    if (feed->pipe > 0)
        close(feed->pipe);
    feed->pipe = 0;
    feed->used = feed->written = 0;
}

int feed_waits(const struct feed *feed) {
    return feed->pipe > 0 && feed->written < feed->used;
}

static void say_taken(const struct feed *feed, struct frame_writer *writer) {
    struct frame frame;
    frame_begin(&frame, "taken");
    frame_whole(&frame, "bytes", (long long)feed->bytes);
    frame_raw(&frame, "closed", feed->pipe > 0 ? "false" : "true");
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

const char *feed_take(struct feed *feed, struct frame_writer *writer, const struct span *body) {
    struct json_member members[8];
    int count = json_object(body->at, body->length, members, 8);
    const struct json_member *data = json_find(members, count < 0 ? 0 : count, "data");
    const struct json_member *end = json_find(members, count < 0 ? 0 : count, "end");
    long long at = json_whole(json_find(members, count < 0 ? 0 : count, "at"));
    if (!data || data->kind != JSON_STRING || at < 0)
        return "input without at and data";
    if (feed_waits(feed))
        return NULL; /* sent again by a host that has no patience */
    if (feed->pipe <= 0 || (unsigned long long)at < feed->bytes) {
        say_taken(feed, writer);
        return NULL;
    }
    if ((unsigned long long)at > feed->bytes)
        return "input with a gap";
    long used = feed_decode(data->value, data->length, feed->chunk, sizeof feed->chunk);
    if (used < 0)
        return "input that is no base64";
    feed->used = (size_t)used;
    feed->written = 0;
    feed->ends = end && end->kind == JSON_LITERAL && end->length == 4;
    feed_push(feed, writer);
    return NULL;
}

void feed_push(struct feed *feed, struct frame_writer *writer) {
    while (feed_waits(feed)) {
        ssize_t wrote = write(feed->pipe, feed->chunk + feed->written, feed->used - feed->written);
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

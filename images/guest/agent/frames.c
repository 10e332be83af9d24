#include "frames.h"

#include "crc32.h"
#include "json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends all of it or nothing, so that the body stays JSON; one byte is kept for the closing brace. */
__attribute__((format(printf, 2, 3))) static void append(struct frame *frame, const char *format, ...) {
    size_t room = sizeof frame->body - frame->used - 1;
    va_list list;
    va_start(list, format);
    int length = vsnprintf(frame->body + frame->used, room, format, list);
    va_end(list);
    if (length > 0 && (size_t)length < room)
        frame->used += (size_t)length;
}

void frame_begin(struct frame *frame, const char *type) {
    frame->used = 0;
    append(frame, "{\"type\":\"%s\"", type);
}

void frame_string(struct frame *frame, const char *key, const char *text) {
    char escaped[900];
    json_escape(text, escaped, sizeof escaped);
    append(frame, ",\"%s\":\"%s\"", key, escaped);
}

void frame_whole(struct frame *frame, const char *key, long long value) {
    append(frame, ",\"%s\":%lld", key, value);
}

void frame_seconds(struct frame *frame, const char *key, double seconds) {
    append(frame, ",\"%s\":%.3f", key, seconds);
}

void frame_raw(struct frame *frame, const char *key, const char *json) {
    append(frame, ",\"%s\":%s", key, json);
}

/*
 * One write() a frame: tty_write() holds the terminal's atomic_write_lock through a call, so that lines of
 * two writers never mix as long as each is one call.
 */
void frame_send(struct frame_writer *writer, struct frame *frame) {
    char line[FRAME_MAX];
    frame_string(frame, "from", writer->from);
    frame->body[frame->used++] = '}';
    frame->body[frame->used] = 0;
    int length = snprintf(line, sizeof line, "{\"n\":%lu,\"crc\":\"%08x\",\"body\":%s}\n", ++writer->n,
                          (unsigned)crc32_of(frame->body, frame->used), frame->body);
    if (length < 0 || (size_t)length >= sizeof line)
        return;
    for (size_t done = 0; done < (size_t)length;) {
        ssize_t wrote = write(writer->fd, line + done, (size_t)length - done);
        if (wrote < 0 && errno != EINTR)
            return; /* nobody is left to tell */
        if (wrote > 0)
            done += (size_t)wrote;
    }
}

const char *frame_parse(const char *line, size_t length, struct span *body) {
    struct json_member members[4];
    char text[16], *stop;
    int count = json_object(line, length, members, 4);
    if (count < 0)
        return "not a JSON object";
    const struct json_member *crc = json_find(members, count, "crc");
    const struct json_member *found = json_find(members, count, "body");
    if (!found || found->kind != JSON_OBJECT)
        return "no body";
    if (!crc || crc->length != 8 || json_text(crc, text, sizeof text) < 0)
        return "no crc";
    if (strtoul(text, &stop, 16) != crc32_of(found->value, found->length) || *stop)
        return "crc differs";
    body->at = found->value;
    body->length = found->length;
    return NULL;
}

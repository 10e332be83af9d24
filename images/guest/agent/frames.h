/* Frames of images/guest/PROTOCOL.md, out and in. */
#ifndef AGENT_FRAMES_H
#define AGENT_FRAMES_H

#include <stddef.h>

#define FRAME_MAX 2048

/* One writer of frames: the agent and its heartbeat are two, each with a count of its own. */
struct frame_writer {
    int fd;
    const char *from;
    unsigned long n;
};

/* A body under construction: frame_begin, then members, then frame_send. Too much text is cut, never overrun.
 */
struct frame {
    char body[FRAME_MAX - 64];
    size_t used;
};

void frame_begin(struct frame *frame, const char *type);
void frame_string(struct frame *frame, const char *key, const char *text);
void frame_whole(struct frame *frame, const char *key, long long value);
void frame_seconds(struct frame *frame, const char *key, double seconds);
/* Text that is JSON already: a number, true, false, a list. */
void frame_raw(struct frame *frame, const char *key, const char *json);
void frame_send(struct frame_writer *writer, struct frame *frame);

struct span {
    const char *at;
    size_t length;
};

/* The body of a line that is a whole frame with the right CRC; else NULL, or why not. */
const char *frame_parse(const char *line, size_t length, struct span *body);

#endif

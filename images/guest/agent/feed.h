/* What the host sends to a workload's standard input: a stream in chunks, of which one at a time is on its
 * way. */
#ifndef AGENT_FEED_H
#define AGENT_FEED_H

#include "../lib/km_exchange.h"
#include "frames.h"

#include <stdint.h>

/* A line to the guest (4,096 bytes) holds no more in base64. */
#define FEED_CHUNK 3000

struct feed {
    int pipe;                      /* its write end, never blocking; 0 where nothing is fed */
    const unsigned char *exchange; /* mapped, or NULL */
    const unsigned char *from;     /* where the chunk is: in there, or here */
    unsigned char chunk[FEED_CHUNK];
    size_t used, written;
    unsigned long long bytes; /* of the stream, that the pipe took */
    int ends;                 /* the chunk is the last one */
};

/* From here on the pipe is this one's to close; the exchange memory's descriptor, or -1, is not. */
void feed_begin(struct feed *feed, int pipe, int exchange);

/* Takes an input frame's body; why it is refused, or NULL. A chunk that came before is taken as often as it
 * comes. */
const char *feed_take(struct feed *feed, struct frame_writer *writer, const struct span *body);

/* Whether the pipe has to be polled for room. */
int feed_waits(const struct feed *feed);

/* Writes what the pipe has room for; says taken once that was the whole chunk. */
void feed_push(struct feed *feed, struct frame_writer *writer);

/* Closes the pipe and gives the exchange memory back. */
void feed_end(struct feed *feed);

/* Bytes of base64 text without blanks, or -1 where it is none or does not fit. */
long feed_decode(const char *text, size_t length, unsigned char *out, size_t size);

#endif

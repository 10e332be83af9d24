/* What commands in a container said: the end of it in memory, the beginning in a file. */
#ifndef KM_LOG_H
#define KM_LOG_H

#include <stddef.h>

#define KM_LOG_BYTES 65536

struct km_log {
    char text[KM_LOG_BYTES + 1];
    size_t used;
    int file; /* -1 for none */
    size_t in_file;
};

/* Empties it, and begins the file where there is to be one. */
void km_log_begin(struct km_log *log, const char *path);
void km_log_add(struct km_log *log, const char *bytes, size_t length);
/* The last lines, at most `lines` of them. */
const char *km_log_tail(const struct km_log *log, int lines);
/* Each of the last lines as a note that begins with `start`. */
void km_log_notes(const struct km_log *log, const char *start, int lines);

/* A process that was killed, as apt, dpkg and shells tell of it. */
struct km_victim {
    char name[120];
    int signal;
    int is_told; /* 0: that it was killed is all they say, and the signal is taken for SIGKILL */
};

/* The first one in a text; 0 where it tells of none. */
int km_log_victim(const char *text, struct km_victim *victim);

#endif

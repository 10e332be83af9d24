#include "km_log.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX 0x100000
#define SIGNALS 32

void km_log_begin(struct km_log *log, const char *path) {
    log->used = log->in_file = 0;
    log->text[0] = 0;
    log->file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (path && log->file < 0)
        km_fail("%s: %s", path, strerror(errno));
}

void km_log_add(struct km_log *log, const char *bytes, size_t length) {
    if (log->file >= 0 && log->in_file + length <= FILE_BYTES_MAX &&
        km_write_all(log->file, bytes, length) == 0)
        log->in_file += length;
    if (length > KM_LOG_BYTES) {
        bytes += length - KM_LOG_BYTES;
        length = KM_LOG_BYTES;
    }
    if (log->used + length > KM_LOG_BYTES) {
        size_t dropped = log->used + length - KM_LOG_BYTES;
        memmove(log->text, log->text + dropped, log->used - dropped);
        log->used -= dropped;
    }
    for (size_t i = 0; i < length; i++)
        log->text[log->used++] = bytes[i] ? bytes[i] : '?';
    log->text[log->used] = 0;
}

const char *km_log_tail(const struct km_log *log, int lines) {
    const char *at = log->text + log->used;
    if (at > log->text && at[-1] == '\n')
        at--;
    while (at > log->text && (at[-1] != '\n' || --lines > 0))
        at--;
    return at;
}

void km_log_notes(const struct km_log *log, const char *start, int lines) {
    for (const char *at = km_log_tail(log, lines); *at;) {
        size_t length = strcspn(at, "\n");
        km_note("%s%.*s", start, (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static int signal_of(const char *name) {
    char word[80];
    for (int number = 1; number < SIGNALS; number++) {
        snprintf(word, sizeof word, "(%s)", strsignal(number));
        if (!strncmp(name, word, strlen(word)))
            return number;
    }
    return 0;
}

/* What stands before `end` in a line, without what apt and dpkg begin and end it with. */
static void name_before(char *out, size_t size, const char *line, const char *end) {
    static const char *const starts[] = {" ", "E: ", "dpkg: ", "error: ", "subprocess ", "Sub-process "};
    static const char ending[] = " subprocess";
    for (unsigned i = 0; i < sizeof starts / sizeof *starts; i++)
        while (!strncmp(line, starts[i], strlen(starts[i])))
            line += strlen(starts[i]);
    size_t length = line < end ? (size_t)(end - line) : 0;
    if (length > sizeof ending - 1 && !strncmp(end - (sizeof ending - 1), ending, sizeof ending - 1))
        length -= sizeof ending - 1;
    snprintf(out, size, "%.*s", (int)length, line);
}

/*
 * apt: "Sub-process NAME received a segmentation fault.", "... received signal N.", and of dpkg, which any
 * other signal killed, only that it "exited unexpectedly": SIGKILL, as far as can be known; dpkg: "NAME
 * subprocess was killed by signal (Killed)"; a shell's status over 128 is that of a command that was killed:
 * "NAME subprocess returned error exit status 139".
 */
enum way { SEGV, UNTOLD, NUMBER, NAME, STATUS };

static int signal_told(enum way way, const char *value) {
    switch (way) {
    case SEGV:
        return SIGSEGV;
    case UNTOLD:
        return SIGKILL;
    case NAME:
        return signal_of(value);
    case STATUS:
        return atoi(value) - 128;
    default:
        return atoi(value);
    }
}

static int victim_in(const char *line, struct km_victim *victim) {
    static const struct {
        const char *words;
        enum way way;
    } ways[] = {{" received a segmentation fault", SEGV},
                {" exited unexpectedly", UNTOLD},
                {" received signal ", NUMBER},
                {" was killed by signal ", NAME},
                {" returned error exit status ", STATUS}};
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *at = strstr(line, ways[i].words);
        if (!at)
            continue;
        int number = signal_told(ways[i].way, at + strlen(ways[i].words));
        if (number < 1 || number >= SIGNALS)
            continue;
        victim->signal = number;
        victim->is_told = ways[i].way != UNTOLD;
        name_before(victim->name, sizeof victim->name, line, at);
        return 1;
    }
    return 0;
}

int km_log_victim(const char *text, struct km_victim *victim) {
    char line[400];
    while (*text) {
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        if (victim_in(line, victim))
            return 1;
        text += length + (text[length] == '\n');
    }
    return 0;
}

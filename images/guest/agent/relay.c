#include "relay.h"

#include "calibrate.h"
#include "crc32.h"
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Splits at tabs, in place; the number of fields. */
static int split(char *line, char *fields[], int max) {
    int count = 1;
    fields[0] = line;
    while (count < max && (line = strchr(line, '\t'))) {
        *line++ = 0;
        fields[count++] = line;
    }
    return count;
}

static int is_number(const char *text) {
    char *end;
    double value = strtod(text, &end);
    return *text && !*end && value == value && value - value == 0 &&
           strspn(text, "-0123456789.e+") == strlen(text);
}

static int send_fact(struct frame *frame, char *fields[]) {
    const char *kind = fields[2], *value = fields[3];
    frame_begin(frame, "fact");
    frame_string(frame, "name", fields[1]);
    int module = !strcmp(kind, "module");
    if (!strcmp(kind, "bool"))
        frame_raw(frame, "value", strcmp(value, "true") ? "false" : "true");
    else if (module || !strcmp(kind, "part")) {
        frame_raw(frame, "value",
                  module || !strcmp(value, "built-in") ? "true"
                  : !strcmp(value, "not-probed")       ? "null"
                                                       : "false");
        frame_string(frame, "module", module ? value : "");
    } else if (!strcmp(kind, "number") && is_number(value))
        frame_raw(frame, "value", value);
    else
        frame_string(frame, "value", value);
    frame_string(frame, "evidence", fields[4]);
    return 1;
}

/*
 * "output STREAM AT BASE64", or "output STREAM AT SLOT:LENGTH" in the exchange memory: what a command wrote,
 * which the host puts together again.
 */
static int send_output(const struct feed *feed, struct frame *frame, char *fields[]) {
    static const char *const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    char quoted[sizeof((struct workload *)0)->line + 2];
    unsigned slot, length;
    if (!is_number(fields[1]) || !is_number(fields[2]))
        return 0;
    int is_shared = feed->exchange && strchr(fields[3], ':');
    frame_begin(frame, is_shared ? "shared-output" : "output");
    frame_raw(frame, "stream", fields[1]);
    frame_raw(frame, "at", fields[2]);
    if (is_shared && sscanf(fields[3], "%u:%u", &slot, &length) == 2) {
        if (slot >= KM_EXCHANGE_SLOTS || length > KM_EXCHANGE_SLOT)
            return 0;
        const char *bytes = (const char *)feed->exchange + slot * KM_EXCHANGE_SLOT;
        snprintf(quoted, sizeof quoted, "%08x", (unsigned)crc32_of(bytes, length));
        frame_whole(frame, "slot", slot);
        frame_whole(frame, "length", length);
        frame_string(frame, "crc", quoted);
        return 1;
    }
    if (fields[3][strspn(fields[3], base64)])
        return 0;
    snprintf(quoted, sizeof quoted, "\"%s\"", fields[3]);
    frame_raw(frame, "data", quoted);
    return 1;
}

void relay_line(struct workload *workload, struct frame_writer *writer, char *line) {
    char whole[sizeof workload->line], *fields[5];
    struct frame frame;
    strcpy(whole, line);
    int count = split(line, fields, 5);
    if (!strcmp(fields[0], "reason") && count >= 2) {
        if (!workload->reason[0])
            snprintf(workload->reason, sizeof workload->reason, "%.390s", whole + strlen("reason\t"));
        return;
    }
    if (!strcmp(fields[0], "sample") && count == 3 && is_number(fields[2])) {
        frame_begin(&frame, "sample");
        frame_string(&frame, "name", fields[1]);
        frame_raw(&frame, "value", fields[2]);
        frame_seconds(&frame, "uptime", uptime_seconds());
    } else if ((strcmp(fields[0], "fact") || count != 5 || !send_fact(&frame, fields)) &&
               (strcmp(fields[0], "output") || count != 4 || !send_output(&workload->feed, &frame, fields))) {
        frame_begin(&frame, "note");
        frame_string(&frame, "text",
                     !strcmp(fields[0], "note") && count > 1 ? whole + strlen("note\t") : whole);
    }
    frame_send(writer, &frame);
}

#include "km_kernel_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>

#define READ_ALL 3 /* syslog(2) */
#define LINE 240

static char marked[LINE];

/* The last line with the word, and the first one after the marked line. Times and all: two lines of the same
 * words differ by them, on kernels that print times. */
static void find(const char *word, char *last, char *first) {
    static char log[65536];
    int length = klogctl(READ_ALL, log, sizeof log - 1);
    *last = *first = 0;
    log[length > 0 ? length : 0] = 0;
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
        if (!strstr(line, word))
            continue;
        snprintf(last, LINE, "%s", line);
        if (marked[0] && !strcmp(last, marked))
            *first = 0;
        else if (!*first)
            snprintf(first, LINE, "%s", line);
    }
}

void km_kernel_log_mark(const char *word) {
    char last[LINE], first[LINE];
    find(word, last, first);
    memcpy(marked, last, sizeof marked);
}

const char *km_kernel_log_since(const char *word) {
    static char text[LINE];
    char last[LINE], first[LINE];
    int error = errno;
    find(word, last, first);
    const char *from = strstr(first, word);
    text[0] = 0;
    if (from)
        snprintf(text, sizeof text, "; %.200s", from);
    errno = error;
    return text;
}

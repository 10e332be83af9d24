#include "km_kernel_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>

#define READ_ALL 3 /* syslog(2) */

static char marked[240], since[240];

/* Times and all: two lines of the same words differ by them, on kernels that print times. */
static void last_line(const char *word, char *out, size_t size) {
    static char log[65536];
    int length = klogctl(READ_ALL, log, sizeof log - 1);
    *out = 0;
    log[length > 0 ? length : 0] = 0;
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"))
        if (strstr(line, word))
            snprintf(out, size, "%s", line);
}

void km_kernel_log_mark(const char *word) {
    last_line(word, marked, sizeof marked);
}

const char *km_kernel_log_since(const char *word) {
    static char line[240];
    int error = errno;
    last_line(word, line, sizeof line);
    const char *text = strstr(line, word);
    since[0] = 0;
    if (text && strcmp(line, marked))
        snprintf(since, sizeof since, "; %.200s", text);
    errno = error;
    return since;
}
